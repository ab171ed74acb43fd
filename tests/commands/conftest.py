"""Runs the command line in this process, as main.py does."""

from __future__ import annotations

from pathlib import Path

import pytest

from relocdesk import commands
from tests.commands.running import Answer, Run


class Bare:
    """A machine whose window is all right and shows one picture."""

    def selfcheck(self) -> list[str]:
        return []

    def pictures(self, book: Path, folder: Path) -> list[Path]:
        made = folder / f"{book.stem}.png"
        made.write_bytes(b"picture")
        return [made]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """run("list", path, "household", "--json") → Answer."""

    def call(*words: object) -> Answer:
        code = commands.main([str(word) for word in words], stage=Bare)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def path(book_template: Path, tmp_path: Path) -> Path:
    """A fresh book of 三坝乡 that nobody has open."""
    copy = tmp_path / "三坝乡.reloc"
    copy.write_bytes(book_template.read_bytes())
    return copy
