"""Versions of the book's tables: 0001, 0002 …; the number is the file's user_version and the schema of its transactions.

Nothing here imports a record class inside a version: an old step must do tomorrow what it did when it was written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relocdesk.database import connect, create_triggers, dbapi, drop_triggers
from relocdesk.errors import UserError
from relocdesk.files import plain_error, write_atomically

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

Upcast = Callable[[str, dict[str, Any]], dict[str, Any]]
# Pure row functions of data migrations, kept for ever: number → f(table, cells) → cells; applied to old operations too.
upcast: dict[int, Upcast] = {}


def config(connection: Connection) -> Config:
    """Alembic's configuration in code, bound to one open connection."""
    from alembic.config import Config  # noqa: PLC0415 -- slow import

    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.set_main_option("path_separator", "os")
    found.attributes["connection"] = connection
    return found


def upgrade(path: Path, target: str = "head") -> None:
    """Brings the tables of a file to a version, without triggers and with foreign keys off; sets user_version."""
    from alembic import command  # noqa: PLC0415 -- slow import
    from sqlalchemy import create_engine, text  # noqa: PLC0415 -- beside alembic
    from sqlalchemy.pool import NullPool  # noqa: PLC0415 -- beside alembic

    def open_raw() -> Any:
        raw = connect(path)
        raw.execute("PRAGMA foreign_keys=OFF")
        return raw

    engine = create_engine("sqlite+pysqlite://", module=dbapi(), creator=open_raw, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(config(connection), target)
        number = int(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
        connection.exec_driver_sql(f"PRAGMA user_version={number}")
        connection.commit()
    engine.dispose()


def migrate_copy(path: Path, version: int) -> Path:
    """Brings an older book up to date: backup, migrate a copy, check it, swap. Returns the backup's path.

    The book stays as it was unless everything succeeded.
    """
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    backup = path.with_name(f"{path.stem}-升级前-第{version}版-{stamp}{path.suffix}")
    try:
        write_atomically(backup, lambda part: _copy(path, part))
        write_atomically(path, lambda part: _migrated(backup, part))
    except OSError as error:
        raise plain_error(error, backup) from error
    return backup


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    old, new = connect(source, read_only=True), dbapi().connect(str(target))
    try:
        old.backup(new)
    finally:
        new.close()
        old.close()


def _migrated(source: Path, target: Path) -> None:
    _copy(source, target)
    raw = connect(target)
    try:
        drop_triggers(raw)
    finally:
        raw.close()
    upgrade(target)
    raw = connect(target)
    try:
        create_triggers(raw)
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken or raw.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise UserError(f"台账“{source.name}”升级后核对不上，没有升级", hint="原台账没有动，请把它交给技术人员查看")
    finally:
        raw.close()
