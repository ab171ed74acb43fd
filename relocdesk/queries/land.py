"""Where every 亩 stands: surveyed, confirmed, broken down, agreed, signed, handed over; by nature, project and place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from relocdesk.queries.computed import living_people
from relocdesk.queries.places import Places
from relocdesk.records.agreement import Agreement, AgreementLine, AgreementState
from relocdesk.records.household import Household, Person
from relocdesk.records.reference import Nature
from relocdesk.records.survey import Parcel

LEVELS = {"township": 9, "village": 12, "group": 14}
"""Ways to group by place; a parcel registered higher up counts there."""


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas in 10⁻⁶ 亩. `handed` is signed and handed over both (F018)."""

    surveyed: int = 0
    confirmed: int = 0
    detailed: int = 0
    agreed: int = 0
    signed: int = 0
    transferred: int = 0
    handed: int = 0
    parcels: int = 0  # how many

    def __add__(self, other: Areas) -> Areas:
        return Areas(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Land:
    """Areas by nature (permanent, temporary) and together."""

    permanent: Areas = Areas()
    temporary: Areas = Areas()

    @property
    def total(self) -> Areas:
        """Both natures together."""
        return self.permanent + self.temporary

    def __add__(self, other: Land) -> Land:
        return Land(self.permanent + other.permanent, self.temporary + other.temporary)


@dataclass(frozen=True, slots=True)
class Extent:
    """What is registered, as it stands now: areas in 10⁻⁶ 亩, how many parcels are confirmed, households and the people in them."""

    permanent: int
    transferred: int  # of the permanent
    temporary: int
    confirmed: int
    households: int
    people: int


def extent(session: Session) -> Extent:
    """The whole land and its people, each table looked through once."""
    permanent, temporary = Parcel.nature == Nature.PERMANENT, Parcel.nature == Nature.TEMPORARY
    moved = and_(permanent, Parcel.transferred_on.is_not(None), Parcel.transferred_on != "")
    sums = [func.coalesce(func.sum(case((one, Parcel.area), else_=0)), 0) for one in (permanent, moved, temporary)]
    found = session.execute(select(*sums, func.count(case((Parcel.confirmed == 1, 1)))).where(Parcel.deleted == 0)).one()
    household = Household.__table__
    homes = session.scalar(select(func.count()).where(household.c.deleted == 0))
    people = session.scalar(select(func.count()).select_from(Person.__table__.join(household, living_people(household.c.id))).where(household.c.deleted == 0))
    permanent_area, moved_area, temporary_area, confirmed = (int(value) for value in found)
    return Extent(permanent_area, moved_area, temporary_area, confirmed, homes or 0, people or 0)


def land(session: Session, on: str, project: str = "", place: str = "", household: str = "") -> Land:
    """The land of a project, in a place and below, of a household (default: all) as it stood on a day."""
    return land_by(session, "", on, project, place, household).get("", Land())


def land_by(session: Session, by: str, on: str, project: str = "", place: str = "", household: str = "") -> dict[str, Land]:
    """The same by "project", "place", "township", "village", "group", "land_class" or "household"; key → Land.

    Agreed counts a parcel that stands in a living line of an agreement that is not void; signed one whose agreement was
    signed by the day. Confirmation bears no date: it counts as it is now.
    """
    tree = Places.load(session)
    key: ColumnElement[str | None] = {"project": Parcel.project, "land_class": Parcel.land_class, "household": Parcel.household}.get(by, Parcel.place)  # type: ignore[assignment]
    query = select(key, Parcel.nature, *_sums(on), func.count()).where(Parcel.deleted == 0).group_by(key, Parcel.nature)
    if project:
        query = query.where(Parcel.project == project)
    if household:
        query = query.where(Parcel.household == household)
    if place:
        query = query.where(Parcel.place.in_(sorted(tree.below(place))))
    name = grouping(tree, by)
    found: dict[str, Land] = {}
    for value, nature, *sums in session.execute(query):
        areas = Areas(*sums)
        more = Land(temporary=areas) if nature == Nature.TEMPORARY else Land(permanent=areas)
        found[name(value)] = found.get(name(value), Land()) + more
    return found


def grouping(tree: Places, by: str) -> Callable[[str | None], str]:
    """What a place (or another value) is grouped under: the place above it at the level, itself, or "" for everything."""
    if not by:
        return lambda value: ""
    if by not in LEVELS:
        return lambda value: value or ""
    above: dict[str | None, str] = {}

    def name(value: str | None) -> str:
        if value not in above:
            chain = tree.ancestors(value or "")
            above[value] = next((node.id for node in chain if node.level <= LEVELS[by]), value or "")
        return above[value]

    return name


def _sums(on: str) -> list[ColumnElement[int]]:
    lines = select(AgreementLine.parcel).join(Agreement, AgreementLine.agreement == Agreement.id)
    lines = lines.where(AgreementLine.deleted == 0, Agreement.deleted == 0, AgreementLine.parcel.is_not(None))
    agreed = Parcel.id.in_(lines.where(Agreement.state != AgreementState.VOID))
    by_then = or_(Agreement.signed_on.is_(None), Agreement.signed_on <= on)
    signed = Parcel.id.in_(lines.where(Agreement.state == AgreementState.SIGNED, by_then))
    transferred = and_(Parcel.transferred_on.is_not(None), Parcel.transferred_on <= on)
    wanted = (Parcel.confirmed == 1, Parcel.detailed_on <= on, agreed, signed, transferred, and_(signed, transferred))
    return [func.sum(Parcel.area), *(func.sum(case((one, Parcel.area), else_=0)) for one in wanted)]


def rolled_up(session: Session, found: Mapping[str, Land]) -> dict[str, Land]:
    """Land by place with every place above it added: township, villages and groups of one table."""
    tree = Places.load(session)
    rolled: dict[str, Land] = {}
    for place, one in found.items():
        for node in tree.ancestors(place):
            rolled[node.id] = rolled.get(node.id, Land()) + one
    return rolled
