"""Taking back what was done (撤销): the inverse of whole actions, read from the log. An undo is itself an action.

Nothing is forced: when one row cannot go back, none does, and the reasons are named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select, tuple_, update
from sqlalchemy.orm import Session

from relocdesk import bulk
from relocdesk.clerk import Clerk
from relocdesk.entry.acted import CONFIRMED, KEPT_CURES, ROWS_STAND_ON, STANDS_ON, Later, retractable
from relocdesk.errors import UserError
from relocdesk.field import Register, Value
from relocdesk.history import ADDED, REMOVED, Entry, everything, of_action, unpacked
from relocdesk.ids import chunks
from relocdesk.job import Tick, no_tick
from relocdesk.queries.keys import parts_of
from relocdesk.queries.rows import titles
from relocdesk.records import REGISTERS, register
from relocdesk.records.document import ImportBatch, ImportState
from relocdesk.records.reference import Role
from relocdesk.records.trail import BLOCK_TABLES, OP, TXN
from relocdesk.veil import hidden, hidden_action, hidden_among

_SHOWN = 5  # reasons named in full
UNDONE = "撤销："  # what the history says before the reason of what was taken back
OWN, ANY = (Role.ENTRY, Role.PARTY), (Role.REVIEW, Role.HEAD, Role.ADMIN)
"""Who may take back what they did themselves, and who may take back anybody's."""


def last_actions(session: Session, count: int = 20) -> list[Entry]:
    """The latest actions that could be taken back, newest first; merges and migrations are none, nor is a paper that was only printed."""
    found: list[Entry] = []
    before = 0
    page_of = min(50, count + 2)  # the window asks for the latest one with every page it shows
    while len(found) < count and (page := everything(session, page_of, before, changes=20)):
        found += [entry for entry in page if entry.source not in ("合并", "系统") and not _only_printed(entry)]
        before, page_of = page[-1].number, 50  # behind a day of printing there may be many that do not count
    return found[:count]


def _only_printed(entry: Entry) -> bool:
    """Printing adds a paper, adds copies to one, or puts a new one in the place of one; nothing else deletes papers."""
    copies = register("printout")["copies"].title
    return bool(entry.changes) and all(
        change.register == "printout" and (change.what in (ADDED, REMOVED) or change.field == copies) for change in entry.changes)


def why_of(session: Session, action: str) -> str:
    """What the history says of the undo of an action: for `Book.change`."""
    return f"{UNDONE}{_known(session, action).why}"


def undo(session: Session, clerk: Clerk, action: str, tick: Tick = no_tick) -> str:
    """Takes one action back and says so in a sentence; inside a change with `why_of` as its reason.

    Added rows are marked deleted, deleted ones come back, changed values return; an import is withdrawn whole. Raises UserError with the reasons when
    a value has changed since, a row is settled or numbered, or other rows rely on it; then nothing has changed.
    """
    entry = _known(session, action)
    if entry.source == "导入":
        return withdraw(session, clerk, _batch_of(session, action), tick)
    _refuse_role(clerk, entry)
    removed, changed = take_back(session, clerk, [action], tick=tick)
    return f"已撤销{entry.name} {entry.at} 的“{entry.why}”：{_counted(removed, changed)}"


def withdraw(session: Session, clerk: Clerk, batch: str, tick: Tick = no_tick) -> str:
    """Takes a whole import back and says so in a sentence. Raises UserError, changing nothing, when something depends on it."""
    action = _action_of(session, batch)
    row = session.get_one(ImportBatch, batch)
    if clerk.role not in ANY and not (clerk.role in OWN and clerk.name == row.applied_by):
        raise UserError(f"{clerk.name}不能撤回{row.applied_by}的导入", hint="请由本人，或由审核、负责人岗位的人员办理", code="ROLE")
    removed, changed = take_back(session, clerk, [action], leave=("import_batch",), imported=True, tick=tick)
    session.get_one(ImportBatch, batch).state = ImportState.WITHDRAWN.value
    session.flush()
    return f"已撤回导入批次 {row.line}（{row.file}）：删去 {removed} 条，改回 {changed} 条"


