"""Columns of a ledger that are lines of their own records: what one is, and what all of them would do."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from relocdesk.entry import Judgement, Trouble


@dataclass(frozen=True, slots=True)
class Side:
    """A column that belongs to a child: its place in the sheet's cells, the child's register, its choice ("" for none), and which field."""

    column: int
    title: str
    register: str
    choice: str
    name: str
    factor: Decimal = Decimal(1)


@dataclass
class Sides:
    """What such columns would do: a judgement for each child register, and what is wrong with their cells."""

    columns: tuple[Side, ...] = ()
    parts: list[Judgement] = field(default_factory=list)
    problems: list[Trouble] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
