"""Registers and their rows: what there is, listing, adding, changing, deleting, attaching."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from relocdesk import entry
from relocdesk.actions import documents
from relocdesk.book import Book
from relocdesk.command.asking import accepted, ask_for, deleted_row, texts_of
from relocdesk.command.call import DONE, Call, aligned
from relocdesk.field import Field, Register, Value
from relocdesk.queries.computed import target
from relocdesk.queries.rows import Line, Totals, find, key_of, page, rowids, titles, totals
from relocdesk.queries.saying import totals_text
from relocdesk.records import REGISTERS, find_register
from relocdesk.rules.area import mu_2
from relocdesk.rules.money import fixed, yuan

BLOCK = 2_000


def registers_command(call: Call) -> int:
    """All registers with their fields."""
    lines: list[str] = []
    for reg in REGISTERS:
        keys = "；".join("/".join(reg[part.rstrip("?~")].label for part in key) for key in reg.keys)
        made = f"，由“{reg.made_by}”登记" if reg.made_by else ""
        lines += ["", f"{reg.name}　{reg.label}（{reg.group or '不在目录'}，编号：{keys}{made}）"]
        rows = [[f.name, f.title, f.kind.name, "必填" if f.required else "", "编号" if f.name in reg.key_fields else "",
                 "、".join(one.label for one in f.choices or ()) or f.to] for f in reg]  # fmt: skip
        lines += ["  " + line for line in aligned(["栏目", "名称", "类型", "", "", "可填"], rows)]
    call.answer({"registers": [_described(reg) for reg in REGISTERS]}, lines[1:])
    return DONE


def _described(reg: Register) -> dict[str, Any]:
    fields = [{"name": f.name, "label": f.label, "unit": f.unit, "kind": f.kind.name, "required": f.required, "key": f.name in reg.key_fields,
               "computed": f.computed, "to": f.to, "private": f.private,
               "choices": [{"code": one.value, "label": one.label} for one in f.choices or ()]} for f in reg]  # fmt: skip
    return {"name": reg.name, "label": reg.label, "group": reg.group, "key": [list(key) for key in reg.keys], "made_by": reg.made_by, "fields": fields}


# --- list ------------------------------------------------------------------------------------------------------------


def list_command(call: Call) -> int:
    """Rows with what people see and what is stored, and the totals of them all."""
    reg = find_register(call.args.register)
    with call.reading() as book, book.read() as session:
        ask = ask_for(session, reg, call.args.where, call.args.search)
        found = rowids(session, ask)
        summed = totals(session, ask)
        fields = list(reg) if call.args.json else [f for f in reg if f.grid]
        lines = [line for start in range(0, len(found), BLOCK) for line in page(session, reg, found[start : start + BLOCK], fields)]
        if call.args.json:
            keys = key_of(session, reg, [line.id for line in lines])
            rows = [_row(keys[line.id], fields, line) for line in lines]
            call.answer({"rows": rows, "totals": totals_document(summed)})
        else:
            call.answer({}, [*_table(reg, fields, lines), "", f"共 {totals_text(reg, summed)}"])
    return DONE


def _row(key: str, fields: list[Field], line: Line) -> dict[str, Any]:
    shown: dict[str, Any] = {f.name: text for f, text in zip(fields, line.shown, strict=True)}
    raw: dict[str, Value] = {f.name: value for f, value in zip(fields, line.values, strict=True)}
    return {**shown, "key": key, "raw": {"id": line.id, **raw}}


def _table(reg: Register, fields: list[Field], lines: list[Line]) -> list[str]:
    """The grid's columns; private numbers masked, in the keys of people too, for a screen may be seen by others."""
    rows = [[f.discreet(text) for f, text in zip(fields, line.shown, strict=True)] for line in lines]
    return aligned([f.title for f in fields], rows, [target(reg, f)[1].kind.right for f in fields])


def totals_document(found: Totals) -> dict[str, Any]:
    """Totals as figures people compare: 亩 rounded once to 0.01, 元 to the 分; `raw` holds what is stored."""
    return {
        "count": found.count, "households": found.households, "people": found.people,
        "mu": None if found.mu is None else fixed(mu_2(found.mu), 2), "money": None if found.money is None else yuan(found.money),
        "raw": {"mu": found.mu, "money": found.money},
    }  # fmt: skip


# --- one record ------------------------------------------------------------------------------------------------------


def add_command(call: Call) -> int:
    """Adds one record through the same rules as the form."""
    reg = find_register(call.args.register)
    texts, accept = texts_of(reg, call.args.fields), accepted(call.args.accept)
    with call.writing() as book:
        clerk = call.clerk(book)
        with book.change(f"登记{reg.label}", by=clerk) as (session, _):
            row_id = entry.save(session, clerk, reg, texts, accept=accept)
            return _told(call, session, reg, row_id, "已登记")


def set_command(call: Call) -> int:
    """Changes fields of one record; an empty value erases."""
    reg = find_register(call.args.register)
    texts, accept = texts_of(reg, call.args.fields), accepted(call.args.accept)
    with call.writing() as book:
        clerk, row_id = call.clerk(book), _meant(call, book, reg)
        with book.change(f"修改{reg.label}", by=clerk) as (session, _):
            entry.save(session, clerk, reg, texts, row_id, accept)
            return _told(call, session, reg, row_id, "已修改")


def delete_command(call: Call) -> int:
    """Marks one record deleted."""
    reg = find_register(call.args.register)
    with call.writing() as book:
        clerk, row_id = call.clerk(book), _meant(call, book, reg)
        with book.change(f"删除{reg.label}", by=clerk) as (session, _):
            entry.remove(session, clerk, reg, row_id)
            return _told(call, session, reg, row_id, "已删除")


def undelete_command(call: Call) -> int:
    """Brings a deleted record back."""
    reg = find_register(call.args.register)
    with call.writing() as book:
        clerk, row_id = call.clerk(book), _meant(call, book, reg, deleted_row)
        with book.change(f"恢复{reg.label}", by=clerk) as (session, _):
            entry.restore(session, clerk, reg, row_id)
            return _told(call, session, reg, row_id, "已恢复")


def attach_command(call: Call) -> int:
    """Puts a file beside the book and hangs it on a record."""
    reg = find_register(call.args.register)
    file = Path(call.args.file)
    with call.writing() as book:
        clerk, row_id = call.clerk(book), _meant(call, book, reg)
        with book.change(f"添加附件 {file.name}", by=clerk, source="action") as (session, _):
            made = documents.attach(session, clerk, book.path, reg.name, row_id, file, call.args.remark)
            key = key_of(session, reg, [row_id])[row_id]
            call.answer({"key": key, "id": row_id, "name": made.name, "sha256": made.sha256, "size": made.size},
                        f"已附上“{made.name}”：{reg.label} {key}")  # fmt: skip
    return DONE


def _meant(call: Call, book: Book, reg: Register, by: Callable[[Session, Register, str], str] = find) -> str:
    """The record that the key names, among those that whoever acts may see: what is hidden is not there."""
    with book.read() as session:
        return by(session, reg, call.args.key)


def _told(call: Call, session: Session, reg: Register, row_id: str, done: str) -> int:
    session.flush()
    key = key_of(session, reg, [row_id])[row_id]
    title = titles(session, reg, [row_id])[row_id]
    call.answer({"key": key, "id": row_id, "title": title}, f"{done}：{reg.label} {title or key}")
    return DONE
