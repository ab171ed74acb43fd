"""Starting, opening, making and leaving books; every page opens; search, undo and help reach them."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from relocdesk import machine
from relocdesk.book import Book
from relocdesk.queries.rows import Ask, ids
from relocdesk.records import register
from relocdesk.records.reference import Role
from tests import make
from tests.ui.pages.conftest import settled
from ui import app, say
from ui.app import SOON_MS, Masked, Program
from ui.help import HelpDialog, text_of
from ui.pages import PAGES, first_run
from ui.pages.first_run import FirstRun
from ui.pages.new_book import area_text
from ui.pages.section import Section
from ui.pages.settings import SettingsPage
from ui.shell import Shell


def test_without_a_screen_one_sentence_and_exit_code_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert app.run(None) == 1
    assert capsys.readouterr().err.strip() == "没有图形界面可用：请在桌面环境里运行；只用命令行请加子命令，见 main.py --help。"


@pytest.mark.parametrize(
    ("code", "told"),
    [("530523", "云南省保山市龙陵县（县级台账）"), ("530523102", "云南省保山市龙陵县的乡镇（名称取自单位名称）"), ("5305", "还差 2 位（县）或 5 位（乡镇）"),
     ("abc", "只填数字"), ("999999", "区划表里没有 999999，请核对")],
)  # fmt: skip
def test_area_is_named_while_the_code_is_typed(code: str, told: str) -> None:
    assert area_text(code) == told


def first_screen(program: Program, qtbot: QtBot) -> FirstRun:
    first: FirstRun = program.show_first()
    qtbot.addWidget(first)
    return first


def test_a_new_book_needs_four_things_and_opens(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    machine.set_laptop_letter("A")
    first = first_screen(program, qtbot)
    first.findChild(QPushButton, "first.new").click()
    first.new.found.click()
    assert [one.text() for one in first.findChildren(QLabel) if one.text().startswith("还缺")] == ["还缺单位名称、行政区划代码、操作员姓名"]
    qtbot.keyClicks(first.new.code, "530523102")
    first.new.office.setText("龙陵县三坝乡搬迁安置办公室")
    first.new.by.setText("王建国")
    path = tmp_path / "新台账.reloc"
    first.new.file.setText(str(path))
    first.new.found.click()
    qtbot.waitUntil(lambda: program.shell is not None, timeout=20_000)
    assert path.is_file()
    assert program.shell is not None
    assert program.shell.windowTitle() == "新台账 · 搬迁安置工作台"
    assert program.clerk().name == "王建国"
    qtbot.waitUntil(lambda: [entry["path"] for entry in machine.recent_books()] == [str(path)], timeout=20_000)


def test_the_letter_is_asked_once_and_then_who_works(program: Program, qtbot: QtBot, demo_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "示例.reloc"
    path.write_bytes(demo_template.read_bytes())
    first = first_screen(program, qtbot)
    first.open(path)
    qtbot.waitUntil(lambda: first.letters.isVisible(), timeout=20_000)
    first.letters.setCurrentText("C")
    first.findChild(QPushButton, "letter.take").click()
    assert machine.laptop_letter() == "C"
    qtbot.waitUntil(lambda: first.findChild(QPushButton, "who.0").isVisible(), timeout=20_000)
    first.findChild(QPushButton, "who.1").click()
    assert program.shell is not None
    assert program.shell.isVisible()
    assert not first.isVisible()


def test_somebody_else_goes_on_where_the_first_stopped(township: Callable[[str], Shell], program: Program, qtbot: QtBot) -> None:
    shell = township("entry")
    shell.show_page("payment", tab="unpaid")
    before, book = program.clerk(), program.book
    shell.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is shell, timeout=20_000)
    qtbot.keyClick(shell, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    menu = shell.findChild(QMenu, "operators")
    assert menu is not None
    marked = menu.activeAction()
    assert [one.text().endswith("（现在）") for one in menu.actions() if one.data() == before.name] == [True]
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: program.shell not in (None, shell), timeout=20_000)
    other = program.shell
    assert other is not None
    assert (program.book, program.clerk().name) == (book, marked.data())
    assert program.clerk().name != before.name
    section = other.page("payment")
    assert isinstance(section, Section)
    assert (other.current, section.current) == ("payment", "unpaid")
    assert other.strip.text().startswith(f"现在由{marked.data()}（")
    assert other.status.text("operator").startswith(marked.data())
    assert book is not None
    with book.change("登记", by=program.clerk()) as (session, _):
        make.make_household(session, number="H9001")


def test_somebody_who_may_not_see_the_page_comes_to_the_home_page(township: Callable[[str], Shell], program: Program, qtbot: QtBot) -> None:
    township("entry").show_page("payment")
    program.switch(("党支部", "party", ""))
    qtbot.waitUntil(lambda: program.clerk().role == "party", timeout=20_000)
    assert program.shell is not None
    assert program.shell.current == "home"


@pytest.mark.parametrize(("before", "after", "left"), [("head", "entry", ""), ("head", "party", "钱秘的件"), ("entry", "head", "钱秘的件")])
def test_what_was_copied_goes_with_who_could_see_more(
    township: Callable[[str], Shell], program: Program, qtbot: QtBot, before: str, after: str, left: str
) -> None:
    shell = township(before)
    QApplication.clipboard().setText("钱秘的件")
    program.switch(("下一位", after, ""))
    qtbot.waitUntil(lambda: program.shell not in (None, shell), timeout=10_000)
    assert QApplication.clipboard().text() == left


def test_the_demo_is_made_beside_the_documents_and_opened(program: Program, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.set_laptop_letter("A")
    monkeypatch.setattr(first_run, "documents", lambda: tmp_path)
    first = first_screen(program, qtbot)
    first.findChild(QPushButton, "first.demo").click()
    qtbot.waitUntil(lambda: first.findChild(QPushButton, "who.0") is not None, timeout=60_000)
    assert (tmp_path / "示例台账.reloc").is_file()
    first.findChild(QPushButton, "who.0").click()
    assert program.shell is not None
    assert program.shell.windowTitle() == "示例台账 · 搬迁安置工作台"


def test_the_roles_of_pages_are_roles() -> None:
    assert {role for page in PAGES for role in page.roles} <= {str(role) for role in Role}


def test_a_foreign_file_is_refused_and_the_first_screen_stays(program: Program, qtbot: QtBot, shown: say.Recorder, tmp_path: Path) -> None:
    wrong = tmp_path / "照片.reloc"
    wrong.write_bytes(b"no book")
    first = first_screen(program, qtbot)
    first.open(wrong)
    qtbot.waitUntil(lambda: len(shown) == 1, timeout=20_000)
    assert shown[0].startswith("“照片.reloc”不是本程序的台账")
    assert program.shell is None


def test_a_book_that_is_given_opens_without_the_first_screen(program: Program, qtbot: QtBot, small: tuple[Path, dict[str, str]]) -> None:
    machine.set_laptop_letter("A")
    program.start(small[0])
    qtbot.waitUntil(lambda: program.shell is not None, timeout=20_000)
    assert program.shell is not None
    assert program.shell.isVisible()
    qtbot.wait(SOON_MS + 50)
    assert not [one for one in QApplication.topLevelWidgets() if isinstance(one, FirstRun) and one.isVisible()]


def test_a_given_file_that_is_no_book_leads_to_the_first_screen(program: Program, qtbot: QtBot, shown: say.Recorder, tmp_path: Path) -> None:
    wrong = tmp_path / "照片.reloc"
    wrong.write_bytes(b"no book")
    program.start(wrong)
    qtbot.waitUntil(lambda: len(shown) == 1, timeout=20_000)
    assert [one for one in QApplication.topLevelWidgets() if isinstance(one, FirstRun) and one.isVisible()]


def test_the_first_picture_loads_no_register() -> None:
    """41 mapped classes take longer than the window itself; readings load them once it is painted."""
    code = "import sys, relocdesk.book, relocdesk.queries.door, ui.app, ui.access, ui.pages.home, ui.pages.first_run; print('relocdesk.records' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "False"


def test_closing_stops_backs_up_and_frees_the_book(program: Program, opened: tuple[Shell, dict[str, str]]) -> None:
    shell, _ = opened
    assert program.book is not None
    path = program.book.path
    assert shell.close()
    assert program.book is None
    with Book.open(path) as again:  # the lock is free
        assert again.read_only == ""
    assert len(list((path.parent / f"{path.name}.备份").glob("*.reloc"))) == 1


def test_a_read_only_book_says_so(program: Program, small: tuple[Path, dict[str, str]]) -> None:
    book = Book.open(small[0], write=False)
    shell = program.use(book, ("王建国", "admin", ""))
    assert shell.windowTitle().endswith("（只读）")
    assert shell.strip.text() == "现在只能查看：按只读方式打开"


def test_every_page_and_tab_opens(township: Callable[[str], Shell], qtbot: QtBot, shown: say.Recorder) -> None:
    shell = township("admin")
    for key in shell.keys:
        page = shell.show_page(key)
        if isinstance(page, Section):
            for tab in [one.key for one in page._tabs]:
                assert page.tab(tab).isVisible()
                settled(qtbot, shell)
        elif isinstance(page, SettingsPage):
            for tab in filter(None, page._keys):
                assert page.tab(tab).isVisible()
                settled(qtbot, shell)
        settled(qtbot, shell)
    assert shown == []


def test_the_party_workers_buttons_lead_to_pages_that_she_has(township: Callable[[str], Shell], qtbot: QtBot, shown: say.Recorder) -> None:
    shell = township(Role.PARTY)
    names = ("home.next", "home.papers")

    def buttons() -> list[QPushButton]:
        return [one for name in names for one in shell.page("home").findChildren(QPushButton, name)]  # type: ignore[union-attr]

    shell.show_page("home")
    qtbot.waitUntil(lambda: len(buttons()) == 3, timeout=20_000)
    assert [one.text() for one in buttons()] == ["登记信访件", "登记会议", "看单据收回"]
    seen = []
    for n in range(3):
        shell.show_page("home")
        buttons()[n].click()
        settled(qtbot, shell)
        seen.append(shell.current)
    assert seen == ["petition", "party", "party"]
    shell.show_page("import", register="petition")
    shell.show_page("dispute")
    assert shown == []


def test_a_reader_sees_no_button_that_changes(township: Callable[[str], Shell], qtbot: QtBot) -> None:
    shell = township("reader")
    page = shell.show_page("agreement", tab="one")
    assert isinstance(page, Section)
    one = page.tab("one")
    qtbot.waitUntil(lambda: getattr(one, "seen", None) is not None, timeout=20_000)
    enabled = [made.objectName() for made in one.findChildren(QPushButton) if made.objectName().startswith("one_agreement.") and made.isEnabled()]
    assert not {"one_agreement.review", "one_agreement.sign", "one_agreement.void", "one_agreement.supplement"} & set(enabled)


def test_search_finds_by_initials_and_opens_the_household(program: Program, opened: tuple[Shell, dict[str, str]], qtbot: QtBot) -> None:
    shell, known = opened
    hits = program.search("wjg")
    assert (hits[0].group, hits[0].title, hits[0].page) == ("移民户", "H1 王建国", "household")
    shell.search.hit_chosen.emit(hits[0])
    section = shell.page("household")
    assert isinstance(section, Section)
    one = section.tab("one")
    qtbot.waitUntil(lambda: one.findChild(QLabel, "one_household.title").text() == "王建国　H1", timeout=20_000)
    assert getattr(one, "household") == known["H1"]  # noqa: B009 -- the widget's own attribute


def test_undo_names_the_action_and_takes_it_back(program: Program, opened: tuple[Shell, dict[str, str]], qtbot: QtBot, shown: say.Recorder) -> None:
    shell, known = opened
    assert program.access is not None
    access = program.access

    def job(session: object, clerk: object, tick: object) -> str:
        row = session.get(register("household").cls, known["H2"])  # type: ignore[attr-defined]
        row.phone = "13800000000"
        return "改好了"

    access.do(shell, "改电话", job)
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: "改电话" in shell._undo.toolTip(), timeout=20_000)
    shown.answers.append(0)
    qtbot.keyClick(shell, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, shell)
    assert shown[0] == "撤销“改电话”吗？"
    asked = Ask(register("household"), search="13800000000")
    assert access.read(lambda session: ids(session, asked)) == []
    shown.answers.append(0)
    qtbot.keyClick(shell, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, shell)
    assert shown[-1] == "上一步撤销了“改电话”。恢复它吗？"
    assert access.read(lambda session: ids(session, asked)) == [known["H2"]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_every_page_has_its_own_help(qtbot: QtBot, page: object) -> None:
    key = getattr(page, "key", "")
    assert text_of(key) != text_of("no such page")
    dialog = HelpDialog(key)
    qtbot.addWidget(dialog)
    assert len(dialog.text.toPlainText()) > 40


def test_the_log_holds_no_peoples_numbers() -> None:
    try:
        raise ValueError(f"idcard={make.idcard('19650315', 123)} account=53010012345678")
    except ValueError:
        record = logging.LogRecord("ui", logging.ERROR, "x.py", 1, "phone %s", ("13987650001",), sys.exc_info())
    told = Masked("%(message)s").format(record)
    assert "ValueError" in told
    assert not re.search(r"\d{9}", told)
