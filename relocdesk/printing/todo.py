"""待办清单: what waits for one person of the office, the most urgent first; 岗位交接单: all that is open in their hands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import WORKING
from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Heading, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, first_ids, furniture, glyphs, one_each, unregistered
from relocdesk.printing.page import Group
from relocdesk.printing.paragraph import Style
from relocdesk.printing.table import Column, Table
from relocdesk.queries.door import last_hand_over
from relocdesk.queries.dues import Held, Item, held_by, items, left_words, running_notices
from relocdesk.records import register
from relocdesk.records.reference import Operator, Role
from relocdesk.rules.days import chinese_date
from relocdesk.veil import hidden_among

SECRET = "不宜公开的件，由负责人当面交接"
PART = Style("hei", 11.0, 18.0, 0.0, before=8.0)


@dataclass(frozen=True, slots=True)
class TodoLine:
    """One thing to do, as it is printed."""

    register: str
    title: str
    words: str
    day: str
    left: str
    advice: str


@dataclass(frozen=True, slots=True)
class TodoData:
    """What waits for a person on a day."""

    name: str
    role: str
    office: str
    on: str
    lines: tuple[TodoLine, ...]


@dataclass(frozen=True, slots=True)
class HeldPart:
    """Open work of one kind: (what it is called, the day it is due)."""

    words: str
    moves: bool
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HandData:
    """Everything open in a person's hands."""

    name: str
    role: str
    office: str
    on: str
    parts: tuple[HeldPart, ...]
    notices: tuple[tuple[str, str], ...]  # of the whole office: what hangs on a wall, and until when
    handed: str  # the day data was handed over last, "" before the first time


def _people(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[Operator, str, str]]:
    """The operators asked for, the day of whoever looks, and the office whose book this is (operators belong to the county)."""
    on, home = session.execute(select(func.on_day(), func.own_home())).one()
    office = settings.this_office(session, home)
    called = settings.text(session, "paper.footer") or (office.name if office else "")
    ids = first_ids(sheets)
    found = {row.id: row for row in session.scalars(select(Operator).where(Operator.id.in_(ids), Operator.deleted == 0))}
    for one in ids:
        if one in found:
            yield found[one], on, called


def load_todo(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for person, on, office in _people(session, sheets):
        lines = tuple(TodoLine(register(one.register).label, one.title, one.words, one.day, left_words(one.left), one.advice)
                      for one in items(session, on, person.name, person.role))  # fmt: skip
        yield Content(person.name, (person.id,), person.home, "", person.name, TodoData(person.name, Role(person.role).label, office, on, lines))


def load_hand(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    handed = last_hand_over(session)
    for person, on, office in _people(session, sheets):
        parts = tuple(HeldPart(one.words, one.moves, tuple(_held_lines(session, one, found))) for one, found in held_by(session, on, person.name))
        notices = tuple((item.title, item.day) for item in running_notices(session, on))
        data = HandData(person.name, Role(person.role).label, office, on, parts, notices, handed)
        yield Content(person.name, (person.id,), person.home, "", person.name, data)


def _held_lines(session: Session, one: Held, found: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """Title and day; three people sign the sheet, so that what not everybody may see is counted and not named."""
    secret = hidden_among(session.connection(), "", one.ask.register.name, [item.record for item in found])
    return ((SECRET if item.record in secret else item.title, item.day) for item in found)


def needs_todo(data: TodoData) -> list[Problem]:
    return [problem for n, line in enumerate(data.lines, 1) for problem in glyphs(f"第{n}行", {"事项": line.title})]


def needs_hand(data: HandData) -> list[Problem]:
    return [problem for part in data.parts for title, _ in part.lines for problem in glyphs(part.words, {"事项": title})]


def group_todo(data: TodoData, setting: Setting) -> Group:
    late = sum("超期" in line.left for line in data.lines)
    columns = [Column("序号", 2.8, "center"), Column("台账", 6), Column("事项", 15), Column("情况", 10), Column("期限", 6, "center"),
               Column("剩余", 6.6, "center"), Column("怎么办", 11), Column("办结", 3.6, "center")]  # fmt: skip
    rows = [[str(n), one.register, one.title, one.words, one.day, one.left, one.advice, ""] for n, one in enumerate(data.lines, 1)]
    flows: list[Flow] = [
        Title("待办清单", size=18.0, sub=f"{data.name}（{data.role}）　{chinese_date(data.on)}"),
        Table(columns, rows, size=9.0, empty="（今天没有到期和等着办的事项）"),
        Notes([f"共 {len(data.lines)} 项，其中超期 {late} 项；写明本人经办、承办的，和本岗位还没有分给在岗人员的都在内。"]),
    ]  # fmt: skip
    return Group(flows, unregistered("待办清单", office=data.office), label=data.name)


def group_hand(data: HandData, setting: Setting) -> Group:
    total = sum(len(part.lines) for part in data.parts)
    flows: list[Flow] = [
        Title("岗位交接单", size=20.0),
        Facts([("移交人", data.name), ("岗位", data.role), ("单位", data.office), ("清点日期", chinese_date(data.on)),
               ("未了事项", f"{total} 项"), ("上次数据交接", chinese_date(data.handed) if data.handed else "还没有")], label=6.5),
    ]  # fmt: skip
    columns = [Column("序号", 2.8, "center"), Column("事项", 22), Column("期限或日期", 6, "center"), Column("交接情况", 10)]
    for part in data.parts:
        note = "" if part.moves else "（原经办不变，由接交人跟办）"
        flows += [Heading(f"{part.words}（{len(part.lines)}）{note}", PART),
                  Table(columns, [[str(n), title, day, ""] for n, (title, day) in enumerate(part.lines, 1)], size=9.5)]  # fmt: skip
    if not data.parts:
        flows.append(Heading("没有未了的事项", PART))
    if data.notices:
        flows += [Heading(f"本单位还没有结束的公示（{len(data.notices)}），请一并交代", PART),
                  Table(columns, [[str(n), title, day, ""] for n, (title, day) in enumerate(data.notices, 1)], size=9.5)]  # fmt: skip
    flows += [
        Facts([("*上次备份", "\n"), ("*印章、钥匙", "\n"), ("*纸质档案", "\n"), ("*其他交代", "\n")], across=1, label=6.0, before=8.0),
        Signatures([Party(side, ("签字",), date="　　年　月　日") for side in ("移交人", "接交人", "监交人")], across=3, size=10.5, framed=True, before=8.0),
        Notes(["交接双方逐项核对后签字；签字后在程序里办“岗位交接”，未了事项即转到接交人名下。"]),
    ]  # fmt: skip
    return Group(flows, furniture(setting, "岗位交接单"), label=data.name)


TO_DO = Form("todo", "待办清单", "operator", one_each, load_todo, needs_todo, group_todo, signed=False, roles=tuple(Role), help="一人一份，按紧急程度排列")
HAND = Form("post_handover", "岗位交接单", "operator", one_each, load_hand, needs_hand, group_hand, copies=3, roles=(*WORKING, Role.PARTY),
            help="人员离岗时清点未了事项，三方签字")  # fmt: skip
