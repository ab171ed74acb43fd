"""A program without a book, its file dialogs answered by the walk; all other dialogs are the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import qapp, qapp_args
from tests.walks.hands import Hands
from ui import say
from ui.app import Program

__all__ = ["qapp", "qapp_args"]
TODAY = "2026-11-22"


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """The program as it starts on a machine that never saw it, on the tests' day."""
    monkeypatch.setenv("RELOCDESK_HOME", str(tmp_path / "machine"))
    monkeypatch.setattr(Program, "today", lambda _self: TODAY)
    monkeypatch.setattr(QApplication, "quit", lambda *_: None)  # the run goes on after a window has closed
    made = Program(tmp_path / "log.txt", {})
    yield made
    if made.shell is not None:
        made.shell.close()
    made.forget()


@pytest.fixture
def hands(qtbot: QtBot, program: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    """Somebody sits at the desk; dialogs that nobody expected fail the walk."""
    recorder = say.Recorder()
    monkeypatch.setattr(say, "picked", recorder.picked)
    made = Hands(qtbot, program, recorder)
    yield made
    made.leave()
