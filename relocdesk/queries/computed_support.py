"""SQL of the computed fields of after-support: end months and states of recipients, totals of periods and projects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, case, exists, func, literal, or_, select

from relocdesk.queries.aggregates import Sql, child_sum
from relocdesk.records.fund import Fund
from relocdesk.records.household import Person
from relocdesk.records.payment import PayResult
from relocdesk.records.reference import PolicyRow
from relocdesk.records.support import ApprovalList, ChangeKind, Cohort, Recipient, RecipientChange, ReduceReason, SupportPayment
from relocdesk.records.works import FundSource, ProjectPayment, ProjectStage, Stage, Trainee

STATES = ("在册", "暂停", "核减", "迁出", "期满")
COHORT_END, YEARS = "2026-06-30", 20  # 国发〔2006〕17号, where no policy row says otherwise


def _of_person(name: str) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        p = Person.__table__.alias()
        return select(p.c[name]).where(p.c.id == t.c.person).correlate(t).scalar_subquery()

    return make


def _person_name(t: FromClause) -> ColumnElement[Any]:
    r, p = Recipient.__table__.alias(), Person.__table__.alias()
    return select(p.c.name).select_from(r.join(p, r.c.person == p.c.id)).where(r.c.id == t.c.recipient).correlate(t).scalar_subquery()


def policy_value(subjects: tuple[str, ...], *scopes: ColumnElement[Any]) -> ColumnElement[Any]:
    """The newest value of a policy subject for one of the scopes, else for 全部; NULL when no row says anything."""
    row = PolicyRow.__table__.alias()
    fits = or_(row.c.scope == "全部", *(row.c.scope == scope for scope in scopes))
    query = select(row.c.value).where(row.c.subject.in_(subjects), row.c.deleted == 0, fits)
    return query.order_by(row.c.scope == "全部", row.c.valid_from.desc()).limit(1).correlate_except(row).scalar_subquery()


def _end_month(t: FromClause) -> ColumnElement[Any]:
    """现状人口: the month of the cohort's end; 原迁人口: 20 years from the completed move (国发〔2006〕17号)."""
    end = func.coalesce(policy_value(("subsidy.cohort_end", "现状人口扶持截止日"), t.c.reservoir), COHORT_END)
    years = func.coalesce(policy_value(("subsidy.years", "原迁人口扶持年限"), t.c.reservoir), str(YEARS))
    start = func.coalesce(func.substr(t.c.moved_on, 1, 7), t.c.start_month)
    last = func.substr(func.date(start + literal("-01"), literal("+") + years + literal(" years"), literal("-1 day")), 1, 7)
    return case((t.c.cohort == Cohort.PRESENT, func.substr(end, 1, 7)), else_=last)


def last_change(recipient: ColumnElement[Any], *kinds: ChangeKind) -> Any:
    """The newest change of a recipient among kinds, as a table of one row."""
    c = RecipientChange.__table__.alias()
    query = select(c.c.kind, c.c.reason).where(c.c.recipient == recipient, c.c.deleted == 0, c.c.kind.in_(kinds))
    return query.order_by(c.c.happened_on.desc(), c.c.id.desc()).limit(1)


def _recipient_state(t: FromClause) -> ColumnElement[Any]:
    c = RecipientChange.__table__.alias()
    word = case((c.c.kind == ChangeKind.MOVE_OUT, "迁出"), (c.c.kind != ChangeKind.REDUCE, "在册"), (c.c.reason == ReduceReason.PRISON, "暂停"), else_="核减")
    kinds = (ChangeKind.REDUCE, ChangeKind.RESTORE, ChangeKind.MOVE_IN, ChangeKind.MOVE_OUT)
    query = select(word).where(c.c.recipient == t.c.id, c.c.deleted == 0, c.c.kind.in_(kinds))
    last = query.order_by(c.c.happened_on.desc(), c.c.id.desc()).limit(1).correlate_except(c).scalar_subquery()
    ended = func.substr(func.on_day(), 1, 7) > _end_month(t)
    return case((last.in_(("核减", "暂停", "迁出")), last), (ended, "期满"), else_="在册")


def _stops_from(t: FromClause) -> ColumnElement[Any]:
    return func.substr(func.date(func.substr(t.c.happened_on, 1, 7) + literal("-01"), literal("+1 month")), 1, 7)


