"""Tables of cases: the order of stages, what is late, how much may be paid, and how old unspent money is."""

from __future__ import annotations

import pytest

from relocdesk.rules.funds import Aged, Lot, SurplusLine, age, kind_of_rest, sums_by_kind
from relocdesk.rules.works import Late, Step, early_share, last_stage, lateness, months_later, out_of_order, payable

ORDER = {"finished": "finished", "accepted": "accepted", "audited": "audited", "handed": "handed"}


@pytest.mark.parametrize(
    ("steps", "stage"),
    [
        ([], None),
        ([Step("listed")], None),
        ([Step("listed", "2026-01-01"), Step("approved", "2026-02-01")], "approved"),
        ([Step("listed", "2026-01-01"), Step("approved", "2026-02-01", skipped=True)], "listed"),
        ([Step("finished", "2026-01-01"), Step("accepted", "2026-02-01", passed=False)], "finished"),
        ([Step("approved"), Step("started", "2026-02-01"), Step("accepted")], "started"),
    ],
)
def test_the_stage_is_the_last_dated_one(steps: list[Step], stage: str | None) -> None:
    found = last_stage(steps)
    assert (found.stage if found else None) == stage


@pytest.mark.parametrize(
    ("steps", "pairs"),
    [
        ([Step("approved", "2026-01-01"), Step("started", "2026-01-01")], []),
        ([Step("approved", "2026-01-02"), Step("started", "2026-01-01")], [("started", "approved")]),
        ([Step("approved", "2026-01-02", skipped=True), Step("started", "2026-01-01")], []),
        ([Step("approved", "2026-03-01"), Step("contracted", "2026-02-01"), Step("started", "2026-02-15"), Step("finished", "2026-04-01")],
         [("contracted", "approved"), ("started", "approved")]),
    ],
)  # fmt: skip
def test_dates_out_of_order_are_found_with_what_they_precede(steps: list[Step], pairs: list[tuple[str, str]]) -> None:
    assert out_of_order(steps) == pairs


@pytest.mark.parametrize(
    ("steps", "finish", "on", "expected"),
    [
        ([Step("started", planned_on="2026-03-01")], "", "2026-03-01", []),
        ([Step("started", planned_on="2026-03-01")], "", "2026-03-02", [Late("started", "planned", "2026-03-01", 1)]),
        ([Step("started", planned_on="2026-03-01", skipped=True)], "", "2026-05-02", []),
        ([Step("started", "2026-04-01", planned_on="2026-03-01")], "", "2026-05-02", []),
        ([Step("started", "2026-04-01")], "2026-06-30", "2026-07-10", [Late("finished", "finish", "2026-06-30", 10)]),
        ([Step("finished", "2026-06-29")], "2026-06-30", "2026-07-10", []),
        ([Step("finished", planned_on="2026-06-01")], "2026-06-30", "2026-07-10", [Late("finished", "planned", "2026-06-01", 39)]),
        ([Step("finished", "2026-01-10")], "", "2026-07-10", []),
        ([Step("finished", "2026-01-10")], "", "2026-07-11", [Late("accepted", "accepted", "2026-07-10", 1)]),
        ([Step("finished", "2026-01-10"), Step("accepted", "2026-02-10", passed=False)], "", "2026-07-11", [Late("accepted", "accepted", "2026-07-10", 1)]),
        ([Step("finished", "2026-01-10"), Step("accepted", "2026-02-10"), Step("handed", skipped=True)], "", "2026-08-12",
         [Late("audited", "audited", "2026-08-10", 2)]),
        ([Step("finished", "2026-01-10"), Step("accepted", "2026-02-10"), Step("audited", "2026-03-01")], "", "2026-08-12",
         [Late("handed", "handed", "2026-08-10", 2)]),
    ],
)  # fmt: skip
def test_what_is_late_and_since_when(steps: list[Step], finish: str, on: str, expected: list[Late]) -> None:
    assert lateness(steps, finish, on, 6, ORDER) == expected


