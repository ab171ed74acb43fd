"""Lists as offices lay them out: what is a head, what is a record, what stands around the table, and what is said about the rest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.excel.plan import Plan, apply, plan
from relocdesk.excel.problem_sheet import problem_workbook
from relocdesk.queries.places import Places
from relocdesk.records import register
from tests.excel.test_round_trip import HOUSEHOLDS, take_in, write
from tests.excel.ugly import HEAD, ROW, fill, grid
from tests.make import idcard

LAND: list[Any] = ["D001", "H001", "柳树村一组", "水田"]
DOWN = ["A1:A2", "B1:B2", "C1:C2", "D1:D2"]
ONE = "三坝乡 柳树村 一组"


@pytest.fixture
def furnished(book: Book, clerk: Clerk, tmp_path: Path) -> Book:
    take_in(book, clerk, "household", write(tmp_path / "户.xlsx", HOUSEHOLDS))
    return book


class Desk:
    """Looks at lists of one book."""

    def __init__(self, book: Book, clerk: Clerk, folder: Path) -> None:
        self.book, self.clerk, self.folder = book, clerk, folder

    def look(self, rows: Sequence[Sequence[Any]], merges: Sequence[str] = (), name: str = "parcel", sheet: str = "Sheet1", **words: Any) -> Plan:
        path = grid(self.folder / "表.xlsx", rows, merges=merges, name=sheet)
        with self.book.read() as session:
            return plan(session, self.clerk, register(name), path, **words)

    def take(self, rows: Sequence[Sequence[Any]], name: str = "parcel", **words: Any) -> Plan:
        path = grid(self.folder / "表.xlsx", rows)
        with self.book.change("导入", self.clerk, "import") as (session, _):
            found = plan(session, self.clerk, register(name), path, **words)
            apply(session, self.clerk, found)
        return found

    def places(self, found: Plan) -> list[str]:
        with self.book.read() as session:
            tree = Places.load(session)
        return [tree.full(str(new.values["place"])) for new in found.new]


@pytest.fixture
def desk(furnished: Book, clerk: Clerk, tmp_path: Path) -> Desk:
    return Desk(furnished, clerk, tmp_path)


def shown(found: Plan, *names: str) -> list[tuple[Any, ...]]:
    """Row and plain values of the new records."""
    reg = found.register
    return [(new.row, *(reg[name].plain(new.values.get(name)) for name in names)) for new in found.new]


def notes(found: Plan) -> list[str]:
    return [note for note in found.notes if "“工程”" not in note]


# --- figures and units -----------------------------------------------------------------------------------------------


def test_units_on_the_second_line_tell_two_areas_apart(desk: Desk) -> None:
    rows = [["地块编号", "户号", "村组", "地类", "征用性质", "征收面积", None], [None] * 5 + ["亩", "㎡"], [*LAND, "永久", 0.15, 100]]
    found = desk.look(rows, [*DOWN, "E1:E2", "F1:G1"])
    assert shown(found, "area", "area_m2") == [(3, "0.15", "100.00")]
    assert (found.body_row, found.unmapped, notes(found)) == (3, (), [])


SIDES: list[list[Any]] = [["地块编号", "户号", "村组", "地类", "面积", None], [None] * 4 + ["永久(亩)", "临时(亩)"],
                          [*LAND, 1.5, None], ["D002", *LAND[1:], 0, "2"]]  # fmt: skip


def test_areas_side_by_side_say_the_nature_of_the_row(desk: Desk) -> None:
    found = desk.look([*SIDES, ["D003", *LAND[1:], 1, 2], ["合计", None, None, None, 2.5, 4]], [*DOWN, "E1:F1"])
    assert shown(found, "nature", "area") == [(3, "永久征收", "1.50"), (4, "临时占用", "2.00")]
    assert [str(one) for one in found.problem_list()] == [
        "第5行（E5）“面积”：“永久征收”和“临时占用”都有数，一行只能登记一项；请拆成两行，每行只填一项"
    ]
    assert (found.mapping["面积/永久(亩)"], found.mapping["面积/临时(亩)"], found.unmapped) == ("area", "area", ())


def test_areas_side_by_side_come_back_from_the_problem_workbook(desk: Desk, tmp_path: Path) -> None:
    found = desk.look([*SIDES, ["D003", *LAND[1:], 1, 2]], [*DOWN, "E1:F1"])
    problem_workbook(found, tmp_path / "问题.xlsx")
    with desk.book.read() as session:
        again = plan(session, desk.clerk, register("parcel"), tmp_path / "问题.xlsx")
    assert [one.code for one in again.problems] == ["SIDE_BY_SIDE"]


def test_two_units_side_by_side_twice(desk: Desk) -> None:
    rows = [["地块编号", "户号", "村组", "地类", "永久征收", None, "临时占用", None], [None] * 4 + ["亩", "㎡"] * 2,
            [*LAND, 0.15, 100, None, None], ["D002", *LAND[1:], None, None, 0.3, 200]]  # fmt: skip
    found = desk.look(rows, [*DOWN, "E1:F1", "G1:H1"])
    assert shown(found, "nature", "area", "area_m2") == [(3, "永久征收", "0.15", "100.00"), (4, "临时占用", "0.30", "200.00")]


def test_areas_side_by_side_beside_a_nature_are_not_guessed(desk: Desk) -> None:
    rows = [["地块编号", "户号", "村组", "地类", "征用性质", "面积", None], [None] * 5 + ["永久(亩)", "临时(亩)"], [*LAND, "永久", 1.5, None]]
    found = desk.look(rows, [*DOWN, "E1:E2", "F1:G1"])
    assert found.unmapped == ("面积/永久(亩)", "面积/临时(亩)")
    assert notes(found) == ["“面积/永久(亩)”、“面积/临时(亩)”没有读入：表里另有“征用性质”一栏，请把这几列并成一列"]


def test_a_lone_choice_is_not_guessed_but_explained(desk: Desk) -> None:
    found = desk.look([[*HEAD[:4], "永久", "临时"], [*LAND, 1, None]])
    assert found.unmapped == ("永久", "临时")
    assert notes(found) == ["“永久”、“临时”没有读入：请拆成每行一个征用性质，加一列“征用性质”，或在列对应里选好"]


def test_columns_chosen_by_hand_may_stand_side_by_side(desk: Desk) -> None:
    found = desk.look([[*HEAD[:4], "永久", "临时"], [*LAND, 1, None]], mapping={"永久": "area", "临时": "area"})
    assert shown(found, "nature", "area") == [(2, "永久征收", "1.00")]
    with pytest.raises(UserError, match="“面积”对应了不止一列"):
        desk.look([[*HEAD[:5], "甲", "乙"], [*LAND, "永久", 1, None]], mapping={"甲": "area", "乙": "area"})


def test_land_classes_side_by_side_are_explained(desk: Desk) -> None:
    rows = [["地块编号", "户号", "村组", "征用性质", "面积", None, None], [None] * 4 + ["水田", "旱地", "合计（亩）"],
            ["D001", "H001", "柳树村一组", "永久", 1, 2, 3]]  # fmt: skip
    found = desk.look(rows, [*DOWN, "E1:G1"])
    assert found.unmapped == ("面积/水田", "面积/旱地", "面积/合计(亩)")
    assert notes(found) == ["“面积/水田”、“面积/旱地”、“面积/合计(亩)”并列在“面积”下面，没有读入：一行只登记一项，请拆成每项一行，或在列对应里选一列"]


@pytest.mark.parametrize(("above", "figure", "mu"), [("单位：亩", 1.5, "1.50"), ("填报单位：三坝乡　单位：公顷、元", 0.1, "1.50"), ("（单位：亩）", 2, "2.00")])
def test_a_unit_above_the_head_is_taken(desk: Desk, above: str, figure: float, mu: str) -> None:
    for rows in ([["调查表"], [above], [*HEAD[:5], "面积"], [*ROW[:5], figure]], [[*HEAD[:5], "面积"], [above], [*ROW[:5], figure]]):
        found = desk.look(rows)
        assert [line[1] for line in shown(found, "area")] == [mu]
        assert notes(found)[0].startswith("“面积”按表上写的“单位：")


def test_money_in_the_unit_above_the_head(desk: Desk) -> None:
    found = desk.look([["单位：万元"], ["工程名称", "类型", "总投资"], ["红河水库", "水库", 1.5]], name="project")
    assert shown(found, "investment") == [(3, "15000.00")]
    found = desk.look([["单位：万元"], ["工程名称", "类型", "总投资（元）"], ["红河水库", "水库", 1.5]], name="project")
    assert (shown(found, "investment"), notes(found)) == ([(3, "1.50")], [])


# --- titles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "name"), [
    ("户主姓名（签字）", "head_name"), ("1.户主姓名", "head_name"), ("（一）户主", "head_name"), ("户主姓名：", "head_name"), ("户主*（必填）", "head_name"),
    ("②户主\n姓名", "head_name"), ("家庭住址（村组）", "place"), ("3、家庭住址", "place"), ("银行账号(一卡通)", "account"), ("联系人（电话）", "phone"),
    ("手机号码（必须填写）", "phone"), ("身份证\n号  码", "head_idcard"), ("1.2 开户行（信用社）", "bank"),
])  # fmt: skip
def test_titles_with_remarks_and_numbers(desk: Desk, title: str, name: str) -> None:
    head = [one for one in (("户号", "number"), ("户主姓名", "head_name"), ("村组", "place")) if one[1] != name]
    found = desk.look([[*(one for one, _ in head), title], ["H009"] * (len(head) + 1)], name="household")
    assert (found.mapping[next(reversed(found.mapping))], found.unmapped) == (name, ())


def test_a_remark_never_takes_a_column_from_its_own_title(desk: Desk) -> None:
    rows = [["户号", "户主姓名", "村组", "监护人（电话）", "电话"], ["H009", "王五", "柳树村一组", "13900000000", "13987654321"]]
    found = desk.look(rows, name="household")
    assert (shown(found, "phone"), found.unmapped) == ([(2, "13987654321")], ("监护人(电话)",))


def test_an_area_with_a_remark_behind_its_unit(desk: Desk) -> None:
    assert shown(desk.look([[*HEAD[:5], "面积（亩，保留两位）"], ROW]), "area") == [(2, "1.25")]


def test_flags_by_marks(desk: Desk) -> None:
    rows = [[*HEAD, "是否签字确认"], *([f"D00{n}", *ROW[1:], mark] for n, mark in enumerate(("√", "✔", "×", "是"), 1))]
    assert [line[1] for line in shown(desk.look(rows), "confirmed")] == ["是", "是", "否", "是"]


def test_facts_of_the_household_are_said_to_belong_there(desk: Desk) -> None:
    rows = [["地块编号", "户号", "户主", "身份证号", "电话", *HEAD[2:]], ["D001", "H001", "张三", "530523198001010019", "13987654321", *ROW[2:]]]
    found = desk.look(rows)
    assert notes(found) == ["“户主”没有读入：“权属户”已取自“户号”", "“身份证号”、“电话”是“移民户”的内容，没有读入；要改请导入到“移民户”"]


def test_a_full_column_nobody_knows_is_pointed_out_and_a_signature_is_not(desk: Desk) -> None:
    found = desk.look([[*HEAD, "奇怪", "偶尔", "领款人签字"], [*ROW, "a", "b", "c"], ["D002", *ROW[1:], "a", None, "c"], ["D003", *ROW[1:], "a", None, "c"]])
    assert found.unmapped == ("奇怪", "偶尔", "领款人签字")
    assert notes(found) == ["“奇怪”（G列）认不出是哪一栏，没有读入；需要的请在列对应里选好"]


# --- rows ------------------------------------------------------------------------------------------------------------


def test_heads_captions_and_numbers_repeated_on_each_page(desk: Desk) -> None:
    page = [["三坝乡实物调查表"], ["乡镇：三坝乡", None, None, "单位：亩"], [*HEAD[:5], "面积"], [None] * 5 + ["亩"], ["甲", "乙", 1, 2, 3, "4=1+3"]]
    found = desk.look([*page, ROW, *page, ["D002", *ROW[1:]], ["第 2 页 共 2 页"]])
    assert shown(found, "number") == [(6, "D001"), (12, "D002")]
    assert (found.body_row, found.problem_list(), [row for row, _ in found.skipped]) == (5, [], [5, 7, 8, 9, 10, 11, 13])


def test_lines_numbered_beforehand_are_no_records(desk: Desk) -> None:
    rows = [["序号", *HEAD, "备注"], [1, *ROW], [2], [3, None, None, None, None, None, "==F4*0"], [None, "合计", None, None, None, None, 1.25]]
    found = desk.look(rows)
    assert (shown(found, "number"), found.problem_list(), [row for row, _ in found.skipped]) == ([(2, "D001")], [], [5])


def test_signatures_at_the_foot(desk: Desk) -> None:
    foot = [["填表人：王", None, "审核人：李", None, "2025年8月"], ["村委会（盖章）", None, None, "年  月  日"], ["乡镇负责人签字：", None, "搬迁办（公章）"],
            ["以下空白"]]  # fmt: skip
    found = desk.look([HEAD, ROW, *foot])
    assert ([row for row, _ in found.skipped], found.problem_list()) == ([3, 4, 5, 6], [])


def test_sums_in_the_middle_of_merged_villages(desk: Desk) -> None:
    rows = [["村", "组", "地块编号", "户号", "地类", "征用性质", "面积（亩）"], ["柳树村", "一组", "D001", "H001", "水田", "永久", 1],
            [None, "二组", "D002", "H001", "水田", "永久", 2], [None, "柳树村小计", None, None, None, None, 3],
            ["石桥村", 1, "D003", "H002", "水田", "永久", 2], [None, "石桥村合计", None, None, None, None, 2], [None, "合计", None, None, None, None, 5]]
    found = desk.look(rows, ["A2:A4"])
    assert shown(found, "number") == [(2, "D001"), (3, "D002"), (5, "D003")]
    assert ([row for row, _ in found.skipped], found.warnings) == ([4, 6, 7], [])
    assert desk.places(found) == [ONE, "三坝乡 柳树村 二组", "三坝乡 石桥村 一组"]


def test_each_section_may_have_its_own_total(desk: Desk) -> None:
    total = ["合计", None, None, None, None]
    found = desk.look([HEAD, ["一、柳树村"], ROW, [*total, 1.25], ["二、石桥村"], ["D002", *ROW[1:5], 2], [*total, 3]])
    assert [found.where(one) for one in found.warnings] == ["第7行（F7）“面积”"]


MEMBERS: list[list[Any]] = [["序号", "户号", "户主", "姓名", "与户主关系", "身份证号码"], [1, "H001", "张三", "张三", "户主", "530523198001010019"],
           [None, None, None, "张小", "子", None], [2, "H002", "李四", "李四", "户主", None], [None, None, None, "李五", "子", None]]  # fmt: skip


def test_recipients_under_the_first_line_of_their_household(desk: Desk) -> None:
    """Place and reservoir stand on the first line like the head; an account there is the head's own."""
    rows: list[list[Any]] = [["村委会", "小组", "所属水库", "户主", "姓名", "身份证号码", "人口类型", "扶持方式", "起始月", "账号"],
            ["柳树村", "一组", "红岩水库", "张三", "张三", idcard("19500101", 11), "现状人口", "直补", "2006-07", "530100001234"],
            [None, None, None, None, "张小", idcard("19800101", 21), "现状人口", "直补", "2006-07", None]]  # fmt: skip
    found = desk.look(rows, name="recipient")
    assert [str(one) for one in found.problems] == []
    assert (desk.places(found), shown(found, "reservoir")) == ([ONE, ONE], [(2, "红岩水库"), (3, "红岩水库")])
    assert shown(found, "account") == [(2, "530100001234"), (3, "")]


