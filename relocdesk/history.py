"""The trail read back (变更): who changed what, when and why; how a record stood on a day; whether the trail is whole.

A view on the operation log. Private numbers are masked here, before anything reaches a screen or a paper.
"""

from __future__ import annotations

import contextlib
import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from relocdesk.chain import START, Txn, txn_hash
from relocdesk.errors import Problem
from relocdesk.field import Field, Register, Value
from relocdesk.job import Tick, no_tick
from relocdesk.packed import BLOCK_KINDS, CAME, HEAD, rows_of
from relocdesk.queries.rows import Shower, titles
from relocdesk.records import REGISTERS, children_of, find_register, home_id, register
from relocdesk.records.reference import Office, Place
from relocdesk.records.trail import BLOCK_TABLES, EPOCH, IS_BLOCK, OP, TXN, VV, logged_tables
from relocdesk.rules.days import local_moment
from relocdesk.rules.identity import hide_idcards, mask_account, mask_idcard, mask_phone
from relocdesk.veil import conditions

SOURCES = {"typed": "手工登记", "import": "导入", "action": "办理", "merge": "合并", "migration": "系统"}
KEPT_BACK = "（含不能看的内容）"
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
    return _of(session, _about(session, reg, row_id), limit, before)


def of_rows(session: Session, rows: Sequence[str], limit: int = 200, before: int = 0) -> list[Entry]:
    """What happened to some rows of any registers, such as everything in a household's file, newest first."""
    return _of(session, _About(OP.c.row.in_(rows)), limit, before)


@dataclass(frozen=True, slots=True)
class _About:
    """Which operations are wanted, and which rows of their blocks; no rows is all of them."""

    wanted: ColumnElement[bool]
    rows: frozenset[str] = frozenset()


def _of(session: Session, about: _About, limit: int, before: int) -> list[Entry]:
    chosen = select(TXN.c.action).join(OP, OP.c.txn == TXN.c.id).where(about.wanted)
    return _entries(session, chosen, limit, before, 1000, about)


def _about(session: Session, reg: Register, row_id: str) -> _About:
    """A record, its child rows, living or not, the records whose fields it shows as its own, and the blocks that hold it."""
    rows = [row_id]
    lines = []
    for child in children_of(reg):
        table, parent = child.cls.__table__, child.parent
        if parent is not None and child.name in BLOCK_TABLES:
            lines.append(select(table.c.id).where(table.c[parent.name] == row_id))
        elif parent is not None:
            rows += session.execute(select(table.c.id).where(table.c[parent.name] == row_id)).scalars()
    table = reg.cls.__table__
    for link in dict.fromkeys(f.via.split(".")[0] for f in reg if f.via):
        found = session.execute(select(table.c[link]).where(table.c.id == row_id)).scalar_one_or_none()
        if found:
            rows.append(found)
    blocks = _blocks_with(session, reg, row_id)
    wanted = or_(OP.c.row.in_(rows), *(OP.c.row.in_(one) for one in lines), *([tuple_(OP.c.txn, OP.c.n).in_(blocks)] if blocks else []))
    return _About(wanted, frozenset([row_id]) if blocks else frozenset())


def _blocks_with(session: Session, reg: Register, row_id: str) -> list[tuple[int, int]]:
    """The blocks that may hold a row: those of its parent whose ids reach over it."""
    if reg.name not in BLOCK_TABLES or reg.parent is None:
        return []
    table = reg.cls.__table__
    owner = select(table.c[reg.parent.name]).where(table.c.id == row_id).scalar_subquery()
    first, last = (func.json_extract(OP.c.cells, f'$."{HEAD}".{name}') for name in ("first", "last"))
    ask = select(OP.c.txn, OP.c.n).where(OP.c.row == owner, OP.c.tbl == reg.name, OP.c.kind.in_(BLOCK_KINDS), first <= row_id, last >= row_id)
    return [(txn, n) for txn, n in session.execute(ask)]


