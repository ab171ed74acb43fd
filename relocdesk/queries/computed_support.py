"""SQL of the computed fields of after-support: end months and states of recipients, totals of periods and projects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, String, and_, case, cast, exists, func, literal, or_, select

from relocdesk.queries.aggregates import Sql, child_sum
from relocdesk.records.fund import Fund
from relocdesk.records.household import Person
from relocdesk.records.payment import PayResult
from relocdesk.records.reference import PolicyRow
from relocdesk.records.support import ApprovalList, ChangeKind, Cohort, Period, Recipient, RecipientChange, Recovery, ReduceReason
from relocdesk.records.trail import LOCAL_PERIOD
from relocdesk.records.works import FundSource, PlanItem, PlanVersion, ProjectPayment, ProjectStage, Stage, SupportProject, Trainee
from relocdesk.settings import ALL, POLICIES, AfterEnd, StopRule, Subject

STOPPING, RETURNING = (ChangeKind.REDUCE, ChangeKind.MOVE_OUT), (ChangeKind.RESTORE, ChangeKind.MOVE_IN)
STATES = ("在册", "暂停", "核减", "迁出", "期满")


def _of_person(name: str) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        p = Person.__table__.alias()
        return select(p.c[name]).where(p.c.id == t.c.person).correlate(t).scalar_subquery()

    return make


def _person_name(t: FromClause) -> ColumnElement[Any]:
    r, p = Recipient.__table__.alias(), Person.__table__.alias()
    return select(p.c.name).select_from(r.join(p, r.c.person == p.c.id)).where(r.c.id == t.c.recipient).correlate(t).scalar_subquery()


def viewed_on() -> ColumnElement[Any]:
    """The day of whoever looks, asked once a statement and not once a row."""
    return select(func.on_day()).scalar_subquery()


def policy_value(key: str, on: ColumnElement[Any], scope: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value of a policy subject on a day for a scope, else for 全部, else its default; choices as their codes.

    Two questions that an index answers, of which the second is asked once where the day is the same for all rows.
    """
    one = next(one for one in POLICIES if one.key == key)
    found = func.coalesce(_policy_row(one, on, scope), _policy_row(one, on, literal(ALL)), one.default)
    if one.choices is None:
        return found
    codes = {word: choice.value for choice in one.choices for word in (choice.value, choice.label, *choice.also)}
    return case(codes, value=found)


def _policy_row(one: Subject, on: ColumnElement[Any], scope: ColumnElement[Any]) -> ColumnElement[Any]:
    row = PolicyRow.__table__.alias()
    query = select(row.c.value).where(row.c.subject.in_((one.key, one.label)), row.c.scope == scope, row.c.deleted == 0)
    query = query.where(row.c.valid_from <= on, or_(row.c.valid_to.is_(None), row.c.valid_to >= on))
    return query.order_by(row.c.valid_from.desc()).limit(1).correlate_except(row).scalar_subquery()


