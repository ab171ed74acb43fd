"""What the papers of support projects and courses say, read in bulk; nothing here depends on today or on who is at work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.ids import chunks
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.rows import Shower
from relocdesk.queries.works import steps_of
from relocdesk.records import register
from relocdesk.records.fund import Fund
from relocdesk.records.works import FundSource, PlanItem, ProjectPayment, ProjectStage, Stage, SupportProject, Trainee, Training
from relocdesk.rules.works import last_stage

_SHOWN = ("code", "name", "year", "category", "reservoir", "content", "unit", "tender", "designer", "supervisor", "contractor", "contract_no",
          "planned_finish", "progress", "problems", "keeper", "score", "grade")  # fmt: skip


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage as printed: `done_on` "" and `skipped` 0 when it is still to come. `passed` 合格, 不合格 or ""."""

    stage: str
    planned_on: str
    done_on: str
    document: str
    passed: str
    skipped: int
    reason: str


@dataclass(frozen=True, slots=True)
class FundLine:
    """A source of a project's money, in 分."""

    fund: str
    document: str
    year: str
    amount: int


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A payment of a project, in 分."""

    number: str
    paid_on: str
    payee: str
    fund: str
    purpose: str
    voucher: str
    amount: int


@dataclass(frozen=True, slots=True)
class ProjectData:
    """A project with everything its papers show; texts as shown, money in 分, None where nothing is known."""

    id: str
    home: str
    place_id: str
    office: str
    place: str
    plan: str
    shown: dict[str, str]
    villages: int
    groups: int
    households: int
    persons: int
    migrants: int
    estimate: int | None
    bid: int | None
    contract: int | None
    change: int | None
    done: int | None
    submitted: int | None
    audited: int | None
    stages: tuple[StageLine, ...]
    funds: tuple[FundLine, ...]
    payments: tuple[PaidLine, ...]
    last: str = ""

    @property
    def total(self) -> int:
        """Σ of its funds."""
        return sum(one.amount for one in self.funds)

    @property
    def paid(self) -> int:
        """Σ of its payments."""
        return sum(one.amount for one in self.payments)

    def stage(self, stage: Stage) -> StageLine | None:
        """One of its stages, None when nothing was written about it."""
        return next((one for one in self.stages if one.stage == stage.label), None)

    def day(self, stage: Stage) -> str:
        """The day of a stage, "" when there is none."""
        found = self.stage(stage)
        return found.done_on if found else ""


@dataclass(frozen=True, slots=True)
class LedgerData:
    """Several projects on one ledger."""

    home: str
    office: str
    projects: tuple[ProjectData, ...]


@dataclass(frozen=True, slots=True)
class AcceptanceData:
    """What stands on the opinion form before anybody has signed; results come later and do not change it. Money in 分."""

    id: str
    home: str
    place_id: str
    office: str
    code: str
    name: str
    year: str
    category: str
    place: str
    content: str
    unit: str
    contractor: str
    designer: str
    supervisor: str
    estimate: int | None
    contract: int | None
    total: int
    approved: str
    started_on: str
    finished_on: str
    pre_accepted: str
    persons: int
    migrants: int


@dataclass(frozen=True, slots=True)
class TraineeLine:
    """A person on a roster."""

    name: str
    idcard: str
    place: str
    sessions: int


@dataclass(frozen=True, slots=True)
class CourseData:
    """A course with its roster, as it is before anybody signs in."""

    id: str
    home: str
    place_id: str
    office: str
    name: str
    held_on: str
    ended_on: str
    trade: str
    place: str
    organiser: str
    hours: str
    trainees: tuple[TraineeLine, ...]


class WorkPapers:
    """Reads for one piece of work."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.reader = PaperReader(session)
        self._shower = Shower(session)

    def projects(self, ids: Sequence[str]) -> list[ProjectData]:
        """Living projects in the order asked for."""
        rows = self._all(SupportProject, SupportProject.id, ids)
        found = {row.id: row for row in rows}
        plans = {row.id: row for row in self._all(PlanItem, PlanItem.id, {row.plan_item for row in rows if row.plan_item})}
        stages, funds, payments = (self._children(cls, found) for cls in (ProjectStage, FundSource, ProjectPayment))
        reg = register("support_project")
        shown = list(self._shower.columns([reg[name] for name in _SHOWN], [[getattr(row, name) for row in rows] for name in _SHOWN]))
        texts = {row.id: dict(zip(_SHOWN, (column[n] for column in shown), strict=True)) for n, row in enumerate(rows)}
        return [self._project(found[one], texts[one], plans, stages[one], funds[one], payments[one]) for one in dict.fromkeys(ids) if one in found]

    def _project(self, row: SupportProject, shown: dict[str, str], plans: dict[str, Any], stages: list[Any], funds: list[Any],
                 payments: list[Any]) -> ProjectData:  # fmt: skip
        item = plans.get(row.plan_item or "")
        order = {stage.value: n for n, stage in enumerate(Stage)}
        stages.sort(key=lambda one: order[one.stage])
        last = last_stage(steps_of({"stage": one.stage, "done_on": one.done_on, "skipped": one.skipped, "passed": one.passed} for one in stages))
        payments.sort(key=lambda one: (one.paid_on, one.number))
        funds.sort(key=lambda one: (list(Fund).index(Fund(one.fund)), one.document or ""))
        return ProjectData(
            row.id, row.home, row.place, self.reader.office(row.home), self.reader.full(row.place),
            f"{register('plan_item')['plan'].show(item.plan)} {item.number}" if item else "", shown,
            row.villages or 0, row.groups or 0, row.households or 0, row.persons or 0, row.migrants or 0,
            row.estimate, row.bid_amount, row.contract_amount, row.change_amount, row.done_amount, row.submitted_amount, row.audited_amount,
            tuple(StageLine(Stage(one.stage).label, one.planned_on or "", one.done_on or "", one.document or "",
                            {0: "不合格", 1: "合格"}.get(one.passed, ""), one.skipped, one.remark if one.skipped else one.late_reason or "") for one in stages),
            tuple(FundLine(Fund(one.fund).label, one.document or "", str(one.year or ""), one.amount) for one in funds),
            tuple(PaidLine(one.number, one.paid_on, one.payee, Fund(one.fund).label, one.purpose or "", one.voucher or "", one.amount) for one in payments),
            Stage(last.stage).label if last else "谋划")  # fmt: skip

    def ledger(self, ids: Sequence[str]) -> LedgerData | None:
        """All of them on one ledger, by year and code; None when none is left."""
        found = sorted(self.projects(ids), key=lambda one: (one.shown["year"], one.shown["code"]))
        return LedgerData(found[0].home, found[0].office, tuple(found)) if found else None

    def acceptances(self, ids: Sequence[str]) -> list[AcceptanceData]:
        """Projects as their opinion form shows them."""
        made = []
        for one in self.projects(ids):
            approved, pre = one.stage(Stage.APPROVED), one.stage(Stage.PREACCEPTED)
            contract = None if one.contract is None else one.contract + (one.change or 0)
            told = " ".join(part for part in (approved.document, approved.done_on) if part) if approved else ""
            s = one.shown
            made.append(AcceptanceData(
                one.id, one.home, one.place_id, one.office, s["code"], s["name"], s["year"], s["category"], one.place, s["content"], s["unit"],
                s["contractor"], s["designer"], s["supervisor"], one.estimate, contract, one.total, told, one.day(Stage.STARTED), one.day(Stage.FINISHED),
                f"{pre.done_on} {pre.passed}".strip() if pre and pre.done_on else "不适用" if pre and pre.skipped else "", one.persons,
                one.migrants))  # fmt: skip
        return made

    def courses(self, ids: Sequence[str]) -> list[CourseData]:
        """Living courses with their rosters."""
        rows = {row.id: row for row in self._all(Training, Training.id, ids)}
        people = defaultdict(list)
        for one in sorted(self._all(Trainee, Trainee.training, rows), key=lambda one: one.id):
            people[one.training].append(TraineeLine(one.name, one.idcard or "", self.reader.full(one.place) if one.place else "", one.sessions))
        hours = register("training")["hours"]
        return [CourseData(row.id, row.home, row.place or "", self.reader.office(row.home), row.name, row.held_on, row.ended_on or "", row.trade or "",
                           (self.reader.full(row.place) if row.place else "") + (row.site or ""), row.organiser or "", hours.show(row.hours),
                           tuple(people[row.id])) for one in dict.fromkeys(ids) if (row := rows.get(one)) is not None]  # fmt: skip

    def _all(self, cls: Any, column: Any, ids: Iterable[str]) -> list[Any]:
        return [row for part in chunks(ids) for row in self.session.scalars(select(cls).where(column.in_(part), cls.deleted == 0))]

    def _children(self, cls: Any, parents: Iterable[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for row in self._all(cls, cls.project, list(parents)):
            found[row.project].append(row)
        return found
