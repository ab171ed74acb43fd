"""A cadre moves on: every open item goes to the successor once, what was done stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.documents import current_printout, register_printout, return_printout
from relocdesk.actions.duty import hand_post
from relocdesk.clerk import Clerk
from relocdesk.entry import save
from relocdesk.errors import UserError
from relocdesk.printing import find_form
from relocdesk.printing.press import print_papers
from relocdesk.queries.dues import held_by
from relocdesk.records import register
from relocdesk.records.party import Task
from relocdesk.records.petition import Petition
from relocdesk.records.rectification import RectificationItem
from relocdesk.records.reference import Operator
from relocdesk.undo import undo
from tests import make
from tests.actions.scene import CLERK, Scene
from tests.actions.test_rectification import ITEM, make_item

ON = "2026-11-22"


def test_open_work_changes_hands_once_and_finished_work_does_not(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = people(s, ("赵小兰", "录入"), ("段秋生", "录入"))
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


def people(s: Session, *who: tuple[str, str]) -> list[Operator]:
    return [s.get_one(Operator, save(s, CLERK, register("operator"), {"name": name, "role": role})) for name, role in who]


def test_one_of_several_people_hands_over_their_part_only(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = people(s, ("赵小兰", "录入"), ("段秋生", "录入"))
        for number, named in (("1", "王建国、赵小兰"), ("2", "赵小兰 段秋生"), ("3", "赵小兰花")):
            make_item(s, number=number, person=named)
        assert [item.title for _, some in held_by(s, ON, "赵小兰") for item in some] == ["1 直补资金发放不及时", "2 直补资金发放不及时"]
        assert hand_post(s, CLERK, old, to=new.id) == "赵小兰的未了事项已交给段秋生：整改问题 2 项"
        s.expire_all()
        assert list(s.scalars(select(RectificationItem.person).order_by(RectificationItem.number))) == ["王建国、段秋生", "段秋生", "赵小兰花"]


def test_the_last_administrator_is_not_closed(scene: Scene) -> None:
    with scene.change() as (s, _):
        admin, other = people(s, ("李梅", "系统管理"), ("段秋生", "录入"))
        with pytest.raises(UserError, match="最后一个系统管理"):
            hand_post(s, CLERK, admin, to=other.id, leave=1)


def test_names_in_several_spellings_change_hands_and_the_others_of_a_cell_stay(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = people(s, ("赵小兰", "录入"), ("段秋生", "录入"))
        for n, owner in enumerate(("赵　小兰", "王建国，赵小兰", "段秋生、赵小兰", "赵小兰芳"), 1):
            save(s, CLERK, register("task"), {"list": "要点", "item": str(n), "owner": owner})
        assert "任务清单 3 项" in hand_post(s, CLERK, old, to=new.id)
        s.expire_all()
        assert {one.item: one.owner for one in s.scalars(select(Task))} == {"1": "段秋生", "2": "王建国、段秋生", "3": "段秋生", "4": "赵小兰芳"}


def test_a_hidden_case_goes_only_to_who_may_see_it_and_by_who_may(scene: Scene) -> None:
    head = Clerk("陈志远", "head", ON)
    with scene.change() as (s, _):
        old, blind, party = people(s, ("赵小兰", "党务"), ("段秋生", "录入"), ("周文静", "党务"))
        for number, purpose in (("XF1", "申诉求决"), ("XF2", "检举控告")):
            save(s, head, register("petition"), {"number": number, "received_on": "2026-11-02", "channel": "来信", "purpose": purpose, "petitioner": "张明",
                                                 "category": "面积", "summary": "少量", "handler": "赵小兰"})  # fmt: skip

        def handlers() -> dict[str | None, str | None]:
            s.expire_all()
            return {one.number: one.handler for one in s.scalars(select(Petition))}

        said = hand_post(s, CLERK, old, to=party.id)
        assert "信访件 1 项" in said, "an administrator does not learn how many there are"
        assert said.endswith("检举控告件您看不到，不在其中，请负责人再办一次岗位交接")
        assert handlers() == {"XF1": "周文静", "XF2": "赵小兰"}
        assert hand_post(s, head, old, to=blind.id).endswith("段秋生的岗位不能看的 1 项没有转，请另交给负责人或党务")
        assert handlers()["XF2"] == "赵小兰"
        assert hand_post(s, head, old, to=party.id) == "赵小兰的未了事项已交给周文静：信访件 1 项"
        assert handlers()["XF2"] == "周文静"


def test_a_case_without_a_clock_and_a_look_back_are_open_work_too(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = people(s, ("赵小兰", "录入"), ("段秋生", "录入"))
        save(s, CLERK, register("petition"), {"received_on": "2026-11-02", "channel": "来信", "purpose": "咨询", "petitioner": "匿名", "unreachable": "是",
                                              "category": "面积", "summary": "不清", "handler": "赵小兰"})  # fmt: skip
        item = make_item(s, person="赵小兰")
        item.state, item.look_due = "done", "2027-01-01"
        s.flush()
        assert hand_post(s, CLERK, old, to=new.id) == "赵小兰的未了事项已交给段秋生：没有期限的信访件 1 项、销号后的回头看 1 项"


def test_a_hand_over_is_taken_back_whole(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = people(s, ("赵小兰", "录入"), ("段秋生", "录入"))
        make_item(s, person="赵小兰", leader="赵小兰")
        ids = old.id, new.id
    with scene.change() as (s, done):
        hand_post(s, CLERK, s.get_one(Operator, ids[0]), to=ids[1], leave=1)
    with scene.change() as (s, _):
        undo(s, CLERK, done.action)
        one = s.scalars(select(RectificationItem)).one()
        assert (one.person, one.leader, s.get_one(Operator, ids[0]).active) == ("赵小兰", "赵小兰", 1)


def test_the_signed_sheet_is_not_outdated_by_the_hand_over_itself(scene: Scene, tmp_path: Path) -> None:
    with scene.change() as (s, _):
        ids = [one.id for one in people(s, ("赵小兰", "录入"), ("段秋生", "录入"))]
        make_item(s, person="赵小兰")
    (done,) = print_papers(scene.book, CLERK, find_form("post_handover"), ids[:1], tmp_path / "a.pdf").done
    with scene.change() as (s, _):
        hand_post(s, CLERK, s.get_one(Operator, ids[0]), to=ids[1], leave=1)
        assert return_printout(s, CLERK, done[1]).startswith("已收回单据")


def test_sheets_that_are_out_to_be_signed_stay_good(scene: Scene) -> None:
    with scene.change() as (s, _):
        old, new = people(s, ("赵小兰", "录入"), ("段秋生", "录入"))
        agreement = make.make_agreement(s, state="reviewed", signed_on=None, handler="赵小兰")
        register_printout(s, CLERK, form="agreement", register="agreement", record=agreement.id, code="ABCDEFG1", digest="1")
        ids = old.id, new.id, agreement.id
    with scene.change() as (s, _):
        assert "未签协议 1 项" in hand_post(s, CLERK, s.get_one(Operator, ids[0]), to=ids[1])
        assert current_printout(s, "agreement", ids[2], "agreement") is not None
