"""SQL of the computed fields of petitions, rectification and party records: due days, states, counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    aggregate_order_by,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from relocdesk.queries.aggregates import Sql, child_sum
from relocdesk.queries.calendar import setting_text, term_end
from relocdesk.records import REGISTERS
from relocdesk.records.document import Attachment
from relocdesk.records.party import Attendance
from relocdesk.records.petition import (
    Channel,
    DisputeResult,
    Jurisdiction,
    Opinion,
    Petition,
    PetitionReview,
    Purpose,
    ReviewLevel,
    ReviewResult,
)
from relocdesk.records.rectification import SETTLED, ItemState, LookBack, LookResult, Measure, RectificationItem
from relocdesk.records.reference import Office, Place
from relocdesk.records.trail import BLOCK_TABLES, LOCAL_STATE, OP, TXN
from relocdesk.rules.petition import ASK_DAYS, HANDLING_DAYS, MOST_EXTENSION, NOTICE_DAYS, REVIEW_DAYS


def _collective(t: FromClause) -> ColumnElement[Any]:
    return case((t.c.persons >= cast(setting_text("petition.collective", t.c.home), Integer), 1), else_=0)


def _notice_due(t: FromClause) -> ColumnElement[Any]:
    return case((and_(t.c.unreachable == 0, t.c.channel != Channel.REOPENED), term_end(t, t.c.received_on, NOTICE_DAYS)))


def _due_on(t: FromClause) -> ColumnElement[Any]:
    """By when a case must be finished; null where neither the law nor the office sets a term (rules.petition.finish_by)."""
    extension = func.coalesce(t.c.extension_days, 0)
    most = case((extension > MOST_EXTENSION, MOST_EXTENSION), (extension < 0, 0), else_=extension)
    days = case((t.c.channel == Channel.REOPENED, _days_of("petition.redo_days", t)), (t.c.purpose == Purpose.CLAIM, HANDLING_DAYS + most),
                else_=_days_of("petition.other_days", t))  # fmt: skip
    return term_end(t, t.c.accepted_on, days)


def _days_of(key: str, t: FromClause) -> ColumnElement[Any]:
    """A setting of days; null when it is empty."""
    return cast(func.nullif(setting_text(key, t.c.home), ""), Integer)


def _reviewable(t: FromClause) -> ColumnElement[bool]:
    """Whether 复查 can be asked against the answer (rules.petition.Case.reviewable)."""
    return and_(func.coalesce(t.c.opinion, "") != Opinion.MEDIATE, or_(t.c.purpose == Purpose.CLAIM, t.c.remedy_told == 1))


def our_offices() -> Select[Any]:
    """The names of the offices that this book belongs to: what one of them reviews is its own duty."""
    office, place = Office.__table__.alias(), Place.__table__.alias()
    here = select(LOCAL_STATE.c.value).where(LOCAL_STATE.c.key == "place_code").scalar_subquery()
    inside = func.substr(place.c.code, 1, func.length(here)) == here
    return select(office.c.name).join(place, place.c.id == office.c.place).where(office.c.deleted == 0, inside)


def _ended(t: FromClause) -> ColumnElement[bool]:
    return or_(t.c.withdrawn_on.is_not(None), t.c.joined_to.is_not(None), t.c.returned_on.is_not(None))


def _review_running(t: FromClause, level: ReviewLevel, value: Any, *, open_only: bool = True, ours: bool = False) -> ColumnElement[Any]:
    r = PetitionReview.__table__.alias()
    asked = select(value(r)).where(r.c.petition == t.c.id, r.c.level == level, r.c.deleted == 0)
    asked = asked.where(r.c.organ.in_(our_offices())) if ours else asked
    return (asked.where(r.c.done_on.is_(None)) if open_only else asked).limit(1).correlate_except(r).scalar_subquery()


def _changed_on(t: FromClause) -> ColumnElement[Any]:
    """The day of the last 复查 or 复核 that changed or revoked the opinion; null when the last one did not."""
    r = PetitionReview.__table__.alias()
    changed = select(case((r.c.result == ReviewResult.CHANGED, r.c.done_on))).where(r.c.petition == t.c.id, r.c.deleted == 0)
    return changed.order_by((r.c.level == ReviewLevel.RECHECK).desc()).limit(1).correlate_except(r).scalar_subquery()


def _redone(t: FromClause) -> ColumnElement[bool]:
    """Whether a case handles this one anew since then."""
    p = Petition.__table__.alias()
    made = select(literal(1)).where(p.c.repeat_of == t.c.id, p.c.channel == Channel.REOPENED, p.c.deleted == 0, p.c.received_on >= _changed_on(t))
    return made.correlate_except(p).exists()


def _to_redo(t: FromClause) -> ColumnElement[bool]:
    """Whether it is still to be handled anew (rules.petition.to_redo)."""
    since = _changed_on(t)
    return and_(since.is_not(None), func.coalesce(t.c.settled_on, "") < since, not_(_redone(t)))


def _next_due(t: FromClause) -> ColumnElement[Any]:
    """The earliest day by which this office must do something about a case; null when nothing is to be done, or no term is set."""
    never = "9999-12-31"
    notice = case((t.c.noticed_on.is_(None), func.coalesce(_notice_due(t), never)), else_=never)
    due = _due_on(t)
    answered = or_(t.c.delivered_on.is_not(None), t.c.unreachable == 1)  # nobody knows where to deliver
    taken = t.c.accepted_on.is_not(None)
    handling = case((t.c.closed_on.is_(None), func.coalesce(due, never)), (or_(answered, not_(taken)), never), (due > t.c.closed_on, due),
                    else_=t.c.closed_on)  # fmt: skip
    reviews = [func.coalesce(_review_running(t, level, _review_due, ours=True), never) for level in ReviewLevel]
    anew = case((_to_redo(t), func.coalesce(term_end(t, _changed_on(t), _days_of("petition.redo_days", t)), never)), else_=never)
    return case((_ended(t), None), (t.c.archive_no.is_not(None), func.nullif(func.min(anew, *reviews), never)),
                else_=func.nullif(func.min(notice, handling, anew, *reviews), never))  # fmt: skip


def _petition_days_left(t: FromClause) -> ColumnElement[Any]:
    return cast(func.julianday(_next_due(t)) - func.julianday(func.on_day()), Integer)


def _dispute_days_left(t: FromClause) -> ColumnElement[Any]:
    left = cast(func.julianday(t.c.due_on) - func.julianday(func.on_day()), Integer)
    return case((and_(t.c.result.in_((DisputeResult.OPEN, DisputeResult.HELD)), t.c.petition.is_(None)), left))


def _petition_state(t: FromClause) -> ColumnElement[Any]:
    """Where a case stands, in the words of rules.petition.STATES; the latest thing that happened decides."""
    reviewed, rechecked = (_review_running(t, level, lambda r: func.coalesce(r.c.told_on, r.c.done_on), open_only=False) for level in ReviewLevel)
    reviewing, rechecking = (_review_running(t, level, lambda r: r.c.asked_on) for level in ReviewLevel)
    answered = (Jurisdiction.REFUSE, Jurisdiction.TRANSFER, Jurisdiction.ASSIGN, Jurisdiction.GUIDE)
    today = func.on_day()
    replied = or_(t.c.delivered_on.is_not(None), and_(t.c.closed_on.is_not(None), t.c.unreachable == 1))
    return case(
        (t.c.joined_to.is_not(None), "已并案"),
        (t.c.withdrawn_on.is_not(None), "已撤回"),
        (t.c.returned_on.is_not(None), "已退回"),
        (rechecking.is_not(None), "复核中"),
        (reviewing.is_not(None), "复查中"),
        (_to_redo(t), "待重新办理"),
        (t.c.archive_no.is_not(None), "已归档"),
        (_redone(t), "已重新办理"),
        (rechecked.is_not(None), "已终结"),
        (and_(t.c.settled_on.is_not(None), replied), "已息诉"),
        (reviewed.is_not(None), case((today <= term_end(t, reviewed, ASK_DAYS), "可申请复核"), else_="已终结")),
        (and_(t.c.delivered_on.is_not(None), _reviewable(t), today <= term_end(t, t.c.delivered_on, ASK_DAYS)), "可申请复查"),
        (replied, "已终结"),
        (t.c.closed_on.is_not(None), "待送达"),
        (and_(t.c.jurisdiction == Jurisdiction.ACCEPT, t.c.accepted_on.is_(None)), "待审查"),
        (and_(t.c.jurisdiction.is_not(None), t.c.noticed_on.is_(None), t.c.unreachable == 0, t.c.channel != Channel.REOPENED), "待告知"),
        (t.c.jurisdiction.in_(answered), "已答复去向"),
        (t.c.extension_days > 0, "延期办理"),
        (t.c.accepted_on.is_not(None), "办理中"),
        else_="待审查",
    )


def _review_due(t: FromClause) -> ColumnElement[Any]:
    heard = case((t.c.level == ReviewLevel.RECHECK, func.coalesce(t.c.hearing_days, 0)), else_=0)
    return term_end(t, t.c.asked_on, REVIEW_DAYS + heard)


def _items(*states: ItemState) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        i = RectificationItem.__table__.alias()
        return child_sum(i, "inspection", func.count(i.c.id), t.c.id, *([i.c.state.in_(states)] if states else []))

    return make


def _relapsed(t: FromClause) -> ColumnElement[Any]:
    """Problems of an inspection that a look-back once found again (Z04)."""
    i, look = RectificationItem.__table__.alias(), LookBack.__table__.alias()
    found = select(literal(1)).where(look.c.item == i.c.id, look.c.deleted == 0, look.c.result == LookResult.RELAPSED).correlate_except(look).exists()
    return child_sum(i, "inspection", func.count(i.c.id), t.c.id, found)


def _item_step(t: FromClause) -> ColumnElement[Any]:
    look = LookBack.__table__.alias()
    newest = select(look.c.result).where(look.c.item == t.c.id, look.c.deleted == 0).order_by(look.c.checked_on.desc()).limit(1)
    last = newest.correlate_except(look).scalar_subquery()
    return case(
        (t.c.group_signed_on.is_not(None), "已销号"),
        (t.c.leader_signed_on.is_not(None), "待党组销号"),
        (t.c.section_signed_on.is_not(None), "待领导签字"),
        (t.c.state.in_(SETTLED), "待股室签字"),
        (last == LookResult.RELAPSED, "反弹重开"),
        else_="整改中",
    )


def _item_measures(t: FromClause) -> ColumnElement[Any]:
    """The measures in one cell, numbered as they are kept: 1. … 2. …, one a line."""
    m = Measure.__table__.alias()
    joined = func.group_concat(m.c.number + ". " + m.c.text, "\n")
    return child_sum(m, "item", aggregate_order_by(joined, func.length(m.c.number), m.c.number), t.c.id)


def _item_days_left(t: FromClause) -> ColumnElement[Any]:
    left = cast(func.julianday(t.c.due_on) - func.julianday(func.on_day()), Integer)
    return case((t.c.state.in_(SETTLED), None), else_=left)


def _item_doubt(t: FromClause) -> ColumnElement[Any]:
    """What an inspector would ask about: Z02 overdue, Z03 settled without evidence or signatures, Z05 nobody or nothing to do."""
    m, file = Measure.__table__.alias(), Attachment.__table__.alias()
    measured = select(literal(1)).where(m.c.item == t.c.id, m.c.deleted == 0).correlate_except(m).exists()
    look = LookBack.__table__.alias()
    relapse = select(func.max(look.c.id)).where(look.c.item == t.c.id, look.c.deleted == 0, look.c.result == LookResult.RELAPSED)
    since = func.coalesce(relapse.correlate_except(look).scalar_subquery(), "")
    filed = select(literal(1)).where(file.c.record == t.c.id, file.c.deleted == 0, file.c.id > since).correlate_except(file).exists()
    settled = t.c.state.in_(SETTLED)
    found = (
        (and_(not_(settled), t.c.due_on < func.on_day()), "超期未完成"),
        (and_(settled, func.coalesce(t.c.evidence, "") == "", not_(filed)), "没有佐证材料"),
        (and_(settled, or_(t.c.section_signed_by.is_(None), t.c.leader_signed_by.is_(None))), "签字不齐"),
        (not_(measured), "没有整改措施"),
        (func.coalesce(t.c.person, "") == "", "没有责任人"),
    )
    joined: ColumnElement[Any] = literal("")
    for when, words in found:
        joined = joined + case((when, "；" + words), else_="")
    return func.substr(joined, 2)


def _signed_in(*, leading: bool) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        a = Attendance.__table__.alias()
        return child_sum(a, "meeting", func.count(a.c.id), t.c.id, a.c.present == 1, *([a.c.leading == 1] if leading else []))

    return make


def _needs_update(t: FromClause) -> ColumnElement[Any]:
    """Whether the record was changed after it was typed into the platform: after the moment that was noted, else after the day.

    Its lines belong to it, for stages and sums come from them; so does the record by whose name it is known.
    """
    op, txn = OP.alias(), TXN.alias()
    since = case((t.c.done_at.is_not(None), txn.c.at > t.c.done_at), else_=func.date(txn.c.at, "+8 hours") > t.c.done_on)
    changed = select(literal(1)).select_from(op.join(txn, op.c.txn == txn.c.id))
    own = changed.where(or_(op.c.row == t.c.record, op.c.row.in_(union_all(*_reached(t)))), op.c.kind == "u", since)
    lines = changed.where(op.c.row.in_(union_all(*_lines(t))), op.c.kind.in_(("i", "u")), since)
    found = or_(own.correlate_except(op, txn).exists(), lines.correlate_except(op, txn).exists())
    return case((or_(t.c.record.is_(None), t.c.done_on.is_(None)), 0), (found, 1), else_=0)


def _lines(t: FromClause) -> Iterator[Select[Any]]:
    """The lines of the record an entry is about, of whichever register."""
    for reg in REGISTERS:
        if reg.parent is not None and reg.name not in BLOCK_TABLES:
            child = reg.cls.__table__.alias()
            of = select(child.c.id).where(t.c.register == reg.parent.to, child.c[reg.parent.name] == t.c.record)
            yield of.correlate_except(child)


def _reached(t: FromClause) -> Iterator[Select[Any]]:
    """What the record takes over from others: a household the name of its head."""
    for reg in REGISTERS:
        for link in {f.via.split(".")[0] for f in reg if f.via} & {f.name for f in reg.stored}:
            row = reg.cls.__table__.alias()
            yield select(row.c[link]).where(t.c.register == reg.name, row.c.id == t.c.record).correlate_except(row)


COMPUTED: dict[tuple[str, str], Sql] = {
    ("petition", "collective"): _collective,
    ("petition", "notice_due"): _notice_due,
    ("petition", "due_on"): _due_on,
    ("petition", "next_due"): _next_due,
    ("petition", "days_left"): _petition_days_left,
    ("petition", "state"): _petition_state,
    ("dispute", "days_left"): _dispute_days_left,
    ("dispute", "turned"): lambda t: case((t.c.petition.is_not(None), 1), else_=0),
    ("petition_review", "due_on"): _review_due,
    ("inspection", "total"): _items(),
    ("inspection", "done"): _items(ItemState.DONE),
    ("inspection", "nearly"): _items(ItemState.NEARLY),
    ("inspection", "open"): _items(ItemState.OPEN),
    ("inspection", "lasting"): _items(ItemState.LASTING),
    ("inspection", "relapsed"): _relapsed,
    ("rectification_item", "step"): _item_step,
    ("rectification_item", "measures"): _item_measures,
    ("rectification_item", "days_left"): _item_days_left,
    ("rectification_item", "doubt"): _item_doubt,
    ("meeting", "counted"): _signed_in(leading=False),
    ("meeting", "leading"): _signed_in(leading=True),
    ("platform_entry", "needs_update"): _needs_update,
}
