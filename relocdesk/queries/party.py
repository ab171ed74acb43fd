"""The year in party and integrity work as reports count it; every number with the rows behind it.

One meeting may carry several tags: it counts once under each, 三会一课 is the sum of its four tags, and beside it stands how
many meetings that really were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from relocdesk.queries.dues import Condition3, ask
from relocdesk.queries.rows import Ask
from relocdesk.records.party import Advert, Attendance, HomeVisit, Meeting, MeetingTag, Pledge, ServiceItem, ServiceList, Talk, TalkKind, Task
from relocdesk.records.reference import Dictionary

THREE_MEETINGS = (MeetingTag.MEMBERS, MeetingTag.COMMITTEE, MeetingTag.GROUP, MeetingTag.LECTURE)
"""三会一课 (支部工作条例 arts 11–13, 15)."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the year: its words and unit, the rows, and what is said beside it. `figure` is its number in the report."""

    key: str
    label: str
    value: int
    unit: str
    ask: Ask
    beside: str = ""
    figure: str = ""
    part: str = "组织生活"


@dataclass(frozen=True, slots=True)
class Presence:
    """How often one person was expected and came in a year, and how often away with a reason."""

    name: str
    post: str
    expected: int
    present: int
    excused: int


def _year(name: str, year: int) -> tuple[Condition3, Condition3]:
    return (name, "≥", f"{year}-01-01"), (name, "≤", f"{year}-12-31")


def _meetings(year: int, *conditions: Condition3) -> Ask:
    return ask("meeting", *_year("held_on", year), *conditions)


def meeting_numbers(session: Session, year: int) -> list[Number]:
    """Meetings by tag (F003–F007, F061, F067–F072): count of each, Σ of 三会一课 with the meetings behind it, persons beside."""
    held = _held(session, year)
    tags = {tag: [one for one in held if tag.value in one.tags.split(",")] for tag in MeetingTag}
    three = [one for one in held if any(tag.value in one.tags.split(",") for tag in THREE_MEETINGS)]
    found = [Number("three", "三会一课", sum(len(tags[tag]) for tag in THREE_MEETINGS), "次", _meetings(year, ("tags", "在", tuple(THREE_MEETINGS))),
                    f"四种分别计数；去重后 {len(three)} 次会", "F003")]  # fmt: skip
    figures = {MeetingTag.THEME_DAY: "F004", MeetingTag.REPORTING: "F005", MeetingTag.DEMOCRATIC: "F006", MeetingTag.ORGANISATION: "F007",
               MeetingTag.IDEOLOGY: "F061", MeetingTag.STRICT: "F067", MeetingTag.ECOLOGY: "F068", MeetingTag.WARNING: "F072"}  # fmt: skip
    for tag, some in tags.items():
        people = sum(one.people for one in some)
        found.append(Number(tag.value, tag.label, len(some), "次", _meetings(year, ("tags", "在", (tag.value,))), f"{people} 人次" if people else "",
                            figures.get(tag, "")))  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class _Held:
    id: str
    tags: str
    group: str
    people: int  # who signed in, or the number typed where no names are kept
    leader: int


def _held(session: Session, year: int) -> list[_Held]:
    named = select(Attendance.meeting, func.sum(Attendance.present).label("n")).where(Attendance.deleted == 0).group_by(Attendance.meeting)
    signed = named.subquery()  # where names are kept they count, even if nobody came
    query = (
        select(Meeting.id, Meeting.tags, Meeting.group, func.coalesce(signed.c.n, Meeting.present, 0), Meeting.leader_present)
        .outerjoin(signed, signed.c.meeting == Meeting.id)
        .where(Meeting.deleted == 0, Meeting.held_on.between(f"{year}-01-01", f"{year}-12-31"))
    )
    return [_Held(row[0], row[1] or "", row[2] or "", int(row[3]), row[4]) for row in session.execute(query)]


def study_numbers(session: Session, year: int) -> Iterator[Number]:
    """Studies by group (F069–F071): 主要领导 attended, sessions with at least one of the leading group, and 班子 persons × sessions."""
    held = [one for one in _held(session, year) if MeetingTag.STUDY.value in one.tags.split(",")]
    words = select(Dictionary.code, Dictionary.label).where(Dictionary.list == "study_group", Dictionary.deleted == 0)
    labels = {row[0]: row[1] for row in session.execute(words)}
    leading = _leading(session, [one.id for one in held])
    for group in sorted({one.group for one in held}, key=lambda one: (not one, one)):
        some = [one for one in held if one.group == group]
        rows = _meetings(year, ("tags", "在", (MeetingTag.STUDY.value,)), ("group", "=", group or None))
        name = labels.get(group, group) or "没有写学习组的"
        yield Number(f"study.{group}", f"{name}学习", len(some), "次", rows, f"{sum(one.people for one in some)} 人次", "F070", "理论学习")
        yield Number(f"study.{group}.head", f"{name}：主要领导参加", sum(one.leader for one in some), "次",
                     Ask(rows.register, (*rows.conditions, *ask("meeting", ("leader_present", "=", 1)).conditions)), "", "F069", "理论学习")  # fmt: skip
        with_leaders = [one for one in some if leading.get(one.id)]
        if with_leaders:
            heads = sum(leading[one.id] for one in with_leaders)
            yield Number(f"study.{group}.leading", f"{name}：班子成员参加", len(with_leaders), "次",
                         Ask(rows.register, (*rows.conditions, *ask("meeting", ("leading", ">", 0)).conditions)), f"{heads} 人次", "F071", "理论学习")


