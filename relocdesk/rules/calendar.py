"""The calendar of working days that terms are counted by: public holidays and worked weekends, and the years it knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from relocdesk.rules.days import Holidays, due_on, due_on_workday
from relocdesk.words import words

STATUTORY = ("元旦", "春节", "清明", "劳动节", "端午", "中秋", "国庆")
"""What every yearly notice arranges (全国年节及纪念日放假办法 art. 2): a year that lacks one of them has not been entered whole."""


@dataclass(frozen=True)
class Calendar:
    """Days that differ from Monday–Friday (ISO date → whether people work), and whether a term's end moves off a holiday.

    `roll_over`: 民法典 art. 203, a last day on a holiday moves to the day after the holiday. [unsure: setting]
    `partly`: years that the office has begun to enter → the holidays they still lack; `years` are those known whole.
    """

    days: Holidays = field(default_factory=dict)
    roll_over: bool = True
    partly: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    years: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "years", frozenset(int(day[:4]) for day in self.days) - self.partly.keys())

    def due(self, start: str, days: int) -> str:
        """The last day of a term of calendar days; the first day is not counted (民法典 arts 201, 203)."""
        return due_on(start, days, roll_over=self.roll_over, holidays=self.days)

    def due_workdays(self, start: str, days: int) -> str:
        """The last day of a term of working days; the first day is not counted."""
        return due_on_workday(start, days, self.days)

    @property
    def known(self) -> str:
        """The years known whole in words.

        >>> Calendar({f"{year}-01-01": False for year in (2024, 2025, 2026, 2028)}).known
        '2024—2026、2028'
        """
        starts = [year for year in sorted(self.years) if year - 1 not in self.years]
        ends = [year for year in sorted(self.years) if year + 1 not in self.years]
        return "、".join(str(one) if one == last else f"{one}—{last}" for one, last in zip(starts, ends, strict=True))

    def doubt(self, *days: str | None) -> str:
        """A sentence when the holidays of a year are not known whole, so that weekends alone were counted; "" otherwise."""
        unknown = sorted({day[:4] for day in days if day and int(day[:4]) not in self.years})
        begun = {year: lacks for year in unknown if (lacks := self.partly.get(int(year)))}
        never = "、".join(year for year in unknown if year not in begun)
        said = [f"{never} 年的放假安排还没有登记，只按周六、周日休息推算"] if never else []
        said += [f"{year} 年的放假安排没有登记全，缺{'、'.join(lacks)}，这几个节日只按周六、周日休息推算" for year, lacks in begun.items()]
        return "；".join(said)


def shipped() -> dict[str, bool]:
    """The holidays that come with the program: 国务院办公厅's yearly notices (resources/words/holidays.csv)."""
    return {row["day"]: row["kind"] == "work" for row in words("holidays")}


def calendar(own: Iterable[tuple[str, str, str]], *, roll_over: bool = True) -> Calendar:
    """The shipped holidays overridden by the office's own rows (ISO date, "off" or "work", the holiday's name or "").

    A year that is not shipped is known once the office's days off name all of STATUTORY (国庆节、中秋节 in one name counts as both).

    >>> calendar([("2026-01-02", "work", "")]).due("2025-12-18", 15), calendar([]).due("2025-12-18", 15)
    ('2026-01-02', '2026-01-04')
    """
    rows = tuple(own)
    return Calendar(_shipped_days() | {day: kind == "work" for day, kind, _ in rows}, roll_over, _partly(rows))


def _partly(rows: Iterable[tuple[str, str, str]]) -> dict[int, tuple[str, ...]]:
    """Years begun by the office and not shipped → the statutory holidays that no day off of theirs names."""
    known = {int(day[:4]) for day in _shipped_days()}
    named: dict[int, str] = {}
    for day, kind, name in rows:
        if int(day[:4]) not in known:
            named[int(day[:4])] = named.get(int(day[:4]), "") + (f"{name} " if kind == "off" else "")
    lacking = {year: tuple(one for one in STATUTORY if one not in names) for year, names in named.items()}
    return {year: lacks for year, lacks in lacking.items() if lacks}


@lru_cache(1)
def _shipped_days() -> dict[str, bool]:
    return shipped()


@lru_cache(16)
def calendar_of_text(own: str, roll_over: bool) -> Calendar:
    """The calendar of the office's rows written as one text "2027-01-01 off,2027-01-02 off"; kept, because SQL asks for each row.

    It counts days; which years are known whole is asked of `calendar`.
    """
    pairs = (piece.split(" ") for piece in own.split(",") if piece)
    return calendar(((day, kind, "") for day, kind in pairs), roll_over=roll_over)
