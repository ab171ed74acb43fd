"""A sheet with a head made by openpyxl and a body streamed as XML: looks like any workbook, costs a sixth of the time.

openpyxl makes styles, drop-downs, comments and print settings of a sheet that has only its head; the rows are spliced into
its XML afterwards, one text a row. Texts are written as texts, so that nothing in them can act as a formula.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from relocdesk.errors import UserError
from relocdesk.excel.sheet import column_letters
from relocdesk.field import Field, Value
from relocdesk.files import plain_error, write_atomically

FONT = "宋体"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # spreadsheets read _x0041_ as A
_FIRST_SAFE_DAY = "1900-03-01"  # before it Excel's calendar is a day off
_EPOCH = date(1899, 12, 30).toordinal()
_ROWS_AT_ONCE = 2_000
Rows = Iterable[Sequence[str]]  # cells as XML, ready but for their place; see `text_cell` and `figure_cell`


def _escaped(text: str) -> str:
    plain = _ILLEGAL.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ESCAPE_LIKE.sub("_x005F_", plain) if "_x" in plain else plain


def text_cell(text: str) -> str:
    """A text as the inside of a cell; never a formula, whatever it begins with."""
    return f' t="inlineStr"><is><t xml:space="preserve">{_escaped(text)}</t></is></c>' if text else ""


def figure_cell(digits: str) -> str:
    """A figure as the inside of a cell; one that a spreadsheet would damage stays text."""
    return f"><v>{digits}</v></c>" if len(digits) <= 15 else text_cell(digits)


def day_cell(day: str) -> str:
    """An ISO day as a date of the spreadsheet."""
    if day < _FIRST_SAFE_DAY or len(day) != 10:
        return text_cell(day)
    return f"><v>{date.fromisoformat(day).toordinal() - _EPOCH}</v></c>"


def cell_writer(f: Field) -> Callable[[Value], str]:
    """How a stored value of a field becomes the inside of a cell, as importing takes it back."""
    plain = f.plain
    if f.kind.name == "date":
        return lambda value: "" if value is None else day_cell(str(value))
    if f.kind.scale is not None or f.kind.name == "year":
        return lambda value: "" if value is None else figure_cell(plain(value))
    memo: dict[Value, str] = {None: ""}

    def write(value: Value) -> str:
        found = memo.get(value)
        if found is None:
            found = text_cell(plain(value))
            if len(memo) < 10_000:
                memo[value] = found
        return found

    return write


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

    def body_style(self, sheet: Any, row: int, column: int, number_format: str) -> int:
        """The number of the style for the body cells of a column."""
        cell = sheet.cell(row=row, column=column)
        cell.font, cell.border, cell.alignment, cell.number_format = self.small, self.border, self.body, number_format
        number = int(cell.style_id)
        del sheet._cells[row, column]
        return number


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


def save(book: Any, out: Path, bodies: Mapping[str, tuple[int, Sequence[int], Rows]]) -> None:
    """Writes the workbook whole or not at all, with rows for the sheets in `bodies`.

    `bodies`: sheet name → (first row counted from 1, style number by column, rows). Raises UserError when it cannot be
    written.
    """
    held = io.BytesIO()
    book.save(held)
    parts = {f"xl/worksheets/sheet{number}.xml": bodies[name] for number, name in enumerate(book.sheetnames, 1) if name in bodies}

    def write(part: Path) -> None:
        with zipfile.ZipFile(held) as source, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target:
            for info in source.infolist():
                if info.filename in parts:
                    _splice(target, info.filename, source.read(info), *parts[info.filename])
                else:
                    target.writestr(info, source.read(info))

    try:
        write_atomically(Path(out), write)
    except OSError as error:
        raise _unwritable(error, Path(out)) from error


def _unwritable(error: OSError, out: Path) -> UserError:
    if isinstance(error, PermissionError):
        return UserError(f"“{out.name}”写不进去，可能正被 Excel 或 WPS 打开", hint="请先关闭它，或换一个文件名")
    return plain_error(error, out)


def _splice(target: zipfile.ZipFile, name: str, sheet: bytes, first: int, styles: Sequence[int], rows: Rows) -> None:
    head, mark, tail = sheet.partition(b"</sheetData>")
    if not mark:
        head, _, tail = sheet.partition(b"<sheetData/>")
        head += b"<sheetData>"
    head = re.sub(rb"<dimension [^>]*/>", b"", head)
    openings = [f'<c r="{column_letters(n)}' for n in range(len(styles))]
    closings = [f'" s="{style}"' for style in styles]
    with target.open(name, "w", force_zip64=True) as handle:
        handle.write(head)
        block: list[str] = []
        for number, cells in enumerate(rows, first):
            inside = "".join([f"{a}{number}{b}{cell or '/>'}" for a, b, cell in zip(openings, closings, cells, strict=True)])
            block.append(f'<row r="{number}">{inside}</row>')
            if len(block) >= _ROWS_AT_ONCE:
                handle.write("".join(block).encode())
                block.clear()
        handle.write("".join(block).encode())
        handle.write(b"</sheetData>" + tail)
