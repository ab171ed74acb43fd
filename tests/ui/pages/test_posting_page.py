"""公示: how a round stands in words, and its photos in one click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from relocdesk.entry import save
from relocdesk.queries.roster_objections import hold
from relocdesk.records import register
from relocdesk.records.support import Period
from tests.ui.pages.conftest import settled
from tests.ui.pages.test_subsidy import page_of
from ui import say
from ui.access import Access
from ui.asking import Asking
from ui.pages.posting import PostingPage, days_left
from ui.pages.section import Section
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


def test_the_page_asks_for_the_photo_that_is_missing(qtbot: QtBot, access: Access, window: Shell, shown: say.Recorder, tmp_path: Path) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        over = {"subject": "补偿方案", "place": "柳树村一组", "from_on": "2026-10-10", "until_on": "2026-11-22"}
        made = save(session, access.clerk, register("posting"), over)
    page = PostingPage(access, window)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.master.shown == made, timeout=20_000)

    def asked() -> list[str]:
        return [name for name in ("photo-start", "photo-end") if not page._buttons[name].isHidden()]

    qtbot.waitUntil(lambda: asked() == ["photo-start", "photo-end"], timeout=20_000)
    for n, name in enumerate(("photo-start", "photo-end")):
        photo = tmp_path / f"IMG_{n}.jpg"
        photo.write_bytes(b"picture" + bytes([n]))
        shown.files.append(str(photo))
        page.act(name)
        qtbot.waitUntil(lambda: not window.desk.works, timeout=20_000)
        page.reload(None)
        qtbot.waitUntil(lambda name=name: name not in asked(), timeout=20_000)
    qtbot.waitUntil(lambda: "照片 2 张，张榜时 1 张、期满时 1 张" in page._facts.text(), timeout=20_000)


def test_an_objection_to_a_roster_is_narrowed_to_whom_it_is_about(township: Callable[..., Shell], qtbot: QtBot) -> None:
    shell = township("entry")
    roster = page_of(shell, qtbot)
    assert roster.seen is not None
    period, line = roster.seen.id, roster.table.grid_model.line(0)
    section = shell.show_page("posting")
    assert isinstance(section, Section)
    page = section.tab("rounds")
    assert isinstance(page, PostingPage)
    page.show_what(roster.access.read(lambda session: str(session.get_one(Period, period).posted)))
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: page._of_roster, timeout=20_000)

    def answer(press: Callable[[], object], **texts: str) -> None:
        press()
        asking = shell.findChild(Asking)
        assert asking is not None
        for name, text in texts.items():
            asking.editors[name].set_text(text)
        asking.finish()
        settled(qtbot, shell)

    answer(lambda: page.act("object"), raised_by="段秋生", claim="早已迁走")
    qtbot.waitUntil(lambda: page.objections.grid_model.rowCount() == 1, timeout=20_000)
    page.objections.choose_rowid(page.objections.grid_model.rowids[0])
    answer(page.narrow, people=line.shown[0])
    found = page.access.read(lambda session: hold(session, session.get_one(Period, period)))
    assert ([len(found.people), len(found.whole)], [one.about.startswith(f"只涉及：{line.shown[0]}（") for one in found.people.values()]) == ([1, 0], [True])
    again = page_of(shell, qtbot)
    qtbot.waitUntil(lambda: f"{line.shown[0]}有没办结的异议，150.00 元先不发。" in again._advice.text(), timeout=20_000)
