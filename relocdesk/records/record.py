"""What every register has in common: identity, home, the deletion mark, and how tables and indexes are named."""

from __future__ import annotations

import os
import time
import uuid
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Index, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from relocdesk.field import Note, field

NAMESPACE = uuid.UUID("6f0b1d1e-93a5-5c1b-8a55-0f1f0c6d2e71")  # ours; part of the format, never to change
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> str:
    """A UUIDv7 (RFC 9562) as 32 lower hex digits: sorts by creation time, needs no coordination between laptops."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return f"{value:032x}"


@cache
def home_id(code: str) -> str:
    """The home of an administrative area, the same on every laptop: 6 digits name a county, 9 or more a township.

    >>> home_id("530523001") == home_id("530523001002")
    True
    """
    name = f"county:{code}" if len(code) == 6 else f"township:{code[:9]}"
    return uuid.uuid5(NAMESPACE, name).hex


def reference_id(home: str, table: str, key: str) -> str:
    """The id of a seeded or reference row: the same on every laptop for the same key."""
    return uuid.uuid5(uuid.UUID(home), f"{table}:{key}").hex


class Record(DeclarativeBase):
    """The base of every register. Words with two underscores are the register's own declaration."""

    metadata = MetaData(naming_convention=NAMES)

    __keys__: ClassVar[tuple[tuple[str, ...], ...]] = ()
    __title__: ClassVar[tuple[str, ...]] = ()
    __home__: ClassVar[tuple[str, ...]] = ()
    __group__: ClassVar[str] = ""
    __frozen__: ClassVar[tuple[str, ...] | None] = None
    __kept__: ClassVar[bool] = False
    __reference__: ClassVar[bool] = False

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id, sort_order=-3)
    home: Mapped[str] = mapped_column(String(32), sort_order=-2)
    deleted: Mapped[int] = mapped_column(Integer, default=0, server_default="0", sort_order=-1)
    merged_into: Mapped[str | None] = mapped_column(String(32), sort_order=-1)
    remark: Mapped[Note | None] = field("备注", grid=False, width=20)

    def __init_subclass__(cls, **words: Any) -> None:
        super().__init_subclass__(**words)
        table = cls.__table__
        leading: set[str] = set()
        for key in cls.__keys__:
            columns = [table.c[part.rstrip("?~")] for part in key]
            Index(None, *columns)
            leading.add(columns[0].name)
        for column in table.columns:
            words_of = column.info.get("field")
            if words_of is not None and words_of.to and column.name not in leading:
                Index(None, column)
