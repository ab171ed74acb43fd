"""What is due from every register: counted as its rows are, sorted by urgency, listed for the person it waits for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.dispute import become_petition
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import save
from relocdesk.queries import choices, rows
from relocdesk.queries.dispute import dispute_year
from relocdesk.queries.dues import dues, held, held_by, items, left_words, standing
from relocdesk.records import new_id, register
from relocdesk.records.agreement import Agreement, Printout
from relocdesk.records.party import HomeVisit
from relocdesk.records.petition import Dispute
from relocdesk.records.survey import Posting
from relocdesk.records.works import PlanItem, SupportProject
from tests import make

ON = "2026-11-22"
BATCH = {"name": "县委第八轮巡察", "kind": "巡察", "feedback_on": "2026-10-01"}
ITEM = {"inspection": "县委第八轮巡察", "aspect": "资金管理", "text": "拨付不及时", "leader": "尹世文", "section": "后扶股"}


@pytest.fixture
def filled(book: Book, clerk: Clerk) -> Book:
    """Things that wait for 王建国, for nobody by name, and for others; some late, some soon, some in a year."""
    book.viewer = lambda: clerk
    with book.change("登记", clerk) as (session, _):

        def add(reg: str, **texts: Any) -> str:
            return save(session, clerk, register(reg), {key: str(value) for key, value in texts.items()})

        add("inspection", **BATCH)
        for number, person, due in (("1", "王建国", "2026-11-12"), ("2", "赵小兰", "2026-11-20"), ("3", "", "2026-12-01"), ("4", "王建国", "2027-06-30")):
            add("rectification_item", **ITEM, number=number, person=person, due_on=due)
        add("task", list="2026 年工作要点", item="印发方案", owner="王建国", due_on="2026-11-25")
        add("task", list="2026 年工作要点", item="半年总结", owner="王建国", due_on="2026-07-10")
        add("dispute", found_on="2026-11-01", parties="李大山与张老三", type="权属", risk="红", person="王建国", due_on="2026-11-21")
        add("service_item", year="2026", list="双报到", item="修路灯", owner="赵小兰", due_on="2026-10-01")
        make.make_parcel(session, nature="temporary", lease_from="2024-11-01", lease_until="2026-10-31")
        make.make_agreement(session, state="draft", signed_on=None, handler="王建国")
        make.make_batch(session, state="checked")
    return book


def counted(session: Session) -> dict[str, tuple[int, int | None]]:
    return {one.due.key: (one.count, one.left) for one in standing(session, ON) if one.count}


def test_everything_that_waits_is_counted_the_most_urgent_first(filled: Book) -> None:
    with filled.read() as session:
        assert counted(session) == {
            "task": (1, -135), "service": (1, -52), "lease_over": (1, -22), "rectify_late": (2, -10), "dispute_late": (1, -1), "plan": (1, -22),
            "drafted": (1, None), "checked": (1, None), "task_soon": (1, 3), "rectify": (1, 9),
        }  # fmt: skip
        assert list(counted(session)) == ["task", "service", "lease_over", "plan", "rectify_late", "dispute_late", "drafted", "checked", "task_soon", "rectify"]


def test_each_number_is_that_of_its_rows_and_every_due_can_be_asked(filled: Book) -> None:
    with filled.read() as session:
        assert {one.due.key for one in standing(session, ON)} == {due.key for due in dues(session, ON)}
        for one in standing(session, ON):
            assert len(rows.rowids(session, one.due.ask)) == one.count, one.due.key
            for name in (*one.due.person, *filter(None, (one.due.day,))):
                assert name in one.due.ask.register


def test_a_dispute_that_became_a_petition_waits_there_alone(filled: Book, clerk: Clerk) -> None:
    with filled.change("转信访", clerk) as (session, _):
        row = session.scalars(select(Dispute)).one()
        row_id = row.id
        become_petition(session, clerk, row, petitioner="李大山", received_on="2026-11-02")
    with filled.read() as session:
        assert "dispute_late" not in counted(session)
        assert [held_.words for held_, _ in held_by(session, ON, "王建国") if held_.words == "矛盾纠纷"] == []
        year = dispute_year(session, ON)
        assert (year.open, year.late, year.found) == (0, 0, 1)
        reg = register("dispute")
        assert choices.record(session, reg, row_id, [reg["days_left"], reg["turned"]]).values == (None, 1)  # type: ignore[union-attr]


def test_objections_wait_until_somebody_answers(filled: Book, clerk: Clerk) -> None:
    with filled.change("异议", clerk) as (session, _):
        save(session, clerk, register("objection"), {"raised_by": "李大山", "filed_on": "2026-11-20", "claim": "少量了"})
    with filled.read() as session:
        assert counted(session)["objection"] == (1, None)


def test_keys_and_words_of_dues_are_their_own(filled: Book) -> None:
    with filled.read() as session:
        found = dues(session, ON)
    assert len({due.key for due in found}) == len({due.words for due in found}) == len(found)


def test_a_person_sees_their_own_and_what_waits_for_their_role_each_once(filled: Book) -> None:
    with filled.read() as session:
        mine = [(one.title, one.left, one.person) for one in items(session, ON, "王建国")]
        assert mine == [("2026 年工作要点 半年总结", -135, "王建国"), ("1 拨付不及时", -10, "王建国"),
                        (mine[2][0], -1, "王建国"), ("2026 年工作要点 印发方案", 3, "王建国"), (mine[4][0], None, "王建国")]  # fmt: skip
        assert mine[2][0].endswith("李大山与张老三")
        heads = [(one.register, one.words) for one in items(session, ON, "孙明", "head")]
        assert heads == [("payment_batch", "待审批的批次")]
        entry = {(one.register, one.title, one.person) for one in items(session, ON, "赵小兰", "entry")}
        assert ("rectification_item", "3 拨付不及时", "") in entry
        assert ("rectification_item", "2 拨付不及时", "赵小兰") in entry
        assert ("rectification_item", "1 拨付不及时", "王建国") not in entry
        every = items(session, ON, "王建国", "entry")
        assert len({(one.register, one.record) for one in every}) == len(every)


def test_what_has_not_come_to_its_day_is_not_late(filled: Book, clerk: Clerk) -> None:
    with filled.change("登记", clerk) as (session, _):
        make.make_recovery(session, told_on=ON, due_on="2026-12-22")
    with filled.read() as session:
        (one,) = (one for one in standing(session, ON) if one.due.key == "recovery")
        assert (one.left, one.kind) == (30, "warn")
        assert [one.due.key for one in standing(session, ON) if one.count][-1] == "recovery", "after what is sooner"
        (late,) = (one for one in standing(session, "2026-12-23") if one.due.key == "recovery")
        assert (late.left, late.kind) == (-1, "error")


def test_names_written_otherwise_and_several_in_a_cell_are_found(filled: Book, clerk: Clerk) -> None:
    with filled.change("登记", clerk) as (session, _):
        for n, owner in enumerate(("王　建国", "赵小兰、王建国", "王建国（后扶股）", "王建国强", "赵小兰 王建国"), 1):
            save(session, clerk, register("task"), {"list": "分工", "item": f"{n}", "owner": owner, "due_on": "2026-11-10"})
    with filled.read() as session:
        mine = [one.title for one in items(session, ON, "王建国") if one.title.startswith("分工")]
        assert mine == ["分工 1", "分工 2", "分工 3", "分工 5"]
        assert [item.title for one, some in held_by(session, ON, "王建国") if one.words == "任务清单" for item in some if item.title[:2] == "分工"] == mine


def test_what_names_nobody_at_work_waits_for_the_role(filled: Book, clerk: Clerk) -> None:
    """Who has left, and leaders who are no operators, have no list of their own here."""
    operator = register("operator")
    with filled.change("登记", clerk) as (session, _):
        for name, active in (("赵小兰", "是"), ("孙离岗", "否")):
            save(session, clerk, operator, {"name": name, "role": "录入", "active": active})
        for owner in ("赵小兰", "孙离岗", "县领导"):
            save(session, clerk, register("task"), {"list": "分工", "item": owner, "owner": owner, "due_on": "2026-11-10"})
    with filled.read() as session:
        assert [one.title for one in items(session, ON, "钱小芳", "entry") if one.title[:2] == "分工"] == ["分工 县领导", "分工 孙离岗"]


def test_what_waits_for_roles_that_nobody_has_waits_for_who_administers(filled: Book, clerk: Clerk) -> None:
    """A township of one person, who set the book up."""
    with filled.read() as session:
        mine = {one.words for one in items(session, ON, "王建国", "admin")}
        assert {"临时用地已到期未复垦", "待审批的批次"} <= mine
    with filled.change("登记", clerk) as (session, _):
        save(session, clerk, register("operator"), {"name": "赵小兰", "role": "录入", "active": "是"})
    with filled.read() as session:
        mine = {one.words for one in items(session, ON, "王建国", "admin")}
        assert ("临时用地已到期未复垦" in mine, "待审批的批次" in mine) == (False, True)


def test_what_few_may_see_waits_for_them_whoever_is_named(filled: Book, clerk: Clerk) -> None:
    """A denunciation in the name of a clerk who may not see it stands on the head's list, other cases of his do not."""
    with filled.change("登记", clerk) as (session, _):
        for name, role in (("赵小兰", "录入"), ("孙明", "负责人"), ("周文静", "党务")):
            save(session, clerk, register("operator"), {"name": name, "role": role, "active": "是"})
        for number, purpose, handler in (("XF1", "report", "赵小兰"), ("XF2", "claim", "赵小兰"), ("XF3", "report", "周文静"), ("XF4", "claim", None)):
            make.make_petition(session, number=number, purpose=purpose, handler=handler)
    filled.viewer = lambda: replace(clerk, role="head")
    with filled.read() as session:
        listed = {name: sorted(one.title.split()[0] for one in items(session, ON, name, role) if one.register == "petition") for name, role in
                  (("赵小兰", "entry"), ("孙明", "head"), ("周文静", "party"), ("王建国", "admin"))}  # fmt: skip
    assert listed == {"赵小兰": ["XF2", "XF4"], "孙明": ["XF1"], "周文静": ["XF1", "XF3", "XF4"], "王建国": []}


