"""Funds: what is on paper, in the account, gone out and left; by fund and year, and how old the unspent money is.

Money goes out in five ways: compensation paid to people, subsidies of after-support, payments of support projects, other
spending, and surplus turned into projects, which is money coming in for 结余盘活.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from relocdesk import settings, totals
from relocdesk.queries.agreed import standings
from relocdesk.records.agreement import Agreement
from relocdesk.records.fund import OUTSIDE, Allocation, Fund, Interest, Receipt, Spending
from relocdesk.records.payment import BatchState, Payment, PaymentBatch, PayResult
from relocdesk.records.support import LineResult, Period, PeriodState, SupportPayment
from relocdesk.records.trail import LOCAL_PERIOD
from relocdesk.records.works import ProjectPayment, SurplusUse
from relocdesk.rules.funds import Aged, Lot, SurplusLine, age, sums_by_kind
from relocdesk.rules.money import percent


@dataclass(frozen=True, slots=True)
class Balance:
    """A fund on a day, in 分: on paper, in the account, gone out, and approved but not yet answered by the bank.

    `paid` went to people for land and houses, `subsidy` to people of after-support, `works` to support projects, `spent` is
    other spending; `turned` was turned into projects (out), `added` came from turned surplus (in, 结余盘活 only).
    """

    allocated: int
    received: int
    interest: int
    spent: int
    paid: int
    committed: int
    subsidy: int = 0
    works: int = 0
    turned: int = 0
    added: int = 0

    @property
    def gone(self) -> int:
        """Everything that was spent; what was turned into projects is not spent yet."""
        return self.spent + self.paid + self.subsidy + self.works

    @property
    def balance(self) -> int:
        """结存: received + interest + surplus turned in − everything gone out."""
        return self.received + self.interest + self.added - self.gone - self.turned

    @property
    def available(self) -> int:
        """What may still be approved: the balance less what is approved and on its way."""
        return self.balance - self.committed

    @property
    def moved(self) -> bool:
        """Whether anything ever happened."""
        return any((self.allocated, self.received, self.interest, self.gone, self.committed, self.turned, self.added))


@dataclass(frozen=True, slots=True)
class PaymentRate:
    """兑付率 (F025) with its parts in 分: paid ÷ received; allocated and agreed stand beside it."""

    paid: int
    received: int
    allocated: int
    agreed: int

    def percent(self, decimals: int = 1) -> str:
        """The rate as text; "—" while nothing has been received."""
        return percent(self.paid, self.received, decimals)


def payment_rate(session: Session, project: str | None, on: str, fund: str = Fund.PROJECT) -> PaymentRate:
    """兑付率 = 累计兑付 ÷ 累计到位 (F025) of a project, or of the whole fund when `project` is None."""
    found = balance(session, fund, on, project)
    agreed = sum(one.agreed for one in standings(session, on=on).values() if project is None or one.project == project)
    return PaymentRate(found.paid, found.received, found.allocated, agreed)


def balance(session: Session, fund: str, on: str, project: str | None = None) -> Balance:
    """A fund up to and including a day; of one project of land acquisition when given.

    Interest, subsidies and support projects belong to none of those: they count in the whole fund only. A returned payment
    does not count, one without a date counts as paid from the beginning.
    """
    return balances(session, on, project, fund).get(fund, Balance(0, 0, 0, 0, 0, 0))


def balances(session: Session, on: str, project: str | None = None, fund: str = "") -> dict[str, Balance]:
    """The same for every fund of the office's accounts that moved, or for one."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for move in _moves(session, on, project, fund):
        sums[move.fund][move.what] += move.amount
    for name, amount in _committed(session, on, project, fund):
        sums[name]["committed"] += amount
    found = {one: Balance(*(counted[name] for name in ("allocated", "received", "interest", "spent", "paid", "committed", "subsidy", "works", "turned",
                                                       "added"))) for one, counted in sums.items()}  # fmt: skip
    return {one.value: found[one.value] for one in Fund if one not in OUTSIDE and one.value in found and found[one.value].moved}


