"""Payments of a project that hangs on the wall, to whose posting an objection is open, or (where the setting says so) that never hung:
not entered and not imported either.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.clerk import Clerk
from relocdesk.entry.cells import Judgement, Trouble
from relocdesk.queries.work_postings import held_work, unposted_work
from relocdesk.records.reference import Setting
from relocdesk.records.survey import Posting, PostingSubject
from relocdesk.records.works import ProjectPayment, SupportProject


def refuse_posted(session: Session, clerk: Clerk, out: Judgement) -> None:
    """Takes the rows out of a judgement whose project must wait (audit rule J12)."""
    if out.register.name != ProjectPayment.__tablename__:
        return
    strict = session.scalar(select(Setting.id).where(Setting.key == "posting.required", Setting.deleted == 0).limit(1)) is not None
    any_wall = select(Posting.id).where(Posting.subject == PostingSubject.PROJECT, Posting.deleted == 0).limit(1)
    if not strict and session.scalar(any_wall) is None:
        return
    f = out.register["paid_on"]
    told: dict[int, Trouble] = {}
    for number, project_id, day in _paid(session, out):
        project = session.get(SupportProject, project_id)
        waits = held_work(session, project, day, clerk.on) if project else ""
        unposted, refused = unposted_work(session, project, day) if project and strict else ("", False)
        if waits:
            told[number] = Trouble(number, f.name, f.label, day, f"{waits}；请等公示期满、异议办结", "J12")
        elif refused:
            told[number] = Trouble(number, f.name, f.label, day, f"{unposted}，不能支付；请先张榜公示，或在设置里改成只提醒", "J12")
    out.problems += told.values()
    out.new[:] = [new for new in out.new if new.row not in told]
    out.changed[:] = [one for one in out.changed if one.row not in told]


def _paid(session: Session, out: Judgement) -> Iterator[tuple[int, str, str]]:
    """Row, project and day of what would be paid: new payments, and registered ones that get another project, another day or more money."""
    yield from ((new.row, str(new.values["project"]), str(new.values["paid_on"])) for new in out.new)
    for one in out.changed:
        before, after = one.changes.get("amount", (0, 0))
        if "project" in one.changes or "paid_on" in one.changes or int(after or 0) > int(before or 0):
            row = session.get_one(ProjectPayment, one.id)
            yield one.row, str(one.changes.get("project", ("", row.project))[1]), str(one.changes.get("paid_on", ("", row.paid_on))[1])
