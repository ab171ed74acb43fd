"""Files that must not be lost: whole-or-nothing writing with read-back, and the named lock beside a book."""

from __future__ import annotations

import contextlib
import errno
import getpass
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from relocdesk.errors import UserError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def plain_error(error: OSError, path: Path) -> UserError:
    """What an operating system's refusal means to a clerk, with the cure."""
    name = path.name
    if error.errno == errno.ENOSPC:
        return UserError(f"磁盘已满，“{name}”没有写成", hint="请清出空间后再试，原来的文件没有动")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserError(f"没有权限写“{name}”", hint="请换一个文件夹，或关闭正在使用它的程序（如 Excel、WPS）再试")
    if error.errno == errno.ENAMETOOLONG:
        return UserError(f"文件名或路径太长：“{name[:20]}…”", hint="请改短文件名，或换一个层次少的文件夹")
    if isinstance(error, FileNotFoundError):
        return UserError(f"找不到“{path}”", hint="请核对路径，U 盘是否已拔出")
    if isinstance(error, IsADirectoryError):
        return UserError(f"“{path}”是文件夹，不是文件", hint="请选一个文件")
    return UserError(f"“{name}”读写失败（{error.strerror or error}）", hint="请换一个位置再试，并检查磁盘或 U 盘")


def write_atomically(path: Path, content: bytes | Callable[[Path], None]) -> None:
    """Writes a file whole or not at all: .part beside it → fsync → read back → rename.

    `content` is the bytes, or a function that writes the given .part path itself. An existing file stays as it was until
    the new one is complete. Raises OSError.
    """
    part = path.with_name(path.name + ".part")
    try:
        if callable(content):
            content(part)
        else:
            part.write_bytes(content)
        with open(part, "rb+") as handle:
            os.fsync(handle.fileno())
        if not callable(content) and part.read_bytes() != content:
            raise OSError(errno.EIO, "read-back differs", str(part))
        _replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _sync_folder(path.parent)


def _replace(part: Path, path: Path) -> None:
    # Virus scanners on Windows hold fresh files for a moment.
    for attempt in range(10):
        try:
            os.replace(part, path)
            return
        except PermissionError:
            if os.name != "nt" or attempt == 9:
                raise
            time.sleep(0.2)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Lock:
    """The lock beside a book: held by the operating system, so that it dies with the program; named, so that people know whom to ask."""

    def __init__(self, book: Path) -> None:
        book = book.resolve()  # a book reached by a link is the same book
        self.path = book.with_name(book.name + ".lock")
        self._handle: IO[str] | None = None
        self.left_behind = ""  # who had the book open when the program ended abnormally

    def take(self, holder: str) -> None:
        """Takes the lock or raises UserError naming who holds it; OSError when the folder cannot be written."""
        while True:
            handle = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115 -- kept open as long as the lock is held
            try:
                _lock(handle)
            except OSError as error:
                handle.seek(0)
                text = handle.read()
                handle.close()
                raise UserError(f"台账正在使用中（{_holder(text) or '另一个窗口'}）",
                                hint="请等对方关闭后再打开，或先以只读方式查看") from error  # fmt: skip
            if self._still_there(handle):
                break
            handle.close()  # the last holder removed it between our opening and locking
        handle.seek(0)
        self.left_behind = _holder(handle.read())
        handle.seek(0)
        handle.truncate()
        now = datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M")
        json.dump({"name": holder or getpass.getuser(), "host": socket.gethostname(), "pid": os.getpid(), "since": now}, handle)
        handle.flush()
        self._handle = handle

    def _still_there(self, handle: IO[str]) -> bool:
        try:
            return os.fstat(handle.fileno()).st_ino == os.stat(self.path).st_ino
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Gives the lock back and removes its file."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        if sys.platform == "win32":
            handle.close()
        with contextlib.suppress(OSError):
            self.path.unlink()
        if not handle.closed:
            handle.close()


def _holder(text: str) -> str:
    try:
        found = json.loads(text)
        return f"{found['name']}，电脑 {found['host']}，{found['since']} 起"
    except (ValueError, KeyError, TypeError):
        return ""


def _lock(handle: IO[str]) -> None:
    if sys.platform == "win32":
        handle.seek(1_000_000)  # beyond the text, so that others can still read who holds it
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        handle.seek(0)
    else:
        fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