@pytest.mark.parametrize("merges", [(), ("A2:A3", "B2:B3", "C2:C3", "A4:A5", "B4:B5", "C4:C5")])
def test_members_under_the_first_line_of_their_household(desk: Desk, merges: Sequence[str], tmp_path: Path) -> None:
    found = desk.look([*MEMBERS[:4], [*MEMBERS[4], None]], merges, name="person")
    homes = {row[0]: row[1] for row in shown(found, "household")}
    assert (len(found.same), sorted(homes)) == (2, [3, 5])
    assert len(set(homes.values())) == 2
    assert None not in homes.values()
    assert ("“户号”只写在每户的第一行，下面空着的行照它登记" in found.notes) == (not merges)


def test_members_in_the_problem_workbook_keep_their_household(desk: Desk, tmp_path: Path) -> None:
    found = desk.look([*MEMBERS[:2], [None, None, None, "张小", "子", "530523198001010018"], *MEMBERS[3:]], name="person")
    assert found.problem_rows == [3]
    problem_workbook(found, tmp_path / "问题.xlsx")
    with desk.book.read() as session:
        again = plan(session, desk.clerk, register("person"), tmp_path / "问题.xlsx", accept={"ID_CHECK": "派出所证明"})
    assert [new.values.get("household") is None for new in again.new] == [False]


