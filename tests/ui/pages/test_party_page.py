"""The year of party work: numbers open their rows, integrity is for those who may see it, the platform's list beside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QPushButton, QTabBar
from pytestqt.qtbot import QtBot

from relocdesk.records.reference import Role
from tests.ui.pages.conftest import settled
from ui.pages.party import YearPage
from ui.pages.section import Section
from ui.shell import Shell


def year_page(qtbot: QtBot, shell: Shell) -> tuple[Section, YearPage]:
    shell.show_page("party")
    section = shell.findChild(Section, "section.party")
    assert isinstance(section, Section)
    page = section.tab("year")
    assert isinstance(page, YearPage)
    qtbot.waitUntil(lambda: page.findChild(QPushButton, "party.number.three") is not None, timeout=20_000)
    return section, page


def tabs(section: Section) -> list[str]:
    bar = section.findChild(QTabBar, "party.tabs")
    assert isinstance(bar, QTabBar)
    return [bar.tabText(n) for n in range(bar.count())]


def test_numbers_open_their_rows(qtbot: QtBot, township: Callable[[str], Shell]) -> None:
    shell = township(Role.PARTY)
    section, page = year_page(qtbot, shell)
    three = page.findChild(QPushButton, "party.number.three")
    assert isinstance(three, QPushButton)
    assert three.text() == "6 次"
    talk = page.findChild(QPushButton, "party.number.talk")
    assert isinstance(talk, QPushButton)
    assert talk.text() == "7 人次"
    qtbot.waitUntil(lambda: len(page.platform.text_model.rows) == 5, timeout=20_000)
    assert page.people.text_model.rows[0].cells[:4] == ("赵小兰", "科员", "1", "0")
    three.click()
    settled(qtbot, shell)
    assert section.current == "meeting"
    grid = section.tab("meeting").grid  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: len(grid.grid_model.rowids) == 5, timeout=20_000)


@pytest.mark.parametrize(("role", "sees"), [(Role.PARTY, True), (Role.HEAD, True), (Role.ENTRY, False), (Role.ADMIN, False)])
def test_integrity_is_for_those_who_may_see_it(qtbot: QtBot, township: Callable[[str], Shell], role: str, sees: bool) -> None:
    section, page = year_page(qtbot, township(role))
    assert (page.findChild(QPushButton, "party.number.visit") is not None) is sees
    assert all((name in tabs(section)) is sees for name in ("谈话", "家访", "家属", "承诺书"))
    assert ("单据收回" in tabs(section)) is (role == Role.PARTY), "who has no page of agreements takes signed papers in here"
