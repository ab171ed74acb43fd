"""分户, 并户 and a new head: who goes where, and what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions import agreement as act
from relocdesk.actions import household as act_on
from relocdesk.errors import UserError
from relocdesk.records.household import Household, Person
from tests.actions.scene import TOWNSHIP, Scene, idcard


def member(scene: Scene, s: Session, house: Household, name: str, serial: int, **values: str) -> Person:
    return scene.add(s, Person, scene.home, **{"household": house.id, "name": name, "idcard": idcard(serial, "19950101"),
                                               "relation": "子", "state": "present", **values})  # fmt: skip


def test_a_son_leaves_with_his_wife_and_one_plot(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s, number="0012")
        son, wife = member(scene, s, house, "李小山", 1), member(scene, s, house, "杨小妹", 2, relation="儿媳")
        kept, gone = scene.parcel(s, house), scene.parcel(s, house)
        said = act_on.split(s, scene.clerk, house, number="0012-1", people=[son.id, wife.id], parcels=[gone.id])
        assert said == "已从户号 0012 分出户号 0012-1，户主李小山，2 人、1 项实物"
        made = s.scalars(select(Household).where(Household.number == "0012-1")).one()
        assert (made.came_from, made.head, made.place, made.home) == (house.id, son.id, house.place, scene.home)
        assert (son.household, son.relation, wife.household, gone.household, kept.household) == (made.id, "户主", made.id, made.id, house.id)


def test_a_split_is_refused_when_it_makes_no_sense(scene: Scene) -> None:
    with scene.change() as (s, _):
        house, other = scene.household(s, number="0012"), scene.household(s, number="0013")
        son = member(scene, s, house, "李小山", 1)
        asset = scene.asset(s, house)
        scene.draft(s)
        for values, text in (
            ({"people": [son.id], "number": "0013"}, "已经用过"),
            ({"people": [str(other.head)], "number": "0012-1"}, "不在户号 0012"),
            ({"people": [str(house.head)], "number": "0012-1"}, "请先变更户主"),
            ({"people": [son.id], "head": str(house.head), "number": "0012-1"}, "不在分出的人员里"),
            ({"people": [son.id], "assets": [asset.id], "number": "0012-1"}, "不能分出"),
        ):
            with pytest.raises(UserError, match=text):
                act_on.split(s, scene.clerk, house, **values)  # type: ignore[arg-type]
        assert (son.household, s.query(Household).count()) == (house.id, 2)


def test_merging_moves_people_and_free_rows_and_leaves_agreements(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = scene.household(s, "李老五", number="0012"), scene.household(s, "李大山", number="0013")
        agreed = scene.asset(s, old)
        (number,) = scene.draft(s).done
        with pytest.raises(UserError, match=f"还有没签订的协议 {number}"):
            act_on.merge(s, scene.clerk, old, into=new.id)
        act.sign(s, scene.clerk, scene.agreement(s, number), paper="试验")
        free = scene.parcel(s, old)
        assert act_on.merge(s, scene.clerk, old, into=new.id) == "户号 0012 已并入户号 0013，1 人、1 项实物；请补填与户主关系"
        assert (free.household, agreed.household, old.left_on) == (new.id, old.id, "2026-11-22")
        person = s.get_one(Person, old.head)
        assert (person.household, person.relation) == (new.id, None)
        with pytest.raises(UserError, match="已经删除或并户"):
            act_on.merge(s, scene.clerk, new, into=old.id)


def test_merging_into_itself_is_refused(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        with pytest.raises(UserError, match="没有可以并入"):
            act_on.merge(s, scene.clerk, house, into=house.id)


def test_a_new_head_must_be_a_living_member(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s, "李大山", number="0012", account_name="李大山")
        wife, dead = member(scene, s, house, "杨桂花", 3), member(scene, s, house, "李老爹", 4, state="dead")
        stranger = s.get_one(Person, scene.household(s, place=f"{TOWNSHIP}20102").head)
        for one, text in ((dead, "已去世"), (stranger, "不在户号 0012"), (s.get_one(Person, house.head), "已经是户主")):
            with pytest.raises(UserError, match=text):
                act_on.set_head(s, scene.clerk, house, person=one.id)
        old = s.get_one(Person, house.head)
        said = act_on.set_head(s, scene.clerk, house, person=wife.id, relation="配偶")
        assert said == "户号 0012 的户主由李大山变更为杨桂花；收款账户户名还是李大山，请核对"
        assert (house.head, wife.relation, old.relation) == (wife.id, "户主", "配偶")
