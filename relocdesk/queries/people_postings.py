"""What postings about people say: the roster of a period, or the reductions that wait to be approved; never numbers of people."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.queries.migrants import MigrantReader
from relocdesk.queries.posting_papers import PostingHead, posting_head
from relocdesk.queries.roster_paper import RosterData, RosterReader
from relocdesk.queries.support_papers import SupportReader
from relocdesk.records.support import ChangeKind, Period, Recipient, RecipientChange, ReduceReason
from relocdesk.records.survey import Posting, PostingSubject
from relocdesk.rules.days import add_days
from relocdesk.rules.support import PENDING_DAYS


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction as it hangs on a wall: no numbers of people, and of a sentence only that payment stops. `id`: of the change."""

    id: str
    place_id: str
    group: str
    head: str
    name: str
    sex: str
    cohort: str
    why: str
    stops_from: str


@dataclass(frozen=True, slots=True)
class NoticeData(PostingHead):
    """A posting of a subsidy roster (`roster`) or of reductions in one village."""

    notice: str
    roster: RosterData | None
    reductions: tuple[Reduction, ...]


class NoticeReader:
    """Reads postings for one piece of work."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.people = MigrantReader(session)
        self.papers, self.places = self.people.papers, self.people.places
        self.rosters = RosterReader(session, self.people)
        self._changes = SupportReader(session, self.people)

    def villages(self, posting: Posting) -> list[str]:
        """The villages in which a posting about people is put up."""
        if posting.subject == PostingSubject.SUBSIDY:
            found = {one for period in self._periods(posting) for one in self.rosters.villages_of(period)}
        else:
            found = {self.people.village(one.place_id) for one in self.posted_reductions(posting)}
        below = self.places.below(posting.place)
        return sorted((one for one in found if one in below or posting.place in self.places.below(one)), key=self.places.code)

    def notice(self, posting: Posting, village: str) -> NoticeData:
        """What a posting says about the people of one village."""
        where = village or posting.place
        subsidy = posting.subject == PostingSubject.SUBSIDY
        rosters = [self.rosters.roster(period, village) for period in self._periods(posting)] if subsidy else []
        below = self.places.below(where)
        reductions = [] if subsidy else [one for one in self.posted_reductions(posting) if one.place_id in below]
        return NoticeData(**posting_head(self.papers, posting, where), notice=settings.text(self.session, "clauses.posting_people", posting.home),
                          roster=rosters[0] if rosters else None, reductions=tuple(reductions))  # fmt: skip

    def _periods(self, posting: Posting) -> list[str]:
        query = select(Period.id).where(Period.posted == posting.id, Period.deleted == 0)
        return list(self.session.scalars(query.order_by(Period.year, Period.number)))

    def posted_reductions(self, posting: Posting) -> list[Reduction]:
        """What hung on the wall: the picture taken when it was put up; without one, the reductions that name the posting."""
        if posting.snapshot:
            return [Reduction(*one) for one in json.loads(posting.snapshot)["reductions"]]
        return self._reductions(RecipientChange.posted == posting.id, on=posting.from_on)

    def pending_reductions(self, place: str, on: str) -> list[Reduction]:
        """The reductions at a place and below, found in the half year up to a day, that nobody has approved yet."""
        recipients = select(Recipient.id).where(Recipient.place.in_(self.places.below(place)))
        found = func.coalesce(RecipientChange.found_on, RecipientChange.happened_on)
        return self._reductions(RecipientChange.recipient.in_(recipients), RecipientChange.approved_on.is_(None),
                                found.between(add_days(on, -PENDING_DAYS), on), on=on)  # fmt: skip

    def _reductions(self, *where: ColumnElement[bool], on: str) -> list[Reduction]:
        query = select(RecipientChange.id).where(RecipientChange.deleted == 0, RecipientChange.kind == ChangeKind.REDUCE, *where)
        found = []
        for line in self._changes.changes(list(self.session.scalars(query)), on):
            who, prison = line.who, line.reason == ReduceReason.PRISON.label
            found.append(Reduction(line.id, who.place_id, who.village + who.group, who.head, who.public, who.sex, who.cohort,
                                   "不符合领取条件（D4）" if prison else line.reason, line.stops_from))  # fmt: skip
        return found
