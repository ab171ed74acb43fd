"""The year of disputes: how many of which colour are open, the patrols month by month, and the streak of 零上访."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.queries.petition import streak_words, zero_streak
from relocdesk.records.petition import Dispute, DisputeResult, Patrol, Risk
from relocdesk.rules.days import add_months

OPEN = (DisputeResult.OPEN, DisputeResult.HELD)


@dataclass(frozen=True, slots=True)
class Month:
    """One month: patrols, households visited, what they found, and disputes registered. A month without a patrol is missing."""

    month: str
    patrols: int
    households: int
    found: int
    disputes: int
    over: bool

    @property
    def words(self) -> str:
        """What the month lacks: a month without findings still needs its report."""
        if not self.patrols:
            return "没有排查" if self.over else "本月还没有排查"
        if not self.found and not self.disputes:
            return "零报告"
        return "发现与登记不符" if self.found < self.disputes else "已排查"

    @property
    def kind(self) -> str:
        """The colour of the words."""
        return {"没有排查": "error", "本月还没有排查": "warn", "发现与登记不符": "warn"}.get(self.words, "good")


@dataclass(frozen=True, slots=True)
class DisputeYear:
    """The year so far."""

    open: int
    red: int
    orange: int
    yellow: int
    late: int
    found: int
    settled: int
    patrols: int
    months: tuple[Month, ...]  # newest first
    streak: int
    confirmed: int  # the year up to which the streak is counted

    @property
    def streak_words(self) -> str:
        """连续零上访 in words."""
        return streak_words(self.streak, self.confirmed)


def dispute_year(session: Session, on: str) -> DisputeYear:
    """The year of a day, up to that day."""
    year, last = on[:4], int(on[:4]) - 1
    rows = session.execute(select(Dispute.found_on, Dispute.risk, Dispute.result, Dispute.due_on, Dispute.settled_on, Dispute.petition)
                           .where(Dispute.deleted == 0)).all()  # fmt: skip
    waiting = [row for row in rows if row.result in OPEN and not row.petition]
    ask = select(Patrol.held_on, Patrol.households_visited, Patrol.found).where(Patrol.deleted == 0, Patrol.held_on >= f"{year}-01-01")
    patrols = session.execute(ask.where(Patrol.held_on <= on)).all()
    months = []
    month = on[:7]
    while month[:4] == year:
        mine = [row for row in patrols if row.held_on[:7] == month]
        months.append(Month(month, len(mine), sum(row.households_visited or 0 for row in mine), sum(row.found for row in mine),
                            sum(1 for row in rows if row.found_on[:7] == month), over=month < on[:7]))  # fmt: skip
        month = add_months(month, -1)
    risks = [row.risk for row in waiting]
    return DisputeYear(
        open=len(waiting), red=risks.count(Risk.RED), orange=risks.count(Risk.ORANGE), yellow=risks.count(Risk.YELLOW),
        late=sum(1 for row in waiting if row.due_on and row.due_on < on), found=sum(1 for row in rows if row.found_on[:4] == year),
        settled=sum(1 for row in rows if row.settled_on and row.settled_on[:4] == year), patrols=len(patrols), months=tuple(months),
        streak=zero_streak(session, last), confirmed=last,
    )  # fmt: skip
