"""Disputes and patrols: settled, kept calm, handed on, become a petition; the monthly zero report; 零上访 of a year."""

from __future__ import annotations

from sqlalchemy.orm import Session

from relocdesk.actions.action import Arg, action
from relocdesk.actions.petition import KEEPERS
from relocdesk.clerk import Clerk
from relocdesk.entry import home_for
from relocdesk.entry.series import Numbers
from relocdesk.errors import UserError
from relocdesk.field import COUNT, DAY, FLAG, NOTE, TEXT, YEAR
from relocdesk.queries.petition import ZERO_VISITS, visits, zero_streak
from relocdesk.queries.places import Places
from relocdesk.records import new_id, register
from relocdesk.records.petition import Channel, Dispute, DisputeResult, Patrol, Petition, Purpose
from relocdesk.records.reference import Place, Role, YearConfirmation
from relocdesk.rules.days import chinese_date


def _day(clerk: Clerk, row: Dispute, given: str, what: str) -> str:
    day = given or clerk.on
    if not row.found_on <= day <= clerk.on:
        raise UserError(f"{what}{chinese_date(day)}不对，纠纷是{chinese_date(row.found_on)}排查的", hint="请核对日期", code="DAY")
    return day


def _name(row: Dispute) -> str:
    return f"纠纷 {row.number or ''}（{row.parties}）"


def _still(row: Dispute, what: str) -> None:
    if row.petition:
        raise UserError(f"{_name(row)}已经转为信访件，不能{what}", hint="请在信访件上办理", code="STATE")
    if row.result == DisputeResult.SETTLED:
        raise UserError(f"{_name(row)}已经化解，不能{what}", hint="又起纠纷的请另登记一条", code="STATE")


@action(
    "settle", "化解", "dispute", Arg("measures", "化解措施", NOTE, required=True), Arg("settled_on", "化解日期", DAY, help="空着为今天"), roles=KEEPERS,
)  # fmt: skip
def settle(session: Session, clerk: Clerk, record: Dispute, *, measures: str, settled_on: str = "") -> str:
    """A dispute is settled, by what was done."""
    _still(record, "再登记化解")
    record.settled_on, record.result = _day(clerk, record, settled_on, "化解日期"), DisputeResult.SETTLED.value
    record.measures = measures
    session.flush()
    return f"{_name(record)}已于{chinese_date(record.settled_on)}化解"


@action(
    "hold", "稳控", "dispute", Arg("person", "专人", required=True), Arg("progress", "进展", NOTE, required=True), Arg("due_on", "化解时限", DAY),
    roles=KEEPERS,
)  # fmt: skip
def hold(session: Session, clerk: Clerk, record: Dispute, *, person: str, progress: str, due_on: str = "") -> str:
    """Not settled yet, but somebody keeps it calm."""
    _still(record, "登记稳控")
    record.result, record.person, record.progress = DisputeResult.HELD.value, person, progress
    record.due_on = due_on or record.due_on
    session.flush()
    return f"{_name(record)}由{person}稳控"


@action("hand-on", "移交", "dispute", Arg("to", "移交单位", required=True), Arg("reason", "说明", NOTE), roles=KEEPERS)
def hand_on(session: Session, clerk: Clerk, record: Dispute, *, to: str, reason: str = "") -> str:
    """Handed to whoever is responsible for it."""
    _still(record, "移交")
    record.result = DisputeResult.MOVED.value
    record.progress = f"{chinese_date(clerk.on)}移交{to}" + (f"：{reason}" if reason else "")
    session.flush()
    return f"{_name(record)}已移交{to}"


@action("become-petition", "转为信访件", "dispute", Arg("petitioner", "信访人", required=True), Arg("received_on", "登记日期", DAY, help="空着为今天"),
        Arg("category", "类别", TEXT, help="空着为其他"), roles=KEEPERS)  # fmt: skip
