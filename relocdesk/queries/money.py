"""Where every 元 of compensation stands: drafted, signed, waiting in batches, paid, returned, unpaid; by project and place.

What one payee may still be paid and why it has not arrived is in `agreed`; funds and the payment rate are beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk.queries.agreed import Standing, standings, unanswered_returns, unpaid
from relocdesk.queries.land import LEVELS, grouping
from relocdesk.queries.places import Places
from relocdesk.records.agreement import Agreement, AgreementLine, AgreementState
from relocdesk.records.household import CollectiveUnit, Household


@dataclass(frozen=True, slots=True)
class Amounts:
    """Sums in 分. `drafted` is agreed on paper but not signed; `due` waits in batches; `returned` was not paid again yet."""

    drafted: int = 0
    signed: int = 0
    due: int = 0
    paid: int = 0
    returned: int = 0
    agreements: int = 0  # how many are signed

    @property
    def unpaid(self) -> int:
        """Signed but not arrived."""
        return self.signed - self.paid

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def amounts(session: Session, on: str, project: str = "", place: str = "") -> Amounts:
    """The money of a project (default: all) to payees in a place and below (default: all) as it stood on a day."""
    return amounts_by(session, "", on, project, place).get("", Amounts())


def amounts_by(session: Session, by: str, on: str, project: str = "", place: str = "") -> dict[str, Amounts]:
    """The same by "project", "place", "township", "village", "group", "kind", "household" or "collective"; key → Amounts.

    A payee lies where its household or collective lies. What was signed or paid later than the day does not count.
    """
    tree = Places.load(session)
    inside = tree.below(place) if place else None
    known = standings(session, on=on)
    returned = unanswered_returns(session, on)
    name = _key(by, tree)
    found: dict[str, Amounts] = {}
    for row in session.execute(_agreements()):
        if (project and row.project != project) or (inside is not None and row.place not in inside):
            continue
        back = sum(payment.amount for payment in returned.get(row.id, ()))
        found[name(row)] = found.get(name(row), Amounts()) + _of(row, known.get(row.id), back)
    return found


def _of(row: Any, standing: Standing | None, returned: int) -> Amounts:
    if standing is None:
        return Amounts()
    draft = row.total if row.state in (AgreementState.DRAFT, AgreementState.REVIEWED) else 0
    return Amounts(draft, standing.agreed, standing.due, standing.paid, returned, 1 if standing.signed and standing.agreed else 0)


def _agreements() -> Any:
    lines = select(AgreementLine.agreement, func.sum(AgreementLine.amount).label("total"))
    sums = lines.where(AgreementLine.deleted == 0).group_by(AgreementLine.agreement).subquery()
    where = func.coalesce(Household.place, CollectiveUnit.place).label("place")
    query = select(Agreement.id, Agreement.project, Agreement.kind, Agreement.state, Agreement.household, Agreement.collective, where,
                   func.coalesce(sums.c.total, 0).label("total"))  # fmt: skip
    query = query.outerjoin(Household, Agreement.household == Household.id)
    query = query.outerjoin(CollectiveUnit, Agreement.collective == CollectiveUnit.id)
    return query.outerjoin(sums, sums.c.agreement == Agreement.id).where(Agreement.deleted == 0)


def _key(by: str, tree: Places) -> Callable[[Any], str]:
    column = "place" if by in LEVELS or not by else by
    name = grouping(tree, by)
    return lambda row: name(getattr(row, column))


def unpaid_by_reason(session: Session, on: str, project: str = "") -> dict[str, tuple[int, int]]:
    """Reason → (how many parts, 分) of everything signed that has not arrived; the sums add up to signed − paid."""
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for part in unpaid(session, on, project):
        counts[part.reason] += 1
        sums[part.reason] += part.amount
    return {reason: (counts[reason], sums[reason]) for reason in counts}
