"""What is neither entered nor imported because of the wall: payments of a project that hangs, to whose posting an objection is open, or
(where the setting says so) that never hung; and moving a household, a collective or land away from what hangs where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.clerk import Clerk
from relocdesk.entry.cells import Judgement, Trouble
from relocdesk.field import Value
from relocdesk.ids import chunks
from relocdesk.queries.land_walls import load_wall
from relocdesk.queries.work_postings import WorkWalls
from relocdesk.records import Record
from relocdesk.records.household import CollectiveUnit, Household
from relocdesk.records.survey import Parcel
from relocdesk.records.works import ProjectPayment, SupportProject

R = TypeVar("R", bound=Record)


STANDING = (Household.__tablename__, Parcel.__tablename__, CollectiveUnit.__tablename__)
"""Whose place says which walls their money waits for."""


def refuse_posted(session: Session, clerk: Clerk, out: Judgement) -> None:
    """Takes the rows out of a judgement that would pay what must wait (audit rule J12), or move away from what it waits for (L15)."""
    if out.register.name in STANDING:
        _refuse_moves(session, clerk, out)
    elif out.register.name == ProjectPayment.__tablename__:
        _refuse_payments(session, clerk, out)


def _refuse_moves(session: Session, clerk: Clerk, out: Judgement) -> None:
    moves = {one.row: one.changes["place"] for one in out.changed if "place" in one.changes}
    wall = load_wall(session, clerk.on) if moves else None
    if wall is None or not (wall.running or wall.unnamed):
        return
    f, told = out.register["place"], dict[int, Trouble]()
    for number, (old, new) in moves.items():
        left = wall.over(str(old)) - wall.over(str(new)) if old and new else set()
        if left:
            text = f"原来的村组正在公示，或有没办结的异议（{sorted(words for *_, words in left)[0]}），公示期满、异议办结以后再改"
            told[number] = Trouble(number, f.name, f.label, wall.places.full(str(new)), text, "L15")
    _take_out(out, told)


def _refuse_payments(session: Session, clerk: Clerk, out: Judgement) -> None:
    f, walls = out.register["paid_on"], WorkWalls(session, clerk.on)
    told: dict[int, Trouble] = {}
    paid = list(_paid(session, out))
    projects = _by_id(session, SupportProject, [project for _, project, _ in paid])
    for number, project, day in (one for one in paid if one[1] in projects):
        waits = walls.waits(projects[project], day)
        unposted, refused = walls.unposted(projects[project], day)
        if waits:
            told[number] = Trouble(number, f.name, f.label, day, f"{waits}；请等公示期满、异议办结", "J12")
        elif refused:
            told[number] = Trouble(number, f.name, f.label, day, f"{unposted}，不能支付；请先张榜公示，或在设置里改成只提醒", "J12")
    _take_out(out, told)


def _take_out(out: Judgement, told: dict[int, Trouble]) -> None:
    out.problems += told.values()
    out.new[:] = [new for new in out.new if new.row not in told]
    out.changed[:] = [one for one in out.changed if one.row not in told]


def _paid(session: Session, out: Judgement) -> Iterator[tuple[int, str, str]]:
    """Row, project and day of what would be paid: new payments, and registered ones that get another project, another day or more money."""
    yield from ((new.row, str(new.values["project"]), str(new.values["paid_on"])) for new in out.new)
    more = [one for one in out.changed if {"project", "paid_on"} & one.changes.keys() or _rises(*one.changes.get("amount", (0, 0)))]
    rows = _by_id(session, ProjectPayment, [one.id for one in more])
    for one in more:
        row = rows[one.id]
        yield one.row, str(one.changes.get("project", ("", row.project))[1]), str(one.changes.get("paid_on", ("", row.paid_on))[1])


def _rises(before: Value, after: Value) -> bool:
    return int(after or 0) > int(before or 0)


def _by_id(session: Session, cls: type[R], ids: Sequence[str]) -> dict[str, R]:
    return {row.id: row for some in chunks(ids) for row in session.scalars(select(cls).where(cls.id.in_(some)))}
