"""SQL of the computed fields of petitions, rectification and party records: due days, states, counts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, cast, func, literal, or_, select
from sqlalchemy.types import String

from relocdesk.queries.aggregates import Sql, child_sum
from relocdesk.records.petition import Jurisdiction, ReviewLevel
from relocdesk.records.rectification import ItemState, LookBack, LookResult, RectificationItem
from relocdesk.records.trail import OP, TXN

COLLECTIVE = 5  # persons together from which a visit counts as 集体访


def plus_days(day: ColumnElement[Any], days: ColumnElement[Any] | int) -> ColumnElement[Any]:
    """The calendar day so many days later."""
    return func.date(day, literal("+") + cast(days, String) + literal(" days"))


def _collective(t: FromClause) -> ColumnElement[Any]:
    return case((t.c.persons >= COLLECTIVE, 1), else_=0)


def _notice_due(t: FromClause) -> ColumnElement[Any]:
    return plus_days(t.c.received_on, 15)


def _due_on(t: FromClause) -> ColumnElement[Any]:
    return plus_days(t.c.accepted_on, 60 + func.coalesce(t.c.extension_days, 0))


def _petition_state(t: FromClause) -> ColumnElement[Any]:
    return case(
        (t.c.archive_no.is_not(None), "已归档"),
        (t.c.settled_on.is_not(None), "已息诉"),
        (t.c.delivered_on.is_not(None), "已送达"),
        (t.c.closed_on.is_not(None), "已办结"),
        (t.c.jurisdiction.in_((Jurisdiction.REFUSE, Jurisdiction.TRANSFER, Jurisdiction.ASSIGN, Jurisdiction.GUIDE)), "已答复去向"),
        (t.c.extension_days.is_not(None), "延期办理"),
        (t.c.accepted_on.is_not(None), "办理中"),
        else_="待审查",
    )


def _review_due(t: FromClause) -> ColumnElement[Any]:
    heard = case((t.c.level == ReviewLevel.RECHECK, func.coalesce(t.c.hearing_days, 0)), else_=0)
    return plus_days(t.c.asked_on, 30 + heard)


def _items(*states: ItemState) -> Sql:
    def make(t: FromClause) -> ColumnElement[Any]:
        i = RectificationItem.__table__.alias()
        return child_sum(i, "inspection", func.count(i.c.id), t.c.id, *([i.c.state.in_(states)] if states else []))

    return make


def _item_step(t: FromClause) -> ColumnElement[Any]:
    look = LookBack.__table__.alias()
    newest = select(look.c.result).where(look.c.item == t.c.id, look.c.deleted == 0).order_by(look.c.checked_on.desc()).limit(1)
    last = newest.correlate_except(look).scalar_subquery()
    return case(
        (last == LookResult.RELAPSED, "反弹重开"),
        (t.c.group_signed_on.is_not(None), "已销号"),
        (t.c.leader_signed_on.is_not(None), "待党组销号"),
        (t.c.section_signed_on.is_not(None), "待领导签字"),
        (t.c.state.in_((ItemState.DONE, ItemState.LASTING)), "待股室签字"),
        else_="整改中",
    )


def _needs_update(t: FromClause) -> ColumnElement[Any]:
    """Whether the record was changed after it was typed into the platform."""
    op, txn = OP.alias(), TXN.alias()
    later = select(literal(1)).select_from(op.join(txn, op.c.txn == txn.c.id)).where(op.c.row == t.c.record, func.date(txn.c.at, "+8 hours") > t.c.done_on)
    return case((or_(t.c.record.is_(None), t.c.done_on.is_(None)), 0), (later.correlate_except(op, txn).exists(), 1), else_=0)


COMPUTED: dict[tuple[str, str], Sql] = {
    ("petition", "collective"): _collective,
    ("petition", "notice_due"): _notice_due,
    ("petition", "due_on"): _due_on,
    ("petition", "state"): _petition_state,
    ("petition_review", "due_on"): _review_due,
    ("inspection", "total"): _items(),
    ("inspection", "done"): _items(ItemState.DONE),
    ("inspection", "nearly"): _items(ItemState.NEARLY),
    ("inspection", "open"): _items(ItemState.OPEN),
    ("inspection", "lasting"): _items(ItemState.LASTING),
    ("rectification_item", "step"): _item_step,
    ("platform_entry", "needs_update"): _needs_update,
}
