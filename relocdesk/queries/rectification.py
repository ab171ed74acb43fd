"""Rectification as its papers say it: an inspection with its problems in order, each with measures, people, terms and state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.ids import chunks
from relocdesk.records.document import Attachment
from relocdesk.records.rectification import (
    SETTLED,
    Inspection,
    InspectionKind,
    ItemState,
    LookBack,
    LookResult,
    Measure,
    RectificationItem,
    StateChange,
)
from relocdesk.rules.rectification import Tally, overdue_days


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure; empty texts are missing data."""

    number: str
    text: str
    owner: str
    due_on: str
    done_on: str
    result: str


@dataclass(frozen=True, slots=True)
class ItemData:
    """One problem as papers show it; `state` is its code, `refunded` in 分."""

    id: str
    home: str
    inspection: str
    batch: str
    aspect: str
    number: str
    text: str
    detail: str
    cause: str
    goal: str
    leader: str
    section: str
    person: str
    partner: str
    due_on: str
    progress: str
    state: str
    done_on: str
    evidence: str
    files: int
    rules_made: str
    held: int
    refunded: int
    measures: tuple[MeasureLine, ...]
    relapsed: bool  # a look-back once found it again

    @property
    def state_label(self) -> str:
        """The state in words."""
        return ItemState(self.state).label

    @property
    def settled(self) -> bool:
        """Whether it counts as rectified."""
        return self.state in SETTLED

    def late(self, on: str) -> int:
        """Days past the deadline on a day."""
        return overdue_days(self.due_on, self.settled, on)


@dataclass(frozen=True, slots=True)
class InspectionData:
    """An inspection with its problems on a day. `near_words`: by what the office calls a problem nearly done."""

    id: str
    home: str
    name: str
    kind: str
    team: str
    started_on: str
    ended_on: str
    feedback_on: str
    concentrated_until: str
    document: str
    office: str
    on: str
    near_words: str
    items: tuple[ItemData, ...]

    @property
    def aspects(self) -> list[str]:
        """The aspects in the order they were told."""
        return list(dict.fromkeys(item.aspect for item in self.items))

    @property
    def tally(self) -> Tally:
        """How many problems stand where."""
        return tally(self.items)


def tally(items: Iterable[ItemData]) -> Tally:
    """Problems by state; every one is in exactly one of the four (Z01)."""
    states = [item.state for item in items]
    return Tally(*(states.count(one) for one in (ItemState.DONE, ItemState.NEARLY, ItemState.OPEN, ItemState.LASTING)))


def office_name(session: Session, home: str) -> str:
    """The office as papers name it."""
    found = settings.this_office(session, home)
    return settings.text(session, "paper.footer", home) or (found.name if found else "")


def inspections(session: Session, ids: Sequence[str], on: str) -> list[InspectionData]:
    """Inspections with their living problems, in the order asked for."""
    rows = {row.id: row for part in chunks(ids) for row in session.scalars(select(Inspection).where(Inspection.id.in_(part), Inspection.deleted == 0))}
    wanted = [row_id for part in chunks(rows) for row_id in session.scalars(
        select(RectificationItem.id).where(RectificationItem.inspection.in_(part), RectificationItem.deleted == 0))]  # fmt: skip
    by_batch: dict[str, list[ItemData]] = {}
    for item in problems(session, wanted, on):
        by_batch.setdefault(item.inspection, []).append(item)
    return [_inspection(session, rows[one], by_batch.get(one, []), on) for one in ids if one in rows]


def _inspection(session: Session, row: Inspection, items: list[ItemData], on: str) -> InspectionData:
    return InspectionData(
        row.id, row.home, row.name, InspectionKind(row.kind).label, row.team or "", row.started_on or "", row.ended_on or "", row.feedback_on or "",
        row.concentrated_until or "", row.document or "", office_name(session, row.home), on,
        settings.text(session, "rectify.near_words", row.home), tuple(items))  # fmt: skip


