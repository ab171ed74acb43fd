"""What the bank answered to a roster: result files, single results and signatures for cash, returned lines paid again.

A file is taken in wholly or, when asked, for the rows that fit; taking it in twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from relocdesk import bulk
from relocdesk.actions.action import WORKING, Arg, Partly, action, refuse_role
from relocdesk.actions.bank import (
    LATE,
    LATE_ARGS,
    UNSTATED,
    BankRow,
    late_remark,
    late_told,
    match_rows,
    objected_remark,
    objected_told,
    refuse_late,
    row_problem,
)
from relocdesk.actions.payment import CASH, LinesRefused
from relocdesk.actions.period import LINE, need
from relocdesk.actions.period_steps import HELD_BACK, cash_allowed, refuse_held_line, refuse_running_posting
from relocdesk.actions.population import change_account
from relocdesk.actions.recovery import came_back, told_late
from relocdesk.clerk import Clerk
from relocdesk.errors import Problem, UserError
from relocdesk.field import ACCOUNT, DAY, FLAG
from relocdesk.queries.places import Places
from relocdesk.queries.roster import Line, lines, months_now, period_name
from relocdesk.queries.roster_objections import hold, names_of, waiting_for, words
from relocdesk.records import new_id
from relocdesk.records.household import Person
from relocdesk.records.support import LineKind, LineResult, Period, PeriodState, Recipient, SupportPayment
from relocdesk.rules.money import show_yuan

_ANSWERABLE = (PeriodState.SENT, PeriodState.PAID, PeriodState.CLOSED)
_SERIAL = re.compile(r"(\d{4})(\d{2})-[0-9A-Z]{10}\Z")


@dataclass(slots=True)
class Foreseen:
    """What a result file would do: rows with the lines they settle, rows that say what is known, rows that do not fit."""

    fresh: list[tuple[BankRow, Line]] = field(default_factory=list)
    same: list[BankRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def foresee(session: Session, clerk: Clerk, period: Period, rows: Sequence[BankRow]) -> Foreseen:
    """What taking in the bank's rows would do; changes nothing. UserError when the roster was not sent or there is no row."""
    need(session, period, "登记银行结果", *_ANSWERABLE)
    if not rows:
        raise UserError("银行回单里没有一行", hint="请核对选的文件和工作表")
    seen = Foreseen()
    mine = [row for row in rows if not _of_other_period(period, row)]
    strange = [row for row in rows if _of_other_period(period, row)]
    seen.problems += [Problem(f"第{row.row}行", f"{row.serial.strip()} 是 {_of_other_period(period, row)}的，不是这一期的") for row in strange]
    matched, problems = match_rows(lines(session, period), mine, "本期名册")
    seen.problems += problems
    for row, line in matched:
        waits = line.result == LineResult.DUE or _was_held_back(line)
        text = row_problem(row, replace(line, result=LineResult.DUE) if waits else line, ("", ""), clerk.on)
        day = row.paid_on or clerk.on
        if not text and waits and row.ok and period.sent_on and day < period.sent_on:
            text = f"到账日期 {day} 早于送银行日期 {period.sent_on}"
        if text:
            seen.problems.append(Problem(f"第{row.row}行", text))
        elif waits:
            seen.fresh.append((row, line))
        else:
            seen.same.append(row)
    return seen


def _was_held_back(line: Line) -> bool:
    """Whether a line counts as returned because it was kept from the bank: what the bank says of it all the same is the fact."""
    return line.result == LineResult.RETURNED and line.return_reason == HELD_BACK and line.open


def _of_other_period(period: Period, row: BankRow) -> str:
    """The period a serial number names, when it is not this one."""
    found = _SERIAL.match(unicodedata.normalize("NFKC", row.serial).strip().upper())
    if found is None or (int(found[1]), int(found[2])) == (period.year, period.number):
        return ""
    return f"{found[1]} 年第 {int(found[2])} 期"


@action("bank-result", "登记银行结果", "period", Arg("file", "银行回单", required=True, file=True), Arg("partial", "部分登记", FLAG))
def bank_result(session: Session, clerk: Clerk, period: Period, *, file: Sequence[BankRow], partial: int = 0) -> str:
    """Takes in a result file that the caller has read. With any problem nothing is changed, unless `partial`."""
    refuse_role(clerk, "登记银行结果", WORKING)
    seen = foresee(session, clerk, period, file)
    if seen.problems and not partial:
        raise LinesRefused(f"银行回单有 {len(seen.problems)} 行对不上，没有登记", seen.problems, hint="请核对文件；只登记对得上的请选“部分登记”")
    late = _settle(session, clerk, period, seen.fresh) if seen.fresh else ""
    return Partly(_told(session, period, seen) + late, [(problem.where, problem.text) for problem in seen.problems])


