"""Objections to posted rosters: whose money waits for them.

An objection that says which people it is about holds their lines alone, on every roster until it is settled; one that does not say so
holds the whole roster it was raised against. Whom it is about stands in its 涉及事项 as the running numbers (流水号) of their lines,
written there by an action: a number belongs to one line for ever, and a name may be that of two people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.queries.objections import open_objections, settled
from relocdesk.queries.roster import Line, enrolled, lines
from relocdesk.records.household import Person
from relocdesk.records.support import Period, Recipient, SupportPayment
from relocdesk.records.survey import Objection, Posting, PostingSubject
from relocdesk.rules.identity import comparison_name, hide_idcards
from relocdesk.rules.subsidy import line_serial, serials_in

ONLY = "只涉及："


@dataclass(frozen=True, slots=True)
class Hold:
    """What waits: the objections for which a whole roster does, and recipient → the objection for which that person alone does."""

    whole: tuple[Objection, ...] = ()
    people: dict[str, Objection] = field(default_factory=dict)

    def of(self, recipient: str) -> Objection | None:
        """The objection for which somebody's line waits."""
        return self.people.get(recipient) or next(iter(self.whole), None)


def words(one: Objection) -> str:
    """An objection in a few words."""
    return f"{one.filed_on} {one.raised_by}提出的异议"


def hold(session: Session, period: Period) -> Hold:
    """The unsettled objections in the way of a period's money."""
    return Hold(tuple(unnamed(session, period.posted)) if period.posted else (), _people(session))


def unnamed(session: Session, posting: str) -> list[Objection]:
    """The unsettled objections to a posted roster that name nobody who stands on it: they may concern anybody."""
    return [one for one in open_objections(session, posting) if not named(session, one)]


def _people(session: Session) -> dict[str, Objection]:
    query = select(Objection).join(Posting, Objection.posting == Posting.id)
    query = query.where(Objection.deleted == 0, Posting.subject == PostingSubject.SUBSIDY, Objection.about.contains("-"), not_(settled()))
    found: dict[str, Objection] = {}
    for one in session.scalars(query.order_by(Objection.filed_on, Objection.line)):
        for recipient in named(session, one):
            found.setdefault(recipient, one)
    return found


def named(session: Session, one: Objection) -> list[str]:
    """The recipients whom an objection says it is about; nobody when one of the numbers is of no line at the place of its posting."""
    serials = serials_in(one.about or "")
    posting = session.get(Posting, one.posting) if serials and one.posting else None
    if posting is None:
        return []
    t = SupportPayment.__table__
    found: dict[str, str] = {}
    for year, number in {(int(serial[:4]), int(serial[4:6])) for serial in serials}:
        periods = select(Period.id).where(Period.year == year, Period.number == number, (Period.place == posting.place) | Period.place.is_(None))
        rows = session.execute(select(t.c.id, t.c.recipient).where(t.c.period.in_(periods)))  # deleted ones too: a roster may be frozen anew
        found |= {serial: recipient for row_id, recipient in rows if (serial := line_serial(year, number, row_id)) in serials}
    return list(dict.fromkeys(found[serial] for serial in serials)) if len(found) == len(serials) else []


def find_people(session: Session, period: Period, words: Collection[str]) -> list[str]:
    """The recipients of a roster whom words name: by ID number, running number, name or id; raises UserError for who cannot be told."""
    by_word: dict[str, set[str]] = {}
    numbers = select(Recipient.id, Person.idcard).join(Person, Recipient.person == Person.id).where(enrolled(period), Person.idcard.is_not(None))
    for recipient, number in session.execute(numbers):
        by_word.setdefault(str(number), set()).add(recipient)
    for line in lines(session, period):
        for word in (line.serial, line.recipient, comparison_name(line.name)):
            by_word.setdefault(word, set()).add(line.recipient)
    found = []
    for word in dict.fromkeys(one.strip() for one in words if one.strip()):
        hits = by_word.get(word.upper()) or by_word.get(word) or by_word.get(comparison_name(word)) or set()
        if len(hits) != 1:
            told = "名册里同名的不止一人，请写身份证号或流水号" if hits else "不在公示的这份名册上"
            raise UserError(f"“{hide_idcards(word)}”{told}", hint="请核对；说不清是谁的，空着就是整份名册都不发")
        found += [one for one in hits if one not in found]
    return found


def about(session: Session, period: Period, recipients: Sequence[str], said: str = "") -> str:
    """What an objection's 涉及事项 becomes when it is about these people of a roster alone."""
    first = {line.recipient: line for line in reversed(lines(session, period))}
    names = "、".join(f"{first[one].name}（{first[one].serial}）" for one in recipients)
    kept = said.partition(ONLY)[0].rstrip("；")
    return "；".join(text for text in (kept, ONLY + names) if text)


def of_household(session: Session, household: str, period: Period) -> list[str]:
    """The people of a household who stand on a roster."""
    t = SupportPayment.__table__
    on_it = select(t.c.recipient).where(t.c.period == period.id, t.c.deleted == 0)
    query = select(Recipient.id).join(Person, Recipient.person == Person.id).where(Person.household == household, Recipient.id.in_(on_it))
    return list(session.scalars(query.order_by(Recipient.id)))


def names_of(held: Iterable[Line], most: int = 5) -> str:
    """The names of people whose lines wait, the first few and how many there are."""
    names = list(dict.fromkeys(line.name for line in held))
    return "、".join(names[:most]) + (f" 等 {len(names)} 人" if len(names) > most else "")


def period_of(session: Session, posting: str) -> Period | None:
    """The period whose roster a posting shows."""
    return session.scalars(select(Period).where(Period.posted == posting, Period.deleted == 0).limit(1)).first()


def waiting_for(found: Hold, roster: Sequence[Line]) -> list[Line]:
    """The lines of a roster that wait for an objection about their own person."""
    return [line for line in roster if line.recipient in found.people]