# --- what moved ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Move:
    """Money of a fund and year: allocated, received, interest, spent, paid, subsidy, works, turned, added."""

    fund: str
    year: int
    what: str
    amount: int


def _year(day: Any) -> ColumnElement[int]:
    return cast(func.coalesce(func.substr(day, 1, 4), "0"), Integer)


def _moves(session: Session, on: str, project: str | None = None, only: str = "") -> Iterator[_Move]:
    """Sums by fund and year. Allocated and received count in the year the money is for, subsidies in the year of their period."""
    for what, query in _queries(on, project, only, kept=totals_hold(session, on)):
        for fund, year, amount in session.execute(query):
            yield _Move(fund, int(year or 0), what, int(amount or 0))


def _queries(on: str, project: str | None, only: str, *, kept: bool) -> Iterator[tuple[str, Select[Any]]]:
    def grouped(fund: Any, year: Any, amount: Any, *where: Any, own: Any = None) -> Select[Any]:
        query = select(fund, year, func.sum(amount)).where(*where, *_of(fund, only)).group_by(fund, year)
        return query if project is None else query.where(own == project)

    yield "allocated", grouped(Allocation.fund, Allocation.year, Allocation.amount, Allocation.deleted == 0, Allocation.issued_on <= on,
                               own=Allocation.project)  # fmt: skip
    received = grouped(Allocation.fund, Allocation.year, Receipt.amount, Receipt.deleted == 0, Allocation.deleted == 0, Receipt.received_on <= on,
                       own=Allocation.project)  # fmt: skip
    yield "received", received.join_from(Receipt, Allocation, Receipt.allocation == Allocation.id)
    yield "spent", grouped(Spending.fund, _year(Spending.paid_on), Spending.amount, Spending.deleted == 0, Spending.paid_on <= on, own=Spending.project)
    paid = grouped(PaymentBatch.fund, _year(func.coalesce(Payment.paid_on, PaymentBatch.made_on)), Payment.amount, Payment.deleted == 0,
                   Payment.result == PayResult.PAID, or_(Payment.paid_on.is_(None), Payment.paid_on <= on), own=Agreement.project)  # fmt: skip
    yield "paid", paid.join_from(Payment, PaymentBatch, Payment.batch == PaymentBatch.id).join(Agreement, Payment.agreement == Agreement.id)
    if project is not None:
        return
    yield "interest", grouped(Interest.fund, _year(Interest.received_on), Interest.amount, Interest.deleted == 0, Interest.received_on <= on)
    yield "subsidy", _kept_subsidies(on, only) if kept else _subsidies(on, only)
    yield "works", grouped(ProjectPayment.fund, _year(ProjectPayment.paid_on), ProjectPayment.amount, ProjectPayment.deleted == 0,
                           ProjectPayment.paid_on <= on)  # fmt: skip
    turned = (SurplusUse.deleted == 0, SurplusUse.approved_on <= on)
    yield "turned", grouped(SurplusUse.fund, SurplusUse.year, SurplusUse.amount, *turned)
    yield "added", grouped(literal(Fund.SURPLUS.value), _year(SurplusUse.approved_on), SurplusUse.amount, *turned)


def _of(fund: Any, only: str) -> list[ColumnElement[bool]]:
    """The condition that asks for one fund; none for all of them."""
    return [fund == only] if only else []


def totals_hold(session: Session, on: str) -> bool:
    """Whether the kept totals of periods tell of this day: nothing of a roster is being changed, and the day is not past.

    Millions of lines are not added up to show a balance.
    """
    pen = session.info.get("pen")
    if pen is not None:
        session.flush()
    return on >= str(session.scalar(select(func.on_day()))) and (pen is None or totals.LINES not in pen.tables)


