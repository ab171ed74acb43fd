"""The trail read back (变更): who changed what, when and why; how a record stood on a day; whether the trail is whole.

A view on the operation log. Private numbers are masked here, before anything reaches a screen or a paper.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from relocdesk.chain import START, Txn, txn_hash
from relocdesk.errors import Problem
from relocdesk.field import Field, Register, Value
from relocdesk.job import Tick, no_tick
from relocdesk.queries.rows import Shower, titles
from relocdesk.records import REGISTERS, children_of, find_register, home_id, register
from relocdesk.records.reference import Office, Place
from relocdesk.records.trail import EPOCH, OP, TXN, VV, logged_tables
from relocdesk.rules.days import local_moment
from relocdesk.rules.identity import hide_idcards, mask_account, mask_idcard, mask_phone

SOURCES = {"typed": "手工登记", "import": "导入", "action": "办理", "merge": "合并", "migration": "系统"}
ADDED, CHANGED, REMOVED, RESTORED = "新增", "修改", "删除", "恢复"
_MASKS = {"idcard": mask_idcard, "account": mask_account, "phone": mask_phone}
_NAMES = {reg.name for reg in REGISTERS}
_MOST = 100  # problems listed before the rest is only counted


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one record in an action; `field` is empty for a deletion or a restoration."""

    register: str
    label: str  # of the register
    record: str
    title: str
    what: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One action of one clerk. `at` is +08:00 to the minute; `records` counts the rows touched, `changes` may hold fewer.

    `number` orders entries and is what `before` of the next page takes.
    """

    action: str
    number: int
    at: str
    name: str
    office: str
    source: str
    why: str
    records: int
    changes: tuple[Change, ...]


# --- entries ---------------------------------------------------------------------------------------------------------


def everything(session: Session, limit: int = 50, before: int = 0, changes: int = 50) -> list[Entry]:
    """The latest actions, newest first; `before` is the number of the last entry of the page before."""
    return _entries(session, select(TXN.c.action), limit, before, changes)


def of_day(session: Session, day: str, limit: int = 200, before: int = 0, changes: int = 50) -> list[Entry]:
    """The actions of a calendar day at +08:00, newest first."""
    chosen = select(TXN.c.action).where(TXN.c.at >= _start_of(day), TXN.c.at < _start_of(_next(day)))
    return _entries(session, chosen, limit, before, changes)


def of_action(session: Session, action: str, changes: int = 10_000) -> Entry | None:
    """One action with everything it changed; None when the log does not hold it."""
    found = _entries(session, select(TXN.c.action).where(TXN.c.action == action), 1, 0, changes)
    return found[0] if found else None


def of_record(session: Session, reg: Register, row_id: str, limit: int = 200, before: int = 0) -> list[Entry]:
    """What happened to a record, its lines and the person it shows as its own, newest first."""
    return of_rows(session, [row_id, *_belonging(session, reg, row_id)], limit, before)


def of_rows(session: Session, rows: Sequence[str], limit: int = 200, before: int = 0) -> list[Entry]:
    """What happened to some rows of any registers, such as everything in a household's file, newest first."""
    chosen = select(TXN.c.action).join(OP, OP.c.txn == TXN.c.id).where(OP.c.row.in_(rows))
    return _entries(session, chosen, limit, before, 1000, rows)


def _belonging(session: Session, reg: Register, row_id: str) -> Iterator[str]:
    """Ids of child rows, living or not, and of the records whose fields this one shows as its own."""
    for child in children_of(reg):
        table, parent = child.cls.__table__, child.parent
        if parent is not None:
            yield from session.execute(select(table.c.id).where(table.c[parent.name] == row_id)).scalars()
    table = reg.cls.__table__
    for link in dict.fromkeys(f.via.split(".")[0] for f in reg if f.via):
        found = session.execute(select(table.c[link]).where(table.c.id == row_id)).scalar_one_or_none()
        if found:
            yield found


def _entries(session: Session, chosen: Select[Any], limit: int, before: int, changes: int, rows: Sequence[str] = ()) -> list[Entry]:
    number = func.max(TXN.c.id)
    query = select(TXN.c.action, number).where(TXN.c.action.in_(chosen)).group_by(TXN.c.action).order_by(number.desc()).limit(limit)
    actions = session.execute(query.having(number < before) if before else query).all()
    heads = {action: _head(session, action) for action, _ in actions}
    ops = {action: _ops(session, action, changes, rows) for action, _ in actions}
    changed = _changes(session, [op for action, _ in actions for op in ops[action]])
    offices = _offices(session)
    entries = []
    for action, last in actions:
        head = heads[action]
        places = "、".join(dict.fromkeys(offices.get(home, "") for home in head.homes if offices.get(home)))
        mine = tuple(change for op in ops[action] for change in changed[op.txn, op.n])[:changes]
        entries.append(Entry(action, last, local_moment(head.at), head.name, places, SOURCES.get(head.source, head.source),
                             head.why, head.records, mine))  # fmt: skip
    return entries


