"""Rectification as clerks do it: states with history, evidence and two people, look-back, reminders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.rectification import finish_measure, look_back, remind, reopen, set_state, sign_off
from relocdesk.clerk import Clerk
from relocdesk.entry import Refused, check, remove, save
from relocdesk.errors import UserError
from relocdesk.queries.rectification import inspections, problems
from relocdesk.queries.rows import Ask, Condition, ids, page, rowids
from relocdesk.records import new_id, register
from relocdesk.records.document import Attachment
from relocdesk.records.rectification import Inspection, LookBack, Measure, RectificationItem, StateChange
from relocdesk.rules.rectification import Tally
from relocdesk.undo import undo
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


def test_a_measure_done_keeps_its_day_when_it_is_ticked_off_again(scene: Scene) -> None:
    """Ten of them at once, some done long ago: only a day that is given replaces a day."""
    with scene.change() as (s, _):
        item = make_item(s)
        made = save(s, CLERK, register("measure"), {"item": f"县委第八轮巡察/{item.number}", "number": "1", "text": "逐户核对"})
        row = s.get_one(Measure, made)
        finish_measure(s, CLERK, row, done_on="2026-10-08")
        with pytest.raises(UserError, match="措施 1 已经于2026年10月8日完成"):
            finish_measure(s, CLERK, row)
        finish_measure(s, CLERK, row, result="已核对 300 户")
        assert (row.done_on, row.result) == ("2026-10-08", "已核对 300 户")
        finish_measure(s, CLERK, row, done_on="2026-10-09")
        assert (row.done_on, row.result) == ("2026-10-09", "已核对 300 户")


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
        assert history(s)[-1][2] == "回头看发现反弹：又拖欠（原佐证：会议纪要）"
        with pytest.raises(UserError, match="没有佐证材料"):
            sign_off(s, CLERK, item)
        with pytest.raises(UserError, match="还没有两人签字"):
            set_state(s, CLERK, item, state="done", reason="再完成", evidence="补发凭证")
        for clerk, who in ((CLERK, "王建国"), (HEAD, "孙明"), (HEAD, "杨国强")):
            sign_off(s, clerk, item, signer=who)
        assert shown(s, item, "step") == ("已销号",)
        later = replace(CLERK, on="2027-05-25")
        assert look_back(s, later, item, result="firm", note="没有反弹") == "第 1 号问题回头看：巩固"


def struck(session: Session, item: RectificationItem, day: str, **more: str) -> None:
    for clerk, who in ((CLERK, "王建国"), (HEAD, "孙明"), (HEAD, "杨国强")):
        sign_off(session, clerk, item, signer=who, signed_on=day, **more)


def test_a_relapse_wants_proof_of_its_own(scene: Scene) -> None:
    scene.book.viewer = lambda: CLERK
    with scene.change() as (s, _):
        item = make_item(s)
        for name in ("一", "二"):
            if name == "二":
                with pytest.raises(UserError, match="没有佐证材料"):
                    sign_off(s, CLERK, item)
            s.add(Attachment(id=new_id(), home=item.home, register="rectification_item", record=item.id, name=f"{name}.jpg", size=1, sha256=name))
            s.flush()
            struck(s, item, "2026-11-02")
            assert "没有佐证材料" not in shown(s, item, "doubt")[0]
            if name == "一":
                look_back(s, CLERK, item, result="relapsed", note="又拖欠", due_on="2027-01-31", checked_on="2026-11-02")
        assert [one.files for one in problems(s, [item.id])] == [1]
        reg = register("inspection")
        assert page(s, reg, rowids(s, Ask(reg)), [reg["total"], reg["done"], reg["relapsed"]])[0].values == (1, 1, 1)


@pytest.mark.parametrize("spelling", ["王 建国", "王建国 ", "王　建国", "李梅、王建国"])
def test_one_person_does_not_sign_twice_by_spelling_the_name_anew(scene: Scene, spelling: str) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        sign_off(s, CLERK, item, signer="王建国")
        with pytest.raises(UserError, match="同一个人"):
            sign_off(s, HEAD, item, signer=spelling)
        item.leader_signed_by = spelling
        with pytest.raises(UserError, match="还没有两人签字"):
            set_state(s, HEAD, item, state="done", reason="完成")


def test_a_blank_is_nobody(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s)
        with pytest.raises(UserError, match="没有佐证材料"):
            sign_off(s, CLERK, item, evidence="　 ")
        sign_off(s, CLERK, item, signer="　 ", evidence="会议纪要")
        assert item.section_signed_by == "王建国"


def test_lasting_stays_lasting_when_it_is_struck_off(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        sign_off(s, CLERK, item)
        sign_off(s, HEAD, item)
        set_state(s, CLERK, item, state="lasting", reason="制度已立，长期坚持")
        sign_off(s, HEAD, item, signer="杨国强")
        assert shown(s, item, "state", "step") == ("长期坚持", "已销号")


def test_the_history_runs_forward(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        set_state(s, CLERK, item, state="nearly", reason="措施已落实", changed_on="2026-11-10")
        with pytest.raises(UserError, match="早于上一次登记的2026年11月10日"):
            set_state(s, CLERK, item, state="open", reason="重来", changed_on="2026-11-09")
        sign_off(s, CLERK, item, signed_on="2026-11-05")  # the sheet was signed before anybody registered the state
        sign_off(s, HEAD, item, signed_on="2026-11-06")
        with pytest.raises(UserError, match="早于上一次登记的2026年11月10日"):
            sign_off(s, HEAD, item, signer="杨国强", signed_on="2026-11-07")


def test_a_look_back_comes_after_the_striking_off_and_new_signatures_after_the_relapse(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        sign_off(s, CLERK, item, signed_on="2026-11-01")
        sign_off(s, HEAD, item, signed_on="2026-11-02")
        set_state(s, CLERK, item, state="done", reason="完成", changed_on="2026-11-03")
        sign_off(s, HEAD, item, signer="杨国强", signed_on="2026-11-10")
        with pytest.raises(UserError, match="早于销号日期2026年11月10日"):
            look_back(s, CLERK, item, result="firm", note="好", checked_on="2026-11-05")
        look_back(s, CLERK, item, result="firm", note="好", checked_on="2026-11-15")
        with pytest.raises(UserError, match="早于上次回头看的2026年11月15日"):
            look_back(s, CLERK, item, result="relapsed", note="又拖欠", checked_on="2026-11-12", due_on="2027-01-31")
        look_back(s, CLERK, item, result="relapsed", note="又拖欠", checked_on="2026-11-20", due_on="2027-01-31")
        with pytest.raises(UserError, match="早于重新整改的2026年11月20日"):
            sign_off(s, CLERK, item, signed_on="2026-11-18", evidence="补发凭证")
        look = s.scalars(select(LookBack).where(LookBack.result == "relapsed")).one()
        with pytest.raises(UserError, match="回头看要留底"):
            remove(s, CLERK, register("look_back"), look.id)


def test_papers_tell_how_things_stood_on_their_day(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        make_item(s, number="2")
        set_state(s, CLERK, item, state="nearly", reason="措施已落实", changed_on="2026-09-20")
        struck(s, item, "2026-10-10")
        look_back(s, CLERK, item, result="relapsed", note="又拖欠", checked_on="2026-11-01", due_on="2027-01-31")
        batch = s.scalars(select(Inspection)).one()
        for day, tally in (("2026-09-19", Tally(0, 0, 2, 0)), ("2026-09-20", Tally(0, 1, 1, 0)), ("2026-10-10", Tally(1, 0, 1, 0)),
                           ("2026-10-31", Tally(1, 0, 1, 0)), ("2026-11-01", Tally(0, 0, 2, 0))):  # fmt: skip
            (data,) = inspections(s, [batch.id], day)
            assert (data.tally, data.tally.total) == (tally, 2), day
            assert [one.done_on for one in data.items if one.settled] == ["2026-10-10"] * tally.done
            assert any(one.relapsed for one in data.items) is (day == "2026-11-01")


def test_an_old_ledger_tells_by_the_day_of_completion(scene: Scene) -> None:
    with scene.change() as (s, _):
        item, other = make_item(s), make_item(s, number="2")
        item.state, item.done_on, other.state = "done", "2026-10-10", "lasting"
        s.flush()
        batch = s.scalars(select(Inspection)).one()
        assert [inspections(s, [batch.id], day)[0].tally for day in ("2026-10-09", "2026-10-10")] == [Tally(0, 0, 1, 1), Tally(1, 0, 0, 1)]


def test_the_evidence_of_what_is_done_is_corrected_and_never_emptied(scene: Scene) -> None:
    with scene.change() as (s, _):
        item = make_item(s, evidence="会议纪要")
        save(s, CLERK, register("rectification_item"), {"evidence": "", "person": "李梅"}, item.id)
        struck(s, item, "2026-11-02", evidence="会议纪要第3号")
        save(s, CLERK, register("rectification_item"), {"evidence": "会议纪要第4号"}, item.id)
        with pytest.raises(Refused, match="不能清空"):
            save(s, CLERK, register("rectification_item"), {"evidence": "", "person": "王建国"}, item.id)


def test_the_only_file_that_proves_a_rectification_stays(scene: Scene) -> None:
    with scene.change() as (s, _):
        item, files = make_item(s), register("attachment")
        for name in ("一", "二"):
            s.add(Attachment(id=new_id(), home=item.home, register="rectification_item", record=item.id, name=f"{name}.jpg", size=1, sha256=name))
        s.flush()
        struck(s, item, "2026-11-02")
        first, second = s.scalars(select(Attachment).order_by(Attachment.id))
        remove(s, CLERK, files, first.id)
        with pytest.raises(UserError, match="唯一的佐证材料"):
            remove(s, CLERK, files, second.id)
        save(s, CLERK, register("rectification_item"), {"evidence": "会议纪要第3号"}, item.id)
        s.expire_all()
        remove(s, CLERK, files, second.id)


def test_a_term_that_is_put_off_is_told(scene: Scene) -> None:
    with scene.change() as (s, _):
        item, reg = make_item(s), register("rectification_item")
        later = check(s, CLERK, reg, {"due_on": "2027-03-31"}, item.id)
        assert [one.text.partition("；")[0] for one in later.warnings if one.code == "Z02"] == ["整改时限由 2026-12-12 延到 2027-03-31"]
        assert [one for one in check(s, CLERK, reg, {"due_on": "2026-12-01"}, item.id).warnings if one.code == "Z02"] == []


def test_only_overdue_items_are_reminded_of(scene: Scene) -> None:
    with scene.change() as (s, _):
        item, late = make_item(s), make_item(s, number="2", due_on="2026-11-12")
        with pytest.raises(UserError, match="没有超期"):
            remind(s, CLERK, item)
        assert remind(s, CLERK, late) == "第 2 号问题超期 10 天，已提醒尹世文、后扶股（第 1 次）"


def test_each_step_is_taken_back_from_the_last_one(scene: Scene) -> None:
    """A slip of the hand is undone with its line of history; what came later goes first, so that states and history agree."""
    with scene.change() as (s, _):
        row = make_item(s).id

    def act(step: Callable[..., str], clerk: Clerk = CLERK, **given: str) -> str:
        with scene.change(clerk) as (s, done):
            step(s, clerk, s.get_one(RectificationItem, row), **given)
        return done.action

    def stands() -> tuple[object, ...]:
        with scene.book.read() as s:
            item = s.get_one(RectificationItem, row)
            lines = s.scalars(select(StateChange.after).where(StateChange.deleted == 0).order_by(StateChange.id)).all()
            return (item.state, item.evidence, item.section_signed_by, item.leader_signed_by, item.group_signed_by, item.look_due, item.due_on, list(lines))

    def back(action: str) -> None:
        with scene.change(HEAD) as (s, _):
            undo(s, HEAD, action)

    first = stands()
    before, actions = [], []
    for step, clerk, given in (
        (set_state, ENTRY, {"state": "nearly", "reason": "名册已核对"}), (set_state, ENTRY, {"state": "open", "reason": "又查出两户"}),
        (set_state, ENTRY, {"state": "nearly", "reason": "补核了"}), (sign_off, ENTRY, {"evidence": "核对记录"}), (sign_off, CLERK, {}),
        (sign_off, HEAD, {}), (look_back, CLERK, {"result": "relapsed", "note": "又拖延", "due_on": "2027-02-01"}),
    ):  # fmt: skip
        before.append(stands())
        actions.append(act(step, clerk, **given))
    assert len({str(one) for one in before}) == len(before) == 7
    back(actions.pop())
    assert stands() == before.pop()
    for signature, later in ((3, "领导签字日期、销号日期"), (4, "销号日期")):
        with pytest.raises(UserError, match=f"后来登记了{later}，要先撤销后来的办理"):
            back(actions[signature])
    while actions:
        if len(actions) == 3:  # the state is the same as after the first step, yet two lines came after it
            with pytest.raises(UserError, match="不能撤销：整改问题“1 直补资金发放不及时”后来又登记了整改状态变化，要先撤销后来的办理"):
                back(actions[0])
        back(actions.pop())
        assert stands() == before.pop()
    assert stands() == first
    assert act(set_state, ENTRY, state="nearly", reason="名册已核对"), "what was taken back can be done again"


def test_what_was_taken_back_holds_no_signature_up(scene: Scene) -> None:
    with scene.change() as (s, _):
        row = make_item(s, evidence="会议纪要").id
        set_state(s, CLERK, s.get_one(RectificationItem, row), state="nearly", reason="已核对", changed_on="2026-11-10")
    with scene.change() as (s, done):
        set_state(s, CLERK, s.get_one(RectificationItem, row), state="open", reason="点错了一行", changed_on="2026-11-20")
    with scene.change(HEAD) as (s, _):
        undo(s, HEAD, done.action)
        assert sign_off(s, ENTRY, s.get_one(RectificationItem, row), signed_on="2026-11-18").endswith("赵小兰2026年11月18日签字")


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
