"""After-support (后期扶持): how long a person is supported, from which month payment stops, what is due and what was overpaid.

Months are texts YYYY-MM, money is 分. Nothing here knows today or a policy by heart: what differs by province and year (stop rule,
cycle, end of the cohort, years) is handed in by the caller, who takes the policy row valid on the date.
Sources: 国发〔2006〕17号 (cohorts, 600 元, 20 years), 云搬发〔2022〕174号 (核减 D1–D5, next cycle, prison), 民法典 arts 48, 50
(declared dead and returning).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relocdesk.rules.days import add_months, months_between
from relocdesk.rules.money import half_up

SAME_MONTH, NEXT_MONTH, NEXT_CYCLE = "same_month", "next_month", "next_cycle"
FIRST_COHORT_ENDS = "2006-06-30"
"""The last day of moving that makes somebody 现状人口; from the next day on people are 原迁人口 (国发〔2006〕17号)."""

PENDING_DAYS = 180
"""A change found longer ago that nobody approved came with an old ledger: it waits for nothing and is not posted again."""

Break = tuple[str, str | None]
"""(first month not payable, first month payable again); None while nothing has brought the person back."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a change does to payment: the day it happened, whether it stops or restarts, the rule valid on that day."""

    on: str
    stops: bool
    rule: str = NEXT_CYCLE
    cycle: int = 3


@dataclass(frozen=True, slots=True)
class Paid:
    """What one person got for one period: its months, the standard in 分 a year and the sum in 分 that arrived for it."""

    period: str
    first_month: str
    last_month: str
    standard: int
    paid: int


@dataclass(frozen=True, slots=True)
class OverPaid:
    """One period in which more arrived than was due: months not due, sum in 分 to come back."""

    period: str
    months: int
    amount: int


def belongs_to_first_cohort(moved_on: str) -> bool:
    """Whether one who moved that day is 现状人口 (up to and including 2006-06-30; 国发〔2006〕17号).

    >>> belongs_to_first_cohort("2006-06-30"), belongs_to_first_cohort("2006-07-01")
    (True, False)
    """
    return moved_on <= FIRST_COHORT_ENDS


def end_of_present(cohort_end: str) -> str:
    """The last payable month of 现状人口: the month in which the cohort's end lies (a dated policy row; 国发〔2006〕17号).

    >>> end_of_present("2026-06-30"), end_of_present("2026-07-01")
    ('2026-06', '2026-07')
    """
    return cohort_end[:7]


def end_of_original(moved_on: str | None, start_month: str, years: int = 20) -> str:
    """The last payable month of 原迁人口: so many years from the completion of the own move (国发〔2006〕17号).

    The month of the move counts as the first; without a day of moving the first month of support does. 20 years are 240 months.

    >>> end_of_original("2006-07-01", "2006-07"), end_of_original("2008-02-29", "2008-03"), end_of_original(None, "2010-05")
    ('2026-06', '2028-01', '2030-04')
    """
    return add_months(moved_on[:7] if moved_on else start_month, years * 12 - 1)


def stop_month(happened_on: str, rule: str, cycle: int) -> str:
    """The first month no longer payable after an event; for a return the first payable one (cycle: months, counted from January).

    云搬发〔2022〕174号: 在下一周期内停止发放, so the cycle in which it happened is still paid; other provinces stop in the same month
    or the next. An unknown rule or a cycle that does not divide the year is a ValueError.

    >>> [stop_month("2026-05-31", rule, 3) for rule in (SAME_MONTH, NEXT_MONTH, NEXT_CYCLE)]
    ['2026-05', '2026-06', '2026-07']
    """
    if cycle not in (1, 2, 3, 4, 6, 12):
        raise ValueError(f"a cycle of {cycle} months does not divide the year")
    month = happened_on[:7]
    if rule == SAME_MONTH:
        return month
    if rule == NEXT_MONTH:
        return add_months(month, 1)
    if rule == NEXT_CYCLE:
        return add_months(month, cycle - (int(month[5:7]) - 1) % cycle)
    raise ValueError(f"unknown stop rule {rule}")


