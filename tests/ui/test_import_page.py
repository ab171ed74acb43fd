"""A workbook in steps: head found, columns corrected, result looked at, entered once, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from relocdesk.queries import rows
from relocdesk.queries.rows import Ask
from relocdesk.records import register
from tests import make
from tests.ui.conftest import busy
from ui import say
from ui.access import Access
from ui.asking import Asking
from ui.import_page import ImportPage
from ui.import_reading import Shown
from ui.import_view import ShownModel
from ui.shell import Shell

HEAD = ["地块编号", "户号", "村组", "地类", "征用性质", "面积（亩）", "土名"]


@pytest.fixture
def page(qtbot: QtBot, window: Shell, access: Access) -> ImportPage:
    with access.book.change("登记", access.clerk) as (session, _):
        project = make.make_project(session, name="三坝灌区一片区").id
        household = make.make_household(session, number="H1", project=project).id
        make.make_parcel(session, number="P1", project=project, household=household, area=1_500_000)
    found = window.show_page("import", register="parcel")
    assert isinstance(found, ImportPage)
    return found


def workbook(path: Path, *lines: list[object]) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "地块"
    sheet.append(["三坝灌区征地实物调查表"])
    for line in (HEAD, *lines):
        sheet.append(line)
    book.save(path)
    return path


def read(qtbot: QtBot, page: ImportPage, path: Path) -> None:
    page.open_file(path)
    qtbot.waitUntil(lambda: page.steps.now > 0, timeout=20_000)


def count(access: Access) -> int:
    return len(access.read(lambda session: rows.rowids(session, Ask(register("parcel")))))


GOOD: list[object] = ["N1", "H1", "柳树村一组", "旱地", "永久", 2.5, "大坪子"]
CHANGED: list[object] = ["P1", "H1", "柳树村一组", "旱地", "永久", 3.5, None]
BAD: list[object] = ["N2", "H9", "柳树村一组", "旱地", "永久", "约5", None]


def test_whole_way_from_file_to_taking_back(qtbot: QtBot, page: ImportPage, access: Access, tmp_path: Path, shown: say.Recorder) -> None:
    read(qtbot, page, workbook(tmp_path / "地块.xlsx", GOOD, CHANGED, BAD))
    assert page.steps.now == 3
    assert [page.tabs.tabText(n) for n in range(4)] == ["新增 1（2.50 亩）", "变更 1", "相同 0", "有问题 1"]
    changes = page.reading.tabs["变更"].lines if page.reading else []
    assert ("4", "P1", "面积（亩）", "1.50", "3.50") in changes
    assert page.tabs.tabText(page.tabs.currentIndex()) == "有问题 1"
    assert page.row_told.text() == "第5行（F5）“面积”　“约5”不是数字。请填阿拉伯数字，单位写在表头里"
    page.tabs.setCurrentIndex(0)
    assert page.row_told.text() == ""
    assert page._next.text() == "入账 2 条"
    page.apply()
    qtbot.waitUntil(lambda: page.steps.now == 4, timeout=20_000)
    assert (count(access), bool(page.batch)) == (2, True)
    assert "有问题的 1 行没有入账" in page.done_told.text()
    shown.answers.append(0)
    page.withdraw()
    qtbot.waitUntil(lambda: page.steps.now == 0, timeout=20_000)
    assert count(access) == 1


def test_found_head_is_marked_on_the_sheet_itself(qtbot: QtBot, page: ImportPage, tmp_path: Path) -> None:
    read(qtbot, page, workbook(tmp_path / "地块.xlsx", GOOD))
    model = page.sheet_view.model()
    assert isinstance(model, ShownModel)
    assert (model.index(0, 0).data(), model.index(1, 0).data(), model.marked) == ("三坝灌区征地实物调查表", "地块编号", range(1, 2))
    assert model.index(1, 0).data(Qt.ItemDataRole.BackgroundRole) is not None
    assert model.index(2, 0).data(Qt.ItemDataRole.BackgroundRole) is None


def test_column_is_corrected_and_judged_again(qtbot: QtBot, page: ImportPage, tmp_path: Path) -> None:
    read(qtbot, page, workbook(tmp_path / "地块.xlsx", GOOD))
    box = page._boxes["土名"]
    assert box.currentData() == ""
    box.setCurrentIndex(box.findData("site"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: page.plan is not None and page.plan.mapping["土名"] == "site", timeout=20_000)
    assert page.plan is not None
    assert page.plan.new[0].values["site"] == "大坪子"


def test_problem_rows_go_back_as_a_workbook(qtbot: QtBot, page: ImportPage, window: Shell, tmp_path: Path, shown: say.Recorder) -> None:
    read(qtbot, page, workbook(tmp_path / "地块.xlsx", GOOD, BAD))
    shown.files.append(str(tmp_path / "问题.xlsx"))
    page.save_problems()
    qtbot.waitUntil(lambda: "问题.xlsx" in window.strip.text(), timeout=20_000)
    texts = [str(cell) for line in load_workbook(tmp_path / "问题.xlsx").active.iter_rows(values_only=True) for cell in line]
    assert ("N2" in texts, "N1" in texts) == (True, False)


def test_sheet_without_head_is_still_shown_with_the_reason(qtbot: QtBot, page: ImportPage, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["会议记录", "张三"])
    book.save(tmp_path / "别的.xlsx")
    read(qtbot, page, tmp_path / "别的.xlsx")
    assert (page.steps.now, page.plan) == (1, None)
    assert "没有找到" in page.sheet_told.text()
    assert not page._next.isEnabled()


def test_unreadable_file_is_told_and_the_page_stays(qtbot: QtBot, page: ImportPage, tmp_path: Path, shown: say.Recorder) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04nothing")
    page.open_file(tmp_path / "坏.xlsx")
    qtbot.waitUntil(lambda: len(shown) == 1, timeout=20_000)
    assert page.steps.now == 0


def test_dropped_file_is_read(qtbot: QtBot, page: ImportPage, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(workbook(tmp_path / "地块.xlsx", GOOD)))])
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    page.dropEvent(event)
    qtbot.waitUntil(lambda: page.steps.now == 3, timeout=20_000)


def test_template_is_saved(qtbot: QtBot, page: ImportPage, tmp_path: Path, shown: say.Recorder) -> None:
    shown.files.append(str(tmp_path / "模板.xlsx"))
    page.save_template()
    qtbot.waitUntil(lambda: (tmp_path / "模板.xlsx").exists(), timeout=20_000)
    assert load_workbook(tmp_path / "模板.xlsx").sheetnames[0] == "地块"


def test_texts_as_a_model(qtmodeltester: ModelTester) -> None:
    model = ShownModel(Shown(("行", "旧", "新"), [("4", "1.50", "3.50"), ("5", "", "x")], 2, old=1, new=2))
    qtmodeltester.check(model, force_py=True)
    assert model.index(0, 1).data(Qt.ItemDataRole.FontRole).strikeOut()


def test_required_columns_that_a_sheet_lacks_are_filled_in_once(qtbot: QtBot, page: ImportPage, access: Access, tmp_path: Path) -> None:
    page.show_what(register="petition")
    book = Workbook()
    assert book.active is not None
    for line in (["来访时间", "来访人姓名", "反映的主要问题"], ["2026.3.2", "王大有", "少两亩"], ["2026.3.3", "李秀珍", "太低"]):
        book.active.append(line)
    book.save(tmp_path / "来访.xlsx")
    read(qtbot, page, tmp_path / "来访.xlsx")
    assert page.told.text().endswith("有问题 2。表里没有“渠道”“目的”“类别”一栏")
    page.findChild(QPushButton, "import.complete").click()
    asking = page.findChild(Asking)
    for name, text in (("channel", "来访"), ("purpose", "求决"), ("category", "面积")):
        asking.editors[name].set_text(text)
    asking.finish()
    qtbot.waitUntil(lambda: page.plan is not None and len(page.plan.new) == 2, timeout=20_000)
    assert not page.findChild(QPushButton, "import.complete").isVisible()
    assert "表里没有“渠道”一栏的，各行按“来访”登记" in page.sheet_told.text()
    read(qtbot, page, tmp_path / "来访.xlsx")
    qtbot.waitUntil(lambda: page.plan is not None and page.plan.lacking != [], timeout=20_000)  # the next file is asked about anew


def test_nothing_is_entered_while_it_is_being_read_anew_or_written(qtbot: QtBot, page: ImportPage, window: Shell, access: Access, tmp_path: Path) -> None:
    read(qtbot, page, workbook(tmp_path / "地块.xlsx", GOOD))
    with busy(window):
        page._remap()
        page.steps.chosen.emit(3)
        page.apply()
        assert len(window.desk.works) == 2  # the long job, the reading
    qtbot.waitUntil(lambda: not window.desk.works, timeout=20_000)
    page._go(3)
    with busy(window):
        page.apply()
        page.steps.chosen.emit(2)
        page.steps.chosen.emit(3)
        page.apply()
        assert len(window.desk.works) == 2  # the long job, the writing
    qtbot.waitUntil(lambda: page.steps.now == 4, timeout=20_000)
    assert count(access) == 2


def test_a_file_read_late_does_not_take_the_place_of_the_next(qtbot: QtBot, page: ImportPage, window: Shell, tmp_path: Path, shown: say.Recorder) -> None:
    first, second = workbook(tmp_path / "一.xlsx", GOOD), tmp_path / "二.xlsx"
    second.write_bytes(b"no workbook")
    with busy(window):
        page.open_file(first)
        page.open_file(second)
    qtbot.waitUntil(lambda: not window.desk.works, timeout=20_000)
    assert (page.reading, page.steps.now, len(shown)) == (None, 0, 1)
