"""The SQL of every field that is not a column: computed="=" fields, and fields seen through a reference (via).

Each is an expression over one row of its register's table, so that grids can show, sort and filter by it.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from relocdesk.field import Field, Register
from relocdesk.packed import CHANGED, HEAD
from relocdesk.queries import computed_cases, computed_support, objections
from relocdesk.queries.aggregates import Sql, child_sum
from relocdesk.records import REGISTERS, register
from relocdesk.records.agreement import Agreement, AgreementLine, AgreementState, Printout
from relocdesk.records.document import Attachment
from relocdesk.records.household import CollectiveUnit, Household, Person, PersonState
from relocdesk.records.payment import Payment, PayResult
from relocdesk.records.support import SupportPayment
from relocdesk.records.survey import Parcel
from relocdesk.records.trail import OP

# What happens to a record after its paper was printed, without changing what the paper says.
PROCESS = (
    "state",
    "reviewed_on",
    "signed_on",
    "signed_by",
    "authorisation",
    "sign_witness",
    "paper",
    "checked_by",
    "approved_by",
    "same_person_reason",
    "sent_on",
    "result",
    "return_reason",
    "paid_on",
    "collected_by",
    "transferred_on",
    "removed_on",
    "house_removed_on",
    "moved_on",
    *(f"{who}_signed_{what}" for who in ("section", "leader", "group") for what in ("by", "on")),
    "done_on",
    "look_due",
    "reminded",
    "reminded_on",
)
PROCESS_OF = {
    "payment": ("remark",),  # the proof of a result
    "period": ("posted",),
    "recipient_change": ("posted", "approved_on", "document", "remark"),
    "agreement": ("handler",),  # who handles it in the office is nothing between the parties
    "operator": ("active",),
    "petition": ("noticed_on", "delivered_on", "delivery", "receiver", "proof", "satisfaction", "visited_on", "settled_on", "archive_no", "repeat_of",
                 "handler", "first_handler", "leader", "avoid", "representative", "withdrawn_on", "joined_to"),
    "recovery": ("told_on", "due_on", "recovered", "recovered_on", "deducted", "voucher", "story"),
    "trainee": ("signed", "sessions", "certificate"),
    "training": ("attendances", "certificates", "cost"),
}
"""What is process in one register only."""
OUT, STALE = "已打印未收回", "内容已变"
"""How far a sheet is that is still expected: as it was printed, or to be printed anew."""
SINCE = frozenset(("project_stage", "project_payment", "petition_step", "petition_review"))
"""Lines that tell what happened to their record since; no signed paper about it shows them."""
STEPS = ("未起草", "草拟", "审核", "已打印", "已签", "已兑付")
"""How far a household has come; each step includes the ones before it."""


def expression(reg: Register, f: Field, table: FromClause) -> ColumnElement[Any]:
    """The value of a field as SQL over a row of `table` (the register's table or an alias of it)."""
    if not f.via and f.computed != "=":
        return table.c[f.name]
    return _of_register(reg.name, f.name) if table is reg.cls.__table__ else _made(reg, f, table)


@cache
def _of_register(reg: str, name: str) -> ColumnElement[Any]:
    """Built once: an expression never changes, and those of cases take SQLAlchemy as long as SQLite takes to answer them."""
    found = register(reg)
    return _made(found, found[name], found.cls.__table__)


def _made(reg: Register, f: Field, table: FromClause) -> ColumnElement[Any]:
    return _via(reg, f, table) if f.via else COMPUTED[reg.name, f.name](table)


def among(reg: Register, f: Field, table: FromClause, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a field, seen through a reference too, has one of the values; asked so that indexes serve."""
    if not f.via:
        return expression(reg, f, table).in_(values)
    link, name = f.via.split(".")
    other = register(reg[link].to)
    there = other.cls.__table__.alias()
    return table.c[link].in_(select(there.c.id).where(among(other, other[name], there, values)))


def target(reg: Register, f: Field) -> tuple[Register, Field]:
    """The register and field that a field seen through a reference really is."""
    while f.via:
        link, name = f.via.split(".")
        reg = register(reg[link].to)
        f = reg[name]
    return reg, f


def _via(reg: Register, f: Field, table: FromClause) -> ColumnElement[Any]:
    link, name = f.via.split(".")
    other = register(reg[link].to)
    there = other.cls.__table__.alias()
    value = expression(other, other[name], there)
    return select(value).where(there.c.id == table.c[link]).correlate(table).scalar_subquery()


def living_people(household: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a person row belongs to the household and is still in it (not dead, moved, married out)."""
    there = or_(Person.state.is_(None), Person.state == PersonState.PRESENT)
    return and_(Person.household == household, Person.deleted == 0, there)


def agreed_with(party: str, row: ColumnElement[Any]) -> ColumnElement[Any]:
    """Σ of the lines of the party's agreements that are not void. `party`: household or collective."""
    a, line = Agreement.__table__.alias(), AgreementLine.__table__.alias()
    total = select(func.coalesce(func.sum(line.c.amount), 0)).select_from(a.join(line, line.c.agreement == a.c.id))
    living = total.where(a.c[party] == row, a.c.deleted == 0, a.c.state != AgreementState.VOID, line.c.deleted == 0)
    return living.correlate_except(a, line).scalar_subquery()


def paid_to(party: str, row: ColumnElement[Any]) -> ColumnElement[Any]:
    """Σ of the party's payments that the bank has confirmed."""
    p = Payment.__table__.alias()
    total = select(func.coalesce(func.sum(p.c.amount), 0))
    paid = total.where(p.c[party] == row, p.c.deleted == 0, p.c.result == PayResult.PAID)
    return paid.correlate_except(p).scalar_subquery()


def line_sum(link: str, row: ColumnElement[Any]) -> ColumnElement[Any]:
    """Σ of living agreement lines that point to a row. `link`: parcel, asset or household."""
    a, line = Agreement.__table__.alias(), AgreementLine.__table__.alias()
    total = select(func.coalesce(func.sum(line.c.amount), 0)).select_from(line.join(a, line.c.agreement == a.c.id))
    living = total.where(line.c[link] == row, line.c.deleted == 0, a.c.deleted == 0, a.c.state != AgreementState.VOID)
    return living.correlate_except(a, line).scalar_subquery()


def _household_people(t: FromClause) -> ColumnElement[Any]:
    return select(func.count()).select_from(Person.__table__).where(living_people(t.c.id)).correlate(t).scalar_subquery()


def _household_area(t: FromClause) -> ColumnElement[Any]:
    p = Parcel.__table__.alias()
    return child_sum(p, "household", func.coalesce(func.sum(p.c.area), 0), t.c.id)


def agreement_step(a: FromClause) -> ColumnElement[Any]:
    """How far an agreement has come, as a position in STEPS."""
    line, paid, sheet = AgreementLine.__table__.alias(), Payment.__table__.alias(), Printout.__table__.alias()
    total = child_sum(line, "agreement", func.coalesce(func.sum(line.c.amount), 0), a.c.id)
    got = child_sum(paid, "agreement", func.coalesce(func.sum(paid.c.amount), 0), a.c.id, paid.c.result == PayResult.PAID)
    printed = a.c.id.in_(select(sheet.c.record).where(sheet.c.register == "agreement", sheet.c.deleted == 0))
    signed = a.c.state == AgreementState.SIGNED
    return case(
        (and_(signed, total > 0, got >= total), 5),
        (signed, 4),
        (printed, 3),
        (a.c.state == AgreementState.REVIEWED, 2),
        else_=1,
    )


def _agreement_step(t: FromClause) -> ColumnElement[Any]:
    return case((t.c.state == AgreementState.VOID, AgreementState.VOID.label), else_=case(dict(enumerate(STEPS)), value=agreement_step(t)))


def _household_step(t: FromClause) -> ColumnElement[Any]:
    a = Agreement.__table__.alias()
    least = select(func.min(agreement_step(a))).where(a.c.household == t.c.id, a.c.deleted == 0, a.c.state != AgreementState.VOID)
    return case(dict(enumerate(STEPS)), value=func.coalesce(least.correlate(t).scalar_subquery(), 0))


def _agreement_party(t: FromClause) -> ColumnElement[Any]:
    """The name of the household's head, or of the collective."""
    household, unit = Household.__table__.alias(), CollectiveUnit.__table__.alias()
    reg = register("household")
    head = select(expression(reg, reg["head_name"], household)).where(household.c.id == t.c.household).correlate(t).scalar_subquery()
    return func.coalesce(head, select(unit.c.name).where(unit.c.id == t.c.collective).correlate(t).scalar_subquery())


def _agreement_total(t: FromClause) -> ColumnElement[Any]:
    line = AgreementLine.__table__.alias()
    return child_sum(line, "agreement", func.coalesce(func.sum(line.c.amount), 0), t.c.id)


def _agreement_lines(t: FromClause) -> ColumnElement[Any]:
    line = AgreementLine.__table__.alias()
    return child_sum(line, "agreement", func.count(line.c.id), t.c.id)


def _agreement_paid(t: FromClause) -> ColumnElement[Any]:
    p = Payment.__table__.alias()
    return child_sum(p, "agreement", func.coalesce(func.sum(p.c.amount), 0), t.c.id, p.c.result == PayResult.PAID)


def _reason_waiting(t: FromClause) -> ColumnElement[Any]:
    """Whether the agreement that a reason is about has still money to pay out."""
    a = Agreement.__table__.alias()
    owing = select(literal(1)).where(a.c.id == t.c.agreement, a.c.deleted == 0, a.c.state != AgreementState.VOID, _agreement_paid(a) < _agreement_total(a))
    return case((exists(owing.correlate_except(a)), 1), else_=0)


def _batch_sum(*results: PayResult) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        p = Payment.__table__.alias()
        also = [p.c.result.in_(results)] if results else []
        return child_sum(p, "batch", func.coalesce(func.sum(p.c.amount), 0), t.c.id, *also)

    return make


def _batch_lines(t: FromClause) -> ColumnElement[Any]:
    p = Payment.__table__.alias()
    return child_sum(p, "batch", func.count(p.c.id), t.c.id)


def _posting_days(t: FromClause) -> ColumnElement[Any]:
    # Calendar days with the first one not counted (民法典 art. 201): a posting from the 1st to the 8th is seven days.
    return cast(func.julianday(t.c.until_on) - func.julianday(t.c.from_on), Integer)


def _photos(t: FromClause) -> ColumnElement[Any]:
    a = Attachment.__table__.alias()
    return child_sum(a, "record", func.count(a.c.id), t.c.id)


def _relocation_state(t: FromClause) -> ColumnElement[Any]:
    def any_of(*names: str) -> ColumnElement[bool]:
        return or_(*(t.c[name].is_not(None) for name in names))

    return case(
        (any_of("audited_on", "audited_amount"), "已审计"),
        (any_of("submitted_on", "submitted_amount"), "审计中"),
        (any_of("settlement_started_on"), "结算中"),
        else_="未结算",
    )


# --- papers ----------------------------------------------------------------------------------------------------------


def _is_stale(t: FromClause) -> ColumnElement[bool]:
    """Whether the log holds, after the printing, an operation on its records or their lines that the paper would show."""
    printing, op = OP.alias(), OP.alias()
    printed = select(func.max(printing.c.txn)).where(printing.c.row == t.c.id, printing.c.kind == "i")
    since = printed.correlate_except(printing).scalar_subquery()
    about = func.json_each('["' + func.replace(t.c.record, " ", '","') + '"]').table_valued(column("value", String))  # a sheet may have several
    records = select(about.c.value).correlate_except(about)
    rows: list[Select[Any]] = [records]
    for reg in REGISTERS:
        if reg.parent is not None and not reg.made_by and reg.name not in SINCE:  # rows that actions add tell what happened since
            child = reg.cls.__table__.alias()
            lines = select(child.c.id).where(child.c[reg.parent.name].in_(records))
            rows.append(lines.correlate_except(child))
    cell = func.json_each(op.c.cells).table_valued(column("key", String))
    own = [not_(and_(op.c.tbl == name, cell.c.key.in_(fields))) for name, fields in PROCESS_OF.items()]
    telling = select(literal(1)).select_from(cell).where(cell.c.key.not_in((*PROCESS, HEAD)), *own).correlate_except(cell)
    changed = op.c.kind.in_(("u", CHANGED))
    # One list of rows, and a sum that no index serves: the log is looked up row by row and never read from the printing on.
    mine, late = op.c.row.in_(union_all(*rows)), op.c.txn + 0 > since
    later = select(literal(1)).select_from(op).where(mine, late, not_(_paid_since(op, changed)), or_(not_(changed), exists(telling)))
    return exists(later.correlate_except(op))


def _paid_since(op: FromClause, changed: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an operation only says what became of a roster's money: the bank's answer, cash signed for, a line sent once more."""
    answered = and_(changed, func.json_type(op.c.cells, "$.result").is_not(None))
    again = and_(not_(changed), func.coalesce(func.json_extract(op.c.cells, "$.attempt"), 1) > 1)
    return and_(op.c.tbl == SupportPayment.__tablename__, or_(answered, again))


def _printout_stale(t: FromClause) -> ColumnElement[Any]:
    return case((_is_stale(t), 1), else_=0)


def _printout_status(t: FromClause) -> ColumnElement[Any]:
    """How far a sheet is; one of a void agreement, and an outdated one printed anew since, need not come back."""
    agreement, newer = Agreement.__table__.alias(), Printout.__table__.alias()
    void = select(literal(1)).where(agreement.c.id == t.c.record, agreement.c.state == AgreementState.VOID).correlate_except(agreement)
    same = (newer.c.record == t.c.record, newer.c.form == t.c.form, newer.c.public == t.c.public, newer.c.printed_at > t.c.printed_at)
    replaced = select(literal(1)).where(*same, newer.c.deleted == 0).correlate_except(newer)
    return case(
        (t.c.scanned_on.is_not(None), "已归档"),
        (t.c.returned_on.is_not(None), "已收回未扫描"),
        (exists(void), "协议已作废"),
        (_is_stale(t), case((exists(replaced), "已另打印"), else_=STALE)),
        else_=OUT,
    )


def _place_level(t: FromClause) -> ColumnElement[Any]:
    long = func.length(t.c.code)
    return case((long <= 6, "县"), (long <= 9, "乡镇"), (long <= 12, "村"), else_="组")


COMPUTED: dict[tuple[str, str], Sql] = {
    ("place", "level"): _place_level,
    ("household", "people"): _household_people,
    ("household", "area"): _household_area,
    ("household", "agreed"): lambda t: agreed_with("household", t.c.id),
    ("household", "paid"): lambda t: paid_to("household", t.c.id),
    ("household", "step"): _household_step,
    ("parcel", "amount"): lambda t: line_sum("parcel", t.c.id),
    ("asset", "amount"): lambda t: line_sum("asset", t.c.id),
    ("posting", "days"): _posting_days,
    ("posting", "photos"): _photos,
    ("objection", "state"): objections.state,
    ("agreement", "party"): _agreement_party,
    ("agreement", "total"): _agreement_total,
    ("agreement", "paid"): _agreement_paid,
    ("agreement", "lines"): _agreement_lines,
    ("agreement", "step"): _agreement_step,
    ("unpaid_reason", "waiting"): _reason_waiting,
    ("payment_batch", "lines"): _batch_lines,
    ("payment_batch", "total"): _batch_sum(),
    ("payment_batch", "paid"): _batch_sum(PayResult.PAID),
    ("payment_batch", "returned"): _batch_sum(PayResult.RETURNED),
    ("printout", "stale"): _printout_stale,
    ("printout", "status"): _printout_status,
    ("relocation", "state"): _relocation_state,
    **computed_support.COMPUTED,
    **computed_cases.COMPUTED,
}
