"""A roster on its way: posted, checked, approved, sent to the bank, put away; the way back while nobody has been paid."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from relocdesk import bulk, settings
from relocdesk.actions.action import WORKING, Arg, action, refuse_role
from relocdesk.actions.approval import CHECKING, makers, separate
from relocdesk.actions.fund import shortage
from relocdesk.actions.payment import LinesRefused, few
from relocdesk.actions.period import LINE, need
from relocdesk.actions.posting import post
from relocdesk.clerk import Clerk
from relocdesk.entry import place_code
from relocdesk.errors import Problem, UserError
from relocdesk.field import DAY, Value
from relocdesk.queries.objections import why_open
from relocdesk.queries.places import Places
from relocdesk.queries.roster import Line, lines, no_longer_due, period_name, sums, unsound
from relocdesk.queries.roster_doubts import doubts
from relocdesk.queries.roster_objections import Hold, hold, names_of, unnamed, waiting_for, words
from relocdesk.records.support import LineResult, Period, PeriodState, SupportPayment
from relocdesk.records.survey import Posting, PostingSubject
from relocdesk.rules.days import chinese_date
from relocdesk.rules.money import show_yuan
from relocdesk.rules.posting import hangs

HELD_BACK = "公示有异议"  # the return reason of a line that was kept from the bank


def cash_allowed(session: Session, period: Period) -> bool:
    """Whether people without an account may be paid by hand against their signature (a setting)."""
    return settings.flag(session, "subsidy.cash", period.home)


@action("post-period", "公示名册", "period", Arg("from_on", "起始日期", DAY, help="空着为今天"), Arg("until_on", "截止日期", DAY, help="空着按设置的天数"))
def post_period(session: Session, clerk: Clerk, period: Period, *, from_on: str = "", until_on: str = "") -> str:
    """Hangs the frozen roster on the wall; from now on its lines change by their actions alone."""
    refuse_role(clerk, "公示名册", WORKING)
    need(session, period, "公示", PeriodState.OPEN)
    kept = sums(session, period.id)
    if not kept.lines:
        raise UserError(f"{period_name(session, period)}的名册还是空的", hint="请先“冻结名册”")
    place = period.place or Places.load(session).by_code(place_code(session))
    if place is None:
        raise UserError("不知道在哪里公示", hint="请给发放期填乡镇")
    made = post(session, clerk, place, subject=PostingSubject.SUBSIDY, from_on=from_on, until_on=until_on)
    period.posted, period.state = made.id, PeriodState.POSTED.value
    session.flush()
    return (f"{period_name(session, period)}名册自{chinese_date(made.from_on)}至{chinese_date(made.until_on)}公示，"
            f"共 {kept.heads} 人 {show_yuan(kept.paid)} 元")  # fmt: skip


@action("reopen-period", "退回编制", "period", Arg("reason", "退回原因", required=True))
def reopen_period(session: Session, clerk: Clerk, period: Period, *, reason: str) -> str:
    """Gives a roster that was not approved back to whoever draws it up; check and posting are void."""
    refuse_role(clerk, "退回编制", WORKING)
    need(session, period, "退回编制", PeriodState.POSTED, PeriodState.CHECKED)
    posting = session.get(Posting, period.posted) if period.posted else None
    if posting is not None and posting.closed_on is None:
        posting.until_on, posting.closed_on = min(posting.until_on, max(clerk.on, posting.from_on)), clerk.on
    period.state, period.posted, period.checked_by, period.same_person_reason = PeriodState.OPEN.value, None, None, None
    session.flush()
    return f"{period_name(session, period)}已退回编制：{reason}"


@action("check-period", "审核名册", "period", Arg("reason", "同人经办原因"), roles=CHECKING)
def check_period(session: Session, clerk: Clerk, period: Period, *, reason: str = "") -> str:
    """The second person has looked at the roster; refuses what could not be approved, and names what should be looked at."""
    refuse_role(clerk, "审核名册", CHECKING)
    need(session, period, "审核", PeriodState.POSTED)
    name = period_name(session, period)
    same = separate(session, clerk, period, name, "审核", [{period.made_by, *makers(session, period)}], reason)
    warned = _sound(session, period, "审核")
    period.state, period.checked_by, period.same_person_reason = PeriodState.CHECKED.value, clerk.name, same
    session.flush()
    return _signed(session, period, "已审核", warned)


@action("approve-period", "审批名册", "period", Arg("reason", "同人经办原因"), roles=CHECKING)
def approve_period(session: Session, clerk: Clerk, period: Period, *, reason: str = "") -> str:
    """The third person approves: the posting has run out, no objection holds the whole roster (R19), everything is examined once more.

    People with an objection of their own are approved with the rest; their lines wait until it is settled.
    """
    refuse_role(clerk, "审批名册", CHECKING)
    need(session, period, "审批", PeriodState.CHECKED)
    name = period_name(session, period)
    same = separate(session, clerk, period, name, "审批", [{period.made_by, *makers(session, period)}, {period.checked_by}], reason)
    refuse_running_posting(session, clerk, period)
    warned = _sound(session, period, "审批")
    short = shortage(session, period.fund, clerk.on, sums(session, period.id).paid, period.home, "本期")
    period.state, period.approved_by, period.same_person_reason = PeriodState.APPROVED.value, clerk.name, same
    session.flush()
    return _signed(session, period, "已审批", [*warned, *([Problem(name, short)] if short else [])])


def _sound(session: Session, period: Period, step: str) -> list[Problem]:
    problems = unsound(session, period, cash=cash_allowed(session, period))
    if problems:
        raise LinesRefused(f"{period_name(session, period)}有 {len(problems)} 行不能{step}", problems, hint="请去掉、更新账户，或退回编制再办")
    return doubts(session, period)


def _signed(session: Session, period: Period, done: str, warned: Sequence[Problem]) -> str:
    kept = sums(session, period.id)
    text = f"{period_name(session, period)}{done}：{kept.heads} 人，{show_yuan(kept.paid)} 元"
    return text + (f"；请注意：{few([str(one) for one in warned])}" if warned else "")


def refuse_running_posting(session: Session, clerk: Clerk, period: Period) -> None:
    """Nothing posted is paid while it still hangs on the wall or an objection waits for its answer (R19)."""
    posting = session.get(Posting, period.posted) if period.posted else None
    if posting is None:
        raise UserError(f"{period_name(session, period)}没有公示", hint="请先“公示名册”", code="R19")
    if hangs(posting.until_on, clerk.on):
        raise UserError(f"名册公示到{chinese_date(posting.until_on)}才结束", hint="最后一天也算公示，请在第二天以后再办", code="R19")
    refuse_undecided(session, period)


def refuse_undecided(session: Session, period: Period) -> Hold:
    """Nothing goes to the bank, a second time neither, while an objection to the whole posted roster waits for its answer (R19).

    Returns what holds single people.
    """
    undecided = unnamed(session, period.posted) if period.posted else []
    if undecided:
        told, cure = why_open(undecided)
        raise UserError(f"公示的名册还有 {told}", hint=f"{cure}；只涉及几个人的，请办“异议只涉及”，其余的人照发", code="R19")
    return hold(session, period)


def refuse_held_line(session: Session, period: Period, recipient: str, name: str) -> None:
    """Raises UserError while an objection about this person, or to the whole roster, is open (R19)."""
    found = refuse_undecided(session, period).of(recipient)
    if found is not None:
        raise UserError(f"{name}有没办结的异议（{words(found)}），这一笔不能发", hint="请先答复；转为信访件的，等信访件办结", code="R19")


def to_bank(session: Session, period: Period) -> list[Line]:
    """The lines the bank is to pay: approved, with an account, something to pay, no result yet.

    While lines that came back wait to be paid again, they alone: what the bank already has must not reach it twice. Who has an
    open objection is left out. Raises LinesRefused for people who were reduced since approval.
    """
    need(session, period, "做银行代发清单", PeriodState.APPROVED, PeriodState.SENT)
    if not period.posted:
        raise UserError(f"{period_name(session, period)}没有公示", hint="没有公示过的名册不能送银行；以前发过的请登记结果", code="R19")
    found = refuse_undecided(session, period)
    waiting = _transfers(session, period)
    waiting = [line for line in ([line for line in waiting if line.attempt > 1] or waiting) if line.recipient not in found.people]
    stopped = no_longer_due(session, period, waiting)
    if stopped:
        raise LinesRefused(f"{period_name(session, period)}有 {len(stopped)} 人审批以后核减，不能送银行", stopped,
                           hint="请对这几行“登记单笔结果”：退回，写明原因")  # fmt: skip
    return waiting


def _transfers(session: Session, period: Period) -> list[Line]:
    return [line for line in lines(session, period) if line.account and line.amount and line.result == LineResult.DUE]


@action("send-period", "登记送银行", "period", Arg("sent_on", "送银行日期", DAY))
def send_period(session: Session, clerk: Clerk, period: Period, *, sent_on: str = "") -> str:
    """The bank's list has been written and handed over; who was left out of it counts as returned, and is paid again when that is settled."""
    refuse_role(clerk, "登记送银行", WORKING)
    need(session, period, "送银行", PeriodState.APPROVED)
    refuse_running_posting(session, clerk, period)
    waiting = to_bank(session, period)
    day, found = sent_on or clerk.on, hold(session, period)
    held = [line for line in waiting_for(found, _transfers(session, period)) if found.people[line.recipient].filed_on <= day]  # later ones: the bank has them
    if not waiting:
        hint = f"{names_of(held)}的异议办结以后再送" if held else "现金发放的请登记签字领取"
        raise UserError(f"{period_name(session, period)}没有要送银行的", hint=hint)
    if not (period.frozen_on or day) <= day <= clerk.on:
        raise UserError(f"送银行日期 {day} 不在冻结日期 {period.frozen_on} 到 {clerk.on} 之间", hint="请核对日期")
    period.state, period.sent_on = PeriodState.SENT.value, day
    session.flush()
    _hold_back(session, period, held, found)
    told = f"{period_name(session, period)}已登记送银行：{len(waiting)} 笔，{show_yuan(sum(line.amount for line in waiting))} 元"
    return told + (f"；{names_of(held)}有异议，{show_yuan(sum(line.amount for line in held))} 元没有送，异议办结以后请“更正账户后再发”" if held else "")