def _action_of(session: Session, batch: str) -> str:
    """The action in the log that applied a batch; raises UserError when the batch was withdrawn or is unknown."""
    row = session.get(ImportBatch, batch)
    if row is None or row.deleted:
        raise UserError("没有这个导入批次", hint="请在导入记录里选择")
    if row.state == ImportState.WITHDRAWN:
        raise UserError(f"导入批次 {row.line} 已经撤回过了", hint="请核对批次")
    found = session.execute(select(TXN.c.action).join(OP, OP.c.txn == TXN.c.id).where(OP.c.row == batch, OP.c.kind == "i")).scalar()
    if found is None:
        raise UserError(f"导入批次 {row.line} 还没有保存", hint="请先保存，再撤回")
    return str(found)


def _batch_of(session: Session, action: str) -> str:
    """The import that an action of the log was; raises UserError when it left no entry of its own."""
    made = select(OP.c.row).join(TXN, OP.c.txn == TXN.c.id).where(TXN.c.action == action, OP.c.tbl == "import_batch", OP.c.kind == "i")
    found = session.execute(made).scalar()
    if found is None:
        raise UserError("变更记录里没有这次导入的批次，不能撤销", hint="请逐条更正")
    return str(found)


def _counted(removed: int, changed: int) -> str:
    parts = [f"删去 {removed} 条" if removed else "", f"改回 {changed} 条" if changed else ""]
    return "，".join(part for part in parts if part)


def _known(session: Session, action: str) -> Entry:
    entry = of_action(session, action, changes=1)
    if entry is None:
        raise UserError("变更记录里没有这次操作", hint="请刷新后再看")
    if entry.source in ("合并", "系统"):
        raise UserError(f"{entry.source}得来的内容不能撤销", hint="请逐条更正")
    return entry


def _refuse_role(clerk: Clerk, entry: Entry) -> None:
    if clerk.role in ANY or (clerk.role in OWN and clerk.name == entry.name):
        return
    names = "、".join(role.label for role in ANY)
    raise UserError(f"{clerk.name}不能撤销{entry.name}办的事", hint=f"请由本人，或由{names}岗位的人员办理", code="ROLE")


# --- the engine ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Back:
    """What happens to one row: how it must stand now, how it stood before, and whether the actions had made it."""

    made: bool = False
    now: dict[str, Value] = field(default_factory=dict)
    before: dict[str, Value] = field(default_factory=dict)


def take_back(session: Session, clerk: Clerk, actions: Sequence[str], *, leave: Collection[str] = (), imported: bool = False,
              tick: Tick = no_tick) -> tuple[int, int]:  # fmt: skip
    """Takes actions back together and returns how many rows were removed and how many changed back.

    Rows of the registers named in `leave` stay as they are (an import's own entry). What was `imported` may go even from registers
    that are kept whole: a workbook brought in by mistake, as long as nothing was done with its rows. Raises UserError as `undo` does.
    """
    if any(hidden_action(session.connection(), clerk.role, one) for one in actions):
        raise UserError("这次操作涉及您不能看的内容，不能撤销", hint="请由负责人或党务办理", code="ROLE")
    wanted = _gathered(session, actions, leave)
    present = {name: _present(session, register(name), rows) for name, rows in wanted.items()}
    for name, rows in wanted.items():  # what was made and is gone already needs nothing
        for row_id in [one for one, back in rows.items() if back.made and present[name][one]["deleted"]]:
            del rows[row_id]
    if not any(wanted.values()):
        raise UserError("这次操作的内容都已经不在，没有可撤销的", hint="请看变更记录，可能已经撤销过了")
    removed = {row_id for rows in wanted.values() for row_id, back in rows.items() if back.made}
    end = session.execute(select(func.max(TXN.c.id)).where(TXN.c.action.in_(actions))).scalar_one()
    reasons = [*_settled(session, wanted, present, imported), *_touched(wanted, present), *_relied_on(session, wanted, removed, present),
               *_orphaned(session, wanted, present, removed), *_taken(session, wanted, present),
               *_stranded(session, wanted, present, removed, end), *_overtaken(session, wanted, present)]  # fmt: skip
    if reasons:
        more = f"，另有 {len(reasons) - _SHOWN} 处" if len(reasons) > _SHOWN else ""
        raise UserError("不能撤销：" + "；".join(reasons[:_SHOWN]) + more, hint="请先处理这些记录，或逐条更正", code="UNDO")
    total = sum(len(rows) for rows in wanted.values())
    done = 0
    for name, rows in wanted.items():
        done += _write(session, register(name), rows)
        tick(done, total, "撤销")
    session.expire_all()
    return len(removed), total - len(removed)