def _settle(session: Session, clerk: Clerk, period: Period, fresh: Sequence[tuple[BankRow, Line]]) -> str:
    """Writes the results down; returns what was paid to people no longer entitled or over an open objection, or ""."""
    days = Counter(row.paid_on or clerk.on for row, _ in fresh if row.ok)
    if days and period.paid_on is None:
        period.paid_on = days.most_common(1)[0][0]
    changes: dict[str, dict[str, str | int | None]] = {}
    for row, line in fresh:
        day = row.paid_on or clerk.on
        if row.ok:
            changes[line.id] = {"result": LineResult.PAID.value, "paid_on": None if day == period.paid_on else day, "return_reason": None}
        else:
            changes[line.id] = {"result": LineResult.RETURNED.value, "return_reason": row.reason.strip() or UNSTATED}
    objected = _over_objections(session, period, [(line.id, line.recipient) for row, line in fresh if row.ok])
    for line_id, text in objected.items():
        changes[line_id]["remark"] = text
    bulk.change(session, LINE, period.id, changes)
    finish(session, period)
    told = objected_told([line.name for _, line in fresh if line.id in objected])
    return told + told_late(session, clerk, [line.recipient for row, line in fresh if row.ok])


def _over_objections(session: Session, period: Period, paid: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Line → its remark from now on, of lines (each with its person) that arrive while an objection is open: a fact, but one to be seen."""
    found = hold(session, period)
    waiting = {line: one for line, person in paid if (one := found.of(person))}
    return {line: objected_remark(session.get_one(SupportPayment, line).remark, f"有没办结的异议（{words(one)}）") for line, one in waiting.items()}


def finish(session: Session, period: Period) -> bool:
    """Marks a period paid when no line waits for its result; whether it did. Lines of 0 are settled without a bank."""
    session.flush()
    waiting = [line for line in lines(session, period) if line.result == LineResult.DUE]
    if any(line.amount for line in waiting) or period.state not in (PeriodState.APPROVED, PeriodState.SENT):
        return False
    bulk.change(session, LINE, period.id, {line.id: {"result": LineResult.PAID.value} for line in waiting})
    period.state = PeriodState.PAID.value
    session.flush()
    return True


def _told(session: Session, period: Period, seen: Foreseen) -> str:
    good, back = ([line.amount for row, line in seen.fresh if row.ok is ok] for ok in (True, False))
    if seen.fresh:
        text = f"{period_name(session, period)}登记成功 {len(good)} 笔 {show_yuan(sum(good))} 元，退回 {len(back)} 笔 {show_yuan(sum(back))} 元"
    else:
        text = f"{period_name(session, period)}没有新的结果（{len(seen.same)} 笔早已登记）"
    text += f"；有问题没有登记 {len(seen.problems)} 行" if seen.problems else ""
    waiting = sum(1 for line in lines(session, period) if line.result == LineResult.DUE)
    return text + (f"；还有 {waiting} 笔没有结果" if waiting else "；本期已全部有结果")


# --- by hand ---------------------------------------------------------------------------------------------------------


@action(
    "pay-cash", "登记现金领取", "period",
    Arg("place", "村组", to="place", help="空着为全部没有账号的"), Arg("paid_on", "领取日期", DAY, help="空着为今天"),
    Arg("proof", "签字表编号", required=True),
)  # fmt: skip
def pay_cash(session: Session, clerk: Clerk, period: Period, *, proof: str, place: str = "", paid_on: str = "") -> str:
    """People without an account signed for their money: all of a village, or all. Where the setting allows cash."""
    refuse_role(clerk, "登记现金领取", WORKING)
    need(session, period, "登记现金领取", PeriodState.APPROVED, PeriodState.SENT)
    _refuse_no_cash(session, period)
    refuse_running_posting(session, clerk, period)
    day, found = _day(clerk, period, paid_on), hold(session, period)
    below = Places.load(session).below(place) if place else None
    waiting = [line for line in lines(session, period) if not line.account and line.result == LineResult.DUE]
    if below is not None:
        waiting = [line for line in waiting if session.get_one(Recipient, line.recipient).place in below]
    held = waiting_for(found, waiting)
    waiting = [line for line in waiting if line.recipient not in found.people]
    if not waiting:
        raise UserError("没有等着现金领取的人", hint=f"{names_of(held)}的异议办结以后再领" if held else "有账号的由银行代发")
    period.paid_on = period.paid_on or day
    own = None if day == period.paid_on else day
    bulk.change(session, LINE, period.id, {line.id: {"result": LineResult.PAID.value, "paid_on": own, "bank": CASH, "remark": f"凭据：{proof.strip()}"}
                                           for line in waiting})  # fmt: skip
    done = finish(session, period)
    told = f"{period_name(session, period)}登记现金领取 {len(waiting)} 人 {show_yuan(sum(line.amount for line in waiting))} 元"
    told += f"；{names_of(held)}有没办结的异议，没有登记" if held else ""
    return told + ("，本期已全部有结果" if done else "") + told_late(session, clerk, [line.recipient for line in waiting])


@action(
    "pay-line", "登记单笔结果", "support_payment",
    Arg("result", "结果", required=True, choices=LineResult), Arg("paid_on", "到账日期", DAY), Arg("reason", "退回原因", words="return_reason"),
    Arg("proof", "凭据", required=True, help="回单号、签字表编号等"),
)  # fmt: skip
def pay_line(session: Session, clerk: Clerk, line: SupportPayment, *, result: str, proof: str, paid_on: str = "", reason: str = "") -> str:
    """The result of one line by hand, with its proof; once only."""
    refuse_role(clerk, "登记单笔结果", WORKING)
    period = session.get_one(Period, line.period)
    need(session, period, "登记结果", PeriodState.APPROVED, PeriodState.SENT)
    if line.deleted or line.result != LineResult.DUE:
        raise UserError(f"{_name(session, line)}已登记为“{LineResult(line.result).label}”，不能再改",
                        hint=f"到账以后又退的请办“{LATE}”，退回的请办“更正账户后再发”")  # fmt: skip
    if not line.account:
        _refuse_no_cash(session, period)
    objected = {}
    if result == LineResult.PAID:
        if period.state == PeriodState.APPROVED or not line.account:  # what the bank already has is a fact to be registered
            refuse_running_posting(session, clerk, period)
            refuse_held_line(session, period, line.recipient, _name(session, line))
        day = _day(clerk, period, paid_on)
        objected = _over_objections(session, period, [(line.id, line.recipient)])
        period.paid_on = period.paid_on or day
        line.result, line.paid_on = LineResult.PAID.value, None if day == period.paid_on else day
    elif result == LineResult.RETURNED and reason.strip():
        line.result, line.return_reason = LineResult.RETURNED.value, reason.strip()
    else:
        raise UserError("结果只能是“成功”或“退回”，退回要写原因", hint="请重填结果和原因")
    line.remark = "；".join(text for text in (objected.get(line.id, line.remark), f"凭据：{proof.strip()}") if text)
    done = finish(session, period)
    text = f"{_name(session, line)} {show_yuan(line.paid or 0)} 元登记为“{LineResult(result).label}”"
    late = told_late(session, clerk, [line.recipient]) if result == LineResult.PAID else ""
    return text + ("，本期已全部有结果" if done else "") + objected_told([_name(session, line)] if objected else []) + late


@action("late-return", LATE, "support_payment", *LATE_ARGS)
def late_return(session: Session, clerk: Clerk, line: SupportPayment, *, reason: str, proof: str, returned_on: str = "") -> str:
    """Money the bank first called arrived has come back: from now on the line is a returned one, to be paid again.

    The one way to change a result. A closed period goes back to 已发, so that it is closed once more with what came back in sight;
    what was listed to come back from the person, or was deducted on this line, is set right with it.
    """
    refuse_role(clerk, LATE, WORKING)
    period, name = session.get_one(Period, line.period), _name(session, line)
    need(session, period, f"登记{LATE}", PeriodState.APPROVED, PeriodState.SENT, PeriodState.PAID, PeriodState.CLOSED)
    if line.deleted or not line.paid:
        raise UserError(f"{name}的这一行已经去掉，或实发是 0 元，没有汇款", hint="请刷新后再办")
    day, arrived = returned_on or clerk.on, line.paid_on or period.paid_on or period.frozen_on or ""
    refuse_late(line, name, day, arrived, clerk.on)
    line.result, line.return_reason, line.paid_on = LineResult.RETURNED.value, reason.strip(), None
    line.remark = late_remark(line.remark, arrived, day, proof)
    reopened = period.state == PeriodState.CLOSED
    period.state = PeriodState.PAID.value if reopened else period.state
    session.flush()
    told = late_told(name, line.paid, day, arrived, reason) + "，请“更正账户后再发”"
    told += f"；{period_name(session, period)}由“关闭”回到“已发”，办完再关闭" if reopened else ""
    return told + came_back(session, clerk, session.get_one(Recipient, line.recipient), day)


def _refuse_no_cash(session: Session, period: Period) -> None:
    if not cash_allowed(session, period):
        raise UserError("设置里不允许现金发放", hint="请补齐银行账号；确需现金的，请负责人在设置里放开", code="CASH")


def _day(clerk: Clerk, period: Period, paid_on: str) -> str:
    day = paid_on or clerk.on
    if day > clerk.on or day < (period.sent_on or period.frozen_on or day):
        raise UserError(f"到账日期 {day} 还没有到，或早于送银行日期", hint="请核对日期", code="DAY")
    return day


# --- again -----------------------------------------------------------------------------------------------------------


@action(
    "reissue-line", "更正账户后再发", "support_payment",
    Arg("account", "银行账号", ACCOUNT, help="空着就用直补对象现在登记的账户"), Arg("account_name", "户名", help="空着为本人"), Arg("bank", "开户行"),
    Arg("payee_relation", "户名与本人关系", words="relation", help="户名不是本人的必须填"),
)  # fmt: skip
def reissue_line(
    session: Session, clerk: Clerk, line: SupportPayment, *, account: str = "", account_name: str = "", bank: str = "", payee_relation: str = ""
) -> str:
    """A returned line goes to the bank once more, into the corrected account; the returned one stays as it is (attempt + 1).

    A corrected account is registered as a change of the recipient's account. The amount never changes, so that one normal line per person counts (R15);
    who has been reduced since is not paid again (R08).
    """
    refuse_role(clerk, "更正账户后再发", WORKING)
    period = session.get_one(Period, line.period)
    need(session, period, "再发", PeriodState.SENT, PeriodState.PAID, PeriodState.CLOSED)
    name = _name(session, line)
    refuse_held_line(session, period, line.recipient, name)
    if line.deleted or line.result != LineResult.RETURNED:
        raise UserError(f"{name}不是退回的，不能再发", hint="只有退回的才能再发")
    if any(one.attempt > line.attempt and (one.recipient, one.kind) == (line.recipient, line.kind) for one in lines(session, period)):
        raise UserError(f"{name}退回的这一笔已经再发过", hint="一笔退回只能再发一次")
    person = session.get_one(Recipient, line.recipient)
    if line.kind == LineKind.NORMAL and months_now(session, period, Recipient.id == person.id).get(person.id, 0) < (line.months or 0):
        raise UserError(f"{name}已经核减，本期应发的比退回的少，不能再发", hint="还有应补的，请在下一期“另列补发”")
    if account:
        change_account(session, clerk, person, account=account, account_name=account_name, bank=bank, payee_relation=payee_relation,
                       proof=f"银行退回：{line.return_reason or UNSTATED}")  # fmt: skip
    if not person.account:
        raise UserError(f"{name}没有银行账号", hint="请填更正后的账号")
    again = SupportPayment(id=new_id(), home=line.home, period=line.period, recipient=line.recipient, kind=line.kind, months=line.months, due=line.due,
                           back_pay=line.back_pay, deducted=line.deducted, paid=line.paid, reason=line.reason, attempt=line.attempt + 1,
                           account_name=person.account_name or name, account=person.account, bank=person.bank)  # fmt: skip
    session.add(again)
    period.state = PeriodState.SENT.value
    session.flush()
    return f"{name}退回的 {show_yuan(line.paid or 0)} 元已列入再发（第 {again.attempt} 次），请再导出代发表送银行"


def _name(session: Session, line: SupportPayment) -> str:
    person = session.get_one(Recipient, line.recipient).person
    return session.get_one(Person, person).name if person else ""