def _over_paid(t: FromClause) -> ColumnElement[Any]:
    from relocdesk.records.support import Recovery  # noqa: PLC0415 -- beside the others by name

    r = Recovery.__table__.alias()
    return child_sum(r, "change", func.coalesce(func.sum(r.c.over_paid), 0), t.c.id)


def _period_sum(value: Any, *results: PayResult) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        p = SupportPayment.__table__.alias()
        also = [p.c.result.in_(results)] if results else []
        return child_sum(p, "period", value(p), t.c.id, *also)

    return make


def _paid_sum(p: FromClause) -> ColumnElement[Any]:
    return func.coalesce(func.sum(p.c.paid), 0)


def _project_sum(child: type[Any], *also: Any) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        c = child.__table__.alias()
        return child_sum(c, "project", func.coalesce(func.sum(c.c.amount), 0), t.c.id, *(one(c) for one in also))

    return make


MIGRANT_FUNDS = (Fund.SUPPORT, Fund.RESERVOIR, Fund.SMALL, Fund.SUBSIDY, Fund.SURPLUS)
"""The funds that count as 移民专项资金 of a project."""


def _stage(value: str) -> Sql:
    """The last dated stage, in the order of the stages; never derived from a text."""
    order = {stage.value: n for n, stage in enumerate(Stage)}
    labels = {stage.value: stage.label for stage in Stage}

    def make(t: FromClause) -> ColumnElement[Any]:
        s = ProjectStage.__table__.alias()
        shown = case(labels, value=s.c.stage) if value == "stage" else s.c.done_on
        query = select(shown).where(s.c.project == t.c.id, s.c.deleted == 0, s.c.skipped == 0, s.c.done_on.is_not(None))
        last = query.order_by(case(order, value=s.c.stage).desc()).limit(1).correlate_except(s).scalar_subquery()
        return func.coalesce(last, "谋划") if value == "stage" else last

    return make


def _cut(t: FromClause) -> ColumnElement[Any]:
    return t.c.submitted_amount - t.c.audited_amount


def _trainee_heads(t: FromClause) -> ColumnElement[Any]:
    s = Trainee.__table__.alias()
    return child_sum(s, "training", func.count(func.distinct(func.coalesce(s.c.idcard, s.c.id, type_=String))), t.c.id)


def _registered(t: FromClause) -> ColumnElement[Any]:
    r, p = Recipient.__table__.alias(), Person.__table__.alias()
    found = select(literal(1)).select_from(r.join(p, r.c.person == p.c.id)).where(p.c.idcard == t.c.idcard, r.c.deleted == 0)
    return case((exists(found.correlate_except(r, p)), 1), else_=0)


def _listed(t: FromClause) -> ColumnElement[Any]:
    r = Recipient.__table__.alias()
    return child_sum(r, "approval", func.count(r.c.id), t.c.id)


def _left(t: FromClause) -> ColumnElement[Any]:
    return t.c.over_paid - t.c.recovered


COMPUTED: dict[tuple[str, str], Sql] = {
    (ApprovalList.__tablename__, "listed"): _listed,
    ("recipient", "sex"): _of_person("sex"),
    ("recipient", "born_on"): _of_person("born_on"),
    ("recipient", "end_month"): _end_month,
    ("recipient", "state"): _recipient_state,
    ("recipient_change", "person_name"): _person_name,
    ("recipient_change", "stops_from"): _stops_from,
    ("recipient_change", "over_paid"): _over_paid,
    ("period", "heads"): _period_sum(lambda p: func.count(func.distinct(p.c.recipient))),
    ("period", "due"): _period_sum(_paid_sum),
    ("period", "succeeded"): _period_sum(_paid_sum, PayResult.PAID),
    ("period", "returned"): _period_sum(_paid_sum, PayResult.RETURNED),
    ("recovery", "person_name"): _person_name,
    ("recovery", "left"): _left,
    ("support_project", "total"): _project_sum(FundSource),
    ("support_project", "received"): _project_sum(FundSource, lambda c: c.c.fund.in_(MIGRANT_FUNDS)),
    ("support_project", "paid"): _project_sum(ProjectPayment),
    ("support_project", "stage"): _stage("stage"),
    ("support_project", "stage_on"): _stage("done_on"),
    ("support_project", "cut_amount"): _cut,
    ("training", "heads"): _trainee_heads,
    ("trainee", "registered"): _registered,
}
