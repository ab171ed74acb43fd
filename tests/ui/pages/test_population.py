"""直补对象 and 人口动态: numbers that open their rows, doubts by rule, lists nobody could read, who may reduce."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from tests import make
from tests.excel.ugly import grid
from ui import say
from ui.access import Access
from ui.pages.head_counts import DoubtPage, HeadCountPage
from ui.pages.match_list import MatchPage
from ui.pages.population import change_section
from ui.pages.recipient import OneRecipient
from ui.shell import Shell


@pytest.fixture
def people(access: Access) -> dict[str, str]:
    """Three people of two reservoirs, one of them dead, two sharing an account; name → id."""
    with access.book.change("备", access.clerk) as (s, _):
        made = {name: str(make.make_recipient(s, name=name, account=f"5301000{n // 2:05d}", reservoir="红岩水库" if n else "青山水库", cohort="original",
                                              moved_on="2010-05-20", start_month="2010-05", household_no=f"Y{n}").id)
                for n, name in enumerate(("李桂芳", "杨正华", "段明"))}  # fmt: skip
        make.make_change(s, recipient=made["段明"], happened_on="2026-01-10")
        return made


def _shown(qtbot: QtBot, page: object, holds: Callable[[], bool]) -> None:
    qtbot.addWidget(page)
    page.resize(1000, 600)  # type: ignore[attr-defined]  # every page is a widget
    page.show()  # type: ignore[attr-defined]
    qtbot.waitUntil(holds, timeout=20_000)


def _column(table: object, position: int) -> list[str]:
    return [row.cells[position] for row in table.text_model.rows]  # type: ignore[attr-defined]  # a TextTable


def test_head_counts_by_reservoir(qtbot: QtBot, access: Access, window: Shell, people: dict[str, str]) -> None:
    page = HeadCountPage(access, window)
    _shown(qtbot, page, lambda: bool(page.table.text_model.rows))
    assert "在册" in page.sentence.text()
    box = page.findChild(QComboBox, "head_counts.by")
    box.setCurrentIndex(1)
    page.period.setCurrentIndex(2)  # the second quarter, before which the death had stopped payment
    qtbot.waitUntil(lambda: _column(page.table, 0) == ["红岩水库", "青山水库", "合计"], timeout=20_000)
    qtbot.waitUntil(lambda: _column(page.table, 7) == ["1", "0", "1"], timeout=20_000)
    assert (_column(page.table, 1), _column(page.table, 12), _column(page.table, 13)) == (["2", "1", "3"], ["1", "1", "2"], ["平"] * 3)


def test_doubts_are_chosen_by_rule(qtbot: QtBot, access: Access, window: Shell, people: dict[str, str]) -> None:
    page = DoubtPage(access, window)
    _shown(qtbot, page, lambda: bool(page.table.text_model.rows))
    assert _column(page.table, 0) == ["多户共用一个账户"]
    page.sentence.chosen.emit("R05")
    assert _column(page.table, 0) == []
    page.sentence.chosen.emit("*")
    assert _column(page.table, 1) == ["2"]


def test_one_person_s_clock(qtbot: QtBot, access: Access, window: Shell, people: dict[str, str]) -> None:
    page = OneRecipient(access, window)
    _shown(qtbot, page, lambda: bool(page.master.current))
    page.show_what(id=people["段明"])
    qtbot.waitUntil(lambda: any("从 2026年4月 起停发" in one.text() for one in page.findChildren(QLabel)), timeout=20_000)
    page.show_what(id=people["李桂芳"])
    qtbot.waitUntil(lambda: any("已享受 199 个月 · 还有 41 个月" in one.text() for one in page.findChildren(QLabel)), timeout=20_000)
    assert not page.findChild(QPushButton, "one_recipient.restore").isEnabled()


def test_a_list_nobody_can_read_is_said(qtbot: QtBot, access: Access, window: Shell, people: dict[str, str], shown: say.Recorder, tmp_path: Path) -> None:
    page = MatchPage(access, window)
    _shown(qtbot, page, page.empty.isVisible)
    page.read(grid(tmp_path / "别的.xlsx", [["甲", "乙"], [1, 2]]))
    qtbot.waitUntil(lambda: any("没有找到名单的表头" in text for text in shown), timeout=20_000)
    assert page.empty.isVisible()
    page.day.setText("昨天")
    page.read(tmp_path / "别的.xlsx")
    assert any("不是日期" in text for text in shown)


def test_a_reader_cannot_reduce(qtbot: QtBot, qapp: object, book: Book, window: Shell, tmp_path: Path) -> None:
    reader = Clerk("周晓燕", "reader", "2026-11-22")
    with book.change("备", make.clerk()) as (s, _):
        make.make_recipient(s, name="李桂芳", card=make.idcard("19500315", 11))
    access = Access(book, lambda: reader, {})
    page, match = OneRecipient(access, window), MatchPage(access, window)
    _shown(qtbot, page, lambda: bool(page.master.current))
    assert not page.findChild(QPushButton, "one_recipient.reduce").isVisible()
    _shown(qtbot, match, match.empty.isVisible)
    match.read(grid(tmp_path / "死亡.xlsx", [["姓名", "身份证号", "死亡日期"], ["李桂芳", make.idcard("19500315", 11), "2026-01-01"]]))
    qtbot.waitUntil(lambda: bool(match.table.text_model.rows), timeout=20_000)
    assert not match.findChild(QPushButton, "match_list.sure").isVisible()
    access.close()


def test_a_new_change_begins_with_its_person(qtbot: QtBot, access: Access, window: Shell, people: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[tuple[str, object]] = []
    monkeypatch.setattr(window, "show_page", lambda key, **what: went.append((key, what.get("tab"))))
    section = change_section(access, window)
    _shown(qtbot, section, section.isVisible)
    section.tab("recipient_change").new_record()  # type: ignore[attr-defined]  # the derived page has it
    assert went == [("recipient", "one")]
