"""What the printed papers say, read in bulk: plain frozen values, so that a paper's content can be compared and digested.

Nothing here depends on today, on who is at work, or on what happens to a record after its paper was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.ids import chunks
from relocdesk.queries.places import Places
from relocdesk.queries.rows import Shower
from relocdesk.records import register
from relocdesk.records.agreement import Agreement, AgreementKind, AgreementLine, AgreementState
from relocdesk.records.household import Authorisation, CollectiveUnit, Household, Person, Resettlement, Sex
from relocdesk.records.project import Project
from relocdesk.records.reference import Nature
from relocdesk.records.survey import Asset, AssetKind, Parcel
from relocdesk.rules.area import mu_2


@dataclass(frozen=True, slots=True)
class Side:
    """A household or a collective as papers name it; empty texts are missing data. `number` is the household's."""

    id: str
    name: str
    place: str
    place_id: str
    idcard: str = ""
    phone: str = ""
    account_name: str = ""
    account: str = ""
    bank: str = ""
    number: str = ""
    collective: int = 0
    ethnic: str = ""
    representative: str = ""
    relocation: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a household, choices and words as they are shown."""

    name: str
    idcard: str
    sex: str
    born_on: str
    relation: str
    ethnic: str
    hukou: str
    resettler: str
    note: str


@dataclass(frozen=True, slots=True)
class Land:
    """A parcel: m² in 0.01 m², `mu` the exact 10⁻⁶ 亩 and `printed` the 0.01 亩 that are signed and added up."""

    id: str
    number: str
    owner: str
    place: str
    site: str
    bounds: str
    land_class: str
    nature: str
    area_m2: int
    mu: int
    printed: int
    contract: int
    lease_from: str = ""
    lease_until: str = ""
    transferred_on: str = ""
    confirmed: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """A surveyed asset; `quantity` in 10⁻⁶ units, `kind` its code."""

    kind: str
    number: str
    item: str
    spec: str
    unit: str
    quantity: int
    built_on: str
    confirmed: int


@dataclass(frozen=True, slots=True)
class Line:
    """An agreement line; `owner` is the household it concerns, `parcel` and `site` where it lies. Money in 分."""

    owner: str
    parcel: str
    site: str
    kind: str
    item: str
    spec: str
    unit: str
    quantity: int
    years: int
    unit_price: int
    amount: int
    payee_type: str


@dataclass(frozen=True, slots=True)
class AgreementData:
    """One agreement with its annexes. `clauses` is the office's own wording for this kind, "" for the usual one."""

    id: str
    home: str
    number: str
    kind: str
    project: str
    owner: str  # 项目法人
    party_a: str
    party_b: Side
    agent: str
    supplements: str
    witness: str
    handler: str
    delivery: str
    copies: int
    state: str
    lines: tuple[Line, ...]
    land: tuple[Land, ...]
    clauses: str
    zheng: int

    @property
    def total(self) -> int:
        """分, the sum of the lines."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class SurveyData:
    """Everything surveyed of one household or collective in one project."""

    side: Side
    home: str
    project: str
    freeze_on: str
    county: str
    surveyed_on: str
    members: tuple[Member, ...]
    land: tuple[Land, ...]
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class TransferData:
    """Parcels of one project and place handed over together."""

    home: str
    project: str
    owner: str
    office: str
    place: str
    place_id: str
    land: tuple[Land, ...]


class PaperReader:
    """Reads for one piece of work; places, projects and words are looked up once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.places = Places.load(session)
        self.projects = {row.id: row for row in session.scalars(select(Project))}
        self._shower = Shower(session)
        self._offices: dict[str, str] = {}

    def office(self, home: str) -> str:
        """The name of the office whose home this is: the setting paper.footer, else the office's own row."""
        if home not in self._offices:
            found = settings.this_office(self.session, home)
            self._offices[home] = settings.text(self.session, "paper.footer", home) or (found.name if found else "")
        return self._offices[home]

    def full(self, place: str) -> str:
        """Township, village and group in one word, as papers write them."""
        return self.places.full(place).replace(" ", "")

    def group(self, place: str) -> str:
        """Village and group of a place, as heads over rows name it."""
        _, village, group = self.places.parts(place)
        return f"{village}{group}" or self.full(place)

    def common_place(self, places: Iterable[str]) -> str:
        """The lowest place that all of them lie in, "" when there is none."""
        chains = [[node.id for node in self.places.ancestors(place)] for place in places]
        return next((one for one in (chains[0] if chains else []) if all(one in chain for chain in chains)), "")

    def project(self, project: str | None) -> str:
        """A project's name, "" for none."""
        row = self.projects.get(project or "")
        return row.name if row else ""

    def in_order(self, places: Iterable[tuple[str, str, Any]]) -> list[Any]:
        """Things given with place id and number, by place code and number."""
        def key(one: tuple[str, str, Any]) -> tuple[str, str]:
            return (self.places.code(one[0]) if one[0] in self.places.nodes else "", one[1])

        return [thing for _, _, thing in sorted(places, key=key)]

    def fetch(self, cls: Any, column: Any, ids: Iterable[str], *where: Any) -> list[Any]:
        """The rows of a class whose column is one of these ids, in as many questions as one can take."""
        return [row for part in chunks(one for one in ids if one)
                for row in self.session.scalars(select(cls).where(column.in_(part), *where))]  # fmt: skip

    # --- people ------------------------------------------------------------------------------------------------------

    def sides(self, households: Iterable[str], collectives: Iterable[str] = ()) -> dict[str, Side]:
        """Households and collectives by id."""
        found: dict[str, Side] = {}
        rows = self.fetch(Household, Household.id, households)
        heads = {row.id: row for row in self.fetch(Person, Person.id, (row.head or "" for row in rows))}
        for row in rows:
            head = heads.get(row.head or "")
            found[row.id] = Side(
                row.id, head.name if head else "", self.full(row.place), row.place, (head.idcard or "") if head else "",
                row.phone or "", row.account_name or "", row.account or "", row.bank or "", row.number,
                ethnic=self.word("person", "ethnic", head.ethnic) if head else "",
                relocation=Resettlement(row.relocation).label if row.relocation else "")  # fmt: skip
        for unit in self.fetch(CollectiveUnit, CollectiveUnit.id, collectives):
            found[unit.id] = Side(unit.id, unit.name, self.full(unit.place), unit.place, unit.credit_code or "",
                                  unit.phone or "", unit.account_name or "", unit.account or "", unit.bank or "",
                                  collective=1, representative=unit.representative or "")  # fmt: skip
        return found

    def members(self, households: Iterable[str]) -> dict[str, tuple[Member, ...]]:
        """The living rows of each household's people, the head first."""
        found: dict[str, list[Person]] = {}
        for row in self.fetch(Person, Person.household, households, Person.deleted == 0):
            found.setdefault(str(row.household), []).append(row)
        return {one: tuple(self._member(row) for row in sorted(rows, key=lambda row: (row.relation not in ("户主", "本人", "01", "02"), row.id)))
                for one, rows in found.items()}  # fmt: skip

    def _member(self, row: Person) -> Member:
        reg = register("person")
        state = reg["state"].show(row.state) if row.state and row.state != "present" else ""
        return Member(row.name, row.idcard or "", Sex(row.sex).label if row.sex else "", row.born_on or "",
                      self.word("person", "relation", row.relation), self.word("person", "ethnic", row.ethnic),
                      row.hukou or "", reg["resettler"].show(row.resettler), "，".join(filter(None, (state, row.remark))))  # fmt: skip

    def word(self, name: str, field: str, value: str | None) -> str:
        """A value of a register's field as it is shown."""
        return self._shower.column(register(name)[field], [value])[0]

    # --- survey ------------------------------------------------------------------------------------------------------

    def land(self, rows: Iterable[Parcel], owners: dict[str, Side] | None = None) -> dict[str, Land]:
        """Parcels as papers show them, by id."""
        parcels = list(rows)
        owners = owners if owners is not None else self.sides((p.household or "" for p in parcels), (p.collective or "" for p in parcels))
        return {p.id: self._land(p, owners) for p in parcels}

    def _land(self, p: Parcel, owners: dict[str, Side]) -> Land:
        owner = owners.get(p.household or p.collective or "")
        bounds = "，".join(f"{word}至{text}" for word, text in zip("东南西北", (p.east, p.south, p.west, p.north), strict=True) if text)
        return Land(p.id, p.number, owner.name if owner else "", self.full(p.place), p.site or "", bounds, p.land_class,
                    p.nature, p.area_m2, p.area, mu_2(p.area), mu_2(p.contract_area or 0), p.lease_from or "", p.lease_until or "",
                    p.transferred_on or "", p.confirmed)  # fmt: skip

    def survey(self, side: str, ids: Sequence[str]) -> list[SurveyData]:
        """The survey of households (`side` "household") or collectives ("collective"), one for each project they have things in."""
        parcels = self.fetch(Parcel, getattr(Parcel, side), ids, Parcel.deleted == 0)
        things = self.fetch(Asset, getattr(Asset, side), ids, Asset.deleted == 0)
        sides = self.sides(ids) if side == "household" else self.sides((), ids)
        members = self.members(ids) if side == "household" else {}
        land = self.land(parcels, sides)
        found = []
        for one in ids:
            if one not in sides:
                continue
            mine = [row for row in (*parcels, *things) if getattr(row, side) == one]
            projects = sorted({row.project for row in mine}, key=self.project) or [""]
            for project in projects:
                own = [p for p in parcels if getattr(p, side) == one and p.project == project]
                assets = [a for a in things if getattr(a, side) == one and a.project == project]
                found.append(self._survey(sides[one], project, own, assets, members.get(one, ()), land))
        return found

    def _survey(self, side: Side, project: str, parcels: list[Parcel], things: list[Asset], members: tuple[Member, ...],
                land: dict[str, Land]) -> SurveyData:  # fmt: skip
        row = self.projects.get(project)
        days = sorted({day for day in (*(p.surveyed_on for p in parcels), *(a.surveyed_on for a in things)) if day})
        county = next((node.name for node in self.places.ancestors(side.place_id) if node.level == 6), "")
        kinds = list(AssetKind)
        ordered = sorted(things, key=lambda a: (kinds.index(AssetKind(a.kind)), a.number or "", a.item, a.spec or "", a.id))
        return SurveyData(
            side, self.places.home(side.place_id), row.name if row else "", (row.freeze_on or "") if row else "", county,
            days[-1] if days else "", members,
            tuple(land[p.id] for p in sorted(parcels, key=lambda p: (p.nature, p.number))),
            tuple(Thing(a.kind, a.number or "", a.item, a.spec or "", a.unit, a.quantity, a.built_on or "", a.confirmed) for a in ordered))  # fmt: skip

    # --- agreements --------------------------------------------------------------------------------------------------

    def agreements(self, ids: Sequence[str]) -> list[AgreementData]:
        """Agreements with their living lines, in the order of `ids`; deleted ones are left out."""
        rows = {row.id: row for row in self.fetch(Agreement, Agreement.id, ids, Agreement.deleted == 0)}
        lines: dict[str, list[AgreementLine]] = {}
        for line in self.fetch(AgreementLine, AgreementLine.agreement, rows, AgreementLine.deleted == 0):
            lines.setdefault(line.agreement, []).append(line)
        every = [line for some in lines.values() for line in some]
        parcels = {p.id: p for p in self.fetch(Parcel, Parcel.id, (line.parcel or "" for line in every))}
        households = [*(row.household or "" for row in rows.values()), *(line.household or "" for line in every),
                      *(p.household or "" for p in parcels.values())]  # fmt: skip
        collectives = [*(row.collective or "" for row in rows.values()), *(p.collective or "" for p in parcels.values())]
        sides = self.sides(households, collectives)
        land = self.land(parcels.values(), sides)
        numbers = {row.id: row.number for row in self.fetch(Agreement, Agreement.id, (row.supplements or "" for row in rows.values()))}
        agents = {row.id: row.agent_name for row in
                  self.fetch(Authorisation, Authorisation.id, (row.authorisation or "" for row in rows.values()))}  # fmt: skip
        return [self._agreement(rows[one], sorted(lines.get(one, []), key=lambda line: line.order), sides, land, numbers, agents)
                for one in ids if one in rows]  # fmt: skip

    def _agreement(self, row: Agreement, lines: list[AgreementLine], sides: dict[str, Side], land: dict[str, Land],
                   numbers: dict[str, str], agents: dict[str, str]) -> AgreementData:  # fmt: skip
        project = self.projects.get(row.project)
        side = sides.get(row.household or row.collective or "") or Side("", "", "", "")
        wording = clause_kind(row.kind)
        office = settings.this_office(self.session, row.home)
        party_a = row.party_a or settings.text(self.session, "office.party_a", row.home) or (office.name if office else "")
        own = dict.fromkeys(line.parcel for line in lines if line.parcel)
        return AgreementData(
            row.id, row.home, row.number, row.kind, project.name if project else "", (project.owner or "") if project else "",
            party_a, side, agents.get(row.authorisation or "", ""), numbers.get(row.supplements or "", ""), row.witness or "",
            row.handler or "", row.delivery or "", row.copies, "void" if row.state == AgreementState.VOID else "",
            tuple(self._line(line, sides, land) for line in lines), tuple(land[one] for one in own if one in land),
            settings.text(self.session, f"clauses.agreement.{wording}", row.home),
            int(settings.flag(self.session, "capital.zheng_after_jiao", row.home)))  # fmt: skip

    def _line(self, line: AgreementLine, sides: dict[str, Side], land: dict[str, Land]) -> Line:
        parcel = land.get(line.parcel or "")
        owner = sides.get(line.household or "")
        return Line((owner.name if owner else parcel.owner if parcel else ""), parcel.number if parcel else "", parcel.site if parcel else "",
                    self.word("agreement_line", "kind", line.kind), line.item, line.spec or "", line.unit, line.quantity,
                    line.years or 0, line.unit_price, line.amount, line.payee_type)  # fmt: skip

    # --- land handed over --------------------------------------------------------------------------------------------

    def transfer_sets(self, ids: Sequence[str]) -> list[tuple[str, ...]]:
        """Parcels that go on one sheet together: of one project and one village group, in the order of their numbers."""
        rows = self.fetch(Parcel, Parcel.id, ids, Parcel.deleted == 0)
        sets: dict[tuple[str, str], list[Parcel]] = {}
        for row in rows:
            sets.setdefault((row.project, row.place), []).append(row)
        ordered = self.in_order((place, self.project(project), some) for (project, place), some in sets.items())
        return [tuple(p.id for p in sorted(some, key=lambda p: p.number)) for some in ordered]

    def transfer(self, ids: Sequence[str]) -> TransferData | None:
        """The parcels of one sheet, or None when they are all gone."""
        rows = self.fetch(Parcel, Parcel.id, ids, Parcel.deleted == 0)
        if not rows:
            return None
        project = self.projects.get(rows[0].project)
        land = self.land(rows)
        office = self.office(rows[0].home)
        return TransferData(
            rows[0].home, project.name if project else "", (project.owner or "") if project else "", office,
            self.full(rows[0].place), rows[0].place, tuple(land[one] for one in ids if one in land))  # fmt: skip


def clause_kind(kind: str) -> str:
    """Which wording an agreement of this kind has: permanent, temporary or personal."""
    if kind in (AgreementKind.PERMANENT, AgreementKind.MIXED):
        return "permanent"
    return "temporary" if kind == AgreementKind.TEMPORARY else "personal"


def nature_label(nature: str) -> str:
    """永久征收 or 临时占用."""
    return Nature(nature).label


