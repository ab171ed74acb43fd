"""Support projects as a leader sees them: where each stands, its money, what is late and why; totals; versions of the plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.errors import Problem
from relocdesk.field import Value
from relocdesk.queries.funds import surplus_lines
from relocdesk.queries.places import Places
from relocdesk.records.fund import Allocation, Fund
from relocdesk.records.works import (
    FundSource,
    PlanItem,
    PlanVersion,
    ProjectPayment,
    ProjectStage,
    Stage,
    SupportProject,
    SurplusUse,
    WorkCategory,
)
from relocdesk.rules.money import percent, show_yuan
from relocdesk.rules.works import Late, Step, last_stage, lateness, payable

ORDER = {"finished": Stage.FINISHED.value, "accepted": Stage.ACCEPTED.value, "audited": Stage.AUDITED.value, "handed": Stage.HANDED.value}
# The columns of the board: what a card stands in, and the stages it gathers.
COLUMNS: tuple[tuple[str, tuple[Stage, ...]], ...] = (
    ("谋划", (Stage.LISTED, Stage.APPLIED, Stage.STUDIED)),
    ("已批复", (Stage.APPROVED, Stage.PLANNED)),
    ("招标签约", (Stage.TENDERED, Stage.CONTRACTED)),
    ("在建", (Stage.STARTED,)),
    ("完工待验", (Stage.FINISHED, Stage.PREACCEPTED)),
    ("已验收", (Stage.ACCEPTED, Stage.AUDITED, Stage.ACCOUNTED)),
    ("已移交", (Stage.HANDED, Stage.SCORED)),
)
FEW = 200  # projects asked for by name; more are read with all of their register
_COLUMN = {stage.value: n for n, (_, stages) in enumerate(COLUMNS) for stage in stages}
LATE_WORDS = {"planned": "过了计划日期", "finish": "过了计划完工日期", "accepted": "完工后没有验收", "audited": "验收后没有结算审计",
              "handed": "验收后没有移交"}  # fmt: skip


def steps_of(rows: Iterable[Mapping[str, Value]]) -> list[Step]:
    """Stages in their order, for the rules."""
    order = {stage.value: n for n, stage in enumerate(Stage)}
    known = sorted(rows, key=lambda row: order.get(str(row.get("stage")), len(order)))
    return [Step(str(row.get("stage")), str(row.get("done_on") or ""), str(row.get("planned_on") or ""), bool(row.get("skipped")),
                 row.get("passed") != 0) for row in known]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """A project on the board; money in 分. `funds` is what it has by source, `most` the most that may be paid."""

    id: str
    code: str
    name: str
    year: int
    category: str
    place: str
    stage: str
    stage_on: str
    estimate: int
    contract: int
    most: int
    paid: int
    funds: tuple[tuple[str, int], ...]
    persons: int
    late: tuple[Late, ...]
    reason: str

    @property
    def column(self) -> int:
        """Its column on the board."""
        return _COLUMN.get(self.stage, 0)

    @property
    def stage_label(self) -> str:
        """The stage in words; 谋划 before the first."""
        return Stage(self.stage).label if self.stage else "谋划"

    @property
    def total(self) -> int:
        """Σ of its funds."""
        return sum(amount for _, amount in self.funds)

    @property
    def share(self) -> str:
        """支付率 = 已支付 ÷ 资金合计."""
        return percent(self.paid, self.total)

    @property
    def days(self) -> int:
        """Days of the worst delay."""
        return self.late[0].days if self.late else 0

    @property
    def why(self) -> str:
        """What is late, and the reason somebody wrote down."""
        if not self.late:
            return ""
        worst = self.late[0]
        return f"{Stage(worst.stage).label}：{LATE_WORDS[worst.kind]}（{worst.since}）" + (f"，{self.reason}" if self.reason else "")


def cards(session: Session, on: str, year: int = 0, place: str = "", ids: Iterable[str] | None = None) -> list[Card]:
    """The projects of a plan year (0: all) in a place and below, as they stand on a day; later dates do not count yet."""
    tree = Places.load(session)
    query = select(SupportProject).where(SupportProject.deleted == 0).order_by(SupportProject.year.desc(), SupportProject.code)
    query = query.where(SupportProject.year == year) if year else query
    query = query.where(SupportProject.place.in_(tree.below(place))) if place else query
    query = query.where(SupportProject.id.in_(list(ids))) if ids is not None else query
    projects = list(session.scalars(query))
    few = [one.id for one in projects] if len(projects) <= FEW else None
    stages, funds, paid = _stages(session, few), _sums(session, FundSource, few=few), _sums(session, ProjectPayment, ProjectPayment.paid_on <= on, few=few)
    months = settings.number(session, "works.months")
    return [_card(one, tree, stages.get(one.id, []), funds.get(one.id, Counter()), sum(paid.get(one.id, Counter()).values()), on, months) for one in projects]


def _card(one: SupportProject, tree: Places, rows: list[ProjectStage], funds: Counter[str], paid: int, on: str, months: int) -> Card:
    steps = steps_of({"stage": row.stage, "done_on": row.done_on if (row.done_on or "") <= on else None, "planned_on": row.planned_on,
                      "skipped": row.skipped, "passed": row.passed} for row in rows)  # fmt: skip
    last = last_stage(steps)
    late = lateness(steps, one.planned_finish or "", on, months, ORDER)
    reasons = {row.stage: row.late_reason or "" for row in rows}
    total = sum(funds.values())
    return Card(one.id, one.code, one.name, one.year, one.category, tree.full(one.place), last.stage if last else "", last.done_on if last else "",
                one.estimate or 0, (one.contract_amount or 0) + (one.change_amount or 0),
                payable(one.contract_amount or 0, one.change_amount or 0, one.audited_amount, total), paid,
                tuple((fund.value, funds[fund.value]) for fund in Fund if funds[fund.value]), one.persons or 0, tuple(late),
                (reasons.get(late[0].stage) or one.problems or "") if late else "")  # fmt: skip


def _stages(session: Session, few: Collection[str] | None = None) -> dict[str, list[ProjectStage]]:
    found: dict[str, list[ProjectStage]] = defaultdict(list)
    query = select(ProjectStage).where(ProjectStage.deleted == 0)
    for row in session.scalars(query if few is None else query.where(ProjectStage.project.in_(few))):
        found[row.project].append(row)
    return found


def _sums(session: Session, child: Any, *where: Any, few: Collection[str] | None = None) -> dict[str, Counter[str]]:
    """project → fund → 分 of a child register, of a few projects when given."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    query = select(child.project, child.fund, func.sum(child.amount)).where(child.deleted == 0, *where).group_by(child.project, child.fund)
    query = query if few is None else query.where(child.project.in_(few))
    for project, fund, amount in session.execute(query):
        found[project][fund] += int(amount or 0)
    return found


