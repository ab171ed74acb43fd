"""An import as a plan: read all, judge all, show what would happen, apply once.

A plan changes nothing. `apply` writes it inside the caller's change together with an ImportBatch row, by which `undo.withdraw`
takes the whole batch back while nothing depends on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from relocdesk import entry
from relocdesk.clerk import Clerk
from relocdesk.entry import Changed, Judgement, New, Trouble
from relocdesk.errors import Problem, UserError
from relocdesk.excel.body import Body, letters_of, read_body
from relocdesk.excel.complete import complete_defaults, complete_period, complete_places, complete_sections
from relocdesk.excel.header import Head, find_head
from relocdesk.excel.ledger import find_sides, judge_sides, told
from relocdesk.excel.mapping import learned, remember
from relocdesk.excel.sheet import Raw, Sheet, Workbook, column_letters, read_workbook
from relocdesk.excel.sides import Sides
from relocdesk.excel.steps import read_steps
from relocdesk.excel.titles import plain_title, readings
from relocdesk.field import Field, Register
from relocdesk.job import Tick, no_tick
from relocdesk.pen import now_utc
from relocdesk.records import home_id, new_id, register
from relocdesk.records.document import ImportBatch, ImportState


@dataclass
class Plan:
    """What importing one sheet would do. Row numbers are those people see in the workbook."""

    register: Register
    path: Path
    sheet: str
    head: Head
    judgement: Judgement
    problems: list[Trouble]
    warnings: list[Trouble]
    skipped: list[tuple[int, str]]  # sections, totals, signatures: row number and text
    hidden_rows: int
    letters: dict[str, str]  # field name → column letters
    header_row: int  # the first line of the head, as people count
    body_row: int  # the first row below it
    notes: list[str] = field(default_factory=list)  # about the sheet as a whole
    filled: dict[tuple[int, int], Raw] = field(default_factory=dict)  # cells completed from above: row and column of the sheet's cells
    sides: Sides = field(default_factory=Sides)  # columns that became lines of their own
    corrected: bool = False  # the mapping was given by a person and will be remembered

    @property
    def new(self) -> list[New]:
        """Rows that would be added."""
        return self.judgement.new

    @property
    def changed(self) -> list[Changed]:
        """Rows that would change, each with old and new values."""
        return self.judgement.changed

    @property
    def same(self) -> list[tuple[int, str]]:
        """(row, id) of rows that say what the book says."""
        return self.judgement.same

    @property
    def count(self) -> int:
        """How many rows would be written, lines that stood in columns among them."""
        return sum(len(one.new) + len(one.changed) for one in (self.judgement, *self.sides.parts))

    @property
    def mapping(self) -> dict[str, str]:
        """Title → field name; "" for a column that is left out."""
        return self.head.mapping

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Titles that no field was found for."""
        return self.head.unmapped

    @property
    def lacking(self) -> list[Field]:
        """Required fields that the sheet has no column for, so that its rows were refused."""
        there = {column.field.name for column in self.head.columns}
        names = {trouble.field for trouble in self.problems if trouble.code == "REQUIRED"} - there
        return [f for f in self.register if f.required and f.name in names]

    @property
    def problem_rows(self) -> list[int]:
        """The rows with problems, in order, each once."""
        return sorted({trouble.row for trouble in self.problems if trouble.row})

    def where(self, trouble: Trouble) -> str:
        """Row and cell of a trouble as people find it: 第4行（C4）“面积”."""
        if not trouble.row:
            return trouble.label
        letters = self.letters.get(trouble.field)
        cell = f"（{letters}{trouble.row}）" if letters else ""
        return f"第{trouble.row}行{cell}“{trouble.label}”"

    def problem_list(self) -> list[Problem]:
        """The problems with row and cell, for lists."""
        return [Problem(self.where(trouble), trouble.text) for trouble in self.problems]


def plan(
    session: Session,
    clerk: Clerk,
    reg: Register,
    path: Path,
    *,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
    accept: Mapping[str, str] | None = None,
    erase_empty: bool = False,
    create_places: bool = False,
    defaults: Mapping[str, str] | None = None,
    tick: Tick = no_tick,
) -> Plan:
    """What importing a workbook into a register would do; nothing is changed.

    `mapping` (title → field name, "" = leave out) corrects what was found; a correction once applied is remembered for
    heads of the same shape. Raises UserError when the file cannot be read or no head is found.
    """
    book = read_workbook(Path(path), tick)
    chosen, head, notes = _choose(session, book, reg, sheet, mapping)
    defaults = dict(defaults or {})
    tick(0, 0, "整理行和列")
    _refuse_form(chosen, head, reg)
    columns, head = find_sides(reg, chosen, head, mapping)
    body = read_body(chosen, head)
    if not body.rows and not body.problems:
        raise UserError(f"“{book.path.name}”的工作表“{chosen.name}”只有表头，没有数据", hint="请核对是不是选错了工作表或文件")
    notes += complete_defaults(session, reg, head, defaults)
    notes += complete_period(session, reg, chosen, head, defaults)
    notes += complete_places(session, reg, chosen, head, body, defaults)
    notes += complete_sections(reg, body)
    steps = read_steps(chosen, columns, reg, body, clerk.on)
    judgement = entry.judge(session, clerk, reg, body.fields, body.rows, defaults=defaults, accept=dict(accept or {}),
                            erase_empty=erase_empty, create_places=create_places, tick=tick)  # fmt: skip
    sides = judge_sides(session, clerk, chosen, columns, judgement, steps)
    notes += [*told(sides), *head.doubts, *_unknown_columns(chosen, head, body), *body.notes]
    there = {plain_title(title) for title in head.titles}
    notes += [f"列对应里的“{title}”在表头里没有" for title in mapping or () if plain_title(title) not in there]
    made = Plan(
        register=reg, path=book.path, sheet=chosen.name, head=head, judgement=judgement,
        problems=sorted([*body.problems, *judgement.problems, *sides.problems], key=lambda trouble: trouble.row),
        warnings=sorted([*body.warnings, *judgement.warnings, *(one for part in sides.parts for one in part.warnings)], key=lambda trouble: trouble.row),
        skipped=body.skipped, hidden_rows=body.hidden, letters=letters_of(chosen, head) | sides.letters,
        header_row=chosen.row_number(head.first), body_row=chosen.row_number(head.last + 1), notes=notes,
        filled=body.filled, sides=sides, corrected=mapping is not None,
    )  # fmt: skip
    if lacking := made.lacking:
        names = "”“".join(f.label for f in lacking)
        made.notes.insert(0, f"表里没有必填的“{names}”一栏；各行都一样的，补填一次就行（命令行用 --default {lacking[0].label}=…）")
    return made


