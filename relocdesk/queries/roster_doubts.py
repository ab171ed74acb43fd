"""What should be looked at before a roster is approved, and who stands on no roster although money is due to them. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.errors import Problem
from relocdesk.ids import chunks
from relocdesk.queries.places import Places
from relocdesk.queries.roster import Line, enrolled, lines, months_now, people, period_name, sums
from relocdesk.queries.roster_objections import hold, names_of, waiting_for
from relocdesk.records.household import Person
from relocdesk.records.support import ApprovalList, ChangeKind, LineKind, LineResult, Period, Recipient, RecipientChange, SupportPayment
from relocdesk.rules.days import add_months, last_day, months_between
from relocdesk.rules.money import show_yuan
from relocdesk.rules.support import due as due_for
from relocdesk.settings import policies

_CURE = "“另列补发”"


def doubts(session: Session, period: Period) -> list[Problem]:
    """What should be looked at before approval: who waits for an objection of their own (R19), one account of several households (R04),
    a holder who is somebody else (R05), people without an approval list or more of them than approved (R07, R20), another standard
    than the policy's (R11), large back pay, and who stands on no roster.
    """
    whole = lines(session, period)
    roster = [line for line in whole if line.account and line.result == LineResult.DUE]
    related = set(session.execute(select(Recipient.id).where(Recipient.payee_relation.is_not(None), enrolled(period))).scalars())
    found = [Problem(line.name, f"户名是“{line.payee_name}”，不是本人，也没有写与本人关系") for line in roster
             if line.payee_name != line.name and line.recipient not in related]  # fmt: skip
    by_account = groupby(sorted(roster, key=lambda line: line.account), key=lambda line: line.account)
    for account, group in by_account:
        sharing = list(group)
        if len({line.home_of for line in sharing}) > 1:
            found.append(Problem(f"账号尾号 {account[-4:]}", f"{len(sharing)} 人不是一户却用同一个账号：{'、'.join(line.name for line in sharing[:5])}"))
    return [*_disputed(session, period, whole), *found, *_unapproved(session, period), *_other_standard(session, period),
            *_large_back_pay(session, period, whole), *gaps(session, period)]  # fmt: skip


def _disputed(session: Session, period: Period, roster: Sequence[Line]) -> Iterator[Problem]:
    """The people whose lines wait although the roster goes on."""
    held = waiting_for(hold(session, period), [line for line in roster if line.result == LineResult.DUE])
    if held:
        money = show_yuan(sum(line.amount for line in held))
        yield Problem("异议", f"{names_of(held)}有没办结的异议，{money} 元在名册里，办结以前不发，其余的照发")


def _unapproved(session: Session, period: Period) -> Iterator[Problem]:
    """Who stands on no approval list although their reservoir has one; more people than the lists of the township approved."""
    r, p, a = Recipient.__table__, Person.__table__, ApprovalList.__table__
    listed = select(a.c.reservoir).where(a.c.deleted == 0)
    query = select(p.c.name).join(r, r.c.person == p.c.id).where(enrolled(period), r.c.approval.is_(None), r.c.reservoir.in_(listed))
    names = list(session.scalars(query.order_by(p.c.name)))
    if names:
        yield Problem("核定名册", f"{len(names)} 人没有填核定名册：{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}")
    heads = sums(session, period.id).heads
    if period.base_count and heads > period.base_count:
        yield Problem("核定人数", f"本期发放 {heads} 人，多于核定 {period.base_count} 人")


def _other_standard(session: Session, period: Period) -> Iterator[Problem]:
    rows = policies(session)
    first, last = (int(rows.value("subsidy.standard", day) or 0) for day in (f"{period.first_month}-01", last_day(period.last_month)))
    if period.standard != first:
        yield Problem("标准", f"本期按 {show_yuan(period.standard)} 元/人·年，政策是 {show_yuan(first)} 元")
    if first != last:
        yield Problem("标准", f"政策标准在本期内由 {show_yuan(first)} 元变为 {show_yuan(last)} 元；整期按 {show_yuan(period.standard)} 元算")


# --- back pay --------------------------------------------------------------------------------------------------------


def back_pay_trouble(session: Session, period: Period, amount: int) -> str:
    """That a sum of back pay (分) is more than so many whole periods (a setting), or ""; no law limits it, but nobody should miss it."""
    most = settings.number(session, "subsidy.back_pay_periods", period.home)
    limit = most * due_for(months_between(period.first_month, period.last_month) + 1, period.standard)
    if amount <= limit:
        return ""
    return f"补发 {show_yuan(amount)} 元，超过 {most} 期的标准（{show_yuan(limit)} 元），请核对补的是哪几期、有没有补过"


def _large_back_pay(session: Session, period: Period, roster: Sequence[Line]) -> Iterator[Problem]:
    for line in roster:
        text = back_pay_trouble(session, period, line.back_pay) if line.back_pay else ""
        if text:
            yield Problem(line.name, text)


# --- on no roster ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody to whom the money of a period is due and who stands on no roster of its months; where they live now."""

    id: str
    name: str
    place: str


