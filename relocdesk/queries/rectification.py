"""Rectification as its papers say it: an inspection with its problems in order, each with measures, people, terms and state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.queries.agreed import chunks
from relocdesk.records.document import Attachment
from relocdesk.records.rectification import Inspection, InspectionKind, ItemState, Measure, RectificationItem
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

    @property
    def state_label(self) -> str:
        """The state in words."""
        return ItemState(self.state).label

    @property
    def settled(self) -> bool:
        """Whether it counts as rectified."""
        return self.state in (ItemState.DONE, ItemState.LASTING)

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
    for item in problems(session, wanted):
        by_batch.setdefault(item.inspection, []).append(item)
    return [_inspection(session, rows[one], by_batch.get(one, []), on) for one in ids if one in rows]


def _inspection(session: Session, row: Inspection, items: list[ItemData], on: str) -> InspectionData:
    return InspectionData(
        row.id, row.home, row.name, InspectionKind(row.kind).label, row.team or "", row.started_on or "", row.ended_on or "", row.feedback_on or "",
        row.concentrated_until or "", row.document or "", office_name(session, row.home), on,
        settings.text(session, "rectify.near_words", row.home), tuple(items))  # fmt: skip


def problems(session: Session, ids: Sequence[str]) -> list[ItemData]:
    """Problems with their measures, by inspection and number (2 before 10)."""
    rows: list[Any] = []
    measures: dict[str, list[MeasureLine]] = {}
    files: dict[str, int] = {}
    for part in chunks(ids):
        rows += session.execute(select(RectificationItem, Inspection.name).join(Inspection, RectificationItem.inspection == Inspection.id)
                                .where(RectificationItem.id.in_(part), RectificationItem.deleted == 0)).all()  # fmt: skip
        for m in session.scalars(select(Measure).where(Measure.item.in_(part), Measure.deleted == 0).order_by(func.length(Measure.number), Measure.number)):
            measures.setdefault(m.item, []).append(MeasureLine(m.number, m.text, m.owner or "", m.due_on or "", m.done_on or "", m.result or ""))
        hanging = select(Attachment.record, func.count()).where(Attachment.record.in_(part), Attachment.deleted == 0).group_by(Attachment.record)
        files |= {row[0]: row[1] for row in session.execute(hanging)}
    found = [_problem(row, name, tuple(measures.get(row.id, ())), files.get(row.id, 0)) for row, name in rows]
    return sorted(found, key=lambda one: (one.batch, len(one.number), one.number))


def _problem(row: RectificationItem, batch: str, measures: tuple[MeasureLine, ...], files: int) -> ItemData:
    texts = ("text", "detail", "cause", "goal", "leader", "section", "person", "partner", "due_on", "progress", "state", "done_on", "evidence")
    return ItemData(row.id, row.home, row.inspection, batch, row.aspect, row.number, *(getattr(row, name) or "" for name in texts), files,  # type: ignore[call-arg,arg-type]  # the texts in their order
                    row.rules_made or "", row.held_to_account or 0, row.refunded or 0, measures)  # fmt: skip
