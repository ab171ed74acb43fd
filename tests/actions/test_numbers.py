"""Number series: no gap, no number twice, whatever became of the agreements that bear them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from relocdesk import settings as marks
from relocdesk.actions import find_actions
from relocdesk.actions.drafting import Party, Terms, new_agreement
from relocdesk.clerk import Clerk
from relocdesk.entry.series import Series, serial_of
from relocdesk.errors import UserError
from relocdesk.records.agreement import Agreement
from tests.actions.scene import Scene


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["permanent", "house"]), st.sampled_from(["draft", "void", "deleted"])), max_size=12),
       office=st.integers(1, 10**9))  # fmt: skip
def test_series_have_no_gap_and_no_number_twice(scene: Scene, steps: list[tuple[str, str]], office: int) -> None:
    with scene.change() as (s, _):
        marks.put(s, scene.clerk, "office.mark", f"第{office}次", scene.home)
        terms = Terms.of(s, scene.clerk, scene.home)
        party = Party(scene.ids["project"], "household", scene.household(s).id)
        for n, (kind, fate) in enumerate(steps):
            if n % 3 == 2:  # another piece of work reads the book anew
                terms = Terms.of(s, scene.clerk, scene.home)
            made = new_agreement(s, scene.clerk, terms, party, kind)
            made.state, made.deleted = ("void" if fate == "void" else "draft"), int(fate == "deleted")
            s.flush()
        for word in ("永", "房"):
            head = f"第{office}次〔2026〕{word}A"
            numbers = s.scalars(select(Agreement.number).where(Agreement.number.startswith(head))).all()
            assert sorted(serial_of(number, head, "") for number in numbers) == list(range(1, len(numbers) + 1))


def test_numbers_taken_over_from_paper_are_counted_on(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        for number in ("搬安〔2026〕房A0007", "搬安〔2026〕房A0012-1", "搬安〔2025〕房A0044", "搬安〔2026〕房B0031"):
            scene.add(s, Agreement, scene.home, number=number, project=scene.ids["project"], household=house.id, kind="house", state="signed", copies=4)
        scene.asset(s, house)
        assert scene.draft(s).done == ["搬安〔2026〕房A0008"]


@pytest.mark.parametrize(("serial", "pattern", "expected"), [("%_7", "{office}{serial:03d}", "%_001"), ("甲7", "{office}{serial}号", "甲8号")])
def test_signs_in_a_number_are_taken_as_they_stand(scene: Scene, serial: str, pattern: str, expected: str) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        scene.add(s, Agreement, scene.home, number="甲7号", project=scene.ids["project"], household=house.id, kind="house", state="void", copies=4)
        assert Series(s, Agreement.number, pattern).take(office=serial[:-1]) == expected


def test_an_action_asks_for_its_role_and_what_it_needs(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.asset(s, scene.household(s))
        agreement = scene.agreement(s, scene.draft(s).done[0])
        (sign,), (void,) = find_actions("签订协议"), find_actions("void")
        with pytest.raises(UserError, match="不能办“签订协议”"):
            sign(s, Clerk("赵看看", "reader", "2026-11-22"), agreement, {"paper": "试验"})
        with pytest.raises(UserError, match="“作废协议”还缺：作废原因"):
            void(s, scene.clerk, agreement, {})
        assert sign(s, scene.clerk, agreement, {"paper": "试验", "signed_on": None}).startswith("已签订协议")
