"""The rosters of the direct subsidy: lines of a period, its head-counts, what speaks against paying it, what must always hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from relocdesk import totals
from relocdesk.errors import Problem
from relocdesk.queries.entitlement import Entitled, entitlements, event
from relocdesk.queries.people import Flow, flow_text, flows
from relocdesk.queries.places import Places
from relocdesk.records.household import Person, PersonState
from relocdesk.records.support import (
    ApprovalList,
    ChangeKind,
    LineKind,
    LineResult,
    Period,
    PeriodState,
    Recipient,
    RecipientChange,
    ReduceReason,
    SupportPayment,
    SupportWay,
)
from relocdesk.records.trail import LOCAL_PERIOD
from relocdesk.rules.days import last_day
from relocdesk.rules.money import show_yuan
from relocdesk.rules.subsidy import line_serial
from relocdesk.rules.support import due as due_for
from relocdesk.rules.support import stop_month
from relocdesk.settings import policies

PAYING = (PeriodState.APPROVED, PeriodState.SENT, PeriodState.PAID, PeriodState.CLOSED)


@dataclass(slots=True)
class Line:
    """A line as it stands on the roster, with the person's name and household; money in 分. `open`: not paid again by a later line."""

    id: str
    serial: str
    recipient: str
    name: str
    home_of: tuple[str, str]  # what makes people one household for R04: place and number, else the person alone
    kind: str
    months: int
    due: int
    back_pay: int
    deducted: int
    amount: int
    payee_name: str
    account: str
    bank: str
    result: str
    paid_on: str | None
    return_reason: str | None
    attempt: int
    open: bool = True


@dataclass(frozen=True, slots=True)
class Sums:
    """What `totals` keeps of a period; money in 分."""

    lines: int = 0
    heads: int = 0
    due: int = 0
    back_pay: int = 0
    deducted: int = 0
    paid: int = 0
    succeeded: int = 0
    returned: int = 0
    waiting: int = 0

    @property
    def difference(self) -> int:
        """Roster − succeeded − returned − waiting, and 应发 + 补发 − 扣回 − 实发 (R13); must be 0."""
        return abs(self.paid - self.succeeded - self.returned - self.waiting) + abs(self.due + self.back_pay - self.deducted - self.paid)


def sums(session: Session, period: str) -> Sums:
    """The totals of a period as they are kept; while a change runs, from its lines as they are now."""
    row: Any
    if "pen" in session.info:
        session.flush()
        row = totals.added_up(session.connection().connection.driver_connection, period)
    else:
        row = session.execute(select(LOCAL_PERIOD).where(LOCAL_PERIOD.c.period == period)).first()
    return Sums(*row[1:]) if row is not None else Sums()


def period_name(session: Session, period: Period) -> str:
    """2026 年第 3 期 三坝乡."""
    place = Places.load(session).full(period.place) if period.place else ""
    return f"{period.year} 年第 {period.number} 期 {place}".rstrip()


def lines(session: Session, period: Period, only: Collection[str] = ()) -> list[Line]:
    """The living lines of a period by id, which is the order of the roster; `only` these ids."""
    s, r, p = SupportPayment.__table__, Recipient.__table__, Person.__table__
    query = (
        select(s.c.id, s.c.recipient, p.c.name, r.c.place, r.c.household_no, p.c.household, s.c.kind, s.c.months, s.c.due, s.c.back_pay, s.c.deducted,
               s.c.paid, s.c.account_name, s.c.account, s.c.bank, s.c.result, s.c.paid_on, s.c.return_reason, s.c.attempt)
        .select_from(s.join(r, s.c.recipient == r.c.id).outerjoin(p, r.c.person == p.c.id))
        .where(s.c.period == period.id, s.c.deleted == 0)
    )  # fmt: skip
    if only:
        query = query.where(s.c.id.in_(list(only)))
    found = []
    latest: dict[tuple[str, str], int] = {}
    for (one, recipient, name, place, number, household, kind, months, due, back, deducted, paid, holder, account, bank, result, day, reason,
         attempt) in session.execute(query.order_by(s.c.id)):  # fmt: skip
        home_of = (place, number) if number else ("", household or recipient)
        arrived = day or (period.paid_on if result == LineResult.PAID else None)
        found.append(Line(one, line_serial(period.year, period.number, one), recipient, name or "", home_of, kind, months or 0, due or 0, back, deducted,
                          paid or 0, holder or "", account or "", bank or "", result, arrived, reason, attempt))  # fmt: skip
        latest[recipient, kind] = max(attempt, latest.get((recipient, kind), 0))
    for line in found:
        line.open = line.result != LineResult.RETURNED or line.attempt == latest[line.recipient, line.kind]
    return found


