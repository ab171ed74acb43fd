"""What some roles must not see (检举控告, talks, home visits, pledges): hidden below every query, in the connection itself.

While somebody looks who may not see them, the tables that hold such rows are covered by temporary views of the same name
without them. Lists, searches, totals, keys, history, exports and papers read these views without knowing, so none can
forget. Changes see everything (numbers stay gapless); what they touch is asked of `hidden`.
What is hidden is written here in plain SQL because a book opens before any register is loaded; a test holds it against
the declarations of the registers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from functools import cache
from typing import Any

SEEING = ("head", "party")
ALL = "1"  # every row of a table


@dataclass(frozen=True, slots=True)
class Secret:
    """Rows of a table that only some roles see: those that meet `where`."""

    table: str
    where: str
    roles: tuple[str, ...] = SEEING


_DENOUNCED = "SELECT id FROM main.petition WHERE purpose = 'report'"
SECRETS = (
    Secret("petition", "purpose = 'report'"),
    Secret("petition_step", f"petition IN ({_DENOUNCED})"),
    Secret("petition_review", f"petition IN ({_DENOUNCED})"),
    Secret("talk", ALL),
    Secret("home_visit", ALL),
    Secret("visit_family", ALL),
    Secret("pledge", ALL),
)
_HANGING = ("printout", "attachment", "override", "platform_entry")  # rows that belong to a record of any register, and files to sheets
_FILES = "import_batch"  # names the file that rows came from
_BROUGHT = ("SELECT 1 FROM main.op AS mine JOIN main.txn AS ours ON ours.id = mine.txn JOIN main.txn AS same ON same.action = ours.action "
            "JOIN main.op AS theirs ON theirs.txn = same.id WHERE mine.row = import_batch.id AND mine.kind = 'i'")  # fmt: skip
_LOG = "op"


@cache
def conditions(role: str) -> dict[str, str]:
    """Table → which of its rows a role must not see, as SQL over the table's own columns; "" is nobody in particular."""
    found = {one.table: one.where for one in SECRETS if role not in one.roles}
    if not found:
        return {}
    partly = ", ".join(f"'{name}'" for name, where in found.items() if where != ALL)  # only their files are looked into, row by row
    brought = f"CASE WHEN register IN ({partly}) THEN EXISTS ({_BROUGHT} AND ({_about('theirs.tbl', 'theirs.row', found)})) END"
    found[_FILES] = f"register IN ({_whole(found)}) OR {brought}"
    for table in _HANGING:  # one after the other: the scan of a hidden sheet is hidden as well
        found[table] = _about("register", "record", found)
    return found | {_LOG: _about("tbl", '"row"', found)}


def is_secret(table: str) -> bool:
    """Whether a register has rows that not everybody sees."""
    return any(one.table == table for one in SECRETS)


def _whole(found: dict[str, str]) -> str:
    return ", ".join(f"'{name}'" for name, where in found.items() if where == ALL)


def _about(table: str, row: str, found: dict[str, str]) -> str:
    """Whether what two columns name is hidden: any row of a table that is hidden whole, else one of its hidden rows."""
    cases = " ".join(f"WHEN '{name}' THEN {row} IN (SELECT id FROM main.{name} WHERE {where})" for name, where in found.items() if where != ALL)
    return f"{table} IN ({_whole(found)}) OR CASE {table} {cases} END"


def draw(raw: Any, remembered: MutableMapping[Any, Any], role: str | None) -> None:
    """Makes a connection show what a role may see; None shows everything. `remembered` is the connection's own notebook."""
    wanted = conditions(role) if role is not None else {}
    before: tuple[tuple[str, str], ...] = remembered.get("veil", ())
    now = tuple(sorted(wanted.items()))
    if before == now:
        return
    raw.execute("PRAGMA query_only=0")
    for table, _ in before:
        raw.execute(f"DROP VIEW temp.{table}")
    for table, where in now:  # the rowid goes along: grids know rows by it (the log has none)
        handle = "" if table == _LOG else "rowid AS rowid, "
        raw.execute(f"CREATE TEMP VIEW {table} AS SELECT {handle}* FROM main.{table} WHERE ({where}) IS NOT 1")
    remembered["veil"] = now


def hidden(connection: Any, role: str, table: str, rows: Iterable[str]) -> bool:
    """Whether a role must not see one of these rows; asked where everything is seen, before anything is done to them."""
    return bool(hidden_among(connection, role, table, rows))


def hidden_among(connection: Any, role: str, table: str, rows: Iterable[str]) -> set[str]:
    """Those of these rows that a role must not see; "" is nobody in particular."""
    where = conditions(role).get(table)
    if where is None:
        return set()
    ask = f'SELECT id FROM main."{table}" WHERE id IN (SELECT value FROM json_each(?)) AND ({where})'
    return {row for (row,) in connection.exec_driver_sql(ask, (json.dumps(list(rows)),))}


def taken(connection: Any, role: str, table: str, column: str, value: Any) -> bool:
    """Whether a living row that a role must not see has this value, such as a number that must not be given again."""
    where = conditions(role).get(table)
    if where is None or value is None:
        return False
    ask = f'SELECT 1 FROM main."{table}" WHERE "{column}" = ? AND deleted = 0 AND ({where})'
    return connection.exec_driver_sql(ask, (value,)).first() is not None


def given(connection: Any, table: str, column: str, head: str) -> list[str]:
    """The values of a column that begin with a text, of all rows, deleted and hidden ones too: numbers that are not given again."""
    ask = f'SELECT "{column}" FROM main."{table}" WHERE "{column}" >= ? AND "{column}" < ?'
    return [value for (value,) in connection.exec_driver_sql(ask, (head, head + "\U0010ffff"))]


def hidden_action(connection: Any, role: str, action: str) -> bool:
    """Whether an action of the history touched anything that a role must not see."""
    where = conditions(role).get(_LOG)
    if where is None:
        return False
    ask = f'SELECT 1 FROM main.op WHERE txn IN (SELECT id FROM main.txn WHERE "action" = ?) AND ({where}) LIMIT 1'
    return connection.exec_driver_sql(ask, (action,)).first() is not None
