"""A cadre moves on: every open item goes to the successor once, what was done stays as it was."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from relocdesk.actions.duty import hand_post
from relocdesk.entry import save
from relocdesk.errors import UserError
from relocdesk.queries.dues import held_by
from relocdesk.records import register
from relocdesk.records.party import Task
from relocdesk.records.rectification import RectificationItem
from relocdesk.records.reference import Operator
from tests.actions.scene import CLERK, Scene
from tests.actions.test_rectification import ITEM, make_item

ON = "2026-11-22"


def test_open_work_changes_hands_once_and_finished_work_does_not(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = (s.get_one(Operator, save(s, CLERK, register("operator"), {"name": name, "role": role})) for name, role in
                    (("赵小兰", "录入"), ("段秋生", "录入")))  # fmt: skip
        make_item(s, person="赵小兰", leader="赵小兰")
        make_item(s, number="2", person="王建国")
        for item, done in (("一", ""), ("二", "2026-10-01")):
            save(s, CLERK, register("task"), {"list": "要点", "item": item, "owner": "赵小兰", "done_on": done})
        with pytest.raises(UserError, match="同一个人"):
            hand_post(s, CLERK, old, to=old.id)
        assert hand_post(s, CLERK, old, to=new.id, leave=1) == "赵小兰的未了事项已交给段秋生：整改问题 1 项、任务清单 1 项，账号已停用"
        s.expire_all()
        assert [(one.person, one.leader) for one in s.scalars(select(RectificationItem).order_by(RectificationItem.number))] == [
            ("段秋生", "段秋生"), ("王建国", ITEM["leader"])]  # fmt: skip
        assert {one.item: one.owner for one in s.scalars(select(Task))} == {"一": "段秋生", "二": "赵小兰"}
        assert (old.active, held_by(s, ON, "赵小兰")) == (0, [])
        with pytest.raises(UserError, match="接交人不是在用的操作员"):
            hand_post(s, CLERK, new, to=old.id)


def test_one_of_several_people_hands_over_their_part_only(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = (s.get_one(Operator, save(s, CLERK, register("operator"), {"name": name, "role": role})) for name, role in
                    (("赵小兰", "录入"), ("段秋生", "录入")))  # fmt: skip
        for number, people in (("1", "王建国、赵小兰"), ("2", "赵小兰 段秋生"), ("3", "赵小兰花")):
            make_item(s, number=number, person=people)
        assert [item.title for _, some in held_by(s, ON, "赵小兰") for item in some] == ["1 直补资金发放不及时", "2 直补资金发放不及时"]
        assert hand_post(s, CLERK, old, to=new.id) == "赵小兰的未了事项已交给段秋生：整改问题 2 项"
        s.expire_all()
        assert list(s.scalars(select(RectificationItem.person).order_by(RectificationItem.number))) == ["王建国、段秋生", "段秋生", "赵小兰花"]


def test_the_last_administrator_is_not_closed(scene: Scene) -> None:
    with scene.change() as (s, _):
        admin, other = (s.get_one(Operator, save(s, CLERK, register("operator"), {"name": name, "role": role})) for name, role in
                        (("李梅", "系统管理"), ("段秋生", "录入")))  # fmt: skip
        with pytest.raises(UserError, match="最后一个系统管理"):
            hand_post(s, CLERK, admin, to=other.id, leave=1)
