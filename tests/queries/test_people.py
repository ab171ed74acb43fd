"""Head-counts, forecast, the conservation law and what looks wrong among after-support people."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from relocdesk.book import Book
from relocdesk.queries.entitlement import entitlements
from relocdesk.queries.people import ENDED, MOVED_IN, MOVED_OUT, NEW, RESTORED, flows, head_counts, left_to_recover
from relocdesk.queries.people_doubts import doubts
from relocdesk.records.household import Authorisation, Person
from relocdesk.records.reference import PolicyRow
from tests import make


def test_three_head_counts_and_who_leaves(book: Book) -> None:
    book.viewer = lambda: make.clerk(on="2026-05-20")
    with book.change("登记", make.clerk()) as (s, _):
        make.make_approval(s, base_count=12)
        people = [make.make_recipient(s) for _ in range(6)]
        for n in range(4):
            make.make_recipient(s, cohort="original", moved_on=f"200{6 + n}-07-01", start_month=f"200{6 + n}-07")
        make.make_recipient(s, cohort="original", moved_on="2006-01-05", start_month="2006-02")  # over in 2025-12
        make.make_change(s, recipient=people[0].id, reason="D3")
        make.make_change(s, recipient=people[1].id, reason="D4", happened_on="2020-01-01")
        make.make_change(s, recipient=people[2].id, kind="move_out")
        make.make_change(s, recipient=people[1].id, kind="restore", happened_on="2021-01-01")
        period = make.make_period(s, year=2026, number=1, state="closed")
        for one in people:
            make.make_support_payment(s, period=period.id, recipient=one.id, result="paid")
        make.make_recovery(s, recipient=people[0].id, told_on=None)
    with book.read() as s:
        found = head_counts(s, "2026-05-20", years=5)
        assert (found.base, found.registered, found.present, found.reduced, found.paused, found.moved, found.ended) == (12, 11, 8, 1, 0, 1, 1)
        assert found.leaves == {2026: 5, 2027: 1, 2028: 1, 2029: 1, 2030: 0}
        assert (found.paid, found.paid_in) == (6, "2026年第1期")
        village = make.place(s, "53052310220202")
        assert head_counts(s, "2026-05-20", village).registered == 0
        assert left_to_recover(s) == (1, 15_000, 1)


def _law(book: Book, first: str, last: str, by: str = "township") -> dict[str, tuple[int, dict[str, int], dict[str, int], int]]:
    with book.read() as s:
        found = flows(s, "2026-11-22", first, last, by)
        assert [one.difference for one in found] == [0] * len(found)
        return {one.name: (one.opening, dict(one.came), dict(one.left), one.closing) for one in found}


def test_the_law_names_why_heads_came_and_left(book: Book) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        home, county = make.home_id("530523"), make.reference_id(make.home_id("530523"), "place", "530523")
        other = make.seeded_place("530523103", "龙新乡", county, home)
        s.add(other)
        s.flush()
        here = make.place(s)
        people = [make.make_recipient(s) for _ in range(8)]
        make.make_recipient(s, cohort="original", moved_on="2026-05-02", start_month="2026-05")
        for n, reason in enumerate(("D1", "D3", "D3")):
            make.make_change(s, recipient=people[n].id, reason=reason, happened_on="2026-02-10")
        make.make_change(s, recipient=people[3].id, kind="move_out", happened_on="2026-01-10")
        make.make_change(s, recipient=people[4].id, reason="D4", happened_on="2024-01-10")
        make.make_change(s, recipient=people[4].id, kind="restore", happened_on="2026-03-31")
        make.make_change(s, recipient=people[5].id, kind="move", happened_on="2026-05-10", from_place=here, to_place=other.id)
        people[5].place = other.id
        s.flush()
    assert _law(book, "2026-04", "2026-06") == {
        "三坝乡": (7, {NEW: 1, RESTORED: 1}, {"D1 录用": 1, "D3 死亡": 2, MOVED_OUT: 2}, 4),
        "龙新乡": (0, {MOVED_IN: 1}, {}, 1),
    }
    assert _law(book, "2026-07", "2026-09") == {"三坝乡": (4, {}, {ENDED: 3}, 1), "龙新乡": (1, {}, {ENDED: 1}, 0)}
    assert _law(book, "2026-04", "2026-06", "reservoir") == {"红岩水库": (7, {NEW: 1, RESTORED: 1}, {"D1 录用": 1, "D3 死亡": 2, MOVED_OUT: 1}, 5)}


def test_the_law_holds_over_any_history(book: Book) -> None:
    dice = Random(3)
    with book.change("登记", make.clerk()) as (s, _):
        make.add(s, PolicyRow, subject="subsidy.stop_rule", scope="全部", valid_from="2025-01-01", value="次月起")
        for _ in range(80):
            original = dice.random() < 0.4
            year = dice.randint(2005, 2026)
            one = make.make_recipient(s, reservoir=dice.choice(["红岩水库", "青山水库"]), cohort="original" if original else "present",
                                      moved_on=f"{year}-09-15" if original else None, start_month=f"{year}-09" if original else "2006-07")  # fmt: skip
            day = 2023
            for kind in dice.choice([(), ("reduce",), ("reduce", "restore"), ("move_out", "move_in"), ("reduce", "restore", "reduce")]):
                make.make_change(s, recipient=one.id, kind=kind, reason="D4" if kind == "reduce" else None,
                                 happened_on=f"{day}-{dice.randint(1, 9):02d}-{dice.randint(1, 28):02d}")  # fmt: skip
                day += 1
    before: Counter[str] = Counter()
    for n, first in enumerate(("2023-01", "2023-04", "2024-01", "2025-01", "2026-01", "2026-07")):
        last = ("2023-03", "2023-12", "2024-12", "2025-12", "2026-06", "2026-12")[n]
        for name, (opening, _, _, closing) in _law(book, first, last, "reservoir").items():
            if n:
                assert opening == before[name]
            before[name] = closing
    with book.read() as s:
        assert sum(before.values()) == sum(one.months("2026-12", "2026-12") for one in entitlements(s, "2026-11-22").values())


@pytest.mark.parametrize("rule", ["R01", "R02", "R03", "R04", "R05", "R16", "R22"])
def test_doubts(book: Book, rule: str) -> None:
    near = make.idcard("19700102", 55)
    with book.change("登记", make.clerk()) as (s, _):
        a, b = (make.make_recipient(s, name="段明", card=card) for card in (make.idcard("19700101", 55), near))
        shared = [make.make_recipient(s, name=f"共{n}", account="53010001", phone="13887512345" if n < 4 else None) for n in range(5)]
        son = make.make_recipient(s, name="岳母", account_name="女婿", payee_relation=None)
        make.make_recipient(s, name="母", account_name="儿子", payee_relation="子")
        old = make.make_recipient(s, name="寿星", card=make.idcard("19330101", 66), alive_on="2025-10-01")
        make.make_recipient(s, name="寿翁", card=make.idcard("19330101", 77), alive_on="2025-11-30")
        twice = make.make_recipient(s, person=a.person, name="段明", household_no=a.household_no)
        gone = make.make_recipient(s, name="亡", card=make.idcard("19300101", 88))
        make.make_change(s, recipient=gone.id)
        told = make.make_recipient(s, name="亡故")
        s.get_one(Person, told.person).died_on = "2026-10-01"
        home = make.make_household(s, head_name="受托", head_idcard=make.idcard("19600101", 99))
        make.make_recipient(s, person=home.head, name="受托", account_name="代理人", payee_relation=None)
        make.add(s, Authorisation, principal=home.id, agent_name="代理人", matter="领取直补", kind="proxy", signed=1, valid_from="2026-01-01")
        expected = {
            "R01": {frozenset((told.id,))}, "R02": {frozenset((a.id, twice.id))},
            "R03": {frozenset((a.id, b.id)), frozenset((b.id, twice.id))}, "R04": {frozenset(o.id for o in shared)},
            "R05": {frozenset((son.id,))}, "R16": {frozenset((old.id,))}, "R22": {frozenset(o.id for o in shared[:4])},
        }  # fmt: skip
        found = {frozenset(one.ids) for one in doubts(s, "2026-11-22") if one.rule == rule}
        assert found == expected[rule]
