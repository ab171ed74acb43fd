"""Carrying out a judgement inside the caller's change: in bulk, in one transaction, with its overruled rules on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Query, Session

from relocdesk.clerk import Clerk
from relocdesk.entry.acted import KEPT_CURES, stays
from relocdesk.entry.cells import Cell, Heads, Judgement, Refused
from relocdesk.entry.heads import HEAD_RELATION
from relocdesk.entry.homes import line_text, next_line, place_code, refuse_hidden, refuse_made, refuse_reader
from relocdesk.entry.judging import judge, newest_transaction
from relocdesk.errors import UserError
from relocdesk.field import Register, Value
from relocdesk.job import Tick, no_tick
from relocdesk.queries.overrides import standing
from relocdesk.records import REGISTERS, home_id, new_id, register
from relocdesk.records.document import Override
from relocdesk.veil import hidden_among, is_secret

BLOCK = 5_000  # rows between two ticks


def apply(session: Session, clerk: Clerk, judgement: Judgement, tick: Tick = no_tick) -> list[str]:
    """Writes the new and changed rows of a judgement; returns the ids of all rows it speaks of, in row order.

    Raises UserError when the book has moved since it was judged, so that nobody's later edit is overwritten unseen.
    """
    if newest_transaction(session) != judgement.stamp:
        raise UserError("核对之后台账又有改动，没有入账", hint="请重新核对一遍再入账")
    reg = judgement.register
    total = len(judgement.new) + len(judgement.changed)
    _insert(session, register("place"), [_place_row(node, session) for node in judgement.places], tick, 0)
    rows = [{"id": new.id, "home": new.home, **new.values} for new in judgement.new]
    # People first: after a recipient that points to nobody yet SQLite would look through all paid lines for each further one.
    # A household and its head point to each other; there the household comes first.
    if reg.name != "household":
        _people(session, judgement.heads)
    _insert(session, reg, rows, tick, total)
    for child, children in judgement.children.items():
        _insert(session, register(child), children, tick, total)
    if reg.name == "household":
        _people(session, judgement.heads)
    _update(session, reg, judgement, tick, total)
    _record_overruled(session, clerk, judgement)
    session.expire_all()  # raw statements went past the mapper
    order = [(new.row, new.id) for new in judgement.new] + [(c.row, c.id) for c in judgement.changed] + judgement.same
    return [row_id for _, row_id in sorted(order, key=lambda pair: pair[0])]


def _place_row(node: Any, session: Session) -> dict[str, Value]:
    return {"id": node.id, "home": home_id(node.code[:6]), "code": node.code, "name": node.name, "parent": node.parent}


def _insert(session: Session, reg: Register, rows: Sequence[Mapping[str, Value]], tick: Tick, total: int) -> None:
    """Plain parameter tuples: half the cost of the mapper for 100,000 rows, and the triggers see them all the same."""
    if not rows:
        return
    given = set().union(*(row.keys() for row in rows))  # columns nobody filled are left to the table's defaults
    names = ["id", "home", "deleted", *(f.name for f in reg.stored if f.name in given or reg.reference)]
    marks = ", ".join("?" * len(names))
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{reg.name}" ({columns}) VALUES ({marks})'
    if reg.reference:  # the id follows from the key: a row taken out once comes back
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in names[2:])
        statement += f" ON CONFLICT(id) DO UPDATE SET {sets}"
    connection = session.connection()
    for start in range(0, len(rows), BLOCK):
        tick(start, total, f"写入{reg.label}")
        block = [tuple(row.get(name, 0 if name == "deleted" else None) for name in names) for row in rows[start : start + BLOCK]]
        connection.exec_driver_sql(statement, block)


def _people(session: Session, heads: Heads) -> None:
    _insert(session, register("person"), heads.new, no_tick, 0)
    _update_rows(session, "person", heads.changed)
    if heads.moved:
        statement = "UPDATE person SET household = ?, relation = coalesce(relation, ?) WHERE id = ?"
        session.connection().exec_driver_sql(statement, [(household, HEAD_RELATION, person) for person, household in heads.moved])


def _update(session: Session, reg: Register, judgement: Judgement, tick: Tick, total: int) -> None:
    stored = {f.name for f in reg.stored}
    tick(len(judgement.new), total, f"修改{reg.label}")
    _update_rows(session, reg.name, [(c.id, {name: pair for name, pair in c.changes.items() if name in stored}) for c in judgement.changed])


def _update_rows(session: Session, table: str, rows: Iterable[tuple[str, Mapping[str, tuple[Value, Value]]]]) -> None:
    """Rows with the same changed columns go in one statement each."""
    grouped: dict[tuple[str, ...], list[tuple[Value, ...]]] = {}
    for row_id, changes in rows:
        if changes:
            grouped.setdefault(tuple(changes), []).append((*(new for _, new in changes.values()), row_id))
    for names, values in grouped.items():
        sets = ", ".join(f'"{name}" = ?' for name in names)
        session.connection().exec_driver_sql(f'UPDATE "{table}" SET {sets} WHERE id = ?', values)


def _record_overruled(session: Session, clerk: Clerk, judgement: Judgement) -> None:
    if not judgement.overruled:
        return
    by_row = {new.row: new.id for new in judgement.new} | {change.row: change.id for change in judgement.changed}
    number = next_line(session, register("override"), clerk)
    known = {(one.record, one.field_name, one.rule, one.value) for one in standing(session, judgement.register)}
    for row, trouble, reason in judgement.overruled:
        if row in by_row and (by_row[row], trouble.field, trouble.code, trouble.value) not in known:
            session.add(Override(id=new_id(), home=home_id(place_code(session)), line=line_text(clerk, number), register=judgement.register.name,
                                 record=by_row[row], rule=trouble.code, field_name=trouble.field, value=trouble.value, reason=reason,
                                 granted_by=clerk.name, granted_on=clerk.on))  # fmt: skip
            number += 1
    session.flush()


# --- one row at a time -----------------------------------------------------------------------------------------------


def save(session: Session, clerk: Clerk, reg: Register, texts: Mapping[str, Cell], row_id: str = "", accept: Mapping[str, str] | None = None) -> str:
    """Adds one record, or with `row_id` edits it (an empty text erases); returns its id. Raises Refused field by field."""
    if not row_id:
        refuse_made(reg)
    judgement = check(session, clerk, reg, texts, row_id, accept)
    if judgement.problems:
        raise Refused(judgement.problems)
    if not row_id and (judgement.changed or judgement.same):
        raise UserError(f"已经有这条{reg.label}", hint="请打开原来的记录修改")
    return apply(session, clerk, judgement)[0]


def check(session: Session, clerk: Clerk, reg: Register, texts: Mapping[str, Cell], row_id: str = "", accept: Mapping[str, str] | None = None) -> Judgement:
    """What saving these texts would do: problems and warnings for a form while it is being filled."""
    fields = [reg[name] for name in texts]
    return judge(session, clerk, reg, fields, [(0, list(texts.values()))], accept=accept, erase_empty=bool(row_id), only_id=row_id, opening=False)


def remove(session: Session, clerk: Clerk, reg: Register, row_id: str) -> None:
    """Marks a record deleted; it can be brought back. Refuses what is numbered, frozen or still pointed to."""
    refuse_reader(clerk, reg)
    refuse_hidden(session, clerk, reg, [row_id])
    row = session.get(reg.cls, row_id)
    if row is None or row.deleted:
        raise UserError(f"这条{reg.label}已经不在了", hint="请刷新后再看")
    if reg.kept:
        raise UserError(f"{reg.label}要完整留底，不能删除", hint=KEPT_CURES.get(reg.name, "请办理作废或结束，并写明原因"))
    _refuse_settled(session, reg, row, "删除")
    users = used_by(session, reg, row_id)
    if users:
        raise UserError(f"还有{'、'.join(users)}用着这条{reg.label}，不能删除", hint="请先处理这些记录")
    why = stays(session, reg, row)
    if why is not None:
        raise why
    row.deleted = 1
    session.flush()


def restore(session: Session, clerk: Clerk, reg: Register, row_id: str) -> None:
    """Brings a deleted record back; refuses when its number has been taken meanwhile."""
    refuse_reader(clerk, reg)
    refuse_hidden(session, clerk, reg, [row_id])
    row = session.get(reg.cls, row_id)
    if row is None or not row.deleted:
        raise UserError(f"这条{reg.label}没有被删除", hint="请刷新后再看")
    for key in reg.keys_on_disk:
        names = [part.rstrip("?~") for part in key]
        if all(getattr(row, name) is not None for name in names if name + "?" not in key):
            same = session.query(reg.cls.id).filter_by(deleted=0, **{name: getattr(row, name) for name in names}).first()
            if same is not None:
                raise UserError(f"同样编号的{reg.label}已经另有一条，不能恢复", hint="请先改掉其中一条的编号")
    _refuse_settled(session, reg, row, "恢复")
    for f in reg.stored:
        target = session.get(register(f.to).cls, getattr(row, f.name)) if f.to and getattr(row, f.name) else None
        if target is not None and target.deleted:
            raise UserError(f"它的{f.label}已经删除，不能恢复", hint=f"请先恢复{f.label}")
    row.deleted = 0
    session.flush()


def settled(session: Session, reg: Register, row_id: str) -> str:
    """Why a record changes by its own action only: 兑付批次是“已审批” for a line of an approved batch; "" when it does not."""
    row = session.get(reg.cls, row_id)
    return _settled(session, reg, row) if row is not None else ""


def _settled(session: Session, reg: Register, row: Any) -> str:
    if not reg.frozen:
        return ""
    link, _, state = reg.frozen[0].rpartition(".")
    whole = register(reg[link].to) if link else reg
    owner = session.get(whole.cls, getattr(row, link)) if link else row
    now = getattr(owner, state) if owner is not None else None
    return f"{whole.label}是“{whole[state].show(now)}”" if now in reg.frozen[1] else ""


def _refuse_settled(session: Session, reg: Register, row: Any, what: str) -> None:
    """A settled record, or a line of one, changes by its own action only."""
    if _settled(session, reg, row):
        raise UserError(f"这条{reg.label}已经办结，不能{what}", hint="请办理作废或更正", code="FROZEN")


def used_by(session: Session, reg: Register, row_id: str) -> list[str]:
    """What still points to a record: "3 条地块", in the order of the registers; what the clerk must not see has no name and no number."""
    found, unseen = [], False
    for other in REGISTERS:
        for f in other.stored:
            if f.to == reg.name and not (reg.name == "household" and other.name == "person"):
                table = other.cls.__table__
                rows = session.query(table.c.id).filter(table.c[f.name] == row_id, table.c.deleted == 0, table.c.id != row_id)
                hidden = _hidden(session, other, rows)
                if count := rows.count() - hidden:
                    found.append(f"{count} 条{other.label}")
                unseen = unseen or hidden > 0
    return found or (["别的记录"] if unseen else [])


def _hidden(session: Session, reg: Register, rows: Query[Any]) -> int:
    if not is_secret(reg.name):
        return 0
    clerk = session.info.get("clerk")
    return len(hidden_among(session.connection(), clerk.role if clerk else "", reg.name, [row_id for (row_id,) in rows]))

