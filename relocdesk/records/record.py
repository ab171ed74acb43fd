"""What every register has in common: identity, home, the deletion mark, and how tables and indexes are named."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from sqlalchemy import Index, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from relocdesk.field import TEXT, Kind, Note, Value, field
from relocdesk.ids import new_id
from relocdesk.rules.days import local_moment

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def _show_moment(value: Value) -> str:
    """Minutes at +08:00; a text that is no moment stays as it is."""
    try:
        return local_moment(str(value)) if value else ""
    except ValueError:
        return str(value)


MOMENT = Kind("text", TEXT.read, show=_show_moment)  # workbooks keep the exact moment (plain), so that they import back unchanged
Moment = Annotated[str, mapped_column(String), MOMENT]


class Record(DeclarativeBase):
    """The base of every register. Words with two underscores are the register's own declaration."""

    metadata = MetaData(naming_convention=NAMES)

    __keys__: ClassVar[tuple[tuple[str, ...], ...]] = ()
    __title__: ClassVar[tuple[str, ...]] = ()
    __home__: ClassVar[tuple[str, ...]] = ()
    __group__: ClassVar[str] = ""
    __frozen__: ClassVar[tuple[str, ...] | None] = None
    __kept__: ClassVar[bool] = False
    __made_by__: ClassVar[str] = ""
    __reference__: ClassVar[bool] = False
    __seen_by__: ClassVar[tuple[str, ...]] = ()
    __secret__: ClassVar[tuple[str, str, tuple[str, ...]] | None] = None
    __indexed__: ClassVar[int | None] = None  # how many parts of a key its index has, where the others would only cost room
    __counted__: ClassVar[bool] = False  # numbers are counted by hand: 2 comes before 10; for small registers only
    __unindexed__: ClassVar[tuple[str, ...]] = ()  # references by which nobody looks for rows; an index would only cost room

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
            columns = [table.c[part.rstrip("?~")] for part in key if part.rstrip("?~") in table.c]  # a part seen through a reference is none
            if columns:
                Index(None, *columns[: cls.__indexed__])
                leading.add(columns[0].name)
        for column in table.columns:
            words_of = column.info.get("field")
            if words_of is not None and words_of.to and column.name not in leading and column.name not in cls.__unindexed__:
                Index(None, column)
