"""The clocks of a petition, its states, and the rates of an office's petition work (信访工作条例, in force 2022-05-01).

Plain 日 are calendar days, the day something happened is not counted (民法典 art. 201), a last day on a holiday moves on by
setting (art. 203); only the 5 工作日 of art. 23 are working days. Holidays are an argument. Days are ISO texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

    def days_left(self, on: str) -> int:
        """Calendar days left on a day, negative when overdue; 0 on the last day itself."""
        return days_between(on, self.due)

    def late(self, on: str) -> bool:
        """Whether a duty was met too late, or is overdue."""
        return self.ours and (self.stopped or (self.done or on) > self.due)

    def running(self, on: str) -> bool:
        """Whether it is still to be met; a right counts only until it lapses."""
        return not self.done and not self.stopped and (self.ours or on <= self.due)


def clocks(case: Case, calendar: Calendar) -> list[Clock]:
    """Every term of a case in the order they begin; an ended case keeps those it had met and those it had missed by then.

    A filed case (old ledgers bring such with days that nobody wrote down) waits for nothing but 复查 and 复核.
    """
    found = [*_taking(case, calendar), *_handling(case, calendar), *_reviewing(case, calendar)]
    if case.ended_on:
        found = [one for one in found if one.done or (one.ours and one.due < case.ended_on)]
    over = case.ended_on or case.filed
    return [replace(one, stopped=True) if over and one.ours and not one.done and one.code not in ("review", "recheck") else one for one in found]


def _taking(case: Case, calendar: Calendar) -> list[Clock]:
    found = []
    if case.transferred and (case.returned_on or not case.jurisdiction):
        due = send_back_due(case.received_on, calendar)
        found.append(Clock("send_back", "不属本单位的提出异议退回", case.received_on, due, case.returned_on, "第二十三条", ours=False))
    if not case.unreachable and not case.returned_on:
        found.append(Clock("notice", "书面告知", case.received_on, notice_due(case.received_on, calendar), case.noticed_on, "第二十三条"))
    return found


def _handling(case: Case, calendar: Calendar) -> list[Clock]:
    if not case.accepted_on:
        return []
    due = handling_due(case.accepted_on, calendar, max(0, min(case.extension_days, MOST_EXTENSION)))
    label = f"办结（已延期 {case.extension_days} 天）" if case.extension_days else "办结"
    found = [Clock("close", label, case.accepted_on, due, case.closed_on, "第三十四条")]
    if case.closed_on and (case.delivered_on or not case.unreachable):  # an opinion that was not delivered keeps the term visible (X04)
        found.append(Clock("deliver", "送达意见书", case.closed_on, max(due, case.closed_on), case.delivered_on, "第三十四条"))
    return found


def _reviewing(case: Case, calendar: Calendar) -> list[Clock]:
    found = []
    told = case.delivered_on
    for level, label, article in (("review", "复查", "第三十五条"), ("recheck", "复核", "第三十六条")):
        asked = case.review(level)
        if told:
            found.append(Clock(f"ask_{level}", f"信访人申请{label}", told, ask_until(told, calendar), asked.asked_on if asked else "", article, ours=False))
        if asked is None:
            break
        due = review_due(asked.asked_on, calendar, asked.hearing_days if level == "recheck" else 0)
        found.append(Clock(level, f"作出{label}意见", asked.asked_on, due, asked.done_on, article))
        told = asked.received_on
    return found


STATES = ("待审查", "待告知", "办理中", "延期办理", "待送达", "可申请复查", "复查中", "可申请复核", "复核中", "已终结", "已息诉", "已答复去向", "已退回",
          "已并案", "已撤回", "已归档")  # fmt: skip
"""What a case may be, in the order it passes through them."""


def next_clock(case: Case, calendar: Calendar, on: str) -> Clock | None:
    """The duty of this office that is due first on a day; None when nothing is."""
    mine = [one for one in clocks(case, calendar) if one.ours and one.running(on)]
    return min(mine, key=lambda one: one.due, default=None)


def before_filing(case: Case, calendar: Calendar, on: str) -> tuple[list[Clock], bool]:
    """What keeps a case out of the archive, and whether a reason may stand for it: days of notice or delivery long gone that nobody wrote down."""
    left = [one for one in clocks(case, calendar) if one.ours and one.running(on)]
    return left, all(one.code in ("notice", "deliver") and one.late(on) for one in left)


def refuse_review(case: Case, level: str, asked: str, calendar: Calendar) -> None:
    """Raises UserError when 复查 or 复核 cannot be asked for on a day: out of order, twice, or too late (arts 35, 36)."""
    label, before = ("复查", "处理意见书送达") if level == "review" else ("复核", "复查意见作出")
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
        more = case.extension_days < MOST_EXTENSION and on <= handling_due(case.accepted_on, calendar, max(0, case.extension_days))
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


# --- rates -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with what it is made of: ids of the cases counted (`part`) and of those that could have been (`whole`)."""

    code: str
    label: str
    formula: str  # how this variant counts, for people
    part: tuple[str, ...]
    whole: tuple[str, ...]

    def percent(self) -> str:
        """One decimal, rounded half up; "—" when nothing was due, and never 100% while one is missing.

        >>> Rate("x", "", "", (), ()).percent(), Rate("x", "", "", ("a",), ("a",)).percent()
        ('—', '100%')
        """
        if not self.whole:
            return "—"
        if len(self.part) == len(self.whole):
            return "100%"
        tenths = min((len(self.part) * 2000 + len(self.whole)) // (2 * len(self.whole)), 999)
        return f"{tenths // 10}.{tenths % 10}%"


def rates(cases: Sequence[Case], since: str, until: str, on: str, calendar: Calendar, *, reply: str = "notice", finish: str = "due",
          calendars: Mapping[str, Calendar] | None = None) -> list[Rate]:  # fmt: skip
    """The rates of a period (both days included), as they stand on a day; cases sent back or joined to another are left out.

    calendars: home → the calendar of its office, where that is not the one given.
    reply: "notice" = written notice in time ÷ notices due, "final" = opinion delivered in time ÷ opinions due.
    finish: "due" = finished in time ÷ due, "accepted" = finished ÷ accepted in the period, whenever due.
    A case whose term has not ended on the day is not due yet, unless it has been met; a withdrawn one counts among the terms
    that it had met or missed before, and as received, nowhere else. [unsure: settings]
    """
    end = min(until, on)
    counted = [case for case in cases if not case.void]

    def timely(code: str, met: Callable[[Case, Clock], str] = lambda _, one: one.done) -> tuple[tuple[str, ...], tuple[str, ...]]:
        terms = ((case, one) for case in counted for one in clocks(case, (calendars or {}).get(case.home, calendar)))
        due = [(case.id, one.due, met(case, one)) for case, one in terms if one.code == code and since <= one.due <= until]
        due = [(row, day, done) for row, day, done in due if day <= end or "" < done <= on]
        return tuple(row for row, day, done in due if "" < done <= day), tuple(row for row, _, _ in due)

    def share(whole: Callable[[Case], bool], part: Callable[[Case], bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = [case for case in counted if whole(case)]
        return tuple(case.id for case in found if part(case)), tuple(case.id for case in found)

    def replied(case: Case, one: Clock) -> str:
        return one.done and (case.delivered_on or (one.done if case.unreachable else ""))

    def within(day: str) -> bool:
        return since <= day <= end

    def accepted(case: Case) -> bool:
        return within(case.accepted_on) and not case.ended_on

    def settled_by_now(case: Case) -> bool:
        return "" < case.settled_on <= on

    finished = timely("close") if finish == "due" else share(accepted, lambda case: bool(case.closed_on) and case.closed_on <= on)
    settled = share(accepted, settled_by_now)
    first = share(lambda case: accepted(case) and not case.repeat, lambda case: settled_by_now(case) and not case.reviews and not case.again)
    rated = share(lambda case: within(case.closed_on) and case.satisfaction in ("good", "fair", "bad"), lambda case: case.satisfaction != "bad")
    asked = share(lambda case: within(case.closed_on), lambda case: case.satisfaction in ("good", "fair", "bad"))
    again = share(lambda case: within(case.received_on), lambda case: case.repeat)
    timely_reply = "书面告知不晚于期限 ÷ 告知期限在本期内届满" if reply == "notice" else "最终答复送达不晚于办理期限 ÷ 办理期限在本期内届满"
    timely_end = "办结不晚于期限（含延期）÷ 办理期限在本期内届满" if finish == "due" else "已办结 ÷ 本期受理"
    return [
        Rate("reply", "回复率", timely_reply, *(timely("notice") if reply == "notice" else timely("close", replied))),
        Rate("finish", "按期办结率", timely_end, *finished),
        Rate("settle", "化解率", "已息诉 ÷ 本期受理", *settled),
        Rate("first", "初信初访一次化解率", "已息诉且没有复查复核、没有再来 ÷ 本期受理的初信初访", *first),
        Rate("satisfied", "满意率", "（满意＋基本满意）÷ 本期办结并已评价", *rated),
        Rate("rated", "参评率", "已评价 ÷ 本期办结", *asked),
        Rate("repeat", "重复信访占比", "重复件 ÷ 本期登记", *again),
    ]


def change_rate(now: int, before: int) -> str:
    """同比: how many per cent more (or fewer) than in the period before; "—" when there was none.

    >>> change_rate(8, 10), change_rate(3, 0), change_rate(5, 5)
    ('-20.0%', '—', '0.0%')
    """
    if not before:
        return "—"
    difference = (now - before) * 1000
    tenths = (abs(difference) * 2 + before) // (2 * before)
    return f"{'-' if difference < 0 else ''}{tenths // 10}.{tenths % 10}%"


def zero_years(confirmed: Sequence[int], eventful: Sequence[int], until: int) -> int:
    """连续零上访年数: how many years in a row up to `until` are confirmed and without any visit to a higher level.

    >>> zero_years([2021, 2022, 2023], [2021], 2023)
    2
    """
    years = 0
    while until - years in confirmed and until - years not in eventful:
        years += 1
    return years