def test_blank_households_are_not_filled_without_evidence(desk: Desk) -> None:
    found = desk.look([row[1:2] + row[3:] for row in MEMBERS], name="person")
    assert [new.values.get("household") for new in found.new] == [None, None]
    assert notes(found) == ["“户号”有 2 行空着，没有照上一行补；如果只写在每户第一行，请在表里填满再导入"]


def test_guards_months_errors_and_blank_columns(desk: Desk) -> None:
    found = desk.look([["户号", None, "户主姓名", "村组", "电话"], ["'0009", None, "王五", "柳树村一组", "'13987654321"]], name="household")
    assert shown(found, "number", "phone") == [(2, "0009", "13987654321")]
    found = desk.look([[*HEAD, None, "调查日期"], [*ROW, None, "2025.08"], ["D002", *ROW[1:], None, 2025.1], ["==NA()", *ROW[1:]]])
    assert shown(found, "surveyed_on") == [(2, "2025-08-01"), (3, "2025-01-01")]
    assert found.problem_rows == [4]
    assert found.warnings[-1].text == "单元格里是数字 2025.1，按 1 月读取；如果是 10 月，请改成文字，如 2025-10"


# --- around the table ------------------------------------------------------------------------------------------------

GROUPS: list[list[Any]] = [["地块编号", "户号", "组", "地类", "征用性质", "面积（亩）"], ["D001", "H002", "二组", "水田", "永久", 1.2]]


