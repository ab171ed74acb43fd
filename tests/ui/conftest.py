"""A window without a screen: QApplication with our theme and fonts, a desk, and a recorder in the place of dialogs."""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from ui import say, theme
from ui.work import Desk


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["relocdesk"]


@pytest.fixture(scope="session")
def qapp(qapp_args: list[str]) -> QApplication:
    app = QApplication.instance() or QApplication(qapp_args)
    assert isinstance(app, QApplication)
    theme.prepare(app)
    return app


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