def standing_on(session: Session, rows: Iterable[RectificationItem], on: str) -> dict[str, tuple[str, str]]:
    """Problem → its state and day of completion as they stood at the end of a day, by its own history (report: 截至 D).

    Without a history (old ledgers) a problem completed later was still open; what was told without a day counts as it stands.
    """
    changes: dict[str, list[StateChange]] = {}
    items = list(rows)
    for part in chunks(item.id for item in items):
        ask = select(StateChange).where(StateChange.item.in_(part), StateChange.deleted == 0).order_by(StateChange.changed_on, StateChange.line)
        for one in session.scalars(ask):
            changes.setdefault(one.item, []).append(one)
    return {item.id: _stood(item, changes.get(item.id, []), on) for item in items}


def _stood(item: RectificationItem, changes: Sequence[StateChange], on: str) -> tuple[str, str]:
    later = next((one for one in changes if one.changed_on > on), None)
    if later is None:
        undone = item.state in SETTLED and item.done_on is not None and item.done_on > on
        return (ItemState.OPEN.value, "") if undone else (item.state, item.done_on or "")
    state, day = later.before or ItemState.OPEN.value, ""
    for one in changes[: changes.index(later)]:
        if one.after not in SETTLED:
            day = ""
        elif not day:
            day = one.changed_on
    return state, day if state in SETTLED else ""


def _relapses(session: Session, ids: Iterable[str], on: str) -> dict[str, str]:
    """Problem → the id of its latest relapse up to a day; ids ascend with time."""
    ask = select(LookBack.item, func.max(LookBack.id)).where(LookBack.result == LookResult.RELAPSED, LookBack.checked_on <= on, LookBack.deleted == 0)
    ask = ask.group_by(LookBack.item)
    return {row[0]: row[1] for part in chunks(ids) for row in session.execute(ask.where(LookBack.item.in_(part)))}


def problems(session: Session, ids: Sequence[str], on: str = "") -> list[ItemData]:
    """Problems with their measures, by inspection and number (2 before 10); with a day, as they stood then."""
    on = on or "9999-12-31"
    relapsed = _relapses(session, ids, on)
    rows: list[Any] = []
    measures: dict[str, list[MeasureLine]] = {}
    files: dict[str, int] = {}
    for part in chunks(ids):
        rows += session.execute(select(RectificationItem, Inspection.name).join(Inspection, RectificationItem.inspection == Inspection.id)
                                .where(RectificationItem.id.in_(part), RectificationItem.deleted == 0)).all()  # fmt: skip
        for m in session.scalars(select(Measure).where(Measure.item.in_(part), Measure.deleted == 0).order_by(func.length(Measure.number), Measure.number)):
            measures.setdefault(m.item, []).append(MeasureLine(m.number, m.text, m.owner or "", m.due_on or "", m.done_on or "", m.result or ""))
        hanging = session.execute(select(Attachment.record, Attachment.id).where(Attachment.record.in_(part), Attachment.deleted == 0))
        for record, file in hanging:
            files[record] = files.get(record, 0) + (file > relapsed.get(record, ""))  # after a relapse only what came since proves anything
    stood = standing_on(session, (row for row, _ in rows), on)
    found = [_problem(row, name, tuple(measures.get(row.id, ())), files.get(row.id, 0), stood[row.id], row.id in relapsed) for row, name in rows]
    return sorted(found, key=lambda one: (one.batch, len(one.number), one.number))


def _problem(
    row: RectificationItem, batch: str, measures: tuple[MeasureLine, ...], files: int, stood: tuple[str, str], relapsed: bool
) -> ItemData:  # fmt: skip
    texts = ("text", "detail", "cause", "goal", "leader", "section", "person", "partner", "due_on", "progress")
    return ItemData(row.id, row.home, row.inspection, batch, row.aspect, row.number, *(getattr(row, name) or "" for name in texts), *stood,  # type: ignore[call-arg,arg-type]  # the texts in their order
                    row.evidence or "", files, row.rules_made or "", row.held_to_account or 0, row.refunded or 0, measures, relapsed)  # fmt: skip
