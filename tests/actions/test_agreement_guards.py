"""Ways round the rules of agreeing: land money to persons, a thing paid twice, papers that say something else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from relocdesk.actions import agreement as act
from relocdesk.actions import boundary as move
from relocdesk.actions import documents
from relocdesk.errors import UserError
from relocdesk.records.agreement import Agreement, AgreementLine, Printout
from relocdesk.records.project import Boundary
from relocdesk.records.reference import PriceItem
from relocdesk.rules.code import valid_code
from tests.actions.money import GROUP_TWO
from tests.actions.scene import MU, Scene
from tests.actions.test_agreement import drafted
from tests.actions.test_boundary import moved


def typed(**values: object) -> dict[str, object]:
    return {"kind": "土地补偿费", "item": "水田", "unit": "亩", "quantity": MU, "unit_price": 2_000_000, **values}


# --- whose money it is -----------------------------------------------------------------------------------------------


def test_land_money_is_not_typed_into_a_households_agreement(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, own = drafted(scene, s)
        with pytest.raises(UserError, match="直接全额兑付给村集体（471号令第30条），不能付给农户") as refusal:
            act.add_line(s, scene.clerk, own, **typed())  # type: ignore[arg-type]
        assert refusal.value.code == "P08"
        act.sign(s, scene.clerk, own, paper="试验")
        with pytest.raises(UserError, match="不能付给农户"):
            act.supplement(s, scene.clerk, own, **typed())  # type: ignore[arg-type]


def test_personal_money_is_not_typed_into_a_collectives_agreement_unless_the_thing_is_its_own(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s))
        land = scene.agreement(s, scene.draft(s).done[0])
        assert land.collective
        hall = scene.asset(s, collective=land.collective, item="公房", spec=None)
        house = typed(kind="房屋", item="公房", unit="㎡")
        with pytest.raises(UserError, match="直接全额兑付给个人（471号令第32条），不能付给村民小组"):
            act.add_line(s, scene.clerk, land, **house)  # type: ignore[arg-type]
        assert "加了第" in act.add_line(s, scene.clerk, land, **house, asset=hall.id)  # type: ignore[arg-type]


def test_a_price_that_says_so_may_go_to_persons(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, own = drafted(scene, s)
        scene.price(s, "安置补助费", "旱地", "亩", 1_000_000, "person", nature="permanent")
        assert "加了第" in act.add_line(s, scene.clerk, own, **typed(kind="安置补助费", item="旱地"))  # type: ignore[arg-type]


def test_wrong_money_that_came_in_another_way_is_not_signed(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, own = drafted(scene, s)
        (line,) = scene.lines(s, own)
        line.kind, line.price = "土地补偿费", None
        s.flush()
        for act_on in (act.review, lambda *who: act.sign(*who, paper="试验")):
            with pytest.raises(UserError, match="不能付给农户"):
                act_on(s, scene.clerk, own)


# --- one thing, one agreement ----------------------------------------------------------------------------------------


def test_a_supplement_takes_nothing_that_stands_in_anothers_agreement(scene: Scene) -> None:
    with scene.change() as (s, _):
        here, there = scene.parcel(s, scene.household(s)), scene.parcel(s, scene.household(s, place=GROUP_TWO))
        scene.unit(s, "柳树村二组", GROUP_TWO)
        lands = [one for number in scene.draft(s).done if (one := scene.agreement(s, number)).collective]
        first, second = sorted(lands, key=lambda one: one.collective != scene.ids["柳树村一组"])
        act.sign(s, scene.clerk, second, paper="试验")
        extra = act.supplement_of(s, scene.clerk, second)
        with pytest.raises(UserError, match=f"“土地补偿费”已经列在协议 {first.number}"):
            act.add_line(s, scene.clerk, extra, **typed(), parcel=here.id)  # type: ignore[arg-type]
        assert "加了第" in act.add_line(s, scene.clerk, extra, **typed(), parcel=there.id)  # type: ignore[arg-type]


def test_what_belongs_to_another_household_or_is_not_confirmed_is_not_taken_in(scene: Scene) -> None:
    with scene.change() as (s, _):
        house, own = drafted(scene, s)
        words = typed(kind="房屋", item="偏房", unit="㎡")
        for values, text in (({"household": scene.household(s)}, "不是乙方的"), ({"household": house, "confirmed": 0}, "还没有签字确认")):
            thing = scene.asset(s, **values)
            with pytest.raises(UserError, match=text):
                act.add_line(s, scene.clerk, own, **words, asset=thing.id)  # type: ignore[arg-type]


def test_one_thing_in_two_agreements_is_not_signed_twice(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, first = drafted(scene, s)
        _, second = drafted(scene, s)
        act.sign(s, scene.clerk, first, paper="试验")
        (line,), (copy,) = scene.lines(s, first), scene.lines(s, second)
        copy.asset = line.asset
        s.flush()
        with pytest.raises(UserError, match=f"已经列在协议 {first.number}") as refusal:
            act.sign(s, scene.clerk, second, paper="试验")
        assert refusal.value.code == "STANDING"


def test_a_price_list_with_another_word_drafts_no_house_again(scene: Scene) -> None:
    with scene.change() as (s, _):
        drafted(scene, s)
        price = s.scalars(select(PriceItem).where(PriceItem.kind == "房屋")).one()
        price.kind = "房屋补偿费"
        s.flush()
        assert scene.draft(s).done == []


# --- sums and days ---------------------------------------------------------------------------------------------------


def test_a_supplement_takes_no_more_away_than_was_agreed(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, own = drafted(scene, s)
        act.sign(s, scene.clerk, own, paper="试验")
        extra = act.supplement_of(s, scene.clerk, own)
        act.add_line(s, scene.clerk, extra, kind="房屋", item="主房", unit="㎡", quantity=-101 * MU, unit_price=98_000)
        with pytest.raises(UserError, match=r"合计会是 -980\.00 元"):
            act.sign(s, scene.clerk, extra, paper="试验")


def test_a_price_is_not_negative(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, own = drafted(scene, s)
        with pytest.raises(UserError, match="单价不能是负数"):
            act.add_line(s, scene.clerk, own, kind="奖励", item="奖", unit="户", quantity=-MU, unit_price=-1)


def test_a_void_agreement_that_was_deleted_is_left_alone(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, own = drafted(scene, s)
        own.deleted = 1
        with pytest.raises(UserError, match="已经删除"):
            act.void(s, scene.clerk, own, reason="重签")


# --- the boundary ----------------------------------------------------------------------------------------------------


def test_a_boundary_is_not_taken_back_under_a_supplement_drafted_since(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU, number="P1")
        for number in scene.draft(s).done:
            act.sign(s, scene.clerk, scene.agreement(s, number), paper="试验")
        made = moved(scene, s, (parcel, "resized", 3 * MU)).id
    with scene.change() as (s, _):
        move.apply(s, scene.clerk, s.get_one(Boundary, made))
    with scene.change() as (s, _):
        move.draft_supplements(s, scene.clerk, s.get_one(Boundary, made))
    with scene.change() as (s, _):
        drafts = s.scalars(select(Agreement).where(Agreement.supplements.is_not(None)).order_by(Agreement.number)).all()
        with pytest.raises(UserError, match=f"执行以后起草的协议 {drafts[0].number}") as refusal:
            move.reverse(s, scene.clerk, s.get_one(Boundary, made))
        assert "作废" in refusal.value.hint
        for one in drafts:
            act.void(s, scene.clerk, one, reason="红线撤回")
        assert "已撤回" in move.reverse(s, scene.clerk, s.get_one(Boundary, made))


def test_lines_without_a_price_row_are_named_when_supplements_are_drafted(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU, number="P1")
        other = scene.parcel(s, scene.household(s), 2 * MU, number="P2")
        for number in scene.draft(s).done:
            act.sign(s, scene.clerk, scene.agreement(s, number), paper="试验")
        for line in s.scalars(select(AgreementLine).where(AgreementLine.parcel == other.id)):
            line.price = None
        made = moved(scene, s, (parcel, "resized", 3 * MU), (other, "resized", MU))
        move.apply(s, scene.clerk, made)
        said = move.draft_supplements(s, scene.clerk, made)
        assert "请手工补充：地块“P2”水田（" in said


# --- papers ----------------------------------------------------------------------------------------------------------


def test_a_slip_of_the_finger_is_told_from_an_unknown_sheet(scene: Scene) -> None:
    assert valid_code("WTR0-1MA1") == "WTR01MA1"
    with scene.change() as (s, _):
        with pytest.raises(UserError, match="短码 WTR0-1MA2 打错了") as refusal:
            documents.find_printout(s, "wtro-lma2")
        assert "逐位核对" in refusal.value.hint
        with pytest.raises(UserError, match="没有登记过短码 WTR0-1MA1"):
            documents.find_printout(s, "wtro-lma1")


def test_a_sheet_of_several_parcels_is_stale_when_one_of_them_changes(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        first, second = scene.parcel(s, house), scene.parcel(s, house)
        paper = documents.register_printout(s, scene.clerk, form="transfer", register="parcel", record=f"{first.id} {second.id}", code="WTR01MA1",
                                            digest="d" * 64, home=scene.home)  # fmt: skip
        its_id, changed = paper.id, second.id
    with scene.change() as (s, _):
        assert not documents.is_stale(s, s.get_one(Printout, its_id))
        s.get_one(documents.Printout, its_id)
        second = s.get_one(type(second), changed)
        second.transferred_on = "2026-11-21"
        assert not documents.is_stale(s, s.get_one(Printout, its_id))
        second.site = "大田"
        assert documents.is_stale(s, s.get_one(Printout, its_id))
