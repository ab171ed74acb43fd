"""Fixtures every test may use. Qt draws off screen; the printer's tests can be left out where there is no queue."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from logging import WARNING
from pathlib import Path

import pytest

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.founding import found_book
from tests import make

# Before anything imports Qt: without a screen and without this it aborts the whole run.
os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-printer", action="store_true", help="leave out the tests that need a print queue")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "tests/delivery" not in item.nodeid)  # building takes longest: the others fill the time beside it
    if config.getoption("--without-printer"):
        left_out = [item for item in items if item.get_closest_marker("printer")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def no_loud_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test that logs a warning or worse; one that means to, looks at its records and calls caplog.clear()."""
    yield
    loud = [record for record in caplog.get_records("call") if record.levelno >= WARNING]
    assert [f"{record.name}: {record.getMessage()}" for record in loud] == []


TODAY = "2026-11-22"


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps this installation's own files (writers, recent books) out of the user's folder."""
    folder = tmp_path_factory.mktemp("home")
    os.environ["RELOCDESK_HOME"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def book_template(tmp_path_factory: pytest.TempPathFactory, own_home: Path) -> Path:
    """A migrated book of 三坝乡 with two villages of two groups each; copied for each test."""
    path = tmp_path_factory.mktemp("template") / "三坝乡.reloc"
    with (
        found_book(path, office="龙陵县三坝乡搬迁安置办公室", place="530523102", by="王建国", on=TODAY) as book,
        book.change("登记村组", make.clerk(), source="typed") as (session, _),
    ):
        make.make_places(session)
    return path


@pytest.fixture
def book(book_template: Path, tmp_path: Path) -> Iterator[Book]:
    """A fresh book to change; closed at the end."""
    path = tmp_path / "三坝乡.reloc"
    shutil.copyfile(book_template, path)
    with Book.open(path) as opened:
        yield opened


@pytest.fixture
def clerk() -> Clerk:
    """王建国, 系统管理, on the tests' day."""
    return make.clerk()