def test_the_worst_delay_comes_first() -> None:
    steps = [Step("tendered", planned_on="2026-05-01"), Step("contracted", planned_on="2026-02-01")]
    assert [late.stage for late in lateness(steps, "", "2026-06-01", 6, ORDER)] == ["contracted", "tendered"]


def test_months_end_on_the_last_day_of_a_short_month() -> None:
    assert [months_later(day, 6) for day in ("2023-08-31", "2026-08-31", "2026-12-01")] == ["2024-02-29", "2027-02-28", "2027-06-01"]


@pytest.mark.parametrize(
    ("contract", "changes", "audited", "funds", "most"),
    [(100, 0, None, 500, 100), (100, -20, None, 500, 80), (100, 20, 95, 500, 95), (0, 0, None, 500, 500), (100, 0, 0, 500, 0)],
)
def test_how_much_may_be_paid(contract: int, changes: int, audited: int | None, funds: int, most: int) -> None:
    assert payable(contract, changes, audited, funds) == most


@pytest.mark.parametrize(("paid", "whole", "percent", "early"), [(80, 100, 80, False), (8001, 10_000, 80, True), (1, 0, 80, False)])
def test_paying_too_much_before_acceptance(paid: int, whole: int, percent: int, early: bool) -> None:
    assert early_share(paid, whole, percent) is early


@pytest.mark.parametrize(
    ("year", "on", "kind"),
    [(2024, "2024-01-01", "当年"), (2024, "2024-12-30", "当年"), (2024, "2024-12-31", "结转"), (2024, "2025-12-30", "结转"),
     (2024, "2025-12-31", "结余"), (2024, "2027-05-01", "结余"), (2025, "2024-06-01", "当年")],
)  # fmt: skip
def test_carried_over_becomes_surplus_at_the_end_of_the_next_year(year: int, on: str, kind: str) -> None:
    assert kind_of_rest(year, on) == kind


LOTS = (Lot("乙", 2025, "2025-03-01", 100), Lot("甲", 2024, "2024-06-01", 100), Lot("丙", 2026, "2026-03-01", 100))


@pytest.mark.parametrize(
    ("spent", "lefts", "over"),
    [(0, [("甲", 100, "结余"), ("乙", 100, "结转"), ("丙", 100, "当年")], 0),
     (100, [("甲", 0, ""), ("乙", 100, "结转"), ("丙", 100, "当年")], 0),
     (150, [("甲", 0, ""), ("乙", 50, "结转"), ("丙", 100, "当年")], 0),
     (300, [("甲", 0, ""), ("乙", 0, ""), ("丙", 0, "")], 0),
     (320, [("甲", 0, ""), ("乙", 0, ""), ("丙", 0, "")], 20),
     (-5, [("甲", 100, "结余"), ("乙", 100, "结转"), ("丙", 100, "当年")], 0)],
)  # fmt: skip
def test_the_oldest_allocation_is_spent_first(spent: int, lefts: list[tuple[str, int, str]], over: int) -> None:
    found, beyond = age(LOTS, spent, "2026-11-22")
    assert [(one.lot.key, one.left, one.kind) for one in found] == lefts
    assert beyond == over
    assert sum(one.left for one in found) == 300 - min(max(spent, 0), 300) == sum(sums_by_kind(found).values())


def test_a_lot_taken_back_on_paper_is_never_spent() -> None:
    found, beyond = age([Lot("甲", 2024, "2024-06-01", 100), Lot("收回", 2024, "2024-09-01", -30)], 80, "2024-10-01")
    assert [(one.lot.key, one.left) for one in found] == [("甲", 20), ("收回", -30)]
    assert beyond == 0


def test_surplus_is_what_was_neither_paid_nor_turned() -> None:
    line = SurplusLine("subsidy", 2024, 33_600_000, 28_786_500, 2_000_000)
    assert line.balance == 2_813_500
    assert line.received == line.paid + line.turned + line.balance
    assert isinstance(age(LOTS, 0, "2026-01-01")[0][0], Aged)
