"""What hangs in the villages about land, and the objections to it: whose money waits for them (471号令 art. 53)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import Select, not_, or_, select
from sqlalchemy.orm import Session

from relocdesk.ids import chunks
from relocdesk.queries.objections import settled
from relocdesk.queries.places import Places
from relocdesk.records.agreement import AgreementLine
from relocdesk.records.household import Household
from relocdesk.records.survey import ROUNDS, Objection, Parcel, Posting, PostingSubject

DISPUTE = "纠纷"
_SURVEY = (*ROUNDS, PostingSubject.PLAN)
Hanging = tuple[str, str | None, str]  # place, project or None, words


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a payee cannot be paid now, what to do, and the unpaid reason that it amounts to ("" when none)."""

    text: str
    cure: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wall:
    """What hangs in the villages on a day, and the objections to it that name no household.

    `rounds`: where what was surveyed has been put up by that day, as (place, project or None). `grounds`: agreement → where what it
    pays for lies, read only while something is in the way.
    """

    places: Places
    running: list[Hanging]
    unnamed: list[Hanging]
    rounds: frozenset[tuple[str, str | None]] = frozenset()
    grounds: dict[str, list[str]] = field(default_factory=dict)

    def was_posted(self, place: str, project: str) -> bool:
        """Whether what was surveyed at a place has ever been put up there or around it."""
        return any((node.id, of) in self.rounds for node in self.places.ancestors(place) for of in (None, project))

    def hold(self, places: Iterable[str], project: str) -> Obstacle | None:
        """Why money for what stands at some places must wait, or None."""
        around = {node.id for place in places for node in self.places.ancestors(place)}

        def first(found: list[Hanging]) -> str:
            return next((text for where, of, text in found if where in around and of in (None, project)), "")

        dispute, running = first(self.unnamed), first(self.running)
        if dispute:
            return Obstacle(f"本村组的公示有没办结的异议（{dispute}）", "请先答复；只涉及一户的，请在异议里写明是哪一户", DISPUTE)
        return Obstacle(f"{running}，还没有结束", "请等公示期满再付") if running else None

    def over(self, place: str) -> set[Hanging]:
        """Everything that is in the way at a place, of whatever project."""
        around = {node.id for node in self.places.ancestors(place)}
        return {one for one in (*self.running, *self.unnamed) if one[0] in around}


def load_wall(session: Session, on: str, agreements: Collection[str] = ()) -> Wall:
    """What hangs on a day; with the grounds of some agreements."""
    places = Places.load(session)
    running, unnamed = _running(session, on), _unnamed(session, places)
    return Wall(places, running, unnamed, _rounds(session, on), _grounds(session, agreements) if running or unnamed else {})


def _running(session: Session, on: str) -> list[Hanging]:
    """What has not run out: the last day counts, and what is to begin later has not hung yet."""
    query = select(Posting).where(Posting.deleted == 0, Posting.until_on >= on, Posting.subject.in_(_SURVEY))
    return [(row.place, row.project, f"“{PostingSubject(row.subject).label}”公示到 {row.until_on}") for row in session.scalars(query)]


def _rounds(session: Session, on: str) -> frozenset[tuple[str, str | None]]:
    query = select(Posting.place, Posting.project).where(Posting.deleted == 0, Posting.subject.in_(ROUNDS), Posting.from_on <= on)
    return frozenset((place, project) for place, project in session.execute(query.distinct()))


def _grounds(session: Session, agreements: Collection[str]) -> dict[str, list[str]]:
    line, found = AgreementLine, dict[str, list[str]]()
    query = select(line.agreement, Parcel.place, Household.place).outerjoin(Parcel, line.parcel == Parcel.id)
    query = query.outerjoin(Household, line.household == Household.id).where(line.deleted == 0).distinct()
    for part in chunks(agreements):
        for agreement, *where in session.execute(query.where(line.agreement.in_(part))):
            found.setdefault(agreement, []).extend(place for place in where if place)
    return found


# --- objections ------------------------------------------------------------------------------------------------------


def words(one: Objection) -> str:
    """An objection in a few words."""
    return f"{one.filed_on} {one.raised_by}提出的异议"


@cache
def _about_land() -> Select[Objection, Posting | None]:
    """Unsettled objections to what was surveyed, with their postings; one to a list of the subsidy holds no land money."""
    query = select(Objection, Posting).outerjoin(Posting, Objection.posting == Posting.id)
    about = or_(Objection.posting.is_(None), Posting.subject.in_(_SURVEY))
    return query.where(Objection.deleted == 0, about, not_(settled())).order_by(Objection.filed_on, Objection.id)


def _unnamed(session: Session, places: Places) -> list[Hanging]:
    """The unanswered objections that name no household of the place they are about: they may concern anybody there."""
    found = []
    for one, posting in session.execute(_about_land()):
        if posting is not None and not (one.household and stands_on(session, places, posting, one.household)):
            found.append((posting.place, posting.project, words(one)))
    return found


def stands_on(session: Session, places: Places, posting: Posting, household: str) -> bool:
    """Whether a household lives or has land where a posting hangs."""
    below = places.below(posting.place)
    row = session.get(Household, household)
    if row is not None and row.place in below:
        return True
    lands = session.scalars(select(Parcel.place).where(Parcel.household == household, Parcel.deleted == 0).distinct())
    return any(place in below for place in lands)


def about_households(session: Session, households: Collection[str]) -> dict[str, list[tuple[str | None, str]]]:
    """Household → project and words of the unsettled objections about it, or about the household it split off from."""
    forebears = _forebears(session, households)
    found: dict[str, list[tuple[str | None, str]]] = {}
    asked = {old for olds in forebears.values() for old in olds}
    raised: dict[str, list[tuple[str | None, str]]] = {}
    for part in chunks(asked):
        for one, posting in session.execute(_about_land().where(Objection.household.in_(part))):
            raised.setdefault(str(one.household), []).append((posting.project if posting else None, words(one)))
    for household, olds in forebears.items():
        told = [one for old in olds for one in raised.get(old, ())]
        if told:
            found[household] = told
    return found


def _forebears(session: Session, households: Collection[str]) -> dict[str, list[str]]:
    """Household → itself and the households it came from, the nearest first."""
    parents = dict[str, str | None]()
    wanted = set(households)
    while wanted:
        for part in chunks(wanted):
            rows = session.execute(select(Household.id, Household.came_from).where(Household.id.in_(part)))
            parents.update((row.id, row.came_from) for row in rows)
        wanted = {parent for parent in parents.values() if parent and parent not in parents}
    found = {}
    for one in households:
        line: list[str] = []
        at: str | None = one
        while at and at not in line:
            line.append(at)
            at = parents.get(at)
        found[one] = line
    return found


def disputed_lines(session: Session, agreement: str, project: str) -> str:
    """An unsettled objection about one of the households whose land an agreement with a collective is about, in words; "" when there is none."""
    lines = select(AgreementLine.household).where(AgreementLine.agreement == agreement, AgreementLine.deleted == 0, AgreementLine.household.is_not(None))
    raised = about_households(session, list(session.scalars(lines.distinct())))
    return next((text for told in raised.values() for of, text in told if of in (None, project)), "")