def _hold_back(session: Session, period: Period, held: Sequence[Line], found: Hold) -> None:
    """Marks the lines that are not on the bank's list: as they would stand had it sent them back, so that nothing reaches it twice."""
    changes: dict[str, dict[str, Value]] = {}
    for line in held:
        why = f"没有送银行：{words(found.people[line.recipient])}没有办结"
        remark = "；".join(text for text in (session.get_one(SupportPayment, line.id).remark, why) if text)
        changes[line.id] = {"result": LineResult.RETURNED.value, "return_reason": HELD_BACK, "remark": remark}
    bulk.change(session, LINE, period.id, changes)


@action("close-period", "关闭发放期", "period")
def close_period(session: Session, clerk: Clerk, period: Period) -> str:
    """Puts a period away in which every line arrived or came back with its reason; or an empty one that was opened by mistake."""
    refuse_role(clerk, "关闭发放期", WORKING)
    need(session, period, "关闭", PeriodState.PAID, PeriodState.OPEN)
    kept = sums(session, period.id)
    if period.state == PeriodState.OPEN and kept.lines:
        raise UserError(f"{period_name(session, period)}还有 {kept.lines} 行没有办", hint="请继续办理，或先解除冻结")
    back = [line for line in lines(session, period) if line.open and line.result == LineResult.RETURNED] if kept.returned else []
    bare = [line.name for line in back if not line.return_reason]
    if kept.waiting or bare:
        raise UserError(f"{period_name(session, period)}还有没办完的：{few(bare) or show_yuan(kept.waiting) + ' 元没有结果'}", hint="请登记结果和退回原因")
    period.state = PeriodState.CLOSED.value
    session.flush()
    told = f"{period_name(session, period)}已关闭：{kept.heads} 人，成功 {show_yuan(kept.succeeded)} 元"
    return told + (f"，退回未再发 {len(back)} 人 {show_yuan(kept.returned)} 元" if back else "")
