"""A whole program on real books: a small one made by hand, and a township of the demo with printed and paid agreements."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from relocdesk import demo, machine
from relocdesk.book import Book
from relocdesk.records.reference import Role
from tests.queries.sample import fill, make_book
from ui import say
from ui.app import Program
from ui.pages.first_run import operators
from ui.shell import Shell

TODAY = "2026-11-22"


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This installation's files for one test, on the tests' day."""
    folder = tmp_path / "machine"
    monkeypatch.setenv("RELOCDESK_HOME", str(folder))
    monkeypatch.setattr(Program, "today", lambda _self: TODAY)
    return folder


@pytest.fixture
def program(qapp: QApplication, shown: say.Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """A program without a book."""
    monkeypatch.setattr(QApplication, "quit", lambda *_: None)  # the run goes on after a window has closed
    made = Program(tmp_path / "log.txt", {})
    yield made
    if made.shell is not None:
        made.shell.close()
    made.forget()


@pytest.fixture
def small(tmp_path: Path, own_machine: Path) -> tuple[Path, dict[str, str]]:
    """A closed book with three households; name → id."""
    path = tmp_path / "三坝乡.reloc"
    with make_book(path) as book:
        return path, fill(book)


@pytest.fixture
def opened(program: Program, small: tuple[Path, dict[str, str]]) -> tuple[Shell, dict[str, str]]:
    """The window of the small book, and name → id."""
    path, ids = small
    book = Book.open(path)
    return program.use(book, operators(book)[0]), ids


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory, own_home: Path) -> Path:
    """The demo's township, made once."""
    path = tmp_path_factory.mktemp("demo") / "示例.reloc"
    demo.make(path, on=TODAY)
    return path


@pytest.fixture
def township(program: Program, demo_template: Path, tmp_path: Path) -> Callable[[str], Shell]:
    """Opens a copy of the demo's township as somebody of a role."""

    def open_as(role: str = Role.ADMIN) -> Shell:
        path = tmp_path / "示例.reloc"
        shutil.copyfile(demo_template, path)
        machine.set_laptop_letter("B")
        book = Book.open(path)
        return program.use(book, next(one for one in operators(book) if one[1] == role))

    return open_as


def settled(qtbot: QtBot, shell: Shell) -> None:
    """Wait until nothing runs and everything read is shown."""
    qtbot.waitUntil(lambda: not shell.desk.works, timeout=20_000)
    qtbot.wait(60)
