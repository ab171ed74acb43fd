"""The rows of any register, from its declaration: filter, search, sort, pages, totals.

A grid keeps the SQLite rowids of what it shows in one array and reads pages of them, so a million rows cost 8 MB.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.field import NUMBER, Field, Register, Value
from relocdesk.queries.computed import expression, living_people, target
from relocdesk.queries.conditions import OPS as OPS
from relocdesk.queries.conditions import Condition as Condition
from relocdesk.queries.conditions import matching, meets
from relocdesk.queries.keys import Keys, parts_of
from relocdesk.queries.places import Places
from relocdesk.records import register
from relocdesk.records.household import Person
from relocdesk.records.project import Project
from relocdesk.records.reference import Dictionary

PAGE = 256
_CHUNK = 10_000
_PIECE = 500_000  # characters


@dataclass(frozen=True, slots=True)
class Ask:
    """What a grid, a list or an export wants to see of a register.

    `place`: id of a place; it and all below. `sort`: (field name, descending) in order. `deleted`: only deleted rows.
    """

    register: Register
    conditions: tuple[Condition, ...] = ()
    search: str = ""
    place: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a page; `values` and `shown` are parallel to the fields asked for."""

    rowid: int
    id: str
    values: tuple[Value, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a status bar and `list --json` add up; None where the register has no such figure."""

    count: int
    households: int | None = None
    people: int | None = None
    mu: int | None = None
    money: int | None = None


# --- which rows ------------------------------------------------------------------------------------------------------


def rowids(session: Session, ask: Ask) -> array[int]:
    """The rows that an ask finds, in its order, as SQLite rowids (8 bytes each)."""
    table = ask.register.cls.__table__
    if _everything(ask) and not ask.register.cls.__counted__:  # no look at each row: the key's index alone gives the order (0.3 against 1.5 s a million)
        query = select(_rowid(table).label("r")).select_from(table).where(_rowid(table).not_in(_deleted(table))).order_by(*_order(ask, table, walk=True))
    else:
        query = _asked(session, ask, table).with_only_columns(_rowid(table).label("r")).order_by(*_order(ask, table))
    # One answer instead of a row at a time, between which threads would hand the interpreter to each other.
    return _numbers(session.execute(select(func.json_group_array(query.subquery().c.r))).scalar_one())


def _numbers(text: str) -> array[int]:
    """The whole numbers of a JSON list; read in pieces, so that no other thread waits long."""
    found, start = array("q"), 1
    while start < len(text) - 1:
        stop = text.find(",", start + _PIECE)
        stop = stop if stop > 0 else len(text) - 1
        found.extend(json.loads(f"[{text[start:stop]}]"))
        start = stop + 1
    return found


def ids(session: Session, ask: Ask) -> list[str]:
    """The ids of the rows that an ask finds, in its order."""
    table = ask.register.cls.__table__
    return list(session.execute(_asked(session, ask, table).with_only_columns(table.c.id).order_by(*_order(ask, table))).scalars())


def rowids_where(session: Session, reg: Register, where: ColumnElement[bool]) -> array[int]:
    """The living rows that meet a condition on the register's table, by key."""
    table = reg.cls.__table__
    query = select(_rowid(table)).where(where, table.c.deleted == 0).order_by(*_order(Ask(reg), table))
    return array("q", session.execute(query).scalars())


def _rowid(table: FromClause) -> ColumnElement[int]:
    """SQLite's own handle of a row; the only thing here that another database would have to do otherwise."""
    return literal_column(f'"{getattr(table, "name", "")}".rowid', BigInteger)


def _everything(ask: Ask) -> bool:
    """Whether all living rows are asked for."""
    return not (ask.conditions or ask.search.strip() or ask.place or ask.deleted)


def _deleted(table: FromClause) -> Select[Any]:
    """The rowids of the deleted rows."""
    other = table.alias("gone")
    return select(_rowid(other)).select_from(other).where(other.c.deleted == 1)


def _among(table: FromClause, wanted: Sequence[int]) -> ColumnElement[bool]:
    """Rows whose rowid is in a list of any length, bound as one JSON parameter."""
    text = "[" + ",".join(map(str, wanted)) + "]"
    value = func.json_each(text).table_valued(column("value", BigInteger))
    return _rowid(table).in_(select(value.c.value))


def _asked(session: Session, ask: Ask, table: FromClause) -> Select[Any]:
    query = select(table).where(table.c.deleted == (1 if ask.deleted else 0))
    for condition in ask.conditions:
        query = query.where(meets(session, ask.register, table, condition))
    for word in ask.search.split():
        query = query.where(matching(ask.register, table, word))
    if ask.place:
        below = sorted(Places.load(session).below(ask.place))
        inside = _inside(ask.register, table, below, ())
        if inside is not None:
            query = query.where(inside)
    return query


def _inside(reg: Register, table: FromClause, places: list[str], seen: tuple[str, ...]) -> ColumnElement[bool] | None:
    """Whether a row lies in one of the places, by its own place or its owner's; None when it has none."""
    if reg.name == "place":
        return table.c.id.in_(places)
    own = next((f for f in reg.stored if f.to == "place"), None)
    if own is not None:
        return table.c[own.name].in_(places)
    ways = []
    for name in dict.fromkeys((*reg.groups.get("owner", ()), *reg.home)):
        if name in reg and reg[name].to and reg[name].to not in (reg.name, *seen):
            other = register(reg[name].to)
            there = other.cls.__table__.alias()
            inside = _inside(other, there, places, (*seen, reg.name))
            if inside is not None:
                ways.append(table.c[name].in_(select(there.c.id).where(inside)))
    return or_(*ways) if ways else None


# --- order -----------------------------------------------------------------------------------------------------------


def _order(ask: Ask, table: FromClause, *, walk: bool = False) -> Iterator[Any]:
    """The wished order with empty cells last; ties, and rows without a wish, by key, then as entered.

    `walk`: along the key's index. Where rows are looked at anyway, sorting what is found is quicker than fetching every
    row in the order of the key (0.5 against 1.5 s for a third of a million).
    """
    reg = ask.register
    for name, descending in ask.sort:
        f = reg.find(name)
        if f is None:
            raise UserError(f"“{reg.label}”里没有“{name}”这一栏", hint="可用：" + "、".join(one.title for one in reg))
        what = _sorted_by(reg, f, table)
        if not f.required or f.via or f.to:
            what = func.nullif(what, "") if f.kind.scale is None else what
        ordered = what.desc() if descending else what.asc()
        yield ordered if f.required and not f.via and not f.to else ordered.nulls_last()
    parts = parts_of(reg.keys_on_disk[0])
    for part in parts[: reg.cls.__indexed__] if walk else parts:  # what the index leaves out would have every row looked at
        what = _counted(reg, reg[part], table.c[part]) if part in reg else table.c[part]
        yield what if walk else func.coalesce(what, null())  # an expression keeps the index out
    yield _rowid(table)  # as entered; the key's index already ends in it, which an id would not (390 against 740 ms a million)


def _sorted_by(reg: Register, f: Field, table: FromClause) -> ColumnElement[Any]:
    """What a field sorts by: a reference by the other's key, a choice by its list, an open one by its label."""
    _, real = target(reg, f)
    what = expression(reg, f, table)
    if real.choices is not None:
        return case({one.value: n for n, one in enumerate(real.choices)}, value=what, else_=len(real.choices))
    if real.words:
        word = Dictionary.__table__.alias()
        label = select(func.min(word.c.label)).where(word.c.list == real.words, word.c.code == what, word.c.deleted == 0)
        return func.coalesce(label.scalar_subquery(), what)
    if real.to:
        other = register(real.to)
        row = other.cls.__table__.alias()
        names = parts_of(other.keys[0])
        name = next((one for one in names if not other[one].to), names[0])
        by = row.c.code if real.to == "place" else _sorted_by(other, other[name], row)
        return select(by).where(row.c.id == what).scalar_subquery()
    return _counted(reg, real, what)


def _counted(reg: Register, f: Field, what: ColumnElement[Any]) -> ColumnElement[Any]:
    """Numbers counted by hand in the order they were counted: 2 before 10."""
    return cast(func.length(what) + 100_000, String).concat(what) if reg.cls.__counted__ and f.kind is NUMBER else what


# --- pages -----------------------------------------------------------------------------------------------------------


def page(session: Session, reg: Register, rowids: Sequence[int], fields: Sequence[Field], *, named: bool = False) -> list[Line]:
    """The rows of at most some hundreds of rowids, in their order, with what is stored and what people see.

    A reference is shown by the other's key, which reads back; with `named` households and people by number and name, as
    people look for them, and records whose key holds codes by what names them. The number of statements depends on the
    fields alone, never on the number of rows. Rows gone meanwhile are left out.
    """
    table = reg.cls.__table__
    columns = [expression(reg, f, table).label(f"c{n}") for n, f in enumerate(fields)]
    query = select(_rowid(table).label("r"), table.c.id.label("i"), *columns).where(_among(table, rowids))
    found = {row[0]: row for row in session.execute(query)}
    rows = [found[one] for one in rowids if one in found]
    shown = list(Shower(session, named=named).columns([target(reg, f)[1] for f in fields], [[row[n + 2] for row in rows] for n in range(len(fields))]))
    return [Line(row[0], row[1], tuple(row[2:]), tuple(texts[n] for texts in shown)) for n, row in enumerate(rows)]


@cache
def _named(name: str) -> bool:
    """Whether people know a register's records by their title rather than by their key (a posting: 实物第一榜 柳树村)."""
    reg = register(name)
    return name in ("household", "person", "recipient") or any(reg[part].choices or reg[part].to == "place" for part in parts_of(reg.keys[0]))


class Shower:
    """Turns stored values into what people see, looking up whole columns of references at once."""

    def __init__(self, session: Session, *, named: bool = False) -> None:
        self.session = session
        self.named = named
        self.keys = Keys(session)
        self._words: dict[str, dict[str, str]] | None = None
        self._project: str | None = None

    def columns(self, fields: Sequence[Field], columns: Sequence[Sequence[Value]]) -> Iterator[list[str]]:
        """For each field and its values the texts shown."""
        wanted: dict[str, set[str]] = {}
        for f, values in zip(fields, columns, strict=True):
            if f.to and f.to != "place" and not (self.named and _named(f.to)):
                wanted.setdefault(f.to, set()).update(str(value) for value in values if value)
        for name, some in wanted.items():
            self.keys.texts(register(name), some)
        for f, values in zip(fields, columns, strict=True):
            yield self.column(f, values)

    def column(self, f: Field, values: Sequence[Value]) -> list[str]:
        """The texts shown for many values of one field."""
        if f.to == "place":
            tree = self.keys.tree()
            return [tree.full(str(value)) if value else "" for value in values]
        if f.to and self.named and _named(f.to):
            named = titles(self.session, register(f.to), [str(value) for value in values if value])
            return [named.get(str(value), "") for value in values]
        if f.to:
            texts = self.keys.texts(register(f.to), [str(value) for value in values if value])
            return [self._short(f.to, texts.get(str(value), "")) if value else "" for value in values]
        if f.words:
            labels = self._labels().get(f.words, {})
            return [labels.get(str(value), str(value)) if value is not None else "" for value in values]
        return [f.show(value) for value in values]

    def _labels(self) -> dict[str, dict[str, str]]:
        if self._words is None:
            self._words = {}
            for name, code, label in self.session.execute(select(Dictionary.list, Dictionary.code, Dictionary.label).where(Dictionary.deleted == 0)):
                self._words.setdefault(name, {})[code] = label
        return self._words

    def _short(self, name: str, text: str) -> str:
        """A key without the project's name where the book knows only one project: it would say nothing."""
        if "project" not in register(name) or "/" not in text:
            return text
        if self._project is None:
            names = self.session.execute(select(Project.name).where(Project.deleted == 0).limit(2)).scalars().all()
            self._project = names[0] if len(names) == 1 else ""
        return text.removeprefix(self._project + "/").removesuffix("/" + self._project) if self._project else text


# --- totals ----------------------------------------------------------------------------------------------------------


def totals(session: Session, ask: Ask, rowids: Sequence[int] | None = None, *, people: bool = True) -> Totals:
    """Count, households, people, area and money of everything asked for, or of the given rows.

    Without `people` nobody is counted: sums alone cost a third.
    """
    reg = ask.register
    table = reg.cls.__table__
    if rowids is None:
        return _sum_up(session, reg, [_asked(session, ask, table)], table, people=people)
    chunks = [list(rowids[start : start + _CHUNK]) for start in range(0, len(rowids), _CHUNK)]
    return _sum_up(session, reg, [select(table).where(_among(table, chunk)) for chunk in chunks], table, people=people)


def count_and_least(session: Session, ask: Ask, name: str = "") -> tuple[int, Value]:
    """How many rows are asked for, and the least value of a field among them (None without a field or without rows)."""
    table = ask.register.cls.__table__
    least = func.min(expression(ask.register, ask.register[name], table)) if name else null()
    count, value = session.execute(_asked(session, ask, table).with_only_columns(func.count(), least).select_from(table)).one()
    return int(count), value


def counts(session: Session, ask: Ask, name: str) -> dict[Value, int]:
    """How many of the rows asked for have each value of a field; one statement."""
    table = ask.register.cls.__table__
    what = expression(ask.register, ask.register[name], table)
    query = _asked(session, ask, table).with_only_columns(what, func.count()).group_by(what)
    return {row[0]: row[1] for row in session.execute(query)}


def _sum_up(session: Session, reg: Register, queries: Iterable[Select[Any]], table: FromClause, *, people: bool) -> Totals:
    mu, money, household = reg.first("mu"), reg.first("money"), _household(reg, table) if people else None
    count, area, amount, heads = 0, 0, 0, 0
    households: set[str] = set()
    for query in queries:
        columns: list[ColumnElement[Any]] = [func.count()]
        columns += [func.coalesce(func.sum(expression(reg, f, table)), 0) if f else literal(0) for f in (mu, money)]
        n, m, y = session.execute(query.with_only_columns(*columns).select_from(table)).one()
        count, area, amount = count + n, area + m, amount + y
        if household is not None:
            new = set(session.execute(query.with_only_columns(household).where(household.is_not(None)).distinct()).scalars())
            heads += _people_of(session, new - households)
            households |= new
    if reg.name == "person":
        heads = count
    return Totals(
        count,
        len(households) if household is not None else None,
        heads if household is not None else None,
        area if mu else None,
        amount if money else None,
    )


def _household(reg: Register, table: FromClause) -> ColumnElement[Any] | None:
    """The household of a row: itself, the one it points to, or the one of its agreement."""
    if reg.name == "household":
        return table.c.id
    own = next((f for f in reg.stored if f.to == "household"), None)
    return table.c[own.name] if own is not None else None


def _people_of(session: Session, households: set[str]) -> int:
    wanted, count = sorted(households), 0
    for start in range(0, len(wanted), _CHUNK):
        value = func.json_each('["' + '","'.join(wanted[start : start + _CHUNK]) + '"]').table_valued(column("value", String))
        query = select(func.count()).select_from(Person.__table__.join(value, Person.household == value.c.value))
        count += session.execute(query.where(living_people(Person.__table__.c.household))).scalar_one()
    return count


# --- names of records ------------------------------------------------------------------------------------------------


def key_of(session: Session, reg: Register, ids: Iterable[str]) -> dict[str, str]:
    """id → business key as people write it, its parts joined by /."""
    return Keys(session).texts(reg, ids)


def titles(session: Session, reg: Register, ids: Iterable[str]) -> dict[str, str]:
    """id → what names the record to people, such as 0012 王建国; private numbers never."""
    wanted = list(dict.fromkeys(ids))
    table = reg.cls.__table__
    fields = [reg[name] for name in reg.title]
    found: dict[str, str] = {}
    shower = Shower(session)
    for start in range(0, len(wanted), _CHUNK):
        query = select(table.c.id, *(expression(reg, f, table).label(f"c{n}") for n, f in enumerate(fields)))
        rows = session.execute(query.where(table.c.id.in_(wanted[start : start + _CHUNK]))).all()
        shown = list(shower.columns([target(reg, f)[1] for f in fields], [[row[n + 1] for row in rows] for n in range(len(fields))]))
        for n, row in enumerate(rows):
            found[row[0]] = " ".join(texts[n] for texts in shown if texts[n])
    return found


def find(session: Session, reg: Register, key: str) -> str:
    """The id of the living record with this business key (leading parts may be left out), else UserError."""
    return Keys(session).resolve(reg, key)
