"""What an office does with a petition (信访工作条例 2022): take it up or not, tell, extend, handle, answer, deliver, review.

Refusals are what the regulation forbids (X03, X04, X05, X10); what an inspector would ask about afterwards is said as a
warning in the sentence of the action (X01, X02, X06, X07, X08), because what has happened late has happened.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings, veil
from relocdesk.actions.action import WORKING, Arg, action
from relocdesk.clerk import Clerk
from relocdesk.entry import line_text, next_line
from relocdesk.entry.series import Series
from relocdesk.errors import UserError
from relocdesk.field import COUNT, DAY, FLAG, NOTE, NUMBER
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.petition import PASSED_ON, case, earlier_of, reviews_of
from relocdesk.records import new_id, register
from relocdesk.records.petition import (
    Channel,
    Delivery,
    Jurisdiction,
    Opinion,
    Petition,
    PetitionStep,
    Purpose,
    ReviewLevel,
    ReviewResult,
)
from relocdesk.records.reference import Operator, Role
from relocdesk.rules.days import chinese_date, days_between
from relocdesk.rules.petition import (
    MOST_EXTENSION,
    denounced,
    finish_by,
    interested,
    notice_due,
    refuse_extension,
    representatives_doubt,
    send_back_due,
)

KEEPERS = (*WORKING, Role.PARTY)
LETTERS = {"notice": "告", "refusal": "不", "extension": "延", "opinion": "意", "transfer": "转"}


def day_of(clerk: Clerk, given: str, what: str, *after: tuple[str | None, str]) -> str:
    """The day of an action: today unless another is given; not in the future, not before what must come first."""
    day = given or clerk.on
    if day > clerk.on:
        raise UserError(f"{what}{chinese_date(day)}还没有到", hint="请核对日期", code="DAY")
    for first, name in after:
        if first and day < first:
            raise UserError(f"{what}{chinese_date(day)}早于{name}的{chinese_date(first)}", hint="请核对日期", code="DAY")
    return day


def refuse_ended(row: Petition, what: str) -> None:
    """Refuses anything further on a case that has been withdrawn, joined, sent back or filed."""
    refuse_over(row, what)
    if row.archive_no:
        raise UserError(f"{named(row)}已经归档，不能{what}", hint="请核对是不是这一件", code="STATE")


def refuse_over(row: Petition, what: str) -> None:
    """The same, but a filed case may be taken up again by those who have a right to it."""
    for day, said in ((row.withdrawn_on, "撤回"), (row.joined_to, "并案"), (row.returned_on, "退回")):
        if day:
            raise UserError(f"{named(row)}已经{said}，不能{what}", hint="请核对是不是这一件", code="STATE")


def refuse_twice(row: Petition, day: str | None, said: str) -> None:
    """A day by which terms are counted is registered once; a second one would move them unseen."""
    if day:
        raise UserError(f"{named(row)}已于{chinese_date(day)}{said}", hint="登记错了的请在变更记录里撤销那一次办理，再重新登记", code="TWICE")


def named(row: Petition) -> str:
    """How messages call a petition."""
    return f"{row.petitioner}的信访件 {row.number or ''}".rstrip()


def letter_number(session: Session, clerk: Clerk, row: Petition, kind: str, day: str) -> str:
    """The next number of a letter (kind as in LETTERS); pattern in the settings."""
    column = {"extension": Petition.extension_no, "opinion": Petition.opinion_no, "transfer": Petition.transfer_no}.get(kind, Petition.notice_no)
    series = Series(session, column, settings.text(session, "petition.letter.pattern", row.home))
    session.flush()
    return series.take(office=settings.text(session, "office.mark", row.home), year=day[:4], kind=LETTERS[kind], letter=clerk.laptop)


def warned(said: str, *warnings: str) -> str:
    """A sentence with what an inspector would ask about."""
    found = [one for one in warnings if one]
    return f"{said}。注意：{'；'.join(found)}" if found else said


# --- taking it up ----------------------------------------------------------------------------------------------------


@action(
    "accept", "受理", "petition",
    Arg("accepted_on", "受理日期", DAY, help="空着为今天"), Arg("first_handler", "首办人"), Arg("handler", "经办人"), Arg("leader", "包案领导"),
    Arg("noticed_on", "告知日期", DAY, help="当场书面告知的填受理当天；空着以后再登记"),
    roles=KEEPERS,
)  # fmt: skip
def accept(
    session: Session, clerk: Clerk, record: Petition, *, accepted_on: str = "", first_handler: str = "", handler: str = "", leader: str = "",
    noticed_on: str = "",
) -> str:  # fmt: skip
    """It is ours and is taken up; the 60 days run from this day (art. 34)."""
    if record.jurisdiction != Jurisdiction.ACCEPT or record.accepted_on:  # a ledger may say 受理 without the day
        _judging(record, Jurisdiction.ACCEPT)
    refuse_ended(record, "受理")
    day = day_of(clerk, accepted_on, "受理日期", (record.received_on, "登记日期"))
    if record.closed_on and day > record.closed_on:
        raise UserError(f"{named(record)}已于{chinese_date(record.closed_on)}办结，受理日期不能是后来的{chinese_date(day)}",
                        hint="老台账补记受理的，请填当时的受理日期", code="DAY")  # fmt: skip
    _no_second_round(session, record)
    record.jurisdiction, record.judged_on, record.accepted_on = Jurisdiction.ACCEPT.value, day, day
    record.first_handler = first_handler or record.first_handler or None
    record.handler, record.leader = handler or record.handler or None, leader or record.leader or None
    if not record.unreachable:
        _take_notice_number(session, clerk, record, day)
    due = finish_by(case(session, record), office_calendar(session, record.home))
    said = f"已受理{named(record)}，" + (f"办理期限到{chinese_date(due)}" if due else f"{Purpose(record.purpose).label}没有法定办理期限，请及时答复")
    if noticed_on:
        said += "；" + notify(session, clerk, record, noticed_on=noticed_on)
    session.flush()
    return warned(said, _too_late(session, record, Jurisdiction.ACCEPT), _too_many(session, record), _repeated(session, clerk, record), interest(record),
                  office_calendar(session, record.home).doubt(due))  # fmt: skip


def _repeated(session: Session, clerk: Clerk, row: Petition) -> str:
    """X07: the matter has come before, or is being handled already."""
    if row.repeat_of:
        first = session.get_one(Petition, row.repeat_of)
        if veil.hidden(session.connection(), clerk.role, "petition", [first.id]):
            return ""
        return f"首件 {first.number} 还在办理，期限按首件算；同一事项请办“并案”" if first.accepted_on and not first.closed_on and not _over(first) else ""
    repeat = earlier_of(session, row, clerk.role)
    return f"{repeat[0].petitioner}以前有同类的件 {repeat[0].number}，如是重复件请办“关联重复件”" if repeat else ""


def _over(row: Petition) -> bool:
    return bool(row.withdrawn_on or row.joined_to or row.returned_on)


def _too_late(session: Session, row: Petition, what: Jurisdiction) -> str:
    """Judged when the petitioner should have been told already (art. 23)."""
    due = notice_due(row.received_on, office_calendar(session, row.home))
    late = (row.judged_on or "") > due and not row.noticed_on and not row.unreachable
    return f"超过十五日才{what.label}，告知期限是{chinese_date(due)}（条例第二十三条）" if late else ""


def _take_notice_number(session: Session, clerk: Clerk, row: Petition, day: str) -> None:
    """The letter that tells is numbered with the decision, so that it can be printed before it is handed over."""
    if not row.notice_no:
        kind = "refusal" if row.jurisdiction == Jurisdiction.REFUSE else "notice"
        row.notice_no = letter_number(session, clerk, row, kind, day)


def _judging(row: Petition, what: Jurisdiction) -> None:
    refuse_ended(row, what.label)
    if row.jurisdiction:
        raise UserError(f"{named(row)}已经是“{Jurisdiction(row.jurisdiction).label}”", hint="登记错了的请在变更记录里撤销那一次办理", code="STATE")


def _no_second_round(session: Session, row: Petition) -> None:
    """After 复核 the same facts and reasons are not taken up again (art. 36)."""
    if row.repeat_of and any(one.level == ReviewLevel.RECHECK and one.done_on and one.result != ReviewResult.CHANGED
                             for one in reviews_of(session, row.repeat_of)):  # fmt: skip
        raise UserError(f"{named(row)}的首件已经复核终结，同一事实和理由不再受理（条例第三十六条）",
                        hint="请办“不予受理”；有新的事实和理由的，先取消“重复件的首件”", code="X10")  # fmt: skip


def _too_many(session: Session, row: Petition) -> str:
    return representatives_doubt(row.persons, settings.number(session, "petition.collective", row.home), row.representative or "")


def interest(row: Petition) -> str:
    """X08: somebody who must withdraw (art. 28) handles the case; "" when nobody does."""
    found = interested(row.petitioner, row.avoid or "", (row.first_handler, row.handler, row.leader))
    return f"{'、'.join(found)}与本件有利害关系，应当回避（条例第二十八条）" if found else ""


@action(
    "refuse", "不予受理", "petition",
    Arg("reason", "理由", NOTE, required=True), Arg("judged_on", "日期", DAY, help="空着为今天"),
    roles=KEEPERS,
)  # fmt: skip
def refuse(session: Session, clerk: Clerk, record: Petition, *, reason: str, judged_on: str = "") -> str:
    """It is not taken up, for a reason that the petitioner is told in writing (art. 19, 23)."""
    _judged(session, clerk, record, Jurisdiction.REFUSE, reason, judged_on)
    session.flush()
    due = notice_due(record.received_on, office_calendar(session, record.home))
    return warned(f"已登记不予受理{named(record)}；请书面告知，期限{chinese_date(due)}", _too_late(session, record, Jurisdiction.REFUSE))


def _judged(session: Session, clerk: Clerk, row: Petition, what: Jurisdiction, reason: str, day: str) -> None:
    _judging(row, what)
    row.judged_on = day_of(clerk, day, "日期", (row.received_on, "登记日期"))
    row.jurisdiction, row.judged_reason = what.value, reason
    if not row.unreachable:
        _take_notice_number(session, clerk, row, row.judged_on)


@action(
    "transfer", "转送", "petition", Arg("to", "转送单位", required=True), Arg("judged_on", "转送日期", DAY, help="空着为今天"), roles=KEEPERS,
)  # fmt: skip
def transfer(session: Session, clerk: Clerk, record: Petition, *, to: str, judged_on: str = "") -> str:
    """Passed on to the office that is responsible, within 15 days (art. 23); the letter gets its number."""
    return _pass_on(session, clerk, record, Jurisdiction.TRANSFER, to, judged_on)


@action(
    "assign", "交办", "petition", Arg("to", "交办单位", required=True), Arg("judged_on", "交办日期", DAY, help="空着为今天"), roles=KEEPERS,
)  # fmt: skip
def assign(session: Session, clerk: Clerk, record: Petition, *, to: str, judged_on: str = "") -> str:
    """Handed to an office below to be handled and reported on (art. 23)."""
    return _pass_on(session, clerk, record, Jurisdiction.ASSIGN, to, judged_on)


def _pass_on(session: Session, clerk: Clerk, row: Petition, what: Jurisdiction, to: str, day: str) -> str:
    if row.purpose == Purpose.REPORT and denounced(to, row.avoid or ""):
        raise UserError("检举控告材料不得转给被检举、控告的人或者单位（条例第三十条）", hint="请转有权处理的机关", code="X09")
    _judged(session, clerk, row, what, to, day)
    row.transfer_no = letter_number(session, clerk, row, "transfer", row.judged_on or clerk.on)
    session.flush()
    return warned(f"已登记{what.label}{named(row)}到{to}，{row.transfer_no}", _too_late(session, row, what))


@action(
    "guide", "引导", "petition", Arg("to", "引导到", required=True, help="法院、仲裁、行政复议等法定途径"),
    Arg("judged_on", "日期", DAY, help="空着为今天"), roles=KEEPERS,
)  # fmt: skip
def guide(session: Session, clerk: Clerk, record: Petition, *, to: str, judged_on: str = "") -> str:
    """Shown the way of law that is meant for it: courts, arbitration, administrative review (art. 31), or the right office (art. 23)."""
    _judged(session, clerk, record, Jurisdiction.GUIDE, to, judged_on)
    session.flush()
    return warned(f"已引导{named(record)}通过{to}解决；请书面告知", _too_late(session, record, Jurisdiction.GUIDE))


@action(
    "send-back", "退回转送", "petition", Arg("reason", "异议理由", NOTE, required=True), Arg("returned_on", "日期", DAY, help="空着为今天"), roles=KEEPERS,
)  # fmt: skip
def send_back(session: Session, clerk: Clerk, record: Petition, *, reason: str, returned_on: str = "") -> str:
    """Transferred to us but not ours: objected to within 5 working days with the reason (art. 23; X06)."""
    _judging(record, Jurisdiction.TRANSFER)
    if record.channel not in PASSED_ON:
        raise UserError(f"{named(record)}不是别的单位转来的，不能退回", hint="不属本单位职权的请办“不予受理”“转送”或“引导”", code="STATE")
    day = day_of(clerk, returned_on, "退回日期", (record.received_on, "登记日期"))
    due = send_back_due(record.received_on, office_calendar(session, record.home))
    record.returned_on, record.judged_reason = day, reason
    session.flush()
    late = f"异议应在五个工作日内提出，期限是{chinese_date(due)}（条例第二十三条）" if day > due else ""
    return warned(f"已退回{named(record)}：{reason}", late)


@action(
    "notify", "书面告知", "petition", Arg("noticed_on", "告知日期", DAY, help="空着为今天"), Arg("notice_no", "告知书号", NUMBER, help="空着由程序编号"),
    roles=KEEPERS,
)  # fmt: skip
def notify(session: Session, clerk: Clerk, record: Petition, *, noticed_on: str = "", notice_no: str = "") -> str:
    """Told in writing whether it is taken up, within 15 days of receipt (art. 23; X01)."""
    refuse_ended(record, "登记告知")
    if not record.jurisdiction:
        raise UserError(f"{named(record)}还没有审查，不知道告知什么", hint="请先办受理、不予受理、转送、交办或引导", code="STATE")
    if record.channel == Channel.REOPENED:
        raise UserError(f"{named(record)}是重新办理的件，不用再告知受理", hint="办结以后送达新的处理意见书", code="STATE")
    refuse_twice(record, record.noticed_on, "书面告知")
    day = day_of(clerk, noticed_on, "告知日期", (record.judged_on, "审查日期"), (record.received_on, "登记日期"))
    due = notice_due(record.received_on, office_calendar(session, record.home))
    record.noticed_on, record.notice_no = day, notice_no or record.notice_no
    _take_notice_number(session, clerk, record, day)
    session.flush()
    late = f"超过十五日，告知期限是{chinese_date(due)}（条例第二十三条）" if day > due and not record.unreachable else ""
    return warned(f"已登记{chinese_date(day)}书面告知，{record.notice_no}", late)


# --- handling --------------------------------------------------------------------------------------------------------


@action(
    "extend", "延期", "petition",
    Arg("days", "延期天数", COUNT, required=True, help="累计不超过三十日"), Arg("approver", "批准人", required=True, help="本单位负责人"),
    Arg("reason", "延期理由", NOTE, required=True), Arg("told_on", "告知信访人的日期", DAY, required=True),
    roles=KEEPERS,
)  # fmt: skip
def extend(session: Session, clerk: Clerk, record: Petition, *, days: int, approver: str, reason: str, told_on: str) -> str:
    """At most 30 days more, approved by the office's head, the reason told to the petitioner (art. 34; X03)."""
    _handled(record, "延期")
    if not case(session, record).extensible:
        why = "是重新办理的件" if record.channel == Channel.REOPENED else "不是申诉求决"
        raise UserError(f"{named(record)}{why}，没有六十日的法定期限，不能延期", hint="条例第三十四条；目的登记错的请先改“目的”", code="X03")
    calendar = office_calendar(session, record.home)
    whole = days + (record.extension_days or 0)
    if days < 1:
        raise UserError("延期天数至少是 1", hint=f"请填 1 到 {MOST_EXTENSION}", code="X03")
    refuse_extension(whole)
    _refuse_approver(session, record, approver)
    day = day_of(clerk, told_on, "告知日期", (record.accepted_on, "受理日期"))
    before = finish_by(case(session, record), calendar)
    if day > before:
        raise UserError(f"办理期限{chinese_date(before)}已过，过期以后告知的延期不算（条例第三十四条）", hint="请尽快办结；台账会显示超期", code="X02")
    record.extension_days, record.extension_approver, record.extension_reason, record.extension_told_on = whole, approver, reason, day
    record.extension_no = letter_number(session, clerk, record, "extension", day)
    session.flush()
    due = finish_by(case(session, record), calendar)
    return warned(f"{named(record)}延期 {days} 天，办理期限到{chinese_date(due)}，{record.extension_no}", calendar.doubt(due))


