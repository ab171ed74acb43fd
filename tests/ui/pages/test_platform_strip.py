"""The strip: one key copies and moves on, the last field done the record is ticked off, a later change brings it back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from relocdesk import settings
from relocdesk.actions.platform import platform_list
from relocdesk.entry import save
from relocdesk.queries.platform import to_copy
from relocdesk.records import register
from relocdesk.records.party import PlatformEntry
from relocdesk.records.project import Project
from tests import make
from tests.ui.conftest import busy
from ui import say
from ui.access import Access
from ui.platform_strip import PlatformStrip, open_strip
from ui.shell import Shell


def value(strip: PlatformStrip) -> str:
    found = strip.findChild(QLabel, "strip.value")
    assert isinstance(found, QLabel)
    return found.text()


def test_one_key_copies_and_moves_on_and_ticks_off(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        settings.put(session, access.clerk, "platform.works", "工程项目：工程名称、总投资", access.book.home)
        for name in ("甲工程", "乙工程"):
            make.make_project(session, name=name, investment=12_345_600)
        platform_list(session, access.clerk, None, module="works", data_year=2026)
    strip = open_strip(access, window)
    assert strip.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    clipboard = QGuiApplication.clipboard()
    first = value(strip)
    qtbot.keyClick(strip, Qt.Key.Key_Space)
    assert (clipboard.text(), value(strip)) == (first, "123456.00")
    qtbot.keyClick(strip, Qt.Key.Key_Backspace)
    assert value(strip) == first
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert clipboard.text() == "123456.00"
    assert value(strip).startswith("按 F2")
    strip.done.click()
    qtbot.waitUntil(lambda: len(strip.queue) == 1, timeout=20_000)
    assert value(strip) != first
    strip.done.click()
    qtbot.waitUntil(lambda: not strip.queue, timeout=20_000)
    assert value(strip) == "到“党建廉政—年度一览”点“列入…”"
    with access.book.read() as session:
        assert {one.done_on for one in session.scalars(select(PlatformEntry))} == {access.clerk.on}

    with access.book.change("改投资", access.clerk) as (session, _):
        changed = session.scalars(select(Project).where(Project.name == first)).one()
        save(session, access.clerk, register("project"), {"investment": "7"}, changed.id)
    strip.look()
    assert [one.text() for one in strip.findChildren(QLabel) if one.text() == "需更正" and one.isVisible()] == ["需更正"]
    assert value(strip) == first
    second = open_strip(access, window)
    assert second is not strip
    second.close()


def test_what_changed_while_it_was_copied_is_shown_anew(qtbot: QtBot, access: Access, window: Shell, shown: say.Recorder) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        settings.put(session, access.clerk, "platform.works", "工程项目：工程名称、总投资", access.book.home)
        project = make.make_project(session, name="甲工程", investment=100)
        row_id = project if isinstance(project, str) else project.id
        platform_list(session, access.clerk, None, module="works", data_year=2026)
    strip = open_strip(access, window)
    for _ in range(2):
        qtbot.keyClick(strip, Qt.Key.Key_Space)
    with access.book.change("改投资", access.clerk) as (session, _):
        save(session, access.clerk, register("project"), {"investment": "7"}, row_id)
    strip.done.click()
    assert shown[-1] == "这条记录刚才改过：总投资（元）"
    assert (value(strip), len(strip.queue)) == ("7.00", 1)
    qtbot.keyClick(strip, Qt.Key.Key_Space)
    strip.done.click()
    qtbot.waitUntil(lambda: not strip.queue, timeout=20_000)
    strip.close()


def test_the_keys_belong_to_the_strip_whatever_was_clicked(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        settings.put(session, access.clerk, "platform.works", "工程项目：工程名称、总投资", access.book.home)
        for name in ("甲工程", "乙工程"):
            make.make_project(session, name=name, investment=100)
        platform_list(session, access.clerk, None, module="works", data_year=2026)
    strip = open_strip(access, window)
    qtbot.waitExposed(strip)
    strip.skip.setFocus()
    strip.skip.click()
    second = value(strip)
    assert strip.focusWidget() is strip
    qtbot.keyClick(strip.focusWidget(), Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == second
    strip.module.setFocus()
    strip.module.setCurrentIndex(1)
    strip.module.setCurrentIndex(0)
    assert strip.focusWidget() is strip
    strip.close()


def test_it_opens_where_there_is_something_to_type(access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        save(session, access.clerk, register("platform_entry"), {"module": "人口", "data_year": "2026", "item": "后扶人口年报"})
    strip = open_strip(access, window)
    assert (strip.module.currentText(), value(strip)) == ("人口", "后扶人口年报")


def test_a_record_ticked_off_late_leaves_the_next_one_where_it_is(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        settings.put(session, access.clerk, "platform.works", "工程项目：工程名称、总投资", access.book.home)
        for name in ("甲工程", "乙工程", "丙工程"):
            make.make_project(session, name=name, investment=12_345_600)
        platform_list(session, access.clerk, None, module="works", data_year=2026)
    strip = open_strip(access, window)
    ticked, following = strip.queue[0], strip.queue[1]
    with busy(window):
        strip.done.click()
        strip.skip.click()
        strip.copy.click()
    qtbot.waitUntil(lambda: ticked not in strip.queue, timeout=20_000)
    assert (strip.now and strip.now.entry, strip.at, strip.queue[0], len(strip.queue)) == (following, 1, following, 2)
    with busy(window):
        strip.done.click()
        with qtbot.waitSignal(strip.destroyed, timeout=20_000):
            strip.close()
    qtbot.waitUntil(lambda: not window.desk.works, timeout=20_000)
    assert following not in access.read(lambda session: to_copy(session, "works"))
