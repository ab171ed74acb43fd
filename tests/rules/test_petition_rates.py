"""The rates of petition work: what they count, what they leave out, and what they are made of."""

from __future__ import annotations

from relocdesk.rules.calendar import calendar
from relocdesk.rules.petition import Case
from relocdesk.rules.petition_rates import change_rate, rates, zero_years

REAL = calendar([])  # the State Council's holidays of 2020 to 2026
YEAR = (
    Case("timely", "2026-01-05", noticed_on="2026-01-10", accepted_on="2026-01-10", closed_on="2026-03-01", delivered_on="2026-03-02", satisfaction="good",
         settled_on="2026-03-20"),
    Case("late", "2026-02-02", noticed_on="2026-03-02", accepted_on="2026-02-06", closed_on="2026-05-06", satisfaction="bad", repeat=True),
    Case("extended", "2026-02-02", noticed_on="2026-02-06", accepted_on="2026-02-06", extension_days=30, closed_on="2026-05-06",
         delivered_on="2026-05-06", satisfaction="none"),
    Case("open", "2026-11-20", noticed_on="2026-11-25", accepted_on="2026-11-25"),
    Case("joined", "2026-02-02", ended_on="2026-02-03", void=True),
    Case("older", "2025-06-02", noticed_on="2025-06-03", accepted_on="2025-06-03", closed_on="2025-07-01", satisfaction="fair"),
)


def rate(code: str, **how: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    found = next(one for one in rates(YEAR, "2026-01-01", "2026-12-31", "2026-11-29", REAL, **how) if one.code == code)
    return found.part, found.whole, found.percent()


def test_rates_of_a_year_with_what_they_are_made_of() -> None:
    assert rate("reply") == (("timely", "extended", "open"), ("timely", "late", "extended", "open"), "75.0%")
    assert rate("finish") == (("timely", "extended"), ("timely", "late", "extended"), "66.7%")
    assert rate("settle") == (("timely",), ("timely", "late", "extended", "open"), "25.0%")
    assert rate("first") == (("timely",), ("timely", "extended", "open"), "33.3%")
    assert rate("satisfied") == (("timely",), ("timely", "late"), "50.0%")
    assert rate("rated") == (("timely", "late"), ("timely", "late", "extended"), "66.7%")
    assert rate("repeat") == (("late",), ("timely", "late", "extended", "open"), "25.0%")


def test_the_variants_of_the_settings() -> None:
    assert rate("reply", reply="final") == (("timely", "extended"), ("timely", "late", "extended"), "66.7%")
    assert rate("finish", finish="accepted") == (("timely", "late", "extended"), ("timely", "late", "extended", "open"), "75.0%")


def test_nothing_due_is_no_rate_and_one_missing_is_never_all() -> None:
    empty = rates([], "2026-01-01", "2026-12-31", "2026-11-29", REAL)
    assert [one.percent() for one in empty] == ["—"] * len(empty)
    many = [Case(str(n), "2026-01-05", noticed_on="2026-01-10" if n else "2026-03-01") for n in range(5000)]
    assert rates(many, "2026-01-01", "2026-12-31", "2026-11-29", REAL)[0].percent() == "99.9%"


def test_change_against_the_year_before_and_the_streak() -> None:
    assert [change_rate(8, 10), change_rate(12, 10), change_rate(1, 3), change_rate(0, 0)] == ["-20.0%", "20.0%", "-66.7%", "—"]
    assert zero_years([2017, 2018, 2019, 2021, 2022, 2023], [2018], 2023) == 3, "2020 is not confirmed"
    assert zero_years([2021, 2022, 2023], [2023], 2023) == 0
    assert zero_years([], [], 2023) == 0
