"""Workbooks as offices really send them, made by code: each builder writes one ugly file and returns its path."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlwt

HEAD = ["地块编号", "户号", "村组", "地类", "征用性质", "面积（亩）"]
ROW = ["D001", "H001", "柳树村一组", "水田", "永久征收", 1.25]
BUILDERS: dict[str, Callable[[Path], Path]] = {}


def ugly(build: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """Lists a builder under its name."""
    BUILDERS[build.__name__] = build
    return build


def grid(path: Path, rows: Sequence[Sequence[Any]], *, merges: Sequence[str] = (), name: str = "Sheet1") -> Path:
    """A workbook of one sheet; strings stay strings unless they begin with ==, which makes a formula."""
    book = openpyxl.Workbook()
    fill(book.active, rows, merges)
    book.active.title = name
    book.save(path)
    return path


def fill(sheet: Any, rows: Sequence[Sequence[Any]], merges: Sequence[str] = ()) -> None:
    for number, cells in enumerate(rows, 1):
        for column, cell in enumerate(cells, 1):
            made = sheet.cell(row=number, column=column)
            if isinstance(cell, str) and cell.startswith("=="):
                made.value = cell[1:]
            else:
                made.value = cell
                if isinstance(cell, str):
                    made.data_type = "s"
    for area in merges:
        sheet.merge_cells(area)


def with_sheet_xml(path: Path, change: Callable[[str], str]) -> Path:
    """Rewrites the first sheet's XML, for what openpyxl would not write."""
    held = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(held) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                content = change(content.decode()).encode()
            target.writestr(info.filename, content)
    return path


@ugly
def title_rows(path: Path) -> Path:
    """A title over the whole width, a unit line, a blank line, then the head."""
    rows = [["三坝乡清水河水库建设征地实物调查表"], ["填报单位：三坝乡", None, None, "2023年6月", None, "单位：亩"], [], HEAD, ROW]
    return grid(path, rows, merges=["A1:F1"])


