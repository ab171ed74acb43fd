"""The rows that could not be imported, as the same workbook with a 问题 column: correct them there and import it again."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from relocdesk.entry import Trouble, Worked
from relocdesk.excel.columns import Column
from relocdesk.excel.header import Head
from relocdesk.excel.paper import FONT, Rows, Shown, save, text
from relocdesk.excel.plan import Plan
from relocdesk.excel.scan import UNSOLVED
from relocdesk.excel.sheet import Sheet, column_letters, read_workbook
from relocdesk.excel.titles import ORIGIN_TITLE, PROBLEM_TITLE, own_columns
from relocdesk.field import rounded_text

_LOOKS_UP_TO = 4 << 20  # bytes: beyond this the old looks cost more time than they are worth
_TINTED_UP_TO = 3_000  # rows: openpyxl needs a millisecond for each
_FLAW = "FFFFD9D9"


def problem_workbook(plan: Plan, out: Path) -> int:
    """Writes head and problem rows of the plan's sheet with what is wrong and the old row number; returns how many rows.

    The looks of an .xlsx are kept and cells with a problem tinted; other files, and very many rows, are written plainly. The file imports as it
    is, once corrected. Raises UserError when the source has gone or `out` cannot be written.
    """
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import

    source = read_workbook(plan.path)
    sheet = source.sheet(plan.sheet)
    if len(plan.problem_rows) > _TINTED_UP_TO:
        _plain_workbook(plan, sheet, out)
        return len(plan.problem_rows)
    looks = _looks(plan.path, plan.sheet) if source.kind == "xlsx" else None
    book: Any = looks.parent if looks is not None else Workbook()
    target = book.create_sheet("导入问题" if plan.sheet != "导入问题" else "问题行")
    for other in [one for one in book.worksheets if one is not target and one is not looks]:
        book.remove(other)
    writer = _Writer(plan, sheet, target, looks)
    writer.head()
    writer.tinted_rows()
    if looks is not None:
        book.remove(looks)
        for name in list(book.defined_names):
            del book.defined_names[name]
    target.title = plan.sheet
    save(book, out)
    return len(plan.problem_rows)


def _plain_workbook(plan: Plan, sheet: Sheet, out: Path) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 -- slow import

    book: Any = Workbook(write_only=True)
    target = book.create_sheet(plan.sheet)
    writer = _Writer(plan, sheet, target, None)
    writer.shape()
    save(book, out, {plan.sheet: ([WriteOnlyCell(target) for _ in range(len(writer.kept) + 2)], writer.plain_rows())})


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


class _Error(str):
    """An error value such as #DIV/0!, to stand in the new file as what it is."""

    __slots__ = ()


def _sentence(troubles: list[Trouble]) -> str:
    return "；".join(dict.fromkeys(f"{trouble.label}：{trouble.text}" for trouble in troubles))


