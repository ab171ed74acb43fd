"""Is a book whole? The file, its links, what must hold between registers, and the unbroken history; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from relocdesk import history, totals
from relocdesk.actions.documents import check_attachments
from relocdesk.book import Book
from relocdesk.errors import Problem
from relocdesk.job import Tick, no_tick
from relocdesk.queries.money_identities import money_identities
from relocdesk.queries.roster import subsidy_identities
from relocdesk.queries.rows import titles
from relocdesk.queries.works import works_identities
from relocdesk.records import REGISTERS, find_register, register

_UNSEEN = "（不能看的内容）"
MOST = 100  # problems of one sort that are listed


@dataclass
class Part:
    """One thing that was looked at, with what is wrong; no problems is good."""

    name: str
    label: str
    problems: list[Problem] = field(default_factory=list)


def verify(book: Book, tick: Tick = no_tick) -> list[Part]:
    """Looks at everything, in order of how bad a problem would be; what the viewer must not see is not named."""
    parts: list[Part] = []
    with book.read(whole=True) as session, book.read() as seen:
        for name, label, look in (
            ("integrity", "台账文件完整", _integrity),
            ("links", "记录之间的关联", partial(_links, seen)),
            ("identities", "协议、批次、兑付的勾稽", money_identities),
            ("works", "后扶项目和结余的勾稽", works_identities),
            ("subsidy", "直补名册的金额和人数", subsidy_identities),
            ("totals", "直补各期的合计", _totals),
        ):
            tick(len(parts), 8, label)
            parts.append(Part(name, label, look(session)))
        tick(6, 8, "附件")
        parts.append(Part("attachments", "附件文件", _files(session, seen, book.path)))
        parts.append(Part("history", "变更记录连续", history.verify(session, tick)))
    return parts


def _integrity(session: Session) -> list[Problem]:
    rows = session.execute(text("PRAGMA integrity_check(100)")).scalars().all()
    return [] if rows == ["ok"] else [Problem("台账文件", f"第 {n} 处损坏：{row}") for n, row in enumerate(rows, 1)]


def _files(session: Session, seen: Session, path: Path) -> list[Problem]:
    troubles = check_attachments(session, path)
    named = titles(seen, register("attachment"), [one.id for one in troubles])
    return [Problem(f"附件“{named.get(one.id, _UNSEEN)}”", one.text) for one in troubles]


def _totals(session: Session) -> list[Problem]:
    raw = session.connection().connection.driver_connection
    found = list(totals.wrong(raw))
    named = titles(session, register("period"), found[:MOST])
    return [Problem(f"直补发放期“{named.get(one, '')}”", "合计与名册各行之和不一致；请重新打开台账后再核对") for one in found[:MOST]]


def _links(seen: Session, session: Session) -> list[Problem]:
    """References to rows that are not there, and living rows that point to deleted ones."""
    problems = [Problem(find_register(row[0]).label if row[0] in {reg.name for reg in REGISTERS} else row[0], "有一条记录指向不存在的记录")
                for row in session.execute(text("PRAGMA foreign_key_check")).all()[:MOST]]  # fmt: skip
    for reg in REGISTERS:
        for f in reg.stored:
            if f.to:
                statement = (f'SELECT a.id FROM "{reg.name}" a JOIN "{f.to}" b ON b.id = a."{f.name}" '
                             f"WHERE a.deleted = 0 AND b.deleted = 1 LIMIT {MOST}")  # fmt: skip
                found = list(session.execute(text(statement)).scalars())
                named = titles(seen, reg, found)
                problems += [Problem(f"{reg.label}“{named.get(one, _UNSEEN)}”", f"{f.label}已经删除") for one in found]
    return problems