def on_no_roster(session: Session, period: Period, *where: Any) -> list[LeftOut]:
    """Of the recipients whom conditions choose, those due something for a period's months without a normal line in any roster of them."""
    r, p, line = Recipient.__table__, Person.__table__, SupportPayment.__table__
    taken = select(line.c.recipient).where(line.c.period.in_(_overlapping(period)), line.c.deleted == 0, line.c.kind == LineKind.NORMAL)
    query = select(r.c.id, p.c.name, r.c.place).join(p, r.c.person == p.c.id).where(r.c.deleted == 0, *where, r.c.id.not_in(taken))
    found = [LeftOut(*row) for row in session.execute(query.order_by(p.c.name, r.c.id))]  # few: months are worked out for them alone
    due = {one for some in chunks(found) for one, months in months_now(session, period, r.c.id.in_([each.id for each in some])).items() if months}
    return [one for one in found if one.id in due]


def _overlapping(period: Period) -> Any:
    return select(Period.id).where(Period.deleted == 0, Period.first_month <= period.last_month, Period.last_month >= period.first_month)


def gaps(session: Session, period: Period) -> Iterator[Problem]:
    """Who stands on no roster of a frozen period's months, of the one before it, or moved away to where the roster was frozen without them."""
    if period.frozen_on:
        late = on_no_roster(session, period, *people(session, period))
        if late:
            yield Problem("没有列入名册", f"{_names(late)}本期应发，冻结以后才登记、迁来或去掉，哪一期都没有列；请在下一期{_CURE}，或退回编制、解除冻结再冻结")
    yield from gaps_at_freezing(session, period)


def gaps_at_freezing(session: Session, period: Period) -> Iterator[Problem]:
    """The same of a roster that has just been frozen, on which nobody who lives there is missing."""
    yield from _moved_away(session, period)
    yield from _missed_before(session, period)


def _moved_away(session: Session, period: Period) -> Iterator[Problem]:
    """Who moved from this period's township into one whose roster of the same months had been frozen: neither roster has them."""
    if not period.place:
        return
    places = Places.load(session)
    below = places.below(period.place)
    gone = select(RecipientChange.recipient).where(RecipientChange.deleted == 0, RecipientChange.kind == ChangeKind.MOVE, RecipientChange.from_place.in_(below))
    table = Recipient.__table__
    frozen = {one.place: one for one in session.scalars(select(Period).where(Period.id.in_(_overlapping(period)), Period.frozen_on.is_not(None)))}
    found = [one for one in on_no_roster(session, period, table.c.id.in_(gone), table.c.place.not_in(below)) if places.township(one.place) in frozen]
    found.sort(key=lambda one: places.township(one.place))
    for township, some in groupby(found, key=lambda one: places.township(one.place)):
        there = period_name(session, frozen[township])
        yield Problem("没有列入名册", f"{_names(list(some))}已迁走，{there}的名册先冻结，两边都没有列；请在那里下一期{_CURE}")


def _missed_before(session: Session, period: Period) -> Iterator[Problem]:
    """Who stood on no roster of the period before this one and has not been paid later: now is the time for it."""
    query = select(Period).where(Period.deleted == 0, Period.frozen_on.is_not(None), Period.last_month == add_months(period.first_month, -1))
    before = session.scalars(query.where(Period.place == period.place, Period.home == period.home)).first()
    if before is None:
        return
    line = SupportPayment.__table__
    paid = select(line.c.recipient).join(Period.__table__, line.c.period == Period.__table__.c.id)
    paid = paid.where(Period.__table__.c.first_month > before.last_month, line.c.deleted == 0, line.c.back_pay > 0)
    found = on_no_roster(session, before, *people(session, before), Recipient.__table__.c.id.not_in(paid))
    if found:
        yield Problem("上一期漏列", f"{_names(found)}在 {before.year} 年第 {before.number} 期应发，没有列入名册，也没有补发；请{_CURE}")


def missed_by_move(session: Session, record: Recipient, from_place: str) -> list[str]:
    """The periods whose rosters at somebody's new place were frozen without them, while the old place has not frozen its own."""
    places = Places.load(session)
    old, new = places.township(from_place), places.township(record.place)
    frozen = select(Period).where(Period.deleted == 0, Period.frozen_on.is_not(None)).order_by(Period.first_month)
    done = max((one.last_month for one in session.scalars(frozen.where(Period.place == old))), default="")
    late = session.scalars(frozen.where(Period.place == new, Period.last_month > done)).all() if old != new else []
    return [period_name(session, one) for one in (late if done else late[-1:]) if on_no_roster(session, one, Recipient.__table__.c.id == record.id)]


def _names(found: Collection[LeftOut]) -> str:
    names = [one.name for one in found]
    return "、".join(names[:5]) + (f" 等 {len(names)} 人" if len(names) > 5 else "")
