"""Households split, merge and change their head; who left and came stays on record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.action import Arg, action
from relocdesk.actions.drafting import lines_of_row, row_name
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import DAY
from relocdesk.queries.land_walls import about_households
from relocdesk.records import new_id
from relocdesk.records.agreement import Agreement, AgreementState
from relocdesk.records.household import Household, Person, PersonState
from relocdesk.records.survey import Asset, Parcel
from relocdesk.rules.days import chinese_date

_HEAD = "户主"


@action(
    "split", "分户", "household",
    Arg("number", "新户号", required=True), Arg("people", "分出的人员", required=True, to="person", many=True),
    Arg("head", "新户主", to="person", help="空着为分出的第一人"),
    Arg("parcels", "分出的地块", to="parcel", many=True), Arg("assets", "分出的实物", to="asset", many=True),
)  # fmt: skip
def split(
    session: Session,
    clerk: Clerk,
    record: Household,
    *,
    number: str,
    people: Sequence[str],
    head: str = "",
    parcels: Sequence[str] = (),
    assets: Sequence[str] = (),
) -> str:
    """Some people become a household of their own, with the survey rows named; rows in agreements stay where they are.

    Refuses to empty the old household or to take its head away, a used number, people and rows of another household.
    """
    _refuse_gone(record)
    _refuse_used(session, record, number)
    leaving = [_member(session, record, one) for one in dict.fromkeys(people)]
    first = session.get(Person, head) if head else leaving[0] if leaving else None
    if first is None or first not in leaving:
        raise UserError("新户主不在分出的人员里", hint="请从分出的人员中选一人")
    if record.head in {one.id for one in leaving}:
        raise UserError(f"户主不能从户号 {record.number} 分出去", hint="请先变更户主")
    rows = _own_rows(session, record, parcels, assets)
    made = Household(id=new_id(), home=record.home, number=number.strip(), project=record.project, place=record.place, came_from=record.id,
                     relocation=record.relocation, destination=record.destination, verified_on=record.verified_on)  # fmt: skip
    session.add(made)
    session.flush()
    for person in leaving:
        person.household = made.id
    made.head, first.relation = first.id, _HEAD
    for row in rows:
        row.household = made.id
    session.flush()
    return f"已从户号 {record.number} 分出户号 {made.number}，户主{first.name}，{len(leaving)} 人、{len(rows)} 项实物"


@action("merge", "并户", "household", Arg("into", "并入哪一户", required=True, to="household"), Arg("left_on", "并户日期", DAY, help="空着为今天"))
def merge(session: Session, clerk: Clerk, record: Household, *, into: str, left_on: str = "") -> str:
    """This household ends: its people and the rows in no agreement go over to the other one, its agreements stay its own.

    Refuses while it has an unsigned agreement, or while an objection about it is open: nobody could tell any more whose money waits.
    """
    _refuse_gone(record)
    other = session.get(Household, into)
    if other is None or other.deleted or other.id == record.id:
        raise UserError("没有可以并入的另一户", hint="请选要并入的户")
    _refuse_gone(other)
    if other.home != record.home:
        raise UserError("不能跨乡镇并户", hint="请在原户登记迁出，在新户登记人员")
    unsigned = session.scalars(select(Agreement.number).where(Agreement.household == record.id, Agreement.deleted == 0,
                                                              Agreement.state.in_((AgreementState.DRAFT, AgreementState.REVIEWED)))).first()  # fmt: skip
    if unsigned:
        raise UserError(f"户号 {record.number} 还有没签订的协议 {unsigned}", hint="请先签订或作废它，再并户")
    raised = about_households(session, [record.id]).get(record.id)
    if raised:
        raise UserError(f"户号 {record.number} 还有没办结的异议（{raised[0][1]}）", hint="请先答复，再并户", code="L15")
    day = left_on or clerk.on
    if day > clerk.on:
        raise UserError(f"并户日期{chinese_date(day)}还没有到", hint="请核对日期", code="DAY")
    people = session.scalars(select(Person).where(Person.household == record.id, Person.deleted == 0)).all()
    for person in people:
        person.household = other.id
        if person.relation == _HEAD:
            person.relation = None  # whose relative he is now, people must say
    moved = 0
    for row in _rows_of(session, record):
        if not lines_of_row(session, row.id):
            row.household, moved = other.id, moved + 1
    record.left_on = day
    session.flush()
    return f"户号 {record.number} 已并入户号 {other.number}，{len(people)} 人、{moved} 项实物；请补填与户主关系"


@action("set-head", "变更户主", "household", Arg("person", "新户主", required=True, to="person"),
        Arg("relation", "原户主与新户主的关系", words="relation"))  # fmt: skip
def set_head(session: Session, clerk: Clerk, record: Household, *, person: str, relation: str = "") -> str:
    """Another living member becomes the head; the account stays and must be looked at."""
    _refuse_gone(record)
    new = _member(session, record, person)
    if new.id == record.head:
        raise UserError(f"{new.name}已经是户主")
    if new.state == PersonState.DEAD or new.died_on:
        raise UserError(f"{new.name}已去世，不能作户主", hint="请另选一人", code="P07")
    old = session.get(Person, record.head) if record.head else None
    if old is not None and old.household == record.id:
        old.relation = relation or None
    record.head, new.relation = new.id, _HEAD
    session.flush()
    check = f"；收款账户户名还是{record.account_name}，请核对" if record.account_name and record.account_name != new.name else ""
    return f"户号 {record.number} 的户主由{old.name if old else '空缺'}变更为{new.name}{check}"


def _refuse_gone(record: Household) -> None:
    if record.deleted or record.left_on:
        raise UserError(f"户号 {record.number} 已经删除或并户", hint="请核对户号")


def _refuse_used(session: Session, record: Household, number: str) -> None:
    same = select(Household.id).where(Household.number == number.strip(), Household.deleted == 0)
    same = same.where(Household.project == record.project) if record.project else same.where(Household.project.is_(None))
    if not number.strip() or session.scalar(same):
        raise UserError(f"户号“{number}”已经用过或是空的", hint="请换一个户号")


def _member(session: Session, record: Household, person: str) -> Person:
    found = session.get(Person, person)
    if found is None or found.deleted or found.household != record.id:
        raise UserError(f"{found.name if found else '所选的人'}不在户号 {record.number}", hint="请核对人员所在的户")
    return found


def _own_rows(session: Session, record: Household, parcels: Sequence[str], assets: Sequence[str]) -> list[Parcel | Asset]:
    rows: list[Parcel | Asset] = []
    for row in [*(session.get(Parcel, one) for one in parcels), *(session.get(Asset, one) for one in assets)]:
        if row is None or row.deleted or row.household != record.id:
            raise UserError(f"{row_name(row) if row else '所选的实物'}不是户号 {record.number} 的", hint="请核对权属户")
        used = lines_of_row(session, row.id)
        if used:
            raise UserError(f"{row_name(row)}已列入协议 {used[0][1].number}，不能分出", hint="请先作废协议，或留在原户", code="STANDING")
        rows.append(row)
    return rows


def _rows_of(session: Session, record: Household) -> list[Parcel | Asset]:
    rows: list[Parcel | Asset] = list(session.scalars(select(Parcel).where(Parcel.household == record.id, Parcel.deleted == 0)))
    rows += session.scalars(select(Asset).where(Asset.household == record.id, Asset.deleted == 0))
    return rows
