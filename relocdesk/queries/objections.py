"""Objections to postings: which are settled, and what is still open. What holds money and closing asks here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, literal, or_, select, union
from sqlalchemy.orm import Session

from relocdesk.records.petition import Petition
from relocdesk.records.survey import Objection, Recheck


def answered() -> Select[Any]:
    """The ids of objections that a recheck has answered, or whose petition is closed (信访工作条例 art. 32)."""
    rechecked = select(Recheck.objection.label("id")).where(Recheck.deleted == 0, Recheck.result.is_not(None), Recheck.objection.is_not(None))
    closed = select(Objection.id.label("id")).join(Petition, Objection.petition == Petition.id).where(Petition.closed_on.is_not(None), Petition.deleted == 0)
    return select(union(rechecked, closed).subquery().c.id)


def open_objections(session: Session, posting: str) -> list[Objection]:
    """The objections to a posting that nothing has settled yet, oldest first."""
    ask = select(Objection).where(Objection.posting == posting, Objection.deleted == 0, Objection.id.not_in(answered()))
    return list(session.scalars(ask.order_by(Objection.filed_on, Objection.line)))


def state(t: FromClause) -> ColumnElement[Any]:
    """How far an objection is, as SQL over its row."""
    r, p = Recheck.__table__.alias(), Petition.__table__.alias()
    rechecked = select(literal(1)).where(r.c.objection == t.c.id, r.c.deleted == 0, r.c.result.is_not(None)).correlate_except(r).exists()
    closed = select(literal(1)).where(p.c.id == t.c.petition, or_(p.c.closed_on.is_not(None), p.c.delivered_on.is_not(None))).correlate_except(p).exists()
    return case((rechecked, "已答复"), (closed, "信访已办结"), (t.c.petition.is_not(None), "转信访办理中"), else_="待答复")
