"""After-support: both cohorts, the stop rules, prison and release, deaths told late — tables of cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.rules.days import add_months
from relocdesk.rules.support import (
    NEXT_CYCLE,
    NEXT_MONTH,
    SAME_MONTH,
    Break,
    Event,
    OverPaid,
    Paid,
    belongs_to_first_cohort,
    breaks,
    due,
    end_of_original,
    end_of_present,
    entitled_months,
    leaving,
    months_after_end,
    over_paid,
    stop_month,
)

YEAR = 600_00  # 分 a person and year


@pytest.mark.parametrize(
    ("moved_on", "first"), [("2006-06-30", True), ("2006-07-01", False), ("1958-03-01", True), ("2019-11-22", False)]
)
def test_the_cohort_follows_from_the_day_of_moving(moved_on: str, first: bool) -> None:
    assert belongs_to_first_cohort(moved_on) is first


@pytest.mark.parametrize(("end", "month"), [("2026-06-30", "2026-06"), ("2026-07-01", "2026-07"), ("2046-06-30", "2046-06")])
def test_the_first_cohort_ends_with_its_policy_row(end: str, month: str) -> None:
    assert end_of_present(end) == month


@pytest.mark.parametrize(
    ("moved_on", "start", "end"),
    [
        ("2006-07-01", "2006-07", "2026-06"),
        ("2006-07-31", "2006-07", "2026-06"),
        ("2006-08-01", "2006-08", "2026-07"),
        ("2008-02-29", "2008-03", "2028-01"),
        ("2010-12-31", "2011-01", "2030-11"),
        ("2011-01-01", "2011-01", "2030-12"),
        (None, "2012-04", "2032-03"),
    ],
)
def test_the_second_cohort_has_twenty_years_from_its_own_move(moved_on: str | None, start: str, end: str) -> None:
    assert end_of_original(moved_on, start) == end


@pytest.mark.parametrize(
    ("on", "rule", "cycle", "month"),
    [
        ("2026-05-31", SAME_MONTH, 3, "2026-05"),
        ("2026-05-31", NEXT_MONTH, 3, "2026-06"),
        ("2026-05-31", NEXT_CYCLE, 3, "2026-07"),
        ("2026-06-30", NEXT_CYCLE, 3, "2026-07"),
        ("2026-07-01", NEXT_CYCLE, 3, "2026-10"),
        ("2026-07-01", SAME_MONTH, 3, "2026-07"),
        ("2026-12-31", NEXT_MONTH, 3, "2027-01"),
        ("2026-12-01", NEXT_CYCLE, 3, "2027-01"),
        ("2024-02-29", NEXT_CYCLE, 1, "2024-03"),
        ("2026-01-01", NEXT_CYCLE, 6, "2026-07"),
        ("2026-06-30", NEXT_CYCLE, 6, "2026-07"),
        ("2026-07-01", NEXT_CYCLE, 12, "2027-01"),
    ],
)
def test_the_month_from_which_payment_stops(on: str, rule: str, cycle: int, month: str) -> None:
    assert stop_month(on, rule, cycle) == month


def test_rules_and_cycles_nobody_knows_are_refused() -> None:
    with pytest.raises(ValueError):
        stop_month("2026-05-31", "whenever", 3)
    with pytest.raises(ValueError):
        stop_month("2026-05-31", NEXT_CYCLE, 5)


@pytest.mark.parametrize(
    ("first", "last", "start", "end", "gaps", "months"),
    [
        ("2026-04", "2026-06", "2006-07", "2026-06", [], 3),  # the last full quarter of the first cohort
        ("2026-07", "2026-09", "2006-07", "2026-06", [], 0),  # and the one after
        ("2026-07", "2026-09", "2006-07", None, [], 3),  # an extension that only warns
        ("2026-07", "2026-09", "2006-07", "2026-07", [], 1),  # ends on 07-01
        ("2026-04", "2026-06", "2026-05", "2046-04", [], 2),  # moved in mid-period
        ("2026-04", "2026-06", "2026-07", "2046-06", [], 0),  # not yet
        ("2026-04", "2026-06", "2006-07", None, [("2026-04", None)], 0),
        ("2026-04", "2026-06", "2006-07", None, [("2026-05", "2026-06")], 2),  # back within the period
        ("2026-04", "2026-06", "2006-07", None, [("2025-01", "2026-06")], 1),  # released: from the month of return, no back-pay
        ("2026-01", "2026-12", "2006-07", "2026-10", [("2026-02", "2026-03"), ("2026-09", None)], 7),
        ("2026-01", "2026-12", "2006-07", None, [("2027-01", None)], 12),
        ("2024-02", "2024-02", "2006-07", None, [], 1),
    ],
)
def test_months_of_a_period(first: str, last: str, start: str, end: str | None, gaps: list[Break], months: int) -> None:
    assert entitled_months(first, last, start, end, gaps) == months


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError):
        entitled_months("2026-06", "2026-04", "2006-07", None)


def test_prison_and_release_neither_pay_later_nor_last_longer() -> None:
    gaps = breaks([Event("2023-02-10", True), Event("2024-08-20", False)])
    assert gaps == [("2023-04", "2024-10")]
    end = end_of_original("2010-05-20", "2010-05")
    paid = sum(entitled_months(f"{year}-{q:02d}", f"{year}-{q + 2:02d}", "2010-05", end, gaps) for year in range(2010, 2040) for q in (1, 4, 7, 10))
    assert paid == 240 - 18


@pytest.mark.parametrize(
    ("events", "gaps"),
    [
        ([], []),
        ([Event("2024-05-10", False)], []),  # a return without a stop
        ([Event("2024-05-10", True), Event("2024-08-01", True)], [("2024-07", None)]),  # dead after prison
        ([Event("2025-02-01", False), Event("2024-05-10", True)], [("2024-07", "2025-04")]),  # told in the wrong order
        ([Event("2024-05-10", True), Event("2024-06-11", False)], []),  # in and out within one cycle: nothing is lost
        ([Event("2024-05-10", True, SAME_MONTH), Event("2024-06-11", False, NEXT_MONTH)], [("2024-05", "2024-07")]),
        ([Event("2020-01-05", True), Event("2020-05-05", False), Event("2021-01-05", True)], [("2020-04", "2020-07"), ("2021-04", None)]),
        ([Event("2024-05-10", True, NEXT_CYCLE, 12), Event("2025-05-10", False, NEXT_CYCLE, 12), Event("2025-08-10", True, SAME_MONTH)],
         [("2025-01", None)]),  # the rule became stricter before payment had come back: no month is lost twice
    ],
)
def test_breaks(events: list[Event], gaps: list[Break]) -> None:
    assert breaks(events) == gaps


def _quarters(year: int, *numbers: int, paid: int = 150_00) -> list[Paid]:
    return [Paid(f"{year}-{n}", f"{year}-{3 * n - 2:02d}", f"{year}-{3 * n:02d}", YEAR, paid) for n in numbers]


@pytest.mark.parametrize(
    ("rule", "sums"),
    [
        (SAME_MONTH, {"2025-2": 100_00, "2025-3": 150_00, "2025-4": 150_00, "2026-1": 150_00}),
        (NEXT_MONTH, {"2025-2": 50_00, "2025-3": 150_00, "2025-4": 150_00, "2026-1": 150_00}),
        (NEXT_CYCLE, {"2025-3": 150_00, "2025-4": 150_00, "2026-1": 150_00}),
    ],
)
def test_a_death_told_three_periods_late(rule: str, sums: dict[str, int]) -> None:
    lines = _quarters(2025, 1, 2, 3, 4) + _quarters(2026, 1)
    found = over_paid(lines, "2006-07", "2026-06", breaks([Event("2025-05-20", True, rule)]))
    assert {one.period: one.amount for one in found} == sums
    assert sum(one.months for one in found) * 50_00 == sum(sums.values())


def test_what_was_paid_rightly_is_not_asked_back() -> None:
    assert over_paid(_quarters(2025, 1, 2), "2006-07", "2026-06", [("2025-07", None)]) == []
    assert over_paid(_quarters(2025, 3, paid=0), "2006-07", "2026-06", [("2025-07", None)]) == []
    assert over_paid(_quarters(2025, 3, paid=50_00), "2006-07", "2026-06", [("2025-08", None)]) == []
    assert over_paid(_quarters(2026, 3), "2006-07", "2026-06", []) == [OverPaid("2026-3", 3, 150_00)]


@pytest.mark.parametrize(("months", "standard", "fen"), [(3, YEAR, 150_00), (1, YEAR, 50_00), (0, YEAR, 0), (1, 100_00, 8_33), (5, 100_06, 41_69)])
def test_due_is_rounded_once(months: int, standard: int, fen: int) -> None:
    assert due(months, standard) == fen


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 40), st.integers(0, 40))
def test_parts_of_a_period_add_up(first: int, start: int, length: int, cut: int) -> None:
    """However a stretch is cut into two periods, the months due are the same."""
    month, begins = add_months("2006-07", first), add_months("2006-07", start)
    last, middle = add_months(month, length + 1), add_months(month, min(cut, length))
    gaps = [(add_months(month, 3), add_months(month, 9))]
    end = "2026-06"
    parts = entitled_months(month, middle, begins, end, gaps) + entitled_months(add_months(middle, 1), last, begins, end, gaps)
    assert parts == entitled_months(month, last, begins, end, gaps)


@pytest.mark.parametrize(("end", "months"), [("2026-03", 3), ("2026-05", 1), ("2026-06", 0), ("2030-01", 0)])
def test_months_after_the_end(end: str, months: int) -> None:
    assert months_after_end("2026-04", "2026-06", end) == months


def test_who_leaves_each_year() -> None:
    assert leaving(["2026-06", "2026-12", "2028-01", "2050-01"], 2026, 2029) == {2026: 2, 2027: 0, 2028: 1, 2029: 0}
