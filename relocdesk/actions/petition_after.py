"""What follows the answer to a petition: opinions of the petitioner, 复查 and 复核, repeats, joined and withdrawn cases, filing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from relocdesk.actions.action import Arg, action
from relocdesk.actions.petition import KEEPERS, day_of, interest, named, refuse_ended, refuse_over, refuse_twice, step, warned
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import COUNT, DAY, NOTE, NUMBER
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.petition import case, reviews_of
from relocdesk.records import new_id
from relocdesk.records.petition import Bypass, Channel, Jurisdiction, Petition, PetitionReview, ReviewLevel, ReviewResult, Satisfaction
from relocdesk.rules.days import chinese_date
from relocdesk.rules.petition import before_filing, finish_by, refuse_redo, refuse_review, review_due, to_redo
from relocdesk.veil import given


@action(
    "rate", "评价", "petition", Arg("satisfaction", "满意度", required=True, choices=Satisfaction), Arg("visited_on", "回访日期", DAY, help="空着为今天"),
    roles=KEEPERS,
)  # fmt: skip
def rate(session: Session, clerk: Clerk, record: Petition, *, satisfaction: str, visited_on: str = "") -> str:
    """What the petitioner thinks of it, asked after the answer."""
    if not record.closed_on:
        raise UserError(f"{named(record)}还没有办结，不能评价", hint="请先办“办结”", code="STATE")
    record.visited_on = day_of(clerk, visited_on, "回访日期", (record.closed_on, "办结日期"))
    record.satisfaction = satisfaction
    session.flush()
    return f"{named(record)}：{Satisfaction(satisfaction).label}"


@action("settle", "息诉化解", "petition", Arg("settled_on", "息诉日期", DAY, help="空着为今天"), roles=KEEPERS)
def settle(session: Session, clerk: Clerk, record: Petition, *, settled_on: str = "") -> str:
    """The petitioner lets the matter rest."""
    refuse_ended(record, "登记息诉")
    if not record.accepted_on:
        raise UserError(f"{named(record)}还没有受理，不能登记息诉", hint="信访人自己撤回的请办“撤回”", code="STATE")
    refuse_twice(record, record.settled_on, "息诉")
    record.settled_on = day_of(clerk, settled_on, "息诉日期", (record.accepted_on, "受理日期"))
    session.flush()
    return f"{named(record)}已于{chinese_date(record.settled_on)}息诉"


@action(
    "review", "申请复查复核", "petition", Arg("level", "级别", required=True, choices=ReviewLevel), Arg("asked_on", "申请日期", DAY, help="空着为今天"),
    Arg("organ", "复查复核机关", help="由本单位作出的填本单位名称；空着为上一级机关"), roles=KEEPERS,
)  # fmt: skip
def review(session: Session, clerk: Clerk, record: Petition, *, level: str, asked_on: str = "", organ: str = "") -> str:
    """复查 or 复核 is asked for within 30 days of the answer before (arts 35, 36), whether the case is filed or not."""
    refuse_over(record, "申请复查复核")
    day = day_of(clerk, asked_on, "申请日期")
    calendar = office_calendar(session, record.home)
    refuse_review(case(session, record), level, day, calendar)
    session.add(PetitionReview(id=new_id(), home=record.home, petition=record.id, level=level, asked_on=day, organ=organ or None))
    session.flush()
    due = review_due(day, calendar)
    asked = case(session, record).review(level)
    whose = "" if asked and asked.ours else "；由上级作出，结果到了办“复查复核意见”"
    return warned(f"已登记{named(record)}申请{ReviewLevel(level).label}，意见期限{chinese_date(due)}{whose}", calendar.doubt(due))


@action(
    "decide", "复查复核意见", "petition", Arg("result", "结论", required=True, choices=ReviewResult), Arg("opinion_no", "意见书号", NUMBER, required=True),
    Arg("done_on", "意见日期", DAY, help="空着为今天"), Arg("told_on", "意见送达日期", DAY, help="申请复核的三十日从这天起算"),
    Arg("hearing_days", "听证天数", COUNT, help="复核听证的天数不算在三十日内"), roles=KEEPERS,
)  # fmt: skip
def decide(
    session: Session, clerk: Clerk, record: Petition, *, result: str, opinion_no: str, done_on: str = "", told_on: str = "", hearing_days: int = 0
) -> str:
    """The opinion of the 复查 or 复核 that is running."""
    running = next((one for one in reviews_of(session, record.id) if not one.done_on), None)
    if running is None:
        raise UserError(f"{named(record)}没有在办的复查、复核", hint="请先办“申请复查复核”", code="STATE")
    if hearing_days and running.level != ReviewLevel.RECHECK:
        raise UserError("只有复核听证的天数不算期限（条例第三十六条）", hint="复查请不要填听证天数", code="X10")
    if hearing_days < 0:
        raise UserError("听证天数不能是负数", hint="没有听证的空着", code="X10")
    running.done_on = day_of(clerk, done_on, "意见日期", (running.asked_on, "申请日期"))
    running.told_on = day_of(clerk, told_on, "送达日期", (running.done_on, "意见日期")) if told_on else None
    running.result, running.opinion_no, running.hearing_days = result, opinion_no, hearing_days or running.hearing_days
    session.flush()
    label = ReviewLevel(running.level).label
    due = review_due(running.asked_on, office_calendar(session, record.home), running.hearing_days or 0)
    late = f"超过三十日，期限是{chinese_date(due)}" if running.done_on > due else ""
    anew = "请办“重新办理”，另出处理意见" if to_redo(case(session, record)) else ""
    return warned(f"{named(record)}{label}意见：{ReviewResult(result).label}，{opinion_no}", late, anew)


# what a case that is handled anew takes over from the first one
_SAME = ("purpose", "petitioner", "idcard", "phone", "place", "address", "unreachable", "persons", "representative", "category", "project", "summary", "amount",
         "first_handler", "handler", "leader", "avoid")  # fmt: skip


@action(
    "reopen", "重新办理", "petition", Arg("received_on", "收到复查复核意见的日期", DAY, help="空着为意见日期"),
    Arg("handler", "经办人", help="空着为原经办人"), roles=KEEPERS,
)  # fmt: skip
def reopen(session: Session, clerk: Clerk, record: Petition, *, received_on: str = "", handler: str = "") -> str:
    """复查 or 复核 changed or revoked the opinion: the matter is handled anew and answered anew, as a case of its own beside the first one.

    The first case stays as it is, with its days, its opinion and its place in the rates. By when is the office's setting: the
    regulation does not say.
    """
    refuse_over(record, "重新办理")
    decided = refuse_redo(case(session, record))
    found = next(one for one in reviews_of(session, record.id) if one.level == decided.level)
    day = day_of(clerk, received_on or decided.done_on, "收到日期", (decided.done_on, "意见日期"))
    made = Petition(
        id=new_id(), home=record.home, number=_anew_number(session, record), received_on=day, channel=Channel.REOPENED.value, repeat_of=record.id,
        source=f"{found.organ or '上级'} {found.opinion_no or ''}".strip(), jurisdiction=Jurisdiction.ACCEPT.value, judged_on=day, accepted_on=day,
        bypass=Bypass.NONE.value, remedy_told=0, **{name: getattr(record, name) for name in _SAME},
    )  # fmt: skip
    made.handler = handler or record.handler
    session.add(made)
    session.flush()
    calendar = office_calendar(session, record.home)
    due = finish_by(case(session, made), calendar)
    until = f"期限到{chinese_date(due)}" if due else "没有定期限，请及时办理"
    return warned(f"{named(record)}重新办理，登记为 {made.number}，{until}；原件和原意见不变", interest(made), calendar.doubt(due))


def _anew_number(session: Session, row: Petition) -> str:
    """The number of the first case and how often it has been handled anew; deleted ones count, hidden ones too."""
    base = row.number or "重新办理"
    taken = given(session.connection(), "petition", "number", f"{base}-")
    return next(number for n in range(1, len(taken) + 2) if (number := f"{base}-{n}") not in taken)


@action("link", "关联重复件", "petition", Arg("first", "首件", to="petition", required=True), roles=KEEPERS)
def link(session: Session, clerk: Clerk, record: Petition, *, first: str) -> str:
    """The same person with the same matter again (X07); it points to the first case, never to another repeat."""
    other = _other(session, record, first, "关联")
    record.repeat_of = other.repeat_of or other.id
    session.flush()
    return f"{named(record)}是 {session.get_one(Petition, record.repeat_of).number} 的重复件"


@action("join", "并案", "petition", Arg("into", "并入的件", to="petition", required=True), roles=KEEPERS)
def join(session: Session, clerk: Clerk, record: Petition, *, into: str) -> str:
    """One matter registered twice goes on as one case; this one is no longer counted."""
    refuse_ended(record, "并案")
    other = _other(session, record, into, "并案")
    if record.closed_on:
        raise UserError(f"{named(record)}已经办结，不能并案", hint="请办“关联重复件”", code="STATE")
    refuse_ended(other, "并入")
    if other.closed_on and record.received_on > other.closed_on:
        raise UserError(f"{named(other)}已于{chinese_date(other.closed_on)}办结，以后再来的不能并案", hint="请办“关联重复件”，这一件另算期限", code="STATE")
    record.joined_to = other.id
    session.flush()
    return f"{named(record)}已并入 {other.number}"


def _other(session: Session, row: Petition, other: str, what: str) -> Petition:
    if row.channel == Channel.REOPENED:
        raise UserError(f"{named(row)}是重新办理的件，跟着原件走，不能{what}", hint="另有一件的，请在那一件上办理", code="STATE")
    found = session.get(Petition, other)
    if found is None or found.deleted or found.id == row.id:
        raise UserError(f"不能和自己{what}", hint="请选另一件", code="KEY")
    if found.repeat_of == row.id or found.joined_to == row.id:
        raise UserError(f"{named(found)}已经{what}到这一件了", hint="请在另一件上办理", code="KEY")
    if found.received_on > row.received_on:
        raise UserError(f"{found.number} 登记在后，不能作首件", hint="请在后登记的那一件上办理", code="DAY")
    return found


@action("withdraw", "撤回", "petition", Arg("withdrawn_on", "撤回日期", DAY, help="空着为今天"), Arg("reason", "说明", NOTE, required=True), roles=KEEPERS)
def withdraw(session: Session, clerk: Clerk, record: Petition, *, reason: str, withdrawn_on: str = "") -> str:
    """The petitioner takes it back before it is answered; the clocks stop."""
    refuse_ended(record, "撤回")
    if record.closed_on:
        raise UserError(f"{named(record)}已经办结，不能撤回", hint="信访人息诉的请办“息诉化解”", code="STATE")
    if record.jurisdiction not in (None, Jurisdiction.ACCEPT):
        raise UserError(f"{named(record)}已经{Jurisdiction(record.jurisdiction).label}，不用撤回", hint="书面告知以后就可以归档", code="STATE")
    day = day_of(clerk, withdrawn_on, "撤回日期", (record.received_on, "登记日期"))
    step(session, clerk, record, progress=f"信访人撤回：{reason}", done_on=day)
    record.withdrawn_on = day
    session.flush()
    return f"{named(record)}已于{chinese_date(day)}撤回"


@action(
    "file", "归档", "petition", Arg("archive_no", "归档号", NUMBER, required=True),
    Arg("reason", "没有登记告知或送达的原因", NOTE, help="只有老台账上查不到日期的才填；统计仍算没有按期"), roles=KEEPERS,
)  # fmt: skip
def file_away(session: Session, clerk: Clerk, record: Petition, *, archive_no: str, reason: str = "") -> str:
    """A finished case goes into the archive; one that still has a duty running does not.

    What an old ledger does not tell, the days of notice and delivery, is no obstacle when somebody says why; it stays missed.
    """
    refuse_ended(record, "归档")
    left, excusable = before_filing(case(session, record), office_calendar(session, record.home), clerk.on)
    labels = "、".join(one.label for one in left) or "审查"
    if not record.jurisdiction or (left and not (reason and excusable)):
        raise UserError(f"{named(record)}还有没办完的：{labels}", hint="办完以后再归档；老台账上查不到日期的，填写原因再归档", code="X04")
    if left:
        step(session, clerk, record, progress=f"归档时{labels}没有登记：{reason}")
    record.archive_no = archive_no
    session.flush()
    return f"{named(record)}已归档，{archive_no}"