def test_a_long_list_keeps_the_most_urgent_and_says_how_many_more(filled: Book, clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relocdesk.queries.dues.LISTED", 3)
    with filled.change("登记", clerk) as (session, _):
        for n in range(1, 7):
            save(session, clerk, register("task"), {"list": "分工", "item": f"{n}", "owner": "王建国", "due_on": f"2026-11-{20 - n}"})
    with filled.read() as session:
        mine = [(one.title, one.left) for one in items(session, ON, "王建国") if one.words == "任务清单超期"]
        assert mine == [("2026 年工作要点 半年总结", -135), ("分工 6", -8), ("分工 5", -7), ("另有 4 项，请在程序里看", None)]
        assert len(next(some for one, some in held_by(session, ON, "王建国") if one.words == "任务清单")) == 8, "a hand-over names everything"


def test_what_is_over_is_no_longer_due(filled: Book, clerk: Clerk) -> None:
    """Closed postings, disputes that became petitions, visits followed up, sheets printed anew or of void agreements, superseded plans."""
    with filled.change("登记", clerk) as (session, _):
        session.add(Posting(id=new_id(), home=filled.home, subject="first", place=make.place(session), from_on="2026-11-01", until_on=ON, closed_on=ON))
        case = make.make_petition(session, received_on="2026-11-10")
        dispute = session.scalars(select(Dispute)).one()
        dispute.petition = case.id
        session.add(HomeVisit(id=new_id(), home=filled.home, number="1", visited_on="2026-11-01", cadre="孙干部", visitors="甲、乙", follow_on="2026-11-20",
                              follow_up="已回访"))  # fmt: skip
        old, new = (PlanItem(id=new_id(), home=filled.home, plan="p14", version=version, number="1", name="修渠", year=2024, investment=1) for version in
                    ("original", "midterm"))  # fmt: skip
        new.previous = old.id
        session.add_all((old, new))
        session.flush()
        session.add(SupportProject(id=new_id(), home=filled.home, code="X1", name="修渠", plan_item=old.id, year=2024, category="infra",
                                   place=make.place(session)))  # fmt: skip
        agreement, other = session.scalars(select(Agreement)).first(), make.make_agreement(session, state="void", signed_on=None)
        about = agreement.id

        def print_sheet(record: str, code: str, at: str) -> None:
            session.add(Printout(id=new_id(), home=filled.home, code=code, form="agreement", register="agreement", record=record, digest=code,
                                 printed_at=f"{at}T00:00:00.000Z", printed_by="王建国"))  # fmt: skip

        print_sheet(about, "AAAAAAA1", "2026-11-01")
        print_sheet(other.id, "AAAAAAA3", "2026-11-01")
    with filled.change("改", clerk) as (session, _):
        session.get_one(Agreement, about).party_a = "另一个甲方"
    with filled.read() as session:
        assert counted(session)["stale"][0] == 1
    with filled.change("重新打印", clerk) as (session, _):
        print_sheet(about, "AAAAAAA2", "2026-11-21")
    filled.viewer = lambda: replace(clerk, role="head")
    with filled.read() as session:
        found = counted(session)
        assert not {"posting", "dispute", "dispute_late", "visit", "plan_item", "stale", "out"} & set(found)
        assert found["petition"][0] == 1, "the case is told as what it is now"
        reg = register("printout")
        assert [line.shown for line in rows.page(session, reg, rows.rowids(session, rows.Ask(reg)), [reg["code"], reg["status"]])] == [
            ("AAAAAAA1", "已另打印"), ("AAAAAAA2", "已打印未收回"), ("AAAAAAA3", "协议已作废")]  # fmt: skip


def test_everything_open_in_a_persons_hands_stands_once(filled: Book) -> None:
    with filled.read() as session:
        found = {one.words: [item.title for item in some] for one, some in held_by(session, ON, "王建国")}
        assert {words: len(titles) for words, titles in found.items()} == {"矛盾纠纷": 1, "整改问题": 2, "任务清单": 2, "未签协议": 1, "在办批次": 1}
        assert held_by(session, ON, "无此人") == []


def test_what_is_held_is_declared_with_fields_that_are_there() -> None:
    for one in held():
        for name in (*one.person, *filter(None, (one.day,))):
            assert name in one.ask.register, (one.words, name)


@pytest.mark.parametrize(("left", "words"), [(-3, "超期 3 天"), (0, "今天到期"), (5, "还有 5 天"), (None, "")])
def test_days_left_in_words(left: int | None, words: str) -> None:
    assert left_words(left) == words