def _gathered(session: Session, actions: Sequence[str], leave: Collection[str]) -> dict[str, dict[str, Back]]:
    """Register → row → the net effect of the actions, turned round."""
    query = select(OP).join(TXN, OP.c.txn == TXN.c.id).where(TXN.c.action.in_(actions), OP.c.tbl.not_in(leave)).order_by(OP.c.txn, OP.c.n)
    found: dict[str, dict[str, Back]] = {}
    for op in (op for row in session.execute(query) for op in unpacked(*row)):
        back = found.setdefault(op.table, {}).setdefault(op.row, Back())
        if op.kind == "i":
            table = register(op.table).cls.__table__
            back.made = True
            back.now = {c.name: op.cells.get(c.name) for c in table.columns if c.name not in ("id", "home")} | {"deleted": 0}
            continue
        for column, (old, new) in op.cells.items():
            back.before.setdefault(column, old)
            back.now[column] = new
    for name in list(found):
        found[name] = {row_id: back for row_id, back in found[name].items() if back.made or _net(back)}
    return found


def _net(back: Back) -> bool:
    """Drops what the actions themselves brought back; whether anything is left."""
    for column in [one for one, old in back.before.items() if old == back.now[one]]:
        del back.before[column], back.now[column]
    return bool(back.before)


def _present(session: Session, reg: Register, rows: Collection[str]) -> dict[str, dict[str, Value]]:
    """How rows stand on disk."""
    table = reg.cls.__table__
    found: dict[str, dict[str, Value]] = {}
    for some in chunks(rows):
        for row in session.execute(select(table).where(table.c.id.in_(some))).mappings():
            found[row["id"]] = dict(row)
    return found


def _write(session: Session, reg: Register, rows: dict[str, Back]) -> int:
    table: Table = reg.cls.__table__
    if reg.name in BLOCK_TABLES and reg.parent is not None:
        return _write_blocks(session, reg, rows, table.c[reg.parent.name])
    for some in chunks(row_id for row_id, back in rows.items() if back.made):
        session.execute(update(table).where(table.c.id.in_(some)).values(deleted=1))
    for row_id, back in rows.items():
        if not back.made:
            session.execute(update(table).where(table.c.id == row_id).values(**back.before))
    return len(rows)


def _write_blocks(session: Session, reg: Register, rows: dict[str, Back], parent: ColumnElement[str]) -> int:
    table: Table = reg.cls.__table__
    owned: dict[str, dict[str, dict[str, Value]]] = {}
    for some in chunks(rows):
        for row_id, owner in session.execute(select(table.c.id, parent).where(table.c.id.in_(some))):
            owned.setdefault(owner, {})[row_id] = {"deleted": 1} if rows[row_id].made else rows[row_id].before
    return sum(bulk.change(session, reg, owner, mine) for owner, mine in owned.items())


# --- why not ---------------------------------------------------------------------------------------------------------

Wanted = dict[str, dict[str, Back]]
Present = dict[str, dict[str, dict[str, Value]]]


def _name(session: Session, reg: Register, row_id: str) -> str:
    clerk = session.info.get("clerk")
    if clerk is not None and hidden(session.connection(), clerk.role, reg.name, [row_id]):
        return reg.label
    title = titles(session, reg, [row_id]).get(row_id, "")
    return f"{reg.label}“{title}”" if title else reg.label


def _touched(wanted: Wanted, present: Present) -> Iterator[str]:
    """Rows that somebody has changed since."""
    for name, rows in wanted.items():
        reg = register(name)
        for row_id, back in rows.items():
            row = present[name][row_id]
            columns = [column for column, value in back.now.items() if row[column] != value]
            if columns:
                labels = "、".join(reg[c].label if c in reg else "删除标记" for c in columns)
                yield f"{reg.label}“{_called(reg, row)}”的{labels}后来又改过"


