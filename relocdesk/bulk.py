"""Writing many rows of one record's part at once, logged as blocks (see `packed`): rosters frozen, bank results taken in.

Only tables of `trail.BLOCK_TABLES`, only inside `Book.change`. The rows are ordinary rows; the log says the same as thousands
of single operations would, in a fifteenth of the room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from relocdesk.field import Register, Value
from relocdesk.ids import row_ids
from relocdesk.job import Tick, no_tick
from relocdesk.packed import CAME, CHANGED, MOST, pack_changes, pack_rows
from relocdesk.pen import Pen
from relocdesk.records.trail import BLOCK_TABLES


def insert(session: Session, reg: Register, owner: str, home: str, columns: Mapping[str, Sequence[Value]], tick: Tick = no_tick) -> list[str]:
    """New rows that belong to the record `owner`; column → values, all of one length, without id and home. Returns their ids.

    Columns that are not given take the declaration's default.
    """
    parent = _parent(reg)
    count = len(next(iter(columns.values()), ()))
    ids = row_ids(count)
    given: dict[str, Sequence[Value]] = {parent: [owner] * count, **columns}
    for f in reg.stored:
        default: Any = reg.cls.__table__.c[f.name].default
        if default is not None and f.name not in given:
            given[f.name] = [default.arg] * count
    names = tuple(given)
    marks = ", ".join("?" * (len(names) + 3))
    statement = f'INSERT INTO "{reg.name}" (id, home, deleted, {", ".join(names)}) VALUES ({marks})'
    with _silent(session) as pen:
        connection = session.connection()
        for start in range(0, count, MOST):
            tick(start, count, f"写入{reg.label}")
            some, block = ids[start : start + MOST], {name: values[start : start + MOST] for name, values in given.items()}
            connection.exec_driver_sql(statement, [(row_id, home, 0, *row) for row_id, *row in zip(some, *block.values(), strict=True)])
            _log(pen, reg.name, owner, home, CAME, pack_rows(some, block))
    return ids


def change(session: Session, reg: Register, owner: str, rows: Mapping[str, Mapping[str, Value]], tick: Tick = no_tick) -> int:
    """Gives rows of the record `owner` new values, row → column → value; returns how many rows are different now."""
    if not rows:
        return 0
    asked = {name for values in rows.values() for name in values}
    names = [f for f in ("deleted", *(one.name for one in reg.stored)) if f in asked or any(f in group and asked & set(group) for group in reg.groups.values())]
    with _silent(session) as pen:
        connection = session.connection()
        query = f'SELECT id, home, {", ".join(names)} FROM "{reg.name}" WHERE {_parent(reg)} = ? ORDER BY id'
        before = [row for row in connection.exec_driver_sql(query, (owner,)).all() if row[0] in rows]
        if len(before) != len(rows):
            raise ValueError("a block changes rows of its own record only")
        changed = []
        for row_id, home, *olds in before:
            news = [rows[row_id].get(name, old) for name, old in zip(names, olds, strict=True)]
            if news != olds:
                changed.append((row_id, home, olds, news))
        statement = f'UPDATE "{reg.name}" SET {", ".join(f"{name} = ?" for name in names)} WHERE id = ?'
        for start in range(0, len(changed), MOST):
            tick(start, len(changed), f"修改{reg.label}")
            some = changed[start : start + MOST]
            connection.exec_driver_sql(statement, [(*news, row_id) for row_id, _, _, news in some])
            columns = {name: ([olds[n] for *_, olds, _ in some], [news[n] for *_, news in some]) for n, name in enumerate(names)}
            moved = {name for name, (olds, news) in columns.items() if olds != news}
            kept = {name for name in names if name in moved or any(name in group and moved & set(group) for group in reg.groups.values())}
            _log(pen, reg.name, owner, some[0][1], CHANGED, pack_changes([one[0] for one in some], {name: columns[name] for name in names if name in kept}))
    return len(changed)


def _parent(reg: Register) -> str:
    if reg.name not in BLOCK_TABLES or reg.parent is None:
        raise ValueError(f"{reg.name} has no blocks")
    return reg.parent.name


@contextmanager
def _silent(session: Session) -> Iterator[Pen]:
    """While it lasts the triggers of block tables write nothing; what is written is logged by the caller."""
    session.flush()
    pen: Pen = session.info["pen"]
    pen.block = True
    try:
        yield pen
    finally:
        pen.block = False
        session.expire_all()


def _log(pen: Pen, table: str, owner: str, home: str, kind: str, cells: str) -> None:
    values: tuple[Any, ...] = (pen.txn(home), pen.n(), table, owner, kind, cells)
    pen.raw.execute("INSERT INTO op(txn, n, tbl, row, kind, cells) VALUES (?, ?, ?, ?, ?, ?)", values)