# --- which sheet, which head -----------------------------------------------------------------------------------------


def _choose(session: Session, book: Workbook, reg: Register, name: str, mapping: Mapping[str, str] | None) -> tuple[Sheet, Head, list[str]]:
    sheets = [_sheet(book, name)] if name else book.sheets
    known = learned(session, reg)
    found = [(score, one, head) for one in sheets if (hit := find_head(one, reg, mapping, known)) is not None for score, head in [hit]]
    if not found:
        names = "、".join(f.label for f in reg.fields if f.required or f.name in reg.key_fields)
        where = f"工作表“{name}”" if name else f"“{book.path.name}”"
        raise UserError(f"{where}里没有找到“{reg.label}”的表头", hint=f"表头里要有这些栏目：{names}；可以先导出模板对照")
    named = [one for one in found if one[1].name.strip() == reg.label]
    score, sheet, head = (named or sorted(found, key=lambda one: (not one[1].visible, -one[0])))[0]
    notes = ["列对应沿用了上次改好的"] if head.learned else []
    others = [one.name for points, one, _ in found if one is not sheet and points * 10 >= score * 9]
    if others:
        notes.append(f"这次只导入工作表“{sheet.name}”；看起来同样的还有：{'、'.join(others)}，请逐张导入")
    if not sheet.visible:
        notes.append(f"工作表“{sheet.name}”是隐藏的")
    return sheet, head, notes


def _sheet(book: Workbook, name: str) -> Sheet:
    """The sheet of a name; blanks around it, which nobody sees, do not matter."""
    return next((sheet for sheet in book.sheets if sheet.name.strip() == name.strip() != sheet.name), None) or book.sheet(name.strip())


def _refuse_form(sheet: Sheet, head: Head, reg: Register) -> None:
    """A form with names and contents side by side has further names where a list has its first record."""
    below = sheet.cells[head.last + 1] if head.last + 1 < len(sheet.cells) else []
    names = [cell for n, cell in enumerate(below) if isinstance(cell, str) and cell.strip() and plain_title(cell) != plain_title(head.titles[n])
             and (found := readings(reg, [cell])) and found[0].rank >= 80]  # fmt: skip
    if head.unmapped and len(names) > 1:
        raise UserError(f"工作表“{sheet.name}”像是一张登记表（第{sheet.row_number(head.last + 1)}行里还有“{names[0]}”、“{names[1]}”），不是一行一条的清单",
                        hint="请照导出的模板汇成清单再导入，或在窗口里录入")  # fmt: skip


_UNIMPORTANT = ("签字", "签名", "签章", "盖章", "手印", "照片", "打印", "合计", "小计")


def _unknown_columns(sheet: Sheet, head: Head, body: Body) -> list[str]:
    """Columns with much in them that nobody could name."""
    at = [number - sheet.first_row - 1 for number, _ in body.rows]
    found = [n for n in head.unknown if not any(word in head.titles[n] for word in _UNIMPORTANT)
             and sum(1 for index in at if sheet.cells[index][n] != "") * 2 > len(at)]  # fmt: skip
    if not found:
        return []
    names = "、".join(f"“{head.titles[n]}”（{column_letters(sheet.first_column + n)}列）" for n in found[:6])
    return [f"{names}{f'等 {len(found)} 列' if len(found) > 6 else ''}认不出是哪一栏，没有读入；需要的请在列对应里选好"]


# --- applying and taking back ----------------------------------------------------------------------------------------


def apply(session: Session, clerk: Clerk, plan: Plan, tick: Tick = no_tick) -> str:
    """Carries the plan out inside the caller's change; returns the id of its ImportBatch, "" when there was nothing to do.

    Rows with problems are left out. Raises UserError when the book has moved since it was judged.
    """
    if plan.corrected:
        remember(session, plan.register, plan.head.titles, plan.mapping)
    if not plan.count:
        return ""
    for judged in (plan.judgement, *plan.sides.parts):
        entry.apply(session, clerk, judged, tick)
    reg = register("import_batch")
    batch = ImportBatch(
        id=new_id(), home=home_id(entry.place_code(session)), line=entry.line_text(clerk, entry.next_line(session, reg, clerk)),
        register=plan.register.name, file=plan.path.name, sheet=plan.sheet, mapping=json.dumps(plan.mapping, ensure_ascii=False),
        new=len(plan.new), changed=len(plan.changed), same=len(plan.same), problems=len(plan.problem_rows),
        applied_at=now_utc(), applied_by=clerk.name, state=ImportState.APPLIED.value,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch.id
