"""The clocks of a petition and its states (信访工作条例, in force 2022-05-01).

Plain 日 are calendar days, the day something happened is not counted (民法典 art. 201), a last day on a holiday moves on by
setting (art. 203); only the 5 工作日 of art. 23 are working days. Holidays are an argument. Days are ISO texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from relocdesk.errors import UserError
from relocdesk.rules.calendar import Calendar
from relocdesk.rules.days import chinese_date, days_between
from relocdesk.rules.identity import names_of

NOTICE_DAYS = 15  # art. 23: written notice whether it is taken up
SEND_BACK_WORKDAYS = 5  # art. 23: objection to a transferred petition that is not ours
HANDLING_DAYS = 60  # art. 34
MOST_EXTENSION = 30  # art. 34
ASK_DAYS = 30  # arts 35, 36: to ask for 复查 from the reply, for 复核 from the review's opinion
REVIEW_DAYS = 30  # arts 35, 36: to decide
MOST_REPRESENTATIVES = 5  # art. 20


def notice_due(received: str, calendar: Calendar) -> str:
    """The last day to tell the petitioner in writing: 15 days from receipt (art. 23).

    >>> notice_due("2026-03-02", Calendar())
    '2026-03-17'
    """
    return calendar.due(received, NOTICE_DAYS)


def send_back_due(received: str, calendar: Calendar) -> str:
    """The last day to object to a transferred petition that is not ours: 5 working days from receipt (art. 23)."""
    return calendar.due_workdays(received, SEND_BACK_WORKDAYS)


def handling_due(accepted: str, calendar: Calendar, extension_days: int = 0) -> str:
    """The last day to finish: 60 days from acceptance and the extension, at most 30 days together (art. 34).

    The term is one: it moves off a holiday at its very end only.

    >>> handling_due("2026-01-01", Calendar(), 30)
    '2026-04-01'
    """
    refuse_extension(extension_days)
    return calendar.due(accepted, HANDLING_DAYS + extension_days)


def finish_by(case: Case, calendar: Calendar) -> str:
    """The last day to finish a case; "" when it is not taken up, or neither the law nor the office sets a term.

    Art. 34 gives its 60 days, and the extension, to 申诉求决 alone (art. 31(6)); for 建议意见, 检举控告 and 咨询 the regulation
    knows no term, an office may set its own (`days`).

    >>> finish_by(Case("a", "2026-03-02", accepted_on="2026-03-02", claim=False, days=15), Calendar())
    '2026-03-17'
    """
    if not case.accepted_on or not case.days:
        return ""
    if not case.extensible:
        return calendar.due(case.accepted_on, case.days)
    return handling_due(case.accepted_on, calendar, max(0, min(case.extension_days, MOST_EXTENSION)))


def refuse_extension(days: int) -> None:
    """Raises UserError for an extension the regulation does not know (art. 34; code X03)."""
    if not 0 <= days <= MOST_EXTENSION:
        raise UserError(f"延期 {days} 天超出规定，累计不得超过 {MOST_EXTENSION} 天", hint="条例第三十四条：延长期限不超过三十日，请改少", code="X03")


def ask_until(told: str, calendar: Calendar) -> str:
    """The last day to ask for 复查 (from delivery of the reply, art. 35) or 复核 (from the review's opinion, art. 36)."""
    return calendar.due(told, ASK_DAYS)


def review_due(asked: str, calendar: Calendar, hearing_days: int = 0) -> str:
    """The last day of 复查 or 复核: 30 days from the request, the days of a hearing not counted (art. 36; 复核 only)."""
    return calendar.due(asked, REVIEW_DAYS + hearing_days)


# --- where a case stands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Review:
    """One 复查 or 复核 of a case; `level` is "review" or "recheck"."""

    level: str
    asked_on: str
    done_on: str = ""
    hearing_days: int = 0
    told_on: str = ""  # when the petitioner got the opinion; the day of the opinion where nobody wrote it down
    changed: bool = False  # it changes or revokes what was decided before
    ours: bool = False  # whether this office gives it; as a rule the next higher one does (arts 35, 36)

    @property
    def received_on(self) -> str:
        """From when the petitioner may go on to the next level (art. 36)."""
        return self.told_on or self.done_on


@dataclass(frozen=True, slots=True)
class Case:
    """What the clocks need of a petition; "" where something has not happened."""

    id: str
    received_on: str
    home: str = ""  # whose case it is
    transferred: bool = False  # it came from another office
    unreachable: bool = False  # name or address unclear: no notice (art. 23), and nobody to deliver an answer to
    jurisdiction: str = ""
    noticed_on: str = ""
    accepted_on: str = ""
    returned_on: str = ""
    extension_days: int = 0
    closed_on: str = ""
    delivered_on: str = ""
    settled_on: str = ""
    ended_on: str = ""  # withdrawn, sent back or joined to another case
    void: bool = False  # sent back or joined: no case of its own, counted nowhere
    satisfaction: str = ""
    repeat: bool = False
    again: bool = False  # the same person came with the same matter once more
    filed: bool = False
    reviews: tuple[Review, ...] = ()
    claim: bool = True  # 申诉求决: the sixty days are for these alone (arts 31(6), 34)
    days: int = HANDLING_DAYS  # to finish from acceptance where it is no claim or handled anew; 0 = no term
    mediated: bool = False  # closed by an agreement of the parties (art. 33), which is no opinion
    granted: bool = False  # what was asked for was given, or agreed upon
    remedy: bool = False  # the answer told the way to 复查
    redo: bool = False  # handled anew, because 复查 or 复核 changed or revoked the opinion of another case
    redo_of: str = ""  # that case
    redo_days: int = 0  # to handle anew from such an opinion; 0 = no term
    redone_on: str = ""  # from when this case was last taken up anew

    @property
    def extensible(self) -> bool:
        """Whether its term is that of art. 34, which alone can be extended."""
        return self.claim and not self.redo

    @property
    def reviewable(self) -> bool:
        """Whether the answer is an opinion that 复查 can be asked against (art. 35), or was told to be one."""
        return not self.mediated and (self.claim or self.remedy)

    def review(self, level: str) -> Review | None:
        """The 复查 or 复核, if asked for."""
        return next((one for one in self.reviews if one.level == level), None)


@dataclass(frozen=True, slots=True)
class Clock:
    """One term of a case: `done` is the day it was met ("" while it runs), `article` the source.

    `stopped`: the case is over and the term was never met; it stays late for ever.
    """

    code: str
    label: str
    start: str
    due: str
    done: str
    article: str
    ours: bool = True  # a duty of this office; otherwise a right of the petitioner that lapses
    stopped: bool = False
    upper: bool = False  # a duty of the office above, that one waits for

    def days_left(self, on: str) -> int:
        """Calendar days left on a day, negative when overdue; 0 on the last day itself."""
        return days_between(on, self.due)

    def late(self, on: str) -> bool:
        """Whether a duty was met too late, or is overdue."""
        return self.ours and (self.stopped or (self.done or on) > self.due)

    def running(self, on: str) -> bool:
        """Whether it is still to be met; a right counts only until it lapses."""
        return not self.done and not self.stopped and (self.ours or self.upper or on <= self.due)


def clocks(case: Case, calendar: Calendar) -> list[Clock]:
    """Every term of a case in the order they begin; an ended case keeps those it had met and those it had missed by then.

    A filed case (old ledgers bring such with days that nobody wrote down) waits for nothing but 复查 and 复核.
    """
    found = [*_taking(case, calendar), *_handling(case, calendar), *_reviewing(case, calendar), *_redoing(case, calendar)]
    if case.ended_on:
        found = [one for one in found if one.done or (one.ours and one.due < case.ended_on)]
    over = case.ended_on or case.filed
    return [replace(one, stopped=True) if over and one.ours and not one.done and one.code not in _AFTER_FILING else one for one in found]


_AFTER_FILING = ("review", "recheck", "redo")


def _taking(case: Case, calendar: Calendar) -> list[Clock]:
    found = []
    if case.transferred and (case.returned_on or not case.jurisdiction):
        due = send_back_due(case.received_on, calendar)
        found.append(Clock("send_back", "不属本单位的提出异议退回", case.received_on, due, case.returned_on, "第二十三条", ours=False))
    if not case.unreachable and not case.returned_on and not case.redo:  # who asked for 复查 need not be told that it is taken up
        found.append(Clock("notice", "书面告知", case.received_on, notice_due(case.received_on, calendar), case.noticed_on, "第二十三条"))
    return found


def _handling(case: Case, calendar: Calendar) -> list[Clock]:
    if not case.accepted_on:
        return []
    due = finish_by(case, calendar)
    label, article = ("办结", "第三十四条") if case.extensible else ("重新办理" if case.redo else "办结", "本单位规定")
    if case.extensible and case.extension_days:
        label = f"办结（已延期 {case.extension_days} 天）"
    found = [Clock("close", label, case.accepted_on, due, case.closed_on, article)] if due else []
    if case.closed_on and (case.delivered_on or not case.unreachable):  # an opinion that was not delivered keeps the term visible (X04)
        paper = "送达协议书" if case.mediated else "送达意见书" if case.reviewable else "送达答复"
        found.append(Clock("deliver", paper, case.closed_on, max(due, case.closed_on), case.delivered_on, article if case.extensible else "第三十二条"))
    return found


def _reviewing(case: Case, calendar: Calendar) -> list[Clock]:
    found = []
    told = case.delivered_on if case.reviewable else ""
    for level, label, article in (("review", "复查", "第三十五条"), ("recheck", "复核", "第三十六条")):
        asked = case.review(level)
        if told:
            found.append(Clock(f"ask_{level}", f"信访人申请{label}", told, ask_until(told, calendar), asked.asked_on if asked else "", article, ours=False))
        if asked is None:  # a ledger may tell of 复核 alone
            told = ""
            continue
        due = review_due(asked.asked_on, calendar, asked.hearing_days if level == "recheck" else 0)
        words = f"作出{label}意见" if asked.ours else f"等上级{label}结果"
        found.append(Clock(level, words, asked.asked_on, due, asked.done_on, article, ours=asked.ours, upper=not asked.ours))
        told = asked.received_on
    return found


def to_redo(case: Case) -> Review | None:
    """The opinion that changed or revoked ours and by which the case is to be handled anew; None when there is none, or it has been done.

    The last of 复查 and 复核 decides; a petitioner who lets the matter rest afterwards ends it.
    """
    last = case.review("recheck") or case.review("review")
    if last is None or not last.changed or not last.done_on or case.ended_on:
        return None
    return None if max(case.redone_on, case.settled_on) >= last.done_on else last


def _redoing(case: Case, calendar: Calendar) -> list[Clock]:
    """Until it is taken up anew; then the new case has the clock."""
    last = to_redo(case)
    if last is None or not case.redo_days:
        return []
    return [Clock("redo", "重新办理", last.done_on, calendar.due(last.done_on, case.redo_days), "", "本单位规定")]


STATES = ("待审查", "待告知", "办理中", "延期办理", "待送达", "可申请复查", "复查中", "可申请复核", "复核中", "待重新办理", "已重新办理", "已终结", "已息诉",
          "已答复去向", "已退回", "已并案", "已撤回", "已归档")  # fmt: skip
"""What a case may be, in the order it passes through them."""


UNDATED = ("待审查", "待告知", "办理中", "延期办理", "待送达", "待重新办理")
"""States in which a case waits for this office though no term may run: nobody to tell, or neither law nor office sets one."""
WITH_UPPER = ("复查中", "复核中")
"""States in which it waits for the office that reviews, as a rule the next higher one."""


def next_clock(case: Case, calendar: Calendar, on: str) -> Clock | None:
    """The duty of this office that is due first on a day; None when nothing is."""
    mine = [one for one in clocks(case, calendar) if one.ours and one.running(on)]
    return min(mine, key=lambda one: one.due, default=None)


def before_filing(case: Case, calendar: Calendar, on: str) -> tuple[list[Clock], bool]:
    """What keeps a case out of the archive, and whether a reason may stand for it: days of notice or delivery long gone that nobody wrote down."""
    left = [one for one in clocks(case, calendar) if (one.ours or one.upper) and one.running(on)]
    return left, all(one.code in ("notice", "deliver") and one.late(on) for one in left)


def refuse_review(case: Case, level: str, asked: str, calendar: Calendar) -> None:
    """Raises UserError when 复查 or 复核 cannot be asked for on a day: out of order, twice, or too late (arts 35, 36)."""
    label, before = ("复查", "处理意见书送达") if level == "review" else ("复核", "复查意见作出")
    if level == "review" and case.closed_on and not case.reviewable:
        raise UserError("没有可以复查的处理意见：" + ("这一件是调解、和解办结的" if case.mediated else "这一件不是申诉求决，答复里也没有写复查途径"),
                        hint="条例第三十二条、第三十三条、第三十五条；信访人反悔或者另有诉求的，请另登记一件", code="X10")  # fmt: skip
    if case.review(level) is not None:
        raise UserError(f"已经申请过{label}", hint="复查、复核各一次；复核以后以同一事实和理由再提出的不再受理（条例第三十六条）", code="X10")
    first = case.review("review")
    told = case.delivered_on if level == "review" else (first.received_on if first else "")
    if not told:
        raise UserError(f"{before}以后才能申请{label}", hint="请先登记" + before, code="X10")
    last = ask_until(told, calendar)
    if asked < told:
        raise UserError(f"申请日期{chinese_date(asked)}早于{before}的{chinese_date(told)}", hint="请核对申请日期", code="DAY")
    if asked > last:
        raise UserError(f"申请{label}的期限已于{chinese_date(last)}届满", hint="条例第三十五、三十六条：自收到书面意见之日起三十日内提出", code="X10")


def refuse_redo(case: Case) -> Review:
    """The opinion by which a case is handled anew; raises UserError when there is none, or it has been done already."""
    last = case.review("recheck") or case.review("review")
    found = to_redo(case)
    if found is not None:
        return found
    if last is not None and last.changed and last.done_on:
        raise UserError("这次变更或撤销以后已经重新办理，或者已经息诉", hint="请在重新办理的那一件上接着办", code="STATE")
    raise UserError("没有变更或撤销处理意见的复查、复核意见，不用重新办理", hint="请先办“复查复核意见”，结论填“变更或撤销”", code="STATE")


def interested(petitioner: str, avoid: str, handlers: Sequence[str | None]) -> list[str]:
    """Who handles a case though they must withdraw (art. 28): those named as having an interest, and the petitioner.

    >>> interested("张明", "赵国强、钱远", ("李小红", "赵国强", None))
    ['赵国强']
    """
    must = {*names_of(avoid), petitioner}
    return [name for name in dict.fromkeys(handlers) if name and name in must]


def denounced(to: str, avoid: str) -> bool:
    """Whether an office or person is, belongs to or contains one of those who must not get the material (art. 30).

    >>> denounced("柳树村委会主任赵国强", "赵国强、钱远"), denounced("柳树村委会", "柳树村委会主任"), denounced("县纪委监委", "赵国强")
    (True, True, False)
    """
    return any(name in to or to in name for name in names_of(avoid))


def representatives_doubt(persons: int, collective: int, representative: str) -> str:
    """What is wrong with who speaks for several petitioners: at most five are chosen (art. 20); "" when nothing is.

    `collective`: how many together are a collective visit, by the office's setting.
    """
    chosen = names_of(representative)
    if len(chosen) > MOST_REPRESENTATIVES:
        return f"登记了 {len(chosen)} 名代表，代表不得超过五人（条例第二十条）"
    return f"{persons} 人集体访没有登记代表，代表不超过五人（条例第二十条）" if persons >= collective and not chosen else ""


def next_steps(case: Case, calendar: Calendar, on: str) -> list[str]:
    """What may lawfully be done with a case next, the most needed first, by the names of the actions.

    >>> next_steps(Case("a", "2026-03-02"), Calendar(), "2026-03-05")
    ['accept', 'refuse', 'transfer', 'assign', 'guide', 'step', 'link', 'join', 'withdraw']
    """
    if case.ended_on:
        return []
    anew = ["reopen"] if to_redo(case) else []
    elsewhere = (*(_WITH_FIRST if case.redo else ()), *(_WITH_LAST if case.redone_on else ()))
    return [*anew, *(one for one in _steps(case, calendar, on) if one not in elsewhere)]


_WITH_FIRST = ("accept", "notify", "link", "join")  # done with the first case already
_WITH_LAST = ("rate", "settle")  # asked after the last answer


def _steps(case: Case, calendar: Calendar, on: str) -> list[str]:
    if case.filed:  # the right to 复查 does not end with the archive
        return _review_steps(case, calendar, on) if case.delivered_on else []
    if case.jurisdiction == "accept" and not case.accepted_on:  # from a ledger without the day
        return ["accept", "step", "link", "join", "withdraw"]
    if not case.jurisdiction:
        first = ["accept", "refuse", "transfer", "assign", "guide", *(["send-back"] if case.transferred else [])]
        return [*first, "step", "link", "join", "withdraw"]
    told = [] if case.noticed_on or case.unreachable else ["notify"]
    file = ["file"] if before_filing(case, calendar, on)[1] else []
    if not case.accepted_on:
        return [*told, "step", *file] if told else ["file", "step"]
    settle = [] if case.settled_on else ["settle"]
    if not case.closed_on:
        more = case.extensible and case.extension_days < MOST_EXTENSION and on <= finish_by(case, calendar)
        return [*told, "close", *(["extend"] if more else []), "step", *settle, "link", "join", "withdraw"]
    after = [*(["rate"] if case.satisfaction in ("", "none") else []), *settle]
    if not case.delivered_on:
        return [*(["file"] if case.unreachable else []), "deliver", *told, *after, "step", "link", *([] if case.unreachable else file)]
    return [*_review_steps(case, calendar, on), *told, *after, *file, "step", "link"]


def _review_steps(case: Case, calendar: Calendar, on: str) -> list[str]:
    """Deciding what is under review, or asking for the next one while its term runs."""
    if any(not one.done_on for one in case.reviews):
        return ["decide"]
    asking = next((one for one in clocks(case, calendar) if one.code.startswith("ask_") and one.running(on)), None)
    return ["review"] if asking is not None else []
