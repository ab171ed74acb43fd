"""Versions of the book: the steps lead exactly to the declarations, and books of every released version open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from relocdesk.book import SCHEMA, Book
from relocdesk.database import connect, dbapi
from relocdesk.records import Record
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

OLD_BOOKS = sorted((Path(__file__).parent / "old_books").glob("*.reloc"))


def test_the_steps_lead_to_the_declarations(book_template: Path) -> None:
    engine = create_engine("sqlite+pysqlite://", module=dbapi(), creator=lambda: connect(book_template, read_only=True), poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Record.metadata) == []


def test_the_newest_step_is_the_schema() -> None:
    versions = Path(__file__).parent.parent / "relocdesk" / "migrations" / "versions"
    assert max(int(step.stem[1:]) for step in versions.glob("v[0-9]*.py")) == SCHEMA
