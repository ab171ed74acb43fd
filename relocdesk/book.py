"""One open book: lock, backup, migration, reading, changing with history, closing.

The only module that makes an engine or a session. One SQLite, sqlcipher3's, serves every book, with and without password.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from relocdesk import totals
from relocdesk.clerk import Clerk
from relocdesk.database import APPLICATION_ID, READER_MS, SQLITE_HEAD, bare, connect, create_triggers, dbapi, first_look, plain_database_errors, remove_journal
from relocdesk.errors import UserError
from relocdesk.files import Lock, plain_error
from relocdesk.ids import home_id
from relocdesk.machine import Writer, home_folder, laptop_letter
from relocdesk.pen import Pen, now_utc
from relocdesk.veil import draw

SCHEMA = 3  # the newest migration = user_version of a current book = schema of its transactions
FORMAT, RULES = 1, 1  # of the log, and of the rules by which histories are folded


@dataclass
class Done:
    """What a change did: its action in the history, and which tables a window must read again."""

    action: str = ""
    tables: set[str] = field(default_factory=set)


_open: Counter[Path] = Counter()  # books this process has open; their files are touched through SQLite alone


class Book:
    """One open file. Use `Book.open` or `Book.create`; `close` it, or use it in a with statement."""

    def __init__(self, path: Path, lock: Lock | None, read_only: str) -> None:
        self.path = path
        self.read_only = read_only  # why it cannot be changed; "" when it can
        self.notice = ""  # something people should know after opening
        self.viewer: Callable[[], Clerk] | None = None  # who looks, and on which day; set by whoever opens the book
        self._lock = lock
        self._pen: Pen | None = None
        self._engine = self._make_engine()
        self._key: Path | None = path.resolve()
        _open[path.resolve()] += 1
        try:
            self._look()
        except BaseException:
            self._let_go()
            raise

    def _look(self) -> None:
        with first_look(self.path), self.read() as session:
            connection = session.connection()  # plain statements: opening a book loads no register
            self.uuid = str(connection.exec_driver_sql("SELECT uuid FROM meta").scalar() or "")
            state = {row.key: row.value for row in connection.exec_driver_sql("SELECT key, value FROM local_state")}
        self.place_code = str(state.get("place_code") or "")
        if not self.uuid or not self.place_code.isdigit():
            raise UserError(f"台账文件已损坏（{self.path.name}）", hint="请用最近的备份恢复，并保留损坏的文件")
        self.home = home_id(self.place_code)
        self.county = home_id(self.place_code[:6])
        self._heads: dict[str, tuple[int, str]] = {}
        self._writer = Writer(self.uuid)
        if not self.read_only:
            self._recall_writer()
        if self._lock is not None and self._lock.left_behind:
            self._check_after_crash(self._lock.left_behind)

    # --- opening and closing -----------------------------------------------------------------------------------------

    @classmethod
    def open(cls, path: Path, *, write: bool = True, holder: str = "") -> Book:
        """An existing book. With `write` it takes the lock; raises UserError when it is in use, foreign, damaged or newer.

        A book on a read-only medium opens read-only and says why in `read_only`.
        """
        path = Path(path)
        refuse_foreign(path)
        lock, why = None, "" if write else "按只读方式打开"
        if write:
            lock = Lock(path)
            try:
                lock.take(holder)
            except OSError:
                lock, why = None, "台账所在的文件夹不能写，只能查看"
        try:
            with plain_database_errors(path):
                _bring_up_to_date(path, may_write=lock is not None)
                return cls(path, lock, why)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    @classmethod
    def create(cls, path: Path, place_code: str, *, holder: str = "") -> Book:
        """A new empty book for the area of `place_code` (6 digits county, 9 township); never over an existing file."""
        path = Path(path)
        part = path.with_name(path.name + ".part")
        try:
            if path.exists():
                raise UserError(f"“{path.name}”已经存在", hint="请换一个文件名；要使用已有台账请选“打开”")
            with plain_database_errors(path):
                part.unlink(missing_ok=True)
                path.parent.mkdir(parents=True, exist_ok=True)
                _make_empty(part, place_code)
                part.replace(path)
        except OSError as error:
            raise plain_error(error, path) from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink()
        return cls.open(path, holder=holder)

    def close(self) -> None:
        """Closes the file and gives the lock back."""
        self._let_go()
        if self._lock is not None:
            remove_journal(self.path)
            self._lock.release()
            self._lock = None

    def _let_go(self) -> None:
        self._engine.dispose()
        if self._key is not None:
            _open[self._key] -= 1
            self._key = None

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_after_crash(self, who: str) -> None:
        with self.read() as session:
            found = session.connection().exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise UserError(f"台账“{self.path.name}”已损坏", hint="请用最近的备份恢复，并保留损坏的文件")
        self.notice = f"上次使用时没有正常关闭（{who}），已检查，数据完好"

    def _recall_writer(self) -> None:
        try:
            self._writer = Writer.recall(self.uuid)
        except OSError:
            self.read_only = f"本机的程序资料夹不能写（{home_folder_text()}），只能查看"
            return
        with self.read() as session:
            rows = session.connection().exec_driver_sql("SELECT home, tseq, hash FROM vv WHERE rid = ?", (self._writer.rid,))
            self._heads = {home: (tseq, digest) for home, tseq, digest in rows}
        if not self._writer.matches(self._heads):
            self._mint()

    def _mint(self) -> None:
        self._writer.mint(self.place_code, laptop_letter())
        self._heads = {}

    def _written_elsewhere(self) -> bool:
        """Whether another copy of this book has meanwhile written on this computer under this writer's name."""
        try:
            remembered = Writer.recall(self.uuid)
        except OSError as error:
            raise self._no_memory() from error
        return remembered.rid == self._writer.rid and remembered.heads != self._heads

    # --- reading and changing ----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def read(self, *, whole: bool = False) -> Iterator[Session]:
        """A short look at the book: one consistent state, nothing can be changed, nothing seen that the viewer may not see.

        `whole`: everything, for what looks after the book (verifying, handing over); never for a screen or a paper.
        """
        clerk = self.viewer() if self.viewer else None
        with plain_database_errors(self.path), self._engine.connect() as connection:
            self._veil(connection, None if whole else clerk.role if clerk else "")
            connection.exec_driver_sql("PRAGMA query_only=1")
            with Session(connection, autoflush=False, info={"clerk": clerk, "whole": whole}) as session:
                yield session

    @staticmethod
    def _veil(connection: Connection, role: str | None) -> None:
        pooled = connection.connection
        draw(pooled.driver_connection, pooled.info, role)

    @contextlib.contextmanager
    def change(self, why: str, by: Clerk, source: str = "typed") -> Iterator[tuple[Session, Done]]:
        """One clerk's action: one transaction, one history entry, all or nothing.

        `why` is the sentence in the history; `source` is typed, import, action, merge or migration. `done.tables` is
        filled when the block has ended well.
        """
        if self.read_only:
            raise UserError(self.read_only, hint="要修改请在能写的位置打开台账")
        if self._pen is not None:
            raise RuntimeError("a change is already running")
        if self._written_elsewhere():
            self._mint()
        done = Done()
        with plain_database_errors(self.path), self._engine.connect() as plain:
            self._veil(plain, None)
            connection = plain.execution_options(writing=True)
            with Session(connection, info={"clerk": by}) as session:
                raw = session.connection().connection.driver_connection
                self._pen = pen = Pen(raw, self._writer.rid, SCHEMA, self._heads, by, why, source)
                done.action, session.info["pen"] = pen.action, pen
                try:
                    yield session, done
                    session.flush()
                    heads = pen.close()
                    totals.refresh(raw, pen)
                    self._commit(session, heads)
                finally:
                    self._pen = None
                self._heads = heads
                done.tables |= pen.tables

    def _commit(self, session: Session, heads: dict[str, tuple[int, str]]) -> None:
        if heads == self._heads:
            session.commit()
            return
        if self._written_elsewhere():
            raise UserError("同一台账的另一份也正在登记，没有保存", hint="请关闭另一份，再办一次")
        try:
            self._writer.remember(heads)
            try:
                session.commit()
            except BaseException:
                with contextlib.suppress(OSError):  # the next opening would mint a new writer; no harm done
                    self._writer.remember(self._heads)
                raise
        except OSError as error:
            raise self._no_memory() from error

    def _no_memory(self) -> UserError:
        return UserError(f"本机的程序资料夹不能写（{home_folder_text()}），没有保存", hint="请检查磁盘是否已满或被禁止写入")

    def set_state(self, key: str, value: str) -> None:
        """Keeps something of this copy only (window state, a saved choice); not history, never handed over."""
        if self.read_only:
            return
        with plain_database_errors(self.path), self._engine.connect() as plain:
            connection = plain.execution_options(writing=True)
            connection.exec_driver_sql("INSERT INTO local_state(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                                       (key, value))  # fmt: skip
            connection.commit()

    # --- the engine --------------------------------------------------------------------------------------------------

    def _make_engine(self) -> Engine:
        engine = create_engine("sqlite+pysqlite://", module=dbapi(), creator=self._connect, poolclass=QueuePool, hide_parameters=True,
                               pool_size=4, max_overflow=4, pool_reset_on_return="rollback")  # fmt: skip
        event.listen(engine, "begin", _begin)
        event.listen(engine, "commit", _commit)
        return engine

    def _connect(self) -> Any:
        raw = connect(self.path, read_only=bool(self.read_only) and self._lock is None)
        raw.create_function("trail_txn", 1, self._trail_txn)
        raw.create_function("trail_n", 0, self._trail_n)
        raw.create_function("trail_block", 0, self._trail_block)
        raw.create_function("on_day", 0, self._on_day)
        raw.create_function("own_home", 0, lambda: self.home)
        raw.create_function("county_home", 0, lambda: self.county)
        raw.create_function("term_end", 4, _term_end, deterministic=True)
        raw.create_function("initials", 1, _initials, deterministic=True)
        raw.create_function("compared", 1, _compared, deterministic=True)
        return raw

    def _on_day(self) -> str:
        """"Today" of computed fields: the day of whoever looks."""
        return self.viewer().on if self.viewer else today()

    def _trail_txn(self, home: str) -> int:
        if self._pen is None:
            raise RuntimeError("a change outside Book.change")
        return self._pen.txn(home)

    def _trail_n(self) -> int:
        if self._pen is None:
            raise RuntimeError("a change outside Book.change")
        return self._pen.n()

    def _trail_block(self) -> int:
        return int(self._pen is not None and self._pen.block)


_WRITER_MS, _COMMIT_TRIES = 2_000, 15
"""How long a writer waits for another one, and how many such waits its commit lasts for those who read."""


def _begin(connection: Connection) -> None:
    writing = bool(connection.get_execution_options().get("writing"))
    connection.exec_driver_sql(f"PRAGMA busy_timeout={_WRITER_MS if writing else READER_MS}")
    if writing:
        connection.exec_driver_sql("PRAGMA query_only=0")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("PRAGMA cache_spill=OFF")  # a spilling writer locks readers out long before it commits
    else:
        connection.exec_driver_sql("BEGIN")


def _commit(connection: Connection) -> None:
    """Commits a change as soon as nobody reads: what took minutes is not thrown away because somebody has a long look meanwhile."""
    if not connection.get_execution_options().get("writing"):
        return
    raw: Any = connection.connection.driver_connection
    for left in reversed(range(_COMMIT_TRIES)):
        try:
            raw.execute("COMMIT")
            return  # what SQLAlchemy commits next is nothing
        except dbapi().OperationalError as error:
            if not left or getattr(error, "sqlite_errorname", "") != "SQLITE_BUSY":
                raise


def _initials(text: str | None) -> str | None:
    from relocdesk.pinyin import initials  # noqa: PLC0415 -- slow import

    return None if text is None else initials(text)


def _compared(text: str | None) -> str | None:
    from relocdesk.rules.identity import comparison_name  # noqa: PLC0415 -- only for searches

    return None if text is None else comparison_name(text)


@lru_cache(8192)  # a grid asks for the same few hundred days again and again
def _term_end(start: str | None, days: int | None, own: str | None, roll_over: str | None) -> str | None:
    """The last day of a term of calendar days by the office's calendar; see `queries.calendar.term_end`."""
    from relocdesk.field import FLAG  # noqa: PLC0415 -- only where terms are shown
    from relocdesk.rules.calendar import calendar_of_text  # noqa: PLC0415 -- only where terms are shown

    if start is None or days is None:
        return None
    return calendar_of_text(own or "", bool(FLAG.read(roll_over or "是"))).due(start, days)


def home_folder_text() -> str:
    """Where this installation keeps its own files, for messages."""
    try:
        return str(home_folder())
    except OSError as error:
        return str(error.filename)


def today() -> str:
    """The real day at +08:00; only for callers at the edge, never inside a rule."""
    return (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()


# --- making, checking, migrating -------------------------------------------------------------------------------------


def _make_empty(part: Path, place_code: str) -> None:
    from relocdesk.migrations import upgrade  # noqa: PLC0415 -- slow import

    part.touch()
    raw = connect(part)
    try:
        raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
    finally:
        raw.close()
    upgrade(part)
    raw = connect(part)
    try:
        raw.execute("BEGIN IMMEDIATE")
        create_triggers(raw)
        raw.execute("INSERT INTO meta(uuid, format, rules, made_at) VALUES (?, ?, ?, ?)", (uuid.uuid4().hex, FORMAT, RULES, now_utc()))
        raw.execute("INSERT INTO local_state(key, value) VALUES ('place_code', ?)", (place_code,))
        raw.execute("COMMIT")
    finally:
        raw.close()
        remove_journal(part)


def refuse_foreign(path: Path) -> None:
    """Looks at the head of the file, unless this process has it open: closing it would drop the locks of its connections."""
    if _open[path.resolve()] > 0:
        return
    try:
        if not path.exists():
            raise UserError(f"找不到台账“{path}”", hint="请核对路径；新建台账请选“新建”")
        if path.is_dir():
            raise UserError(f"“{path}”是文件夹，不是台账", hint="请选台账文件")
        with open(path, "rb") as handle:
            head = handle.read(100)
    except OSError as error:
        raise plain_error(error, path) from error
    if len(head) < 100 or not head.startswith(SQLITE_HEAD):
        raise UserError(f"“{path.name}”不是本程序的台账，或者已经损坏", hint="请选正确的文件；如果它原来是台账，请用最近的备份恢复")
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise UserError(f"“{path.name}”是别的程序的数据库，不是本程序的台账", hint="请选正确的文件")
    version = int.from_bytes(head[60:64], "big")
    if version > SCHEMA:
        raise UserError(f"“{path.name}”是用更新版本的程序建立的（第 {version} 版，本程序只到第 {SCHEMA} 版）",
                        hint="请先更新本程序，文件没有改动")  # fmt: skip


def _bring_up_to_date(path: Path, *, may_write: bool) -> None:
    try:
        version, whole = _version_and_size(path, read_only=not may_write)
    except (dbapi().Error, UnicodeDecodeError, MemoryError) as error:
        journal = path.with_name(path.name + "-journal")
        if may_write or not journal.exists() or not journal.stat().st_size:
            with first_look(path):
                raise
        raise UserError(f"台账“{path.name}”上次没有正常关闭，还不能只看不改",
                        hint="请先以能修改的方式打开一次，程序会恢复到最后保存的样子") from error  # fmt: skip
    if path.stat().st_size < whole:
        raise UserError(f"台账“{path.name}”不完整，文件被截断了", hint="请用最近的备份恢复，并保留这个文件")
    if version == SCHEMA:
        return
    if not may_write:
        raise UserError(f"台账“{path.name}”是旧版本，要先升级才能查看", hint="请把它复制到能写的位置再打开")
    from relocdesk.migrations import migrate_copy  # noqa: PLC0415 -- slow import

    migrate_copy(path, version)


def _version_and_size(path: Path, *, read_only: bool) -> tuple[int, int]:
    """The version, and the bytes that the header promises: with what is there they find a cut-off file.

    A bare connection: those settings that every other one has would read the whole schema, which costs 10 ms.
    """
    raw = bare(path, read_only=read_only)
    try:
        (version,) = raw.execute("PRAGMA user_version").fetchone()
        (pages,), (size,) = raw.execute("PRAGMA page_count").fetchone(), raw.execute("PRAGMA page_size").fetchone()
        return int(version), int(pages) * int(size)
    finally:
        raw.close()
