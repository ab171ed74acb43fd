"""Funds by year: rates, what of an allocation is unspent and for how long, the identity of surplus. Money in 分; no today()."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CURRENT, CARRIED, SURPLUS = "当年", "结转", "结余"


@dataclass(frozen=True, slots=True)
class Lot:
    """Money allocated on one paper: its name, the year it is for, the paper's day."""

    key: str
    year: int
    day: str
    amount: int


@dataclass(frozen=True, slots=True)
class Aged:
    """A lot with what has been spent of it and what that makes of the rest."""

    lot: Lot
    spent: int
    kind: str  # 当年 · 结转 · 结余; "" when nothing is left

    @property
    def left(self) -> int:
        """What is unspent."""
        return self.lot.amount - self.spent


def kind_of_rest(year: int, on: str) -> str:
    """What unspent money of a year's allocation is on a day.

    Unspent at the end of its year: 结转. Still unspent at the end of the following year: 结余, to be taken back.
    Sources: 预算法 art. 42, 预算法实施条例 art. 50. The last day of a year is its end.

    >>> [kind_of_rest(2024, on) for on in ("2024-12-30", "2024-12-31", "2025-12-30", "2025-12-31")]
    ['当年', '结转', '结转', '结余']
    """
    if on >= f"{year + 1}-12-31":
        return SURPLUS
    return CARRIED if on >= f"{year}-12-31" else CURRENT


def age(lots: Iterable[Lot], spent: int, on: str) -> tuple[list[Aged], int]:
    """Each lot with what was spent of it, oldest first, and what was spent beyond all of them.

    Money is taken to be spent in the order of the allocations (先下达先支出): by year, then by the day of the paper.
    """
    rest = max(spent, 0)
    found = []
    for lot in sorted(lots, key=lambda one: (one.year, one.day, one.key)):
        taken = max(min(rest, lot.amount), 0)
        rest -= taken
        found.append(Aged(lot, taken, kind_of_rest(lot.year, on) if taken < lot.amount else ""))
    return found, rest


def sums_by_kind(aged: Sequence[Aged]) -> dict[str, int]:
    """Unspent money by what it is: 当年, 结转, 结余."""
    return {kind: sum(one.left for one in aged if one.kind == kind) for kind in (CURRENT, CARRIED, SURPLUS)}


@dataclass(frozen=True, slots=True)
class SurplusLine:
    """A year of one source: received = paid + turned into projects + balance."""

    fund: str
    year: int
    received: int
    paid: int
    turned: int

    @property
    def balance(self) -> int:
        """What is still there; below zero more went out than came in."""
        return self.received - self.paid - self.turned
