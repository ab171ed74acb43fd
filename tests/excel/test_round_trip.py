"""What we export comes back unchanged; a template imports once it is filled in; the same file twice changes nothing."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.excel.header import find_head
from relocdesk.excel.plan import apply, plan
from relocdesk.excel.sheet import read_workbook
from relocdesk.excel.write import export, spots, template
from relocdesk.field import Register
from relocdesk.records import REGISTERS, register

PARCELS = [
    ["地块编号", "户号", "村组", "地类", "征用性质", "面积（亩）", "小地名", "东至", "调查日期", "签字确认", "备注"],
    ["D001", "H001", "柳树村一组", "水田", "永久", 1.25, "大田", "=1+1", "2023.6.1", "是", "第一行\n第二行"],
    ["D002", "H001", "柳树村 1组", "旱地", "临时占用", "9.81亩", "-坡地", "@山", 45078, "否", None],
    ["D003", "H002", "石桥村二社", "水田", "永久征收", 0.3, "+河边", "路", "2023年6月1日", None, "a<b>&c"],
]
HOUSEHOLDS = [
    ["户号", "户主姓名", "身份证号", "村组", "联系电话", "银行账号"],
    ["H001", "张三", "530523198001010019", "柳树村一组", "13987654321", None],
    ["H002", "李四", None, "石桥村二组", "0875-6123456", None],
]


def write(path: Path, rows: list[list[object]], title: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for row, cells in enumerate(rows, 1):
        for column, cell in enumerate(cells, 1):
            made = book.active.cell(row=row, column=column, value=cell)
            if isinstance(cell, str):
                made.data_type = "s"
    book.save(path)
    return path


def take_in(book: Book, clerk: Clerk, name: str, path: Path) -> tuple[int, int, int, list[str]]:
    """New, changed, same and problems of an import that is carried out."""
    with book.change("导入", clerk, "import") as (session, _):
        found = plan(session, clerk, register(name), path)
        apply(session, clerk, found)
    return len(found.new), len(found.changed), len(found.same), [str(one) for one in found.problem_list()]


@pytest.fixture
def filled(book: Book, clerk: Clerk, tmp_path: Path) -> Book:
    assert take_in(book, clerk, "household", write(tmp_path / "户.xlsx", HOUSEHOLDS)) == (2, 0, 0, [])
    assert take_in(book, clerk, "parcel", write(tmp_path / "地.xlsx", PARCELS)) == (3, 0, 0, [])
    return book


def test_the_same_file_twice_changes_nothing(filled: Book, clerk: Clerk, tmp_path: Path) -> None:
    assert take_in(filled, clerk, "parcel", tmp_path / "地.xlsx") == (0, 0, 3, [])
    assert take_in(filled, clerk, "household", tmp_path / "户.xlsx") == (0, 0, 2, [])


@pytest.mark.parametrize("reg", REGISTERS, ids=lambda reg: reg.name)
def test_what_we_export_comes_back_unchanged(filled: Book, clerk: Clerk, tmp_path: Path, reg: Register) -> None:
    out = tmp_path / "导出.xlsx"
    with filled.read() as session:
        count = export(session, reg, None, out, on="2026-11-22")
        if not count:
            assert [len(sheet.cells) for sheet in read_workbook(out).sheets] == [3]
            return
        found = plan(session, clerk, reg, out)
    assert ([str(one) for one in found.problem_list()], len(found.new), len(found.changed), len(found.same)) == ([], 0, 0, count)


@pytest.mark.parametrize("reg", REGISTERS, ids=lambda reg: reg.name)
def test_every_title_we_write_is_found_again(tmp_path: Path, reg: Register, book: Book) -> None:
    out = tmp_path / "模板.xlsx"
    with book.read() as session:
        template(reg, out, session)
    sheet = read_workbook(out).sheet(reg.label)
    hit = find_head(sheet, reg)
    assert hit is not None
    columns = spots(reg, template=True)
    expected = {spot.field.name for spot in columns}
    assert {column.field.name for column in hit[1].columns} == expected
    assert hit[1].unmapped == ()
