"""What is typed into the province's platform a second time: which fields of which register in which order, and what is left to type.

The platform offers no interface: people copy field by field. The order is the office's own setting for each module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.errors import UserError
from relocdesk.field import Field, Register
from relocdesk.queries import choices
from relocdesk.queries.dues import Condition3, ask
from relocdesk.queries.rows import Ask, Condition, ids, page, rowids
from relocdesk.records import find_register, register
from relocdesk.records.party import PlatformModule
from relocdesk.veil import is_secret

AT_ONCE = 500  # entries of the strip


@dataclass(frozen=True, slots=True)
class Layout:
    """One register of a module with its fields in the platform's order."""

    register: Register
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Copying:
    """One entry to type: its record's fields as (label, text) in the platform's order."""

    entry: str
    title: str
    again: bool  # it was typed before and has changed since
    fields: tuple[tuple[str, str], ...]


def layouts(session: Session, module: str) -> list[Layout]:
    """The registers of a module by the setting; raises UserError naming the line and word that nobody could follow."""
    text = settings.text(session, f"platform.{module}")
    found = [_layout(line, PlatformModule(module).label) for line in text.splitlines() if line.strip()]
    if not found:
        raise UserError(f"“{PlatformModule(module).label}”模块没有设置栏目", hint="请在“设置—办理规定”的“平台”里写：台账名称：栏目、栏目")
    return found


def _layout(line: str, module: str) -> Layout:
    name, sign, rest = line.replace(":", "：").partition("：")
    if not sign:
        raise UserError(f"“{module}”模块的设置“{line.strip()}”里没有冒号", hint="请写成 台账名称：栏目、栏目")
    reg = find_register(name.strip())
    if is_secret(reg.name):
        raise UserError(f"“{module}”模块的设置里写了{reg.label}，它有不能公开的内容", hint="请去掉这一行，不能公开的不列入平台录入")
    fields = []
    for word in (one.strip() for one in rest.replace("，", "、").split("、")):
        f = reg.find(word) if word else None
        if word and f is None:
            raise UserError(f"“{module}”模块的设置里，{reg.label}没有“{word}”这一栏", hint="可用：" + "、".join(one.label for one in reg))
        fields += [f] if f else []
    return Layout(reg, tuple(fields))


def entries(year: int | None, module: str, person: str = "") -> Ask:
    """The entries of a module, of a year and a person where wished."""
    conditions: list[Condition3] = [("module", "=", module)]
    conditions += [("data_year", "=", year)] if year else []
    conditions += [("person", "=", person)] if person else []
    return ask("platform_entry", *conditions)


def to_copy(session: Session, module: str, year: int | None = None, person: str = "") -> list[str]:
    """The ids of the entries that are still to be typed, those that changed since first, then by item."""
    wanted = entries(year, module, person)
    again = ids(session, Ask(wanted.register, (*wanted.conditions, Condition("needs_update", "=", 1))))
    fresh = ids(session, Ask(wanted.register, (*wanted.conditions, Condition("done_on", "空"))))
    return [*again, *(one for one in fresh if one not in set(again))][:AT_ONCE]


def copying(session: Session, entry: str) -> Copying | None:
    """One entry with the texts to copy; an entry without a record has its item alone."""
    reg = register("platform_entry")
    line = choices.record(session, reg, entry, [reg[name] for name in ("item", "module", "register", "record", "needs_update")])
    if line is None:
        return None
    item, module, name, record, again = line.values
    if not name or not record:
        return Copying(entry, str(item), bool(again), (("录入事项", str(item)),))
    layout = next((one for one in layouts(session, str(module)) if one.register.name == name), Layout(register(str(name)), ()))
    return Copying(entry, str(item), bool(again), tuple(_texts(session, layout, str(record))))


def _texts(session: Session, layout: Layout, record: str) -> Iterator[tuple[str, str]]:
    reg = layout.register
    rowid = choices.rowid_of(session, reg, record)
    for row in page(session, reg, [rowid], layout.fields, named=True) if rowid is not None else ():
        for f, value, shown in zip(layout.fields, row.values, row.shown, strict=True):
            yield f.title, shown if f.to or f.choices or f.words or f.via else f.kind.plain(value)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a module is for a year and person."""

    module: str
    year: int
    person: str
    whole: int
    done: int
    again: int


def progress(session: Session) -> list[Progress]:
    """The checklist by module, year and person: how many entries, typed, and changed since."""
    reg = register("platform_entry")
    names = ("module", "data_year", "person", "done_on", "needs_update")
    counted: dict[tuple[str, int, str], list[int]] = {}
    found = rowids(session, Ask(reg))
    for start in range(0, len(found), 1000):
        for line in page(session, reg, found[start : start + 1000], [reg[name] for name in names]):
            module, year, person, done, again = line.values
            sums = counted.setdefault((str(module), int(year or 0), str(person or "")), [0, 0, 0])
            sums[0] += 1
            sums[1] += bool(done and not again)
            sums[2] += bool(again)
    order = [one.value for one in PlatformModule]
    return [Progress(*key, *sums) for key, sums in sorted(counted.items(), key=lambda pair: (-pair[0][1], order.index(pair[0][0]), pair[0][2]))]