@dataclass(frozen=True, slots=True)
class _Head:
    at: str
    name: str
    source: str
    why: str
    homes: tuple[str, ...]
    records: int


def _head(session: Session, action: str) -> _Head:
    columns = (TXN.c.at, TXN.c.name, TXN.c.source, TXN.c.why, TXN.c.home, TXN.c.nops)
    rows = session.execute(select(*columns).where(TXN.c.action == action).order_by(TXN.c.id)).all()
    first = rows[0]
    return _Head(first.at, first.name or "", first.source, first.why, tuple(row.home for row in rows), sum(row.nops for row in rows))


@dataclass(frozen=True, slots=True)
class Op:
    """One operation of the log with its cells: column → [old, new], or column → value for an insertion."""

    txn: int
    n: int
    table: str
    row: str
    kind: str
    cells: dict[str, Any]


def _ops(session: Session, action: str, limit: int, rows: Sequence[str]) -> list[Op]:
    query = select(OP).join(TXN, OP.c.txn == TXN.c.id).where(TXN.c.action == action).order_by(OP.c.n).limit(limit)
    if rows:
        query = query.where(OP.c.row.in_(rows))
    return [Op(txn, n, table, row, kind, json.loads(cells)) for txn, n, table, row, kind, cells in session.execute(query)]


def _offices(session: Session) -> dict[str, str]:
    """home → the office it belongs to, else the name of its place."""
    names = {home_id(code): name for code, name in session.execute(select(Place.code, Place.name).where(func.length(Place.code) <= 9))}
    offices = select(Place.code, Office.name).join(Office, Office.place == Place.id).where(Office.deleted == 0)
    return names | {home_id(code): name for code, name in session.execute(offices)}


def _changes(session: Session, ops: Sequence[Op]) -> dict[tuple[int, int], list[Change]]:
    """The changes of operations as people read them; references, places and titles are looked up once for all."""
    shown = _Texts(session)
    for op in ops:
        for name, old, new in _cells(op):
            shown.want(op.table, name, old, new)
    shown.look_up()
    named = {name: titles(session, register(name), [op.row for op in ops if op.table == name])
             for name in {op.table for op in ops} & _NAMES}  # fmt: skip
    found: dict[tuple[int, int], list[Change]] = {}
    for op in ops:
        label = register(op.table).label if op.table in _NAMES else op.table
        title = hide_idcards(named.get(op.table, {}).get(op.row, ""))
        mine = found.setdefault((op.txn, op.n), [])
        for name, old, new in _cells(op):
            if name == "deleted":
                mine.append(Change(op.table, label, op.row, title, REMOVED if new else RESTORED, "", "", ""))
            else:
                what = ADDED if op.kind == "i" else CHANGED
                texts = shown.text(op.table, name, old), shown.text(op.table, name, new)
                mine.append(Change(op.table, label, op.row, title, what, shown.label(op.table, name), *texts))
    return found


def _cells(op: Op) -> Iterator[tuple[str, Value, Value]]:
    """Column, old and new value; columns that a group carried along unchanged are left out."""
    for name, cell in op.cells.items():
        old, new = (None, cell) if op.kind == "i" else cell
        if old != new:
            yield name, old, new


class _Texts:
    """What people see of logged values, gathered first and looked up by whole columns; private numbers masked."""

    def __init__(self, session: Session) -> None:
        self._shower = Shower(session)
        self._wanted: dict[tuple[str, str], set[Value]] = {}
        self._shown: dict[tuple[str, str, Value], str] = {}

    def want(self, table: str, name: str, *values: Value) -> None:
        """Remembers values that will be shown."""
        self._wanted.setdefault((table, name), set()).update(values)

    def look_up(self) -> None:
        """Finds the texts of everything wanted."""
        wanted = [(table, name, list(values)) for (table, name), values in self._wanted.items()]
        columns = self._shower.columns([_field(table, name) for table, name, _ in wanted], [values for *_, values in wanted])
        for (table, name, values), texts in zip(wanted, columns, strict=True):
            f = _field(table, name)
            for value, text in zip(values, texts, strict=True):
                self._shown[table, name, value] = masked(f, text) if f.private and value is not None else hide_idcards(text)

    def text(self, table: str, name: str, value: Value) -> str:
        """The text of one value."""
        return self._shown[table, name, value]

    def label(self, table: str, name: str) -> str:
        """The title of a column."""
        return _field(table, name).title