def _called(reg: Register, row: dict[str, Value]) -> str:
    plain = [reg[name].show(row[name]) for name in reg.title if reg[name].stored and not reg[name].to]
    return " ".join(text for text in plain if text)


def _settled(session: Session, wanted: Wanted, present: Present, imported: bool) -> Iterator[str]:
    """Rows that only their own action may change: frozen, numbered without gaps, confirmed by signature, or holding money until answered."""
    for name, rows in wanted.items():
        reg = register(name)
        states = _states(session, reg, present[name])
        fixed, kept = CONFIRMED.get(name, ()), (reg.kept or name in KEPT_CURES) and reg.parent is None
        for row_id, back in rows.items():
            row = present[name][row_id]
            if reg.frozen and states.get(row_id) in reg.frozen[1]:
                yield f"{_name(session, reg, row_id)}已经办结"
            elif kept and not (imported or retractable(reg, row)) and (back.made or "deleted" in back.before):
                yield f"{_name(session, reg, row_id)}要完整留底，{KEPT_CURES.get(name, '请办理作废或结束')}"
            elif row.get("confirmed") and "confirmed" not in back.before and any(one in back.before for one in fixed):
                yield f"{_name(session, reg, row_id)}已签字确认"


def _states(session: Session, reg: Register, rows: dict[str, dict[str, Value]]) -> dict[str, Value]:
    """Row → the state that may freeze it, its own or that of the record it belongs to."""
    if reg.frozen is None:
        return {}
    link, _, state = reg.frozen[0].rpartition(".")
    if not link:
        return {row_id: row[state] for row_id, row in rows.items()}
    table = register(reg[link].to).cls.__table__
    owners = {str(row[link]) for row in rows.values() if row[link]}
    found: dict[str, Value] = {}
    for some in chunks(owners):
        found.update((row[0], row[1]) for row in session.execute(select(table.c.id, table.c[state]).where(table.c.id.in_(some))))
    return {row_id: found.get(str(row[link])) for row_id, row in rows.items()}


def _relied_on(session: Session, wanted: Wanted, removed: set[str], present: Present) -> Iterator[str]:
    """Rows to be removed that other living rows point to; those that the clerk must not see have no name and no number."""
    clerk = session.info.get("clerk")
    gone = removed | {row_id for rows in wanted.values() for row_id, back in rows.items() if back.before.get("deleted") == 1}
    for name, rows in wanted.items():
        leaving = [row_id for row_id in rows if row_id in gone]
        for other in REGISTERS:
            for f in other.stored:
                if f.to == name or (other.name == "printout" and f.name == "record"):
                    users = _pointing(session, other, f.name, leaving, gone, wanted)
                    seen = len(users) - len(hidden_among(session.connection(), clerk.role if clerk else "", other.name, users))
                    if users:
                        yield f"还有{f' {seen} 条{other.label}' if seen else '别的记录'}用着这次新增的{register(name).label}"


def _pointing(session: Session, other: Register, link: str, leaving: list[str], gone: set[str], wanted: Wanted) -> list[str]:
    table = other.cls.__table__
    mine = wanted.get(other.name, {})
    found: list[str] = []
    for some in chunks(leaving):
        rows = session.execute(select(table.c.id).where(table.c[link].in_(some), table.c.deleted == 0)).scalars()
        # A row that lets go of the reference in the same undo no longer points to it.
        found += [one for one in rows if one not in gone and not (one in mine and link in mine[one].before)]
    return found


def _orphaned(session: Session, wanted: Wanted, present: Present, removed: set[str]) -> Iterator[str]:
    """Rows that would come to point to something deleted meanwhile."""
    for name, rows in wanted.items():
        reg = register(name)
        for f in reg.stored:
            if not f.to:
                continue
            after: dict[str, str] = {}
            for row_id, back in rows.items():
                values = present[name][row_id] | back.before
                if not back.made and not values["deleted"] and values[f.name] and (f.name in back.before or "deleted" in back.before):
                    after[row_id] = str(values[f.name])
            coming = {row_id for row_id, back in wanted.get(f.to, {}).items() if back.before.get("deleted") == 0}
            table = register(f.to).cls.__table__
            dead: set[str] = set()
            for some in chunks(set(after.values())):
                dead |= set(session.execute(select(table.c.id).where(table.c.id.in_(some), table.c.deleted == 1)).scalars())
            for row_id, there in after.items():
                if there in removed or (there in dead and there not in coming):
                    yield f"{_name(session, reg, row_id)}的{f.label}已经删除"