def _entries(session: Session, chosen: Select[Any], limit: int, before: int, changes: int, about: _About | None = None) -> list[Entry]:
    number = func.max(TXN.c.id)
    query = select(TXN.c.action, number).where(TXN.c.action.in_(chosen), *_seen(session)).group_by(TXN.c.action).order_by(number.desc()).limit(limit)
    actions = session.execute(query.having(number < before) if before else query).all()
    heads = {action: _head(session, action) for action, _ in actions}
    ops = {action: _ops(session, action, changes, about) for action, _ in actions}
    changed = _changes(session, [op for action, _ in actions for op in ops[action]])
    offices = _offices(session)
    entries = []
    for action, last in actions:
        head = heads[action]
        places = "、".join(dict.fromkeys(offices.get(home, "") for home in head.homes if offices.get(home)))
        mine = tuple(change for op in ops[action] for change in changed[op.txn, op.n, op.row])[:changes]
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
    whole, why = sum(row.nops for row in rows), hide_idcards(first.why)  # the key of a person may stand in it
    visible = whole
    if _seen(session):
        visible = session.execute(select(func.count()).select_from(OP.join(TXN, OP.c.txn == TXN.c.id)).where(TXN.c.action == action)).scalar_one()
        why = why if visible == whole else KEPT_BACK
    more = func.json_extract(OP.c.cells, f'$."{HEAD}".count') - 1
    blocks = select(func.coalesce(func.sum(more), 0)).select_from(OP).join(TXN, OP.c.txn == TXN.c.id).where(TXN.c.action == action, IS_BLOCK)
    records = visible + session.execute(blocks).scalar_one()
    return _Head(first.at, first.name or "", first.source, why, tuple(row.home for row in rows), records)


def _seen(session: Session) -> tuple[ColumnElement[bool], ...]:
    """For those who may not see everything: actions of which they see something; the log itself leaves out the rest."""
    clerk = session.info.get("clerk")
    if session.info.get("whole") or not conditions(clerk.role if clerk else ""):
        return ()
    return (or_(TXN.c.nops == 0, exists(select(literal(1)).select_from(OP).where(OP.c.txn == TXN.c.id))),)


@dataclass(frozen=True, slots=True)
class Op:
    """One operation of the log with its cells: column → [old, new], or column → value for an insertion."""

    txn: int
    n: int
    table: str
    row: str
    kind: str
    cells: dict[str, Any]


def _ops(session: Session, action: str, limit: int, about: _About | None) -> list[Op]:
    query = select(OP).join(TXN, OP.c.txn == TXN.c.id).where(TXN.c.action == action).order_by(OP.c.n).limit(limit)
    if about is not None:
        query = query.where(about.wanted)
    found: list[Op] = []
    for row in session.execute(query):
        for op in unpacked(*row):
            if row.kind not in BLOCK_KINDS or about is None or not about.rows or op.row in about.rows:
                found.append(op)
            if len(found) >= limit:
                return found
    return found


def unpacked(txn: int, n: int, table: str, row: str, kind: str, cells: str) -> Iterator[Op]:
    """An operation of the log with its cells read; a block as the operations it stands for, row by row."""
    if kind not in BLOCK_KINDS:
        yield Op(txn, n, table, row, kind, json.loads(cells))
        return
    for row_id, values in rows_of(kind, cells, register(table).groups):
        if values:
            yield Op(txn, n, table, row_id, "i" if kind == CAME else "u", values)


def _offices(session: Session) -> dict[str, str]:
    """home → the office it belongs to, else the name of its place."""
    names = {home_id(code): name for code, name in session.execute(select(Place.code, Place.name).where(func.length(Place.code) <= 9))}
    offices = select(Place.code, Office.name).join(Office, Office.place == Place.id).where(Office.deleted == 0)
    return names | {home_id(code): name for code, name in session.execute(offices)}


