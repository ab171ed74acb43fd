"""After-support people through the window: an office's roster comes in, somebody is reduced, a list of deaths is matched, the law holds."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from relocdesk.book import Book
from tests import make
from tests.excel.ugly import grid
from tests.walks.hands import Hands, column
from ui.app import Program
from ui.pages.first_run import operators
from ui.texts import TextTable

NAMES = ("李桂芳", "杨正华", "段明", "赵四", "钱七")
CARDS = {name: make.idcard(f"19{50 + 5 * n}0315", 21 + n) for n, name in enumerate(NAMES)}


@pytest.fixture
def window(program: Program, hands: Hands, book: Book, qtbot: QtBot) -> Hands:
    """The window of a township where the policy says that payment goes on after the end, with a warning."""
    with book.change("登记政策", by=make.clerk(), source="typed") as (s, _):
        make.add(s, make.register("policy_row").cls, subject="扶持期满后", scope="全部", valid_from="2026-07-01", value="提醒后照发")
    path = book.path
    book.close()
    again = Book.open(path)
    program.use(again, operators(again)[0])
    qtbot.wait(200)
    return hands


def _roster(path: Path) -> Path:
    head = ["序号", "村委会", "小组", "水库", "户编号", "户主", "移民姓名", "身份证号码", "人口类型", "扶持起始", "扶持方式", "账号"]
    rows = [[n, "柳树村", "一组", "红岩水库", f"Y{n:03d}", name, name, CARDS[name], "现状", "2006.7", "直补", f"5301000{n:05d}"]
            for n, name in enumerate(NAMES, 1)]  # fmt: skip
    return grid(path, [["三坝乡直补人口花名册"], head, *rows, ["合计", len(rows)]], merges=["A1:L1"])


def _deaths(path: Path) -> Path:
    rows = [["死者姓名", "身份证号", "死亡日期"], ["杨正华", CARDS["杨正华"], "2026-08-01"], ["段小明", CARDS["段明"], "2026-08-02"],
            ["过路人", make.idcard("19300101", 99), "2026-08-03"]]  # fmt: skip
    return grid(path, rows)


def _say(hands: Hands, text: str) -> None:
    hands.until(lambda: any(text in one.text() for one in hands.window().findChildren(QLabel) if one.isVisible()), text)


def test_a_roster_a_reduction_and_a_list(window: Hands, tmp_path: Path) -> None:
    hands = window
    hands.page("直补对象")
    hands.click("recipient.import")
    hands.files.append(str(_roster(tmp_path / "花名册.xlsx")))
    hands.click("import.pick")
    hands.until(lambda: any("新增 5，" in text for text in hands.texts()), "the plan")
    hands.click("import.next", "入账 5 条")
    hands.page("直补对象")
    hands.until(lambda: hands.total().startswith("5 "), "five recipients")

    hands.tab("一人一档")
    _say(hands, "扶持期　2006年7月 至 2026年6月，共 240 个月")
    hands.write("one_recipient.search", "赵四")
    hands.until(lambda: hands.total().startswith("1 "), "one found")
    hands.row_of("one_recipient.list", "赵四")
    hands.until(lambda: any(text.startswith("赵四") for text in hands.texts()), "赵四's file")
    hands.click("one_recipient.reduce")
    hands.write("asking.reason", "D1 录用")
    hands.write("asking.happened_on", "2026-10-08")
    hands.write("asking.proof", "录用文件〔2026〕12号")
    hands.click("asking.yes")
    hands.until(lambda: any("从 2027年1月 起停发" in text for text in hands.texts()), "what was done")

    hands.page("人口动态")
    hands.tab("名单比对")
    hands.files.append(str(_deaths(tmp_path / "死亡名单.xlsx")))
    hands.click("match_list.choose")
    table = hands.find(TextTable, "match_list.rows")
    hands.until(lambda: column(table, "结论") == ["确定", "待核", "不是直补对象"], "the outcome")
    hands.answers.append("核减 1 人")
    hands.click("match_list.sure")
    hands.until(lambda: column(table, "结论") == ["已核减", "待核", "不是直补对象"], "the sure one is reduced")
    hands.row(table, 1)
    hands.answers.append("核减 1 人")
    hands.click("match_list.chosen")
    hands.until(lambda: column(table, "结论") == ["已核减", "已核减", "不是直补对象"], "the doubtful one too")
    out = tmp_path / "结果.xlsx"
    hands.files.append(str(out))
    hands.click("match_list.export")
    hands.until(out.is_file, "the workbook")
    assert [row[4].value for row in openpyxl.load_workbook(out).worksheets[0].iter_rows(min_row=4)] == ["已核减", "已核减", "不是直补对象"]

    hands.page("直补对象")
    hands.tab("人数和守恒")
    _say(hands, "各行都平")
    rows = hands.find(TextTable, "head_counts.rows")
    hands.until(lambda: column(rows, "期末") == ["3"], "closing")
    assert (column(rows, "期初"), column(rows, "D3 死亡"), column(rows, "核对")) == (["5"], ["2"], ["平"])
    hands.tab("疑点")
    _say(hands, "没有疑点")
