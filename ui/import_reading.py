"""Reading a workbook for the import page, off the window's thread: its sheets, the plan, and the result as texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import MONEY, MU, Register, Value
from relocdesk.job import Tick
from relocdesk.queries import rows
from relocdesk.queries.computed import target
from relocdesk.queries.rows import Shower
from ui.access import Access, Session

if TYPE_CHECKING:
    from relocdesk.entry import Judgement
    from relocdesk.excel.plan import Plan
    from relocdesk.excel.sheet import Sheet

SHOWN = 2_000  # rows of each tab; the counts tell of all


@dataclass
class Shown:
    """One tab of the result: heads, texts, how many there are in all, and the columns of old and new values."""

    heads: tuple[str, ...]
    lines: Sequence[tuple[str, ...]]
    count: int
    told: str = ""
    old: int = -1
    new: int = -1


@dataclass
class Reading:
    """What was read: the plan or why there is none, the sheets, and the tabs of the result."""

    sheets: list[Sheet]
    plan: Plan | None = None
    trouble: UserError | None = None
    tabs: dict[str, Shown] = field(default_factory=dict)


def read_file(access: Access, clerk: Clerk, reg: Register, path: Path, tick: Tick, *, sheet: str = "", mapping: dict[str, str] | None = None,
              accept: dict[str, str] | None = None, create_places: bool = False, erase_empty: bool = False,
              defaults: dict[str, str] | None = None) -> Reading:  # fmt: skip
    """Reads and judges a workbook, for the worker; raises UserError only when the file itself cannot be read."""
    from relocdesk.excel.plan import plan  # noqa: PLC0415 -- slow import
    from relocdesk.excel.sheet import read_workbook  # noqa: PLC0415 -- slow import

    found = Reading([one for one in read_workbook(path, tick).sheets if one.cells])

    def judged(session: Session) -> None:
        try:
            found.plan = plan(session, clerk, reg, path, sheet=sheet, mapping=mapping, accept=accept or {}, create_places=create_places,
                              erase_empty=erase_empty, defaults=defaults, tick=tick)  # fmt: skip
        except UserError as error:
            found.trouble = error
            return
        found.tabs = tabs_of(session, found.plan)

    access.read(judged)
    return found


def tabs_of(session: Session, plan: Plan) -> dict[str, Shown]:
    """The result as texts: 新增, 变更, 相同, 有问题, 提醒."""
    reg, found = plan.register, plan.judgement
    fields = [f for f in found.fields if any(f.name in one.values for one in found.new[:SHOWN])]
    shower = Shower(session)
    some = found.new[:SHOWN]
    columns = list(shower.columns([target(reg, f)[1] for f in fields], [[one.values.get(f.name) for one in some] for f in fields]))
    new = [(str(one.row), *(column[n] for column in columns)) for n, one in enumerate(some)]
    changed: list[tuple[str, ...]] = []
    names = rows.titles(session, reg, [one.id for one in found.changed[:SHOWN]] + [row_id for _row, row_id in found.same[:SHOWN]])
    for one in found.changed[:SHOWN]:
        for name, (old, fresh) in one.changes.items():
            changed.append((str(one.row), names.get(one.id, ""), reg[name].title, _told(shower, reg, name, old), _told(shower, reg, name, fresh)))
    same = [(str(row), names.get(row_id, "")) for row, row_id in found.same[:SHOWN]]
    problems = [(plan.where(one), one.value, one.text) for one in plan.problems[:SHOWN]]
    warnings = [(plan.where(one), one.value, one.text) for one in plan.warnings[:SHOWN]]
    found_tabs = {
        "新增": Shown(("行", *(f.title for f in fields)), new, len(found.new), _sums(reg, [one.values for one in found.new])),
        "变更": Shown(("行", "记录", "栏目", "旧", "新"), changed, len(found.changed), old=3, new=4),
        "相同": Shown(("行", "记录"), same, len(found.same)),
        "有问题": Shown(("位置", "表里写的", "问题和办法"), problems, len(plan.problem_rows)),
        "提醒": Shown(("位置", "表里写的", "请留意"), warnings, len(plan.warnings)),
    }
    return found_tabs | {part.register.label: _part(shower, part) for part in plan.sides.parts}


def _part(shower: Shower, part: Judgement) -> Shown:
    """Lines that stood in columns of the ledger's rows, new and changed ones, as they will be."""
    link = part.register.parent.name if part.register.parent else ""
    names = [f for f in part.fields if f.name != link]
    rows = [(one.row, "新增", one.values) for one in part.new] + [(one.row, "变更", {n: new for n, (_, new) in one.changes.items()}) for one in part.changed]
    rows.sort(key=lambda one: one[0])
    fields = [f for f in names if any(values.get(f.name) is not None for _, _, values in rows)]
    columns = list(shower.columns(fields, [[values.get(f.name) for _, _, values in rows[:SHOWN]] for f in fields]))
    lines = [(str(row), what, *(column[n] for column in columns)) for n, (row, what, _) in enumerate(rows[:SHOWN])]
    return Shown(("行", "办法", *(f.title for f in fields)), lines, len(rows))


def _told(shower: Shower, reg: Register, name: str, value: Value) -> str:
    return shower.column(target(reg, reg[name])[1], [value])[0]


def _sums(reg: Register, values: Sequence[dict[str, Value]]) -> str:
    pieces = []
    for kind, unit in ((MU, "亩"), (MONEY, "元")):
        f = next((one for one in reg.stored if one.kind.name == kind.name), None)
        total = sum(int(one.get(f.name) or 0) for one in values) if f else 0
        if total:
            pieces.append(f"{kind.show(total)} {unit}")
    return " · ".join(pieces)
