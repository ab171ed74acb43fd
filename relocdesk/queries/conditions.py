"""Which rows are meant: conditions on a field, and what is typed into the search box, as SQL from the declaration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, case, cast, false, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.field import NAME, TAGS, Field, Register, Value
from relocdesk.queries.computed import expression, target
from relocdesk.queries.keys import parts_of
from relocdesk.queries.places import Places
from relocdesk.records import register
from relocdesk.records.reference import Dictionary

OPS = ("=", "≠", "含", ">", "≥", "<", "≤", "空", "不空", "在")
_TEXTS = ("text", "note", "idcard", "account", "credit", "phone", "choice+")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a field, virtual ones too. `value`: a stored value; a text for 含; several for 在.

    On a reference, 含 looks in what people see of the other record and = compares its id. On a place, 在 takes in
    everything below; on a field of several tags it asks for any of them.
    """

    field: str
    op: str
    value: Value | tuple[Value, ...] = None


def meets(session: Session, reg: Register, table: FromClause, condition: Condition) -> ColumnElement[bool]:
    """Whether a row meets a condition; raises UserError for a field or a comparison that there is not."""
    f = reg.find(condition.field)
    if f is None:
        raise UserError(f"“{reg.label}”里没有“{condition.field}”这一栏", hint="可用：" + "、".join(one.title for one in reg))
    _, real = target(reg, f)
    what, op, value = expression(reg, f, table), condition.op, condition.value
    if op == "空":
        return _empty(what, real)
    if op == "不空":
        return not_(_empty(what, real))
    if op == "在":
        return _one_of(session, what, real, value if isinstance(value, tuple) else (value,))
    if isinstance(value, tuple):
        raise UserError(f"“{f.title}”的条件“{op}”只能给一个值", hint="要给几个值请用“在”")
    if value is None:
        return {"=": _empty(what, real), "≠": not_(_empty(what, real))}.get(op, false())
    if op == "含":
        return _contains(session, what, real, str(value))
    compare = {
        "=": what == value,
        "≠": or_(what != value, what.is_(None)),
        ">": what > value,
        "≥": what >= value,
        "<": what < value,
        "≤": what <= value,
    }
    if op not in compare:
        raise UserError(f"没有“{op}”这种条件", hint="可用：" + "、".join(OPS))
    return compare[op]


def _empty(what: ColumnElement[Any], f: Field) -> ColumnElement[bool]:
    return or_(what.is_(None), what == "") if f.kind.scale is None else what.is_(None)


def _one_of(session: Session, what: ColumnElement[Any], f: Field, values: Sequence[Value]) -> ColumnElement[bool]:
    wanted = [value for value in values if value is not None]
    if f.to == "place" and wanted:
        tree = Places.load(session)
        wanted = sorted(set().union(*(tree.below(str(value)) for value in wanted)))
    found = _any_tag(what, wanted) if f.kind is TAGS else what.in_(wanted)
    return or_(found, _empty(what, f)) if len(wanted) < len(values) and f.to != "place" else found


def _any_tag(what: ColumnElement[Any], codes: Sequence[Value]) -> ColumnElement[bool]:
    """Whether a field of several tags (code,code) has one of them."""
    listed = "," + what + ","
    return or_(*(listed.contains(f",{code},", autoescape=True) for code in codes)) if codes else false()


def _contains(session: Session, what: ColumnElement[Any], f: Field, text: str) -> ColumnElement[bool]:
    if f.choices is not None and f.kind is TAGS:
        return _any_tag(what, [one.value for one in f.choices if text in one.label])
    if f.choices is not None:
        return what.in_([one.value for one in f.choices if text in one.label])
    if f.to == "place":
        tree = Places.load(session)
        return what.in_([one for one in tree.nodes if text in tree.full(one) or tree.code(one).startswith(text)])
    if f.to:
        other = register(f.to)
        there = other.cls.__table__.alias()
        return what.in_(select(there.c.id).where(_seen_as(other, there).contains(text, autoescape=True)))
    if f.words:
        word = Dictionary.__table__.alias()
        spelt = select(word.c.code).where(word.c.list == f.words, word.c.label.contains(text, autoescape=True), word.c.deleted == 0)
        return or_(what.contains(text, autoescape=True), what.in_(spelt))
    if f.kind.scale:
        return _digits(what, f.kind.scale).contains(text.replace(",", ""), autoescape=True)
    return cast(what, String).contains(text, autoescape=True)


