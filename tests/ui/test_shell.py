"""The window around the pages, its look, and what it does with running work."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QTableView, QWidget
from pytestqt.qtbot import QtBot

from relocdesk import resource
from relocdesk.errors import UserError
from relocdesk.job import Tick
from ui import icons, offstage, say, theme, work
from ui.flow import FlowRow
from ui.frame import Hit, HitModel, Rail
from ui.parts import Chip, Strip, table_look
from ui.shell import PageSpec, Shell
from ui.work import Desk

GROUP = "征地安置"


class Page(QWidget):
    totals_changed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.reloads: list[set[str] | None] = []
        self.whats: list[dict[str, object]] = []
        self.closes = True

    def reload(self, tables: set[str] | None) -> None:
        self.reloads.append(tables)

    def show_what(self, **what: object) -> None:
        self.whats.append(what)

    def may_close(self) -> bool:
        return self.closes


def find(words: str) -> Sequence[Hit]:
    everything = [
        Hit("移民户", "张堃喆", "柳树村三组", "household", {"record": "a1"}),
        Hit("移民户", "张国强", "河湾村五组", "household", {"record": "a2"}),
        Hit("协议", "张堃喆 2026-0012", "待签订", "agreement", {"record": "b1"}),
    ]
    return [hit for hit in everything if words in hit.title]


Make = Callable[..., Shell]


@pytest.fixture
def make(qtbot: QtBot, desk: Desk, tmp_path: Path, shown: say.Recorder) -> Make:
    def built(memory: dict[str, object] | None = None, roles: Sequence[str] = ()) -> Shell:
        pages = [
            PageSpec("settings", "设置", "", "settings", Page, roles=frozenset({"admin"}), foot=True),
            PageSpec("home", "首页", "", "home", Page),
            PageSpec("household", "移民户", GROUP, "people", Page),
            PageSpec("agreement", "协议", GROUP, "agreement", Page),
            PageSpec("plain", "说明", GROUP, "help", QWidget),
        ]
        kept = {} if memory is None else memory
        shell = Shell(pages, desk=desk, memory=kept, log_file=tmp_path / "log.txt", roles=roles, search=find)
        qtbot.addWidget(shell)
        with qtbot.waitActive(shell):  # shortcuts belong to the active window
            shell.show()
            shell.activateWindow()
        shell.show_page("home")
        return shell

    return built


@pytest.fixture
def plain_look(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(qapp)
    icons.redress()


def type_chinese(field: QWidget, words: str) -> None:
    """As an input method does it: the words arrive whole, not key by key."""
    event = QInputMethodEvent()
    event.setCommitString(words)
    QApplication.sendEvent(field, event)


def child(shell: QWidget, name: str) -> QPushButton:
    found = shell.findChild(QPushButton, name)
    assert found is not None
    return found


def page_of(shell: Shell, key: str) -> Page:
    page = shell.page(key)
    assert isinstance(page, Page)
    return page


# ---- pages ---------------------------------------------------------------------------------------


def test_pages_are_made_when_first_shown(make: Make) -> None:
    shell = make()
    assert shell.page("household") is None
    shown = shell.show_page("household", record="a1")
    assert shell.page("household") is shown
    assert page_of(shell, "household").whats == [{"record": "a1"}]
    assert shell.show_page("household") is shown
    assert child(shell, "rail.household").isChecked()
    assert shown.hasFocus()


def test_a_page_the_role_may_not_see_is_not_there(make: Make) -> None:
    clerk, admin = make(), make(roles=["admin"])
    assert clerk.keys == ("home", "household", "agreement", "plain")
    assert admin.keys == ("home", "household", "agreement", "plain", "settings")
    assert clerk.findChild(QPushButton, "rail.settings") is None
    with pytest.raises(KeyError):
        clerk.show_page("settings")


def test_reload_reaches_the_page_shown_now_and_the_others_when_shown(make: Make) -> None:
    shell = make()
    shell.show_page("household")
    shell.show_page("plain")  # a page without reload is left alone
    shell.show_page("home")
    shell.reload({"parcel"})
    shell.reload({"payment"})
    assert page_of(shell, "home").reloads == [{"parcel"}, {"payment"}]
    assert page_of(shell, "household").reloads == []
    shell.show_page("household")
    shell.show_page("household")
    assert page_of(shell, "household").reloads == [{"parcel", "payment"}]
    shell.reload()
    shell.show_page("home")
    assert page_of(shell, "home").reloads[-1] is None


def test_keys_open_pages_search_help_and_reload(make: Make, qtbot: QtBot) -> None:
    shell = make()
    qtbot.keyClick(shell, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert shell.current == "household"
    with qtbot.waitSignal(shell.help_wanted, timeout=20_000) as asked:
        qtbot.keyClick(shell, Qt.Key.Key_F1)
    assert asked.args == ["household"]
    qtbot.keyClick(shell, Qt.Key.Key_F5)
    assert page_of(shell, "household").reloads == [None]
    qtbot.keyClick(shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert shell.search.hasFocus()


def test_undo_works_only_when_there_is_something(make: Make, qtbot: QtBot) -> None:
    shell = make()
    undone: list[bool] = []
    shell.undo_wanted.connect(lambda: undone.append(True))
    shell.setFocus()
    qtbot.keyClick(shell, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == []
    shell.set_undo("导入 38 户")
    qtbot.keyClick(shell, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == [True]
    assert child(shell, "shell.undo").toolTip() == "撤销：导入 38 户（Ctrl+Z）"


def test_totals_belong_to_their_page(make: Make) -> None:
    shell = make()
    shell.show_page("household")
    page_of(shell, "household").totals_changed.emit("共 1,286 户", "选中 1 户")
    assert (shell.status.text("shown"), shell.status.text("selected")) == ("共 1,286 户", "选中 1 户")
    shell.show_page("home")
    page_of(shell, "household").totals_changed.emit("共 1,287 户", "")
    assert shell.status.text("shown") == ""
    shell.show_page("household")
    assert shell.status.text("shown") == "共 1,287 户"


def test_the_bottom_line_drops_what_matters_less_before_it_cuts_a_figure(make: Make) -> None:
    shell = make()
    shell.set_status(backup="备份 今天 09:30", operator="王建国", handover="距上次交接 12 天")
    shell.set_totals("共 1,286 户 · 4,120 人 · 3,215.40 亩 · 12,345,678.90 元", "选中 1 户 · 19.36 亩")
    cells = {name: shell.findChild(QLabel, f"status_{name}") for name in ("shown", "selected", "backup", "handover")}

    def visible(width: int) -> list[str]:
        shell.status.resize(width, 30)
        return [name for name, cell in cells.items() if cell is not None and cell.isVisible()]

    assert visible(1200) == ["shown", "selected", "backup", "handover"]
    assert visible(700) == ["shown", "selected", "backup"]
    assert visible(400) == ["shown"]


# ---- search --------------------------------------------------------------------------------------


def test_search_moves_over_headings_and_enter_opens(make: Make, qtbot: QtBot) -> None:
    shell = make()
    type_chinese(shell.search, "张堃")
    qtbot.keyClick(shell.search, Qt.Key.Key_Return)  # asks at once instead of waiting
    qtbot.keyClick(shell.search, Qt.Key.Key_Down)
    qtbot.keyClick(shell.search, Qt.Key.Key_Down)  # stays on the last one
    qtbot.keyClick(shell.search, Qt.Key.Key_Return)
    assert shell.current == "agreement"
    assert page_of(shell, "agreement").whats == [{"record": "b1"}]
    assert shell.search.text() == ""


def test_enter_does_not_open_what_was_found_for_less_than_stands_there(make: Make, qtbot: QtBot) -> None:
    shell = make()
    shell.search._timer.setInterval(3_600_000)  # still typing
    type_chinese(shell.search, "张")
    qtbot.keyClick(shell.search, Qt.Key.Key_Return)
    found = list(shell.search._model.rows)
    type_chinese(shell.search, "堃堃")
    qtbot.keyClick(shell.search, Qt.Key.Key_Return)
    assert (shell.search.text(), bool(found), shell.search._model.rows) == ("张堃堃", True, [])


def test_search_asks_after_a_pause_and_escape_leaves(make: Make, qtbot: QtBot) -> None:
    shell = make()
    popup = shell.findChild(QWidget, "popup")
    assert popup is not None
    type_chinese(shell.search, "国强")
    assert not popup.isVisible()
    qtbot.waitUntil(popup.isVisible, timeout=20_000)
    qtbot.keyClick(shell.search, Qt.Key.Key_Escape)
    assert (popup.isVisible(), shell.search.text()) == (False, "")


def test_hits_are_grouped(qapp: QApplication, qtmodeltester: object) -> None:
    model = HitModel()
    model.set_hits(find("张"))
    words = [model.index(row).data() for row in range(model.rowCount())]
    assert words == ["移民户", "张堃喆", "张国强", "协议", "张堃喆 2026-0012"]
    qtmodeltester.check(model)  # type: ignore[attr-defined]  # pytest-qt leaves it untyped


# ---- notices and work ----------------------------------------------------------------------------


def test_a_notice_offers_its_action_once(make: Make) -> None:
    shell = make()
    done: list[str] = []
    shell.notice("已导入 38 户", "good", ("撤销导入", lambda: done.append("撤销")))
    assert shell.strip.isVisible()
    child(shell, "notice.action").click()
    assert (done, shell.strip.isVisible(), shell.strip.text()) == (["撤销"], False, "")


@pytest.mark.parametrize(("kind", "goes"), [("info", True), ("good", True), ("warn", False), ("error", False)])
def test_only_good_news_goes_by_itself(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, kind: str, goes: bool
) -> None:
    monkeypatch.setattr(Strip, "STAYS_MS", 20)
    strip = Strip()
    qtbot.addWidget(strip)
    strip.say("公示还差 2 天", kind)
    qtbot.wait(60)
    assert strip.isVisible() is not goes


def test_a_result_goes_on_and_trouble_is_shown(make: Make, qtbot: QtBot, desk: Desk, shown: say.Recorder) -> None:
    shell = make()
    results: list[object] = []

    def refuse(tick: Tick) -> None:
        raise UserError("第4行没有户主")

    def break_down(tick: Tick) -> None:
        raise ZeroDivisionError

    shell.start_job("数户数", lambda tick: 38, results.append)
    shell.start_job("读户表", refuse, results.append)
    shell.start_job("汇总", break_down, results.append)
    qtbot.waitUntil(lambda: not desk.works, timeout=20_000)
    assert results == [38]
    assert shown == ["第4行没有户主", "程序出错"]


def test_slow_work_shows_progress_and_can_be_stopped(
    make: Make, qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SLOW_AFTER_MS", 30)
    shell = make()
    panel = shell.findChild(QWidget, "work_panel")
    assert panel is not None

    def job(tick: Tick) -> None:
        while True:
            tick(1, 4, "第1行")
            time.sleep(0.005)

    results: list[object] = []
    shell.start_job("读户表", job, results.append)
    assert not panel.isVisible()
    qtbot.waitUntil(panel.isVisible, timeout=20_000)
    words = shell.findChild(QLabel, "status.work")
    assert words is not None
    assert words.text() == "读户表"
    child(shell, "work.stop").click()
    qtbot.waitUntil(lambda: not desk.works, timeout=20_000)
    assert (panel.isVisible(), words.isVisible(), results) == (False, False, [])
    assert shell.strip.text() == "已停止：读户表"


# ---- closing and remembering ---------------------------------------------------------------------


def test_a_page_can_keep_the_window_open(make: Make) -> None:
    shell = make()
    page_of(shell, "home").closes = False
    assert not shell.close()
    page_of(shell, "home").closes = True
    assert shell.close()


def test_closing_asks_about_running_work_then_stops_it(
    make: Make, qtbot: QtBot, desk: Desk, shown: say.Recorder
) -> None:
    shell = make()

    def job(tick: Tick) -> None:
        while True:
            tick(0, 0)
            time.sleep(0.005)

    started = shell.start_job("读户表", job)
    shown.answers.extend([1, 0])
    assert not shell.close()
    assert shell.close()
    assert shown == ["“读户表”还没有做完，现在关闭吗？"] * 2
    assert started.state == "stopped"


def test_size_and_folding_are_remembered(make: Make) -> None:
    memory: dict[str, object] = {}
    shell = make(memory)
    shell.resize(1100, 590)
    child(shell, "rail.fold").click()
    shell.show_page("agreement")
    shell.close()
    again = make(memory)
    assert again.height() == 590  # the width is cut to the small screen of the offscreen platform
    assert child(again, "rail.home").text() == ""
    assert memory["rail.folded"] is True
    child(again, "rail.fold").click()
    assert child(again, "rail.home").text() == "首页"


def test_a_narrow_window_folds_the_rail_by_itself_and_remembers_no_wish(make: Make) -> None:
    memory: dict[str, object] = {}
    shell = make(memory)
    shell.show()
    shell.resize(1280, 680)
    assert child(shell, "rail.home").text() == "首页"
    shell.resize(1000, 680)
    assert child(shell, "rail.home").text() == ""
    child(shell, "rail.fold").click()
    assert child(shell, "rail.home").text() == "首页"
    shell.resize(1280, 680)
    assert child(shell, "rail.home").text() == "首页"
    assert memory["rail.folded"] is False


def test_twenty_pages_stand_in_the_rail_of_a_low_window(qtbot: QtBot, plain_look: None, qapp: QApplication) -> None:
    pages = [PageSpec(f"p{n}", f"第{n}页", f"组{n // 5}", "home", Page) for n in range(20)] + [PageSpec("s", "设置", "", "settings", Page, foot=True)]
    rail = Rail("工作台", pages)
    qtbot.addWidget(rail)
    rail.show()
    heights = {}
    for folded in (False, True):
        rail.set_folded(folded)
        for high in (680, 1020):
            rail.resize(rail.width(), high)
            qapp.processEvents()
            area = rail.findChild(QScrollArea)
            last = child(rail, "rail.p19")
            assert last.mapTo(rail, last.rect().bottomLeft()).y() < area.geometry().bottom()
            heights[high] = last.height()
        assert 20 < heights[680] < heights[1020] <= theme.current().size("rail_item")


def test_pieces_go_below_each_other_before_a_name_is_cut(qtbot: QtBot, qapp: QApplication) -> None:
    row = FlowRow()
    qtbot.addWidget(row)
    row.set_pieces([QLabel(name) for name in ("制表", "复核 王建国王建国", "审批", "送银行", "对账")])
    wide = max(one.sizeHint().width() for one in row.findChildren(QLabel))
    row.show()
    shapes = []
    for width in (wide * 6, wide * 3, wide):
        row.resize(width, 200)
        qapp.processEvents()
        shapes.append(len({one.y() for one in row.findChildren(QLabel)}))
        assert min(one.width() for one in row.findChildren(QLabel)) >= wide
    assert shapes == [1, 3, 5]


# ---- the look ------------------------------------------------------------------------------------


def test_no_colour_is_written_outside_the_table() -> None:
    literal = re.compile(r"""["'#(]#?[0-9a-fA-F]{6}["')]|['" :]#[0-9a-fA-F]{3}\b|QColor\(\s*["'0-9]|rgba?\(""")
    root = Path(theme.__file__).parent
    files = [path for path in root.rglob("*.py") if path.name != "theme.py"] + [resource("style.qss")]
    assert len(files) > 5
    found = [(path.name, match[0]) for path in files for match in literal.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("ground", "surface", "surface_alt", "head", "select", "hover")
PAIRS = [
    *product(("text", "muted"), GROUNDS),
    *product(("accent", "good", "info", "warn", "bad"), ("ground", "surface", "surface_alt")),
    *((kind, f"{kind}_soft") for kind in ("good", "info", "warn", "bad")),
    ("accent", "accent_soft"), ("muted", "plain_soft"), ("text", "bad_soft"),
    ("on_accent", "accent"), ("on_accent", "accent_hover"), ("on_accent", "bad"), ("on_accent", "bad_hover"),
    ("rail_text", "rail"), ("rail_text", "rail_hover"), ("rail_muted", "rail"), ("rail_active_text", "rail_active"),
    ("on_bubble", "bubble"),
]  # fmt: skip


@pytest.mark.parametrize("column", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(column: int) -> None:
    weak = {
        pair: round(ratio, 2)
        for pair in PAIRS
        if (ratio := contrast(theme.COLOURS[pair[0]][column], theme.COLOURS[pair[1]][column])) < 4.5
    }
    assert weak == {}


def test_every_token_of_the_style_sheet_is_filled_in(plain_look: None, qapp: QApplication) -> None:
    for name in theme.THEMES:
        sheet = theme.Theme(name).style_sheet()
        assert "@" not in re.sub(r'url\("[^"]*"\)', "", sheet)
        assert sheet.count("{") == sheet.count("}")


def test_every_icon_is_drawn_with_the_one_stroke(qapp: QApplication) -> None:
    names = sorted(path.stem for path in resource("icons").glob("*.svg"))
    assert len(names) >= 40
    for name in names:
        text = (resource("icons") / f"{name}.svg").read_text(encoding="utf-8")
        assert 'stroke="currentColor" stroke-width="1.7"' in text, name
        image = icons.icon(name, "accent").pixmap(48, 48).toImage()
        points = [image.pixelColor(x, y) for x, y in product(range(48), repeat=2)]
        seen = {point.name() for point in points if point.alpha() == 255}
        assert theme.current().hex("accent") in seen, name
    with pytest.raises(KeyError):
        icons.icon("no-such-icon")


def test_a_change_of_theme_reaches_what_is_already_there(make: Make, qtbot: QtBot, plain_look: None) -> None:
    memory: dict[str, object] = {}
    shell = make(memory)
    table = QTableView()
    qtbot.addWidget(table)
    table_look(table)
    assert table.verticalHeader().defaultSectionSize() == 30
    shell.set_theme("light", dense=True)
    assert table.verticalHeader().defaultSectionSize() == 24
    before = child(shell, "shell.help").icon().pixmap(18, 18).toImage()
    shell.set_theme("dark")
    assert child(shell, "shell.help").icon().pixmap(18, 18).toImage() != before
    shell.set_theme("large")
    assert QApplication.font().pointSizeF() == 14
    assert table.verticalHeader().defaultSectionSize() == 40
    assert (memory["theme"], memory["dense"]) == ("large", False)


def test_long_names_do_not_widen_the_window(make: Make, plain_look: None) -> None:
    shell = make()
    shell.set_theme("large")
    shell.set_book("三坝乡柳树村水库移民安置台账（二〇二六年复核）" * 3, "三坝乡移民开发服务中心" * 3, "只读副本", "warn")
    shell.set_status(backup="备份 今天 09:30", operator="王建国", handover="距上次交接 12 天")
    shell.set_totals("共 1,286 户 · 4,120 人 · 3,215.40 亩 · 12,345,678.90 元", "选中 1 户 · 19.36 亩")
    shell.resize(960, 560)
    assert shell.width() == 960
    assert shell.search.isVisible()


def test_an_icon_made_before_a_change_of_theme_is_still_drawn(qapp: QApplication, plain_look: None) -> None:
    made = icons.icon("print")
    theme.apply(qapp, "dark")
    image = made.pixmap(48, 48).toImage()
    assert any(image.pixelColor(x, y).alpha() for x, y in product(range(48), repeat=2))


def test_a_chip_can_be_taken_away(qtbot: QtBot) -> None:
    chip = Chip("待签订", "warn", removable=True)
    qtbot.addWidget(chip)
    with qtbot.waitSignal(chip.removed, timeout=20_000):
        child(chip, "chip.remove").click()
    chip.set_text("已签订", "good")
    assert (chip.text(), chip.property("kind")) == ("已签订", "good")


# ---- without a screen ----------------------------------------------------------------------------


def test_selfcheck_finds_nothing_wrong(qapp: QApplication) -> None:
    assert offstage.selfcheck() == []


def test_a_picture_is_a_file_of_the_size_asked_for(make: Make, tmp_path: Path) -> None:
    image = offstage.picture(make(), tmp_path / "窗口.png", 1280, 680)
    assert (tmp_path / "窗口.png").stat().st_size > 5_000
    assert (image.deviceIndependentSize().width(), image.deviceIndependentSize().height()) == (1280, 680)
    assert len(offstage.colours(image)) > 8


def test_a_blank_picture_has_one_colour(qtbot: QtBot, tmp_path: Path) -> None:
    blank = QWidget()
    qtbot.addWidget(blank)
    assert len(offstage.colours(offstage.picture(blank, tmp_path / "空.png", 200, 100))) == 1


def test_icons_are_drawn_once_per_installation(qapp: QApplication) -> None:
    folder = Path(theme.Theme("light").tinted("book", "accent")).parent
    assert folder == Path(os.environ["RELOCDESK_HOME"]) / "look"
    drawn = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    for name in theme.THEMES:
        theme.Theme(name).style_sheet()
    again = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {path: again[path] for path in drawn} == drawn
    assert {path.suffix for path in again} == {".svg"}, "nothing half written is left"


def test_where_nothing_can_be_kept_icons_pass_with_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RELOCDESK_HOME", str(tmp_path))
    (tmp_path / "look").write_text("in the way")
    passing = theme._tinted_folder.__wrapped__()
    assert passing.is_dir()
    assert passing.parent != tmp_path
