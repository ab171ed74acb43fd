"""Reading a workbook whole: .xlsx, .xls, WPS .et and .csv become sheets of raw cells with what a person sees around them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from relocdesk.errors import UserError
from relocdesk.excel.scan import MOST_CELLS, Scan, damaged, scan_xls, scan_xlsx
from relocdesk.files import plain_error
from relocdesk.job import Tick, no_tick

Raw = int | float | str | bool | date | datetime
EXACT = 10**15  # Excel keeps 15 digits; a longer figure in a number cell has lost its tail
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”再导入"
Area = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, both inside


def column_letters(column: int) -> str:
    """The letters of a column counted from 0.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


@dataclass
class Sheet:
    """One sheet. `cells` is a rectangle without blank rows at its end; all positions are those of the sheet, from 0."""

    name: str
    cells: list[list[Raw]]
    first_row: int = 0  # where `cells` begins on the sheet
    first_column: int = 0
    merged: Sequence[Area] = ()
    scan: Scan = field(default_factory=Scan)
    visible: bool = True

    @property
    def width(self) -> int:
        """Number of columns in `cells`."""
        return len(self.cells[0]) if self.cells else 0

    def row_number(self, index: int) -> int:
        """The row number people see for `cells[index]`."""
        return self.first_row + index + 1

    def where(self, index: int, column: int) -> str:
        """How a cell is named to people: 第4行（C4）."""
        number = self.row_number(index)
        return f"第{number}行（{column_letters(self.first_column + column)}{number}）"

    @cached_property
    def merges(self) -> list[tuple[int, int, int, int]]:
        """Merged ranges in terms of `cells`: top, left, bottom, right, all inside the rectangle."""
        found = []
        for (top, left), (bottom, right) in self.merged:
            one = (top - self.first_row, left - self.first_column, bottom - self.first_row, right - self.first_column)
            if one[0] >= 0 and one[1] >= 0 and one[0] < len(self.cells) and one[1] < self.width:
                found.append((one[0], one[1], min(one[2], len(self.cells) - 1), min(one[3], self.width - 1)))
        return found

    def errors_by_row(self) -> dict[int, dict[int, str]]:
        """Error cells in terms of `cells`: row → column → text such as #DIV/0!."""
        found: dict[int, dict[int, str]] = {}
        for (row, column), text in self.scan.errors.items():
            found.setdefault(row - self.first_row, {})[column - self.first_column] = text
        return found


