"""Objections to postings: which are settled, and what is still open. What holds money and closing asks here.

An objection is settled by a recheck with a result. One that became a petition is settled by the end of that petition alone: closed with
a written opinion, withdrawn, refused in writing, settled or filed (信访工作条例 arts 22, 32). What was passed on or led to a court is
not over by that; what was joined to another petition is over with that one. What 复查 or 复核 sent back is open again while it is handled anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, MetaData, and_, case, exists, literal, not_, or_, select
from sqlalchemy.orm import Session

from relocdesk.records.petition import Channel, Jurisdiction, Petition
from relocdesk.records.survey import Objection, Recheck

# The table itself and not what the viewer may see of it: whether money is held must not depend on who looks.
_PETITION = Petition.metadata.tables[Petition.__tablename__].to_metadata(MetaData(), schema="main")


def _ended(p: FromClause) -> ColumnElement[bool]:
    refused = and_(p.c.jurisdiction == Jurisdiction.REFUSE, p.c.noticed_on.is_not(None))
    return or_(refused, *(p.c[name].is_not(None) for name in ("closed_on", "delivered_on", "withdrawn_on", "settled_on", "archive_no")))


def _petitioned(t: FromClause) -> ColumnElement[bool]:
    """Whether a living petition came of an objection."""
    p = _PETITION.alias()
    return exists(select(literal(1)).where(p.c.id == t.c.petition, p.c.deleted == 0).correlate_except(p))


def _petition_over(t: FromClause) -> ColumnElement[bool]:
    p, into = _PETITION.alias(), _PETITION.alias()
    joined = exists(select(literal(1)).where(into.c.id == p.c.joined_to, into.c.deleted == 0, _ended(into)).correlate_except(into))
    anew = _PETITION.alias()
    reopened = exists(select(literal(1)).where(anew.c.repeat_of == p.c.id, anew.c.channel == Channel.REOPENED, anew.c.deleted == 0, not_(_ended(anew)))
                      .correlate_except(anew))  # fmt: skip
    over = (p.c.id == t.c.petition, p.c.deleted == 0, or_(_ended(p), joined), not_(reopened))
    return exists(select(literal(1)).where(*over).correlate_except(p))


def _rechecked(t: FromClause) -> ColumnElement[bool]:
    r = Recheck.__table__.alias()
    return exists(select(literal(1)).where(r.c.objection == t.c.id, r.c.deleted == 0, r.c.result.is_not(None)).correlate_except(r))


@cache
def settled() -> ColumnElement[bool]:
    """Whether an objection no longer stands in the way of money, as SQL over its row; built once, for every payment asks it."""
    t = Objection.__table__
    return or_(and_(not_(_petitioned(t)), _rechecked(t)), _petition_over(t))


def state(t: FromClause) -> ColumnElement[Any]:
    """How far an objection is, as SQL over its row."""
    return case((_petition_over(t), "信访已办结"), (_petitioned(t), "转信访办理中"), (_rechecked(t), "已答复"), else_="待答复")


OPEN_STATES = ("待答复", "转信访办理中")


def open_objections(session: Session, posting: str) -> list[Objection]:
    """The objections to a posting that nothing has settled yet, oldest first."""
    ask = select(Objection).where(Objection.posting == posting, Objection.deleted == 0, not_(settled()))
    return list(session.scalars(ask.order_by(Objection.filed_on, Objection.line)))


def why_open(found: Sequence[Objection]) -> tuple[str, str]:
    """How many objections are open, by whom, and what ends them: an answer, or the end of the petition that one became."""
    turned = [one for one in found if one.petition]
    what = "没有答复" if len(turned) < len(found) else "转为信访件还没有办结"
    cure = "；".join(words for words, there in (("请先复核答复", len(turned) < len(found)), ("转为信访件的，等信访件办结", bool(turned))) if there)
    return f"{len(found)} 条异议{what}（{'、'.join(one.raised_by for one in found[:3])}）", cure
