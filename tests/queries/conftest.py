"""A filled book for tests of reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from relocdesk.book import Book
from tests.queries.sample import fill, make_book


@pytest.fixture
def sample_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    """An empty township book with places and a project."""
    monkeypatch.setenv("RELOCDESK_HOME", str(tmp_path / "machine"))
    with make_book(tmp_path / "乡.zjb") as book:
        yield book


@pytest.fixture
def filled(sample_book: Book) -> tuple[Book, dict[str, str]]:
    """The sample book with its households, and name → id."""
    return sample_book, fill(sample_book)