@dataclass
class Workbook:
    """All sheets of a file that hold anything. `kind` is xlsx, xls or csv, told by content."""

    path: Path
    kind: str
    sheets: list[Sheet]

    def sheet(self, name: str) -> Sheet:
        """The sheet of a name; raises UserError listing the others."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise UserError(f"“{self.path.name}”里没有工作表“{name}”", hint="有：" + "、".join(sheet.name for sheet in self.sheets))


def read_workbook(path: Path, tick: Tick = no_tick) -> Workbook:
    """Every sheet with content. Raises UserError, with the cure, for whatever is not a readable workbook."""
    path = Path(path)
    if path.name.startswith(("~$", ".~")):
        raise UserError(f"“{path.name}”是 Excel 打开文件时留下的临时文件", hint="请选原来的那个文件（名字不带 ~$）")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(error, path) from error
    tick(0, 0, f"读取 {path.name}")
    if not content:
        raise UserError(f"“{path.name}”是空文件", hint="请重新复制或下载一次")
    kind = _kind(content, path)
    try:
        sheets = [_text_sheet(content, path)] if kind == "csv" else _sheets(content, kind, tick)
    except UserError as error:
        raise UserError(f"“{path.name}”读不了：{error.text}", hint=error.hint) from error
    if not any(sheet.cells for sheet in sheets):
        raise UserError(f"“{path.name}”里没有任何内容", hint="请核对是不是选错了文件")
    return Workbook(path, kind, [sheet for sheet in sheets if sheet.cells])


def _unreadable(error: OSError, path: Path) -> UserError:
    if isinstance(error, PermissionError):
        return UserError(f"“{path.name}”打不开，可能正被 Excel 或 WPS 占用", hint="请先保存并关闭它，再导入")
    return plain_error(error, path)


def _kind(content: bytes, path: Path) -> str:
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UserError(f"“{path.name}”设了打开密码", hint="请用 Excel 打开，在“另存为—工具—常规选项”里清除密码后再导入")
        return "xls"
    if content.startswith(_ZIP):
        return "xlsx"
    head = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<", b"mime-version")):
        raise UserError(f"“{path.name}”其实是网页，只是名字像工作簿", hint=_SAVE_AS)
    if path.suffix.lower() in (".csv", ".txt", ".tsv"):
        return "csv"
    raise UserError(f"“{path.name}”不是 Excel 工作簿", hint=_SAVE_AS)


def _sheets(content: bytes, kind: str, tick: Tick) -> list[Sheet]:
    import python_calamine as calamine  # noqa: PLC0415 -- slow import

    scans = scan_xlsx(content) if kind == "xlsx" else scan_xls(content)
    try:
        book = calamine.load_workbook(io.BytesIO(content))
        found = []
        for number, meta in enumerate(book.sheets_metadata):
            tick(number, len(book.sheets_metadata), f"读取工作表“{meta.name}”")
            if meta.typ == calamine.SheetTypeEnum.WorkSheet:
                scan = scans.get(meta.name) or Scan()
                found.append(_sheet(book.get_sheet_by_name(meta.name), scan, meta.visible == calamine.SheetVisibleEnum.Visible))
        return found
    except calamine.PasswordError as error:
        raise UserError("设了打开密码", hint="请用 Excel 打开，清除密码另存后再导入") from error
    except (calamine.CalamineError, OSError, ValueError, OverflowError) as error:
        raise damaged() from error
    except BaseException as error:
        # The reader's own panics are no Exception; everything else that ends a program goes on.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged() from error


def _sheet(source: Any, scan: Scan, visible: bool) -> Sheet:
    if source.total_height * source.total_width > MOST_CELLS:
        raise UserError(f"工作表“{source.name}”太大", hint="请删去数据区以外的行和列，或拆成几个文件")
    cells = [_plain_row(row) for row in source.to_python()]
    while cells and not any(cell != "" for cell in cells[-1]):
        cells.pop()
    start = source.start or (0, 0)
    return Sheet(source.name, cells, start[0], start[1], source.merged_cell_ranges or (), scan, visible)


def _plain_row(row: list[Any]) -> list[Raw]:
    return [cell if type(cell) is str and (not cell or not cell.isspace()) else _plain(cell) for cell in row]


def _plain(cell: Any) -> Raw:
    """A number as Excel shows it: whole ones as int, others at 15 digits; a figure beyond 15 digits stays a float."""
    if isinstance(cell, float):
        if cell.is_integer():
            return int(cell) if -EXACT < cell < EXACT else cell
        return float(f"{cell:.15g}")
    if isinstance(cell, str):
        return ""
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return cell  # type: ignore[no-any-return]


_TEXT_ENCODINGS = ("utf-8-sig", "gb18030")


def _text_sheet(content: bytes, path: Path) -> Sheet:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _TEXT_ENCODINGS
    text = ""
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if not text or "\0" in text:
        raise UserError("不是文本表格，或文字编码认不出来", hint=_SAVE_AS)
    head = text[:4000]
    mark = max(",\t;，", key=head.count)
    try:
        rows: list[list[Raw]] = [[_untouched(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)]
    except csv.Error as error:
        raise UserError("文本表格的格式不对", hint=_SAVE_AS) from error
    while rows and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    width = max((len(row) for row in rows), default=0)
    if width * len(rows) > MOST_CELLS:
        raise UserError("文本表格太大", hint="请拆成几个文件")
    return Sheet(path.stem, [row + [""] * (width - len(row)) for row in rows])


def _untouched(cell: str) -> str:
    """A text cell; programs that guard long numbers write them as ="0123" or with a leading apostrophe."""
    guarded = re.fullmatch(r'="(.*)"', cell) or re.fullmatch(r"'(\d+)", cell)
    plain = guarded[1] if guarded else cell
    return "" if plain.isspace() else plain
