"""A furnished township for tests of what clerks do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from relocdesk.book import Book
from tests.actions.scene import TOWNSHIP, Scene, furnish


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("RELOCDESK_HOME", str(tmp_path / "own"))
    with Book.create(tmp_path / "三坝乡.ledger", TOWNSHIP) as book:
        yield furnish(Scene(book))