def become_petition(session: Session, clerk: Clerk, record: Dispute, *, petitioner: str, received_on: str = "", category: str = "") -> str:
    """The parties turn to the office in a petition: one matter, kept in both registers and counted once (F46)."""
    _still(record, "转为信访件")
    day = _day(clerk, record, received_on, "登记日期")
    reg = register("petition")
    values = {"received_on": day, "place": record.place}
    home = home_for(session, reg, values)
    made = Petition(
        id=new_id(), home=home, number=Numbers(session, clerk, reg).take(values, home), received_on=day, channel=Channel.FOUND.value,
        purpose=Purpose.CLAIM.value, petitioner=petitioner, phone=record.phone, place=record.place, persons=record.persons or 1,
        category=category or "其他", summary=record.summary or f"{record.parties}：{record.type}", amount=record.amount, leader=record.owner,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record.petition = made.id
    session.flush()
    return f"{_name(record)}已转为信访件 {made.number}"


@action("revisit", "回访", "dispute", Arg("visited_on", "回访日期", DAY, help="空着为今天"), Arg("relapsed", "又起纠纷", FLAG), roles=KEEPERS)
def revisit(session: Session, clerk: Clerk, record: Dispute, *, visited_on: str = "", relapsed: int = 0) -> str:
    """Whether a settled dispute has stayed settled; one that flares up is open again."""
    if record.result != DisputeResult.SETTLED:
        raise UserError(f"{_name(record)}还没有化解，不用回访", hint="请先办“化解”", code="STATE")
    record.visited_on = _day(clerk, record, visited_on, "回访日期")
    if relapsed:
        record.result, record.settled_on = DisputeResult.OPEN.value, None
    session.flush()
    return f"已回访{_name(record)}" + ("，又起纠纷，重新列为未化解" if relapsed else "，没有反复")


# --- patrols and years -----------------------------------------------------------------------------------------------


@action(
    "zero-report", "零报告", "place",
    Arg("leader", "带队", required=True), Arg("people", "参加人员"), Arg("held_on", "排查日期", DAY, help="空着为今天"),
    Arg("households_visited", "走访户数", COUNT), roles=KEEPERS,
)  # fmt: skip
def zero_report(
    session: Session, clerk: Clerk, record: Place, *, leader: str, people: str = "", held_on: str = "", households_visited: int = 0
) -> str:
    """A month without findings still needs its row."""
    day = held_on or clerk.on
    if day > clerk.on:
        raise UserError(f"排查日期{chinese_date(day)}还没有到", hint="请核对日期", code="DAY")
    same = session.query(Patrol.id).filter_by(held_on=day, place=record.id, deleted=0).first()
    if same is not None:
        raise UserError(f"{record.name}{chinese_date(day)}已经登记过排查", hint="请打开原来的记录修改", code="TWICE")
    below = Places.load(session).below(record.id)
    found = session.query(Dispute.id).filter(Dispute.place.in_(below), Dispute.found_on.startswith(day[:7]), Dispute.deleted == 0).count()
    if found:
        raise UserError(f"{record.name}当月登记了 {found} 起纠纷，不是零报告", hint="请在“矛盾纠纷排查”里登记排查，并写明发现的个数", code="ZERO")
    told = session.query(Patrol.held_on).filter(Patrol.place.in_(below), Patrol.held_on.startswith(day[:7]), Patrol.found > 0, Patrol.deleted == 0).first()
    if told is not None:
        raise UserError(f"{record.name}{chinese_date(told[0])}的排查发现了问题，当月不是零报告", hint="请核对那次排查", code="ZERO")
    session.add(Patrol(id=new_id(), home=home_for(session, register("patrol"), {"place": record.id}), held_on=day, place=record.id, leader=leader,
                       people=people or None, households_visited=households_visited or None, found=0, remark="零报告"))  # fmt: skip
    session.flush()
    return f"已登记{record.name}{chinese_date(day)}排查零报告"


@action(
    "confirm-zero", "确认零上访", "", Arg("year", "年度", YEAR, required=True), Arg("by", "确认人", help="空着为本人"),
    roles=(Role.REVIEW, Role.HEAD, Role.PARTY, Role.ADMIN),
)  # fmt: skip
def confirm_zero(session: Session, clerk: Clerk, record: None, *, year: int, by: str = "") -> str:
    """A year without a visit to a higher level, confirmed by hand (F47, F48); refused while one is on record, or before the year is over."""
    if str(year) >= clerk.on[:4]:
        raise UserError(f"{year} 年还没有过完，不能确认零上访", hint="请在第二年确认", code="DAY")
    against = visits(session, year)
    if against:
        raise UserError(f"{year} 年登记了 {len(against)} 起上访，不能确认零上访", hint="请核对“事件”和越级的信访件", code="ZERO")
    row = session.query(YearConfirmation).filter_by(year=year, subject=ZERO_VISITS, deleted=0).first()
    if row is None:
        row = YearConfirmation(id=new_id(), home=home_for(session, register("year_confirmation"), {}), year=year, subject=ZERO_VISITS)
        session.add(row)
    row.confirmed, row.confirmed_by = 1, by or clerk.name
    session.flush()
    return f"已确认 {year} 年零上访，到 {year} 年连续 {zero_streak(session, year)} 年"