@pytest.mark.parametrize(("above", "sheet"), [
    ([["乡镇：三坝乡　　村：石桥村"]], "Sheet1"), ([["乡（镇）：", "三坝乡", "村（社区）：", "石桥村"]], "Sheet1"),
    ([], " 石桥村 "), ([["调查表"]], "石桥村委会"),
])  # fmt: skip
def test_a_group_alone_belongs_to_the_village_above_or_on_the_tab(desk: Desk, above: list[list[str]], sheet: str) -> None:
    found = desk.look([*above, *GROUPS], sheet=sheet)
    assert desk.places(found) == ["三坝乡 石桥村 二组"]
    assert any(note.startswith("表里的村组没有写全，前面加上了“") for note in found.notes)


def test_a_group_belongs_to_its_section(desk: Desk, tmp_path: Path) -> None:
    rows = [GROUPS[0], ["一、柳树村"], ["D001", *GROUPS[1][1:]], ["村：石桥村", None, None, "单位：亩"], ["D002", *GROUPS[1][1:]],
            ["D003", *GROUPS[1][1:5], "x"]]  # fmt: skip
    found = desk.look(rows)
    assert desk.places(found) == ["三坝乡 柳树村 二组", "三坝乡 石桥村 二组"]
    assert ([row for row, _ in found.skipped], found.problem_rows) == ([2, 4], [6])
    problem_workbook(found, tmp_path / "问题.xlsx")
    with desk.book.read() as session:
        again = plan(session, desk.clerk, register("parcel"), tmp_path / "问题.xlsx")
    assert [one.field for one in again.problems] == ["area"]


