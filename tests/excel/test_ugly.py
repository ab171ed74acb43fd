"""Every ugly workbook becomes exactly the rows, problems, skipped rows and warnings that a person would expect."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.excel.plan import Plan, apply, plan
from relocdesk.excel.problem_sheet import problem_workbook
from relocdesk.excel.sheet import read_workbook
from relocdesk.queries.places import Places
from relocdesk.records import register
from tests.excel.test_round_trip import HOUSEHOLDS, take_in, write
from tests.excel.ugly import BUILDERS

ONE, TWO = "三坝乡 柳树村 一组", "三坝乡 石桥村 二组"


@dataclass(frozen=True)
class Case:
    rows: tuple[tuple[object, ...], ...]  # row, number, place, land class, nature, 亩
    problems: tuple[str, ...] = ()
    skipped: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    hidden: int = 0
    notes: tuple[str, ...] = ()


def row(number: int, code: str, place: str = ONE, land: str = "水田", nature: str = "永久征收", area: str = "1.25") -> tuple[object, ...]:
    return number, code, place, land, nature, area


NO_TERM = "第{}行“占用起始”：临时占用没有起止日期，起草协议前要补"
NO_NUMBER = "“{}”不是数字。请填阿拉伯数字，单位写在表头里"
CASES = {
    "title_rows": Case((row(5, "D001"),)),
    "two_line_head": Case((row(3, "D001", area="0.15"),)),
    "two_line_head_unmerged": Case((row(3, "D001", area="0.15"),)),
    "three_line_head": Case((row(4, "D001"),)),
    "hectares": Case((row(2, "D001", area="3.00"), row(3, "D002", area="1.80"))),
    "sections_and_totals": Case((row(3, "D001"), row(4, "D002", area="2.00"), row(9, "D003", TWO, "旱地", "临时占用", "0.50")),
                                skipped=(2, 5, 7, 8, 10, 11, 12, 13), warnings=(NO_TERM.format(9),)),
    "wrong_total": Case((row(2, "D001"), row(3, "D002", area="2.00")), skipped=(4,),
                        warnings=("第4行（F4）“面积”：合计行写的是 3.5，各行相加是 3.25，相差 0.25；请核对是否漏行",)),
    "full_width": Case((row(2, "D001", land="水 田"),)),
    "many_dates": Case(tuple(row(n + 1, f"D00{n}") for n in range(1, 8)), warnings=("第2行（G2）“调查日期”：“2023.6”只有年月，按 2023-06-01 登记",)),
    "text_and_numbers": Case((row(2, "1001", area="1250.50"), row(5, "1004", area="0.30")),
                             ("第3行（F3）“面积”：" + NO_NUMBER.format("约5"), "第4行（F4）“面积”：" + NO_NUMBER.format("若干")), unmapped=("编号2",)),
    "place_in_three_columns": Case((row(2, "D001", TWO, "旱地", area="3.00"), row(3, "D002", ONE, "旱地", area="3.00"))),
    "merged_down": Case((row(2, "D001", area="1.00"), row(3, "D002", land="旱地", area="2.00"), row(4, "D003", TWO, "旱地", area="3.00"))),
    "hidden_rows": Case((row(2, "D001"), row(3, "D002")), hidden=1),
    "formulas": Case((row(2, "D001", area="0.333333"),),
                     ("第3行（F3）“面积”：单元格公式没有算出结果。请在 Excel 中打开并保存一次，或改填数值",
                      "第4行（F4）“面积”：单元格是错误值 #DIV/0!。请改正公式，或改填数值"),
                     warnings=("第2行（F2）“面积”：公式算出 0.333333333333333，四舍五入为 0.333333",)),
    "several_sheets": Case((row(2, "D001"), row(3, "D002")), notes=("这次只导入工作表“柳树村”；看起来同样的还有：石桥村，请逐张导入",)),
    "shifted": Case((row(6, "D001"),), ("第7行（H7）“面积”：" + NO_NUMBER.format("x"),)),
    "formatted_but_empty": Case((row(2, "D001"),)),
    "old_format": Case((row(2, "D001"), row(3, "D002", area="2.50")), hidden=1),
    "wps_name": Case((row(5, "D001"),)),
    "comma_text": Case((row(2, "D001", area="1000.25"),)),
    "prefixed_xml": Case((row(2, "D001"),), ("第3行（F3）“面积”：单元格是错误值 #DIV/0!。请改正公式，或改填数值",), hidden=1),
}  # fmt: skip


def seen(book: Book, found: Plan) -> Case:
    with book.read() as session:
        places = Places.load(session)
    reg = found.register
    rows = tuple((new.row, new.values["number"], places.full(str(new.values["place"])), new.values["land_class"],
                  reg["nature"].show(new.values["nature"]), reg["area"].plain(new.values["area"])) for new in found.new)  # fmt: skip
    return Case(rows, tuple(str(one) for one in found.problem_list()), tuple(row for row, _ in found.skipped),
                tuple(f"{found.where(one)}：{one.text}" for one in found.warnings), found.unmapped, found.hidden_rows,
                tuple(note for note in found.notes if "工程" not in note))  # fmt: skip


@pytest.fixture
def furnished(book: Book, clerk: Clerk, tmp_path: Path) -> Book:
    take_in(book, clerk, "household", write(tmp_path / "户.xlsx", HOUSEHOLDS))
    return book


@pytest.mark.parametrize("name", BUILDERS)
def test_an_ugly_workbook_is_read_as_a_person_would(furnished: Book, clerk: Clerk, tmp_path: Path, name: str) -> None:
    path = BUILDERS[name](tmp_path / "表.xlsx")
    with furnished.read() as session:
        found = plan(session, clerk, register("parcel"), path)
    assert seen(furnished, found) == CASES[name]


@pytest.mark.parametrize("name", BUILDERS)
def test_an_ugly_workbook_twice_changes_nothing(furnished: Book, clerk: Clerk, tmp_path: Path, name: str) -> None:
    path = BUILDERS[name](tmp_path / "表.xlsx")
    with furnished.change("导入", clerk, "import") as (session, _):
        first = plan(session, clerk, register("parcel"), path)
        apply(session, clerk, first)
    with furnished.read() as session:
        again = plan(session, clerk, register("parcel"), path)
    assert (len(again.new), len(again.changed), len(again.same)) == (0, 0, len(first.new))
    assert again.problem_rows == first.problem_rows


def test_dates_in_every_manner_are_one_day(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = BUILDERS["many_dates"](tmp_path / "表.xlsx")
    with furnished.read() as session:
        found = plan(session, clerk, register("parcel"), path)
    assert [new.values["surveyed_on"] for new in found.new] == ["2023-06-01"] * 7


def test_a_formatted_empty_sheet_costs_nothing(tmp_path: Path) -> None:
    sheet = read_workbook(BUILDERS["formatted_but_empty"](tmp_path / "表.xlsx")).sheets[0]
    assert (len(sheet.cells), sheet.width) == (2, 6)


@pytest.mark.parametrize("tinted", [3_000, 0])
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.problems])
def test_problem_rows_come_back_and_import_once_corrected(furnished: Book, clerk: Clerk, tmp_path: Path, name: str, tinted: int,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("relocdesk.excel.problem_sheet._TINTED_UP_TO", tinted)
    path = BUILDERS[name](tmp_path / "表.xlsx")
    with furnished.change("导入", clerk, "import") as (session, _):
        first = plan(session, clerk, register("parcel"), path)
        apply(session, clerk, first)
    out = tmp_path / "问题.xlsx"
    assert problem_workbook(first, out) == len(first.problem_rows)
    with furnished.read() as session:
        again = plan(session, clerk, register("parcel"), out)
    told = [trouble.text for trouble in first.problems]
    kept = [text for text in told if not text.startswith("单元格")]
    assert [trouble.text for trouble in again.problems if not trouble.text.startswith("单元格")] == kept
    assert (len(again.problem_rows), len(again.new)) == (len(first.problem_rows), 0)
    book = openpyxl.load_workbook(out)
    sheet = book.active
    area = next(cell.column for line in sheet.iter_rows() for cell in line if cell.value and str(cell.value).startswith("面积"))
    told_at = next(cell for line in sheet.iter_rows() for cell in line if cell.value == "问题")
    for n, number in enumerate(first.problem_rows):
        line = sheet.max_row - len(first.problem_rows) + 1 + n
        assert sheet.cell(line, told_at.column).value.startswith("面积：")
        assert sheet.cell(line, told_at.column + 1).value == number
        sheet.cell(line, area).value = 7
    book.save(out)
    with furnished.change("导入改好的", clerk, "import") as (session, _):
        fixed = plan(session, clerk, register("parcel"), out)
        apply(session, clerk, fixed)
    assert ([str(one) for one in fixed.problem_list()], len(fixed.new), fixed.unmapped) == ([], len(first.problem_rows), first.unmapped)
