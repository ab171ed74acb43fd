"""The holidays of a year put into the office's own table, to be looked at and corrected."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.action import Arg, action
from relocdesk.clerk import Clerk
from relocdesk.entry import home_for
from relocdesk.errors import UserError
from relocdesk.field import YEAR
from relocdesk.records import reference_id, register
from relocdesk.records.reference import Holiday, Role
from relocdesk.words import words


@action("fill-holidays", "载入放假安排", "", Arg("year", "年度", YEAR, required=True), roles=(Role.REVIEW, Role.HEAD, Role.ADMIN))
def fill_holidays(session: Session, clerk: Clerk, record: None, *, year: int) -> str:
    """The shipped holidays and worked weekends of a year as rows (国务院办公厅's notice); days the office has stay as they are."""
    known = [row for row in words("holidays") if row["day"].startswith(f"{year}-")]
    if not known:
        years = sorted({row["day"][:4] for row in words("holidays")})
        raise UserError(f"程序里没有 {year} 年的放假安排（只有 {years[0]}—{years[-1]} 年）",
                        hint="请按国务院办公厅的通知，在“节假日”台账里登记七个节日的放假（写上节日名称）和调休上班的日子")  # fmt: skip
    home = home_for(session, register("holiday"), {})
    there = {row.day: row for row in session.scalars(select(Holiday).where(Holiday.day.startswith(f"{year}-")))}
    added = 0
    for row in known:
        mine = there.get(row["day"])
        if mine is None:
            session.add(Holiday(id=reference_id(home, "holiday", row["day"]), home=home, day=row["day"], kind=row["kind"], name=row["name"]))
        elif mine.deleted:
            mine.deleted, mine.kind, mine.name = 0, row["kind"], row["name"]
        else:
            continue
        added += 1
    session.flush()
    return f"已载入 {year} 年放假安排 {added} 天，与通知不一致的请改正" if added else f"{year} 年的放假安排已经都在台账里"