def test_a_place_written_in_full_needs_nothing(desk: Desk) -> None:
    found = desk.look([["村：石桥村"], HEAD, ROW])
    assert (desk.places(found), notes(found)) == ([ONE], [])


def test_a_list_of_one_group_names_it_above(desk: Desk) -> None:
    found = desk.look([["乡镇：三坝乡", "村：柳树村", "组：一组"], ["户号", "户主姓名"], ["H009", "王五"]], name="household")
    assert (desk.places(found), notes(found)) == ([ONE], ["表里没有“村组”一栏，按“三坝乡 柳树村 一组”登记"])


def test_facts_above_the_head_hold_for_every_row(desk: Desk) -> None:
    found = desk.look([["项目名称：清水河水库  征用性质：永久征收   调查时间：2023年6月1日"], [*HEAD[:4], HEAD[5]], [*LAND, 1]])
    assert shown(found, "nature", "surveyed_on") == [(3, "永久征收", "2023-06-01")]
    assert len(found.notes) == 3
    assert notes(desk.look([["调查时间：去年夏天"], HEAD, ROW])) == []


def test_the_head_may_stand_in_row_12_of_the_second_sheet(desk: Desk) -> None:
    import openpyxl  # noqa: PLC0415 -- slow import

    book = openpyxl.Workbook()
    book.active.title = "说明"
    fill(book.active, [["填表说明"], ["1.户号、户主按村组编排，面积保留两位"], ["户号", "按村组顺序编"], ["地类", "按三调"]])
    fill(book.create_sheet("征地明细 "), [["说明："], ["1.本表由乡镇填报"], ["2.面积保留两位小数"], [], ["三坝乡"], [], [], [], [], [], [], HEAD, ROW])
    book.save(desk.folder / "二.xlsx")
    with desk.book.read() as session:
        found = plan(session, desk.clerk, register("parcel"), desk.folder / "二.xlsx")
        again = plan(session, desk.clerk, register("parcel"), desk.folder / "二.xlsx", sheet="征地明细")
    assert (found.sheet, found.header_row, shown(found, "number"), again.sheet) == ("征地明细 ", 12, [(13, "D001")], "征地明细 ")