def breaks(events: Iterable[Event]) -> list[Break]:
    """The stretches without payment, from a person's events in order of their days.

    A second stop inside a stretch and a return without a stop change nothing. Months withheld are neither paid later nor added
    at the end (云搬发〔2022〕174号: 不予补发、期限不顺延). A stretch that ends before it began to count is none; one that begins
    before payment came back (a stop rule that became stricter in between) goes on with the one before, so that no month is lost twice.

    >>> breaks([Event("2024-05-10", True), Event("2025-02-01", False)])
    [('2024-07', '2025-04')]
    """
    found: list[Break] = []
    since: str | None = None
    for event in sorted(events, key=lambda one: (one.on, not one.stops)):
        month = stop_month(event.on, event.rule, event.cycle)
        if event.stops and since is None:
            since = found.pop()[0] if found and month <= str(found[-1][1]) else month
        elif not event.stops and since is not None:
            if month > since:
                found.append((since, month))
            since = None
    if since is not None:
        found.append((since, None))
    return found


def entitled_months(first_month: str, last_month: str, start_month: str, end_month: str | None, gaps: Sequence[Break] = ()) -> int:
    """How many months of a period are due: inside start and end (both included) and outside the breaks.

    Without an end month the period itself is the end (an extension that only warns). A period whose end lies before its start is a
    ValueError.

    >>> entitled_months("2026-04", "2026-06", "2006-07", "2026-05"), entitled_months("2026-04", "2026-06", "2006-07", None, [("2026-06", None)])
    (2, 2)
    """
    if last_month < first_month:
        raise ValueError(f"a period from {first_month} to {last_month}")
    first = max(first_month, start_month)
    last = min(last_month, end_month) if end_month is not None else last_month
    if last < first:
        return 0
    months = months_between(first, last) + 1
    for since, until in gaps:
        lost_from, lost_to = max(first, since), last if until is None else min(last, add_months(until, -1))
        if lost_from <= lost_to:
            months -= months_between(lost_from, lost_to) + 1
    return months


def months_after_end(first_month: str, last_month: str, end_month: str) -> int:
    """How many months of a period lie after somebody's last payable month: what an extension that only warns lets pass.

    >>> months_after_end("2026-04", "2026-06", "2026-05"), months_after_end("2026-04", "2026-06", "2026-06")
    (1, 0)
    """
    first = max(first_month, add_months(end_month, 1))
    return months_between(first, last_month) + 1 if first <= last_month else 0


def due(months: int, standard: int) -> int:
    """分 due for so many months of a yearly standard in 分, rounded half up once (600 元 a year: 国发〔2006〕17号).

    >>> due(3, 60_000), due(1, 60_000), due(7, 100_00)
    (15000, 5000, 5833)
    """
    return half_up(months * standard, 12)


def over_paid(lines: Iterable[Paid], start_month: str, end_month: str | None, gaps: Sequence[Break]) -> list[OverPaid]:
    """What arrived for past periods beyond what was due, after all that is known now: a death told late, a sentence, a hiring.

    One entry for each period with money to come back (追缴), in the order given.

    >>> quarters = [Paid(f"2026-{n}", f"2026-{3 * n - 2:02d}", f"2026-{3 * n:02d}", 60_000, 15_000) for n in (1, 2, 3)]
    >>> over_paid(quarters, "2006-07", None, [("2026-04", None)])
    [OverPaid(period='2026-2', months=3, amount=15000), OverPaid(period='2026-3', months=3, amount=15000)]
    """
    found = []
    for line in lines:
        entitled = entitled_months(line.first_month, line.last_month, start_month, end_month, gaps)
        extra = line.paid - due(entitled, line.standard)
        if extra > 0:
            whole = months_between(line.first_month, line.last_month) + 1
            found.append(OverPaid(line.period, whole - entitled, extra))
    return found


def leaving(end_months: Iterable[str], first_year: int, last_year: int) -> dict[int, int]:
    """How many people's support ends in each of the years, from their last payable months.

    >>> leaving(["2026-06", "2026-12", "2028-01"], 2026, 2028)
    {2026: 2, 2027: 0, 2028: 1}
    """
    found = dict.fromkeys(range(first_year, last_year + 1), 0)
    for month in end_months:
        year = int(month[:4])
        if year in found:
            found[year] += 1
    return found