def _month(day: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.substr(day, 1, 7)


def _plus_months(month: ColumnElement[Any], months: Any) -> ColumnElement[Any]:
    """YYYY-MM and so many months, as SQLite reckons from the first of the month."""
    return func.substr(func.date(month + literal("-01"), literal("+") + months + literal(" months")), 1, 7)


def _end_month(t: FromClause) -> ColumnElement[Any]:
    """现状人口: the month of the cohort's end; 原迁人口: so many years from the completed move (国发〔2006〕17号)."""
    end = policy_value("subsidy.cohort_end", viewed_on(), t.c.reservoir)
    years = cast(policy_value("subsidy.years", viewed_on(), t.c.reservoir), Integer)
    start = func.coalesce(_month(t.c.moved_on), t.c.start_month)
    return case((t.c.cohort == Cohort.PRESENT, _month(end)), else_=_plus_months(start, cast(years * 12 - 1, String)))


def _ended(t: FromClause) -> ColumnElement[bool]:
    """Whether the years are over and no policy row lets payment go on with a warning."""
    blocked = policy_value("subsidy.after_end", viewed_on(), t.c.reservoir) == AfterEnd.BLOCK
    return and_(_month(viewed_on()) > _end_month(t), blocked)


def _recipient_state(t: FromClause) -> ColumnElement[Any]:
    c = RecipientChange.__table__.alias()
    word = case((c.c.kind == ChangeKind.MOVE_OUT, "迁出"), (c.c.kind != ChangeKind.REDUCE, "在册"), (c.c.reason == ReduceReason.PRISON, "暂停"), else_="核减")
    kinds = (ChangeKind.REDUCE, ChangeKind.RESTORE, ChangeKind.MOVE_IN, ChangeKind.MOVE_OUT)
    query = select(word).where(c.c.recipient == t.c.id, c.c.deleted == 0, c.c.kind.in_(kinds))
    last = query.order_by(c.c.happened_on.desc(), c.c.id.desc()).limit(1).correlate_except(c).scalar_subquery()
    return func.coalesce(func.nullif(last, "在册"), case((_ended(t), "期满"), else_="在册"))


def _effect_month(day: ColumnElement[Any], reservoir: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first month in which a change of that day counts, by the stop rule and cycle valid on it; as rules.support.stop_month."""
    cycle = cast(policy_value("subsidy.cycle", day, reservoir), Integer)
    in_year = cast(func.substr(day, 6, 2), Integer) - 1
    months = case((policy_value("subsidy.stop_rule", day, reservoir) == StopRule.SAME, 0),
                  (policy_value("subsidy.stop_rule", day, reservoir) == StopRule.MONTH, 1), else_=cycle - in_year % cycle)  # fmt: skip
    return _plus_months(_month(day), cast(months, String))


def _reservoir_of(t: FromClause) -> ColumnElement[Any]:
    r = Recipient.__table__.alias()
    return select(r.c.reservoir).where(r.c.id == t.c.recipient).correlate_except(r).scalar_subquery()


def _stops_from(t: FromClause) -> ColumnElement[Any]:
    """Only changes that stop or restart payment have such a month."""
    return case((t.c.kind.in_((*STOPPING, *RETURNING)), _effect_month(t.c.happened_on, _reservoir_of(t))))


def _over_paid(t: FromClause) -> ColumnElement[Any]:
    """What was found overpaid after this change and is listed to come back; worked out by actions.recovery, not for each row shown."""
    r = Recovery.__table__.alias()
    return child_sum(r, "change", func.coalesce(func.sum(r.c.over_paid), 0), t.c.id)



def _period_total(name: str) -> Sql:
    """What `totals` keeps of the lines of a period, so that long lists show at once."""

    def make(t: FromClause) -> ColumnElement[Any]:
        kept = LOCAL_PERIOD.alias()
        return func.coalesce(select(kept.c[name]).where(kept.c.period == t.c.id).correlate_except(kept).scalar_subquery(), 0)

    return make


def _settled_on(t: FromClause) -> ColumnElement[Any]:
    """The day a person's money arrived: the line's own, else the period's."""
    p = Period.__table__.alias()
    of_period = select(p.c.paid_on).where(p.c.id == t.c.period).correlate_except(p).scalar_subquery()
    return case((t.c.result == PayResult.PAID, func.coalesce(t.c.paid_on, of_period)))


def _project_sum(child: type[Any], *also: Any) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        c = child.__table__.alias()
        return child_sum(c, "project", func.coalesce(func.sum(c.c.amount), 0), t.c.id, *(one(c) for one in also))

    return make


MIGRANT_FUNDS = (Fund.SUPPORT, Fund.RESERVOIR, Fund.SMALL, Fund.SUBSIDY, Fund.SURPLUS)
"""The funds that count as 移民专项资金 of a project."""


def _stage(value: str) -> Sql:
    """The last dated stage that did not fail, in the order of the stages; never derived from a text."""
    order = {stage.value: n for n, stage in enumerate(Stage)}
    labels = {stage.value: stage.label for stage in Stage}

    def make(t: FromClause) -> ColumnElement[Any]:
        s = ProjectStage.__table__.alias()
        shown = case(labels, value=s.c.stage) if value == "stage" else s.c.done_on
        query = select(shown).where(s.c.project == t.c.id, s.c.deleted == 0, s.c.skipped == 0, s.c.done_on.is_not(None), func.coalesce(s.c.passed, 1) == 1)
        last = query.order_by(case(order, value=s.c.stage).desc()).limit(1).correlate_except(s).scalar_subquery()
        return func.coalesce(last, "谋划") if value == "stage" else last

    return make


def _cut(t: FromClause) -> ColumnElement[Any]:
    return t.c.submitted_amount - t.c.audited_amount


def _trainee_heads(t: FromClause) -> ColumnElement[Any]:
    s = Trainee.__table__.alias()
    return child_sum(s, "training", func.count(func.distinct(func.coalesce(s.c.idcard, s.c.id, type_=String))), t.c.id)


def _trainee_sessions(t: FromClause) -> ColumnElement[Any]:
    s = Trainee.__table__.alias()
    return child_sum(s, "training", func.sum(s.c.sessions), t.c.id)


def _registered(t: FromClause) -> ColumnElement[Any]:
    r, p = Recipient.__table__.alias(), Person.__table__.alias()
    found = select(literal(1)).select_from(r.join(p, r.c.person == p.c.id)).where(p.c.idcard == t.c.idcard, r.c.deleted == 0)
    return case((exists(found.correlate_except(r, p)), 1), else_=0)


def _listed(t: FromClause) -> ColumnElement[Any]:
    r = Recipient.__table__.alias()
    return child_sum(r, "approval", func.count(r.c.id), t.c.id)


def _left(t: FromClause) -> ColumnElement[Any]:
    return t.c.over_paid - t.c.recovered


def _started(t: FromClause) -> ColumnElement[Any]:
    """Whether a planned item has become a project, in this version of the plan or in another that it came from or went on in."""
    p, before, after, last = SupportProject.__table__.alias(), *(PlanItem.__table__.alias() for _ in range(3))
    earlier = select(before.c.previous).where(before.c.id == t.c.previous).correlate_except(before)
    later = select(after.c.id).where(after.c.previous == t.c.id, after.c.deleted == 0).correlate_except(after)
    latest = select(last.c.id).where(last.c.previous.in_(later), last.c.deleted == 0).correlate_except(last)
    same = or_(p.c.plan_item.in_((t.c.id, t.c.previous)), *(p.c.plan_item.in_(some) for some in (earlier, later, latest)))
    there = select(literal(1)).where(same, p.c.deleted == 0).correlate_except(p).exists()
    return case((there, 1), else_=0)


def _current(t: FromClause) -> ColumnElement[Any]:
    """Whether a planned item stands in the newest version of its plan; its key's index tells."""
    other, order = PlanItem.__table__.alias(), [one.value for one in PlanVersion]

    def overtaken(n: int) -> ColumnElement[bool]:
        newer = select(literal(1)).where(other.c.plan == t.c.plan, other.c.version.in_(order[n + 1 :]), other.c.deleted == 0)
        return newer.correlate_except(other).exists()

    return case(*((and_(t.c.version == version, overtaken(n)), 0) for n, version in enumerate(order[:-1])), else_=1)


COMPUTED: dict[tuple[str, str], Sql] = {
    (ApprovalList.__tablename__, "listed"): _listed,
    ("recipient", "sex"): _of_person("sex"),
    ("recipient", "born_on"): _of_person("born_on"),
    ("recipient", "end_month"): _end_month,
    ("recipient", "state"): _recipient_state,
    ("recipient_change", "person_name"): _person_name,
    ("recipient_change", "stops_from"): _stops_from,
    ("recipient_change", "over_paid"): _over_paid,
    ("period", "heads"): _period_total("heads"),
    ("period", "due"): _period_total("paid"),
    ("period", "succeeded"): _period_total("succeeded"),
    ("period", "returned"): _period_total("returned"),
    ("support_payment", "person_name"): _person_name,
    ("support_payment", "settled_on"): _settled_on,
    ("recovery", "person_name"): _person_name,
    ("recovery", "left"): _left,
    ("plan_item", "started"): _started,
    ("plan_item", "current"): _current,
    ("support_project", "total"): _project_sum(FundSource),
    ("support_project", "received"): _project_sum(FundSource, lambda c: c.c.fund.in_(MIGRANT_FUNDS)),
    ("support_project", "paid"): _project_sum(ProjectPayment),
    ("support_project", "stage"): _stage("stage"),
    ("support_project", "stage_on"): _stage("done_on"),
    ("support_project", "cut_amount"): _cut,
    ("training", "heads"): _trainee_heads,
    ("training", "counted"): _trainee_sessions,
    ("trainee", "registered"): _registered,
}
