"""Where new rows live, how they are numbered, and who may enter them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import veil
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import Register, Value
from relocdesk.queries.keys import Keys
from relocdesk.records import home_id, register
from relocdesk.records.reference import Role

LINE_DIGITS = 6
# Registers that the party worker keeps as well.
PARTY_WORK = frozenset(("inspection", "rectification_item", "measure", "look_back", "meeting", "attendance", "talk", "home_visit", "visit_family", "pledge",
                        "service_item", "task", "work_step", "advert", "petition", "petition_step", "petition_review", "dispute", "patrol",
                        "attachment"))  # fmt: skip


def place_code(session: Session) -> str:
    """The code of the area this book is for."""
    return Keys(session).area


def home_for(session: Session, reg: Register, values: Mapping[str, Value], keys: Keys | None = None) -> str:
    """The home a new row lives in for ever: the county's, its place's, its parent's, else this office's."""
    keys = keys or Keys(session)
    for source in reg.home:
        if source in ("county", "office"):
            return home_id(keys.area[:6] if source == "county" else keys.area)
        value = values.get(source)
        if value:
            target = register(reg[source].to)
            return keys.tree().home(str(value)) if target.name == "place" else keys.home(str(value), target)
    return home_id(keys.area)


def next_line(session: Session, reg: Register, clerk: Clerk, field_name: str = "line") -> int:
    """The first free number in this laptop's series of a register; deleted rows keep theirs."""
    column = reg.cls.__table__.c[field_name]
    pattern = f"{clerk.laptop}" + "_" * LINE_DIGITS
    given = session.execute(select(column).where(column.like(pattern)).order_by(column.desc())).scalars()
    return next((int(text[1:]) + 1 for text in given if text[1:].isdecimal()), 1)


def line_text(clerk: Clerk, number: int) -> str:
    """A running number as it is written: A000017, with the laptop's letter so that two laptops never meet."""
    return f"{clerk.laptop}{number:0{LINE_DIGITS}d}"


def refuse_reader(clerk: Clerk, reg: Register) -> None:
    """Raises UserError when the clerk's role may not enter rows of this register."""
    allowed: tuple[str, ...] = (Role.ENTRY, Role.REVIEW, Role.HEAD, Role.ADMIN)
    if reg.seen_by:
        allowed = reg.seen_by
    elif reg.name == "operator":
        allowed = (Role.ADMIN,)
    elif reg.name in PARTY_WORK:
        allowed = (*allowed, Role.PARTY)
    elif reg.name in ("price_item", "policy_row", "setting", "office", "holiday"):  # what figures and terms rest on
        allowed = (Role.REVIEW, Role.HEAD, Role.ADMIN)
    if clerk.role not in allowed:
        names = "、".join(Role(role).label for role in allowed)
        raise UserError(f"{clerk.name}不能改“{reg.label}”", hint=f"请由{names}岗位的人员办理", code="ROLE")


def refuse_made(reg: Register) -> None:
    """Raises UserError when only an action makes rows of this register (用印单据, 导入批次 …): nobody enters or imports them."""
    if reg.made_by:
        raise UserError(f"“{reg.label}”在办理“{reg.made_by}”时由程序登记，不能自己新增或导入", hint=f"请办理“{reg.made_by}”；要名单可以导出", code="MADE")


def may_change(clerk: Clerk, reg: Register) -> bool:
    """Whether the clerk's role may change rows of this register."""
    try:
        refuse_reader(clerk, reg)
    except UserError:
        return False
    return True


def may_add(clerk: Clerk, reg: Register) -> bool:
    """Whether the clerk may enter new rows of this register, by form or workbook."""
    return not reg.made_by and may_change(clerk, reg)


def refuse_hidden(session: Session, clerk: Clerk, reg: Register, rows: Iterable[str]) -> None:
    """Raises UserError, as if there were none, when the clerk may not see one of these rows."""
    if veil.hidden(session.connection(), clerk.role, reg.name, rows):
        raise UserError(f"没有这条{reg.label}", hint="请核对编号，或刷新后再看", code="KEY")


def kept_from(clerk: Clerk, reg: Register, row: Mapping[str, Value]) -> bool:
    """Whether a row as entered is one that the clerk may not see (检举控告): such are registered by those who may."""
    if reg.secret is None:
        return False
    name, value, roles = reg.secret
    return row.get(name) == value and clerk.role not in roles
