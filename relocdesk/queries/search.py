"""The search box over the whole book: numbers and names first, then whatever else holds the text, by register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, null, or_, select
from sqlalchemy.orm import Session

from relocdesk.field import Register
from relocdesk.queries.conditions import matching
from relocdesk.queries.keys import parts_of
from relocdesk.queries.places import Places
from relocdesk.queries.rows import titles
from relocdesk.records import REGISTERS, register
from relocdesk.records.household import Household

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

    A typed number that is one, or begins one, finds just these, through the indexes; otherwise the text may stand anywhere,
    and letters may be the pinyin initials of a name. Private numbers do not appear: a hit shows its title only.
    """
    words = text.split()
    if not words:
        return []
    found = {reg.name: _by_index(session, reg, words, limit) for reg in _registers()}
    # A number that is somebody's number needs no further look; a word may stand anywhere.
    if not any(found.values()) or not any(character.isdigit() for character in text):
        for reg in _registers():
            room = min(ENOUGH, limit - sum(map(len, found.values())))
            found[reg.name] |= _by_looking(session, reg, words, found[reg.name], room) if room > 0 else {}
    tree = Places.load(session)
    hits: list[Hit] = []
    for reg in _registers():
        rows = dict(list(found[reg.name].items())[:ENOUGH])
        named = titles(session, reg, rows) if rows else {}
        hits += [Hit(reg.name, reg.label, row_id, named[row_id], tree.full(place)) for row_id, place in rows.items()]
    return hits[:limit]


def _registers() -> list[Register]:
    known = [reg for reg in REGISTERS if reg.name in _FIRST or (reg.parent is None and reg.name not in _LEFT_OUT)]
    return sorted(known, key=lambda reg: _FIRST.index(reg.name) if reg.name in _FIRST else len(_FIRST))


def _rows(reg: Register) -> Select[Any]:
    """Living rows of a register with their place, or that of their household."""
    table = reg.cls.__table__
    own = next((f.name for f in reg.stored if f.to == "place"), None)
    where: Any = table.c[own] if own else null()
    if own is None and "household" in reg:
        where = select(Household.place).where(Household.id == table.c.household).scalar_subquery()
    return select(table.c.id, where).where(table.c.deleted == 0)


def _by_index(session: Session, reg: Register, words: list[str], limit: int) -> dict[str, str | None]:
    """id → place of rows whose key is the word, then of those whose key begins with it."""
    found: dict[str, str | None] = {}
    for step in _beginnings(reg, reg.cls.__table__, words):
        rows = session.execute(_rows(reg).where(step).limit(min(limit, ENOUGH)))
        found |= {row_id: place for row_id, place in rows if row_id not in found}
    return found


def _by_looking(session: Session, reg: Register, words: list[str], known: Mapping[str, object], limit: int) -> dict[str, str | None]:
    """id → place of further rows that hold every word somewhere."""
    query = _rows(reg).where(*(matching(reg, reg.cls.__table__, word, owners=False) for word in words))
    rows = session.execute(query.limit(limit + len(known)))
    return {row_id: place for row_id, place in rows if row_id not in known}


def _beginnings(reg: Register, table: Any, words: list[str]) -> Iterator[Any]:
    """Conditions an index answers: a key that is, then one that begins with, the only word; of its head's number too."""
    if len(words) != 1:
        return
    whole, begun = _leading(reg, table, words[0])
    for link in dict.fromkeys(f.via.split(".")[0] for f in reg if f.via):
        other = register(reg[link].to)
        there = other.cls.__table__.alias()
        theirs = _leading(other, there, words[0])
        for mine, ways in ((whole, theirs[0]), (begun, theirs[1])):
            mine += [table.c[link].in_(select(there.c.id).where(or_(*ways)))] if ways else []
    if whole:
        yield or_(*whole)
        yield or_(*begun)


def _leading(reg: Register, table: Any, word: str) -> tuple[list[Any], list[Any]]:
    """The leading key columns equal to the word, and beginning with it."""
    leading = {parts_of(key)[0] for key in reg.keys}
    columns = [table.c[n] for n in sorted(leading) if not reg[n].to and not reg[n].via and reg[n].kind.name in ("text", "idcard", "account", "phone")]
    return [column == word for column in columns], [column.between(word, word + _AFTER) for column in columns]
