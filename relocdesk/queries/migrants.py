"""People of after-support as papers name them, read in bulk."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, Select, select
from sqlalchemy.orm import Session

from relocdesk.ids import chunks
from relocdesk.queries.computed import expression
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.rows import Shower
from relocdesk.records import register
from relocdesk.records.household import Person
from relocdesk.records.support import Recipient
from relocdesk.rules.identity import name_in_public

OF_PERSON = ("name", "sex", "born_on", "ethnic", "idcard")
"""What is read of a recipient's person."""


@dataclass(frozen=True, slots=True)
class Migrant:
    """A recipient as papers name one, choices and words as shown; empty texts are missing data. `public` is the name on a notice."""

    id: str
    place_id: str
    village: str
    group: str
    reservoir: str
    household_no: str
    head: str
    name: str
    public: str
    sex: str
    ethnic: str
    idcard: str
    relation: str
    cohort: str
    moved_on: str
    start: str
    end: str
    support: str
    telephone: str


class MigrantReader:
    """Reads for one piece of work; places and words are looked up once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.papers = PaperReader(session)
        self.places = self.papers.places
        self._shower = Shower(session)

    def migrants(self, ids: Iterable[str], on: str = "") -> dict[str, Migrant]:
        """Recipients by id; a deleted one is still named where a change or a line is about it. `on`: the day of a notice."""
        r = Recipient.__table__.alias()
        return {one: self.migrant(row, on) for part in chunks(one for one in ids if one)
                for row in self.rows(people_of(r).where(r.c.id.in_(part))) for one in [row["id"]]}  # fmt: skip

    def rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        """The rows of a query, column by name."""
        return [dict(row) for row in self.session.execute(query).mappings()]

    def migrant(self, row: dict[str, Any], on: str = "") -> Migrant:
        """One row of `people_of`."""
        _, village, group = self.places.parts(row["place"])
        reg, name, head = register("recipient"), row["name"] or "", row["head_name"] or ""
        people = register("person")
        return Migrant(
            row["id"], row["place"], village, group, self.word("recipient", "reservoir", row["reservoir"]), row["household_no"] or "", head, name,
            name_in_public(name, row["born_on"] or "", on, head, row["sex"] or ""), people["sex"].show(row["sex"]) if row["sex"] else "",
            self.word("person", "ethnic", row["ethnic"]), row["idcard"] or "", self.word("recipient", "relation", row["relation"]),
            reg["cohort"].show(row["cohort"]), row["moved_on"] or "", row["start_month"] or "", row["end_month"] or "",
            reg["support"].show(row["support"]), row["phone"] or "")  # fmt: skip

    def word(self, name: str, field: str, value: str | None) -> str:
        """A word of an open list as it is shown."""
        return self._shower.column(register(name)[field], [value])[0] if value else ""

    def order(self, who: Migrant) -> tuple[str, str, str, bool, str, str]:
        """By place and household, its head first."""
        code = self.places.code(who.place_id) if who.place_id in self.places.nodes else ""
        return code, who.household_no, who.head, who.name != who.head, who.name, who.id

    def township(self, place: str) -> str:
        """The township that a place lies in; the place itself where there is none."""
        return self.places.township(place)

    def village(self, place: str) -> str:
        """The village that a place lies in; the place itself where there is none."""
        return next((node.id for node in self.places.ancestors(place) if node.level == 12), place)


def period_names(text: str) -> str:
    """Periods as letters name them.

    >>> period_names("2026/1、2026/2")
    '2026年第1期、2026年第2期'
    """
    return re.sub(r"(\d{4})/(\d{1,2})", r"\1年第\2期", text)


def people_of(r: FromClause) -> Select[Any]:
    """Recipients with the facts of their persons."""
    reg, p = register("recipient"), Person.__table__.alias()
    names = ("id", "place", "reservoir", "household_no", "head_name", "relation", "cohort", "moved_on", "start_month", "support", "phone")
    person = [p.c[name] for name in OF_PERSON]
    return select(*(r.c[name] for name in names), *person, expression(reg, reg["end_month"], r).label("end_month")).select_from(
        r.outerjoin(p, r.c.person == p.c.id))  # fmt: skip
