"""The search box over the whole book: numbers and names first, then whatever else holds the text, by register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from relocdesk.field import Register
from relocdesk.queries.keys import parts_of
from relocdesk.queries.places import Places
from relocdesk.queries.rows import matching, titles
from relocdesk.records import REGISTERS

ENOUGH = 6  # of one register; the rest is a filter away
_AFTER = "\U0010ffff"  # sorts after every text that begins alike
_FIRST = ("household", "person", "parcel", "agreement", "payment", "payment_batch", "collective_unit", "printout")
_LEFT_OUT = ("setting", "dictionary", "policy_row", "attachment", "override")


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that a search found: its register (name and label), id, what people call it, and where it lies."""

    register: str
    label: str
    id: str
    title: str
    place: str


def search_all(session: Session, text: str, limit: int = 40) -> list[Hit]:
    """Records whose number, name, ID number, account or phone fits, grouped by register, the likeliest register first.

    Exact numbers and beginnings come first, found through the indexes; names also by pinyin initials. Masked numbers do
    not appear: a hit shows its title only.
    """
    words = text.split()
    if not words:
        return []
    tree: Places | None = None
    hits: list[Hit] = []
    for reg in _registers():
        if len(hits) >= limit:
            break
        found = _of(session, reg, words, min(ENOUGH, limit - len(hits)))
        if not found:
            continue
        tree = tree or Places.load(session)
        named = titles(session, reg, found)
        for row_id, place in found.items():
            hits.append(Hit(reg.name, reg.label, row_id, named[row_id], tree.full(place)))
    return hits


def _registers() -> list[Register]:
    known = [reg for reg in REGISTERS if reg.name in _FIRST or (reg.parent is None and reg.name not in _LEFT_OUT)]
    return sorted(known, key=lambda reg: _FIRST.index(reg.name) if reg.name in _FIRST else len(_FIRST))


def _of(session: Session, reg: Register, words: list[str], limit: int) -> dict[str, str | None]:
    """id → place of the best rows of one register."""
    table = reg.cls.__table__
    own = next((f.name for f in reg.stored if f.to == "place"), None)
    query: Select[Any] = select(table.c.id, table.c[own] if own else table.c.home).where(table.c.deleted == 0)
    found: dict[str, str | None] = {}
    narrow = [matching(reg, table, word) for word in words]
    for step in (*_beginnings(reg, table, words), None):
        if len(found) >= limit:
            break
        rows = session.execute((query.where(*narrow) if step is None else query.where(step)).limit(limit + len(found)))
        for row_id, place in rows:
            if len(found) < limit:
                found.setdefault(row_id, place if own else None)
    return found


def _beginnings(reg: Register, table: Any, words: list[str]) -> Iterator[Any]:
    """Conditions an index answers: a key or a title that begins with the only word."""
    if len(words) != 1:
        return
    leading = {parts_of(key)[0] for key in reg.keys}
    names = [n for n in leading if not reg[n].to and reg[n].kind.name in ("text", "idcard", "account", "phone")]
    if names:
        yield or_(*(table.c[n] == words[0] for n in names))
        yield or_(*(table.c[n].between(words[0], words[0] + _AFTER) for n in names))