def people(session: Session, period: Period) -> list[Any]:
    """Conditions on Recipient that choose whom a period is for: its township, or all of its home."""
    if period.place:
        return [Recipient.__table__.c.place.in_(Places.load(session).below(period.place))]
    return [Recipient.__table__.c.home == period.home]


def enrolled(period: Period) -> ColumnElement[bool]:
    """The condition on Recipient that somebody stands on a roster: also those who have moved elsewhere since it was frozen."""
    line = SupportPayment.__table__
    return Recipient.__table__.c.id.in_(select(line.c.recipient).where(line.c.period == period.id, line.c.deleted == 0))


def months_of(entitled: Iterable[Entitled], first_month: str, last_month: str) -> dict[str, int]:
    """Recipient → months due in a period; people of one standing are worked out once."""
    memo: dict[tuple[Any, ...], int] = {}
    found = {}
    for one in entitled:
        key = (one.start, one.end, one.only_warn, one.gaps)
        months = memo.get(key)
        if months is None:
            months = memo[key] = one.months(first_month, last_month)
        found[one.id] = months
    return found


def base_count(session: Session, period: Period) -> int:
    """核定人数: the sum of the approval lists of the township (all of the book's when a period has no township)."""
    query = select(func.coalesce(func.sum(ApprovalList.base_count), 0)).where(ApprovalList.deleted == 0)
    if period.place:
        query = query.where(ApprovalList.place.in_(Places.load(session).below(period.place)))
    return int(session.execute(query).scalar_one())


# --- heads -----------------------------------------------------------------------------------------------------------


def conservation(session: Session, period: Period) -> list[Flow]:
    """How the people of a period's township came and went over it (R12), by the registers as they are now."""
    place = period.place or ""
    found = flows(session, last_day(period.last_month), period.first_month, period.last_month, "township", place)
    if not place:
        return found
    places = Places.load(session)
    name = places.parts(place)[0] or places.full(place)
    return [flow for flow in found if flow.name == name] or [Flow(name)]


# --- what speaks against paying --------------------------------------------------------------------------------------


def unsound(session: Session, period: Period, *, cash: bool) -> list[Problem]:
    """The lines that may not be paid as they stand, each with its cure: R01, R08, R11, R15, missing or changed accounts. Changes nothing."""
    roster = lines(session, period)
    months, dead = months_now(session, period), _dead(session, period)
    accounts = _accounts(session, period)
    found = []
    seen: Counter[tuple[str, str]] = Counter()
    early = period.state not in PAYING
    for line in roster:
        seen[line.recipient, line.kind] += line.attempt == 1 or early
        text = _line_trouble(period, line, months.get(line.recipient, 0), accounts.get(line.recipient), cash=cash)
        if line.kind == LineKind.NORMAL and line.result == LineResult.DUE and months.get(line.recipient, 0) < line.months:
            text = dead.get(line.recipient, text)
        if line.kind == LineKind.NORMAL and seen[line.recipient, line.kind] > 1:
            text = "一期有两笔正常发放，请去掉一笔"
        if text:
            found.append(Problem(line.name or line.serial, text))
    return found


def months_now(session: Session, period: Period, *only: Any) -> dict[str, int]:
    """Recipient → months of the period due by all that is known now, deaths that only the register of people knows among it (R01).

    Of everybody on the roster, or of those that the conditions `only` on Recipient choose.
    """
    entitled = entitlements(session, last_day(period.last_month), *(only or (enrolled(period),)))
    rows = policies(session)
    for one, died in _deaths(session, *(only or (enrolled(period),))):
        known = entitled[one]
        if any(until is None for _, until in known.gaps):
            continue
        stop = event(ChangeKind.REDUCE, died, known.reservoir, rows) if died else None
        since = stop_month(stop.on, stop.rule, stop.cycle) if stop else known.start
        before = ((first, min(until, since)) for first, until in known.gaps if until and first < since)
        entitled[one] = replace(known, gaps=(*before, (since, None)))
    months = months_of(entitled.values(), period.first_month, period.last_month)
    return {one.id: 0 if one.way == SupportWay.PROJECT else months[one.id] for one in entitled.values()}


def _deaths(session: Session, *where: Any) -> list[tuple[str, str]]:
    """(recipient, day of death or "") of those whom the register of people calls dead."""
    r, p = Recipient.__table__, Person.__table__
    query = select(r.c.id, func.coalesce(p.c.died_on, "")).join(p, r.c.person == p.c.id)
    query = query.where(r.c.deleted == 0, or_(p.c.state == PersonState.DEAD, p.c.died_on.is_not(None)), *where)
    return [(one, died) for one, died in session.execute(query)]