def _shown(value: Any) -> Shown:
    """A cell without looks: days and yes or no as texts, because a format would be needed for them."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or isinstance(value, (_Error, int, float)):
        return value
    return text(value if isinstance(value, str) else value.isoformat(" ") if isinstance(value, datetime) else value.isoformat())


class _Writer:
    def __init__(self, plan: Plan, sheet: Sheet, target: Any, looks: Any) -> None:
        self.plan, self.sheet, self.target, self.looks = plan, sheet, target, looks
        head: Head = plan.head
        titles = list(head.titles)
        own = own_columns(titles)
        self.kept = [n for n in range(len(titles)) if n not in own]
        self.columns: Mapping[int, Column] = {position: column for column in head.columns for position in column.columns}

    def head(self) -> None:
        """The head as it was, with the two columns of ours."""
        for index in range(self.plan.head.last + 1):
            self._copy(index, index + 1)
        self._head_columns()
        self.shape()

    def tinted_rows(self) -> None:
        """The problem rows with their looks, the cells at fault tinted."""
        flaws = self._flaws()
        for place, number in enumerate(self.plan.problem_rows, self.plan.head.last + 2):
            self._copy(number - self.sheet.first_row - 1, place)
            self._tell(place, number, flaws[number])

    def plain_rows(self) -> Rows:
        """Head and problem rows without looks, for a sheet full of them."""
        head, flaws = self.plan.head, self._flaws()
        for index in range(head.last + 1):
            yield *self._plain(index), *((PROBLEM_TITLE, ORIGIN_TITLE) if index == head.first else (None, None))
        for number in self.plan.problem_rows:
            yield *self._plain(number - self.sheet.first_row - 1), text(_sentence(flaws[number])), number

    def _plain(self, index: int) -> list[Shown]:
        return [_shown(self._value(index, position)) for position in self.kept]

    def _flaws(self) -> dict[int, list[Trouble]]:
        flaws: dict[int, list[Trouble]] = {}
        for trouble in self.plan.problems:
            flaws.setdefault(trouble.row, []).append(trouble)
        return flaws

    def _value(self, index: int, position: int) -> Any:
        """What a cell shall hold: an error cell its error, what was merged over it, else what it held; None when empty."""
        at = (index + self.sheet.first_row, position + self.sheet.first_column)
        error = self.sheet.scan.errors.get(at)
        if error is not None:
            return _Error("#VALUE!" if error == UNSOLVED else error)
        value = self.plan.filled.get((index, position), self.sheet.cells[index][position])
        return None if value == "" else self._figure(position, value, at)

    def _copy(self, index: int, row: int) -> None:
        for column, position in enumerate(self.kept, 1):
            cell = self.target.cell(row=row, column=column)
            value = self._value(index, position)
            if value is not None:
                cell.value = value
                if isinstance(value, str) and not isinstance(value, _Error):
                    cell.data_type = "s"
            if self.looks is not None:
                old = self.looks.cell(row=index + self.sheet.first_row + 1, column=position + self.sheet.first_column + 1)
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

        for n, title in enumerate((PROBLEM_TITLE, ORIGIN_TITLE), len(self.kept) + 1):
            cell = self.target.cell(row=self.plan.head.first + 1, column=n, value=title)
            cell.font, cell.alignment = Font(name=FONT, bold=True, color="FFC00000"), Alignment(horizontal="center", vertical="center")

    def _tell(self, row: int, number: int, troubles: list[Trouble]) -> None:
        from openpyxl.styles import Alignment, PatternFill  # noqa: PLC0415 -- slow import

        cell = self.target.cell(row=row, column=len(self.kept) + 1, value=_sentence(troubles))
        cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="center")
        self.target.cell(row=row, column=len(self.kept) + 2, value=number)
        names = {trouble.field for trouble in troubles}
        for column, position in enumerate(self.kept, 1):
            if position in self.columns and self.columns[position].field.name in names:
                self.target.cell(row=row, column=column).fill = PatternFill("solid", fgColor=_FLAW)

    def shape(self) -> None:
        """Merged heads and column widths as they were, and the head standing still."""
        head = self.plan.head
        place = {position: n for n, position in enumerate(self.kept, 1)}
        for top, left, bottom, right in self.sheet.merges:
            if bottom <= head.last and left in place and right in place:
                self._merge(top, place[left], bottom, place[right])
        for n, width in enumerate((60, 14), len(self.kept) + 1):
            self.target.column_dimensions[column_letters(n - 1)].width = width
            if head.last > head.first:
                self._merge(head.first, n, head.last, n)
        if self.looks is not None:
            for position, n in place.items():
                old = self.looks.column_dimensions.get(column_letters(position + self.sheet.first_column))
                if old is not None and old.width:
                    self.target.column_dimensions[column_letters(n - 1)].width = old.width
        self.target.freeze_panes = f"A{head.last + 2}"

    def _merge(self, top: int, left: int, bottom: int, right: int) -> None:
        self.target.merged_cells.add(f"{column_letters(left - 1)}{top + 1}:{column_letters(right - 1)}{bottom + 1}")
