"""Money paid to people who were no longer entitled comes back: listed, told by letter, recovered in cash or from a later period."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import Arg, action
from relocdesk.clerk import Clerk
from relocdesk.entry import line_text, next_line
from relocdesk.errors import UserError
from relocdesk.field import DAY, MONEY
from relocdesk.queries.computed_support import STOPPING
from relocdesk.queries.entitlement import changed_people, entitlements, over_paid
from relocdesk.records import new_id, register
from relocdesk.records.household import Person
from relocdesk.records.support import LineKind, LineResult, Period, PeriodState, Recipient, RecipientChange, Recovery, SupportPayment
from relocdesk.rules.days import add_days, chinese_date, last_day
from relocdesk.rules.money import show_yuan
from relocdesk.rules.support import OverPaid

OVERPAID = "已多发"


def propose(session: Session, clerk: Clerk, record: Recipient, change: str | None, worked_out: list[OverPaid] | None = None) -> str:
    """Works out a person's past periods anew and lists what was overpaid beyond what is listed already; says so, or "".

    A sum listed too high and not yet told to anybody is set right; one that people know of is only pointed out. `worked_out`:
    what is known already to have been overpaid, when many people are gone through at once.
    """
    session.flush()
    found = worked_out if worked_out is not None else over_paid(session, [record.id], clerk.on).get(record.id, [])
    listed = list(session.scalars(select(Recovery).where(Recovery.recipient == record.id, Recovery.deleted == 0).order_by(Recovery.line)))
    total, known = sum(one.amount for one in found), sum(one.over_paid for one in listed)
    if total > known:
        named = {period for one in listed for period in one.periods.split("、")}
        fresh = [one for one in found if one.period not in named] or found
        _add(session, clerk, record, change or _last_stop(session, record), fresh, total - known)
        return f"{OVERPAID} {len(fresh)} 期 {show_yuan(total - known)} 元（{_periods(fresh)}），列入追缴"
    own = [one for one in listed if one.change]  # those without were entered by hand or came from an old ledger
    return _lower(session, own, known - total) if total < known and own else ""


def _last_stop(session: Session, record: Recipient) -> str | None:
    """The newest change that stopped somebody's payment."""
    query = select(RecipientChange.id).where(RecipientChange.recipient == record.id, RecipientChange.deleted == 0, RecipientChange.kind.in_(STOPPING))
    return session.scalars(query.order_by(RecipientChange.happened_on.desc()).limit(1)).first()


def _periods(found: list[OverPaid]) -> str:
    return "、".join(one.period for one in found)


def _add(session: Session, clerk: Clerk, record: Recipient, change: str | None, found: list[OverPaid], amount: int) -> None:
    number = line_text(clerk, next_line(session, register("recovery"), clerk))
    session.add(Recovery(id=new_id(), home=record.home, line=number, recipient=record.id, change=change, periods=_periods(found), over_paid=amount,
                         recovered=0))  # fmt: skip
    session.flush()


def _lower(session: Session, listed: list[Recovery], surplus: int) -> str:
    left = surplus
    for row in reversed(listed):
        if row.told_on is None and not row.recovered and left:
            cut = min(left, row.over_paid)
            row.over_paid, left = row.over_paid - cut, left - cut
            if not row.over_paid:
                row.deleted = 1
    session.flush()
    if left == surplus:
        return f"请注意：已列追缴比重新核算的多 {show_yuan(left)} 元，已经通知或追回，请核对处理"
    return f"已从追缴里减去 {show_yuan(surplus - left)} 元" + (f"；还有 {show_yuan(left)} 元已经通知或追回，请核对处理" if left else "")


def told_late(session: Session, clerk: Clerk, recipients: Iterable[str]) -> str:
    """Of people whose money has just arrived: lists what those who were reduced meanwhile got too much; says so, or ""."""
    session.flush()
    stopped = set(changed_people(session))
    found = over_paid(session, [one for one in recipients if one in stopped], clerk.on)
    told = [one for one, extra in found.items() if propose(session, clerk, session.get_one(Recipient, one), None, extra).startswith(OVERPAID)]
    return f"；请注意：{len(told)} 人已核减，多发的列入追缴" if told else ""