def _kept_subsidies(on: str, only: str) -> Any:
    query = select(Period.fund, Period.year, func.sum(LOCAL_PERIOD.c.succeeded)).join_from(LOCAL_PERIOD, Period, LOCAL_PERIOD.c.period == Period.id)
    return query.where(Period.deleted == 0, *_of(Period.fund, only), or_(Period.paid_on.is_(None), Period.paid_on <= on)).group_by(Period.fund, Period.year)


def _subsidies(on: str, only: str) -> Any:
    """What arrived of the periods: a line without a day counts from the day of its period."""
    lines = select(SupportPayment.period, func.sum(SupportPayment.paid).label("amount"))
    lines = lines.where(SupportPayment.deleted == 0, SupportPayment.result == LineResult.PAID)
    if only:
        lines = lines.where(SupportPayment.period.in_(select(Period.id).where(Period.fund == only)))
    by_period = lines.where(or_(SupportPayment.paid_on.is_(None), SupportPayment.paid_on <= on)).group_by(SupportPayment.period).subquery()
    query = select(Period.fund, Period.year, func.sum(by_period.c.amount)).join_from(by_period, Period, by_period.c.period == Period.id)
    return query.where(Period.deleted == 0, or_(Period.paid_on.is_(None), Period.paid_on <= on)).group_by(Period.fund, Period.year)


def _committed(session: Session, on: str, project: str | None, only: str) -> Iterator[tuple[str, int]]:
    """Approved or with the bank, without an answer yet."""
    lines = select(PaymentBatch.fund, func.sum(Payment.amount)).join_from(Payment, PaymentBatch, Payment.batch == PaymentBatch.id)
    lines = lines.join(Agreement, Payment.agreement == Agreement.id).where(
        Payment.deleted == 0, Payment.result == PayResult.DUE, PaymentBatch.made_on <= on,
        PaymentBatch.state.in_((BatchState.APPROVED, BatchState.SENT)), *_of(PaymentBatch.fund, only))  # fmt: skip
    if project is not None:
        lines = lines.where(Agreement.project == project)
    yield from ((fund, int(amount or 0)) for fund, amount in session.execute(lines.group_by(PaymentBatch.fund)))
    if project is not None:
        return
    on_its_way = and_(Period.state.in_((PeriodState.APPROVED, PeriodState.SENT)), *_of(Period.fund, only))
    if totals_hold(session, on):
        waiting = select(Period.fund, func.sum(LOCAL_PERIOD.c.waiting)).join_from(LOCAL_PERIOD, Period, LOCAL_PERIOD.c.period == Period.id)
        waiting = waiting.where(Period.deleted == 0, on_its_way)
    else:
        waiting = select(Period.fund, func.sum(SupportPayment.paid)).join_from(SupportPayment, Period, SupportPayment.period == Period.id)
        waiting = waiting.where(SupportPayment.deleted == 0, SupportPayment.result == LineResult.DUE, on_its_way)
    yield from ((fund, int(amount or 0)) for fund, amount in session.execute(waiting.group_by(Period.fund)))


def promised(session: Session, fund: str, year: int) -> int:
    """分 of a year's rosters that are approved or with the bank and not answered yet."""
    waiting = select(func.sum(SupportPayment.paid)).join_from(SupportPayment, Period, SupportPayment.period == Period.id)
    waiting = waiting.where(SupportPayment.deleted == 0, SupportPayment.result == LineResult.DUE, Period.deleted == 0, Period.fund == fund,
                            Period.year == year, Period.state.in_((PeriodState.APPROVED, PeriodState.SENT)))  # fmt: skip
    return int(session.scalar(waiting) or 0)


# --- by fund and year ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year of a fund, in 分. `spent` is all that went out for good, `turned` what became money of projects."""

    fund: str
    year: int
    allocated: int = 0
    received: int = 0
    interest: int = 0
    spent: int = 0
    turned: int = 0

    @property
    def rate(self) -> str:
        """支出率 = 支出 ÷ 下达, of the same fund and year; "—" when nothing was allocated."""
        return percent(self.spent, self.allocated)


