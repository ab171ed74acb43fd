"""Saved views of a register's page (search, place, conditions, sort) under a name; of this copy only, not logged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.records.trail import LOCAL_VIEW


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
    rows = session.execute(select(LOCAL_VIEW.c.name, LOCAL_VIEW.c.spec).where(LOCAL_VIEW.c.register == register).order_by(LOCAL_VIEW.c.name))
    return [_view(name, json.loads(spec)) for name, spec in rows]


def save_view(session: Session, register: str, view: View) -> None:
    """Keeps a view under its name, in place of the one that had it; raises UserError without a name."""
    if not view.name.strip():
        raise UserError("视图还没有名称", hint="请填一个名称，例如“柳树村未签”")
    spec = json.dumps({**asdict(view), "name": view.name.strip()}, ensure_ascii=False)
    made = insert(LOCAL_VIEW).values(register=register, name=view.name.strip(), spec=spec)
    session.execute(made.on_conflict_do_update(index_elements=["register", "name"], set_={"spec": spec}))


def drop_view(session: Session, register: str, name: str) -> None:
    """Forgets a view; nothing happens when there is none of this name."""
    session.execute(delete(LOCAL_VIEW).where(LOCAL_VIEW.c.register == register, LOCAL_VIEW.c.name == name))


def _view(name: str, spec: dict[str, Any]) -> View:
    return View(
        name=name,
        search=str(spec.get("search") or ""),
        place=str(spec.get("place") or ""),
        conditions=tuple((str(one[0]), str(one[1]), one[2]) for one in spec.get("conditions") or ()),
        sort=tuple((str(one[0]), bool(one[1])) for one in spec.get("sort") or ()),
        columns=tuple(str(one) for one in spec.get("columns") or ()),
    )
