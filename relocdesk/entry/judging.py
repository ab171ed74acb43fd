"""First half of judging: every cell of every column is read, references are found, computed columns are set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from relocdesk import veil
from relocdesk.clerk import Clerk
from relocdesk.entry.cells import OVERRULABLE, Cell, Got, Judgement, Trouble, cell_text, is_blank, kept_text, read_cell
from relocdesk.entry.heads import reach
from relocdesk.entry.homes import refuse_hidden, refuse_reader
from relocdesk.entry.kin import warn_of_kin
from relocdesk.entry.matching import Matcher
from relocdesk.entry.population import review
from relocdesk.entry.walls import refuse_posted
from relocdesk.errors import UserError
from relocdesk.field import DEADLINE, Field, Register, Value, half_width, tidy
from relocdesk.job import Tick, no_tick
from relocdesk.queries.keys import Keys, nothing
from relocdesk.queries.overrides import standing
from relocdesk.queries.places import Node
from relocdesk.records import home_id, reference_id, register


def judge(
    session: Session,
    clerk: Clerk,
    reg: Register,
    fields: Sequence[Field],
    rows: Sequence[tuple[int, Sequence[Cell]]],
    *,
    defaults: Mapping[str, str] | None = None,
    accept: Mapping[str, str] | None = None,
    erase_empty: bool = False,
    create_places: bool = False,
    only_id: str = "",
    opening: bool = True,
    coming: Mapping[str, str] | None = None,
    tick: Tick = no_tick,
) -> Judgement:
    """What these rows would do; nothing is changed.

    `rows` are (row number, cells parallel to `fields`). `defaults` are texts for fields the rows lack. `accept` maps codes
    of overrulable rules to reasons. An empty cell never erases unless `erase_empty`. `only_id` judges a single row as an
    edit of that record. With `opening` settled records of an old ledger are taken as they stand (期初). `coming` are parents named by their
    ids: id → home of one that another judgement will add, "" for one that is there. Raises UserError for the clerk's role, for a
    default that cannot be read, and when the record to edit is gone.
    """
    refuse_reader(clerk, reg)
    refuse_hidden(session, clerk, reg, [only_id] if only_id else [])
    work = _Judge(session, clerk, reg, tuple(fields), dict(accept or {}), erase_empty, create_places, only_id, opening, tick)
    if coming and reg.parent is not None:
        work.keys.foretell(reg.parent.to, coming)
    return work.run(rows, dict(defaults or {}))


class _Judge:
    def __init__(self, session: Session, clerk: Clerk, reg: Register, fields: tuple[Field, ...], accept: dict[str, str],
                 erase: bool, create: bool, only_id: str, opening: bool, tick: Tick) -> None:  # fmt: skip
        self.session, self.clerk, self.reg, self.fields = session, clerk, reg, fields
        self.accept, self.erase, self.create, self.only_id, self.opening, self.tick = accept, erase, create, only_id, opening, tick
        self.keys = Keys(session)
        self.out = Judgement(reg, fields)
        self.out.stamp = newest_transaction(session)
        self.bad: set[int] = set()
        self.said: dict[int, str] = {}  # row → words about a day that names none; they go into the remark
        self.lives: dict[int, str] = {}  # row → where somebody lives that is no place of ours; it goes into the address
        self.leaning: list[tuple[int, Field, Got, Cell, set[str]]] = []  # cells that count only in the record they were let pass for

    def run(self, rows: Sequence[tuple[int, Sequence[Cell]]], defaults: dict[str, str]) -> Judgement:
        self.numbers = [number for number, _ in rows]
        self.raw = [cells for _, cells in rows]
        fixed = {name: self._default(name, text) for name, text in defaults.items() if name not in {f.name for f in self.fields}}
        columns: dict[str, list[Value]] = {}
        for position, f in enumerate(self.fields):
            self.tick(position, len(self.fields) + 3, f"读“{f.label}”")
            if not f.to:
                columns[f.name] = self._plain_column(position, f)
            if f.kind is DEADLINE:
                self._keep_words(position, f, columns[f.name])
        for position, f in enumerate(self.fields):
            if f.to:  # after the plain ones, which decide between equal numbers
                columns[f.name] = self._reference_column(position, f, columns, fixed)
        values = [dict(fixed) for _ in rows] if fixed else [{} for _ in rows]
        for name, column in columns.items():
            for row, value in zip(values, column, strict=True):
                if value is not None:
                    row[name] = value
        for index, said in self.said.items():
            values[index]["remark"] = "；".join(filter(None, (str(values[index].get("remark") or ""), said)))
        for index, lives in self.lives.items():
            values[index].setdefault("address", lives)
        self._check_computed(values)
        self.tick(len(self.fields) + 1, len(self.fields) + 3, "与台账比对")
        self._match(values)
        claimed = dict(zip(self.numbers, self.claimed, strict=True)) if self.claimed else {}
        review(self.session, self.clerk, self.out, self.accept, claimed)
        refuse_posted(self.session, self.clerk, self.out)
        warn_of_kin(self.session, self.out)
        reach(self.session, self.out)
        self.out.problems.sort(key=lambda trouble: trouble.row)
        return self.out

    # --- columns -----------------------------------------------------------------------------------------------------

    def _default(self, name: str, text: str) -> Value:
        f = self.reg[name]
        if f.to:
            return self.keys.resolve(register(f.to), text)
        return f.read(text)

    def _trouble(self, index: int, f: Field, text: str, code: str, cell: Cell = None) -> None:
        self.bad.add(index)
        self.out.problems.append(Trouble(self.numbers[index], f.name, f.label, cell_text(cell, f)[0], text, code))

    def _plain_column(self, position: int, f: Field) -> list[Value]:
        memo: dict[Any, Got] = {}
        column: list[Value] = []
        for index, cells in enumerate(self.raw):
            cell = cells[position]
            if cell is None or cell == "":
                column.append(None)
                continue
            key = cell if cell.__class__ is str else (cell.__class__, cell)
            got = memo.get(key)
            if got is None:
                got = memo[key] = read_cell(f, cell, self.accept)
            if got[1] and got[2] in OVERRULABLE and (records := self._let_pass.get((f.name, got[2], kept_text(cell_text(cell, f)[0])))):
                self.leaning.append((index, f, got, cell, records))
                got = (kept_text(cell_text(cell, f)[0]), "", "", "")
            elif got[1] and f.computed == "=":  # what the program works out itself is never worth a row
                self.out.warnings.append(Trouble(self.numbers[index], f.name, f.label, cell_text(cell, f)[0], f"{got[1]}；这一栏由程序算出，没有用表里的"))
            elif got[1]:
                self._trouble(index, f, got[1], got[2], cell)
            elif got[3]:
                self._warn(index, f, got, cell)
            column.append(got[0])
        return column

    def _keep_words(self, position: int, f: Field, column: list[Value]) -> None:
        """立行立改 names no day, but it was decided: it is not lost."""
        for index, value in enumerate(column):
            if value is None and not is_blank(f, text := cell_text(self.raw[index][position], f)[0]) and index not in self.bad:
                self.said[index] = f"{f.label}：{tidy(text)}"

    @cached_property
    def _let_pass(self) -> dict[tuple[str, str, str], set[str]]:
        """(field, rule, value) → the records for which it was let pass before and still counts."""
        found: dict[tuple[str, str, str], set[str]] = {}
        for row in standing(self.session, self.reg):
            found.setdefault((row.field_name or "", row.rule, row.value or ""), set()).add(row.record)
        return found

    def _warn(self, index: int, f: Field, got: Got, cell: Cell) -> None:
        trouble = Trouble(self.numbers[index], f.name, f.label, cell_text(cell, f)[0], got[3], got[2])
        self.out.warnings.append(trouble)
        if got[2]:
            self.out.overruled.append((self.numbers[index], replace(trouble, value=str(got[0])), self.accept[got[2]]))

    def _reference_column(self, position: int, f: Field, columns: dict[str, list[Value]], fixed: dict[str, Value]) -> list[Value]:
        target = register(f.to)
        texts = [cell_text(cells[position], f)[0].strip() if cells[position] is not None else "" for cells in self.raw]
        projects = columns.get("project") or [fixed.get("project")] * len(texts)
        if f.name == "project":
            projects = [None] * len(texts)
        for project in set(projects):
            self.keys.preload(target, {t for t, p in zip(texts, projects, strict=True) if t and p == project}, {"project": project})
        asked = dict.fromkeys(zip(texts, projects, strict=True))
        found = {one: self._resolve(target, *one) for one in asked if not is_blank(f, one[0])}
        known = [row_id for row_id in found.values() if isinstance(row_id, str)]
        hidden = veil.hidden_among(self.session.connection(), self.clerk.role, target.name, known)
        column: list[Value] = []
        for index, one in enumerate(zip(texts, projects, strict=True)):
            text, outcome = one[0], found.get(one)
            outcome = nothing(target, text) if outcome in hidden else outcome
            if isinstance(outcome, UserError) and self._only_lives(f, outcome):
                self.lives[index] = tidy(text)
                told = f"“{text}”不是行政区划里的村组，登记在“{self.reg['address'].label}”"
                self.out.warnings.append(Trouble(self.numbers[index], f.name, f.label, text, told))
                column.append(None)
            elif isinstance(outcome, UserError):
                self._trouble(index, f, str(outcome), outcome.code, text)
                column.append(None)
            else:
                column.append(outcome)
        return column

    def _only_lives(self, f: Field, error: UserError) -> bool:
        """A ledger's 住址 may lie anywhere: where a place need not be given, one that is not ours is an address."""
        return self.opening and error.code == "PLACE" and not f.required and "address" in self.reg

    def _resolve(self, target: Register, text: str, project: Value) -> str | UserError:
        try:
            return self.keys.resolve(target, text, {"project": project})
        except UserError as error:
            if target.name == "place" and error.code == "PLACE" and self.create:
                made = self._new_group(text)
                if made is not None:
                    return made
            return error

    def _new_group(self, text: str) -> str | None:
        """Plans a group under a village that is known, when the text is that village and one more word."""
        words = half_width(text).split(" ")
        tree = self.keys.tree()
        for cut in range(1, len(text)):
            head = " ".join(words[:-1]) if len(words) > 1 else half_width(text)[:-cut]
            name = words[-1] if len(words) > 1 else half_width(text)[-cut:]
            try:
                village = tree.nodes[tree.resolve(head)]
            except UserError:
                if len(words) > 1:
                    return None
                continue
            if village.level != 12 or not name:
                return None
            used = [int(node.code[12:]) for node in tree.children(village.id) if node.code[12:].isdigit()]
            code = f"{village.code}{max(used, default=0) + 1:02d}"
            node = Node(reference_id(home_id(code[:6]), "place", code), code, name, village.id, None, True)
            tree.add(node)
            self.out.places.append(node)
            return node.id
        return None

    def _check_computed(self, values: list[dict[str, Value]]) -> None:
        """Takes computed columns out of the rows; they are compared with the book later and never written."""
        names = [f.name for f in self.fields if f.computed == "="]
        self.claimed: list[dict[str, Value]] = [{} for _ in values] if names else []
        for index, row in enumerate(values):
            for name in names:
                if name in row:
                    self.claimed[index][name] = row.pop(name)

    # --- rows --------------------------------------------------------------------------------------------------------

    def _match(self, values: list[dict[str, Value]]) -> None:
        leaning = [(index, Trouble(self.numbers[index], f.name, f.label, cell_text(cell, f)[0], got[1], got[2]), records)
                   for index, f, got, cell, records in self.leaning]  # fmt: skip
        Matcher(self.session, self.clerk, self.keys, self.out, self.numbers, self.bad, values, self.claimed,
                erase=self.erase, only_id=self.only_id, accept=self.accept, opening=self.opening).run(leaning)  # fmt: skip


def newest_transaction(session: Session) -> int:
    """The local number of the newest transaction: tells whether the book moved since something was judged."""
    return int(session.connection().exec_driver_sql("SELECT coalesce(max(id), 0) FROM txn").scalar() or 0)
