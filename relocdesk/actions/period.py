"""Periods of the direct subsidy while they are drawn up: opened, the roster frozen, adjusted, taken apart again.

A roster holds everybody of one township who is entitled in the period, with months, money and account as they are on that day.
It never changes afterwards because the register does; what does not fit any more is shown before it is approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import bulk, settings
from relocdesk.actions.action import WORKING, Arg, Partly, action, refuse_role
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import COUNT, MONEY, MONTH, YEAR
from relocdesk.job import Tick, no_tick
from relocdesk.queries.entitlement import Entitled, entitlements
from relocdesk.queries.places import TOWNSHIP, Places
from relocdesk.queries.roster import base_count, months_of, people, period_name
from relocdesk.queries.roster_doubts import back_pay_trouble, gaps_at_freezing
from relocdesk.records import new_id, register
from relocdesk.records.household import Person
from relocdesk.records.support import LineKind, Period, PeriodState, Recipient, SupportPayment, SupportWay
from relocdesk.rules.days import add_months, chinese_date, last_day
from relocdesk.rules.money import show_yuan
from relocdesk.rules.subsidy import next_number, period_months
from relocdesk.rules.support import due

LINE = register("support_payment")


def need(session: Session, period: Period, what: str, *states: PeriodState) -> None:
    """Raises UserError unless the period is in one of the states that allow this."""
    if period.deleted or period.state not in states:
        names = "”或“".join(state.label for state in states)
        raise UserError(f"{period_name(session, period)}是“{PeriodState(period.state).label}”，不能{what}", hint=f"只有“{names}”的发放期可以{what}")


# --- opening ---------------------------------------------------------------------------------------------------------


@action(
    "open-period", "开发放期", "",
    Arg("place", "乡镇", to="place", help="空着为本单位的全部乡镇"), Arg("year", "年度", YEAR, help="空着接上一期"),
    Arg("number", "期次", COUNT, help="空着接上一期"), Arg("first_month", "起始月", MONTH, help="空着接上一期；第一次开期空着为本周期"),
    Arg("standard", "标准（元/人·年）", MONEY, help="空着按政策"),
)  # fmt: skip
def open_period(
    session: Session, clerk: Clerk, record: object, *, place: str = "", year: int = 0, number: int = 0, first_month: str = "", standard: int = 0
) -> str:
    """The next period of a township, or of every township with recipients; cycle and standard by the policy rows of its first month.

    Periods follow each other without gap or overlap; a year, number or month that breaks the row is refused. A village's or a
    county's period would pay the people of its townships a second time (R02).
    """
    refuse_role(clerk, "开发放期", WORKING)
    townships = [place] if place else _townships(session)
    if place and (Places.load(session).township(place) != place or Places.load(session).nodes[place].level < TOWNSHIP):
        raise UserError(f"{Places.load(session).full(place)}不是乡镇，发放期按乡镇开", hint="请选乡镇，或空着为全部乡镇")
    if not townships:
        raise UserError("还没有后扶人口，没有要发放的乡镇", hint="请先登记后扶人口")
    opened, refused = [], []
    for one in townships:
        try:
            opened.append(_open(session, clerk, one, year, number, first_month, standard))
        except UserError as error:
            if len(townships) == 1:
                raise
            refused.append((Places.load(session).full(one), str(error)))
    if not opened:
        raise UserError(f"没有开发放期：{refused[0][1]}", hint="请核对年度和期次")
    session.flush()
    first = opened[0]
    text = f"已开 {len(opened)} 个发放期" if len(opened) > 1 else f"已开{period_name(session, first)}"
    return Partly(f"{text}：{first.first_month} 至 {first.last_month}，标准 {show_yuan(first.standard)} 元/人·年", refused)


def _townships(session: Session) -> list[str]:
    """The townships in which recipients live, by code; the book's own place when it is one."""
    places = Places.load(session)
    found = {places.township(place) for place in session.scalars(select(Recipient.place).where(Recipient.deleted == 0).distinct())}
    return sorted(found, key=places.code)


