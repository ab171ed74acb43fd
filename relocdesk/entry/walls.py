"""Payments of a project that hangs on the wall, or to whose posting an objection is open: not entered and not imported either."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.clerk import Clerk
from relocdesk.entry.cells import Judgement, Trouble
from relocdesk.queries.work_postings import held_work
from relocdesk.records.survey import Posting, PostingSubject
from relocdesk.records.works import ProjectPayment, SupportProject


def refuse_posted(session: Session, clerk: Clerk, out: Judgement) -> None:
    """Takes the rows out of a judgement whose project must wait (audit rule J12)."""
    if out.register.name != ProjectPayment.__tablename__:
        return
    if session.scalar(select(Posting.id).where(Posting.subject == PostingSubject.PROJECT, Posting.deleted == 0).limit(1)) is None:
        return
    f = out.register["paid_on"]
    told: dict[int, Trouble] = {}
    for new in out.new:
        project = session.get(SupportProject, new.values["project"])
        waits = held_work(session, project, str(new.values["paid_on"]), clerk.on) if project else ""
        if waits:
            told[new.row] = Trouble(new.row, f.name, f.label, str(new.values["paid_on"]), f"{waits}；请等公示期满、异议办结", "J12")
    out.problems += told.values()
    out.new[:] = [new for new in out.new if new.row not in told]
