"""Fixtures every test may use. Qt draws off screen; the printer's tests can be left out where there is no queue."""

from __future__ import annotations

import os
from collections.abc import Iterator
from logging import WARNING

import pytest

# Before anything imports Qt: without a screen and without this it aborts the whole run.
os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-printer", action="store_true", help="leave out the tests that need a print queue")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
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
