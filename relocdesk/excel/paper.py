"""Workbooks as they are printed: a heading, a line about it, a head that stays, and rows streamed by openpyxl's write-only mode.

Texts are written as texts, so that nothing in them can act as a formula.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from relocdesk.errors import UserError
from relocdesk.excel.sheet import column_letters
from relocdesk.field import Field, Value
from relocdesk.files import plain_error, write_atomically

FONT = "宋体"
HEAD_ROW = 3
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # spreadsheets read _x0041_ as A
_FIRST_SAFE_DAY = "1900-03-01"  # before it Excel's calendar is a day off
Shown = str | int | float | date | None  # what a cell holds; see `text`, `figure` and `day`
Rows = Iterable[Sequence[Shown]]


def text(words: str) -> str | None:
    """A text as a cell can hold it; None when there is none."""
    return _ESCAPE_LIKE.sub("_x005F_", _ILLEGAL.sub("", words)) or None


def figure(digits: str) -> float | str:
    """A figure as a number; one that a spreadsheet would damage stays text."""
    return float(digits) if len(digits) <= 15 else digits


def day(iso: str) -> date | str:
    """An ISO day as a date of the spreadsheet."""
    return iso if iso < _FIRST_SAFE_DAY or len(iso) != 10 else date.fromisoformat(iso)


def shower(f: Field) -> Callable[[Value], Shown]:
    """How a stored value of a field stands in a cell, as importing takes it back."""
    plain = f.plain
    show = day if f.kind.name == "date" else figure if f.kind.scale is not None or f.kind.name == "year" else text
    return lambda value: None if value is None else show(plain(value))


@dataclass(frozen=True, slots=True)
class Column:
    """How a column of a table looks."""

    title: str
    width: float
    number_format: str
    grey: bool = False


class Styles:
    """The looks of cells, made once a workbook."""

    def __init__(self) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # noqa: PLC0415 -- slow import

        line = Side(style="thin", color="FF808080")
        self.border = Border(left=line, right=line, top=line, bottom=line)
        self.title = Font(name=FONT, size=16, bold=True)
        self.small = Font(name=FONT, size=10)
        self.bold = Font(name=FONT, size=10, bold=True)
        self.grey = Font(name=FONT, size=10, bold=True, color="FF606060")
        self.fill = PatternFill("solid", fgColor="FFE8EEF4")
        self.centre = Alignment(horizontal="center", vertical="center", wrap_text=True)
        self.left = Alignment(vertical="center", wrap_text=True)
        self.body = Alignment(vertical="center")

    def head(self, cell: Any, title: str, *, grey: bool = False) -> None:
        """Writes one cell of a head."""
        cell.value, cell.data_type = title, "s"
        cell.font, cell.fill, cell.border, cell.alignment = self.grey if grey else self.bold, self.fill, self.border, self.centre


def print_set_up(sheet: Any, head_row: int, *, foot: str = "") -> None:
    """A4 across, all columns on one page's width, the head on every page, page numbers; the head stays while scrolling."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{head_row}:{head_row}"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.oddFooter.left.text = foot
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.freeze_panes = f"A{head_row + 1}"


def table(book: Any, name: str, heading: str, about: str, columns: Sequence[Column], *, foot: str = "") -> list[Any]:
    """A sheet of a write-only workbook with its head; returns the cells of a row, with their looks, for `save` to fill."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 -- slow import

    sheet, styles = book.create_sheet(name), Styles()
    print_set_up(sheet, HEAD_ROW, foot=foot)
    for n, column in enumerate(columns):
        sheet.column_dimensions[column_letters(n)].width = column.width
    sheet.row_dimensions[1].height, sheet.row_dimensions[HEAD_ROW].height = 28, 30
    for row in (1, 2):
        sheet.merged_cells.add(f"A{row}:{column_letters(len(columns) - 1)}{row}")
    first, second, *heads = (WriteOnlyCell(sheet) for _ in range(len(columns) + 2))
    first.value, first.font, first.alignment = heading, styles.title, styles.centre
    second.value, second.font = about, styles.small
    for cell, column in zip(heads, columns, strict=True):
        styles.head(cell, column.title, grey=column.grey)
    for line in ([first], [second], heads):
        sheet.append(line)
    cells = [WriteOnlyCell(sheet) for _ in columns]
    for cell, column in zip(cells, columns, strict=True):
        cell.font, cell.border, cell.alignment, cell.number_format = styles.small, styles.border, styles.body, column.number_format
    return cells


def append(sheet: Any, cells: Sequence[Any], rows: Rows) -> None:
    """Streams rows into a write-only sheet; the same cells serve every row, because each row is written at once."""
    for row in rows:
        for cell, value in zip(cells, row, strict=True):
            cell.value = value
            if type(value) is str:  # openpyxl takes =1+1 for a formula and #N/A for an error
                cell.data_type = "s"
        sheet.append(cells)


def save(book: Any, out: Path, bodies: Mapping[str, tuple[Sequence[Any], Rows]] | None = None) -> None:
    """Writes the workbook whole or not at all, after the `bodies` of write-only sheets: name → (cells, rows).

    Raises UserError when it cannot be written.
    """

    def write(part: Path) -> None:
        for name, (cells, rows) in (bodies or {}).items():
            append(book[name], cells, rows)
        book.save(part)

    try:
        write_atomically(Path(out), write)
    except BaseException as error:
        if book.write_only:
            with suppress(OSError):
                book.save(io.BytesIO())  # closes the sheets and removes their temporary files
        if not isinstance(error, OSError):
            raise
        if isinstance(error, PermissionError):
            raise UserError(f"“{out.name}”写不进去，可能正被 Excel 或 WPS 打开", hint="请先关闭它，或换一个文件名") from error
        raise plain_error(error, Path(out)) from error