def _dead(session: Session, period: Period) -> dict[str, str]:
    """What to do about people of a roster whose death is in the register of people and nowhere else."""
    stopped = select(RecipientChange.recipient).where(RecipientChange.deleted == 0, RecipientChange.reason == ReduceReason.DEAD)
    return {one: f"家庭成员里已登记死亡（{died or '日期不明'}），还没有核减；请先办理核减，再去掉这一行"
            for one, died in _deaths(session, enrolled(period), Recipient.__table__.c.id.not_in(stopped))}  # fmt: skip


def no_longer_due(session: Session, period: Period, waiting: Collection[Line]) -> list[Problem]:
    """The normal lines still to be paid that hold more months than are due by now: who was reduced since approval (R01, R08)."""
    months = months_now(session, period) if waiting else {}
    return [Problem(line.name or line.serial, f"本期只应发 {months.get(line.recipient, 0)} 个月，名册上是 {line.months} 个月")
            for line in waiting if line.kind == LineKind.NORMAL and line.months > months.get(line.recipient, 0)]  # fmt: skip


def _line_trouble(period: Period, line: Line, months: int, account: tuple[str, str, str] | None, *, cash: bool) -> str:
    if line.result != LineResult.DUE:
        return "" if period.state in PAYING else "名册还没有审批，这一行已经有了结果；请去掉这一行"
    if line.kind == LineKind.NORMAL:
        if months < line.months:
            return f"冻结以后核减或变更，本期只应发 {months} 个月，名册上是 {line.months} 个月；请去掉这一行，或退回编制重新冻结"
        if line.due != due_for(line.months, period.standard):
            return f"应发 {show_yuan(line.due)} 元不等于标准×月数 {show_yuan(due_for(line.months, period.standard))} 元"
    if line.amount < 0 or line.amount != line.due + line.back_pay - line.deducted:
        return f"实发 {show_yuan(line.amount)} 元不等于应发＋补发－扣回，或小于 0；请改补发、扣回"
    if not line.account and line.amount and not cash:
        return "没有银行账号；请在直补对象里补齐，再“更新账户”"
    if account is not None and line.account and account != (line.payee_name, line.account, line.bank):
        return "冻结以后收款账户改过；请办“更新账户”"
    return ""


def _accounts(session: Session, period: Period) -> dict[str, tuple[str, str, str]]:
    """Recipient → holder, account and bank as they are on record now."""
    r, p = Recipient.__table__, Person.__table__
    query = select(r.c.id, func.coalesce(r.c.account_name, p.c.name), r.c.account, r.c.bank).select_from(r.outerjoin(p, r.c.person == p.c.id))
    rows = session.execute(query.where(r.c.deleted == 0, enrolled(period)))
    return {one: (holder or "", account or "", bank or "") for one, holder, account, bank in rows}


# --- what must always hold -------------------------------------------------------------------------------------------


def subsidy_identities(session: Session) -> list[Problem]:
    """Every place where rosters do not agree: periods that gap or overlap, two normal lines (R15), money (R13), heads (R12)."""
    periods = list(session.scalars(select(Period).where(Period.deleted == 0).order_by(Period.place, Period.home, Period.first_month)))
    problems = []
    for _, group in groupby(periods, key=lambda one: (one.place or "", one.home)):
        mine = list(group)
        for before, after in pairwise(mine):
            if after.first_month <= before.last_month:
                problems.append(Problem(period_name(session, after), f"和 {before.year} 年第 {before.number} 期的月份重叠"))
        problems += [Problem(f"{period_name(session, mine[-1])}", f"人数不平：{flow_text(flow)}")
                     for flow in conservation(session, mine[-1]) if flow.difference]  # fmt: skip
    for period in periods:
        kept = sums(session, period.id)
        if kept.difference:
            problems.append(Problem(period_name(session, period), "名册合计不等于应发＋补发－扣回，或不等于成功＋退回＋待付"))
        if period.state in (PeriodState.PAID, PeriodState.CLOSED) and kept.waiting:
            problems.append(Problem(period_name(session, period), f"已发的还有 {show_yuan(kept.waiting)} 元没有结果"))
    return problems + _doubles(session)


def _doubles(session: Session) -> list[Problem]:
    table, period = SupportPayment.__table__, Period.__table__
    twice = (
        select(table.c.period, func.count())
        .where(table.c.deleted == 0, table.c.kind == LineKind.NORMAL, table.c.result != LineResult.RETURNED)
        .group_by(table.c.period, table.c.recipient)
        .having(func.count() > 1)
        .subquery()
    )
    query = select(period.c.year, period.c.number, func.count()).select_from(period.join(twice, twice.c.period == period.c.id)).group_by(period.c.id)
    return [Problem(f"{year} 年第 {number} 期", f"有 {count} 人一期列了两笔正常发放") for year, number, count in session.execute(query)]
