"""A book in which every register has records with every column filled: all of it exports and comes back unchanged."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import home_for
from relocdesk.errors import UserError
from relocdesk.excel.plan import plan
from relocdesk.excel.sheet import read_workbook
from relocdesk.excel.write import export
from relocdesk.field import Field, Register, Value
from relocdesk.records import REGISTERS, children_of, new_id, register
from relocdesk.records.project import Project
from relocdesk.records.reference import Place
from relocdesk.rules.identity import bank_account, check_digit

BY_KIND: dict[str, Value] = {
    "note": "第一行\n  第二行", "date": "2023-06-01", "month": "2023-06", "year": 2023, "int": 7, "money": 123_456_789, "m2": 66_667, "mu": 1_000_005,
    "quantity": 12_500_000, "rate": 3_500_000, "flag": 1, "phone": "13987654321",
}  # fmt: skip
UNIT_CODE = "91350100M000100Y43"
# Columns that exclude each other, or follow from others.
APART: dict[str, dict[str, Value]] = {
    "agreement": {"collective": None},
    "payment": {"collective": None, "attempt": 1},
    "unpaid_reason": {"collective": None},
    "agreement_line": {"years": 1_000_000, "quantity": 2_000_000, "unit_price": 150, "amount": 300},
    "place": {"predecessor": None, "valid_to": None},
}
_count = itertools.count(1)


def idcard(n: int) -> str:
    first = f"53052319900101{n % 1000:03d}"
    return first + check_digit(first)


def account(n: int) -> str:
    first = f"62170038600{n:07d}"
    for digit in "0123456789":
        with suppress(UserError):
            return bank_account(first + digit)[0]
    raise AssertionError("one of ten check digits fits")


def value_of(session: Session, f: Field, n: int, made: dict[str, list[str]]) -> Value:
    if f.to == "place":
        return made["place"][0]
    if f.to:
        return next(iter(made.get(f.to, ())), None)
    if f.choices is not None:
        return next(iter(f.choices)).value
    special = {"idcard": idcard(n), "account": account(n), "credit": UNIT_CODE}
    return special.get(f.kind.name) or BY_KIND.get(f.kind.name) or f"{f.label}{n:04d}"


def make(session: Session, reg: Register, made: dict[str, list[str]]) -> None:
    n = next(_count)
    values = {f.name: value_of(session, f, n, made) for f in reg.stored} | APART.get(reg.name, {})
    for name in reg.key_fields & values.keys():  # a day that takes part in a key is nobody else's
        if reg[name].kind.name == "date":
            values[name] = f"2023-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
        if name == "number" and reg[name].kind.name == "int":
            values[name] = n
    if "line" in reg:
        values["line"] = f"A{n:06d}"
    if reg.name == "person":
        values |= {"born_on": "1990-01-01", "sex": "2" if int(str(values["idcard"])[16]) % 2 == 0 else "1"}
    if reg.name == "parcel":
        values |= {"area_m2": 66_667, "area": 1_000_005, "class_code": "0101", "class_set": "x"}
    row = reg.cls(id=new_id(), home=home_for(session, reg, values), **values)
    session.add(row)
    session.flush()
    made.setdefault(reg.name, []).insert(0, row.id)


def able(clerk: Clerk, reg: Register) -> Clerk:
    """The clerk in the post that may see and enter a register."""
    parent = register(reg.parent.to) if reg.parent else reg
    seen = reg.seen_by or (reg.secret or parent.secret or ("", "", ()))[2]
    return replace(clerk, role=seen[0]) if seen else clerk


@pytest.fixture
def full(book: Book, clerk: Clerk) -> Book:
    with book.change("装满", clerk, "migration") as (session, _):
        made = {"place": [session.query(Place.id).filter(Place.code == "53052310220101").scalar()], "project": [session.query(Project.id).scalar()]}
        for _ in range(2):
            for reg in REGISTERS:
                if reg.name not in ("place", "setting", "operator", "office", "dictionary", "import_batch"):
                    make(session, reg, made)
    book.viewer = lambda: replace(clerk, role="head")
    return book


def test_every_register_filled_to_the_brim_comes_back_unchanged(full: Book, clerk: Clerk, tmp_path: Path) -> None:
    outcome = {}
    with full.read() as session:
        for reg in REGISTERS:
            out = tmp_path / f"{reg.name}.xlsx"
            count = export(session, reg, None, out, on="2026-11-22")
            if not count:
                continue
            found = plan(session, able(clerk, reg), reg, out)
            problems, changes = [str(one) for one in found.problem_list()][:2], [c.changes for c in found.changed][:1]
            outcome[reg.name] = (problems, len(found.new), changes, len(found.same) - count)
    assert {name: got for name, got in outcome.items() if got != ([], 0, [], 0)} == {}


def test_children_stand_on_their_own_sheets_with_the_parent_first(full: Book, clerk: Clerk, tmp_path: Path) -> None:
    parents = [reg for reg in REGISTERS if children_of(reg)]
    assert parents
    for reg in parents:
        out = tmp_path / "父子.xlsx"
        with full.read() as session:
            export(session, reg, None, out)
            sheets = {sheet.name: sheet for sheet in read_workbook(out).sheets}
            for child in children_of(reg):
                assert child.parent is not None
                assert sheets[child.label].cells[2][0] == child.parent.title
                found = plan(session, able(clerk, child), register(child.name), out)
                assert (found.sheet, found.problems, found.new, found.changed) == (child.label, [], [], [])
