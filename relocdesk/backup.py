"""Backups: a verified copy by SQLite's own backup, whole or not at all, never over an existing file; and restoring one.

A copy is opened and checked before it gets its name. Attachments never change, so they are copied once into the folder
beside the copies. The automatic backup after work must never keep anybody from closing the program.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from relocdesk import machine
from relocdesk.book import Book, refuse_foreign
from relocdesk.database import connect, plain_database_errors, remove_journal
from relocdesk.errors import UserError
from relocdesk.files import plain_error, write_atomically

_STAMP = re.compile(r" (\d{8})-(\d{6})(?: (\d+))?\Z")
_KEEP_ALL_DAYS, _DAILY_DAYS, _WEEKLY_DAYS = 2, 14, 70
log = logging.getLogger(__name__)


def backup(book: Path, folder: Path | None = None, now: datetime | None = None) -> Path:
    """Copies a book into a folder (else its usual one) and returns the copy. Raises UserError; then there is no copy.

    The book may be open: its file is touched through SQLite alone, for opening and closing it otherwise drops SQLite's locks.
    """
    folder = folder or folder_of(book)
    target = _free_name(folder, book, now or datetime.now())  # noqa: DTZ005 -- names a file for people at this machine
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with plain_database_errors(book):
            write_atomically(target, lambda part: copy_verified(book, part))
        _copy_missing(_attachments(book), _attachments(folder / book.name))
    except OSError as error:
        raise plain_error(error, target) from error
    return target


def folder_of(book: Path) -> Path:
    """Where backups of a book go: the folder chosen on this machine, else one beside the book."""
    chosen = machine.load("machine.json").get("backup_folder")
    return Path(str(chosen)) if chosen else book.with_name(book.name + ".备份")


def copy_verified(source: Path, target: Path) -> None:
    """A consistent copy of a database that others may be using, checked page by page. Raises UserError when it is damaged."""
    target.unlink(missing_ok=True)
    target.touch()
    raw, copy = connect(source, read_only=True), connect(target)
    try:
        raw.backup(copy)
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        same = _newest(raw) == _newest(copy)
    finally:
        copy.close()
        raw.close()
        remove_journal(target)
    if found != "ok":
        raise UserError(f"“{source.name}”已损坏，没有做成完好的副本", hint="请用更早的备份恢复，并保留这个文件")
    if not same:
        raise UserError(f"“{source.name}”的副本与原件不一致", hint="请再备份一次；仍然如此请检查磁盘")


def _newest(raw: object) -> tuple[object, ...]:
    query = "SELECT (SELECT uuid FROM meta), (SELECT coalesce(max(id), 0) FROM txn), (SELECT count(*) FROM op)"
    return tuple(raw.execute(query).fetchone())  # type: ignore[attr-defined]


def _free_name(folder: Path, book: Path, now: datetime) -> Path:
    stem = f"{book.stem} {now:%Y%m%d-%H%M%S}"
    target, n = folder / f"{stem}{book.suffix}", 1
    while target.exists():
        n += 1
        target = folder / f"{stem} {n}{book.suffix}"
    return target


# --- attachments -----------------------------------------------------------------------------------------------------


def _attachments(book: Path) -> Path:
    return book.with_name(book.name + ".files")


def _copy_missing(source: Path, target: Path) -> None:
    """Copies attachments that are not there yet; each appears whole or not at all."""
    if not source.is_dir() or source == target:
        return
    for file in sorted(source.glob("??/*")):
        there = target / file.parent.name / file.name
        if not there.exists() and not file.name.endswith(".part"):
            there.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(there, lambda part, file=file: shutil.copyfile(file, part) and None)  # type: ignore[misc]


# --- restoring -------------------------------------------------------------------------------------------------------


def restore(file: Path, book: Path) -> Path:
    """Makes a book from a backup; never over an existing file. Raises UserError; then nothing was made.

    The restored book gets a new writer as soon as it is changed, so that its history and the lost one stay apart.
    """
    refuse_foreign(file)
    if book.exists():
        raise UserError(f"“{book.name}”已经存在，没有恢复", hint="请换一个文件名；确认不要原来的，请先把它移走")
    try:
        book.parent.mkdir(parents=True, exist_ok=True)
        with plain_database_errors(file):
            write_atomically(book, lambda part: copy_verified(file, part))
        for folder in _attachment_folders(file):
            _copy_missing(folder, _attachments(book))
    except OSError as error:
        raise plain_error(error, book) from error
    return book


def _attachment_folders(file: Path) -> Iterable[Path]:
    """Where the attachments of a backup may lie: beside the copies, or beside the book itself for those made next to it."""
    original = _STAMP.sub("", file.stem) + file.suffix
    return [file.with_name(file.name + ".files"), file.with_name(original + ".files"), file.parent.with_name(original + ".files")]


# --- after work ------------------------------------------------------------------------------------------------------


def after_work(book: Book, now: datetime | None = None) -> str:
    """The automatic backup when a book is closed, if it has changed since the newest one; thins out old ones.

    Never raises: returns "" or a sentence saying why there is no backup, which also goes to the log.
    """
    if book.read_only:
        return ""
    now = now or datetime.now()  # noqa: DTZ005 -- compared with the names of files made here
    try:
        folder = folder_of(book.path)
        copies = backups(folder, book.path)
        if copies and not _changed_since(book.path, copies[-1][1]):
            return ""
        backup(book.path, folder, now)
        thin_out(folder, book.path, now)
    except Exception as error:  # a failing backup must not keep the program open; it is said and logged
        why = str(error) if isinstance(error, UserError) else "程序出错"
        log.exception("automatic backup failed")
        return f"没有做成自动备份：{why}"
    return ""


def _changed_since(book: Path, copy: Path) -> bool:
    raw = connect(book, read_only=True)
    try:
        now = _newest(raw)
    finally:
        raw.close()
    try:
        old = connect(copy, read_only=True)
    except Exception:  # noqa: BLE001 -- a copy that cannot be opened is no backup
        return True
    try:
        return _newest(old) != now
    except Exception:  # noqa: BLE001 -- see above
        return True
    finally:
        old.close()


def backups(folder: Path, book: Path) -> list[tuple[datetime, Path]]:
    """The copies of a book in a folder, oldest first, by the moment in their names."""
    found = []
    for file in folder.glob(f"*{book.suffix}"):
        stamp = _STAMP.search(file.stem)
        if stamp and file.stem[: stamp.start()] == book.stem:
            try:
                moment = datetime.strptime(stamp[1] + stamp[2], "%Y%m%d%H%M%S")  # noqa: DTZ007 -- local, as named
            except ValueError:  # a name that only looks like ours
                continue
            found.append((moment, int(stamp[3] or 1), file))
    return [(moment, file) for moment, _, file in sorted(found)]


def thin_out(folder: Path, book: Path, now: datetime) -> list[Path]:
    """Removes copies that are no longer needed and returns them.

    Kept: all of the last 2 days, then the last of each day for two weeks, of each week for ten weeks, of each month for ever.
    """
    kept: set[tuple[str, str]] = set()
    removed = []
    for moment, file in reversed(backups(folder, book)):
        age = (now - moment).days
        if age < _KEEP_ALL_DAYS:
            continue
        if age < _DAILY_DAYS:
            slot = ("day", f"{moment:%Y-%m-%d}")
        elif age < _WEEKLY_DAYS:
            slot = ("week", f"{moment:%G-%V}")
        else:
            slot = ("month", f"{moment:%Y-%m}")
        if slot in kept:
            file.unlink(missing_ok=True)
            removed.append(file)
        kept.add(slot)
    return removed
