"""The year in party work by hand-counted meetings, talks and visits; each number is that of its rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import Refused, check, save
from relocdesk.queries import rows
from relocdesk.queries.party import Number, attendance, integrity_numbers, meeting_numbers, study_numbers, work_numbers
from relocdesk.records import register
from relocdesk.records.party import Talk

MEETINGS = (  # day, tags, topic, group, expected, present, leader
    ("2026-01-10", "党员大会、主题党日、党课", "学习决定", "", "20", "18", "是"),
    ("2026-02-05", "支委会", "研究计划", "", "5", "5", "否"),
    ("2026-03-05", "支委会、第一议题", "研究发展党员", "", "5", "4", "否"),
    ("2026-04-20", "中心组学习", "学习条例", "第三联合中心组", "", "", "是"),
    ("2026-05-20", "中心组学习、警示教育", "典型案例", "第三联合中心组", "", "12", "否"),
    ("2025-12-30", "党课", "去年的党课", "", "20", "20", "是"),
)


@pytest.fixture
def year(book: Book, clerk: Clerk) -> Book:
    """A year of meetings; the studies in April with names, one of them absent."""
    head = replace(clerk, role="head")
    book.viewer = lambda: head
    with book.change("登记", head) as (session, _):
        for day, tags, topic, group, expected, present, leader in MEETINGS:
            save(session, head, register("meeting"), {"held_on": day, "tags": tags, "topic": topic, "group": group, "expected": expected, "present": present,
                                                      "leader_present": leader})  # fmt: skip
        for name, leading, there, why in (("尹世文", "是", "是", ""), ("杨国强", "是", "否", "出差"), ("赵小兰", "否", "是", "")):
            save(session, head, register("attendance"), {"meeting": "2026-04-20/学习条例", "name": name, "leading": leading, "present": there,
                                                         "absent_reason": why})  # fmt: skip
    return book


def values(found: list[Number]) -> dict[str, int]:
    return {one.key: one.value for one in found if one.value}


def counted(session: Session, found: list[Number], *summed: str) -> None:
    for one in found:
        if not one.key.startswith(summed):
            assert len(rows.rowids(session, one.ask)) == one.value, one.key


def test_meetings_count_once_under_each_tag_and_the_sum_stands_beside_the_meetings(year: Book) -> None:
    with year.read() as session:
        found = meeting_numbers(session, 2026)
        assert values(found) == {"three": 4, "party_meeting": 1, "party_committee": 2, "party_lecture": 1, "theme_day": 1, "first_topic": 1,
                                 "study": 2, "warning": 1}  # fmt: skip
        assert found[0].beside == "四种分别计数；去重后 3 次会"
        assert len(rows.rowids(session, found[0].ask)) == 3
        counted(session, found, "three")
        assert next(one.beside for one in found if one.key == "study") == "14 人次"  # 2 who signed in, 12 typed


def test_studies_by_group_tell_leaders_and_heads(year: Book) -> None:
    with year.read() as session:
        found = list(study_numbers(session, 2026))
        assert [(one.label, one.value, one.beside) for one in found] == [
            ("第三联合中心组学习", 2, "14 人次"), ("第三联合中心组：主要领导参加", 1, ""), ("第三联合中心组：班子成员参加", 1, "1 人次")]  # fmt: skip
        counted(session, found)


def test_a_study_without_a_group_is_told_and_names_count_before_typed_numbers(year: Book, clerk: Clerk) -> None:
    with year.change("登记", clerk) as (session, _):
        save(session, clerk, register("meeting"), {"held_on": "2026-06-20", "tags": "中心组学习", "topic": "没人来", "present": "9"})
        for name in ("尹世文", "杨国强"):
            save(session, clerk, register("attendance"), {"meeting": "2026-06-20/没人来", "name": name, "present": "否"})
    with year.read() as session:
        found = [one for one in study_numbers(session, 2026) if one.label.startswith("没有写学习组的")]
        assert [(one.label, one.value, one.beside) for one in found] == [("没有写学习组的学习", 1, "0 人次"), ("没有写学习组的：主要领导参加", 0, "")]
        counted(session, found)


def test_more_names_than_were_counted_are_told(year: Book, clerk: Clerk) -> None:
    with year.change("登记", clerk) as (session, _):
        save(session, clerk, register("meeting"), {"held_on": "2026-06-20", "tags": "党课", "topic": "讲课", "present": "1"})
        first = check(session, clerk, register("attendance"), {"meeting": "2026-06-20/讲课", "name": "尹世文"})
        assert first.warnings == []
        save(session, clerk, register("attendance"), {"meeting": "2026-06-20/讲课", "name": "尹世文"})
        second = check(session, clerk, register("attendance"), {"meeting": "2026-06-20/讲课", "name": "杨国强"})
        assert [one.text for one in second.warnings] == ["到会的有 2 个名字，会议填的实到是 1 人，请核对"]


def test_only_who_stayed_away_was_excused(year: Book, clerk: Clerk) -> None:
    with year.change("登记", clerk) as (session, _):
        save(session, clerk, register("attendance"), {"meeting": "2026-05-20/典型案例", "name": "尹世文", "present": "是", "absent_reason": "迟到"})
    with year.read() as session:
        assert {one.name: (one.expected, one.present, one.excused) for one in attendance(session, 2026)}["尹世文"] == (2, 2, 0)


@pytest.mark.parametrize(("persons", "count", "told"), [
    ("张　三、李小四", "", ""), ("张　三、李小四", "2", ""), ("赵小兰、钱建军", "20", "写了 2 个谈话对象，人次填的是 20"), ("赵小兰等", "5", ""),
    ("全体干部", "25", ""),
    ("赵小兰、钱建军、段云", "2", "写了 3 个谈话对象，人次填的是 2"),
])  # fmt: skip
def test_the_number_of_a_talk_is_that_of_its_names(book: Book, clerk: Clerk, persons: str, count: str, told: str) -> None:
    head = replace(clerk, role="head")
    with book.change("登记", head) as (session, _):
        found = check(session, head, register("talk"), {"held_on": "2026-02-10", "kind": "日常", "by": "尹世文", "persons": persons, "count": count})
        assert [one.text for one in found.warnings if one.field == "count"] == ([f"{told}，请核对"] if told else [])
        assert count or found.new[0].values["count"] == 2


def test_more_people_than_expected_and_a_good_work_without_its_day_are_told(book: Book, clerk: Clerk) -> None:
    with book.change("登记", clerk) as (session, _):
        meeting = {"held_on": "2026-02-10", "tags": "党课", "topic": "讲党课", "expected": "20", "present": "22"}
        assert [one.code for one in check(session, clerk, register("meeting"), meeting).warnings] == ["PRESENT"]
        item = {"year": "2026", "list": "办实事", "item": "修路灯", "done": "是"}
        assert [one.code for one in check(session, clerk, register("service_item"), item).warnings] == ["DONE"]
        dated = check(session, clerk, register("service_item"), {"year": "2026", "list": "办实事", "item": "修路灯", "done_on": "2026-03-01"})
        assert (dated.new[0].values["done"], dated.warnings) == (1, [])


def test_attendance_by_person(year: Book) -> None:
    with year.read() as session:
        assert [(one.name, one.expected, one.present, one.excused) for one in attendance(session, 2026)] == [
            ("杨国强", 1, 0, 1), ("尹世文", 1, 1, 0), ("赵小兰", 1, 1, 0)]  # fmt: skip
        assert attendance(session, 2024) == []


def test_talks_count_persons_visits_signed_sheets_and_pledges_documents(year: Book, clerk: Clerk) -> None:
    head = replace(clerk, role="head")
    with year.change("登记", head) as (session, _):
        made = save(session, head, register("talk"), {"held_on": "2026-02-10", "kind": "节前", "by": "尹世文", "persons": "赵小兰、钱建军，段云"})
        assert session.get_one(Talk, made).count == 3
        save(session, head, register("talk"), {"held_on": "2026-06-10", "kind": "日常", "by": "尹世文", "persons": "赵小兰", "count": "1"})
        for signed in ("是", "否"):
            save(session, head, register("home_visit"), {"visited_on": "2026-10-01", "cadre": f"干部{signed}", "visitors": "尹世文、李梅", "signed": signed})
        save(session, head, register("pledge"), {"cadre": "赵小兰", "relative": "段国强", "relation": "夫", "signed_on": "2026-10-01"})
        save(session, head, register("pledge"), {"cadre": "钱建军", "relative": "李琴", "relation": "妻"})
        with pytest.raises(Refused, match="两人以上"):
            save(session, head, register("home_visit"), {"visited_on": "2026-10-01", "cadre": "某", "visitors": "尹世文"})
    with year.read() as session:
        found = integrity_numbers(session, 2026)
        assert values(found) == {"talk": 4, "talk.holiday": 3, "talk.daily": 1, "visit": 1, "pledge": 1}
        assert [one.beside for one in found if one.beside] == ["2 次谈话", "家访 2 户", "一式几份合计 2 份"]
        counted(session, found, "talk")
        numbers = session.query(register("pledge").cls.number).order_by("number").all()
        assert [one[0] for one in numbers] == ["A000001", "A000002"]


def test_works_and_tasks(year: Book, clerk: Clerk) -> None:
    with year.change("登记", clerk) as (session, _):
        for item, done in (("修路灯", "是"), ("送药", "否")):
            save(session, clerk, register("service_item"), {"year": "2026", "list": "双报到", "item": item, "done": done, "beneficiaries": "10"})
        save(session, clerk, register("service_item"), {"year": "2026", "list": "办实事", "item": "临时接水", "planned": "否"})
        for item, due, done in (("方案", "2026-03-01", "2026-02-28"), ("总结", "2026-11-01", ""), ("明年", "2027-01-10", "")):
            save(session, clerk, register("task"), {"list": "要点", "item": item, "due_on": due, "done_on": done})
        save(session, clerk, register("advert"), {"held_on": "2026-05-01", "site": "广场", "count": "4"})
    with year.read() as session:
        found = work_numbers(session, 2026, "2026-11-22")
        assert values(found) == {"service": 3, "service.done": 1, "service.people": 1, "service.reporting": 2, "task": 2, "task.late": 1, "advert": 4}
        assert [(one.beside, one.figure) for one in found if one.key.startswith("service")] == [
            ("受益 20 人，其中计划外 1 件", ""), ("", ""), ("已办结 0 件", "F100"), ("已办结 1 件", "")]
        counted(session, found, "advert")