def _refuse_approver(session: Session, row: Petition, approver: str) -> None:
    office = settings.this_office(session, row.home)
    heads = list(session.scalars(select(Operator.name).where(Operator.role == Role.HEAD, Operator.active == 1, Operator.deleted == 0)))
    known = [name for name in dict.fromkeys([office.head if office else None, *heads]) if name]
    if known and approver not in known:
        raise UserError(f"延期要由本单位负责人批准，{approver}不是负责人", hint=f"负责人：{'、'.join(known)}；换了人请先改单位或操作员", code="X03")


def _handled(row: Petition, what: str) -> None:
    refuse_ended(row, what)
    if not row.accepted_on:
        raise UserError(f"{named(row)}还没有受理，不能{what}", hint="请先办“受理”", code="STATE")
    if row.closed_on:
        raise UserError(f"{named(row)}已于{chinese_date(row.closed_on)}办结，不能{what}", hint="信访人不服的，三十日内可以申请复查", code="STATE")


@action(
    "step", "登记办理情况", "petition", Arg("progress", "办理情况", NOTE, required=True), Arg("done_on", "日期", DAY, help="空着为今天"),
    Arg("by", "办理人", help="空着为本人"), roles=KEEPERS,
)  # fmt: skip
def step(session: Session, clerk: Clerk, record: Petition, *, progress: str, done_on: str = "", by: str = "") -> str:
    """What was done for a case on a day."""
    refuse_ended(record, "登记办理情况")
    day = day_of(clerk, done_on, "日期", (record.received_on, "登记日期"))
    session.add(PetitionStep(id=new_id(), home=record.home, petition=record.id, line=line_text(clerk, next_line(session, register("petition_step"), clerk)),
                             done_on=day, progress=progress, by=by or clerk.name))  # fmt: skip
    session.flush()
    return f"已登记{named(record)}在{chinese_date(day)}的办理情况"


