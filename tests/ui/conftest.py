"""A window without a screen: QApplication with our theme and fonts, a desk, and a recorder in the place of dialogs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.field import Register
from relocdesk.records import REGISTERS
from ui import say, theme
from ui.access import Access
from ui.frame import PageSpec
from ui.import_page import ImportPage
from ui.register_page import RegisterPage
from ui.shell import Shell
from ui.work import Desk


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["relocdesk"]


@pytest.fixture(scope="session")
def qapp(qapp_args: list[str]) -> Iterator[QApplication]:
    app = QApplication.instance() or QApplication(qapp_args)
    assert isinstance(app, QApplication)
    theme.prepare(app)
    yield app
    app.clipboard().clear()  # without a screen Qt frees what was copied after Python has ended, and needs Python for it


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> say.Recorder:
    """Every dialog's text; prepared answers go into `shown.answers`, chosen files into `shown.files`."""
    recorder = say.Recorder()
    monkeypatch.setattr(say, "shown", recorder.shown)
    monkeypatch.setattr(say, "picked", recorder.picked)
    return recorder


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


@pytest.fixture
def access(qapp: QApplication, book: Book, clerk: Clerk) -> Iterator[Access]:
    """The tests' book as pages see it, with 王建国 at work."""
    made = Access(book, lambda: clerk, {})
    yield made
    made.close()


@contextmanager
def held(access: Access) -> Iterator[None]:
    """Readings asked for inside wait until the block is left, as on a slow machine; then all are answered in their order."""
    access._waiting = []
    yield
    access.begin()


@contextmanager
def busy(shell: Shell) -> Iterator[None]:
    """The desk is at a long job inside: what is begun meanwhile waits until the block is left."""
    over = Event()
    shell.start_job("长时间的办理", lambda _tick: over.wait())
    try:
        yield
    finally:
        over.set()


@pytest.fixture
def window(qtbot: QtBot, desk: Desk, access: Access, tmp_path: Path) -> Iterator[Shell]:
    """A window with a page for every register and the import page, none made yet; what it began ends before the book is closed."""
    keys = [PageSpec(reg.name, reg.label, reg.group, "table", partial(_page, reg, access, lambda: made)) for reg in REGISTERS]
    keys.append(PageSpec("import", "导入", "", "import", lambda: ImportPage(access, made)))
    made = Shell(keys, desk=desk, memory={}, log_file=tmp_path / "log.txt")
    qtbot.addWidget(made)
    made.resize(1280, 680)
    made.show()
    yield made
    desk.close()


def _page(reg: Register, access: Access, window: Callable[[], Shell]) -> RegisterPage:
    return RegisterPage(access, reg, window())
