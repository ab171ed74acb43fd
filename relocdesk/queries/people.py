"""The three head-counts of after-support, who leaves when, and the conservation law by township and reservoir.

核定（基准）人数, 现有人数 and 发放人数 are three different numbers (domain practice since 2006: nobody is added, many leave).
Counts come from the register and its changes; nothing is kept twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from relocdesk.queries.computed import expression
from relocdesk.queries.computed_support import RETURNING, STOPPING
from relocdesk.queries.entitlement import Entitled, changed_people, end_month, entitlements, over_paid
from relocdesk.queries.places import Places
from relocdesk.records import register
from relocdesk.records.support import ApprovalList, ChangeKind, Period, PeriodState, Recipient, RecipientChange, Recovery, ReduceReason
from relocdesk.rules.days import add_months
from relocdesk.rules.support import leaving
from relocdesk.settings import AfterEnd, policies

NEW, RESTORED, MOVED_IN, MOVED_OUT, ENDED = "新增", "恢复", "迁入", "迁出", "期满"


@dataclass(frozen=True, slots=True)
class HeadCounts:
    """How many people on a day: approved (base), registered, present (在册), gone by kind, paid in the newest period paid."""

    base: int
    registered: int
    present: int
    paused: int
    reduced: int
    moved: int
    ended: int
    paid: int
    paid_in: str  # the period of `paid`; "" when none was paid
    leaves: dict[int, int]  # year → how many of those present it is the last year for


def head_counts(session: Session, on: str, place: str = "", years: int = 8) -> HeadCounts:
    """The three head-counts on a day, of a place and what lies below it or of the whole book, and the forecast of the years to come."""
    below = Places.load(session).below(place) if place else None
    table = Recipient.__table__
    moved = func.substr(func.coalesce(table.c.moved_on, table.c.start_month), 1, 7)
    query = select(table.c.cohort, moved, table.c.start_month, table.c.reservoir, func.count()).where(table.c.deleted == 0)
    groups: Counter[tuple[Any, ...]] = Counter()
    query = _within(query, below).group_by(table.c.cohort, moved, table.c.start_month, table.c.reservoir)
    for cohort, month, start, reservoir, count in session.execute(query):
        groups[cohort, month, start, reservoir] += count
    registered = sum(groups.values())
    gone: Counter[str] = Counter()
    for key, state in _gone(session, below):
        groups[key] -= 1
        gone[state] += 1
    found = policies(session)
    ends: Counter[str] = Counter()
    ended = 0
    for (cohort, month, start, reservoir), count in groups.items():
        end = end_month(cohort, f"{month}-01", start, reservoir, on, found)
        over = end < on[:7] and found.value("subsidy.after_end", on, reservoir) == AfterEnd.BLOCK
        ended += count if over else 0
        if not over:
            ends[end] += count
    first = int(on[:4])
    leaves = leaving((month for month, count in ends.items() for _ in range(count)), first, first + years - 1)
    paid, when = _paid(session, below)
    return HeadCounts(_base(session, below), registered, sum(ends.values()), gone["暂停"], gone["核减"], gone["迁出"], ended, paid, when, leaves)


def _within(query: Any, below: Iterable[str] | None) -> Any:
    return query if below is None else query.where(Recipient.__table__.c.place.in_(list(below)))


def _gone(session: Session, below: Iterable[str] | None) -> list[tuple[tuple[Any, ...], str]]:
    """(group, state) of everybody whose last change stopped payment."""
    r, c = Recipient.__table__, RecipientChange.__table__
    moved = func.substr(func.coalesce(r.c.moved_on, r.c.start_month), 1, 7)
    query = select(c.c.recipient, r.c.cohort, moved, r.c.start_month, r.c.reservoir, c.c.kind, c.c.reason).select_from(c.join(r, c.c.recipient == r.c.id))
    query = query.where(c.c.deleted == 0, r.c.deleted == 0, c.c.kind.in_((*STOPPING, *RETURNING))).order_by(c.c.happened_on, c.c.id)
    last = {row[0]: row for row in session.execute(_within(query, below))}
    found = []
    for _, cohort, month, start, reservoir, kind, reason in last.values():
        if kind in STOPPING:
            state = "迁出" if kind == ChangeKind.MOVE_OUT else "暂停" if reason == ReduceReason.PRISON else "核减"
            found.append(((cohort, month, start, reservoir), state))
    return found


def _base(session: Session, below: Iterable[str] | None) -> int:
    query = select(func.coalesce(func.sum(ApprovalList.base_count), 0)).where(ApprovalList.deleted == 0)
    if below is not None:
        query = query.where(ApprovalList.place.in_(list(below)))
    return int(session.scalar(query) or 0)


def _paid(session: Session, below: Iterable[str] | None) -> tuple[int, str]:
    """Heads of the newest period paid, over all townships that paid it."""
    query = select(Period.year, Period.number).where(Period.deleted == 0, Period.state.in_((PeriodState.PAID, PeriodState.CLOSED)))
    if below is not None:
        query = query.where(Period.place.in_(list(below)))
    newest = session.execute(query.order_by(Period.first_month.desc()).limit(1)).first()
    if newest is None:
        return 0, ""
    reg = register("period")
    heads = select(func.sum(expression(reg, reg["heads"], Period.__table__))).where(Period.deleted == 0, Period.year == newest.year)
    heads = heads.where(Period.number == newest.number)
    if below is not None:
        heads = heads.where(Period.place.in_(list(below)))
    return int(session.scalar(heads) or 0), f"{newest.year}年第{newest.number}期"


# --- the conservation law --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Flow:
    """The people of one township or reservoir over a period: opening + new + restored + in − reduced − out − ended = closing (R12)."""

    name: str
    opening: int = 0
    closing: int = 0
    came: Counter[str] = field(default_factory=Counter)  # 新增, 恢复, 迁入 → heads
    left: Counter[str] = field(default_factory=Counter)  # D1 … D5, 迁出, 期满 → heads

    @property
    def difference(self) -> int:
        """Heads by which the law is broken; 0 when it holds."""
        return self.opening + sum(self.came.values()) - sum(self.left.values()) - self.closing


@dataclass(frozen=True, slots=True)
class _Event:
    kind: str
    reason: str
    on: str
    from_place: str | None
    to_place: str | None


def flows(session: Session, on: str, first_month: str, last_month: str, by: str = "township", place: str = "") -> list[Flow]:
    """How heads came and went from the month before a period to its last month, by township or reservoir, in order of their names.

    With `place` (an id) only of the people who live or lived below it. Opening and closing are counted from entitlements; what came
    and left is told by the changes of each person whose standing differs, and by moves within the book.
    """
    places = Places.load(session)
    before = add_months(first_month, -1)
    events = _events(session)
    found: dict[str, Flow] = {}
    for one in entitlements(session, on, *(_touching(places, place, events) if place else ())).values():
        own = events.get(one.id, [])
        was, now = one.counts(before), one.counts(last_month)
        if not was and not now:
            continue
        start, end = (_where(one, own, month, places, by) for month in (before, last_month))
        if was:
            found.setdefault(start, Flow(start)).opening += 1
        if now:
            found.setdefault(end, Flow(end)).closing += 1
        if was and now and start != end:
            found[start].left[MOVED_OUT] += 1
            found[end].came[MOVED_IN] += 1
        elif was and not now:
            found[start].left[_why_left(one, own, last_month)] += 1
        elif now and not was:
            found[end].came[_why_came(one, own, before, last_month)] += 1
    return [found[name] for name in sorted(found)]


def _touching(places: Places, place: str, events: dict[str, list[_Event]]) -> list[Any]:
    """Conditions on Recipient: lives below a place, or moved within the book."""
    moved = [one for one, own in events.items() if any(event.kind == ChangeKind.MOVE for event in own)]
    table = Recipient.__table__
    return [or_(table.c.place.in_(places.below(place)), table.c.id.in_(moved))]


def flow_text(flow: Flow) -> str:
    """The law in one line: 期初 967 ＋新增 2 －D3 死亡 4 －期满 3 ＝期末 962."""
    came = "".join(f" ＋{name} {count}" for name, count in flow.came.items())
    left = "".join(f" －{name} {count}" for name, count in sorted(flow.left.items()))
    return f"期初 {flow.opening}{came}{left} ＝期末 {flow.closing}" + (f"，差 {flow.difference} 人" if flow.difference else "")


def _where(one: Entitled, events: list[_Event], month: str, places: Places, by: str) -> str:
    """The reservoir, or the township in which somebody lived at the end of a month, moves within the book taken back."""
    if by == "reservoir":
        return one.reservoir
    later = next((event for event in events if event.kind == ChangeKind.MOVE and event.on[:7] > month and event.from_place), None)
    place = str(later.from_place) if later is not None else one.place
    return places.parts(place)[0] or places.full(place)


def _why_left(one: Entitled, events: list[_Event], month: str) -> str:
    stopped = any(since <= month and (until is None or until > month) for since, until in one.gaps)
    if not stopped:
        return ENDED
    stop = [event for event in events if event.kind in STOPPING and event.on[:7] <= month][-1]
    return MOVED_OUT if stop.kind == ChangeKind.MOVE_OUT else ReduceReason(stop.reason).label


def _why_came(one: Entitled, events: list[_Event], before: str, month: str) -> str:
    back = [event for event in events if event.kind in RETURNING and event.on[:7] <= month]
    if one.start > before:
        return MOVED_IN if any(event.kind == ChangeKind.MOVE_IN for event in back) else NEW
    return MOVED_IN if back and back[-1].kind == ChangeKind.MOVE_IN else RESTORED


def _events(session: Session) -> dict[str, list[_Event]]:
    """Recipient → the changes that move people, oldest first."""
    c = RecipientChange.__table__
    query = select(c.c.recipient, c.c.kind, c.c.reason, c.c.happened_on, c.c.from_place, c.c.to_place).where(c.c.deleted == 0)
    query = query.where(c.c.kind.in_((*STOPPING, *RETURNING, ChangeKind.MOVE))).order_by(c.c.happened_on, c.c.id)
    found: dict[str, list[_Event]] = {}
    for recipient, kind, reason, on, from_place, to_place in session.execute(query):
        found.setdefault(recipient, []).append(_Event(kind, reason or "", on, from_place, to_place))
    return found


# --- money to come back ----------------------------------------------------------------------------------------------


def unlisted(session: Session, on: str) -> int:
    """分 that arrived too much after people's changes and stand in no recovery yet."""
    found = over_paid(session, changed_people(session), on)
    query = select(Recovery.recipient, func.sum(Recovery.over_paid)).where(Recovery.deleted == 0).group_by(Recovery.recipient)
    listed = {one: int(amount) for one, amount in session.execute(query)}
    return sum(max(0, sum(extra.amount for extra in extras) - listed.get(one, 0)) for one, extras in found.items())


def left_to_recover(session: Session) -> tuple[int, int, int]:
    """People who still owe, 分 they owe, and of these recoveries nobody was told of."""
    owed = Recovery.over_paid - Recovery.recovered
    query = select(func.count(func.distinct(Recovery.recipient)), func.coalesce(func.sum(owed), 0)).where(Recovery.deleted == 0, owed > 0)
    people, amount = session.execute(query).one()
    untold = session.scalar(select(func.count()).select_from(Recovery).where(Recovery.deleted == 0, owed > 0, Recovery.told_on.is_(None)))
    return int(people), int(amount), int(untold or 0)
