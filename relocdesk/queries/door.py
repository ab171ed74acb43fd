"""What is asked while a book opens, in plain statements: the window is there before any register is loaded."""

from __future__ import annotations

from sqlalchemy.orm import Session

from relocdesk.ids import home_id


def operators(session: Session) -> list[tuple[str, str, str]]:
    """Name, role and id of everybody who may work with the book, by name."""
    found = session.connection().exec_driver_sql("SELECT name, role, id FROM operator WHERE active = 1 AND deleted = 0 ORDER BY name")
    return [(str(name), str(role), str(row_id)) for name, role, row_id in found]


def last_hand_over(session: Session) -> str:
    """The day data was handed over last; "" before the first time."""
    found = session.connection().exec_driver_sql("SELECT max(handed_on) FROM hand_over WHERE deleted = 0").scalar()
    return str(found or "")


def office_name(session: Session, home: str) -> str:
    """The name of the office whose home this is; "" without one."""
    found = session.connection().exec_driver_sql("SELECT office.name, place.code FROM office JOIN place ON place.id = office.place WHERE office.deleted = 0")
    return next((str(name) for name, code in found if home_id(code) == home), "")
