"""Petitions as their clocks see them: one case or all, the rates of a year, and the years without visits to a higher level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.queries.calendar import office_calendar
from relocdesk.records.petition import Channel, Dispute, DisputeResult, Petition, PetitionReview
from relocdesk.records.reference import Incident, IncidentKind, YearConfirmation
from relocdesk.rules.petition import Case, Clock, Rate, Review, change_rate, clocks, rates, zero_years

PASSED_ON = (Channel.ASSIGNED, Channel.TRANSFERRED)
VISITS = (IncidentKind.BEIJING, IncidentKind.PROVINCE, IncidentKind.PREFECTURE, IncidentKind.COLLECTIVE)
ZERO_VISITS = "零上访"


def case_of(row: Petition, reviews: Sequence[PetitionReview] = ()) -> Case:
    """What the clocks need of a petition and its reviews."""
    found = tuple(Review(one.level, one.asked_on, one.done_on or "", one.hearing_days or 0) for one in sorted(reviews, key=lambda one: one.asked_on))
    return Case(
        id=row.id, received_on=row.received_on, purpose=row.purpose, transferred=row.channel in PASSED_ON, unreachable=bool(row.unreachable),
        jurisdiction=row.jurisdiction or "", noticed_on=row.noticed_on or "", accepted_on=row.accepted_on or "", returned_on=row.returned_on or "",
        extension_days=row.extension_days or 0, closed_on=row.closed_on or "", delivered_on=row.delivered_on or "", settled_on=row.settled_on or "",
        ended_on=row.withdrawn_on or row.returned_on or (row.received_on if row.joined_to else ""), satisfaction=row.satisfaction or "",
        repeat=bool(row.repeat_of), reviews=found,
    )  # fmt: skip


def reviews_of(session: Session, petition: str) -> list[PetitionReview]:
    """The 复查 and 复核 of a petition in their order."""
    ask = select(PetitionReview).where(PetitionReview.petition == petition, PetitionReview.deleted == 0).order_by(PetitionReview.asked_on)
    return list(session.scalars(ask))


def case(session: Session, row: Petition) -> Case:
    """One petition as its clocks see it."""
    return case_of(row, reviews_of(session, row.id))


def cases(session: Session) -> list[Case]:
    """Every living petition that may be seen, in the order of its number."""
    reviews: dict[str, list[PetitionReview]] = {}
    for one in session.scalars(select(PetitionReview).where(PetitionReview.deleted == 0)):
        reviews.setdefault(one.petition, []).append(one)
    rows = session.scalars(select(Petition).where(Petition.deleted == 0).order_by(Petition.number))
    return [case_of(row, reviews.get(row.id, ())) for row in rows]


def terms(session: Session, row: Petition) -> list[Clock]:
    """Every term of a petition by its office's calendar."""
    return clocks(case(session, row), office_calendar(session, row.home))


@dataclass(frozen=True, slots=True)
class YearWork:
    """The petition work of a year as it stands on a day: rates with their cases, and the plain numbers (F45–F53)."""

    year: int
    on: str
    rates: tuple[Rate, ...]
    received: tuple[str, ...]  # ids counted in this year, by the setting
    before: int  # the same of the year before
    closed: tuple[str, ...]
    solved: int  # settled disputes and closed or settled petitions, a dispute that became a petition counted once (F46)
    zero_years: int  # 连续零上访 (F48)
    doubt: str  # years whose holidays are not known

    @property
    def change(self) -> str:
        """同比: per cent against the year before; "—" without one."""
        return change_rate(len(self.received), self.before)


def year_work(session: Session, year: int, on: str) -> YearWork:
    """The petition work of a year, as far as it may be seen."""
    calendar = office_calendar(session)
    found = cases(session)
    reply = settings.text(session, "petition.reply_rate")
    finish = settings.text(session, "petition.finish_rate")
    by_closing = settings.get(session, "petition.count_by") == settings.CountBy.CLOSED

    def counted(one: Case, of: int) -> bool:
        return not one.ended_on and (one.closed_on if by_closing else one.received_on)[:4] == str(of)

    first, last = f"{year}-01-01", f"{year}-12-31"
    made = rates(found, first, last, on, calendar, reply=reply, finish=finish)
    closed = tuple(one.id for one in found if not one.ended_on and one.closed_on[:4] == str(year))
    return YearWork(
        year, on, tuple(made), tuple(one.id for one in found if counted(one, year)), sum(counted(one, year - 1) for one in found), closed,
        _solved(session, year, set(closed)), zero_streak(session, year), calendar.doubt(last, on),
    )  # fmt: skip


def _solved(session: Session, year: int, closed: set[str]) -> int:
    ask = select(Dispute.petition).where(Dispute.deleted == 0, Dispute.result == DisputeResult.SETTLED, Dispute.settled_on.startswith(str(year)))
    return len(closed) + sum(1 for petition in session.scalars(ask) if petition not in closed)


def visits(session: Session, year: int) -> list[tuple[str, str]]:
    """What speaks against 零上访 in a year: (register, id) of incidents and of petitions carried past us."""
    incidents = select(Incident.id).where(Incident.deleted == 0, Incident.kind.in_(VISITS), Incident.happened_on.startswith(str(year)))
    past_us = select(Petition.id).where(Petition.deleted == 0, Petition.bypass.in_(("city", "province", "beijing")), Petition.received_on.startswith(str(year)))
    return [*(("incident", one) for one in session.scalars(incidents)), *(("petition", one) for one in session.scalars(past_us))]


def zero_streak(session: Session, until: int) -> int:
    """连续零上访年数 up to a year: years confirmed by hand, without a visit to a higher level (F48)."""
    confirmed = select(YearConfirmation.year).where(YearConfirmation.subject == ZERO_VISITS, YearConfirmation.confirmed == 1, YearConfirmation.deleted == 0)
    years = [int(one) for one in session.scalars(confirmed)]
    return zero_years(years, [year for year in years if visits(session, year)], until)


def earlier_of(session: Session, row: Petition) -> list[Petition]:
    """Earlier petitions of the same person about the same sort of matter: this one may be a repeat (X07)."""
    same: Any = Petition.petitioner == row.petitioner
    if row.idcard:
        same = or_(Petition.idcard == row.idcard, (Petition.idcard.is_(None)) & (Petition.petitioner == row.petitioner))
    ask = select(Petition).where(same, Petition.category == row.category, Petition.id != row.id, Petition.deleted == 0, Petition.joined_to.is_(None))
    return list(session.scalars(ask.where(Petition.received_on <= row.received_on).order_by(Petition.received_on, Petition.number)))
