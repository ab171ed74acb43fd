"""The calendar of working days that terms are counted by: public holidays and worked weekends, and the years it knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from relocdesk.rules.days import Holidays, due_on, due_on_workday
from relocdesk.words import words


@dataclass(frozen=True)
class Calendar:
    """Days that differ from Monday–Friday (ISO date → whether people work), and whether a term's end moves off a holiday.

    `roll_over`: 民法典 art. 203, a last day on a holiday moves to the day after the holiday. [unsure: setting]
    """

    days: Holidays = field(default_factory=dict)
    roll_over: bool = True
    years: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "years", frozenset(int(day[:4]) for day in self.days))

    def due(self, start: str, days: int) -> str:
        """The last day of a term of calendar days; the first day is not counted (民法典 arts 201, 203)."""
        return due_on(start, days, roll_over=self.roll_over, holidays=self.days)

    def due_workdays(self, start: str, days: int) -> str:
        """The last day of a term of working days; the first day is not counted."""
        return due_on_workday(start, days, self.days)

    def doubt(self, *days: str | None) -> str:
        """A sentence when the holidays of a year are not known, so that weekends alone were counted; "" otherwise."""
        unknown = sorted({day[:4] for day in days if day and int(day[:4]) not in self.years})
        return f"{'、'.join(unknown)} 年的放假安排还没有登记，只按周六、周日休息推算" if unknown else ""


def shipped() -> dict[str, bool]:
    """The holidays that come with the program: 国务院办公厅's yearly notices (resources/words/holidays.csv)."""
    return {row["day"]: row["kind"] == "work" for row in words("holidays")}


def calendar(own: Iterable[tuple[str, str]], *, roll_over: bool = True) -> Calendar:
    """The shipped holidays overridden by the office's own rows (ISO date, "off" or "work").

    >>> calendar([("2026-01-02", "work")]).due("2025-12-18", 15), calendar([]).due("2025-12-18", 15)
    ('2026-01-02', '2026-01-04')
    """
    return Calendar(_shipped_days() | {day: kind == "work" for day, kind in own}, roll_over)


@lru_cache(1)
def _shipped_days() -> dict[str, bool]:
    return shipped()


@lru_cache(16)
def calendar_of_text(own: str, roll_over: bool) -> Calendar:
    """The calendar of the office's rows written as one text "2027-01-01 off,2027-01-02 off"; kept, because SQL asks for each row."""
    pairs = (piece.split(" ") for piece in own.split(",") if piece)
    return calendar(((day, kind) for day, kind in pairs), roll_over=roll_over)

