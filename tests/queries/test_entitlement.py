"""What people are entitled to: the SQL of grids and the rules in bulk say the same, by the policy rows valid on the day."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.book import Book
from relocdesk.queries.computed import expression
from relocdesk.queries.entitlement import entitlements, event, over_paid
from relocdesk.records import register
from relocdesk.records.reference import PolicyRow
from relocdesk.records.support import RecipientChange
from relocdesk.rules.support import stop_month
from tests import make


def _policy(s: Session, subject: str, value: str, valid_from: str = "2006-07-01", scope: str = "全部", valid_to: str | None = None) -> None:
    make.add(s, PolicyRow, subject=subject, scope=scope, valid_from=valid_from, valid_to=valid_to, value=value)


def _value(s: Session, name: str, field: str, row_id: str) -> object:
    reg = register(name)
    table = reg.cls.__table__
    return s.execute(select(expression(reg, reg[field], table)).where(table.c.id == row_id)).scalar_one()


@pytest.mark.parametrize(
    ("today", "rows", "end", "state"),
    [
        ("2026-06-30", [], "2026-06", "在册"),
        ("2026-07-01", [], "2026-06", "期满"),
        ("2026-07-01", [("subsidy.after_end", "提醒后照发", "2026-07-01")], "2026-06", "在册"),
        ("2026-07-01", [("现状人口扶持截止日", "2046-06-30", "2026-07-01")], "2046-06", "在册"),
        ("2026-06-30", [("现状人口扶持截止日", "2046-06-30", "2026-07-01")], "2026-06", "在册"),
        ("2026-07-01", [("subsidy.cohort_end", "2026-07-01", "2006-07-01")], "2026-07", "在册"),
    ],
)
def test_the_first_cohort_ends_by_its_policy_row(book: Book, today: str, rows: list[tuple[str, str, str]], end: str, state: str) -> None:
    book.viewer = lambda: make.clerk(on=today)
    with book.change("登记", make.clerk(on=today)) as (s, _):
        one = make.make_recipient(s)
        for subject, value, since in rows:
            _policy(s, subject, value, since)
        s.flush()
        assert (_value(s, "recipient", "end_month", one.id), _value(s, "recipient", "state", one.id)) == (end, state)
        found = entitlements(s, today)[one.id]
        assert found.end == end
        assert (found.months(today[:7], today[:7]) == 1) is (state == "在册")


def test_a_row_of_one_reservoir_counts_for_it_alone(book: Book) -> None:
    book.viewer = make.clerk
    with book.change("登记", make.clerk()) as (s, _):
        here, there = make.make_recipient(s), make.make_recipient(s, reservoir="青山水库")
        _policy(s, "subsidy.cohort_end", "2036-06-30", scope="青山水库")
        s.flush()
        assert [_value(s, "recipient", "end_month", one.id) for one in (here, there)] == ["2026-06", "2036-06"]
        assert [entitlements(s, "2026-11-22")[one.id].end for one in (here, there)] == ["2026-06", "2036-06"]


def test_states_follow_from_the_changes(book: Book) -> None:
    book.viewer = lambda: make.clerk(on="2026-05-30")
    with book.change("登记", make.clerk()) as (s, _):
        one = make.make_recipient(s)
        steps = [("reduce", "D4", "2020-01-05", "暂停"), ("restore", None, "2021-03-01", "在册"), ("move_out", None, "2022-01-01", "迁出"),
                 ("move_in", None, "2023-01-01", "在册"), ("reduce", "D3", "2024-01-01", "核减"), ("correct", None, "2024-06-01", "核减")]  # fmt: skip
        for kind, reason, day, state in steps:
            make.make_change(s, recipient=one.id, kind=kind, reason=reason, happened_on=day)
            assert _value(s, "recipient", "state", one.id) == state
        assert entitlements(s, "2026-05-30")[one.id].gaps == (("2020-04", "2021-04"), ("2022-04", "2023-04"), ("2024-04", None))


def test_the_grid_and_the_rules_agree(book: Book) -> None:
    """Random people, changes, stop rules by dates and years, and quarters paid: the SQL says what the rules say."""
    book.viewer = make.clerk
    dice = Random(7)
    with book.change("登记", make.clerk()) as (s, _):
        _policy(s, "subsidy.stop_rule", "次月起", "2024-01-01")
        _policy(s, "subsidy.stop_rule", "当月", "2025-01-01", valid_to="2025-06-30")
        _policy(s, "核减从何时停发", "下一期起", "2025-03-01", scope="青山水库")
        _policy(s, "subsidy.cycle", "半年", "2025-07-01")
        _policy(s, "原迁人口扶持年限", "15", "2026-01-01", scope="青山水库")
        periods = [make.make_period(s, year=year, number=n, state="closed") for year in (2023, 2024, 2025, 2026) for n in (1, 2, 3, 4)]
        changes: list[RecipientChange] = []
        people = []
        for n in range(60):
            original = dice.random() < 0.5
            moved = f"20{dice.randint(6, 19):02d}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
            one = make.make_recipient(s, cohort="original" if original else "present", moved_on=moved if original and n % 5 else None,
                                      start_month=moved[:7] if original else "2006-07", reservoir=dice.choice(["红岩水库", "青山水库"]))  # fmt: skip
            people.append(one)
            day = f"{dice.randint(2023, 2026)}-{dice.randint(1, 10):02d}-{dice.randint(1, 28):02d}"
            if dice.random() < 0.8:
                changes.append(make.make_change(s, recipient=one.id, happened_on=day, reason=dice.choice(["D3", "D4"])))
                if dice.random() < 0.4:
                    make.make_change(s, recipient=one.id, kind="restore", happened_on=f"{int(day[:4]) + 1}{day[4:]}")
            for period in periods:
                make.make_support_payment(s, period=period.id, recipient=one.id, result=dice.choice(["paid", "paid", "returned"]))
        found = settings.policies(s)
        entitled = entitlements(s, "2026-11-22")
        for one in people:
            assert _value(s, "recipient", "end_month", one.id) == entitled[one.id].end
        extra = over_paid(s, [one.id for one in people], "2026-11-22")
        for change in changes:
            reservoir = next(one.reservoir for one in people if one.id == change.recipient)
            rule = event("reduce", change.happened_on, reservoir, found)
            assert _value(s, "recipient_change", "stops_from", change.id) == stop_month(change.happened_on, rule.rule, rule.cycle)
        known = {line.period for lines in extra.values() for line in lines}
        assert len(extra) > 20
        assert known <= {f"{period.year}/{period.number}" for period in periods}


def test_an_unknown_row_of_policy_is_nobodys(book: Book) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        _policy(s, "自编事项", "1")
        s.flush()
        assert settings.policy(s, "subsidy.years", "2026-11-22") == 20
        assert settings.policy(s, "subsidy.cycle", "2026-11-22") == "3"


def test_the_help_names_every_subject_of_policy() -> None:
    told = Path("resources/help/settings.md").read_text("utf-8")
    assert [one.label for one in settings.POLICIES if one.label not in told] == []
    assert [choice.label for one in settings.POLICIES for choice in one.choices or () if choice.label not in told] == []