def _stranded(session: Session, wanted: Wanted, present: Present, removed: set[str], end: int) -> Iterator[str]:
    """Rows that would keep what came after what goes back: an answer to a petition that was never taken up.

    What a ledger told before (an old case closed without a day of acceptance) stands without it and is no obstacle.
    """
    for name in wanted.keys() & STANDS_ON.keys():
        reg = register(name)
        for row_id, back in wanted[name].items():
            after = present[name][row_id] | back.before
            gone = [column for column in STANDS_ON[name] if column in back.before and after[column] is None]
            later = [one for column in gone for one in STANDS_ON[name][column] if after[one]]
            told = [reg[one].label for one in later if one in _written_since(session, name, row_id, end)]
            others = [other for column in gone if (other := ROWS_STAND_ON.get((name, column)))]
            told += [one.words or register(one.register).label for one in others if _has_rows(session, one, {"id": row_id, **after}, removed, end)]
            if told:
                yield f"{_name(session, reg, row_id)}后来登记了{'、'.join(told)}，要先撤销后来的办理"


def _overtaken(session: Session, wanted: Wanted, present: Present) -> Iterator[str]:
    """Histories that are kept with their record (整改状态变化) go back from their end: nothing later of the record may stay."""
    for name, rows in wanted.items():
        reg = register(name)
        if not reg.kept or reg.parent is None:
            continue
        table = reg.cls.__table__
        for row_id in rows:
            owner = present[name][row_id][reg.parent.name]
            later = session.execute(select(table.c.id).where(table.c[reg.parent.name] == owner, table.c.id > row_id, table.c.deleted == 0)).scalars()
            if any(one not in rows for one in later):
                yield f"{_name(session, register(reg.parent.to), str(owner))}后来又登记了{reg.label}，要先撤销后来的办理"


def _written_since(session: Session, name: str, row_id: str, end: int) -> set[str]:
    """The columns of a row that transactions after `end` wrote."""
    ops = session.execute(select(OP).where(OP.c.tbl == name, OP.c.row == row_id, OP.c.txn > end))
    return {column for row in ops for op in unpacked(*row) for column in op.cells}


def _has_rows(session: Session, other: Later, row: Mapping[str, Any], removed: set[str], end: int) -> bool:
    """Whether living rows were added after `end`."""
    table = register(other.register).cls.__table__
    added = select(OP.c.row).where(OP.c.tbl == other.register, OP.c.kind == "i", OP.c.txn > end)
    living = select(table.c.id).where(table.c[other.link] == row[other.own], table.c.deleted == 0, table.c.id.in_(added),
                                      *(table.c[name] == value for name, value in other.where))  # fmt: skip
    return any(one not in removed for one in session.execute(living).scalars())


def _taken(session: Session, wanted: Wanted, present: Present) -> Iterator[str]:
    """Rows whose key another living row has taken meanwhile."""
    for name, rows in wanted.items():
        reg, table = register(name), register(name).cls.__table__
        for key in reg.keys_on_disk:
            names = parts_of(key)
            needed = [part for part in key if not part.endswith(("?", "~"))]
            after: dict[tuple[Value, ...], str] = {}
            for row_id, back in rows.items():
                values = present[name][row_id] | back.before
                moved = any(column in back.before for column in (*names, "deleted"))
                if not back.made and moved and not values["deleted"] and all(values[part] is not None for part in needed):
                    after[tuple(values[part] for part in names)] = row_id
            # Empty parts compare as "" so that one statement finds whole keys.
            whole = tuple_(*(func.coalesce(table.c[part], "") for part in names))
            keys = [tuple("" if part is None else part for part in one) for one in after]
            for start in range(0, len(keys), 1000):
                same: Any = select(table.c.id).where(table.c.deleted == 0, whole.in_(keys[start : start + 1000]))
                for other in session.execute(same).scalars():
                    if other not in rows:
                        yield f"{_name(session, reg, other)}的编号已经用上"
