"""The database file itself: one SQLite for all books, its settings, its triggers, and its errors in plain words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError

from relocdesk.errors import UserError

READER_MS = 10_000  # how long one who reads waits for a commit that is being written
APPLICATION_ID = 0x52444253  # "RDBS", written into the file's header
SQLITE_HEAD = b"SQLite format 3\x00"


def dbapi() -> Any:
    """The DB-API module of the one SQLite that serves every book, with and without password."""
    import sqlcipher3.dbapi2 as module  # noqa: PLC0415 -- slow import

    return module


def file_uri(path: PurePath, mode: str) -> str:
    """The address of a whole path for SQLite; a share of another computer (\\\\server\\share) keeps its two strokes after file://."""
    whole = path.as_posix()
    return f"file://{'' if whole.startswith('/') else '/'}{quote(whole, safe='/:')}?mode={mode}"


def bare(path: Path, *, read_only: bool = False) -> Any:
    """A raw connection without any settings."""
    return dbapi().connect(file_uri(path.resolve(), "ro" if read_only else "rw"), uri=True, isolation_level=None, check_same_thread=False,
                            timeout=READER_MS / 1000)  # fmt: skip


def connect(path: Path, *, read_only: bool = False) -> Any:
    """A raw connection with the settings every book is used with (journal TRUNCATE, synchronous FULL)."""
    raw = bare(path, read_only=read_only)
    raw.execute("PRAGMA foreign_keys=ON")
    if not read_only:
        raw.execute("PRAGMA journal_mode=TRUNCATE")
        raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA cache_size=-65536")
    raw.execute("PRAGMA recursive_triggers=ON")
    return raw


def remove_journal(path: Path) -> None:
    """Takes away the empty journal that mode TRUNCATE leaves beside a closed book, which people take for rubbish."""
    with contextlib.suppress(dbapi().Error):
        raw = connect(path)
        try:
            raw.execute("PRAGMA journal_mode=DELETE")
        finally:
            raw.close()


def create_triggers(raw: Any) -> None:
    """Creates the triggers of all registers anew from their declarations."""
    from relocdesk.records import REGISTERS, trail  # noqa: PLC0415 -- slow import: opening a book needs no register

    drop_triggers(raw)
    for statement in trail.triggers({reg.name: reg.groups for reg in REGISTERS}):
        raw.execute(statement)


def drop_triggers(raw: Any) -> None:
    """Removes every trigger of the log, as a migration needs."""
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'trail_%'").fetchall():
        raw.execute(f'DROP TRIGGER "{name}"')


_CURES = {
    "SQLITE_FULL": ("磁盘已满，没有保存", "请清出空间后再试，原来的内容没有动"),
    "SQLITE_IOERR": ("磁盘读写出错，没有保存", "请检查磁盘；必要时用备份恢复"),
    "SQLITE_READONLY": ("台账所在的位置不能写，没有保存", "请把台账复制到本机硬盘再打开"),
    "SQLITE_CORRUPT": ("台账文件已损坏", "请用最近的备份恢复，并保留损坏的文件"),
    "SQLITE_NOTADB": ("这个文件不是台账，或者加了密码", "请选正确的文件"),
    "SQLITE_BUSY": ("台账正忙，请稍候再试", "另一个操作还没有结束"),
    "SQLITE_CANTOPEN": ("打不开台账文件", "请检查文件夹是否存在、是否有权限"),
}


@contextlib.contextmanager
def plain_database_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite reports into a sentence with a cure; everything unknown stays a defect."""
    try:
        yield
    except DBAPIError as error:
        plain = _plain(error.orig, path)
        if plain is None:
            raise
        raise plain from error
    except (sqlite3.Error, dbapi().Error) as error:
        plain = _plain(error, path)
        if plain is None:
            raise
        raise plain from error
    except MemoryError as error:
        raise UserError(f"内存不够，或者台账文件已损坏（{path.name}）", hint="请关闭其他程序再试；还不行就用最近的备份恢复") from error


@contextlib.contextmanager
def first_look(path: Path) -> Iterator[None]:
    """The first look into a file: whatever SQLite cannot make of it, it is the file that is damaged."""
    try:
        with plain_database_errors(path):
            yield
    except (DBAPIError, sqlite3.Error, dbapi().Error, UnicodeDecodeError, MemoryError) as error:
        # The last two come from SQLite's own messages and sizes when names in a damaged schema are nonsense.
        text, hint = _CURES["SQLITE_CORRUPT"]
        raise UserError(f"{text}（{path.name}）", hint=hint) from error


def _plain(error: BaseException | None, path: Path) -> UserError | None:
    name = str(getattr(error, "sqlite_errorname", ""))
    for code, (text, hint) in _CURES.items():
        if name == code or name.startswith(code + "_"):
            return UserError(f"{text}（{path.name}）", hint=hint)
    return None