def _open(session: Session, clerk: Clerk, place: str, year: int, number: int, first_month: str, standard: int) -> Period:
    places = Places.load(session)
    before = _last_period(session, place)
    rows = settings.policies(session)
    month = add_months(before.last_month, 1) if before else first_month or _cycle_start(clerk.on[:7], _cycle(rows, clerk.on[:7]))
    if before and first_month and first_month != month:
        raise UserError(f"上一期到 {before.last_month}，这一期应从 {month} 开始，不是 {first_month}", hint="发放期要一期接一期，不漏也不重")
    cycle = _cycle(rows, month)
    first, last = period_months(month, cycle)
    named = next_number((before.year, before.number) if before else None, first, cycle)
    if before is None and (year or number):
        named = (year or named[0], number or named[1])
    asked = year or named[0], number or named[1]
    if asked != named:
        raise UserError(f"接上一期应是 {named[0]} 年第 {named[1]} 期，不是 {asked[0]} 年第 {asked[1]} 期", hint="请改年度和期次，或空着由程序接上")
    fen = standard or int(rows.value("subsidy.standard", f"{first}-01") or 0)
    if fen <= 0:
        raise UserError("没有直补标准", hint="请在政策里填“后扶直补标准”")
    made = Period(id=new_id(), home=places.home(place), year=named[0], number=named[1], place=place, first_month=first, last_month=last, standard=fen,
                  state=PeriodState.OPEN.value)  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _last_period(session: Session, place: str) -> Period | None:
    """The latest period of a township; one without township is the whole book's."""
    query = select(Period).where(Period.deleted == 0, (Period.place == place) | Period.place.is_(None))
    return session.scalars(query.order_by(Period.last_month.desc()).limit(1)).first()


def _cycle(rows: settings.Policies, month: str) -> int:
    return int(rows.value("subsidy.cycle", f"{month}-01") or 3)


def _cycle_start(month: str, cycle: int) -> str:
    return f"{month[:4]}-{(int(month[5:7]) - 1) // cycle * cycle + 1:02d}"


# --- the roster ------------------------------------------------------------------------------------------------------


@action("freeze-period", "冻结名册", "period")
def freeze_period(session: Session, clerk: Clerk, period: Period) -> str:
    """Everybody entitled in the period, with months, money and account as of now; the three head-counts beside it."""
    return freeze(session, clerk, period)


def freeze(session: Session, clerk: Clerk, period: Period, tick: Tick = no_tick) -> str:
    """As the action; tells its progress."""
    refuse_role(clerk, "冻结名册", WORKING)
    need(session, period, "冻结名册", PeriodState.OPEN)
    if period.frozen_on:
        raise UserError(f"{period_name(session, period)}的名册已在{chinese_date(period.frozen_on)}冻结", hint="要重新编制请先“解除冻结”")
    entitled = entitlements(session, last_day(period.last_month), *people(session, period))
    wanted = payable(period, entitled)
    if not wanted:
        raise UserError(f"{period_name(session, period)}没有应发的人", hint="请核对后扶人口的起止月和扶持方式")
    elsewhere = _leave_out_paid_elsewhere(session, period, wanted)
    bulk.insert(session, LINE, period.id, period.home, columns(session, period, wanted), tick)
    period.frozen_on, period.made_by = clerk.on, clerk.name
    period.base_count, period.present = base_count(session, period), sum(months_of(entitled.values(), period.last_month, period.last_month).values())
    session.flush()
    total = sum(due(months, period.standard) for months in wanted.values())
    late = sum(1 for one in wanted if entitled[one].end < period.last_month and entitled[one].late_months(period.first_month, period.last_month))
    told = f"{period_name(session, period)}名册已冻结：核定 {period.base_count} 人，现有 {period.present} 人，本期发放 {len(wanted)} 人，{show_yuan(total)} 元"
    told += f"；{elsewhere} 人已在别的乡镇名册里，没有列入" if elsewhere else ""
    told += "".join(f"；请注意：{one.text}" for one in gaps_at_freezing(session, period))
    return told + (f"；请注意：{late} 人扶持已期满，按政策先照发" if late else "")


def payable(period: Period, entitled: dict[str, Entitled]) -> dict[str, int]:
    """Recipient → months, in the order of the recipients' ids; those helped by projects alone get no money."""
    months = months_of((one for one in entitled.values() if one.way != SupportWay.PROJECT), period.first_month, period.last_month)
    return {one: months[one] for one in sorted(months) if months[one]}


