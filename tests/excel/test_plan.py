"""Plans: mappings corrected and remembered, empty cells, defaults, what changes, and taking an import back."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.excel.header import find_head
from relocdesk.excel.mapping import read_mapping
from relocdesk.excel.plan import Plan, apply, plan
from relocdesk.excel.sheet import read_workbook
from relocdesk.excel.titles import plain_title, split_unit
from relocdesk.excel.write import export, template
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.document import ImportBatch
from relocdesk.records.household import Household
from relocdesk.records.survey import Parcel
from relocdesk.undo import last_actions, undo, why_of, withdraw
from tests.excel.test_round_trip import HOUSEHOLDS, PARCELS, take_in, write
from tests.excel.ugly import HEAD, ROW, grid

STRANGE = [["地号", "农户", "坐落", "地类", "征用性质", "面积（亩）", "面积"], ["D001", "H001", "柳树村一组", "水田", "永久征收", 1.25, 9]]
CORRECTED = {"地号": "number", "农户": "household", "面积": ""}


@pytest.fixture
def furnished(book: Book, clerk: Clerk, tmp_path: Path) -> Book:
    take_in(book, clerk, "household", write(tmp_path / "户.xlsx", HOUSEHOLDS))
    return book


def look(book: Book, clerk: Clerk, path: Path, name: str = "parcel", **words: object) -> Plan:
    with book.read() as session:
        return plan(session, clerk, register(name), path, **words)  # type: ignore[arg-type]


def carry_out(book: Book, clerk: Clerk, path: Path, name: str = "parcel", **words: object) -> tuple[Plan, str]:
    with book.change("导入", clerk, "import") as (session, _):
        found = plan(session, clerk, register(name), path, **words)  # type: ignore[arg-type]
        return found, apply(session, clerk, found)


@pytest.mark.parametrize(("title", "plain"), [("面 积\n（亩）*", "面积(亩)"), (" 户　号：", "户号"), ("ＩＤ", "id")])
def test_titles_are_compared_plainly(title: str, plain: str) -> None:
    assert plain_title(title) == plain


@pytest.mark.parametrize(("title", "split"), [
    ("总投资（万元）", ("总投资", "万元")), ("面积/亩", ("面积", "亩")), ("户主(代表)", ("户主(代表)", "")), ("（亩）", ("(亩)", "")),
    ("面积【公顷】", ("面积", "公顷")), ("金额（单位：元）", ("金额", "元")),
])  # fmt: skip
def test_units_are_read_from_titles(title: str, split: tuple[str, str]) -> None:
    assert split_unit(title) == split


def test_a_bare_area_is_not_guessed(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    found = look(furnished, clerk, grid(tmp_path / "表.xlsx", [[*HEAD[:5], "面积"], ROW]))
    assert found.unmapped == ("面积",)
    assert "“面积”没有写单位，认不出是哪一栏" in found.notes


def test_a_corrected_mapping_is_remembered_for_the_same_shape(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = grid(tmp_path / "一.xlsx", STRANGE)
    before = look(furnished, clerk, path)
    assert before.unmapped == ("地号", "农户", "面积")
    given, _ = carry_out(furnished, clerk, path, mapping=CORRECTED)
    assert ([new.values["number"] for new in given.new], given.unmapped) == (["D001"], ())
    again = look(furnished, clerk, grid(tmp_path / "二.xlsx", [STRANGE[0], ["D002", *STRANGE[1][1:]]]))
    assert [new.values["number"] for new in again.new] == ["D002"]
    assert again.mapping == given.mapping == {"地号": "number", "农户": "household", "坐落": "place", "地类": "land_class", "征用性质": "nature",
                                              "面积(亩)": "area", "面积": ""}  # fmt: skip
    assert look(furnished, clerk, grid(tmp_path / "三.xlsx", [[*STRANGE[0], "备注"], STRANGE[1]])).unmapped == ("地号", "农户", "面积")


def test_a_mapping_may_not_fill_a_field_twice(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = grid(tmp_path / "一.xlsx", STRANGE)
    with pytest.raises(UserError, match="“地块编号”对应了不止一列"):
        look(furnished, clerk, path, mapping={"地号": "number", "农户": "number"})


def test_a_mapping_file_takes_labels_and_says_what_is_wrong() -> None:
    reg = register("parcel")
    assert read_mapping(json.dumps({"地号": "地块编号", "杂": ""}), reg) == {"地号": "number", "杂": ""}
    for text, told in (("{", "列对应文件不是 JSON"), ("[]", "列对应文件的格式不对"), ('{"a": "没有"}', "列对应文件里的“没有”不是“地块”的栏目")):
        with pytest.raises(UserError) as caught:
            read_mapping(text, reg)
        assert caught.value.text == told


def test_changes_show_old_and_new_and_empty_cells_erase_nothing(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    carry_out(furnished, clerk, grid(tmp_path / "一.xlsx", [[*HEAD, "小地名"], [*ROW, "大田"]]))
    path = grid(tmp_path / "二.xlsx", [[*HEAD, "小地名"], [*ROW[:3], "旱地", *ROW[4:], None]])
    (changed,) = look(furnished, clerk, path).changed
    assert changed.changes["land_class"] == ("水田", "旱地")
    assert "site" not in changed.changes
    (erased,) = look(furnished, clerk, path, erase_empty=True).changed
    assert erased.changes["site"] == ("大田", None)


def test_a_known_project_is_the_default_and_said_so(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    found = look(furnished, clerk, grid(tmp_path / "一.xlsx", [HEAD, ROW]))
    assert found.notes == ["表里没有“工程”一栏，按“清水河水库”登记"]


def test_an_import_is_taken_back_as_a_whole(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    carry_out(furnished, clerk, grid(tmp_path / "一.xlsx", [HEAD, ROW]))
    _, batch = carry_out(furnished, clerk, grid(tmp_path / "二.xlsx", [HEAD, [*ROW[:3], "旱地", *ROW[4:]], ["D002", *ROW[1:]]]))
    with furnished.change("撤回", clerk) as (session, _):
        assert withdraw(session, clerk, batch) == "已撤回导入批次 A000003（二.xlsx）：删去 1 条，改回 1 条"
    with furnished.read() as session:
        rows = session.execute(select(Parcel.number, Parcel.land_class, Parcel.deleted).order_by(Parcel.number)).all()
        assert [tuple(row) for row in rows] == [("D001", "水田", 0), ("D002", "水田", 1)]
        kept = session.get_one(ImportBatch, batch)
        assert (kept.state, kept.new, kept.changed, kept.file) == ("withdrawn", 1, 1, "二.xlsx")
    with furnished.change("再撤", clerk) as (session, _), pytest.raises(UserError, match="已经撤回过了"):
        withdraw(session, clerk, batch)
    assert len(look(furnished, clerk, tmp_path / "二.xlsx").new) == 1


def test_undo_takes_an_import_back_as_any_other_action(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    _, batch = carry_out(furnished, clerk, grid(tmp_path / "一.xlsx", [HEAD, ROW]))
    with furnished.read() as session:
        latest = last_actions(session, 1)[0].action
        why = why_of(session, latest)
    with furnished.change(why, clerk) as (session, _):
        assert undo(session, clerk, latest) == "已撤回导入批次 A000002（一.xlsx）：删去 1 条，改回 0 条"
    with furnished.read() as session:
        assert [row.deleted for row in session.scalars(select(Parcel))] == [1]
        assert session.get_one(ImportBatch, batch).state == "withdrawn"
    with furnished.change(why, clerk) as (session, _), pytest.raises(UserError, match="已经撤回过了"):
        undo(session, clerk, latest)


def test_an_import_others_rely_on_stays(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    _, batch = carry_out(book, clerk, write(tmp_path / "户.xlsx", HOUSEHOLDS), "household")
    carry_out(book, clerk, write(tmp_path / "地.xlsx", PARCELS))
    with book.change("撤回", clerk) as (session, _), pytest.raises(UserError, match="不能撤销"):
        withdraw(session, clerk, batch)
    with book.read() as session:
        assert session.execute(select(Household.deleted)).scalars().all() == [0, 0]


def test_a_sheet_that_has_no_such_head_is_refused_with_what_it_needs(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = grid(tmp_path / "表.xlsx", [["甲", "乙", "丙"], [1, 2, 3]])
    with pytest.raises(UserError) as caught:
        look(book, clerk, path)
    assert caught.value.text == "“表.xlsx”里没有找到“地块”的表头"
    assert caught.value.hint.startswith("表头里要有这些栏目：地块编号、工程、村组、地类、征用性质")
    with pytest.raises(UserError, match="没有工作表“没有”"):
        look(book, clerk, path, sheet="没有")
    with pytest.raises(UserError, match="只有表头，没有数据"):
        look(book, clerk, grid(path, [HEAD]))


def test_a_filled_template_is_imported(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    with furnished.read() as session:
        template(register("parcel"), path, session)
    book = openpyxl.load_workbook(path)
    sheet = book["地块"]
    assert sheet.max_row == 1
    titles = {cell.value: cell.column for cell in sheet[1]}
    row = {"地块编号*": "D009", "工程*": "清水河水库", "权属户": "H001", "乡镇": "三坝乡", "村*": "柳树村", "组*": "一组", "地类*": "水田",
           "征用性质*": "永久征收", "面积（亩）": 1.5}  # fmt: skip
    for title, value in row.items():
        sheet.cell(2, titles[title], value)
    book.save(path)
    found = look(furnished, clerk, path)
    assert ([new.values["number"] for new in found.new], found.problem_list(), found.unmapped) == (["D009"], [], ())
    lists = {area: rule.formula1 for rule in sheet.data_validations.dataValidation for area in str(rule.sqref).split()}
    letters = sheet.cell(1, titles["征用性质*"]).column_letter
    assert f"{letters}2:{letters}2000" in lists
    assert sheet.column_dimensions["A"].number_format == "@"


def test_a_public_export_leaves_private_columns_out_and_texts_are_no_formulas(furnished: Book, clerk: Clerk, tmp_path: Path) -> None:
    carry_out(furnished, clerk, write(tmp_path / "地.xlsx", PARCELS))
    out = tmp_path / "公开.xlsx"
    with furnished.read() as session:
        export(session, register("household"), None, out, public=True)
    hit = find_head(read_workbook(out).sheets[0], register("household"))
    assert hit is not None
    names = {column.field.name for column in hit[1].columns}
    assert "head_name" in names
    assert not names & {"head_idcard", "phone", "account", "account_name"}
    with furnished.read() as session:
        assert export(session, register("parcel"), Ask(register("parcel"), (Condition("number", "=", "D001"),)), out, on="2026-11-22") == 1
    sheet = openpyxl.load_workbook(out)["地块"]
    assert (sheet["A1"].value, sheet["A2"].value) == ("地块台账", "单位：三坝乡搬迁安置办公室　　导出日期：2026-11-22　　共 1 条　　面积合计 1.25 亩")
    (east,) = [cell for cell in sheet[4] if cell.value == "=1+1"]
    assert (east.data_type, sheet.print_title_rows, sheet.freeze_panes) == ("s", "$3:$3", "A4")
