"""一户一档: everything the book holds about one household, as sections that a page or a paper shows one below the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.field import Field, Register
from relocdesk.queries.agreed import standings
from relocdesk.queries.land import Land, land
from relocdesk.queries.places import Places
from relocdesk.queries.rows import Line, page, rowids_where
from relocdesk.records import register
from relocdesk.records.household import PersonState

_OWN = ("person", "authorisation", "parcel", "asset", "agreement", "agreement_line", "payment", "unpaid_reason", "objection")
"""Registers that name the household themselves, in the order of the file."""


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one register that belong to a household; `lines` hold the register's grid fields, in their order."""

    register: Register
    fields: tuple[Field, ...]
    lines: tuple[Line, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of its rows."""
        return [line.id for line in self.lines]


@dataclass(frozen=True, slots=True)
class Page:
    """A household's file. Money in 分: `agreed` signed with it, `due` in batches, `paid` arrived."""

    household: Line
    fields: tuple[Field, ...]
    sections: tuple[Section, ...]
    land: Land
    people: int
    agreed: int
    due: int
    paid: int

    @property
    def unpaid(self) -> int:
        """Signed but not arrived."""
        return self.agreed - self.paid

    def section(self, name: str) -> Section:
        """The section of a register; KeyError is a defect."""
        return {one.register.name: one for one in self.sections}[name]

    def ids(self) -> list[str]:
        """The household and every row of its file, for its history."""
        return [self.household.id, *(row_id for one in self.sections for row_id in one.ids)]


def household_page(session: Session, household: str, on: str) -> Page:
    """The file of a household on a day; raises UserError when there is no such household."""
    reg = register("household")
    own = section_where(session, reg, reg.cls.id == household, tuple(reg))
    if not own.lines:
        raise UserError("没有这一户", hint="请刷新后再看")
    sections = [section_where(session, register(name), _points_to(name, household)) for name in _OWN]
    known = {one.register.name: one for one in sections}
    recheck, posting = register("recheck"), register("posting")
    measured = or_(recheck.cls.parcel.in_(known["parcel"].ids), recheck.cls.asset.in_(known["asset"].ids),
                   recheck.cls.objection.in_(known["objection"].ids))  # fmt: skip
    sections.append(section_where(session, recheck, measured))
    place = dict(zip((f.name for f in reg), own.lines[0].values, strict=True))["place"]
    above = [node.id for node in Places.load(session).ancestors(str(place))]
    sections.append(section_where(session, posting, posting.cls.place.in_(above)))
    rows = [household, *(row_id for one in sections for row_id in one.ids if one.register is not posting)]
    for name in ("printout", "attachment"):
        sections.append(section_where(session, register(name), register(name).cls.record.in_(rows)))
    state = [f.name for f in known["person"].fields].index("state")
    people = sum(1 for line in known["person"].lines if line.values[state] in (None, PersonState.PRESENT))
    standing = [one for one in standings(session, known["agreement"].ids, on).values() if one.household == household]
    return Page(own.lines[0], own.fields, tuple(sections), land(session, on, household=household), people, sum(one.agreed for one in standing),
                sum(one.due for one in standing), sum(one.paid for one in standing))  # fmt: skip


def _points_to(name: str, household: str) -> ColumnElement[bool]:
    reg = register(name)
    link = next(f.name for f in reg.stored if f.to == "household")
    where: ColumnElement[bool] = reg.cls.__table__.c[link] == household
    if name == "agreement_line":
        agreement = register("agreement").cls
        own = select(agreement.id).where(agreement.household == household, agreement.deleted == 0)
        return or_(where, reg.cls.agreement.in_(own))
    return where


def section_where(session: Session, reg: Register, where: Any, shown: Iterable[Field] = ()) -> Section:
    """The living rows of a register under a condition, with the fields shown (its grid fields when none are named)."""
    rowids = rowids_where(session, reg, where)
    fields = tuple(shown) or tuple(f for f in reg if f.grid)
    return Section(reg, fields, tuple(page(session, reg, rowids, fields)))
