"""The operation log: who changed what, when and why, chained by hashes; and the triggers that write it.

The log is the audit trail and, later, what is merged between laptops; the registers are a function of it. Triggers are
generated from the declarations, so that forms, bulk imports and raw statements alike leave their operations. A trigger
calls trail_txn() and trail_n(), which only our own connections register: another program that edits the file fails
instead of making an unlogged change.

On the wire an operation is named by (home, rid, tseq, n); on disk it points to its transaction by a local number, which
saves some 70 bytes a row.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, text

from relocdesk.records.record import Record

_meta = Record.metadata

META = Table("meta", _meta, Column("uuid", String(32), primary_key=True), Column("format", Integer, nullable=False),
             Column("rules", Integer, nullable=False), Column("made_at", Text, nullable=False))  # fmt: skip
EPOCH = Table("epoch", _meta, Column("home", String(32), primary_key=True), Column("rid", String(40), primary_key=True),
              Column("e", Integer, primary_key=True, autoincrement=False), Column("vv", Text, nullable=False),
              sqlite_with_rowid=False)  # fmt: skip
TXN = Table(
    "txn", _meta,
    Column("id", Integer, primary_key=True),  # local number, never synced
    Column("home", String(32), nullable=False), Column("rid", String(40), nullable=False),
    Column("tseq", Integer, nullable=False), Column("lc", Integer, nullable=False), Column("e", Integer, nullable=False),
    Column("action", String(32), nullable=False),  # one clerk's action may touch several homes
    Column("operator", String(32)), Column("name", Text), Column("role", Text), Column("at", Text, nullable=False),
    Column("why", Text, nullable=False), Column("source", Text, nullable=False), Column("app", Text, nullable=False),
    Column("schema", Integer, nullable=False), Column("nops", Integer, nullable=False),
    Column("prev", String(64), nullable=False), Column("hash", String(64), nullable=False),
    Index(None, "home", "rid", "tseq"), Index(None, "action"),
)  # fmt: skip
OP = Table("op", _meta, Column("txn", Integer, primary_key=True, autoincrement=False),
           Column("n", Integer, primary_key=True, autoincrement=False), Column("tbl", Text, nullable=False),
           Column("row", String(32), nullable=False), Column("kind", String(1), nullable=False),
           Column("cells", Text, nullable=False), Index(None, "row"),
           Index("ix_op_block", "txn", sqlite_where=text("kind IN ('b', 'B')")), sqlite_with_rowid=False)  # fmt: skip
IS_BLOCK = text("op.kind IN ('b', 'B')")  # as SQLite must see it to use the index of blocks
VV = Table("vv", _meta, Column("home", String(32), primary_key=True), Column("rid", String(40), primary_key=True),
           Column("tseq", Integer, nullable=False), Column("lc", Integer, nullable=False),
           Column("hash", String(64), nullable=False), sqlite_with_rowid=False)  # fmt: skip
TABLES = (META, EPOCH, TXN, OP, VV)
BLOCK_TABLES = frozenset({"support_payment"})  # their rows may come and change many at a time, logged by `bulk` as one operation

# In the file, but of this copy only: neither logged nor handed over.
LOCAL_MAPPING = Table("local_mapping", _meta, Column("register", Text, primary_key=True), Column("shape", Text, primary_key=True),
                      Column("mapping", Text, nullable=False), sqlite_with_rowid=False)  # fmt: skip
LOCAL_VIEW = Table("local_view", _meta, Column("register", Text, primary_key=True), Column("name", Text, primary_key=True),
                   Column("spec", Text, nullable=False), sqlite_with_rowid=False)  # fmt: skip
# What the lines of each period add up to; kept by `totals`, recomputed by `verify`.
LOCAL_PERIOD = Table("local_period", _meta, Column("period", String(32), primary_key=True),
                     *(Column(name, BigInteger, nullable=False) for name in ("lines", "heads", "due", "back_pay", "deducted", "paid",
                                                                             "succeeded", "returned", "waiting")),
                     sqlite_with_rowid=False)  # fmt: skip
LOCAL_STATE = Table("local_state", _meta, Column("key", Text, primary_key=True), Column("value", Text, nullable=False),
                    sqlite_with_rowid=False)  # fmt: skip


def logged_tables() -> list[Table]:
    """Every table whose rows are logged: the registers."""
    return [table for table in _meta.sorted_tables if "home" in table.c and "deleted" in table.c]


def trigger_names() -> list[str]:
    """The names of all triggers, for dropping them before a migration."""
    return [f"trail_{table.name}_{what}" for table in logged_tables() for what in ("insert", "update", "delete")]


def triggers(groups: dict[str, dict[str, tuple[str, ...]]]) -> Iterator[str]:
    """The statements that create all triggers. `groups`: table → merge group → its columns."""
    for table in logged_tables():
        yield _insert_trigger(table)
        yield _update_trigger(table, groups.get(table.name, {}))
        yield (
            f'CREATE TRIGGER "trail_{table.name}_delete" BEFORE DELETE ON "{table.name}" BEGIN '
            "SELECT RAISE(ABORT, 'rows are marked deleted, never removed'); END"
        )


def _data_columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name not in ("id", "home")]


def _insert_trigger(table: Table) -> str:
    # An insert says only what was given. Pieces joined by hand cost a third of json_object and json_patch.
    pieces = []
    for name in _data_columns(table):
        if name != "deleted":
            value = f'NEW."{name}"'
            pieces.append(f"iif({value} IS NULL, '', ',\"{name}\":' || json_quote({value}))")
    when = "".join(f"WHEN {one} " for one in _unless_block(table))
    return (
        f'CREATE TRIGGER "trail_{table.name}_insert" AFTER INSERT ON "{table.name}" {when}BEGIN '
        f"INSERT INTO op(txn, n, tbl, row, kind, cells) VALUES (trail_txn(NEW.home), trail_n(), '{table.name}', NEW.id, 'i', "
        f"'{{' || substr({' || '.join(pieces)}, 2) || '}}'); END"
    )


def _update_trigger(table: Table, groups: dict[str, tuple[str, ...]]) -> str:
    group_of = {name: names for names in groups.values() for name in names}
    cells = []
    for name in _data_columns(table):
        changed = " OR ".join(f'OLD."{other}" IS NOT NEW."{other}"' for other in group_of.get(name, (name,)))
        cells.append(f"CASE WHEN {changed} THEN ',\"{name}\":' || json_array(OLD.\"{name}\", NEW.\"{name}\") ELSE '' END")
    differs = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in [*_data_columns(table), "id", "home"])
    when = " AND ".join([*_unless_block(table), f"({differs})"])
    return (
        f'CREATE TRIGGER "trail_{table.name}_update" AFTER UPDATE ON "{table.name}" WHEN {when} BEGIN '
        "SELECT CASE WHEN OLD.id IS NOT NEW.id OR OLD.home IS NOT NEW.home THEN RAISE(ABORT, 'a row keeps its id and home') END; "
        f"INSERT INTO op(txn, n, tbl, row, kind, cells) VALUES (trail_txn(NEW.home), trail_n(), '{table.name}', NEW.id, 'u', "
        f"'{{' || substr({' || '.join(cells)}, 2) || '}}'); END"
    )



def _unless_block(table: Table) -> tuple[str, ...]:
    """The condition that silences a trigger while `bulk` logs rows of this table as a block."""
    return ("trail_block() = 0",) if table.name in BLOCK_TABLES else ()
