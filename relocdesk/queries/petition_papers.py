"""What the letters about petitions say, read in bulk; nothing here depends on today or on who is at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.petition import CaseReader
from relocdesk.records import register
from relocdesk.records.petition import Petition
from relocdesk.rules.petition import finish_by


@dataclass(frozen=True, slots=True)
class LetterData:
    """A petition as its letters name it; codes stay codes where a letter decides by them, empty texts are missing data."""

    id: str
    home: str
    place_id: str
    number: str
    petitioner: str  # 张明, or 张明等 6 人
    address: str
    phone: str
    received_on: str
    channel: str
    channel_code: str
    claim: bool  # 申诉求决, which the sixty days are for
    source: str
    summary: str
    jurisdiction: str
    judged_on: str
    reason: str  # why it is not taken up, or where it goes
    notice_no: str
    transfer_no: str
    accepted_on: str
    due_on: str
    extension_days: int
    extension_approver: str
    extension_reason: str
    extension_no: str
    extension_told_on: str
    handler: str
    opinion: str
    opinion_no: str
    opinion_text: str
    basis: str
    reviewable: bool  # the answer is an opinion that 复查 can be asked against
    closed_on: str
    office: str
    contact: str
    wording: tuple[tuple[str, str], ...]  # the office's own texts by letter, "" for the usual one

    def own(self, letter: str) -> str:
        """The office's own wording of a letter; "" for the usual one."""
        return dict(self.wording)[letter]


LETTERS = ("accept", "refuse", "extend", "remedy", "transfer")


class LetterReader:
    """Petitions as data for letters, with what the whole book holds read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.papers, self.cases = PaperReader(session), CaseReader(session)

    def letters(self, ids: Iterable[str]) -> list[LetterData]:
        """The petitions of these ids, in their order; deleted ones are left out."""
        wanted = list(dict.fromkeys(ids))
        rows = {row.id: row for row in self.session.scalars(select(Petition).where(Petition.id.in_(wanted), Petition.deleted == 0))}
        return [self._letter(rows[one]) for one in wanted if one in rows]

    def _letter(self, row: Petition) -> LetterData:
        reg = register("petition")
        home = row.home
        extension = row.extension_days or 0
        about = self.cases.case(row, ())
        due = finish_by(about, office_calendar(self.session, home))
        office = settings.this_office(self.session, home)
        contact = settings.text(self.session, "posting.contact", home) or (office.phone if office else "") or ""
        place = self.papers.full(row.place) if row.place else ""
        return LetterData(
            row.id, home, row.place or "", row.number or "", row.petitioner + (f"等{row.persons}人" if row.persons > 1 else ""),
            place + (row.address or ""), row.phone or "", row.received_on, reg["channel"].show(row.channel), row.channel, about.claim, row.source or "",
            row.summary.rstrip("。"), row.jurisdiction or "", row.judged_on or row.accepted_on or "", row.judged_reason or "", row.notice_no or "",
            row.transfer_no or "", row.accepted_on or "", due, extension, row.extension_approver or "", row.extension_reason or "",
            row.extension_no or "", row.extension_told_on or "",
            row.handler or row.first_handler or "", row.opinion or "", row.opinion_no or "", row.opinion_text or "", row.basis or "", about.reviewable,
            row.closed_on or "", self.papers.office(home), contact,
            tuple((name, settings.text(self.session, f"clauses.petition.{name}", home)) for name in LETTERS),
        )  # fmt: skip
