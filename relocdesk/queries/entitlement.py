"""What support people are entitled to: end months, breaks and over-payments worked out in bulk from registers and policy rows.

The single way from the registers to the rules of after-support; rosters, over-payments and forecasts ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.ids import chunks
from relocdesk.queries.computed_support import RETURNING, STOPPING
from relocdesk.records.support import ChangeKind, Cohort, LineKind, LineResult, Period, Recipient, RecipientChange, SupportPayment
from relocdesk.rules import support
from relocdesk.rules.days import add_months, last_day
from relocdesk.rules.support import Break, Event, OverPaid, Paid
from relocdesk.settings import AfterEnd, Policies, policies

FIRST_MONTH, NEVER = "2006-07", "9999-12"  # 国发〔2006〕17号: nobody was paid before


@dataclass(slots=True)  # not frozen: 50,000 of them are made for a roster, and that would take four times as long
class Entitled:
    """What one recipient may get: first and last month, the stretches without payment."""

    id: str
    home: str
    place: str
    reservoir: str
    cohort: str
    way: str
    start: str
    end: str  # the last payable month
    only_warn: bool  # past the end payment goes on with a warning (a policy row says so)
    gaps: tuple[Break, ...] = ()
    moved: str | None = None  # the day of the own move

    def months(self, first_month: str, last_month: str) -> int:
        """How many months of a period are due."""
        return support.entitled_months(first_month, last_month, self.start, None if self.only_warn else self.end, self.gaps)

    def counts(self, month: str) -> bool:
        """Whether one month is due; as `months` of it, for counting thousands of people."""
        if not self.start <= month or (month > self.end and not self.only_warn):
            return False
        return not any(since <= month and (until is None or month < until) for since, until in self.gaps)

    def late_months(self, first_month: str, last_month: str) -> int:
        """How many of the months due lie after the end and are paid with a warning only."""
        return self.months(first_month, last_month) - support.entitled_months(first_month, last_month, self.start, self.end, self.gaps)


def event(kind: str, happened_on: str, reservoir: str, found: Policies) -> Event:
    """What a change does to payment by the policy rows valid on its day (stop rule and cycle)."""
    rule, cycle = found.value("subsidy.stop_rule", happened_on, reservoir), found.value("subsidy.cycle", happened_on, reservoir)
    return Event(happened_on, kind in STOPPING, str(rule), int(cycle or 3))


def end_month(cohort: str, moved_on: str | None, start_month: str, reservoir: str, on: str, found: Policies) -> str:
    """The last payable month by the policy rows valid on a day (国发〔2006〕17号)."""
    if cohort == Cohort.PRESENT:
        return support.end_of_present(str(found.value("subsidy.cohort_end", on, reservoir)))
    return support.end_of_original(moved_on, start_month, int(found.value("subsidy.years", on, reservoir) or 20))


def entitlements(session: Session, on: str, *where: Any) -> dict[str, Entitled]:
    """Recipient → what they may get, as the registers and policy rows stand on a day; `where` are conditions on Recipient."""
    found = policies(session)
    changes = _changes(session, where)
    table = Recipient.__table__
    names = ("id", "home", "place", "reservoir", "cohort", "support", "start_month", "moved_on")
    ends: dict[tuple[Any, ...], str] = {}
    warns: dict[str, bool] = {}
    out: dict[str, Entitled] = {}
    events: dict[tuple[str, str, str], Event] = {}
    query = select(*(table.c[n] for n in names)).where(table.c.deleted == 0, *where)
    for one, home, place, reservoir, cohort, way, start, moved_on in session.execute(query).all():
        key = (cohort, moved_on[:7] if moved_on else None, start, reservoir)
        end = ends.get(key)
        if end is None:
            end = ends[key] = end_month(cohort, moved_on, start, reservoir, on, found)
        if reservoir not in warns:
            warns[reservoir] = found.value("subsidy.after_end", on, reservoir) == AfterEnd.WARN
        happened = []
        for kind, day in changes.get(one, ()):
            known = (kind, day, reservoir)
            if known not in events:
                events[known] = event(kind, day, reservoir, found)
            happened.append(events[known])
        gaps = tuple(support.breaks(happened)) if happened else ()
        out[one] = Entitled(one, home, place, reservoir, cohort, way, start, end, warns[reservoir], gaps, moved_on)
    return out


def _changes(session: Session, where: tuple[Any, ...]) -> dict[str, list[tuple[str, str]]]:
    """Recipient → (kind, day) of the changes that stop or restart payment."""
    c, r = RecipientChange.__table__, Recipient.__table__
    query = select(c.c.recipient, c.c.kind, c.c.happened_on).where(c.c.deleted == 0, c.c.kind.in_((*STOPPING, *RETURNING)))
    if where:
        query = query.join(r, r.c.id == c.c.recipient).where(*where)
    found: dict[str, list[tuple[str, str]]] = {}
    for recipient, kind, day in session.execute(query):
        found.setdefault(recipient, []).append((kind, day))
    return found


def paid_lines(session: Session, since: Mapping[str, str]) -> dict[str, list[Paid]]:
    """Recipient → what arrived for each period that reaches their month or a later one, oldest first: the sum booked (应发) of the
    lines the bank confirmed. `since` names the recipients, each with a month ("" = all periods).

    Asked township by township, by period and person as lines are kept; who moved is looked for in every township.
    """
    p, line = Period.__table__, SupportPayment.__table__
    by_home, moved = _homes(session, since)
    periods = select(p.c.id, p.c.home, p.c.year, p.c.number, p.c.first_month, p.c.last_month, p.c.standard)
    periods = periods.where(p.c.deleted == 0, p.c.last_month >= min(since.values(), default=""))
    known = {one.id: one for one in session.execute(periods)}
    homes: dict[str, list[str]] = {}
    for one in known.values():
        homes.setdefault(one.home, []).append(one.id)
    lines = select(line.c.period, line.c.recipient, line.c.due).where(line.c.deleted == 0, line.c.kind == LineKind.NORMAL, line.c.result == LineResult.PAID)
    found: dict[str, list[Paid]] = {}
    for home, ids in homes.items():
        for some in chunks({*by_home.get(home, ()), *moved}):
            for period, recipient, due in session.execute(lines.where(line.c.period.in_(ids), line.c.recipient.in_(some))):
                one = known[period]
                if since[recipient] <= one.last_month:
                    found.setdefault(recipient, []).append(Paid(f"{one.year}/{one.number}", one.first_month, one.last_month, one.standard, due or 0))
    for lines_of in found.values():
        lines_of.sort(key=lambda paid: paid.first_month)
    return found


def _homes(session: Session, recipients: Iterable[str]) -> tuple[dict[str, set[str]], set[str]]:
    """Home → its recipients of those asked for, and those who moved within the book and may stand in rosters of several homes."""
    r, c = Recipient.__table__, RecipientChange.__table__
    by_home: dict[str, set[str]] = {}
    moved: set[str] = set()
    for some in chunks(recipients):
        for one, home in session.execute(select(r.c.id, r.c.home).where(r.c.id.in_(some))):
            by_home.setdefault(home, set()).add(one)
        moved |= set(session.scalars(select(c.c.recipient).where(c.c.recipient.in_(some), c.c.kind == ChangeKind.MOVE, c.c.deleted == 0)))
    return by_home, moved


def over_paid(session: Session, recipients: Iterable[str], on: str) -> dict[str, list[OverPaid]]:
    """Recipient → the past periods in which more arrived than was due, after all that is known on a day.

    What an extension of its own time let pass stays paid when that policy row has ended since.
    """
    wanted = list(dict.fromkeys(recipients))
    found_rows = policies(session)
    found: dict[str, list[OverPaid]] = {}
    for some in chunks(wanted):
        entitled = entitlements(session, on, Recipient.__table__.c.id.in_(some))
        lines = paid_lines(session, {one.id: _first_not_due(one) for one in entitled.values()})
        for one in entitled.values():
            mine = lines.get(one.id, ())
            extra = support.over_paid(mine, one.start, None if one.only_warn else one.end, one.gaps)
            if extra and not one.only_warn:
                extra = [more for line in mine for more in support.over_paid([line], one.start, _end_then(one, line, found_rows), one.gaps)]
            if extra:
                found[one.id] = extra
    return found


def _end_then(one: Entitled, line: Paid, found: Policies) -> str | None:
    """The last payable month by the rows valid when a period was paid or by those of now, whichever lets more pass; None without end."""
    day = last_day(line.last_month)
    if found.value("subsidy.after_end", day, one.reservoir) == AfterEnd.WARN:
        return None
    return max(one.end, end_month(one.cohort, one.moved, one.start, one.reservoir, day, found))


def _first_not_due(one: Entitled) -> str:
    """The first month in which anything paid would be too much; before it no period need be read (a late start: all are)."""
    if one.start > FIRST_MONTH:
        return ""
    return min([since for since, _ in one.gaps] + ([] if one.only_warn else [add_months(one.end, 1)]), default=NEVER)


def changed_people(session: Session) -> list[str]:
    """The recipients whose payment a change has stopped at some time."""
    c = RecipientChange.__table__
    return list(session.scalars(select(c.c.recipient).where(c.c.deleted == 0, c.c.kind.in_(STOPPING)).distinct()))