def _field(table: str, name: str) -> Field:
    reg = register(table) if table in _NAMES else None
    if reg is not None and name in reg:
        return reg[name]
    return Field({"merged_into": "并入"}.get(name, name), name)


def masked(f: Field, text: str) -> str:
    """A private value as it may be shown: numbers by their own mask, names by their first character."""
    mask = _MASKS.get(f.kind.name)
    return mask(text) if mask else text[:1] + "*" * (len(text) - 1)


def _start_of(day: str) -> str:
    """The UTC moment at which a day begins at +08:00."""
    return f"{(date.fromisoformat(day) - timedelta(days=1)).isoformat()}T16:00"


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def sentence(entry: Entry) -> str:
    """An entry in one line: 3月5日 10:12 王建国把 面积（亩） 3.25 改为 3.40，原因：复核 F-012."""
    day, clock = entry.at.split(" ")
    _, month, number = (int(part) for part in day.split("-"))
    told = f"{month}月{number}日 {clock} {entry.name}{_told(entry)}"
    return f"{told}，原因：{entry.why}" if entry.why else told


def _told(entry: Entry) -> str:
    if not entry.changes:
        return f"改动了 {entry.records} 条记录"
    first = entry.changes[0]
    named = f"{first.label}“{first.title}”" if first.title else first.label
    if first.what == CHANGED:
        others = f" 等 {len(entry.changes)} 处" if len(entry.changes) > 1 else ""
        return f"把{named}的 {first.field} {first.old or '（空）'} 改为 {first.new or '（空）'}{others}"
    return f"{first.what}{named}" + (f" 等 {entry.records} 条" if entry.records > 1 else "")


# --- as of -----------------------------------------------------------------------------------------------------------


def as_of(session: Session, reg: Register, row_id: str, day: str) -> dict[str, Value] | None:
    """The stored values of a record at the end of a day (+08:00), from the log; None when it was not there or deleted."""
    query = select(OP.c.kind, OP.c.cells).join(TXN, OP.c.txn == TXN.c.id).where(OP.c.tbl == reg.name, OP.c.row == row_id)
    rows = session.execute(query.where(TXN.c.at < _start_of(_next(day))).order_by(OP.c.txn, OP.c.n)).all()
    values = _folded((kind, cells) for kind, cells in rows)
    if not values or values.get("deleted"):
        return None
    return {f.name: values.get(f.name) for f in reg.stored}


def _folded(ops: Iterable[tuple[str, str]]) -> dict[str, Value]:
    """The row that operations make, without empty cells."""
    values: dict[str, Value] = {}
    for kind, cells in ops:
        found = json.loads(cells)
        values.update(found if kind == "i" else {name: cell[1] for name, cell in found.items()})
    return {name: value for name, value in values.items() if value is not None}


# --- is the trail whole ----------------------------------------------------------------------------------------------


def verify(session: Session, tick: Tick = no_tick) -> list[Problem]:
    """Everything that is wrong with the trail or with the rows that should follow from it; empty when all is well."""
    return [*verify_chain(session, tick), *verify_rows(session, tick)]


def verify_chain(session: Session, tick: Tick = no_tick) -> list[Problem]:
    """Recomputes every hash and follows every writer's chain from its start to its head.

    A changed, missing, added or exchanged transaction or operation breaks the chain where it stands.
    """
    found: list[Problem] = []
    epochs = {(home, rid, e): vv for home, rid, e, vv in session.execute(select(EPOCH))}
    heads: dict[tuple[str, str], tuple[int, int, str]] = {}
    total = session.execute(select(func.count()).select_from(TXN)).scalar_one()
    ops = groupby(_stream(session, select(OP).order_by(OP.c.txn, OP.c.n)), key=lambda op: op[0])
    pending = next(ops, None)
    for done, row in enumerate(_stream(session, select(TXN).order_by(TXN.c.id))):
        number, *head, digest = row
        txn = Txn(*head)
        mine: list[tuple[int, str, str, str, str]] = []
        while pending is not None and pending[0] <= number:
            if pending[0] == number:
                mine = [op[1:] for op in pending[1]]
            else:
                found.append(Problem("变更记录", f"有不属于任何操作的明细（第 {pending[0]} 号）"))
            pending = next(ops, None)
        where = f"{local_moment(txn.at)} {txn.name or ''}的操作（第 {number} 号）"
        before = heads.get((txn.home, txn.rid), (0, 0, START))
        found += [Problem(where, text) for text in _broken(txn, digest, mine, before, epochs)]
        heads[txn.home, txn.rid] = (txn.tseq, txn.lc, digest)
        tick(done + 1, total, "核对变更记录")
    if pending is not None:
        found.append(Problem("变更记录", "末尾有不属于任何操作的明细"))
    known = {(home, rid): (tseq, lc, digest) for home, rid, tseq, lc, digest in session.execute(select(VV))}
    if known != heads:
        found.append(Problem("变更记录", "末尾与登记的最后一次操作不一致，可能有操作被删去"))
    return _shortened(found)


