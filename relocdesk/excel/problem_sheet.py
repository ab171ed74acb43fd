"""The rows that could not be imported, as the same workbook with a 问题 column: correct them there and import it again."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relocdesk.entry import Trouble, Worked
from relocdesk.excel.header import ORIGIN_TITLE, PROBLEM_TITLE, Column, Head
from relocdesk.excel.paper import FONT, save
from relocdesk.excel.plan import Plan
from relocdesk.excel.scan import UNSOLVED
from relocdesk.excel.sheet import Sheet, column_letters, read_workbook
from relocdesk.field import rounded_text

_LOOKS_UP_TO = 4 << 20  # bytes: beyond this the old looks cost more time than they are worth
_FLAW = "FFFFD9D9"


def problem_workbook(plan: Plan, out: Path) -> int:
    """Writes head and problem rows of the plan's sheet with what is wrong and the old row number; returns how many rows.

    The looks of an .xlsx are kept, other files are written plainly. Cells with a problem are tinted. The file imports as it
    is, once corrected. Raises UserError when the source has gone or `out` cannot be written.
    """
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import

    source = read_workbook(plan.path)
    sheet = source.sheet(plan.sheet)
    looks = _looks(plan.path, plan.sheet) if source.kind == "xlsx" else None
    book: Any = looks.parent if looks is not None else Workbook()
    target = book.create_sheet("导入问题" if plan.sheet != "导入问题" else "问题行")
    for other in [one for one in book.worksheets if one is not target and one is not looks]:
        book.remove(other)
    count = _Writer(plan, sheet, target, looks).run()
    if looks is not None:
        book.remove(looks)
        for name in list(book.defined_names):
            del book.defined_names[name]
    target.title = plan.sheet
    save(book, out, {})
    return count


def _looks(path: Path, name: str) -> Any:
    """The sheet as openpyxl sees it, for its looks alone; None when it is too large or openpyxl cannot make it out."""
    from openpyxl import load_workbook  # noqa: PLC0415 -- slow import

    if path.stat().st_size > _LOOKS_UP_TO:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it cannot keep is not needed here
            return load_workbook(path)[name]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError):
        return None


class _Writer:
    def __init__(self, plan: Plan, sheet: Sheet, target: Any, looks: Any) -> None:
        self.plan, self.sheet, self.target, self.looks = plan, sheet, target, looks
        head: Head = plan.head
        titles = list(head.titles)
        self.kept = [n for n, title in enumerate(titles) if title not in (PROBLEM_TITLE, ORIGIN_TITLE)]
        self.columns: Mapping[int, Column] = {position: column for column in head.columns for position in column.columns}
        self.carried = _carried(sheet, head, set(self.columns))

    def run(self) -> int:
        for index in range(self.plan.head.last + 1):
            self._copy(index, index + 1)
        self._head_columns()
        flaws: dict[int, list[Trouble]] = {}
        for trouble in self.plan.problems:
            flaws.setdefault(trouble.row, []).append(trouble)
        rows = self.plan.problem_rows
        for place, number in enumerate(rows, self.plan.head.last + 2):
            index = number - self.sheet.first_row - 1
            self._copy(index, place)
            self._tell(place, number, flaws[number])
        self._shape()
        return len(rows)

    def _copy(self, index: int, row: int) -> None:
        cells = self.sheet.cells[index]
        errors = self.sheet.scan.errors
        for column, position in enumerate(self.kept, 1):
            cell = self.target.cell(row=row, column=column)
            at = (index + self.sheet.first_row, position + self.sheet.first_column)
            value = self.carried.get((index, position), cells[position])
            if at in errors:
                cell.value = "#VALUE!" if errors[at] == UNSOLVED else errors[at]
            elif value != "":
                cell.value = self._figure(position, value, at)
                if isinstance(value, str):
                    cell.data_type = "s"
            if self.looks is not None:
                old = self.looks.cell(row=at[0] + 1, column=at[1] + 1)
                if old.has_style:
                    cell._style = copy.copy(old._style)

    def _figure(self, position: int, value: Any, at: tuple[int, int]) -> Any:
        """A formula's figure is rounded as importing would have done, because it is typed from now on."""
        column = self.columns.get(position)
        if column is not None and at in self.sheet.scan.formulas and isinstance(value, (float, Worked)):
            scale = column.field.kind.scale
            if scale is not None and column.factor == 1:
                return float(rounded_text(f"{value:.15g}", scale))
        return value

    def _head_columns(self) -> None:
        from openpyxl.styles import Alignment, Font  # noqa: PLC0415 -- slow import

        first, last = self.plan.head.first + 1, self.plan.head.last + 1
        for n, (title, width) in enumerate(((PROBLEM_TITLE, 60), (ORIGIN_TITLE, 14)), len(self.kept) + 1):
            cell = self.target.cell(row=first, column=n, value=title)
            cell.font, cell.alignment = Font(name=FONT, bold=True, color="FFC00000"), Alignment(horizontal="center", vertical="center")
            if last > first:
                self.target.merge_cells(start_row=first, end_row=last, start_column=n, end_column=n)
            self.target.column_dimensions[column_letters(n - 1)].width = width

    def _tell(self, row: int, number: int, troubles: list[Trouble]) -> None:
        from openpyxl.styles import Alignment, PatternFill  # noqa: PLC0415 -- slow import

        text = "；".join(dict.fromkeys(f"{trouble.label}：{trouble.text}" for trouble in troubles))
        cell = self.target.cell(row=row, column=len(self.kept) + 1, value=text)
        cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="center")
        self.target.cell(row=row, column=len(self.kept) + 2, value=number)
        names = {trouble.field for trouble in troubles}
        for column, position in enumerate(self.kept, 1):
            if position in self.columns and self.columns[position].field.name in names:
                self.target.cell(row=row, column=column).fill = PatternFill("solid", fgColor=_FLAW)

    def _shape(self) -> None:
        """Merged heads and column widths as they were, and the head standing still."""
        head = self.plan.head
        place = {position: n for n, position in enumerate(self.kept, 1)}
        for top, left, bottom, right in self.sheet.merges:
            if bottom <= head.last and left in place and right in place:
                self.target.merge_cells(start_row=top + 1, end_row=bottom + 1, start_column=place[left], end_column=place[right])
        if self.looks is not None:
            for position, n in place.items():
                old = self.looks.column_dimensions.get(column_letters(position + self.sheet.first_column))
                if old is not None and old.width:
                    self.target.column_dimensions[column_letters(n - 1)].width = old.width
        self.target.freeze_panes = f"A{head.last + 2}"


def _carried(sheet: Sheet, head: Head, mapped: set[int]) -> dict[tuple[int, int], Any]:
    """What vertically merged cells mean for the rows below their first: those rows may stand alone from now on."""
    return {
        (row, left): sheet.cells[top][left]
        for top, left, bottom, _ in sheet.merges
        if top > head.last and bottom > top and left in mapped
        for row in range(top + 1, bottom + 1)
    }
