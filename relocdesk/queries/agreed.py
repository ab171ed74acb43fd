"""What was agreed with each payee, what of it is on its way and what was paid: the one place that adds it up.

An agreement and its supplements are one family: a supplement with a negative total reduces what the family may be paid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from relocdesk.ids import chunks
from relocdesk.records.agreement import Agreement, AgreementLine, AgreementState
from relocdesk.records.payment import BatchState, Payment, PaymentBatch, PayResult, UnpaidReason
from relocdesk.rules.days import days_between

_ALWAYS = "9999-12-31"

IN_BATCH, RETURNED, UNLISTED, OVERPAID = "在批次中", "退回未重付", "未列入批次", "多付待追回"
_NEXT_STEP = {
    BatchState.OPEN: "送复核",
    BatchState.CHECKED: "送审批",
    BatchState.APPROVED: "送银行",
    BatchState.SENT: "取银行回单",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one agreement stands, in 分.

    `agreed` is its signed total (0 unless signed), `due` what waits in batches, `paid` what arrived. `remainder` may still
    be put into a batch. `over`, on the first of a family only, is what was paid or put into batches beyond the agreed sum.
    """

    agreement: str
    number: str
    root: str
    home: str
    project: str
    household: str | None
    collective: str | None
    state: str  # "" for a deleted agreement
    signed_on: str | None
    handler: str | None
    agreed: int
    due: int
    paid: int
    remainder: int = 0
    over: int = 0

    @property
    def payee(self) -> tuple[str | None, str | None]:
        """Household and collective: one of them is the payee."""
        return self.household, self.collective

    @property
    def signed(self) -> bool:
        """Whether money may follow from it."""
        return self.state == AgreementState.SIGNED


def standings(session: Session, agreements: Collection[str] | None = None, on: str = "") -> dict[str, Standing]:
    """How agreements stand on a day (default: now), id → Standing; None takes the whole book.

    The families of the named agreements come along. On a past day, what was signed, put into a batch or paid later does
    not count; a payment without a date counts as paid from the beginning.
    """
    until = on or _ALWAYS
    rows = _families(session, agreements)
    ids = None if agreements is None else list(rows)
    totals = _totals(session, ids)
    money = _money(session, ids, until)
    families: dict[str, list[Standing]] = {}
    for row in rows.values():
        root = _root(rows, row.id)
        signed = row.state == AgreementState.SIGNED and not row.deleted and (row.signed_on or "") <= until
        due, paid = money.get(row.id, (0, 0))
        families.setdefault(root, []).append(
            Standing(
                row.id,
                row.number,
                root,
                row.home,
                row.project,
                row.household,
                row.collective,
                "" if row.deleted else row.state,
                row.signed_on,
                row.handler,
                totals.get(row.id, 0) if signed else 0,
                due,
                paid,
            )
        )
    return {one.agreement: one for family in families.values() for one in _shared(family)}


def _families(session: Session, agreements: Collection[str] | None) -> dict[str, Any]:
    query = select(
        Agreement.id,
        Agreement.number,
        Agreement.home,
        Agreement.project,
        Agreement.household,
        Agreement.collective,
        Agreement.state,
        Agreement.signed_on,
        Agreement.handler,
        Agreement.supplements,
        Agreement.deleted,
    )
    if agreements is None:
        return {row.id: row for row in session.execute(query).all()}
    found: dict[str, Any] = {}
    frontier, looked = set(agreements), set(agreements)
    while frontier:
        rows = [row for part in chunks(frontier) for row in session.execute(query.where(or_(Agreement.id.in_(part), Agreement.supplements.in_(part))))]
        found |= {row.id: row for row in rows}
        frontier = {one for row in rows for one in (row.id, row.supplements) if one} - looked
        looked |= frontier
    return found


def _root(rows: dict[str, Any], agreement: str) -> str:
    seen = {agreement}
    above = rows[agreement].supplements
    while above in rows and above not in seen:
        agreement = above
        seen.add(above)
        above = rows[agreement].supplements
    return agreement