def _digits(what: ColumnElement[Any], scale: int) -> ColumnElement[str]:
    """A stored figure as text with all its decimals: 2500000 with scale 6 → 2.500000."""
    one = 10**scale
    decimals = func.substr(cast(one + func.abs(what) % one, String), 2)
    return cast(what // one, String) + "." + decimals


def _seen_as(reg: Register, table: FromClause) -> ColumnElement[str]:
    """What people see of a record, as one text: its title's and first key's own parts."""
    names = dict.fromkeys((*reg.title, *parts_of(reg.keys[0])))
    parts = [func.coalesce(_label(reg, reg[name], table), "") for name in names if not reg[name].to]
    joined: ColumnElement[str] = literal("")
    for part in parts:
        joined = joined + cast(part, String) + " "
    return joined


def _label(reg: Register, f: Field, table: FromClause) -> ColumnElement[Any]:
    what = expression(reg, f, table)
    return case({one.value: one.label for one in f.choices}, value=what, else_=what) if f.choices else what


# --- searching -------------------------------------------------------------------------------------------------------


def matching(reg: Register, table: FromClause, word: str, depth: int = 0, *, owners: bool = True) -> ColumnElement[bool]:
    """Whether a row is found by a word typed in the search box.

    Digits are looked for in every number, Chinese in every text, letters also as pinyin initials of names. The fields
    are those of title, key and private numbers, former names, and with `owners` the same of the records it belongs to.
    """
    ways: list[ColumnElement[bool]] = []
    letters = word.isascii() and word.isalpha()
    links: dict[str, Register] = {}
    for f in searched(reg):
        if f.via:
            links[f.via.split(".")[0]] = register(reg[f.via.split(".")[0]].to)
        elif f.to:
            links |= {f.name: register(f.to)} if owners else {}
        elif f.choices is None and f.kind.name in _TEXTS:
            called = f.kind is NAME or f.name.endswith(("name", "names"))
            held = func.replace(table.c[f.name], " ", "") if called and not letters else table.c[f.name]  # 王 莹 is looked for as 王莹
            ways.append(held.contains(word, autoescape=True))
            if letters and called:
                ways.append(_begins(reg, f, table, word.lower()))
    if depth < 2:
        for link, other in links.items():
            there = other.cls.__table__.alias()
            ways.append(table.c[link].in_(select(there.c.id).where(matching(other, there, word, depth + 1, owners=owners))))
    return or_(*ways) if ways else false()


def _begins(reg: Register, f: Field, table: FromClause, letters: str) -> ColumnElement[bool]:
    """Whether the pinyin initials of a name begin with these letters.

    A call into Python is dear, so the first characters that occur are tried first, each once. The limit and the case keep
    SQLite from calling for each row.
    """
    one = func.substr(reg.cls.__table__.alias().c[f.name], 1, 1).label("one")
    firsts = select(one).distinct().limit(-1).subquery()
    head = func.initials(firsts.c.one)
    fitting = select(firsts.c.one).where(or_(head == letters[0], head == ""))
    name = table.c[f.name]
    return case((func.substr(name, 1, 1).in_(fitting), func.initials(name).startswith(letters, autoescape=True)), else_=false())


def searched(reg: Register) -> tuple[Field, ...]:
    """The fields that a search looks at; projects and places are left to their own filters."""
    named = {*reg.title, *reg.key_fields, *reg.groups.get("owner", ()), "former_names", "nickname"}
    return tuple(
        f
        for f in reg
        if (f.name in named or f.private or f.to == "household") and f.computed != "=" and f.to not in ("project", "place", reg.name) and f.name != "project"
    )