def came_back(session: Session, clerk: Clerk, record: Recipient, day: str) -> str:
    """Of money that came back after it had arrived: what was listed as overpaid for it, and what counted as deducted on it, is set right.

    Says so, or "".
    """
    session.flush()
    listed = list(session.scalars(select(Recovery).where(Recovery.recipient == record.id, Recovery.deleted == 0).order_by(Recovery.line.desc())))
    said = []
    over = sum(row.deducted for row in listed) - sum(_deductions(session, record.id, SupportPayment.result == LineResult.PAID).values())
    for row in listed:
        cut = min(over, row.deducted)
        if cut > 0:
            row.deducted, row.recovered, over = row.deducted - cut, row.recovered - cut, over - cut
            row.recovered_on = row.recovered_on if row.recovered else None
            row.story = "\n".join(filter(None, (row.story, f"{chinese_date(day)}退汇，扣回的 {show_yuan(cut)} 元不再算追回")))
            said.append(f"；扣回的 {show_yuan(cut)} 元不再算追回，再发到账后请重新登记")
    found = propose(session, clerk, record, None) if listed else ""
    return "".join(said) + (f"；{found}" if found else "")


def waiting_lines(session: Session, clerk: Clerk, record: Recipient) -> list[str]:
    """The rosters, not paid yet, that hold the person for more months than are due: 2026/4（公示）."""
    periods = {row.id: row for row in session.scalars(select(Period).where(Period.deleted == 0))}
    # Through the periods: lines are kept in the order of their period and person.
    query = select(SupportPayment.period, SupportPayment.months).where(SupportPayment.period.in_(list(periods)), SupportPayment.recipient == record.id)
    query = query.where(SupportPayment.deleted == 0, SupportPayment.kind == LineKind.NORMAL, SupportPayment.result == LineResult.DUE)
    waiting = sorted(((periods[one], months or 0) for one, months in session.execute(query)), key=lambda pair: pair[0].first_month)
    return [f"{period.year}/{period.number}（{PeriodState(period.state).label}）" for period, months in waiting
            if months > entitlements(session, last_day(period.last_month), Recipient.id == record.id)[record.id].months(
                period.first_month, period.last_month)]  # fmt: skip


@action("recompute", "核算多发", "recipient")
def recompute(session: Session, clerk: Clerk, record: Recipient) -> str:
    """Works out past periods anew after changes that came by a list; what was overpaid is listed to come back."""
    name = session.get_one(Person, record.person).name
    return f"{name}：" + (propose(session, clerk, record, None) or "没有新的多发")


@action("recompute-all", "核算全部多发", "")
def recompute_all(session: Session, clerk: Clerk, record: None) -> str:
    """Works out the past periods of everybody a change has stopped, after changes that came by a list or a changed policy row."""
    people = changed_people(session)
    rows = session.scalars(select(Recovery).where(Recovery.deleted == 0)).all()
    found = over_paid(session, people, clerk.on)
    known: dict[str, int] = {}
    for row in rows:
        known[row.recipient] = known.get(row.recipient, 0) + row.over_paid
    listed = {row.recipient for row in rows if row.change}
    differing = [one for one in {*found, *listed} if sum(extra.amount for extra in found.get(one, ())) != known.get(one, 0)]
    before = sum(known.values())
    for one in sorted(differing):
        propose(session, clerk, session.get_one(Recipient, one), None, found.get(one, []))
    after = sum(session.scalars(select(Recovery.over_paid).where(Recovery.deleted == 0)))
    return f"已核算 {len(people):,} 人：{len(differing):,} 人的追缴有变化，应追缴由 {show_yuan(before)} 元变为 {show_yuan(after)} 元"


@action("tell-recovery", "通知追缴", "recovery",
        Arg("told_on", "通知日期", DAY, help="空着为今天"), Arg("due_on", "限期退回日期", DAY, help="空着按政策的天数"))
def tell_recovery(session: Session, clerk: Clerk, record: Recovery, *, told_on: str = "", due_on: str = "") -> str:
    """The letter was handed over; the money is due after the days of the policy row."""
    if record.recovered >= record.over_paid:
        raise UserError(f"{_who(session, record)}多发的 {show_yuan(record.over_paid)} 元已全部追回", hint="不用再通知", code="AMOUNT")
    day = told_on or clerk.on
    reservoir = session.get_one(Recipient, record.recipient).reservoir
    days = int(settings.policies(session).value("subsidy.recover_days", day, reservoir) or 0)
    until = due_on or add_days(day, days)
    if day > clerk.on or until < day:
        raise UserError("通知日期还没有到，或限期早于通知", hint="请核对两个日期", code="DAY")
    record.told_on, record.due_on = day, until
    session.flush()
    return f"已通知{_who(session, record)}退回 {show_yuan(record.over_paid - record.recovered)} 元，限期{chinese_date(until)}"


