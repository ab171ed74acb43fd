"""A furnished township to print from, and --golden, which writes the expected texts anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from relocdesk.book import Book
from tests.printing.cases import furnish_cases
from tests.printing.migrants import furnish_migrants
from tests.printing.petitions import furnish_petitions
from tests.printing.projects import furnish_projects
from tests.printing.township import CLERK, TOWNSHIP, furnish


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the expected texts of printed forms anew")


@pytest.fixture(scope="session")
def township(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The furnished book, closed, and the ids of its records by word; copied for each test."""
    path = tmp_path_factory.mktemp("township") / "三坝乡.ledger"
    with Book.create(path, TOWNSHIP) as book:
        return path, furnish(book, furnish_migrants, furnish_cases, furnish_petitions, furnish_projects)


@pytest.fixture
def papers(tmp_path: Path, township: tuple[Path, dict[str, str]]) -> Iterator[tuple[Book, dict[str, str]]]:
    """A book of the test's own, and the ids of its records by word."""
    path, ids = township
    shutil.copy(path, tmp_path / path.name)
    with Book.open(tmp_path / path.name) as book:
        book.viewer = lambda: replace(CLERK, role="head")  # papers about families are hidden from others
        yield book, ids


@pytest.fixture
def refresh(request: pytest.FixtureRequest) -> bool:
    """Whether the expected texts are to be written anew."""
    return bool(request.config.getoption("--golden", default=False))