def _leading(session: Session, meetings: Sequence[str]) -> dict[str, int]:
    query = select(Attendance.meeting, func.count()).where(Attendance.meeting.in_(meetings), Attendance.deleted == 0, Attendance.present == 1,
                                                          Attendance.leading == 1).group_by(Attendance.meeting)  # fmt: skip
    return {row[0]: row[1] for row in session.execute(query)}


def integrity_numbers(session: Session, year: int) -> list[Number]:
    """Talks by persons (F073), visits with a signed sheet (F074), pledges signed (F075: documents, not copies)."""
    span = f"{year}-01-01", f"{year}-12-31"
    part = "廉政"

    def one(cls: Any, value: Any, day: Any, *also: Any) -> int:
        return int(session.scalar(select(func.coalesce(value, 0)).where(cls.deleted == 0, day.between(*span), *also)) or 0)

    talks = one(Talk, func.count(), Talk.held_on)
    heads = one(Talk, func.sum(Talk.count), Talk.held_on)
    found = [Number("talk", "廉政谈话", heads, "人次", ask("talk", *_year("held_on", year)), f"{talks} 次谈话" if talks else "", "F073", part)]
    for kind in TalkKind:
        found.append(Number(f"talk.{kind.value}", f"{kind.label}谈话", one(Talk, func.sum(Talk.count), Talk.held_on, Talk.kind == kind), "人次",
                            ask("talk", *_year("held_on", year), ("kind", "=", kind.value)), "", "", part))  # fmt: skip
    visits = one(HomeVisit, func.count(), HomeVisit.visited_on)
    found.append(Number("visit", "《家访情况登记表》", one(HomeVisit, func.count(), HomeVisit.visited_on, HomeVisit.signed == 1), "份",
                        ask("home_visit", *_year("visited_on", year), ("signed", "=", 1)), f"家访 {visits} 户", "F074", part))  # fmt: skip
    copies = one(Pledge, func.sum(Pledge.copies), Pledge.signed_on)
    found.append(Number("pledge", "《家庭助廉承诺书》", one(Pledge, func.count(), Pledge.signed_on), "份", ask("pledge", *_year("signed_on", year)),
                        f"一式几份合计 {copies} 份" if copies else "", "F075", part))  # fmt: skip
    return found


def work_numbers(session: Session, year: int, on: str) -> list[Number]:
    """Good works, task lists and adverts of the year."""
    part, span = "实事和任务", (f"{year}-01-01", f"{year}-12-31")
    columns = (func.count(), func.coalesce(func.sum(ServiceItem.done), 0), func.coalesce(func.sum(ServiceItem.beneficiaries), 0))
    by_list = select(ServiceItem.list, *columns).where(ServiceItem.deleted == 0, ServiceItem.year == year).group_by(ServiceItem.list)
    lists: dict[str, tuple[int, int, int]] = {row[0]: (int(row[1]), int(row[2]), int(row[3] or 0)) for row in session.execute(by_list)}
    items = [sum(one[n] for one in lists.values()) for n in range(3)]
    extra = session.scalar(select(func.count()).where(ServiceItem.deleted == 0, ServiceItem.year == year, ServiceItem.planned == 0)) or 0
    beside = "，".join(text for text in (f"受益 {items[2]} 人" if items[2] else "", f"其中计划外 {extra} 件" if extra else "") if text)
    tasks = session.execute(select(func.count(), func.count(Task.done_on)).where(Task.deleted == 0, Task.due_on.between(*span))).one()
    adverts = session.scalar(select(func.coalesce(func.sum(Advert.count), 0)).where(Advert.deleted == 0, Advert.held_on.between(*span)))
    late: Condition3 = ("due_on", "<", on)
    overdue = session.scalar(select(func.count()).where(Task.deleted == 0, Task.done_on.is_(None), Task.due_on < on)) or 0
    return [
        Number("service", "实事清单", items[0], "件", ask("service_item", ("year", "=", year)), beside, "", part),
        Number("service.done", "实事已办结", items[1], "件", ask("service_item", ("year", "=", year), ("done", "=", 1)), "", "", part),
        *(Number(f"service.{one.value}", one.label, lists[one][0], "件", ask("service_item", ("year", "=", year), ("list", "=", one.value)),
                 f"已办结 {lists[one][1]} 件", "F100" if one is ServiceList.PEOPLE else "", part) for one in ServiceList if one in lists),
        Number("task", "今年到期的任务", int(tasks[0]), "项", ask("task", *_year("due_on", year)), f"已完成 {tasks[1]} 项", "", part),
        Number("task.late", "超期的任务", int(overdue), "项", ask("task", ("done_on", "空", None), late), "", "", part),
        Number("advert", "公益广告", int(adverts or 0), "条", ask("advert", *_year("held_on", year)), "", "", part),
    ]  # fmt: skip


def attendance(session: Session, year: int) -> list[Presence]:
    """Per person, who came how often in a year, the most absent first."""
    query = (
        select(Attendance.name, func.max(Attendance.post), func.count(), func.sum(Attendance.present),
               func.sum(case((and_(Attendance.present == 0, Attendance.absent_reason.is_not(None)), 1), else_=0)))
        .join(Meeting, Attendance.meeting == Meeting.id)
        .where(Attendance.deleted == 0, Meeting.deleted == 0, Meeting.held_on.between(f"{year}-01-01", f"{year}-12-31"))
        .group_by(Attendance.name)
    )
    found = [Presence(name, post or "", expected, int(present), excused) for name, post, expected, present, excused in session.execute(query)]
    return sorted(found, key=lambda one: (one.present - one.expected, one.name))
