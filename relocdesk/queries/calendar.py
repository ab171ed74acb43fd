"""The office's calendar: the shipped holidays with the book's own rows over them, for rules and for computed fields."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, or_, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.records.reference import Holiday, Setting
from relocdesk.rules.calendar import Calendar, calendar

ROLL_OVER = "calendar.roll_over"


def office_calendar(session: Session, home: str = "") -> Calendar:
    """The calendar by which an office counts; without a home this book's own."""
    rows = session.execute(select(Holiday.day, Holiday.kind, Holiday.name).where(Holiday.deleted == 0)).all()
    return calendar(((row.day, row.kind, row.name or "") for row in rows), roll_over=settings.flag(session, ROLL_OVER, home))


def setting_text(key: str, home: ColumnElement[Any]) -> ColumnElement[Any]:
    """A setting's typed text as SQL: the home's own, else the county's, else the default."""
    t = Setting.__table__.alias()
    own = select(t.c.value).where(t.c.key == key, t.c.deleted == 0, or_(t.c.home == home, t.c.home == func.county_home()))
    first = own.order_by(t.c.home == func.county_home()).limit(1).correlate_except(t).scalar_subquery()
    return func.coalesce(first, settings.spec(key).default)


def own_days() -> ColumnElement[Any]:
    """The book's own holidays as one text, the same for every row of a statement."""
    t = Holiday.__table__.alias()
    days = select((t.c.day + " " + t.c.kind).label("day")).where(t.c.deleted == 0).order_by(t.c.day).subquery()
    return select(func.group_concat(days.c.day, ",")).scalar_subquery()


def term_end(t: FromClause, start: ColumnElement[Any], days: ColumnElement[Any] | int) -> ColumnElement[Any]:
    """The last day of a term of calendar days as SQL; the first day is not counted, a last day off rolls over by setting.

    Source: 民法典 arts 201, 203. Null where the term has not begun.
    """
    return func.term_end(start, days, own_days(), setting_text(ROLL_OVER, t.c.home))
