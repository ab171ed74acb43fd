"""Petition ledgers that keep what was done in one cell: 办理情况 becomes steps where each day is certain, else it stays as text in 备注."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import entry
from relocdesk.clerk import Clerk
from relocdesk.entry import Changed, Judgement, Trouble
from relocdesk.entry.cells import cell_text
from relocdesk.errors import UserError
from relocdesk.excel.body import Body
from relocdesk.excel.sheet import Sheet
from relocdesk.excel.sides import Side, Sides
from relocdesk.excel.titles import plain_title
from relocdesk.field import Register, Value
from relocdesk.ids import chunks
from relocdesk.records import register
from relocdesk.records.petition import Petition, PetitionStep
from relocdesk.rules.steps import steps_of

STEPS = "petition_step"
_EMPTY = frozenset(("", "/", "-", "—", "——", "无"))


@dataclass
class Steps:
    """What the cells say: the steps by row, and the texts that stay texts."""

    read: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    kept: dict[int, str] = field(default_factory=dict)


@cache
def _titles() -> frozenset[str]:
    f = register(STEPS)["progress"]
    return frozenset(plain_title(word) for word in (f.label, *f.also))


def step_side(title: str) -> tuple[str, str, str, str] | None:
    """What a title of a petition ledger says of its steps: (register, choice, field, unit)."""
    return (STEPS, "", "progress", "") if plain_title(title.rpartition("/")[2]) in _titles() else None


def read_steps(sheet: Sheet, sides: tuple[Side, ...], reg: Register, body: Body, until: str) -> Steps:
    """Reads the cells; a text whose days are not certain is kept as a text, with a warning."""
    out = Steps()
    side = next((one for one in sides if one.register == STEPS), None)
    if side is None:
        return out
    came = next((n for n, f in enumerate(body.fields) if f.name == "received_on"), None)
    for number, cells in body.rows:
        f = register(STEPS)["progress"]
        text = str(f.read(cell_text(sheet.cells[number - sheet.first_row - 1][side.column], f)[0]) or "")
        if text in _EMPTY:
            continue
        steps = steps_of(text, _day(reg, cells[came]) if came is not None else "", until)
        if steps:
            out.read[number] = steps
        else:
            out.kept[number] = f"{side.title}：{text}"
            told = "看不出每一步是哪一天，照原文记在备注里；需要的请在“办理过程”里逐条登记"
            body.warnings.append(Trouble(number, f"{side.register}.{side.choice}.{side.name}", side.title, text[:60], told, "STEPS"))
    return out


def _day(reg: Register, cell: object) -> str:
    f = reg["received_on"]
    try:
        return str(f.read(cell_text(cell, f)[0]) or "")  # type: ignore[arg-type]  # cells are raw
    except UserError:
        return ""


def judge_steps(session: Session, clerk: Clerk, steps: Steps, parent: Judgement, out: Sides) -> None:
    """Judges the steps of every row that has no problem; what a petition knows already is the same, a remark of its own stays."""
    _keep_texts(session, parent, steps.kept)
    ids = {one.row: one.id for one in parent.new} | {one.row: one.id for one in parent.changed} | dict(parent.same)
    homes = {one.id: one.home for one in parent.new}
    known = _known(session, [ids[number] for number in steps.read if number in ids])
    reg = register(STEPS)
    rows: list[tuple[int, list[Value]]] = []
    where: list[int] = []
    same: list[tuple[int, str]] = []
    for number, found in steps.read.items():
        for day, done in found if number in ids else ():
            if (there := known.get((ids[number], day, done))) is not None:
                same.append((number, there))
                continue
            where.append(number)
            rows.append((len(where), [ids[number], day, done]))
    if not rows and not same:
        return
    fields = [reg[name] for name in ("petition", "done_on", "progress")]
    judged = entry.judge(session, clerk, reg, fields, rows, coming={one: homes.get(one, "") for one in ids.values()})
    for new in judged.new:
        new.row = where[new.row - 1]
    judged.same = same
    out.problems += [replace(one, row=where[one.row - 1]) for one in judged.problems]
    judged.problems, judged.warnings = [], [replace(one, row=where[one.row - 1]) for one in judged.warnings]
    out.parts.append(judged)


def _known(session: Session, petitions: list[str]) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for some in chunks(petitions):
        ask = select(PetitionStep.petition, PetitionStep.done_on, PetitionStep.progress, PetitionStep.id)
        found |= {(row[0], row[1], row[2]): row[3] for row in session.execute(ask.where(PetitionStep.petition.in_(some), PetitionStep.deleted == 0))}
    return found


def _keep_texts(session: Session, parent: Judgement, kept: dict[int, str]) -> None:
    """A text joins what the sheet or else the book says in 备注, once; it takes nobody's place."""
    for new in parent.new:
        if new.row in kept:
            new.values["remark"] = _joined(new.values.get("remark"), kept[new.row])
    there = [one for one in (*parent.changed, *(Changed(row, row_id, {}) for row, row_id in parent.same)) if one.row in kept]
    before: dict[str, str | None] = {}
    for some in chunks(one.id for one in there):
        before |= {row[0]: row[1] for row in session.execute(select(Petition.id, Petition.remark).where(Petition.id.in_(some)))}
    for one in there:
        old = before.get(one.id)
        said = one.changes.pop("remark", (old, old))[1]
        text = _joined(said, kept[one.row])
        if text != (old or ""):
            one.changes["remark"] = (old, text)
    loose = {one.row: one for one in there}
    parent.changed = [one for one in parent.changed if one.row not in loose] + [one for one in there if one.changes]
    parent.same = [one for one in parent.same if one[0] not in loose] + [(one.row, one.id) for one in there if not one.changes]


def _joined(said: Value, text: str) -> str:
    first = str(said or "")
    return first if text in first else "；".join(one for one in (first, text) if one)