def _changes(session: Session, ops: Sequence[Op]) -> dict[tuple[int, int, str], list[Change]]:
    """The changes of operations as people read them; references, places and titles are looked up once for all."""
    shown = _Texts(session)
    for op in ops:
        for name, old, new in _cells(op):
            shown.want(op.table, name, old, new)
    shown.look_up()
    named = {name: titles(session, register(name), [op.row for op in ops if op.table == name])
             for name in {op.table for op in ops} & _NAMES}  # fmt: skip
    found: dict[tuple[int, int, str], list[Change]] = {}
    for op in ops:
        label = register(op.table).label if op.table in _NAMES else op.table
        title = hide_idcards(named.get(op.table, {}).get(op.row, ""))
        mine = found.setdefault((op.txn, op.n, op.row), [])
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
    wanted = or_(OP.c.row == row_id, tuple_(OP.c.txn, OP.c.n).in_(_blocks_with(session, reg, row_id)))
    query = select(OP).join(TXN, OP.c.txn == TXN.c.id).where(OP.c.tbl == reg.name, wanted, TXN.c.at < _start_of(_next(day)))
    ops = (op for row in session.execute(query.order_by(OP.c.txn, OP.c.n)) for op in unpacked(*row))
    values = _folded((op.kind, op.cells) for op in ops if op.row == row_id)
    if not values or values.get("deleted"):
        return None
    return {f.name: values.get(f.name) for f in reg.stored}


def _folded(ops: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Value]:
    """The row that operations make, without empty cells."""
    values: dict[str, Value] = {}
    for kind, found in ops:
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
    logged = _replayed(_in_row_order(session))
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


def _replayed(ops: Iterator[_Logged]) -> Iterator[_Row]:
    for row_id, group in groupby(ops, key=lambda op: op.row):
        rows = list(group)
        values = _folded((op.kind, op.cells) for op in rows) | {"home": rows[0].home}
        if not values.get("deleted"):
            values.pop("deleted", None)
        yield row_id, rows[0].table, values


@dataclass(order=True, slots=True)
class _Logged:
    """An operation as verifying reads it, ordered by row and time."""

    row: str
    txn: int
    n: int
    table: str = field(compare=False)
    home: str = field(compare=False)
    kind: str = field(compare=False)
    cells: dict[str, Any] = field(compare=False)


def _in_row_order(session: Session) -> Iterator[_Logged]:
    """All operations ordered by row, blocks unpacked: at any time only those blocks whose ids reach over the present row."""
    query = select(OP.c.row, OP.c.txn, OP.c.n, OP.c.tbl, TXN.c.home, OP.c.kind, OP.c.cells).join(TXN, OP.c.txn == TXN.c.id)
    single = query.where(OP.c.kind.not_in(BLOCK_KINDS)).order_by(OP.c.row, OP.c.txn, OP.c.n)
    plain = (_Logged(row, txn, n, table, home, kind, json.loads(cells)) for row, txn, n, table, home, kind, cells in _stream(session, single))
    first = func.json_extract(OP.c.cells, f'$."{HEAD}".first')
    blocks = sorted((row[0], row[1], row[2]) for row in session.execute(select(func.coalesce(first, ""), OP.c.txn, OP.c.n).where(IS_BLOCK)))
    return heapq.merge(plain, _merged_blocks(session, blocks))


def _merged_blocks(session: Session, blocks: Sequence[tuple[str, int, int]]) -> Iterator[_Logged]:
    running: list[tuple[_Logged, int, Iterator[_Logged]]] = []
    begun = 0
    while running or begun < len(blocks):
        while begun < len(blocks) and (not running or blocks[begun][0] <= running[0][0].row):
            ops = _block(session, *blocks[begun][1:])
            begun += 1
            if (head := next(ops, None)) is not None:
                heapq.heappush(running, (head, begun, ops))
        if running:
            op, number, ops = running[0]
            yield op
            following = next(ops, None)
            if following is None:
                heapq.heappop(running)
            else:
                heapq.heapreplace(running, (following, number, ops))


def _block(session: Session, txn: int, n: int) -> Iterator[_Logged]:
    """The rows of one block; of one that cannot be read none, so that its rows are missing in the log."""
    ask = select(TXN.c.home, OP.c.tbl, OP.c.row, OP.c.kind, OP.c.cells).join(TXN, OP.c.txn == TXN.c.id).where(OP.c.txn == txn, OP.c.n == n)
    home, table, owner, kind, cells = session.execute(ask).one()
    with contextlib.suppress(ValueError):
        yield from (_Logged(op.row, txn, n, table, home, op.kind, op.cells) for op in unpacked(txn, n, table, owner, kind, cells))


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
