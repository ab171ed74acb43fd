"""Rectification as clerks do it: states with history, evidence and two people, look-back, reminders."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.rectification import finish_measure, look_back, remind, reopen, set_state, sign_off
from relocdesk.clerk import Clerk
from relocdesk.entry import Refused, save
from relocdesk.errors import UserError
from relocdesk.queries.rows import Ask, Condition, ids, page, rowids
from relocdesk.records import register
from relocdesk.records.rectification import Inspection, Measure, RectificationItem, StateChange
from tests.actions.scene import CLERK, Scene

ITEM = {"inspection": "县委第八轮巡察", "aspect": "落实决策部署", "number": "1", "text": "直补资金发放不及时", "leader": "尹世文", "section": "后扶股",
        "person": "王建国", "due_on": "2026-12-12"}  # fmt: skip
HEAD = replace(CLERK, name="孙明", role="head")
ENTRY = replace(CLERK, name="赵小兰", role="entry")


def make_item(session: Session, **values: str) -> RectificationItem:
    reg = register("inspection")
    if not ids(session, Ask(reg)):
        save(session, CLERK, reg, {"name": "县委第八轮巡察", "kind": "巡察", "feedback_on": "2026-09-12"})
    made = save(session, CLERK, register("rectification_item"), {**ITEM, **values})
    return session.get_one(RectificationItem, made)


def shown(session: Session, item: RectificationItem, *names: str) -> tuple[str, ...]:
    reg = register("rectification_item")
    session.flush()
    found = rowids(session, Ask(reg, (Condition("number", "=", item.number),)))
    return page(session, reg, found, [reg[name] for name in names])[0].shown


def history(session: Session) -> list[tuple[str | None, str, str | None]]:
    return [(one.before, one.after, one.reason) for one in session.scalars(select(StateChange).order_by(StateChange.line))]


def test_terms_run_from_the_feedback_by_the_settings(scene: Scene) -> None:
    with scene.change() as (s, _):
        make_item(s)
        row = s.scalars(select(Inspection)).one()
        assert (row.plan_due, row.concentrated_until) == ("2026-10-12", "2026-12-12")
        save(s, CLERK, register("inspection"), {"feedback_on": "2026-08-31"}, row.id)
        s.refresh(row)
        assert (row.plan_due, row.concentrated_until) == ("2026-09-30", "2026-11-30")
        save(s, CLERK, register("inspection"), {"plan_due": "2026-10-20"}, row.id)
        s.refresh(row)
        assert row.plan_due == "2026-10-20"


def test_done_needs_evidence_and_two_people_and_keeps_its_history(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s)
        set_state(s, CLERK, item, state="nearly", reason="措施已落实")
        with pytest.raises(UserError, match="没有佐证材料"):
            set_state(s, CLERK, item, state="done", reason="完成")
        with pytest.raises(UserError, match="还没有两人签字"):
            set_state(s, CLERK, item, state="done", reason="完成", evidence="龙搬办〔2026〕7号")
        sign_off(s, CLERK, item, step="section")
        with pytest.raises(UserError, match="同一个人"):
            sign_off(s, CLERK, item, step="leader")
        sign_off(s, HEAD, item, step="leader")
        assert shown(s, item, "step", "state") == ("待党组销号", "基本完成")
        set_state(s, CLERK, item, state="done", reason="验收合格")
        assert sign_off(s, HEAD, item, signer="杨国强") == "第 1 号问题：党组销号，杨国强2026年11月22日签字"
        assert shown(s, item, "step", "state", "done_on", "look_due") == ("已销号", "已完成", "2026-11-22", "2027-05-22")
        assert history(s) == [("open", "nearly", "措施已落实"), ("nearly", "done", "验收合格")]


def test_a_sign_off_that_is_not_accepted_opens_the_item_again(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        with pytest.raises(UserError, match="没有销号，也没有人签过字"):
            reopen(s, HEAD, item, reason="材料不实", due_on="2027-01-31")
        sign_off(s, ENTRY, item)
        with pytest.raises(UserError, match="新的整改时限"):
            reopen(s, HEAD, item, reason="材料不实", due_on="2026-11-22")
        reopen(s, HEAD, item, reason="佐证材料不实", due_on="2027-01-31")
        assert shown(s, item, "step", "state", "due_on") == ("整改中", "未完成", "2027-01-31")
        for who in (ENTRY, HEAD, replace(HEAD, name="杨国强")):
            sign_off(s, who, item)
        assert shown(s, item, "step", "state", "done_on") == ("已销号", "已完成", "2026-11-22")
        assert reopen(s, HEAD, item, reason="巡察办没有认可", due_on="2027-03-31") == "第 1 号问题重新整改（巡察办没有认可），时限2027年3月31日"
        assert shown(s, item, "step", "state", "done_on", "look_due") == ("整改中", "未完成", "", "")
        assert history(s) == [("open", "open", "佐证材料不实"), ("open", "done", "杨国强销号"), ("done", "open", "巡察办没有认可")]


def test_the_roles_of_each_step(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        sign_off(s, ENTRY, item)
        for clerk in (ENTRY, replace(ENTRY, role="reader")):
            with pytest.raises(UserError) as caught:
                sign_off(s, clerk, item, signer="别人")
            assert caught.value.code == "ROLE"
        sign_off(s, replace(HEAD, role="review"), item)
        with pytest.raises(UserError, match="不能办“党组销号”"):
            sign_off(s, replace(HEAD, role="review"), item)


def test_open_measures_hold_the_sign_off(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        made = save(s, CLERK, register("measure"), {"item": f"县委第八轮巡察/{item.number}", "number": "1", "text": "逐户核对"})
        with pytest.raises(UserError, match="还有 1 条措施没有完成"):
            sign_off(s, CLERK, item)
        finish_measure(s, CLERK, s.get_one(Measure, made), result="已核对 300 户")
        sign_off(s, CLERK, item)
        assert shown(s, item, "measures") == ("1. 逐户核对",)


def test_a_relapse_opens_the_item_again_with_all_its_history(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        with pytest.raises(UserError, match="不用回头看"):
            look_back(s, CLERK, item, result="firm", note="好")
        for clerk, who in ((CLERK, "王建国"), (HEAD, "孙明"), (HEAD, "杨国强")):
            sign_off(s, clerk, item, signer=who, signed_on="2026-11-02")
        with pytest.raises(UserError, match="新的整改时限"):
            look_back(s, CLERK, item, result="relapsed", note="又拖欠")
        look_back(s, CLERK, item, result="relapsed", note="又拖欠", due_on="2027-01-31")
        assert shown(s, item, "step", "state", "due_on", "done_on", "group_signed_by") == ("反弹重开", "未完成", "2027-01-31", "", "")
        assert [one[:2] for one in history(s)] == [("open", "done"), ("done", "open")]
        with pytest.raises(UserError, match="还没有两人签字"):
            set_state(s, CLERK, item, state="done", reason="再完成")
        for clerk, who in ((CLERK, "王建国"), (HEAD, "孙明"), (HEAD, "杨国强")):
            sign_off(s, clerk, item, signer=who)
        assert shown(s, item, "step") == ("已销号",)
        later = replace(CLERK, on="2027-05-25")
        assert look_back(s, later, item, result="firm", note="没有反弹") == "第 1 号问题回头看：巩固"


def test_only_overdue_items_are_reminded_of(scene: Scene) -> None:
    with scene.change() as (s, _):
        item, late = make_item(s), make_item(s, number="2", due_on="2026-11-12")
        with pytest.raises(UserError, match="没有超期"):
            remind(s, CLERK, item)
        assert remind(s, CLERK, late) == "第 2 号问题超期 10 天，已提醒尹世文、后扶股（第 1 次）"


def test_states_and_histories_are_not_typed_over(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s)
        for reg, texts, row_id in (
            ("rectification_item", {"state": "已完成"}, item.id),
            ("rectification_item", {**ITEM, "number": "9", "state": "已完成"}, ""),
            ("look_back", {"item": "县委第八轮巡察/1", "checked_on": "2026-11-01", "result": "反弹"}, ""),
        ):
            with pytest.raises(Refused) as caught:
                save(s, CLERK, register(reg), texts, row_id)
            assert caught.value.code == "ACTED"


@pytest.mark.parametrize(("values", "doubts"), [
    ({}, "没有整改措施"), ({"person": ""}, "没有整改措施；没有责任人"), ({"due_on": "2026-11-21"}, "超期未完成；没有整改措施"),
])  # fmt: skip
def test_what_an_inspector_would_ask_stands_beside_the_item(scene: Scene, values: dict[str, str], doubts: str) -> None:
    scene.book.viewer = lambda: Clerk("王建国", "admin", "2026-11-22")
    with scene.change() as (s, _):
        assert shown(s, make_item(s, **values), "doubt") == (doubts,)


def test_the_party_worker_keeps_these_registers(scene: Scene) -> None:
    with scene.change() as (s, _):
        make_item(s)
        party = replace(CLERK, name="李梅", role="party")
        assert save(s, party, register("rectification_item"), {**ITEM, "number": "5"})
        with pytest.raises(UserError, match="不能改"):
            save(s, party, register("household"), {"number": "9"})