def years_of(session: Session) -> list[int]:
    """The plan years that have projects, the newest first."""
    query = select(SupportProject.year).where(SupportProject.deleted == 0).distinct().order_by(SupportProject.year.desc())
    return [int(year) for year in session.scalars(query)]


# --- totals ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkTotals:
    """Projects of one group: how many, started, finished, accepted; money in 分."""

    count: int = 0
    started: int = 0
    finished: int = 0
    accepted: int = 0
    late: int = 0
    estimate: int = 0
    total: int = 0
    paid: int = 0

    def __add__(self, other: WorkTotals) -> WorkTotals:
        return WorkTotals(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def totals_by(found: Iterable[Card], key: Callable[[Card], str]) -> dict[str, WorkTotals]:
    """Cards added up by whatever `key` names: a category, a year, a fund's part is not split here."""
    sums: dict[str, WorkTotals] = {}
    for card in found:
        at = list(Stage).index(Stage(card.stage)) if card.stage else -1
        started, finished, accepted = (int(at >= list(Stage).index(stage)) for stage in (Stage.STARTED, Stage.FINISHED, Stage.ACCEPTED))
        one = WorkTotals(1, started, finished, accepted, int(bool(card.late)), card.estimate, card.total, card.paid)
        sums[key(card)] = sums.get(key(card), WorkTotals()) + one
    return sums


def category_of(card: Card) -> str:
    """The category in words."""
    return WorkCategory(card.category).label


def totals_by_fund(session: Session, on: str) -> dict[str, tuple[int, int, int]]:
    """Fund → (projects, 分 they have of it, 分 paid of it)."""
    living = set(session.scalars(select(SupportProject.id).where(SupportProject.deleted == 0)))
    funds, paid = _sums(session, FundSource), _sums(session, ProjectPayment, ProjectPayment.paid_on <= on)
    found = {}
    for fund in Fund:
        having = [project for project in living if funds.get(project, Counter())[fund.value]]
        spent = sum(paid.get(project, Counter())[fund.value] for project in living)
        if having or spent:
            found[fund.value] = (len(having), sum(funds[project][fund.value] for project in having), spent)
    return found


# --- versions of the plan --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One planned item through the versions: version → (年度, 规划投资, 上级资金); `project` is what it became."""

    id: str  # its row in the newest version it stands in
    number: str
    name: str
    versions: tuple[tuple[str, int, int, int], ...]
    project: str
    project_code: str
    span: tuple[str, str]  # the oldest and the newest version of the plan

    def at(self, version: str) -> tuple[int, int, int] | None:
        """Year, investment and upper fund in a version; None when it is not in it."""
        return next((one[1:] for one in self.versions if one[0] == version), None)

    @property
    def moved(self) -> str:
        """What became of it from the oldest to the newest version of the plan."""
        (first, *before), (last, *after) = self.versions[0], self.versions[-1]
        if last != self.span[1]:
            return "调出"
        told = ["新增"] if first != self.span[0] else []
        told += [f"年度 {before[0]}→{after[0]}"] if before[0] != after[0] else []
        if before[1] != after[1]:
            told.append(f"投资{'增' if after[1] > before[1] else '减'} {show_yuan(abs(after[1] - before[1]))} 元")
        return "，".join(told) or "不变"


def plan_lines(session: Session, plan: str) -> tuple[list[str], list[PlanLine]]:
    """The versions a plan has, and its items through them; an item is one through `previous`, else by its number."""
    items = list(session.scalars(select(PlanItem).where(PlanItem.plan == plan, PlanItem.deleted == 0).order_by(PlanItem.number, PlanItem.id)))
    order = {version.value: n for n, version in enumerate(PlanVersion)}
    items.sort(key=lambda one: order[one.version])
    chain: dict[str, list[PlanItem]] = {}
    head: dict[str, str] = {}
    for one in items:
        alike = (key for key, row in chain.items() if row[-1].number == one.number and row[-1].version != one.version)
        first = head.get(one.previous or "") or next(alike, one.id)
        head[one.id] = first
        chain.setdefault(first, []).append(one)
    query = select(SupportProject.plan_item, SupportProject.id, SupportProject.code).where(SupportProject.deleted == 0)
    projects = {row.plan_item: (row.id, row.code) for row in session.execute(query.where(SupportProject.plan_item.is_not(None)))}
    there = {one.version for one in items}
    versions = [version.value for version in PlanVersion if version.value in there]
    lines = []
    for rows in chain.values():
        became = next((projects[one.id] for one in rows if one.id in projects), ("", ""))
        lines.append(PlanLine(rows[-1].id, rows[-1].number, rows[-1].name,
                              tuple((one.version, one.year, one.investment, one.upper_fund or 0) for one in rows), became[0], became[1],
                              (versions[0], versions[-1])))  # fmt: skip
    return versions, sorted(lines, key=lambda line: line.number)


# --- what must hold --------------------------------------------------------------------------------------------------


def works_identities(session: Session) -> list[Problem]:
    """Where money of projects does not agree with what it rests on; empty when all is well.

    Paid ≤ contract and changes, or the audited sum (J01); paid of a fund ≤ the project's sources of it; turned surplus =
    the sources 结余盘活 it became, by project; a year's surplus is never overdrawn; what projects have of one allocation is
    not more than it.
    """
    return [*_overpaid(session), *_turned(session), *_overdrawn(session), *_overallotted(session)]


def _overpaid(session: Session) -> Iterator[Problem]:
    funds, paid = _sums(session, FundSource), _sums(session, ProjectPayment)
    for project in session.scalars(select(SupportProject).where(SupportProject.id.in_(list(paid)), SupportProject.deleted == 0)):
        where, whole, have = f"后扶项目 {project.code}", sum(paid[project.id].values()), funds.get(project.id, Counter())
        most = payable(project.contract_amount or 0, project.change_amount or 0, project.audited_amount, sum(have.values()))
        if whole > most:
            yield Problem(where, f"已支付 {show_yuan(whole)} 元，比合同价款（或审定）{show_yuan(most)} 元多 {show_yuan(whole - most)} 元，请核对或追回")
        for fund, amount in paid[project.id].items():
            if amount > have[fund]:
                yield Problem(where, f"用“{Fund(fund).label}”支付 {show_yuan(amount)} 元，资金来源里只有 {show_yuan(have[fund])} 元")


def _overallotted(session: Session) -> Iterator[Problem]:
    query = (
        select(Allocation.document, Allocation.fund, Allocation.amount, func.sum(FundSource.amount))
        .join(FundSource, (FundSource.document == Allocation.document) & (FundSource.fund == Allocation.fund))
        .where(Allocation.deleted == 0, FundSource.deleted == 0)
        .group_by(Allocation.id)
        .having(func.sum(FundSource.amount) > Allocation.amount)
    )
    for document, fund, amount, shared in session.execute(query.order_by(Allocation.document)):
        told = f"“{Fund(fund).label}”下达 {show_yuan(amount)} 元，各项目资金来源合计 {show_yuan(shared)} 元，多分了 {show_yuan(shared - amount)} 元"
        yield Problem(f"资金下达 {document}", told)


def _turned(session: Session) -> Iterator[Problem]:
    uses: Counter[str] = Counter()
    for project, amount in session.execute(select(SurplusUse.project, SurplusUse.amount).where(SurplusUse.deleted == 0)):
        uses[project or ""] += amount
    sources = {project: one[Fund.SURPLUS.value] for project, one in _sums(session, FundSource).items() if one[Fund.SURPLUS.value]}
    named = {one.id: one.code for one in session.scalars(select(SupportProject).where(SupportProject.id.in_({*uses, *sources})))}
    for project in sorted({*uses, *sources}, key=lambda one: named.get(one, "")):
        if uses[project] != sources.get(project, 0):
            told = f"结余转入 {show_yuan(uses[project])} 元，资金来源“结余盘活”{show_yuan(sources.get(project, 0))} 元，两边不一致；请用“结余转项目”办理"
            yield Problem(f"后扶项目 {named.get(project, '（没有写项目）')}", told)


def _overdrawn(session: Session) -> Iterator[Problem]:
    for line in surplus_lines(session, "9999-12-31"):
        if line.turned and line.balance < 0:
            yield Problem(f"“{Fund(line.fund).label}”{line.year} 年度", f"到位 {show_yuan(line.received)} 元 ＝ 支出 {show_yuan(line.paid)} 元 ＋ 转项目 "
                          f"{show_yuan(line.turned)} 元 ＋ 结余，结余成了 {show_yuan(line.balance)} 元，转多了")  # fmt: skip
