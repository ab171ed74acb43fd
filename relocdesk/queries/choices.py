"""What an input may offer, never thousands: words of an open list, records that fit what is typed; and one record whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, func, literal_column, or_, select
from sqlalchemy.orm import Session

from relocdesk.field import Field, Register
from relocdesk.queries.computed import expression
from relocdesk.queries.keys import parts_of
from relocdesk.queries.rows import Line, key_of, page, titles
from relocdesk.records.reference import Dictionary
from relocdesk.words import words

SHIPPED = {"relation": "relations", "nation": "nations"}  # lists an office need not enter itself
_TYPED = ("text", "idcard", "note")


@dataclass(frozen=True, slots=True)
class Offer:
    """One record to choose: its id, the key that names it, and what people call it."""

    id: str
    key: str
    title: str


def words_of(session: Session, name: str) -> list[str]:
    """The active words of a dictionary list in the order of their codes; a shipped list where the office has none."""
    rows = session.execute(select(Dictionary.label).where(Dictionary.list == name, Dictionary.active == 1, Dictionary.deleted == 0).order_by(Dictionary.code))
    found = list(dict.fromkeys(rows.scalars()))
    if found or name not in SHIPPED:
        return found
    return [row["name"] for row in words(SHIPPED[name])]


def offers(session: Session, reg: Register, text: str, limit: int = 20) -> list[Offer]:
    """Living records whose key or title holds the text or begins with these initials; the newest when nothing is typed."""
    table = reg.cls.__table__
    names = dict.fromkeys([*reg.title, *(part for key in reg.keys for part in parts_of(key))])
    shown = [expression(reg, reg[name], table) for name in names if reg[name].kind.name in _TYPED and not reg[name].to and reg[name].choices is None]
    query = select(table.c.id).where(table.c.deleted == 0)
    plain = text.strip()
    if plain:
        fits = [one.contains(plain, autoescape=True) for one in shown]
        if plain.isascii() and plain.isalpha():
            fits += [func.initials(one).startswith(plain.lower(), autoescape=True) for one in shown]
        query = query.where(or_(*fits)).order_by(table.c.id)
    else:
        query = query.order_by(table.c.id.desc())
    found = list(session.execute(query.limit(limit)).scalars())
    keys, names_of = key_of(session, reg, found), titles(session, reg, found)
    return [Offer(one, keys[one], names_of.get(one, "")) for one in found]


def rowid_of(session: Session, reg: Register, row_id: str) -> int | None:
    """The handle by which grids know a record; None when there is none of this id."""
    rowid = literal_column(f'"{reg.name}".rowid', BigInteger)
    found = session.execute(select(rowid).select_from(reg.cls.__table__).where(reg.cls.__table__.c.id == row_id)).scalar()
    return None if found is None else int(found)


def living(session: Session, reg: Register, row_id: str) -> bool:
    """Whether there is a record of this id that is not deleted."""
    table = reg.cls.__table__
    return session.execute(select(table.c.id).where(table.c.id == row_id, table.c.deleted == 0)).first() is not None


def record(session: Session, reg: Register, row_id: str, fields: Sequence[Field]) -> Line | None:
    """One record as a page shows it, deleted ones too; None when there is none of this id."""
    found = rowid_of(session, reg, row_id)
    lines = page(session, reg, [found], fields) if found is not None else []
    return lines[0] if lines else None
