"""公示: how a round stands in words, and its photos in one click."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from relocdesk.entry import save
from relocdesk.records import register
from ui.access import Access
from ui.pages.posting import PostingPage, days_left
from ui.record import RecordDialog
from ui.shell import Shell


@pytest.mark.parametrize(
    ("until", "closed", "words"),
    [("2026-11-30", "", ("还有 8 天", "info")), ("2026-11-24", "", ("还有 2 天", "warn")), ("2026-11-22", "", ("今天到期", "warn")),
     ("2026-11-03", "", ("期满 19 天，未结束", "warn")), ("2026-11-03", "2026-11-04", ("已结束", "good"))],
)  # fmt: skip
def test_a_round_that_nobody_ended_is_not_good(until: str, closed: str, words: tuple[str, str]) -> None:
    assert days_left("2026-11-22", until, closed) == words


def test_photos_are_one_click_away(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        texts = {"subject": "补偿方案", "place": "柳树村一组", "from_on": "2026-11-10", "until_on": "2026-11-24"}
        made = save(session, access.clerk, register("posting"), texts)
    page = PostingPage(access, window)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.master.shown == made, timeout=20_000)
    page.act("photo")
    dialog = window.findChild(RecordDialog)
    assert isinstance(dialog, RecordDialog)
    tabs = dialog.panel.form.tabs
    assert tabs.tabText(tabs.currentIndex()) == "附件"
    dialog.reject()