def test_a_title_over_two_rows_is_no_head(desk: Desk) -> None:
    found = desk.look([["三坝乡实物调查表", None, None], [], HEAD, ROW], ["A1:F2"])
    assert (found.header_row, shown(found, "number")) == (3, [(4, "D001")])


def test_two_tables_side_by_side_are_pointed_out(desk: Desk) -> None:
    found = desk.look([[*HEAD, None, *HEAD], [*ROW, None, "D002", *ROW[1:]]])
    assert shown(found, "number") == [(2, "D001")]
    assert notes(found) == ["同样的表头左右各有一份，只读了左边，H列起的右边没有读入；请把右边移到左边的下面再导入"]


def test_a_form_of_one_household_is_refused(desk: Desk) -> None:
    rows = [["移民户登记表"], ["户号", "H009", "户主姓名", "王五"], ["身份证号", "530523198001010019", "电话", "13987654321"],
            ["家庭住址", "柳树村一组", "开户行", "农信社"]]  # fmt: skip
    with pytest.raises(UserError, match="像是一张登记表（第3行里还有“身份证号”、“电话”），不是一行一条的清单"):
        desk.look(rows, ["A1:D1"], name="household")


# --- what was learned ------------------------------------------------------------------------------------------------

ODD: list[list[Any]] = [["地号", "谁家的", "哪里", "种什么", "2025年8月核定"], ["D001", "H001", "柳树村一组", "水田", 1.5]]
CHOSEN = {"地号": "number", "谁家的": "household", "哪里": "place", "种什么": "land_class", "2025年8月核定": "area"}


def test_a_head_nobody_knew_is_found_again_next_month(desk: Desk) -> None:
    given = {"nature": "永久征收"}
    with pytest.raises(UserError, match="没有找到“地块”的表头"):
        desk.look(ODD)
    first = desk.take([["三坝乡8月征地清单"], *ODD], mapping=CHOSEN, defaults=given)
    assert shown(first, "number", "area") == [(3, "D001", "1.50")]
    later = [["三坝乡9月征地清单"], ["单位：亩", "2025年9月30日"], ["种什么", "地号", None, "谁家的", "哪里", "2025年9月核定"],
             ["旱地", "D002", None, "H001", "柳树村二组", 2], ["旱地", "D003", None, "H001", "柳树村二组", 3]]  # fmt: skip
    again = desk.look(later, defaults=given)
    assert shown(again, "number", "land_class", "area") == [(4, "D002", "旱地", "2.00"), (5, "D003", "旱地", "3.00")]
    assert "列对应沿用了上次改好的" in again.notes


def test_two_months_in_one_head_stay_two_columns(desk: Desk) -> None:
    head = [*HEAD[:5], "2025年8月（亩）", "2025年9月（亩）"]
    desk.take([head, [*ROW[:5], 1, 2]], mapping={"2025年8月（亩）": "", "2025年9月（亩）": "area"})
    assert shown(desk.look([head, ["D002", *ROW[1:5], 1, 2]]), "area") == [(2, "2.00")]


def test_the_problem_workbook_of_a_learned_head_needs_no_second_correction(desk: Desk, tmp_path: Path) -> None:
    given = {"nature": "永久征收"}
    found = desk.take([*ODD, ["D002", *ODD[1][1:4], "x"]], mapping=CHOSEN, defaults=given)
    problem_workbook(found, tmp_path / "问题.xlsx")
    with desk.book.read() as session:
        again = plan(session, desk.clerk, register("parcel"), tmp_path / "问题.xlsx", defaults=given)
    assert ([one.field for one in again.problems], again.unmapped) == (["area"], ())