def _leave_out_paid_elsewhere(session: Session, period: Period, wanted: dict[str, int]) -> int:
    """Nobody stands in two rosters for the same months, however they came to live here (R02, R15); how many were left out."""
    mine = select(Recipient.__table__.c.id).where(*people(session, period))
    table = SupportPayment.__table__
    others = select(Period.id).where(Period.deleted == 0, Period.id != period.id, Period.first_month <= period.last_month,
                                     Period.last_month >= period.first_month)  # fmt: skip
    query = select(table.c.recipient).where(table.c.period.in_(others), table.c.recipient.in_(mine), table.c.deleted == 0,
                                            table.c.kind == LineKind.NORMAL)  # fmt: skip
    taken = [one for one in set(session.execute(query).scalars()) if one in wanted]
    for one in taken:
        del wanted[one]
    return len(taken)


def columns(session: Session, period: Period, wanted: dict[str, int]) -> dict[str, Sequence[Any]]:
    """What the lines of a roster hold, column by column: months, money and the account as it is now."""
    r, p = Recipient.__table__, Person.__table__
    query = select(r.c.id, func.coalesce(r.c.account_name, p.c.name), r.c.account, r.c.bank).select_from(r.outerjoin(p, r.c.person == p.c.id))
    holders = {one: holder for one, *holder in session.execute(query.where(r.c.deleted == 0, *people(session, period))).all() if one in wanted}
    money = {months: due(months, period.standard) for months in set(wanted.values())}
    dues = [money[months] for months in wanted.values()]
    names, accounts, banks = zip(*(holders[one] for one in wanted), strict=True)
    return {"recipient": list(wanted), "months": list(wanted.values()), "due": dues, "paid": dues, "account_name": names, "account": accounts, "bank": banks}


@action("unfreeze-period", "解除冻结", "period", Arg("reason", "原因", required=True))
def unfreeze_period(session: Session, clerk: Clerk, period: Period, *, reason: str) -> str:
    """Takes a roster apart that was not posted yet; its lines are marked deleted, adjustments with them."""
    refuse_role(clerk, "解除冻结", WORKING)
    need(session, period, "解除冻结", PeriodState.OPEN)
    ids = list(session.scalars(select(SupportPayment.id).where(SupportPayment.period == period.id, SupportPayment.deleted == 0)))
    if not period.frozen_on and not ids:
        raise UserError(f"{period_name(session, period)}还没有冻结", hint="不用解除")
    bulk.change(session, LINE, period.id, {one: {"deleted": 1} for one in ids})
    period.frozen_on = period.made_by = period.base_count = period.present = None
    session.flush()
    return f"{period_name(session, period)}已解除冻结，去掉 {len(ids)} 行：{reason}"


@action(
    "adjust-line", "补发或扣回", "support_payment",
    Arg("back_pay", "补发", MONEY), Arg("deducted", "扣回", MONEY), Arg("reason", "补扣原因", required=True),
)  # fmt: skip
def adjust_line(session: Session, clerk: Clerk, line: SupportPayment, *, reason: str, back_pay: int | None = None, deducted: int | None = None) -> str:
    """Back-pay or a deduction on a line of a roster that is still drawn up; what is paid out follows and is never below 0."""
    refuse_role(clerk, "补发或扣回", WORKING)
    period = _drawn_up(session, line, "补发或扣回")
    if back_pay is None and deducted is None:
        raise UserError("没有写补发，也没有写扣回", hint="请填一项金额；要去掉填 0")
    line.back_pay = line.back_pay if back_pay is None else back_pay
    line.deducted = line.deducted if deducted is None else deducted
    paid = (line.due or 0) + line.back_pay - line.deducted
    if line.back_pay < 0 or line.deducted < 0 or paid < 0:
        raise UserError(f"应发 {show_yuan(line.due or 0)} 元，扣回不能超过应发加补发", hint="余下的从下一期扣")
    line.paid, line.reason = paid, reason.strip()
    session.flush()
    said = f"{_name(session, line.recipient)}补发 {show_yuan(line.back_pay)} 元，扣回 {show_yuan(line.deducted)} 元，实发 {show_yuan(paid)} 元：{line.reason}"
    return said + _large(session, period, line.back_pay if back_pay else 0)


