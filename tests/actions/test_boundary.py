"""The boundary moves: consequences, carrying out, and taking it back without a trace in areas and amounts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions import agreement as act
from relocdesk.actions import boundary as move
from relocdesk.errors import UserError
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.project import Boundary, ParcelChange, Project
from relocdesk.records.survey import Parcel
from tests.actions.scene import MU, Scene


def moved(scene: Scene, s: Session, *changes: tuple[Parcel, str, int | None], version: int = 2) -> Boundary:
    made = scene.add(s, Boundary, scene.home, project=scene.ids["project"], version=version, effective_on="2026-11-01")
    for parcel, kind, new in changes:
        scene.add(s, ParcelChange, scene.home, boundary=made.id, parcel=parcel.id, kind=kind, new_area=new)
    return made


def state(s: Session) -> tuple[list[Any], list[Any]]:
    s.flush()
    parcels = s.execute(select(Parcel.number, Parcel.area, Parcel.area_m2, Parcel.lease_until).where(Parcel.deleted == 0).order_by(Parcel.number))
    ask = select(Agreement.number, Agreement.state, AgreementLine.kind, AgreementLine.quantity, AgreementLine.years, AgreementLine.amount)
    lines = s.execute(ask.join(AgreementLine, AgreementLine.agreement == Agreement.id).where(AgreementLine.deleted == 0)
                      .order_by(Agreement.number, AgreementLine.order))  # fmt: skip
    return [tuple(row) for row in parcels], [tuple(row) for row in lines]


def test_signed_land_that_falls_outside_is_flagged_with_the_money_to_recover(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU, number="P1")
        land, crops = (scene.agreement(s, number) for number in scene.draft(s).done)
        act.sign(s, scene.clerk, land, paper="试验")
        scene.payment(s, land, 4_000_000, "paid")
        (one,) = move.preview(s, moved(scene, s, (parcel, "removed", None)))
        assert (one.old_area, one.new_area, one.permanent, one.temporary) == (2 * MU, 0, -2 * MU, 0)
        assert one.affected == (move.Affected(land.number, "signed", 10_000_000, 0, 4_000_000), move.Affected(crops.number, "draft", 300_002, 0, 0))
        assert (one.to_add, one.to_recover, one.supplements, one.outside) == (0, 10_000_000, (land.number,), True)
        assert parcel.area == 2 * MU


def test_unsigned_drafts_follow_and_signed_ones_wait_for_a_supplement(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU, number="P1")
        land, crops = (scene.agreement(s, number) for number in scene.draft(s).done)
        act.sign(s, scene.clerk, land, paper="试验")
        made = moved(scene, s, (parcel, "resized", 3 * MU))
        assert move.apply(s, scene.clerk, made) == (
            f"红线第 2 版已执行 1 块地，永久征地变化 1.00 亩，临时用地变化 0.00 亩，增补 50,000.00 元，追回 0.00 元；要签补充协议：{land.number}"
        )
        assert [line.amount for line in scene.lines(s, land)] == [4_000_000, 6_000_000]
        assert [line.amount for line in scene.lines(s, crops)] == [450_003]
        with pytest.raises(UserError, match="没有还未执行的变更"):
            move.apply(s, scene.clerk, made)
        assert move.draft_supplements(s, scene.clerk, made) == "已起草补充协议：搬安〔2026〕永A0002"
        extra = scene.agreement(s, "搬安〔2026〕永A0002")
        assert (extra.supplements, [(line.quantity, line.amount) for line in scene.lines(s, extra)]) == (land.id, [(MU, 2_000_000), (MU, 3_000_000)])
        assert scene.draft(s).done == []
        with pytest.raises(UserError, match="没有要签补充协议"):
            move.draft_supplements(s, scene.clerk, made)


def test_a_supplement_in_draft_keeps_its_difference_when_the_line_moves_again(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU)
        for number in scene.draft(s).done:
            act.sign(s, scene.clerk, scene.agreement(s, number), paper="试验")
        first = moved(scene, s, (parcel, "resized", 3 * MU))
        move.apply(s, scene.clerk, first)
        move.draft_supplements(s, scene.clerk, first)
        second = moved(scene, s, (parcel, "resized", MU), version=3)
        (one,) = move.preview(s, second)
        assert one.to_recover == 10_000_000 + 2 * 150_001
        move.apply(s, scene.clerk, second)
        move.draft_supplements(s, scene.clerk, second)
        total = sum(line.quantity for line in s.scalars(select(AgreementLine).where(AgreementLine.kind == "土地补偿费")))
        assert total == MU


def test_temporary_land_that_becomes_permanent_opens_a_parcel_of_its_own(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU, number="P1", nature="temporary", lease_from="2026-01-01", lease_until="2027-12-31")
        lent, crops = (scene.agreement(s, number) for number in scene.draft(s).done)
        act.sign(s, scene.clerk, lent, paper="试验")
        made = moved(scene, s, (parcel, "to_permanent", None))
        (one,) = move.preview(s, made)
        assert (one.permanent, one.temporary, one.fresh, one.to_recover) == (2 * MU, -2 * MU, 10_300_002, 0)
        move.apply(s, scene.clerk, made)
        opened = s.scalars(select(Parcel).where(Parcel.number == "P1-转永久")).one()
        assert (opened.area, opened.nature, opened.confirmed, opened.household, opened.lease_until) == (2 * MU, "permanent", 1, parcel.household, None)
        assert (parcel.area, parcel.lease_until) == (0, "2026-11-01")
        assert scene.lines(s, crops) == []
        assert len(scene.draft(s).done) == 2


@pytest.mark.parametrize(
    ("kind", "new", "text"),
    [
        ("resized", None, "没有填新面积"),
        ("resized", -1, "新面积是负数"),
        ("to_permanent", MU, "不是临时占用"),
    ],
)
def test_a_change_that_makes_no_sense_stops_the_whole_order(scene: Scene, kind: str, new: int | None, text: str) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        good, bad = scene.parcel(s, house, MU, number="P1"), scene.parcel(s, house, MU, number="P2")
        before = state(s)
        with pytest.raises(UserError, match=text):
            move.apply(s, scene.clerk, moved(scene, s, (good, "resized", 2 * MU), (bad, kind, new)))
        assert state(s) == before


def test_an_order_whose_old_area_is_not_ours_is_refused(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), MU, number="P1")
        made = moved(scene, s, (parcel, "resized", 2 * MU))
        s.scalars(select(ParcelChange)).one().old_area = 3 * MU
        with pytest.raises(UserError, match="变更单上的原面积是 3"):
            move.apply(s, scene.clerk, made)


KINDS = st.sampled_from(["removed", "resized", "to_permanent", "same", "added"])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=st.lists(st.tuples(KINDS, st.integers(1, 5 * MU), st.integers(0, 5 * MU), st.booleans()), min_size=1, max_size=4))
def test_applying_and_reversing_restores_every_area_and_amount(scene: Scene, cases: list[tuple[str, int, int, bool]]) -> None:
    with scene.change() as (s, _):
        project = scene.add(s, Project, scene.county, name=f"工程{len(state(s)[0])}-{next(scene._count)}")
        scene.ids["project"] = project.id
        house = scene.household(s)
        changes = []
        for kind, area, new, lent in cases:
            values = {"nature": "temporary", "lease_from": "2026-01-01", "lease_until": "2027-06-30"} if lent or kind == "to_permanent" else {}
            parcel = scene.parcel(s, house, area, area_m2=(area + 7) // 15, **values)
            changes.append((parcel, kind, min(new, area) if kind == "to_permanent" else new))
        for number in scene.draft(s, project=project.id).done[:1]:
            act.review(s, scene.clerk, scene.agreement(s, number))
        made = moved(scene, s, *changes).id
        before = state(s)
    with scene.change() as (s, _):
        move.apply(s, scene.clerk, s.get_one(Boundary, made))
    with scene.change() as (s, _):
        move.reverse(s, scene.clerk, s.get_one(Boundary, made))
        assert state(s) == before
        with pytest.raises(UserError, match="还没有执行"):
            move.reverse(s, scene.clerk, s.get_one(Boundary, made))
    with scene.change() as (s, _):
        move.apply(s, scene.clerk, s.get_one(Boundary, made))


def test_what_was_changed_or_signed_since_is_not_overwritten(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        parcel = scene.parcel(s, house, 2 * MU, number="P1")
        numbers = scene.draft(s).done
        made, its_id = moved(scene, s, (parcel, "resized", 3 * MU)).id, parcel.id
    with scene.change() as (s, _):
        move.apply(s, scene.clerk, s.get_one(Boundary, made))
    with scene.change() as (s, _):
        s.get_one(Parcel, its_id).area = 4 * MU
        with pytest.raises(UserError, match="地块“P1”在执行以后又改过"):
            move.reverse(s, scene.clerk, s.get_one(Boundary, made))
        s.get_one(Parcel, its_id).area = 3 * MU
        act.sign(s, scene.clerk, scene.agreement(s, numbers[0]), paper="试验")
        with pytest.raises(UserError, match="在执行以后已经签订"):
            move.reverse(s, scene.clerk, s.get_one(Boundary, made))