@action(
    "recover", "登记追回", "recovery",
    Arg("amount", "追回金额", MONEY, required=True), Arg("recovered_on", "追回日期", DAY, help="空着为今天"), Arg("voucher", "收据凭证号"),
    Arg("period", "从哪一期扣回", to="period", help="从后面的发放里扣的填这里"),
)  # fmt: skip
def recover(session: Session, clerk: Clerk, record: Recovery, *, amount: int, recovered_on: str = "", voucher: str = "", period: str = "") -> str:
    """Money came back: in cash with a receipt, or out of a later period in which the roster deducted it."""
    day, left = recovered_on or clerk.on, record.over_paid - record.recovered
    if amount <= 0 or amount > left:
        raise UserError(f"未追回的是 {show_yuan(left)} 元，不能登记 {show_yuan(amount)} 元", hint="请核对金额", code="AMOUNT")
    if day > clerk.on:
        raise UserError(f"{chinese_date(day)}还没有到", hint="请核对追回日期", code="DAY")
    way = f"凭证 {voucher}" if voucher else ""
    if period:
        way = f"从{_deducted(session, record, period, amount)}扣回"
    if not way:
        raise UserError("没有写收据凭证号，也没有写从哪一期扣回", hint="请填其中一个", code="REQUIRED")
    record.recovered, record.recovered_on = record.recovered + amount, day
    record.deducted += amount if period else 0
    record.voucher = "、".join(filter(None, (record.voucher, voucher))) or None
    record.story = "\n".join(filter(None, (record.story, f"{chinese_date(day)}追回 {show_yuan(amount)} 元（{way}）")))
    session.flush()
    rest = left - amount
    said = f"已追回{_who(session, record)} {show_yuan(amount)} 元（{way}）" + (f"，还差 {show_yuan(rest)} 元" if rest else "，已全部追回")
    twice = max(0, _free(session, record) - rest) if not period else 0
    return said + (f"；请注意：名册里还扣回了 {show_yuan(twice)} 元没有登记追回，不要收两次" if twice else "")


def _free(session: Session, record: Recovery) -> int:
    """分 that rosters deduct from the person, paid out or still on their way, and no recovery counts yet."""
    return sum(_deductions(session, record.recipient, SupportPayment.result != LineResult.RETURNED).values()) - _counted(session, record)


def _deducted(session: Session, record: Recovery, period: str, amount: int) -> str:
    """The period whose roster deducted at least this sum from the person; no deduction pays back twice."""
    whole = session.get_one(Period, period)
    deducted = _deductions(session, record.recipient, SupportPayment.result == LineResult.PAID)
    there = deducted.get(period, 0)
    if amount > there:
        raise UserError(f"{whole.year}/{whole.number} 期里{_who(session, record)}已发的只扣回 {show_yuan(there)} 元", hint="请核对期次和金额", code="AMOUNT")
    free = sum(deducted.values()) - _counted(session, record)
    if amount > free:
        raise UserError(f"{_who(session, record)}各期扣回的已经登记过，还没有登记的只有 {show_yuan(free)} 元", hint="请核对以前登记的追回", code="AMOUNT")
    return f"{whole.year}/{whole.number} "


def _deductions(session: Session, recipient: str, *where: ColumnElement[bool]) -> dict[str, int]:
    """Period → 分 deducted from a person on lines that meet conditions; asked through the periods, as lines are kept."""
    periods = list(session.scalars(select(Period.id)))
    query = select(SupportPayment.period, func.sum(SupportPayment.deducted)).group_by(SupportPayment.period)
    query = query.where(SupportPayment.period.in_(periods), SupportPayment.recipient == recipient, SupportPayment.deleted == 0, *where)
    return {period: amount for period, amount in session.execute(query) if amount}


def _counted(session: Session, record: Recovery) -> int:
    """分 of the person's deductions that recoveries count already."""
    return session.scalar(select(func.sum(Recovery.deducted)).where(Recovery.recipient == record.recipient, Recovery.deleted == 0)) or 0


def _who(session: Session, record: Recovery) -> str:
    recipient = session.get_one(Recipient, record.recipient)
    return session.get_one(Person, recipient.person).name
