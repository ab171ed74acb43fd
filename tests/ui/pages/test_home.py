"""The home page: what is urgent, what comes next at every stage, targets, and a new day."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from relocdesk.clerk import Clerk
from relocdesk.entry import save
from relocdesk.records import register
from relocdesk.records.reference import Target
from tests import make
from ui import theme
from ui.access import Access
from ui.pages.home import HomePage
from ui.pages.home_figures import read
from ui.shell import Shell

TODAY = "2026-11-22"


def shown(qtbot: QtBot, access: Access, window: Shell) -> HomePage:
    page = HomePage(access, window)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.findChild(QPushButton, "home.next") is not None, timeout=20_000)
    return page


def steps(page: HomePage) -> list[str]:
    return [one.text() for one in page.findChildren(QPushButton, "home.next") if not one.isHidden()]


def test_an_empty_book_begins_with_its_project(qtbot: QtBot, access: Access, window: Shell) -> None:
    page = shown(qtbot, access, window)
    qtbot.waitUntil(lambda: steps(page) == ["登记工程", "导入补偿标准", "导入户表"], timeout=20_000)


def test_next_step_follows_the_work(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        make.make_price(session, project=make.make_project(session).id)
        household = make.make_household(session, number="H1", head_name="王桂兰").id
    page = shown(qtbot, access, window)
    qtbot.waitUntil(lambda: steps(page) == ["导入地块和实物"], timeout=20_000)
    with access.book.change("登记", access.clerk) as (session, _):
        make.make_parcel(session, household=household, confirmed=1)
    page.reload(None)
    qtbot.waitUntil(lambda: steps(page) == ["起草协议（1 户未起草）"], timeout=20_000)
    with access.book.change("登记", access.clerk) as (session, _):
        agreement = make.make_agreement(session, household=household).id
    page.reload(None)
    qtbot.waitUntil(lambda: steps(page) == ["编制兑付批次（1,000.00 元）"], timeout=20_000)
    with access.book.change("登记", access.clerk) as (session, _):
        batch = make.make_batch(session, state="closed").id
        make.make_payment(session, agreement=agreement, batch=batch, result="paid", paid_on=TODAY)
    page.reload(None)
    qtbot.waitUntil(lambda: steps(page) == ["备份台账", "登记交接"], timeout=20_000)


def test_a_returned_line_counts_until_it_is_paid_again(access: Access) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        sent = make.make_batch(session, state="sent").id
        agreement = make.make_agreement(session).id
        first = make.make_payment(session, agreement=agreement, batch=sent, result="returned", return_reason="账号错").id
        make.make_payment(session, batch=sent, result="returned", return_reason="销户")

    def returned() -> int:
        found = access.read(lambda session: read(session, TODAY))
        return next(one.count for one in found.dues if one.due.key == "returned")

    assert returned() == 2
    with access.book.change("重付", access.clerk) as (session, _):
        make.make_payment(session, agreement=agreement, attempt=2, again_of=first)
    assert returned() == 1


def test_targets_of_the_year_are_measured(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        household = make.make_household(session).id
        make.make_parcel(session, household=household, area=4_000_000, transferred_on="2026-05-01")
        session.add(Target(id="f" * 32, home=access.book.home, year=2026, figure="F018", quota=8_000_000, unit="亩"))
    (goal,) = access.read(lambda session: read(session, TODAY)).goals
    assert (goal.words, goal.wanted) == ("2026 年土地移交", 8_000_000)
    page = shown(qtbot, access, window)
    qtbot.waitUntil(lambda: goal.told in [one.text() for one in page.findChildren(QLabel)], timeout=20_000)
    assert len(page.findChildren(QProgressBar)) == 4


@pytest.mark.parametrize(("name", "said"), [("王建国", "王建国，今天是 2026 年 11 月 22 日，星期日"), ("", "今天是 2026 年 11 月 22 日，星期日")])
def test_the_greeting_and_the_next_day(qtbot: QtBot, access: Access, window: Shell, clerk: Clerk, name: str, said: str) -> None:
    now = [replace(clerk, name=name, on=TODAY)]
    access._clerk = lambda: now[0]
    page = shown(qtbot, access, window)
    greeting = page.findChild(QLabel, "home.greeting")
    assert isinstance(greeting, QLabel)
    assert greeting.text() == said
    now[0] = replace(clerk, name=name, on="2026-11-23")
    page.look_at_the_day()
    assert greeting.text().endswith("11 月 23 日，星期一")


def test_what_is_not_there_is_quiet(qtbot: QtBot, access: Access, window: Shell) -> None:
    page = shown(qtbot, access, window)
    assert not [one for one in page.findChildren(QPushButton) if one.objectName().startswith("home.due.")]
    assert any(one.text().startswith("没有：") for one in page.findChildren(QLabel))


def test_large_print_needs_no_bar_across(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        for n in range(3):
            make.make_parcel(session, number=f"L{n}", nature="temporary", lease_from="2024-11-01", lease_until="2026-10-31")
        make.make_petition(session, received_on="2026-01-05")
        make.make_dispute(session, due_on="2026-11-01")
        texts = {"subject": "补偿方案", "place": "柳树村一组", "from_on": "2025-11-10", "until_on": "2025-11-24"}
        save(session, access.clerk, register("posting"), texts)
    try:
        theme.apply(QApplication.instance(), "large")
        page = shown(qtbot, access, window)
        page.resize(1055, 560)  # what the rail leaves of 1280 pixels
        qtbot.waitUntil(lambda: page.findChild(QPushButton, "home.urgent.petition_late") is not None, timeout=20_000)
        qtbot.wait(50)
        assert page.findChild(QScrollArea).horizontalScrollBar().maximum() == 0
    finally:
        theme.apply(QApplication.instance(), "light")
