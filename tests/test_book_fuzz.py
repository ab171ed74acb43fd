"""Damaged books: whatever bytes are changed or cut, opening and reading ends in a sentence, never in a traceback."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relocdesk.book import Book
from relocdesk.errors import UserError
from relocdesk.queries.rows import Ask, page, rowids
from relocdesk.records import REGISTERS

changes = st.lists(st.tuples(st.integers(0, 2_000_000), st.binary(min_size=1, max_size=40)), max_size=6)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=changes, keep=st.floats(0, 1) | st.just(1.0), tail=st.binary(max_size=200))
def test_a_damaged_book_is_a_sentence_or_can_be_read(
    book_template: Path, tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes]], keep: float, tail: bytes
) -> None:
    content = bytearray(book_template.read_bytes())
    for at, new in changes:
        start = at % len(content)
        content[start : start + len(new)] = new
    path = tmp_path_factory.mktemp("fuzz") / "x.reloc"
    path.write_bytes(bytes(content[: int(len(content) * keep)]) + tail)
    # Anything but a UserError fails the test by itself.
    with contextlib.suppress(UserError), Book.open(path) as book, book.read() as session:
        for reg in REGISTERS:
            page(session, reg, rowids(session, Ask(reg))[:20], reg.fields)
