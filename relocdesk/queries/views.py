"""Saved views of a register's page (search, place, conditions, sort) under a name; of this copy only, not logged.

What somebody filters by who sees more than others (the name in a denunciation) is as secret as the rows: such views have a
shelf of their own, which only those find who see as much.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.records.trail import LOCAL_VIEW
from relocdesk.veil import conditions, is_secret


@dataclass(frozen=True, slots=True)
class View:
    """A named way to look at a register. Conditions are (field, op, value) and sort (field, descending), as in rows.Ask."""

    name: str
    search: str = ""
    place: str = ""
    conditions: tuple[tuple[str, str, Any], ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    columns: tuple[str, ...] = field(default=())


def list_views(session: Session, register: str) -> list[View]:
    """The saved views of a register by name; one that can no longer be read is left out."""
    ask = select(LOCAL_VIEW.c.name, LOCAL_VIEW.c.spec).where(LOCAL_VIEW.c.register.in_(_shelves(session, register)))
    found = {one.name: one.spec for one in session.execute(ask.order_by(LOCAL_VIEW.c.register))}
    return [_view(name, json.loads(found[name])) for name in sorted(found)]


def save_view(session: Session, register: str, view: View) -> None:
    """Keeps a view under its name, in place of the one that had it; raises UserError without a name."""
    if not view.name.strip():
        raise UserError("视图还没有名称", hint="请填一个名称，例如“柳树村未签”")
    spec = json.dumps({**asdict(view), "name": view.name.strip()}, ensure_ascii=False)
    made = insert(LOCAL_VIEW).values(register=_shelves(session, register)[-1], name=view.name.strip(), spec=spec)
    session.execute(made.on_conflict_do_update(index_elements=["register", "name"], set_={"spec": spec}))


def drop_view(session: Session, register: str, name: str) -> None:
    """Forgets a view; nothing happens when there is none of this name."""
    session.execute(delete(LOCAL_VIEW).where(LOCAL_VIEW.c.register.in_(_shelves(session, register)), LOCAL_VIEW.c.name == name))


def _shelves(session: Session, register: str) -> list[str]:
    """Where whoever looks finds views of a register; the last one is where theirs are kept."""
    clerk = session.info.get("clerk")
    sees_all = is_secret(register) and clerk is not None and register not in conditions(clerk.role)
    return [register, f"{register}/all"] if sees_all else [register]


def _view(name: str, spec: dict[str, Any]) -> View:
    return View(
        name=name,
        search=str(spec.get("search") or ""),
        place=str(spec.get("place") or ""),
        conditions=tuple((str(one[0]), str(one[1]), one[2]) for one in spec.get("conditions") or ()),
        sort=tuple((str(one[0]), bool(one[1])) for one in spec.get("sort") or ()),
        columns=tuple(str(one) for one in spec.get("columns") or ()),
    )