@dataclass(frozen=True, slots=True)
class FundSheet:
    """A fund on a day: its balance with the parts, its years, its allocations by age, and its 结存比例 with the denominator."""

    fund: str
    sums: Balance
    years: tuple[YearLine, ...]
    aged: tuple[Aged, ...]
    over: int  # spent beyond all allocations
    whole: int  # what the balance is measured against

    @property
    def held(self) -> str:
        """结存比例 = 结存 ÷ 下达 (cumulative or this year's, by setting)."""
        return percent(self.sums.balance, self.whole)

    @property
    def unspent(self) -> dict[str, int]:
        """当年, 结转 and 结余 in 分."""
        return sums_by_kind(self.aged)


@dataclass
class _Year:
    sums: Counter[str] = field(default_factory=Counter)

    def line(self, fund: str, year: int) -> YearLine:
        """As a line; money turned in is both allocated and received by the project side."""
        s = self.sums
        return YearLine(fund, year, s["allocated"] + s["added"], s["received"] + s["added"], s["interest"],
                        s["spent"] + s["paid"] + s["subsidy"] + s["works"], s["turned"])  # fmt: skip


def fund_sheets(session: Session, on: str) -> list[FundSheet]:
    """Every fund that moved, in the order of the list."""
    sums = balances(session, on)
    years: dict[tuple[str, int], _Year] = defaultdict(_Year)
    for move in _moves(session, on):
        years[move.fund, move.year].sums[move.what] += move.amount
    lots = _lots(session, on)
    by_year = settings.get(session, "fund.held_by") == settings.HeldBy.YEAR
    found = []
    for fund, counted in sums.items():
        lines = tuple(years[key].line(*key) for key in sorted(years, reverse=True) if key[0] == fund)
        aged, over = age(lots.get(fund, []), counted.gone + counted.turned, on)
        whole = sum(line.allocated for line in lines if not by_year or line.year == int(on[:4]))
        found.append(FundSheet(fund, counted, lines, tuple(aged), over, whole))
    return found


def _lots(session: Session, on: str) -> dict[str, list[Lot]]:
    found: dict[str, list[Lot]] = defaultdict(list)
    papers = select(Allocation.fund, Allocation.document, Allocation.year, Allocation.issued_on, Allocation.amount)
    for fund, document, year, day, amount in session.execute(papers.where(Allocation.deleted == 0, Allocation.issued_on <= on)):
        found[fund].append(Lot(document, year, day, amount))
    turned = select(SurplusUse.document, SurplusUse.line, SurplusUse.approved_on, SurplusUse.amount)
    for row in session.execute(turned.where(SurplusUse.deleted == 0, SurplusUse.approved_on <= on)):
        found[Fund.SURPLUS.value].append(Lot(row.document or row.line or "", int(row.approved_on[:4]), row.approved_on, row.amount))
    return found


# --- surplus ---------------------------------------------------------------------------------------------------------


def surplus_lines(session: Session, on: str, fund: str = "", year: int = 0) -> list[SurplusLine]:
    """Received = paid + turned + balance for every year of the subsidy and of each fund that was turned, the newest first.

    Of a named fund every year is told.
    """
    sums: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    turned = {Fund.SUBSIDY.value, fund}
    for move in _moves(session, on):
        sums[move.fund, move.year][move.what] += move.amount
        if move.what == "turned":
            turned.add(move.fund)
    wanted = [key for key in sorted(sums, key=lambda key: (key[0], -key[1])) if key[0] in turned and fund in ("", key[0]) and year in (0, key[1])]
    found = []
    for one in wanted:
        s = sums[one]
        line = SurplusLine(*one, s["received"], s["spent"] + s["paid"] + s["subsidy"] + s["works"], s["turned"])
        if line.received or line.paid or line.turned:
            found.append(line)
    return found
