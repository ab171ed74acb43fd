"""Petitions as their clocks see them: one case or all, the rates of a year, and the years without visits to a higher level."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from relocdesk import settings, veil
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.choices import record
from relocdesk.queries.computed_cases import our_offices
from relocdesk.records import register
from relocdesk.records.petition import Channel, Dispute, DisputeResult, Opinion, Petition, PetitionReview, Purpose, ReviewResult
from relocdesk.records.reference import Incident, IncidentKind, YearConfirmation
from relocdesk.rules.days import days_words
from relocdesk.rules.petition import (
    HANDLING_DAYS,
    UNDATED,
    WITH_UPPER,
    Case,
    Clock,
    Review,
    clocks,
    interested,
    next_clock,
    next_steps,
    representatives_doubt,
    to_redo,
)
from relocdesk.rules.petition_rates import Rate, change_rate, matters, rates, solved_days, zero_years

PASSED_ON = (Channel.ASSIGNED, Channel.TRANSFERRED)
VISITS = (IncidentKind.BEIJING, IncidentKind.PROVINCE, IncidentKind.PREFECTURE, IncidentKind.COLLECTIVE)
ZERO_VISITS = "零上访"


class CaseReader:
    """Petitions as their clocks see them, with what the whole book holds (offices, each home's settings) read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.offices = set(session.scalars(our_offices()))
        self._own_days: dict[str, tuple[int, int]] = {}

    def case(self, row: Petition, reviews: Sequence[PetitionReview], *, again: bool = False, redone_on: str = "") -> Case:
        """A petition with its 复查 and 复核; `again`: a later petition repeats it; `redone_on`: when it was last taken up anew."""
        found = tuple(Review(one.level, one.asked_on, one.done_on or "", one.hearing_days or 0, one.told_on or "",
                             one.result == ReviewResult.CHANGED, one.organ in self.offices)
                      for one in sorted(reviews, key=lambda one: one.asked_on))  # fmt: skip
        claim, redo = row.purpose == Purpose.CLAIM, row.channel == Channel.REOPENED
        anew, other = self._days(row.home)
        return Case(
            id=row.id, received_on=row.received_on, home=row.home, transferred=row.channel in PASSED_ON, unreachable=bool(row.unreachable),
            jurisdiction=row.jurisdiction or "", noticed_on=row.noticed_on or "", accepted_on=row.accepted_on or "", returned_on=row.returned_on or "",
            extension_days=row.extension_days or 0, closed_on=row.closed_on or "", delivered_on=row.delivered_on or "", settled_on=row.settled_on or "",
            ended_on=(row.received_on if row.joined_to else "") or row.withdrawn_on or row.returned_on or "", void=bool(row.joined_to or row.returned_on),
            satisfaction=row.satisfaction or "", repeat=bool(row.repeat_of), again=again, filed=bool(row.archive_no), reviews=found,
            claim=claim, days=anew if redo else HANDLING_DAYS if claim else other, mediated=row.opinion == Opinion.MEDIATE,
            redo=redo, redo_of=row.repeat_of or "" if redo else "", redo_days=anew, redone_on=redone_on,
            granted=row.opinion in (Opinion.SUPPORT, Opinion.MEDIATE), remedy=bool(row.remedy_told),
        )  # fmt: skip

    def _days(self, home: str) -> tuple[int, int]:
        """The office's own terms for handling anew and for what is no 申诉求决; 0 without one."""
        if home not in self._own_days:
            anew, other = (settings.number(self.session, f"petition.{name}_days", home) for name in ("redo", "other"))
            self._own_days[home] = anew, other
        return self._own_days[home]


def reviews_of(session: Session, petition: str) -> list[PetitionReview]:
    """The 复查 and 复核 of a petition in their order."""
    ask = select(PetitionReview).where(PetitionReview.petition == petition, PetitionReview.deleted == 0).order_by(PetitionReview.asked_on)
    return list(session.scalars(ask))


def case(session: Session, row: Petition) -> Case:
    """One petition as its clocks see it."""
    anew = anew_of(session, row.id)
    return CaseReader(session).case(row, reviews_of(session, row.id), redone_on=anew[-1].received_on if anew else "")


def anew_of(session: Session, petition: str) -> list[Petition]:
    """The cases that handle a petition anew, the latest last."""
    ask = select(Petition).where(Petition.repeat_of == petition, Petition.channel == Channel.REOPENED, Petition.deleted == 0)
    return list(session.scalars(ask.order_by(Petition.received_on, Petition.number)))


def cases(session: Session) -> list[Case]:
    """Every living petition that may be seen, in the order of its number."""
    reviews: dict[str, list[PetitionReview]] = {}
    for one in session.scalars(select(PetitionReview).where(PetitionReview.deleted == 0)):
        reviews.setdefault(one.petition, []).append(one)
    rows = list(session.scalars(select(Petition).where(Petition.deleted == 0).order_by(Petition.number)))
    again, reader = {row.repeat_of for row in rows if row.channel != Channel.REOPENED}, CaseReader(session)
    redone: dict[str | None, str] = {}
    for row in rows:
        if row.channel == Channel.REOPENED:
            redone[row.repeat_of] = max(redone.get(row.repeat_of, ""), row.received_on)
    return [reader.case(row, reviews.get(row.id, ()), again=row.id in again, redone_on=redone.get(row.id, "")) for row in rows]


@dataclass(frozen=True, slots=True)
class Term:
    """One clock of a case as people read it; `kind` is the colour of its words: good, warn, error, plain."""

    label: str
    start: str
    due: str
    done: str
    words: str
    kind: str
    article: str


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """One petition whole: what it says, its clocks, what may be done next, and what to look out for."""

    id: str
    shown: dict[str, str]
    state: str
    days: str  # 还有 3 天, 超期 2 天; 没有期限, 等上级; "" when nothing is waited for
    kind: str
    terms: tuple[Term, ...]
    steps: tuple[str, ...]  # the actions that are lawful now
    doubts: tuple[str, ...]
    anew: str = ""  # the number of the case that handles it anew


_SHEET = ("number", "petitioner", "persons", "phone", "place", "address", "received_on", "channel", "source", "purpose", "category", "summary", "amount",
          "jurisdiction", "judged_reason", "extension_days", "handler", "first_handler", "leader", "opinion", "opinion_no", "opinion_text", "satisfaction",
          "settled_on", "repeat_of", "joined_to", "state")  # fmt: skip


def sheet(session: Session, row_id: str, on: str) -> CaseSheet | None:
    """One petition as its page shows it; None when it is gone or must not be seen."""
    reg = register("petition")
    line = record(session, reg, row_id, [reg[name] for name in _SHEET])
    row = session.get(Petition, row_id)
    if line is None or row is None or row.deleted:
        return None
    calendar = office_calendar(session, row.home)
    about = case(session, row)
    found = clocks(about, calendar)
    first = next_clock(about, calendar, on)
    left = first.days_left(on) if first else None
    kind = "plain" if left is None else "error" if left < 0 else "warn" if left <= SOON else "info"
    return CaseSheet(
        row.id, dict(zip(_SHEET, line.shown, strict=True)), line.shown[-1], _undated(line.shown[-1]) if left is None else days_words(left), kind,
        tuple(_term(one, on) for one in found), tuple(next_steps(about, calendar, on)),
        tuple(filter(None, (_anew(row, about), _repeated(session, row), _interest(row), _representatives(session, row),
                            calendar.doubt(*(one.due for one in found))))),
        "、".join(one.number or "" for one in anew_of(session, row.id)),
    )  # fmt: skip


def _undated(state: str) -> str:
    return "没有期限" if state in UNDATED else "等上级" if state in WITH_UPPER else ""


SOON = 7  # days before the end of a term from which it is shown as urgent


def _term(clock: Clock, on: str) -> Term:
    if clock.done:
        ours = clock.ours or clock.code == "send_back"  # what was sent back was our objection, in time or not (X06)
        late = ours and clock.done > clock.due
        words, kind = ("晚了", "error") if late else ("按期", "good") if ours else ("已作出" if clock.upper else "已申请", "plain")
    elif clock.stopped:
        words, kind = "没有办", "error"
    elif not clock.running(on):
        words, kind = "期满", "plain"
    else:
        left = clock.days_left(on)
        words = f"已过 {-left} 天" if clock.upper and left < 0 else days_words(left)  # not our being late
        kind = "warn" if clock.upper and left < 0 else "plain" if not clock.ours else "error" if left < 0 else "warn" if left <= SOON else "info"
    return Term(clock.label, clock.start, clock.due, clock.done, words, kind, clock.article)


def _repeated(session: Session, row: Petition) -> str:
    earlier = [] if row.repeat_of or row.joined_to else earlier_of(session, row)
    return f"{row.petitioner}以前有同类的件 {earlier[0].number}，如是重复件请“关联重复件”" if earlier else ""


def _anew(row: Petition, about: Case) -> str:
    if to_redo(about) is not None:
        return "复查、复核变更或撤销了处理意见，请办“重新办理”，另出处理意见"
    return "重新办理件没有写原件（“重复件的首件”）" if about.redo and not row.repeat_of else ""


def _interest(row: Petition) -> str:
    found = interested(row.petitioner, row.avoid or "", (row.first_handler, row.handler, row.leader))
    return f"{'、'.join(found)}与本件有利害关系，应当回避（条例第二十八条）" if found else ""


def _representatives(session: Session, row: Petition) -> str:
    return representatives_doubt(row.persons, settings.number(session, "petition.collective", row.home), row.representative or "")


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
    solved: int  # disputes settled and petitions solved, a dispute that became a petition counted as that (F46)
    zero_years: int  # 连续零上访 (F48), counted up to
    zero_until: int  # the last year that is over
    doubt: str  # years whose holidays are not known

    @property
    def change(self) -> str:
        """同比: per cent against the year before; "—" without one."""
        return change_rate(len(self.received), self.before)

    @property
    def streak_words(self) -> str:
        """连续零上访 in words."""
        return streak_words(self.zero_years, self.zero_until)


def streak_words(years: int, until: int) -> str:
    """连续零上访 in words; a year that nobody has confirmed is no year with visits."""
    return f"到 {until} 年连续 {years} 年零上访" if years else f"{until} 年还没有确认零上访"


def year_work(session: Session, year: int, on: str) -> YearWork:
    """The petition work of a year, as far as it may be seen."""
    calendar = office_calendar(session)
    found = cases(session)
    counted_once = matters(found)
    reply = settings.text(session, "petition.reply_rate")
    finish = settings.text(session, "petition.finish_rate")
    by_closing = settings.get(session, "petition.count_by") == settings.CountBy.CLOSED

    def counted(one: Case, of: int) -> bool:
        return (one.closed_on if by_closing else one.received_on)[:4] == str(of)

    first, last = f"{year}-01-01", f"{year}-12-31"
    calendars = {home: office_calendar(session, home) for home in {one.home for one in found}}
    made = rates(found, first, last, on, calendar, reply=reply, finish=finish, calendars=calendars)
    over = min(year, int(on[:4]) - 1)
    closed = tuple(one.id for one in counted_once if not one.ended_on and one.closed_on[:4] == str(year))
    solved = solved_days(found)  # in whatever year: there the matter is counted
    return YearWork(
        year, on, tuple(made), tuple(one.id for one in counted_once if counted(one, year)), sum(counted(one, year - 1) for one in counted_once), closed,
        sum(day[:4] == str(year) for day in solved.values()) + _settled(session, year, solved), zero_streak(session, over), over,
        calendar.doubt(last, on),
    )  # fmt: skip


def _settled(session: Session, year: int, solved: Collection[str]) -> int:
    """Disputes settled in a year that no solved petition stands for."""
    ask = select(Dispute.petition).where(Dispute.deleted == 0, Dispute.result == DisputeResult.SETTLED, Dispute.settled_on.startswith(str(year)))
    return sum(1 for petition in session.scalars(ask) if petition not in solved)


def visits(session: Session, year: int) -> list[tuple[str, str]]:
    """What speaks against 零上访 in a year: (register, id) of incidents and of petitions carried past us."""
    incidents = select(Incident.id).where(Incident.deleted == 0, Incident.kind.in_(VISITS), Incident.happened_on.startswith(str(year)))
    ours = (Petition.deleted == 0, Petition.returned_on.is_(None))  # what went back was another office's matter
    past_us = select(Petition.id).where(*ours, Petition.bypass.in_(("city", "province", "beijing")), Petition.received_on.startswith(str(year)))
    return [*(("incident", one) for one in session.scalars(incidents)), *(("petition", one) for one in session.scalars(past_us))]


def zero_streak(session: Session, until: int) -> int:
    """连续零上访年数 up to a year: years confirmed by hand, without a visit to a higher level (F48)."""
    confirmed = select(YearConfirmation.year).where(YearConfirmation.subject == ZERO_VISITS, YearConfirmation.confirmed == 1, YearConfirmation.deleted == 0)
    years = [int(one) for one in session.scalars(confirmed)]
    return zero_years(years, [year for year in years if visits(session, year)], until)


def earlier_of(session: Session, row: Petition, role: str = "") -> list[Petition]:
    """Earlier petitions of the same person about the same sort of matter: this one may be a repeat (X07).

    `role`: of a clerk who is told of them inside a change, where everything is seen; what they must not see is left out.
    """
    same: Any = Petition.petitioner == row.petitioner
    if row.idcard:
        same = or_(Petition.idcard == row.idcard, (Petition.idcard.is_(None)) & (Petition.petitioner == row.petitioner))
    ask = select(Petition).where(same, Petition.category == row.category, Petition.id != row.id, Petition.deleted == 0, Petition.joined_to.is_(None))
    found = session.scalars(ask.where(Petition.received_on <= row.received_on).order_by(Petition.received_on, Petition.number)).all()
    secret = veil.hidden_among(session.connection(), role, "petition", [one.id for one in found]) if role else ()
    return [one for one in found if one.id not in secret]
