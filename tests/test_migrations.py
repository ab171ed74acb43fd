"""Versions of the book: the steps lead exactly to the declarations, and books of every released version open."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from relocdesk import history
from relocdesk.book import SCHEMA, Book
from relocdesk.database import connect, dbapi, drop_triggers
from relocdesk.errors import UserError
from relocdesk.records import Record
from relocdesk.records.household import Household
from tests import make

OLD_BOOKS = sorted((Path(__file__).parent / "old_books").glob("*.reloc.gz"))


def test_the_steps_lead_to_the_declarations(book_template: Path) -> None:
    engine = create_engine("sqlite+pysqlite://", module=dbapi(), creator=lambda: connect(book_template, read_only=True), poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Record.metadata) == []


def test_the_newest_step_is_the_schema() -> None:
    versions = Path(__file__).parent.parent / "relocdesk" / "migrations" / "versions"
    assert max(int(step.stem[1:]) for step in versions.glob("v[0-9]*.py")) == SCHEMA


@pytest.fixture
def old_book(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A book as a released version left it."""
    path = tmp_path / "三坝乡.reloc"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return path


every_version = pytest.mark.parametrize("old_book", OLD_BOOKS, ids=lambda path: path.name.split(".")[0], indirect=True)


def figures(path: Path) -> list[tuple[Any, ...]]:
    """What people would miss first, read without our code."""
    raw = connect(path, read_only=True)
    found = [
        raw.execute(statement).fetchall()
        for statement in (
            "SELECT number, phone, account FROM household WHERE deleted = 0 ORDER BY number",
            "SELECT name, idcard, born_on FROM person WHERE deleted = 0 ORDER BY name",
            "SELECT number, area, area_m2 FROM parcel WHERE deleted = 0 ORDER BY number",
            "SELECT sum(amount), count(*) FROM agreement_line WHERE deleted = 0",
            "SELECT count(*), max(id) FROM txn",
            "SELECT count(*) FROM op",
        )
    ]
    raw.close()
    return found


def test_there_is_a_book_of_every_version_before_this_one() -> None:
    assert [int(path.name.split(".")[0]) for path in OLD_BOOKS] == list(range(1, SCHEMA))


@every_version
def test_an_old_book_opens_with_everything_in_it(old_book: Path) -> None:
    before = figures(old_book)
    with Book.open(old_book) as book:
        assert figures(old_book) == before
        with book.read() as session:
            assert session.connection().exec_driver_sql("PRAGMA user_version").scalar() == SCHEMA
            assert session.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert history.verify(session) == []
        with book.change("改名", make.clerk()) as (session, done):
            session.execute(Household.__table__.update().where(Household.number == "001").values(nickname="张家老大"))
        assert done.tables == {"household"}
    backups = [path for path in old_book.parent.iterdir() if "升级前" in path.name]
    assert [figures(path) for path in backups] == [before]


@every_version
def test_an_old_book_that_cannot_be_upgraded_stays_as_it_was(old_book: Path) -> None:
    raw = connect(old_book)
    raw.execute("PRAGMA foreign_keys=OFF")
    drop_triggers(raw)
    raw.execute("UPDATE household SET place = 'nowhere' WHERE number = '001'")
    raw.close()
    before = old_book.read_bytes()
    with pytest.raises(UserError, match="没有升级"):
        Book.open(old_book)
    assert old_book.read_bytes() == before


@every_version
def test_an_old_book_on_a_medium_that_cannot_be_written_says_what_to_do(old_book: Path) -> None:
    with pytest.raises(UserError, match="复制到能写的位置"):
        Book.open(old_book, write=False)