@ugly
def two_line_head(path: Path) -> Path:
    """面积 stands over 亩 and ㎡, 四至 over four columns, the rest is merged downwards."""
    rows = [
        ["序号", "编 号", "户号", "村\n组", "地类", "征用\n性质", "面积", None, "四至", None],
        [None, None, None, None, None, None, "亩", "㎡", "东", "南"],
        [1, "D001", "H001", "柳树村一组", "水田", "永久", 0.15, 100, "路", "河"],
    ]
    return grid(path, rows, merges=["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "F1:F2", "G1:H1", "I1:J1"])


@ugly
def two_line_head_unmerged(path: Path) -> Path:
    """The same without any merged cell."""
    rows = [
        ["地块编号", "户号", "村组", "地类", "征用性质", "面积", None],
        [None, None, None, None, None, "（亩）", "（㎡）"],
        ["D001", "H001", "柳树村一组", "水田", "永久", 0.15, 100],
    ]
    return grid(path, rows)


@ugly
def three_line_head(path: Path) -> Path:
    """Three lines: 征地情况 over 面积 over 亩."""
    rows = [
        ["地块编号", "户号", "村组", "征地情况", None, None],
        [None, None, None, "地类", "征用性质", "面积"],
        [None, None, None, None, None, "亩"],
        ["D001", "H001", "柳树村一组", "水田", "永久", 1.25],
    ]
    return grid(path, rows, merges=["A1:A3", "B1:B3", "C1:C3", "D1:F1", "D2:D3", "E2:E3"])


@ugly
def hectares(path: Path) -> Path:
    """The unit in the head is 公顷."""
    return grid(path, [[*HEAD[:5], "面积（公顷）"], [*ROW[:5], 0.2], ["D002", *ROW[1:5], "0.12"]])


@ugly
def sections_and_totals(path: Path) -> Path:
    """Section rows, 小计, 合计, blank rows, the head again on the next page, and who filled it in."""
    rows = [
        HEAD,
        ["一、柳树村"],
        ROW,
        ["D002", *ROW[1:5], 2],
        ["小计", None, None, None, None, 3.25],
        [],
        ["二", "石桥村"],
        HEAD,
        ["D003", "H002", "石桥村二组", "旱地", "临时", 0.5],
        ["小 计", None, None, None, None, 0.5],
        ["合  计", None, None, None, None, 3.75],
        ["填表人：王建国", None, None, "审核人：", None, None],
        ["注：面积以亩计"],
    ]
    return grid(path, rows)


@ugly
def wrong_total(path: Path) -> Path:
    """The 合计 is not the sum of the rows."""
    return grid(path, [HEAD, ROW, ["D002", *ROW[1:5], 2], [None, "合计", None, None, None, 3.5]])


@ugly
def full_width(path: Path) -> Path:
    """Full-width digits, blanks and line breaks in cells, zero-width marks, a unit behind the figure."""
    rows = [["地块\n编号", " 户　号 ", "村组", "地类", "性质", "亩数"], ["Ｄ００１", "H001 ", "柳树村\n１组", "水 田\u200b", "永　久", "１．２５亩"]]
    return grid(path, rows)


@ugly
def many_dates(path: Path) -> Path:
    """One column of dates in seven manners."""
    days: list[Any] = ["2023.6", "20230601", "2023年6月1日", 45078, datetime.date(2023, 6, 1), "2023/6/1", 20230601]
    return grid(path, [[*HEAD, "调查时间"], *([f"D{n:03d}", *ROW[1:], day] for n, day in enumerate(days, 1))])


@ugly
def text_and_numbers(path: Path) -> Path:
    """Numbers as text and text as numbers; a figure nobody can read; a number Excel has damaged."""
    rows = [
        [*HEAD, "编号2"],
        [1001, "H001", *ROW[2:5], "1,250.50"],
        ["1002", "H001", *ROW[2:5], "约5"],
        ["1003", "H001", *ROW[2:5], "若干"],
        ["1004", "H001", *ROW[2:5], 0.1 + 0.2],
    ]
    return grid(path, rows)


@ugly
def place_in_three_columns(path: Path) -> Path:
    """乡镇, 村 and 组 in columns of their own; the group as a number."""
    rows = [["乡镇", "村", "组", "地块编号", "户号", "地类", "性质", "面积（亩）"], ["三坝乡", "石桥村", 2, "D001", "H002", "旱地", "永久", 3],
            ["三坝", "柳树村委会", "第一村民小组", "D002", "H001", "旱地", "永久", 3]]  # fmt: skip
    return grid(path, rows)


@ugly
def merged_down(path: Path) -> Path:
    """Village and household are merged over their rows."""
    rows = [["村组", "户号", "地块编号", "地类", "征用性质", "面积（亩）"], ["柳树村一组", "H001", "D001", "水田", "永久", 1],
            [None, None, "D002", "旱地", "永久", 2], ["石桥村二组", "H002", "D003", "旱地", "永久", 3]]  # fmt: skip
    return grid(path, rows, merges=["A2:A3", "B2:B3"])


@ugly
def hidden_rows(path: Path) -> Path:
    """The second row of data is hidden."""
    book = openpyxl.Workbook()
    fill(book.active, [HEAD, ROW, ["D002", *ROW[1:]]])
    book.active.row_dimensions[3].hidden = True
    book.save(path)
    return path


@ugly
def formulas(path: Path) -> Path:
    """A figure that was worked out, one never worked out, and one that is #DIV/0!."""
    rows = [HEAD, [*ROW[:5], "==1/3"], ["D002", *ROW[1:5], "==1/4"], ["D003", *ROW[1:5], "==1/0"]]
    grid(path, rows)
    xml = [("<f>1/3</f><v></v>", "<f>1/3</f><v>0.33333333333333331</v>"), ("<f>1/3</f><v/>", "<f>1/3</f><v>0.33333333333333331</v>"),
           ("<f>1/3</f><v />", "<f>1/3</f><v>0.33333333333333331</v>")]  # fmt: skip

    def change(text: str) -> str:
        for old, new in xml:
            text = text.replace(old, new)
        return re.sub(r'(<c r="F4")([^>]*)>(<f>1/0</f>)<v ?/?>(</v>)?', r'\1\2 t="e">\3<v>#DIV/0!</v>', text)

    return with_sheet_xml(path, change)


@ugly
def several_sheets(path: Path) -> Path:
    """An empty sheet, a cover, and two villages."""
    book = openpyxl.Workbook()
    book.active.title = "封面"
    fill(book.active, [["实物调查成果"], ["2023年6月"]])
    fill(book.create_sheet("柳树村"), [HEAD, ROW, ["D002", *ROW[1:]]])
    fill(book.create_sheet("石桥村"), [HEAD, ["D003", "H002", "石桥村一组", *ROW[3:]]])
    book.create_sheet("空表")
    book.save(path)
    return path


@ugly
def shifted(path: Path) -> Path:
    """The table begins at C5."""
    return grid(path, [[], [], [], [], [None, None, *HEAD], [None, None, *ROW], [None, None, "D002", *ROW[1:5], "x"]])


@ugly
def formatted_but_empty(path: Path) -> Path:
    """A million formatted rows below one row of data."""
    grid(path, [HEAD, ROW])
    empty = "".join(f'<row r="{n}" ht="15" customHeight="1"><c r="A{n}" s="0"/><c r="XFD{n}" s="0"/></row>' for n in range(3, 60_003))
    empty += '<row r="1048576" ht="15" customHeight="1"><c r="A1048576" s="0"/></row>'
    return with_sheet_xml(path, lambda text: text.replace("</sheetData>", empty + "</sheetData>"))


@ugly
def old_format(path: Path) -> Path:
    """.xls with a hidden row, a date cell and a number stored as text."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("地块")
    for row, cells in enumerate([[*HEAD, "调查日期"], [*ROW, datetime.date(2023, 6, 1)], ["D002", *ROW[1:5], "2.50", "2023.6.2"]]):
        for column, cell in enumerate(cells):
            style = xlwt.easyxf(num_format_str="YYYY-MM-DD") if isinstance(cell, datetime.date) else xlwt.Style.default_style
            sheet.write(row, column, cell, style)
    sheet.row(2).hidden = True
    book.save(str(path.with_suffix(".xls")))
    return path.with_suffix(".xls")


@ugly
def wps_name(path: Path) -> Path:
    """A workbook named as WPS names its own."""
    return title_rows(path.with_suffix(".et"))


@ugly
def comma_text(path: Path) -> Path:
    """.csv as Chinese Excel writes it, with a guarded number."""
    path = path.with_suffix(".csv")
    path.write_bytes((",".join(HEAD) + "\r\n" + '="D001",H001,柳树村一组,水田,永久征收,"1,000.25"\r\n').encode("gb18030"))
    return path


@ugly
def prefixed_xml(path: Path) -> Path:
    """Every tag carries a namespace prefix, as some programs write it; one row is hidden, one cell an error."""
    grid(path, [HEAD, ROW, ["D002", *ROW[1:5], "==1/0"]])

    def change(text: str) -> str:
        text = re.sub(r'(<c r="F3")([^>]*)>(<f>1/0</f>)<v ?/?>(</v>)?', r'\1\2 t="e">\3<v>#DIV/0!</v>', text)
        text = text.replace('<row r="2"', '<row r="2" hidden="1"')
        text = re.sub(r"<(/?)([a-zA-Z])", r"<\1x:\2", text)
        return text.replace('xmlns="', 'xmlns:x="')

    return with_sheet_xml(path, change)