@action(
    "close", "办结", "petition",
    Arg("opinion", "处理结论", required=True, choices=Opinion), Arg("text", "处理意见", NOTE, required=True, help="信访人的请求、查明的事实和理由、处理意见"),
    Arg("basis", "法律政策依据", NOTE), Arg("remedy", "意见书写明三十日内可以申请复查", FLAG), Arg("closed_on", "办结日期", DAY, help="空着为今天"),
    Arg("opinion_no", "意见书号", NUMBER, help="空着由程序编号；调解的填协议书号"),
    roles=KEEPERS,
)  # fmt: skip
def close(
    session: Session, clerk: Clerk, record: Petition, *, opinion: str, text: str, basis: str = "", remedy: int = 0, closed_on: str = "", opinion_no: str = ""
) -> str:
    """The written opinion: one of three outcomes with its basis and the way to 复查 (arts 32, 35), or a mediated agreement (art. 33).

    What is no 申诉求决 (a suggestion, a question) is answered; its answer need not name the way to 复查.
    """
    _handled(record, "办结")
    day = day_of(clerk, closed_on, "办结日期", (record.accepted_on, "受理日期"))
    if record.purpose == Purpose.CLAIM and opinion != Opinion.MEDIATE:
        _refuse_bare(basis, remedy)
    record.opinion, record.opinion_text, record.basis, record.remedy_told, record.closed_on = opinion, text, basis or None, int(bool(remedy)), day
    record.opinion_no = opinion_no or letter_number(session, clerk, record, "opinion", day)
    session.flush()
    about = case(session, record)
    due = finish_by(about, office_calendar(session, record.home))
    whose = "条例第三十四条" if about.extensible else "本单位规定"
    late = f"超期 {days_between(due, day)} 天，期限是{chinese_date(due)}（{whose}）" if due and day > due else ""
    unseen = "" if record.noticed_on or record.unreachable or about.redo else "还没有登记书面告知（条例第二十三条）"
    return warned(f"{named(record)}已于{chinese_date(day)}办结：{Opinion(opinion).label}，{record.opinion_no}；请送达", late, unseen, interest(record))


