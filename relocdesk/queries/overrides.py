"""Rules overruled with a reason (放行): which still count. One ends when the value it was given for changes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.field import Register
from relocdesk.ids import chunks
from relocdesk.records import register
from relocdesk.records.document import Override


def standing(session: Session, reg: Register, row_id: str = "") -> list[Override]:
    """The overrides of a register, or of one record of it, whose field still holds the value that was let pass."""
    query = select(Override).where(Override.register == reg.name, Override.deleted == 0).order_by(Override.line)
    rows = session.scalars(query.where(Override.record == row_id) if row_id else query).all()
    now: dict[tuple[str, str], str] = {}
    for name in {row.field_name for row in rows}:
        if name and name in reg:
            held = _held(session, reg, name, [row.record for row in rows if row.field_name == name])
            now |= {(row, name): value for row, value in held.items()}
    return [row for row in rows if now.get((row.record, row.field_name or "")) == row.value]


def _held(session: Session, reg: Register, name: str, ids: list[str]) -> dict[str, str]:
    """Living record → what its field holds, as text."""
    table, f = reg.cls.__table__, reg[name]
    link, _, own = (f.via or name).rpartition(".")
    target = register(reg[link].to).cls.__table__.alias() if link else table
    query = select(table.c.id, target.c[own]).where(table.c.deleted == 0)
    if link:
        query = query.join(target, table.c[link] == target.c.id)
    found: dict[str, str] = {}
    for some in chunks(ids):
        found |= {row[0]: "" if row[1] is None else str(row[1]) for row in session.execute(query.where(table.c.id.in_(some)))}
    return found
