"""Dates: vouchers, terms, leases and ages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.errors import UserError
from relocdesk.rules.days import (
    add_days,
    add_months,
    age,
    chinese_date,
    chinese_month,
    date_capital,
    days_between,
    due_on,
    due_on_workday,
    is_workday,
    lease_years_e6,
    months_between,
    workdays_between,
)

NATIONAL_DAY = {f"2026-10-0{n}": False for n in range(1, 8)} | {"2026-09-27": True, "2026-10-10": True}


@pytest.mark.parametrize(
    ("iso", "text"),
    [
        ("2023-01-15", "贰零贰叁年零壹月壹拾伍日"),
        ("2023-10-20", "贰零贰叁年零壹拾月零贰拾日"),
        ("2024-02-29", "贰零贰肆年零贰月贰拾玖日"),
        ("2026-11-30", "贰零贰陆年壹拾壹月零叁拾日"),
        ("2020-03-10", "贰零贰零年叁月零壹拾日"),
        ("2026-12-01", "贰零贰陆年壹拾贰月零壹日"),
        ("2026-09-19", "贰零贰陆年玖月壹拾玖日"),
        ("2026-05-31", "贰零贰陆年伍月叁拾壹日"),
    ],
)
def test_date_capital(iso: str, text: str) -> None:
    assert date_capital(iso) == text


@pytest.mark.parametrize(("iso", "text"), [("2026-11-22", "2026年11月22日"), ("2023-04-03", "2023年4月3日")])
def test_chinese_date(iso: str, text: str) -> None:
    assert chinese_date(iso) == text
    assert chinese_month(iso[:7]) == text[: text.index("月") + 1]


def test_a_date_that_does_not_exist_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        date_capital("2026-02-30")


@given(st.dates(min_value=date(1900, 1, 1)).map(str), st.integers(-30_000, 30_000))
def test_days_between_undoes_add_days(iso: str, days: int) -> None:
    assert days_between(iso, add_days(iso, days)) == days


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2006-07", "2006-07", 0),
        ("2006-07", "2007-06", 11),
        ("2026-12-31", "2027-01-01", 1),
        ("2027-01", "2026-11", -2),
    ],
)
def test_months_between_and_back(start: str, end: str, months: int) -> None:
    assert months_between(start, end) == months
    assert add_months(start[:7], months) == end[:7]


def test_months_between_refuses_a_thirteenth_month() -> None:
    with pytest.raises(ValueError):
        months_between("2026-13", "2026-01")


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("1972-02-29", "2023-02-28", 50),
        ("1972-02-29", "2023-03-01", 51),
        ("1972-02-29", "2024-02-29", 52),
        ("2012-11-23", "2026-11-22", 13),
        ("2012-11-22", "2026-11-22", 14),
        ("2026-11-22", "2026-11-22", 0),
    ],
)
def test_age_in_full_years(born: str, on: str, years: int) -> None:
    assert age(born, on) == years


def test_age_before_birth_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        age("2026-11-23", "2026-11-22")


@pytest.mark.parametrize(
    ("start", "until", "years_e6"),
    [
        ("2024-01-01", "2024-12-31", 1_000_000),
        ("2024-01-01", "2025-12-31", 2_000_000),
        ("2024-03-01", "2026-02-28", 2_000_000),
        ("2024-03-01", "2026-03-01", 2_000_000),  # 民法典 201, 202
        ("2023-03-01", "2024-02-29", 1_000_000),
        ("2024-02-29", "2025-02-28", 1_000_000),
        ("2024-02-29", "2028-02-28", 4_000_000),
        ("2024-02-29", "2028-02-29", 4_000_000),
        ("2024-06-15", "2028-06-14", 4_000_000),
        ("2024-12-31", "2025-12-30", 1_000_000),
        ("2024-12-31", "2025-12-31", 1_000_000),
        ("2024-01-01", "2026-01-01", 2_000_000),
        ("2025-01-01", "2025-01-01", 2_740),
        ("2024-01-01", "2024-12-30", 1_000_000),  # 365 days of a leap year
        ("2024-01-01", "2026-01-02", 2_008_219),
        ("2025-01-01", "2025-06-30", 495_890),
        ("2024-03-01", "2025-08-31", 1_504_110),
    ],
)
def test_lease_years(start: str, until: str, years_e6: int) -> None:
    assert lease_years_e6(start, until) == years_e6


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(1, 10))
def test_a_lease_of_whole_years_is_whole_whichever_day_ends_it(first: date, years: int) -> None:
    if (first.month, first.day) == (2, 29):
        first = first.replace(day=28)
    anniversary = first.replace(year=first.year + years).isoformat()
    for until in (add_days(anniversary, -1), anniversary):
        assert lease_years_e6(first.isoformat(), until) == years * 1_000_000


def test_lease_years_refuse_an_end_before_the_start() -> None:
    with pytest.raises(UserError, match="临时用地止期2024年1月1日早于起期2024年1月2日") as caught:
        lease_years_e6("2024-01-02", "2024-01-01")
    assert caught.value.code == "TERM_ORDER"


@pytest.mark.parametrize(
    ("iso", "works"),
    [("2026-10-01", False), ("2026-10-08", True), ("2026-10-10", True), ("2026-10-11", False), ("2026-09-27", True)],
)
def test_is_workday_follows_the_table_then_the_week(iso: str, works: bool) -> None:
    assert is_workday(iso, NATIONAL_DAY) is works


@pytest.mark.parametrize(
    ("start", "days", "roll_over", "due"),
    [
        ("2026-09-16", 15, True, "2026-10-08"),  # 1 October moves past the holiday
        ("2026-09-16", 15, False, "2026-10-01"),
        ("2026-09-25", 15, True, "2026-10-10"),  # a Saturday that is worked
        ("2026-11-01", 15, True, "2026-11-16"),
    ],
)
def test_due_on_counts_calendar_days_after_the_first(start: str, days: int, roll_over: bool, due: str) -> None:
    assert due_on(start, days, roll_over=roll_over, holidays=NATIONAL_DAY) == due


@pytest.mark.parametrize(
    ("start", "workdays", "due"),
    [("2026-09-30", 5, "2026-10-13"), ("2026-11-16", 5, "2026-11-23"), ("2026-11-21", 1, "2026-11-23")],
)
def test_due_on_workday_and_its_count(start: str, workdays: int, due: str) -> None:
    assert due_on_workday(start, workdays, NATIONAL_DAY) == due
    assert workdays_between(start, due, NATIONAL_DAY) == workdays
    assert workdays_between(due, start, NATIONAL_DAY) == 0


def test_due_on_workday_refuses_a_term_of_nothing() -> None:
    with pytest.raises(ValueError):
        due_on_workday("2026-11-16", 0, {})


@given(st.dates(max_value=date(9000, 1, 1)).map(str), st.integers(1, 60))
def test_due_on_never_falls_on_a_day_off(start: str, days: int) -> None:
    due = due_on(start, days)
    assert is_workday(due, {})
    assert 0 <= days_between(start, due) - days <= 2