def _refuse_bare(basis: str, remedy: int) -> None:
    """An opinion on a claim names its basis and the way to 复查 (arts 32, 35; X04, X05)."""
    if not basis:
        raise UserError("处理意见书要写明法律政策依据（条例第三十二条）", hint="请填“法律政策依据”", code="X04")
    if not remedy:
        raise UserError("处理意见书要写明信访人三十日内可以申请复查（条例第三十五条）", hint="写明以后，“意见书写明三十日内可以申请复查”填“是”", code="X05")


@action(
    "deliver", "送达", "petition",
    Arg("delivery", "送达方式", required=True, choices=Delivery), Arg("receiver", "签收人"), Arg("proof", "送达凭证", help="留置的见证人，邮寄的挂号号码"),
    Arg("delivered_on", "送达日期", DAY, help="空着为今天"), roles=KEEPERS,
)  # fmt: skip
def deliver(session: Session, clerk: Clerk, record: Petition, *, delivery: str, receiver: str = "", proof: str = "", delivered_on: str = "") -> str:
    """The opinion reaches the petitioner, with proof (X04); the 30 days to ask for 复查 run from here."""
    refuse_ended(record, "登记送达")
    if not record.closed_on:
        raise UserError(f"{named(record)}还没有出具处理意见，没有可送达的", hint="请先办“办结”", code="STATE")
    refuse_twice(record, record.delivered_on, "送达")
    day = day_of(clerk, delivered_on, "送达日期", (record.closed_on, "办结日期"))
    if delivery in (Delivery.SIGNED, Delivery.PROXY) and not receiver:
        raise UserError("没有写签收人，送达没有凭据", hint="请填签收人", code="X04")
    if delivery not in (Delivery.SIGNED, Delivery.PROXY) and not proof:
        raise UserError(f"“{Delivery(delivery).label}”没有写凭证，送达没有凭据", hint="请填见证人、挂号号码或网上编号", code="X04")
    record.delivered_on, record.delivery, record.receiver, record.proof = day, delivery, receiver or None, proof or None
    session.flush()
    about = case(session, record)
    paper = "协议书" if about.mediated else "意见书" if about.reviewable else "答复"
    return f"已登记{chinese_date(day)}送达{named(record)}的{paper}（{Delivery(delivery).label}）"
