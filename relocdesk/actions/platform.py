"""The province's platform (一网三平台): what is to be typed there, and what was typed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.action import WORKING, Arg, action
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import DAY, YEAR
from relocdesk.pen import now_utc
from relocdesk.queries.platform import layouts
from relocdesk.queries.rows import Ask, Condition, ids, titles
from relocdesk.records import new_id
from relocdesk.records.party import PlatformEntry, PlatformModule
from relocdesk.records.reference import Role
from relocdesk.rules.days import chinese_date

TYPISTS = (*WORKING, Role.PARTY)
MOST = 5_000  # records listed at once


@action(
    "platform-list", "列入平台录入", "",
    Arg("module", "模块", required=True, choices=PlatformModule), Arg("data_year", "数据年度", YEAR, required=True),
    Arg("person", "录入人", help="空着为本人"), roles=TYPISTS,
)  # fmt: skip
def platform_list(session: Session, clerk: Clerk, record: None, *, module: str, data_year: int, person: str = "") -> str:
    """An entry for every record of the module's registers that has none for this year yet; those with a 年度 only of that year."""
    there = set(session.scalars(select(PlatformEntry.record).where(PlatformEntry.module == module, PlatformEntry.data_year == data_year,
                                                                   PlatformEntry.deleted == 0)))  # fmt: skip
    used = set(session.scalars(select(PlatformEntry.item).where(PlatformEntry.module == module, PlatformEntry.data_year == data_year)))
    made = 0
    for layout in layouts(session, module):
        reg = layout.register
        of_year = (Condition("year", "=", data_year),) if "year" in reg else ()
        fresh = [one for one in ids(session, Ask(reg, of_year)) if one not in there]
        if len(fresh) > MOST:
            raise UserError(f"{reg.label}有 {len(fresh)} 条，一次最多列 {MOST} 条", hint="请在“设置—办理规定”的“平台”里换成汇总的台账")
        names = titles(session, reg, fresh)
        for one in fresh:
            item = _free(names.get(one, one), used)
            session.add(PlatformEntry(id=new_id(), home=session.get_one(reg.cls, one).home, module=module, data_year=data_year, item=item, register=reg.name,
                                      record=one, person=person or clerk.name))  # fmt: skip
            made += 1
    session.flush()
    label = PlatformModule(module).label
    return f"“{label}”{data_year}年列入 {made} 条" if made else f"“{label}”{data_year}年没有要新列入的"


def _free(item: str, used: set[str]) -> str:
    """The item's name, told from others of the same name."""
    name, n = item, 1
    while name in used:
        n += 1
        name = f"{item}（{n}）"
    used.add(name)
    return name


@action("platform-done", "登记平台已录入", "platform_entry", Arg("done_on", "完成日期", DAY, help="空着为今天"), roles=TYPISTS)
def platform_done(session: Session, clerk: Clerk, record: PlatformEntry, *, done_on: str = "") -> str:
    """The record was typed into the platform as it stands; when it changes later, it comes back as 需更正."""
    day = done_on or clerk.on
    if day > clerk.on:
        raise UserError(f"完成日期{chinese_date(day)}还没有到", hint="请核对日期", code="DAY")
    record.started_on = min(record.started_on or day, day)
    record.done_on, record.person = day, record.person or clerk.name
    session.flush()
    record.done_at = now_utc()
    session.flush()
    return f"“{record.item}”已录入平台"