def _within(column: Any, ids: list[str] | None) -> Iterator[ColumnElement[bool] | None]:
    if ids is None:
        yield None
    else:
        yield from (column.in_(part) for part in chunks(ids))


def _totals(session: Session, ids: list[str] | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for within in _within(AgreementLine.agreement, ids):
        query = select(AgreementLine.agreement, func.sum(AgreementLine.amount)).where(AgreementLine.deleted == 0)
        query = query if within is None else query.where(within)
        for agreement, total in session.execute(query.group_by(AgreementLine.agreement)):
            found[agreement] = total or 0
    return found


def _money(session: Session, ids: list[str] | None, until: str) -> dict[str, tuple[int, int]]:
    """Agreement → (due, paid) on a day."""
    arrived = and_(Payment.result == PayResult.PAID, or_(Payment.paid_on.is_(None), Payment.paid_on <= until))
    waiting = or_(Payment.result == PayResult.DUE, and_(Payment.result == PayResult.PAID, Payment.paid_on > until))
    found = {}
    for within in _within(Payment.agreement, ids):
        query = (
            select(
                Payment.agreement,
                func.sum(case((and_(waiting, PaymentBatch.made_on <= until), Payment.amount), else_=0)),
                func.sum(case((arrived, Payment.amount), else_=0)),
            )
            .join(PaymentBatch, Payment.batch == PaymentBatch.id)
            .where(Payment.deleted == 0)
        )
        query = query if within is None else query.where(within)
        for agreement, due, paid in session.execute(query.group_by(Payment.agreement)):
            found[agreement] = (due, paid)
    return found


def _shared(family: list[Standing]) -> list[Standing]:
    """The family with its remainders: what one agreement is short of is taken from the others, the first one first."""
    family.sort(key=lambda one: (one.agreement != one.root, one.number))
    free = [one.agreed - one.due - one.paid for one in family]
    short = -sum(amount for amount in free if amount < 0)
    shared = []
    for one, amount in zip(family, free, strict=True):
        taken = min(max(amount, 0), short)
        short -= taken
        rest = max(amount, 0) - taken
        shared.append(replace(one, remainder=rest) if rest else one)  # of a county's agreements most are paid
    if short:
        shared[0] = replace(shared[0], over=short)
    return shared


# --- why agreed money has not arrived --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A part of an agreed sum that has not arrived: how much (分), why, for how many days, whose task, what comes next.

    The amount is negative only for 多付待追回. `batch` is filled while the money waits in one.
    """

    agreement: str
    number: str
    home: str
    project: str
    household: str | None
    collective: str | None
    amount: int
    reason: str
    age: int
    owner: str = ""
    next_step: str = ""
    batch: str = ""


def unpaid(session: Session, on: str, project: str = "", agreements: Collection[str] | None = None) -> list[Unpaid]:
    """Every part of every signed sum that has not arrived by `on`; the amounts add up to agreed − paid exactly."""
    standing = standings(session, agreements, on)
    reasons = {(row.agreement, row.household, row.collective): row for row in session.scalars(select(UnpaidReason).where(UnpaidReason.deleted == 0))}
    waiting = _waiting(session, on)
    returned = unanswered_returns(session, on)
    found: list[Unpaid] = []
    for one in standing.values():
        if project and one.project != project:
            continue
        found += _waiting_parts(one, waiting.get(one.agreement, []), on)
        found += _open_parts(one, reasons.get((one.agreement, *one.payee)), returned.get(one.agreement, []), on)
    return sorted(found, key=lambda part: (-part.age, part.number, part.reason))


def unlisted(session: Session, on: str) -> list[Unpaid]:
    """What `unpaid` calls 未列入批次, found without looking at agreements whose sums are all on their way or paid: most of a county's."""
    signed = select(func.sum(AgreementLine.amount)).where(AgreementLine.agreement == Agreement.id, AgreementLine.deleted == 0)
    counted = or_(and_(Payment.result == PayResult.DUE, PaymentBatch.made_on <= on),
                  and_(Payment.result == PayResult.PAID, or_(Payment.paid_on.is_(None), Payment.paid_on <= on, PaymentBatch.made_on <= on)))  # fmt: skip
    moved = select(func.sum(Payment.amount)).join(PaymentBatch, Payment.batch == PaymentBatch.id)
    moved = moved.where(Payment.agreement == Agreement.id, Payment.deleted == 0, counted)
    free = func.coalesce(signed.scalar_subquery(), 0) - func.coalesce(moved.scalar_subquery(), 0)
    short = session.scalars(select(Agreement.id).where(Agreement.deleted == 0, Agreement.state == AgreementState.SIGNED, free > 0)).all()
    return [part for part in unpaid(session, on, agreements=short) if part.reason == UNLISTED]


def _part(one: Standing, amount: int, reason: str, since: str | None, on: str, **more: str) -> Unpaid:
    age = max(0, days_between(since, on)) if since else 0
    return Unpaid(one.agreement, one.number, one.home, one.project, one.household, one.collective, amount, reason, age, **{"owner": one.handler or "", **more})


def _waiting(session: Session, on: str) -> dict[str, list[Any]]:
    query = (
        select(Payment.agreement, Payment.amount, PaymentBatch.number, PaymentBatch.made_on, PaymentBatch.made_by, PaymentBatch.state)
        .join(PaymentBatch, Payment.batch == PaymentBatch.id)
        .where(Payment.deleted == 0, PaymentBatch.made_on <= on)
        .where(or_(Payment.result == PayResult.DUE, and_(Payment.result == PayResult.PAID, Payment.paid_on > on)))
    )
    found: dict[str, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.agreement, []).append(row)
    return found


def _waiting_parts(one: Standing, lines: list[Any], on: str) -> Iterator[Unpaid]:
    for line in lines:
        step = _NEXT_STEP.get(BatchState(line.state), "取银行回单")
        yield _part(one, line.amount, IN_BATCH, line.made_on, on, owner=line.made_by or "", next_step=step, batch=line.number)


def unanswered_returns(session: Session, on: str = "") -> dict[str, list[Payment]]:
    """Agreement → its returned lines that no other line has replaced yet, oldest first."""
    answered = select(Payment.again_of).where(Payment.deleted == 0, Payment.again_of.is_not(None))
    query = (
        select(Payment)
        .join(PaymentBatch, Payment.batch == PaymentBatch.id)
        .where(Payment.deleted == 0, Payment.result == PayResult.RETURNED, Payment.id.not_in(answered))
        .where(PaymentBatch.made_on <= (on or _ALWAYS))
        .order_by(Payment.serial, Payment.id)
    )
    found: dict[str, list[Payment]] = {}
    for payment in session.scalars(query):
        found.setdefault(payment.agreement, []).append(payment)
    return found


def _open_parts(one: Standing, reason: UnpaidReason | None, returned: list[Payment], on: str) -> Iterator[Unpaid]:
    if one.over:
        yield _part(one, -one.over, OVERPAID, one.signed_on, on, next_step="核对后追回或抵扣")
    if not one.remainder:
        return
    if reason is not None:
        yield _part(
            one, one.remainder, reason.reason, reason.since or one.signed_on, on, owner=reason.owner or one.handler or "", next_step=reason.next_step or ""
        )
        return
    sent_back = min(one.remainder, sum(line.amount for line in returned))
    if sent_back:
        why = "、".join(dict.fromkeys(line.return_reason for line in returned if line.return_reason))
        yield _part(one, sent_back, RETURNED, one.signed_on, on, next_step=f"更正后重付（{why}）" if why else "更正后重付")
    if one.remainder > sent_back:
        yield _part(one, one.remainder - sent_back, UNLISTED, one.signed_on, on, next_step="列入兑付批次")
