"""Funds on a day: allocated, received, spent, left; the payment rate; and whether a fund can bear a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.errors import UserError
from relocdesk.queries.agreed import standings
from relocdesk.records.agreement import Agreement
from relocdesk.records.fund import Allocation, Fund, Interest, Receipt, Spending
from relocdesk.records.payment import BatchState, Payment, PaymentBatch, PayResult
from relocdesk.rules.money import percent, show_yuan


@dataclass(frozen=True, slots=True)
class Balance:
    """A fund on a day, in 分: on paper, in the account, gone out, and approved but not yet answered by the bank."""

    allocated: int
    received: int
    interest: int
    spent: int
    paid: int
    committed: int

    @property
    def balance(self) -> int:
        """结存: received + interest − other spending − paid to people."""
        return self.received + self.interest - self.spent - self.paid

    @property
    def available(self) -> int:
        """What may still be approved: the balance less what is approved and on its way."""
        return self.balance - self.committed


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


def balance(session: Session, fund: str, on: str, project: str | None = None) -> Balance:
    """A fund up to and including a day; of one project when given.

    Interest belongs to no project: it counts in the whole fund only. A returned payment does not count, one without a
    date counts as paid from the beginning.
    """

    def of_project(query: Select[Any], column: Any) -> Select[Any]:
        return query if project is None else query.where(column == project)

    def total(query: Select[Any]) -> int:
        return int(session.scalar(query) or 0)

    def paid(query: Callable[[Select[Any]], Select[Any]]) -> int:
        lines = (
            select(func.sum(Payment.amount))
            .join(PaymentBatch, Payment.batch == PaymentBatch.id)
            .join(Agreement, Payment.agreement == Agreement.id)
            .where(Payment.deleted == 0, PaymentBatch.fund == fund)
        )
        return total(of_project(query(lines), Agreement.project))

    allocated = select(func.sum(Allocation.amount)).where(Allocation.deleted == 0, Allocation.fund == fund, Allocation.issued_on <= on)
    received = (
        select(func.sum(Receipt.amount))
        .join(Allocation, Receipt.allocation == Allocation.id)
        .where(Receipt.deleted == 0, Allocation.deleted == 0, Allocation.fund == fund, Receipt.received_on <= on)
    )
    interest = select(func.sum(Interest.amount)).where(Interest.deleted == 0, Interest.fund == fund, Interest.received_on <= on)
    spent = select(func.sum(Spending.amount)).where(Spending.deleted == 0, Spending.fund == fund, Spending.paid_on <= on)
    return Balance(
        allocated=total(of_project(allocated, Allocation.project)),
        received=total(of_project(received, Allocation.project)),
        interest=total(interest) if project is None else 0,
        spent=total(of_project(spent, Spending.project)),
        paid=paid(lambda lines: lines.where(Payment.result == PayResult.PAID, or_(Payment.paid_on.is_(None), Payment.paid_on <= on))),
        committed=paid(
            lambda lines: lines.where(
                Payment.result == PayResult.DUE, PaymentBatch.made_on <= on, PaymentBatch.state.in_((BatchState.APPROVED, BatchState.SENT))
            )
        ),
    )


def payment_rate(session: Session, project: str | None, on: str, fund: str = Fund.PROJECT) -> PaymentRate:
    """兑付率 = 累计兑付 ÷ 累计到位 (F025) of a project, or of the whole fund when `project` is None."""
    found = balance(session, fund, on, project)
    agreed = sum(one.agreed for one in standings(session, on=on).values() if project is None or one.project == project)
    return PaymentRate(found.paid, found.received, found.allocated, agreed)


def shortage(session: Session, fund: str, on: str, needed: int, home: str = "") -> str:
    """A sentence when a fund cannot bear what is about to be approved, "" when it can; UserError when fund.block says so."""
    available = balance(session, fund, on).available
    if needed <= available:
        return ""
    text = f"“{Fund(fund).label}”可用余额 {show_yuan(available)} 元，不够本批 {show_yuan(needed)} 元"
    if settings.get(session, "fund.block", home) == settings.Strictness.BLOCK:
        raise UserError(text, hint="请等资金到位后登记“资金到位”，再审批")
    return text