def _broken(
    txn: Txn,
    digest: str,
    ops: list[tuple[int, str, str, str, str]],
    before: tuple[int, int, str],
    epochs: dict[tuple[str, str, int], str],
) -> Iterator[str]:
    vv = epochs.get((txn.home, txn.rid, txn.e))
    if vv is None:
        yield "缺少它开始时的登记"
    elif txn_hash(txn, vv, ops) != digest:
        yield "内容与校验值不符，被改动过"
    if txn.nops != len(ops):
        yield f"应有 {txn.nops} 条明细，实有 {len(ops)} 条"
    if txn.tseq != before[0] + 1 or txn.prev != before[2]:
        yield "与前一次操作接不上，中间有操作被删去或换过"


def verify_rows(session: Session, tick: Tick = no_tick) -> list[Problem]:
    """Replays all operations and compares: what is on disk must be exactly what the log makes."""
    found: list[Problem] = []
    tables = {table.name: table for table in logged_tables()}
    total = sum(session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables.values())
    disk = heapq.merge(*(_on_disk(session, name) for name in tables), key=lambda row: row[0])
    query = select(OP.c.row, OP.c.tbl, TXN.c.home, OP.c.kind, OP.c.cells).join(TXN, OP.c.txn == TXN.c.id)
    logged = _replayed(_stream(session, query.order_by(OP.c.row, OP.c.txn, OP.c.n)))
    here, there = next(disk, None), next(logged, None)
    done = 0
    while here is not None or there is not None:
        if there is None or (here is not None and here[0] < there[0]):
            assert here is not None
            found.append(Problem(_where(here[1], here[0]), "台账里有，变更记录里没有"))
            here = next(disk, None)
        elif here is None or there[0] < here[0]:
            found.append(Problem(_where(there[1], there[0]), "变更记录里有，台账里没有"))
            there = next(logged, None)
        else:
            if here != there:
                found.append(Problem(_where(here[1], here[0]), _difference(here[1], here[2], there[2])))
            here, there = next(disk, None), next(logged, None)
        done += 1
        tick(done, total, "核对台账与变更记录")
    return _shortened(found)


_Row = tuple[str, str, dict[str, Value]]  # id, table, values without empty cells


def _on_disk(session: Session, name: str) -> Iterator[_Row]:
    table = register(name).cls.__table__
    names = [column.name for column in table.columns]
    at = names.index("id")
    for row in _stream(session, select(table).order_by(table.c.id)):
        values = {column: value for column, value in zip(names, row, strict=True) if value is not None and column != "id"}
        if not values.get("deleted"):
            values.pop("deleted", None)
        yield row[at], name, values


def _replayed(ops: Iterator[Any]) -> Iterator[_Row]:
    for row_id, group in groupby(ops, key=lambda op: str(op[0])):
        rows = list(group)
        values = _folded((kind, cells) for *_, kind, cells in rows) | {"home": rows[0][2]}
        if not values.get("deleted"):
            values.pop("deleted", None)
        yield row_id, rows[0][1], values


def _stream(session: Session, query: Select[Any]) -> Iterator[Any]:
    """The rows of a query one by one as plain tuples, straight from the driver."""
    result = session.connection().execute(query)
    cursor: Any = result.cursor
    yield from cursor
    result.close()


def _where(name: str, row_id: str) -> str:
    return f"{find_register(name).label}（{row_id[-6:]}）"


def _difference(name: str, disk: dict[str, Value], logged: dict[str, Value]) -> str:
    names = [column for column in dict.fromkeys((*disk, *logged)) if disk.get(column) != logged.get(column)]
    return "与变更记录不符：" + "、".join(_field(name, column).label for column in names)


def _shortened(found: list[Problem]) -> list[Problem]:
    if len(found) <= _MOST:
        return found
    return [*found[:_MOST], Problem("", f"另有 {len(found) - _MOST} 个同类问题没有列出")]