@action(
    "back-pay", "另列补发", "period",
    Arg("recipient", "后扶人口", required=True, to="recipient"), Arg("amount", "金额", MONEY, required=True), Arg("reason", "补发原因", required=True),
)  # fmt: skip
def back_pay(session: Session, clerk: Clerk, period: Period, *, recipient: str, amount: int, reason: str) -> str:
    """A line of back-pay for somebody who has no normal line in this roster, or whose arrears are to stand apart."""
    refuse_role(clerk, "另列补发", WORKING)
    need(session, period, "另列补发", PeriodState.OPEN)
    person = session.get(Recipient, recipient)
    if person is None or person.deleted or amount <= 0:
        raise UserError("没有这个人，或金额不是正数", hint="请核对身份证号和金额")
    if period.place and person.place not in Places.load(session).below(period.place):
        raise UserError(f"{_name(session, recipient)}不是{period_name(session, period)}的人", hint="请在他所在乡镇的发放期里补发")
    same = select(SupportPayment.id).where(SupportPayment.period == period.id, SupportPayment.recipient == recipient, SupportPayment.kind == LineKind.BACK)
    if session.scalars(same.where(SupportPayment.deleted == 0)).first():
        raise UserError(f"{_name(session, recipient)}在这一期已经列了补发", hint="请改那一行")
    session.add(SupportPayment(id=new_id(), home=period.home, period=period.id, recipient=recipient, kind=LineKind.BACK.value, months=0, due=0,
                               back_pay=amount, paid=amount, reason=reason.strip(), account_name=person.account_name or _name(session, recipient),
                               account=person.account, bank=person.bank))  # fmt: skip
    session.flush()
    return f"{_name(session, recipient)}另列补发 {show_yuan(amount)} 元：{reason}" + _large(session, period, amount)


def _large(session: Session, period: Period, amount: int) -> str:
    trouble = back_pay_trouble(session, period, amount) if amount else ""
    return f"；请注意：{trouble}" if trouble else ""


@action("drop-line", "去掉这一行", "support_payment", Arg("reason", "原因", required=True))
def drop_line(session: Session, clerk: Clerk, line: SupportPayment, *, reason: str) -> str:
    """Takes somebody off a roster that was not approved: a death that became known while it hung on the wall."""
    refuse_role(clerk, "去掉这一行", WORKING)
    period = session.get_one(Period, line.period)
    need(session, period, "去掉一行", PeriodState.OPEN, PeriodState.POSTED)
    line.deleted = 1
    session.flush()
    return f"{_name(session, line.recipient)}已从{period_name(session, period)}的名册去掉：{reason}"


@action("refresh-accounts", "更新账户", "period")
def refresh_accounts(session: Session, clerk: Clerk, period: Period) -> str:
    """Copies the accounts anew into the lines of a roster that was not checked yet."""
    refuse_role(clerk, "更新账户", WORKING)
    need(session, period, "更新账户", PeriodState.OPEN, PeriodState.POSTED)
    s, r, p = SupportPayment.__table__, Recipient.__table__, Person.__table__
    query = select(s.c.id, func.coalesce(r.c.account_name, p.c.name), r.c.account, r.c.bank).where(s.c.period == period.id, s.c.deleted == 0)
    query = query.select_from(s.join(r, s.c.recipient == r.c.id).outerjoin(p, r.c.person == p.c.id))
    rows = {one: {"account_name": holder, "account": account, "bank": bank} for one, holder, account, bank in session.execute(query)}
    count = bulk.change(session, LINE, period.id, rows)
    return f"{period_name(session, period)}更新了 {count} 人的账户" if count else f"{period_name(session, period)}的账户都和登记的一样"


def _drawn_up(session: Session, line: SupportPayment, what: str) -> Period:
    period = session.get_one(Period, line.period)
    if line.deleted:
        raise UserError("这一行已经去掉", hint="请刷新后再办")
    need(session, period, what, PeriodState.OPEN)
    return period


def _name(session: Session, recipient: str) -> str:
    return session.scalar(select(Person.name).join(Recipient, Recipient.person == Person.id).where(Recipient.id == recipient)) or ""
