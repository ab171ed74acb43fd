"""Second half of judging: which row on disk each entered row means, and whether the change is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from relocdesk import veil
from relocdesk.clerk import ROLES, Clerk
from relocdesk.derive import DERIVE, doubts, not_yet
from relocdesk.entry.acted import CONFIRMED, acted_changes, refused_change, refused_new
from relocdesk.entry.cells import OVERRULABLE, Changed, Judgement, New, Trouble
from relocdesk.entry.following import FOLLOWS, LISTED
from relocdesk.entry.homes import home_for, kept_from, line_text, next_line
from relocdesk.entry.population import says_the_same
from relocdesk.entry.series import PATTERNS, Numbers
from relocdesk.errors import UserError
from relocdesk.field import MU, NAME, Field, Register, Value
from relocdesk.ids import chunks
from relocdesk.queries.computed import among, expression
from relocdesk.queries.keys import Keys, parts_of
from relocdesk.records import new_id, reference_id, register
from relocdesk.records.trail import OP
from relocdesk.rules.area import mu_2
from relocdesk.rules.identity import closed_up

Row = dict[str, Value]
NUMBERED = ("asset", "home_visit", "pledge")  # their number may be left to the program
RENUMBER = {"rectification_item": "一批问题的序号不能重复，各方面分别编号的请连着编，或写成 2-1 的样子"}
"""What to do about equal numbers where ledgers give them again on purpose."""
SCAN_FROM = 2_000  # distinct keys from which reading the whole register beats looking them up


def _says_more(one: Value, other: Value) -> bool:
    """Whether one remark says what the other says, or more."""
    first, second = str(one or ""), str(other or "")
    return first in second or second in first


class Matcher:
    """Compares rows with the register and fills a Judgement's new, changed, same and problems."""

    def __init__(self, session: Session, clerk: Clerk, keys: Keys, out: Judgement, numbers: list[int], bad: set[int],
                 values: list[Row], claimed: list[Row], *, erase: bool, only_id: str, accept: Mapping[str, str], opening: bool) -> None:  # fmt: skip
        self.session, self.clerk, self.keys, self.out = session, clerk, keys, out
        self.reg: Register = out.register
        self.numbers, self.bad, self.values, self.claimed = numbers, bad, values, claimed
        self.erase, self.only_id, self.accept, self.opening = erase, only_id, accept, opening
        self.given = [f.name for f in out.fields]
        self.table = self.reg.cls.__table__
        self.columns = [f.name for f in self.reg.stored]
        self.reach = [f for f in self.reg if f.via]
        self.rows: dict[str, Row] = {}  # id → the row on disk
        self._keys_seen: dict[tuple[Value, ...], int] = {}
        self._next = 0  # the next running number, 0 = not asked yet
        self.states: dict[str, str] = {}  # parent id → its state

    def run(self, leaning: Sequence[tuple[int, Trouble, set[str]]] = ()) -> None:
        """Judges every row that has no problem yet; the cells of `leaning` hold in the records they were let pass for only."""
        found = self._find()
        for index, trouble, records in leaning:
            if found[index] not in records:
                self.bad.add(index)
                self.out.problems.append(trouble)
        self._load_states()
        computed_now = self._computed_now(found)
        seen: dict[str, int] = {}
        for index, row in enumerate(self.values):
            if index in self.bad:
                continue
            if not row:
                self._refuse(index, "", "这一行是空的；请填写内容或删去", "EMPTY")
                continue
            hit = found[index]
            if hit is None:
                self._judge_new(index, row)
                continue
            if hit in seen:
                self._refuse(index, self._key_field(), f"与第{self.numbers[seen[hit]]}行是同一条记录；请删去一行", "TWICE")
                continue
            seen[hit] = index
            self._judge_existing(index, row, hit, computed_now.get(hit, {}))
        self._free_ids()

    def _refuse(self, index: int, name: str, text: str, code: str) -> None:
        self.bad.add(index)
        f = self.reg[name] if name and name in self.reg else Field(label="整行", name=name)
        value = f.show(self.values[index].get(name)) if name in self.reg and not f.to else ""
        self.out.problems.append(Trouble(self.numbers[index], name, f.label, value, text, code))

    def _key_field(self) -> str:
        return self._own_part(parts_of(self.reg.keys[0]))

    def _own_part(self, names: tuple[str, ...]) -> str:
        return next((name for name in reversed(names) if not self.reg[name].to), names[0])

    # --- finding rows on disk ----------------------------------------------------------------------------------------

    def _find(self) -> list[str | None]:
        """For each row the id of the record it means, or None for a new one."""
        if self.only_id:
            self._load(self.table.c.id == self.only_id)
            if self.only_id not in self.rows:
                raise UserError(f"这条{self.reg.label}已经不在了", hint="请刷新后再看")
            self._refuse_taken()
            return [self.only_id] * len(self.values)
        found: list[str | None] = [None] * len(self.values)
        for number, key in enumerate(self.reg.keys):
            if "occurrence" in key and "occurrence" not in self.given:
                self._by_order(key, found)
            else:
                self._by_key(key, found, first=number == 0)
        if self.reg.keys == (("line",),) or self.reg.name in PATTERNS:
            self._pair_off(found, parts_of(self.reg.keys[0])[0])
        return found

    def _by_key(self, key: tuple[str, ...], found: list[str | None], *, first: bool) -> None:
        names = parts_of(key)
        needed = [name for name, part in zip(names, key, strict=True) if not part.endswith(("?", "~"))]
        # A part that the file has no column for is as unknown as one that nobody wrote down.
        there = {name for row in self.values for name in row}
        unknown = [name for name, part in zip(names, key, strict=True) if part.endswith("~") or (part.endswith("?") and name not in there)]
        exact = [name for name in names if name not in unknown]
        usual = self._usual(names)  # 正常, first attempt: a file without these columns means them
        wanted: dict[int, tuple[Value, ...]] = {}
        for index, row in enumerate(self.values):
            if index not in self.bad and all(row.get(name, usual.get(name)) is not None for name in needed):
                wanted[index] = tuple(row.get(name, usual.get(name)) for name in exact)
        if not wanted:
            return
        hits = self._existing(exact, needed, set(wanted.values()))
        for index, values in wanted.items():
            ids = [one for one in hits.get(values, ()) if self._agrees(one, self.values[index], unknown) and not self._namesake(key, self.values[index], one)]
            known = found[index]
            if known is not None:
                if ids and known not in ids:
                    self._refuse(index, self._key_field(), f"编号指的是一条{self.reg.label}，其他内容指的是另一条；请核对是不是重复登记", "KEY_DIFFERS")
            elif len(ids) > 1:
                self._refuse(index, self._key_field(), f"台账里有 {len(ids)} 条同样编号的记录，不知道改哪一条；请先在台账里处理重复", "KEY_TWICE")
            elif ids:
                self._decide(index, ids[0], found, first=first)

    def _usual(self, names: Iterable[str]) -> Row:
        defaults = {name: self.table.c[name].default for name in names if name in self.table.c}
        return {name: default.arg for name, default in defaults.items() if default is not None and default.is_scalar}

    def _by_order(self, key: tuple[str, ...], found: list[str | None]) -> None:
        """Rows equal in all parts pair off with the records that are left, in the order both were counted in."""
        exact = [name for name in parts_of(key) if name != "occurrence"]
        needed = [part for part in key if not part.endswith("?") and part != "occurrence"]
        todo = [i for i, row in enumerate(self.values) if i not in self.bad and not row.get("number") and all(row.get(n) is not None for n in needed)]
        same: dict[int, tuple[Value, ...]] = {i: tuple(self.values[i].get(name) for name in exact) for i in todo}
        hits = self._existing(exact, needed, set(same.values())) if same else {}
        taken = {one for one in found if one}
        pools = {values: sorted(ids, key=lambda one: (self.rows[one]["occurrence"], one)) for values, ids in hits.items()}
        last = {values: max(int(self.rows[one]["occurrence"] or 0) for one in ids) for values, ids in pools.items()}
        pools = {values: [one for one in ids if one not in taken][::-1] for values, ids in pools.items()}
        for index, values in same.items():
            if pools.get(values):
                found[index] = pools[values].pop()
            else:
                last[values] = last.get(values, 0) + 1
                self.values[index]["occurrence"] = last[values]

    def _agrees(self, one: str, row: Row, unknown: list[str]) -> bool:
        old = self.rows[one]
        return all(row.get(n) is None or old.get(n) is None or row[n] == old[n] for n in unknown)

    def _namesake(self, key: tuple[str, ...], row: Row, one: str = "") -> bool:
        """Whether a row on a list of people (a course's roster) is somebody of its own by ID number, whatever else is called like it.

        Against the record `one` when given: then its number must be known and another one.
        """
        first = parts_of(self.reg.keys[0])
        if key == self.reg.keys[0] or self.reg.keys[0][0] != key[0] or "idcard" not in first or row.get("idcard") is None:
            return False
        return not one or self.rows[one].get("idcard") not in (None, row["idcard"])

    def _decide(self, index: int, hit: str, found: list[str | None], *, first: bool) -> None:
        """Takes a hit; a hit by the second key must not carry another first key."""
        if not first:
            old, row = self.rows[hit], self.values[index]
            for name in parts_of(self.reg.keys[0]):
                if row.get(name) is not None and old.get(name) is not None and row[name] != old[name]:
                    label = self.reg[name].label
                    self._refuse(index, name, f"台账里同一{self.reg.label}的{label}不同；请核对是不是同一个，再改其中一个", "KEY_DIFFERS")
                    return
        found[index] = hit

    def _existing(self, exact: list[str], needed: list[str], wanted: set[tuple[Value, ...]]) -> dict[tuple[Value, ...], list[str]]:
        columns = {name: {key[position] for key in wanted} for position, name in enumerate(exact)}
        few = {name: values for name, values in columns.items() if None not in values and len(values) <= SCAN_FROM}
        owned = self.reg.parent is not None and self.reg.parent.name in few  # a roster of thousands is looked for in its own period
        if max(len(columns[name]) for name in needed) > SCAN_FROM and not owned:
            self._load(None)
        else:  # all parts together: a part such as “1st time” alone would fetch the whole register
            self._load(and_(*(among(self.reg, self.reg[name], self.table, values) for name, values in few.items())))
        found: dict[tuple[Value, ...], list[str]] = {}
        for one, row in self.rows.items():
            key = tuple(row[name] for name in exact)
            if key in wanted:
                found.setdefault(key, []).append(one)
        return found

    def _load(self, where: Any) -> None:
        """Reads living rows with what their references reach (a household's head)."""
        query = select(self.table.c.id, self.table.c.home, *(self.table.c[name] for name in self.columns))
        query = query.where(self.table.c.deleted == 0)
        if where is not None:
            query = query.where(where)
        names = ("id", "home", *self.columns)
        fresh: list[str] = []
        for values in self.session.execute(query):
            if values[0] not in self.rows:
                self.rows[values[0]] = dict(zip(names, values, strict=True))
                fresh.append(values[0])
        if self.reach and fresh:
            self._load_reach(fresh)

    def _load_reach(self, ids: list[str]) -> None:
        by_path: dict[str, list[Field]] = {}
        for f in self.reach:
            by_path.setdefault(f.via.partition(".")[0], []).append(f)
        for path, fields in by_path.items():
            target = register(self.reg[path].to).cls.__table__
            wanted = {str(self.rows[one][path]) for one in ids if self.rows[one][path]}
            there: dict[str, tuple[Value, ...]] = {}
            for some in chunks(wanted):
                columns = [target.c[f.via.partition(".")[2]] for f in fields]
                there |= {row[0]: tuple(row[1:]) for row in self.session.execute(select(target.c.id, *columns).where(target.c.id.in_(some)))}
            for one in ids:
                reached = there.get(str(self.rows[one][path]), (None,) * len(fields))
                self.rows[one].update({f.name: value for f, value in zip(fields, reached, strict=True)})

    def _pair_off(self, found: list[str | None], number: str) -> None:
        """For registers whose numbers the program gives: rows without one pair off in file order when all given fields are equal."""
        todo = [index for index, row in enumerate(self.values) if index not in self.bad and not row.get(number)]
        if not todo:
            return
        self._load(None)
        names = [name for name in self.given if name in self.columns and name != number]
        self._pair(found, todo, names)
        if "remark" in names and len(names) > 1:  # a remark that was only added or added to makes no other record
            self._pair(found, [index for index in todo if found[index] is None], [name for name in names if name != "remark"])
        if self.reg.name in PATTERNS:
            self._pair_sparse(found, [index for index in todo if found[index] is None], names)

    def _pair_sparse(self, found: list[str | None], todo: list[int], names: list[str]) -> None:
        """An empty cell says nothing: what was filled in since the ledger was first brought (办结日期) makes no other record."""
        sure = [name for name in names if self.reg[name].required]
        if not sure or not todo:
            return
        taken = {one for one in found if one}
        pool: dict[tuple[Value, ...], list[str]] = {}
        for one in sorted(self.rows):
            if one not in taken:
                pool.setdefault(self._as_read(self.rows[one], sure), []).append(one)
        for index in todo:
            row = self.values[index]
            told = [name for name in names if row.get(name) is not None and name != "remark"]
            ids = pool.get(self._as_read(row, sure), [])
            same = [one for one in ids if self._as_read(self.rows[one], told) == self._as_read(row, told)]
            hit = next((one for one in same if _says_more(self.rows[one].get("remark"), row.get("remark"))), None)
            if hit is not None:
                found[index] = hit
                ids.remove(hit)

    def _as_read(self, row: Mapping[str, Value], names: Iterable[str]) -> tuple[Value, ...]:
        """Values for comparing; a name that an older book holds set apart is the same name."""
        return tuple(closed_up(str(row[name])) if self.reg[name].kind is NAME and row.get(name) else row.get(name) for name in names)

    def _pair(self, found: list[str | None], todo: list[int], names: list[str]) -> None:
        taken = {one for one in found if one}
        pool: dict[tuple[Value, ...], list[str]] = {}
        for one in sorted(self.rows):
            if one not in taken:
                pool.setdefault(self._as_read(self.rows[one], names), []).append(one)
        for index in todo:
            row = self.values[index]
            ids = pool.get(self._as_read(row, names), [])
            hit = next((one for one in ids if _says_more(self.rows[one].get("remark"), row.get("remark"))), None)
            if hit is not None:
                found[index] = hit
                ids.remove(hit)

    def _refuse_taken(self) -> None:
        """An edited record must not take the key of another one."""
        merged = {**self.rows.get(self.only_id, {}), **self.values[0]}
        for key in self.reg.keys:
            names = parts_of(key)
            if any(merged.get(n) is None for n, part in zip(names, key, strict=True) if not part.endswith(("?", "~"))):
                continue
            if not any(name in self.values[0] for name in names):
                continue
            parts = {n: expression(self.reg, self.reg[n], self.table) for n in names}
            exact = [part.is_(None) if merged.get(n) is None else part == merged[n] for n, part in parts.items()]
            taken = select(self.table.c.id).where(*exact, self.table.c.deleted == 0, self.table.c.id != self.only_id)
            if self.session.execute(taken.limit(1)).first():
                self._refuse(0, self._key_field(), f"已经有同样编号的{self.reg.label}；请换一个编号", "TWICE")
                return

    # --- judging one row ---------------------------------------------------------------------------------------------

    def _derive(self, index: int, row: Row, old: Row) -> None:
        follow = FOLLOWS.get(self.reg.name)
        if follow is not None:
            follow(self.session, row, old)
        derive = DERIVE.get(self.reg.name)
        for name, text, code in (*not_yet(self.reg.name, row, old, self.clerk.on), *(derive(row, old) if derive else ())):
            if code in self.accept and code in OVERRULABLE:
                trouble = Trouble(self.numbers[index], name, self.reg[name].label, str(row.get(name) or ""), text, code)
                self.out.overruled.append((self.numbers[index], trouble, self.accept[code]))
            else:
                self._refuse(index, name, text, code)
        for name, text, code in doubts(self.reg.name, {**old, **row}) if index not in self.bad else ():
            value = str(row.get(name) or "")
            if not old or row.get(name) != old.get(name):
                self.out.warnings.append(Trouble(self.numbers[index], name, self.reg[name].label, value, text, code))

    def _judge_new(self, index: int, row: Row) -> None:
        if self.reg.made_by:
            self._refuse(index, "", f"台账里没有这条{self.reg.label}；它在办理“{self.reg.made_by}”时由程序登记，不能导入", "MADE")
            return
        self._derive(index, row, {})
        if index in self.bad:
            return
        for f in self.reg:
            if f.required and row.get(f.name) is None:
                self._refuse(index, f.name, f"缺{f.label}；请补填", "REQUIRED")
        self._refuse_settled(index, row)
        name, why = ("", "") if self.opening else refused_new(self.reg, row)
        if why:
            self._refuse(index, name, why, "ACTED")
        self._refuse_kept_from(index, row, {})
        if index in self.bad or not self._first_of_its_key(index, row):
            return
        home = home_for(self.session, self.reg, row, self.keys)
        self._fill(row, home)
        key = self._reference_key(row)
        row_id = reference_id(home, self.reg.name, key) if self.reg.reference else new_id()
        self.out.new.append(New(self.numbers[index], row_id, home, row))
        self._list_children(index, row_id, home, row)

    def _free_ids(self) -> None:
        """Gives new reference rows another id where a living record, since renamed, was made under this key."""
        fresh = self.out.new if self.reg.reference else []
        while fresh:
            living: set[str] = set()
            for some in chunks(new.id for new in fresh):
                living |= set(self.session.execute(select(self.table.c.id).where(self.table.c.id.in_(some), self.table.c.deleted == 0)).scalars())
            fresh = [new for new in fresh if new.id in living]
            for new in fresh:
                new.id = reference_id(new.home, self.reg.name, new.id)

    def _refuse_settled(self, index: int, row: Row) -> None:
        """Old ledgers come in as they stand (期初): agreements already signed, with their lines; nothing else does."""
        if not self.reg.frozen or self._state_of(row) not in self.reg.frozen[1]:
            return
        link, _, _ = self.reg.frozen[0].rpartition(".")
        if not link and not self.opening:
            self._refuse(index, "state", "这个状态要由办理得来，不能直接填；请填开始时的状态", "FROZEN")
        elif link and (not self.opening or str(row[link]) not in self._from_old_ledgers):
            owner = register(self.reg[link].to).label
            self._refuse(index, link, f"这份{owner}已是“{self._state_label(self._state_of(row))}”，不能再添{self.reg.label}；请用补充或重付等办理", "FROZEN")

    @cached_property
    def _from_old_ledgers(self) -> set[str]:
        """The parents that were settled already when they were entered."""
        frozen = self.reg.frozen
        if frozen is None:
            return set()
        state = frozen[0].rpartition(".")[2]
        found: set[str] = set()
        for some in chunks(one for one, now in self.states.items() if now in frozen[1]):
            query = select(OP.c.row, OP.c.cells).where(OP.c.row.in_(some), OP.c.kind == "i")
            found |= {row for row, cells in self.session.execute(query) if json.loads(cells).get(state) in frozen[1]}
        return found

    def _first_of_its_key(self, index: int, row: Row) -> bool:
        for number, key in enumerate(self.reg.keys):
            names = parts_of(key)
            if any(row.get(n) is None for n, part in zip(names, key, strict=True) if not part.endswith(("?", "~"))):
                continue
            if number and (("occurrence" in names and row.get("number")) or self._namesake(key, row)):
                continue
            whole = (number, *(row.get(name) for name in names))
            if whole in self._keys_seen:
                cure = RENUMBER.get(self.reg.name, "请核对后删去或改正一行")
                self._refuse(index, self._own_part(names), f"与第{self._keys_seen[whole]}行的编号相同；{cure}", "TWICE")
                return False
            self._keys_seen[whole] = self.numbers[index]
        return True

    def _fill(self, row: Row, home: str) -> None:
        """Defaults of the declaration, and running numbers that the program gives."""
        for f in self.reg.stored:
            if row.get(f.name) is None:
                default = self.table.c[f.name].default
                if default is not None and default.is_scalar:
                    row[f.name] = default.arg
        if self.reg.name in PATTERNS and row.get("number") is None:
            row["number"] = self._series.take(row, home)
        name = "line" if "line" in self.reg else "number" if self.reg.name in NUMBERED else ""
        if name and row.get(name) is None:
            if not self._next:
                self._next = next_line(self.session, self.reg, self.clerk, name)
            row[name] = line_text(self.clerk, self._next)
            self._next += 1

    @cached_property
    def _series(self) -> Numbers:
        return Numbers(self.session, self.clerk, self.reg)

    def _reference_key(self, row: Row) -> str:
        return "/".join(str(row.get(name) or "") for name in parts_of(self.reg.keys[0]))

    def _judge_existing(self, index: int, row: Row, hit: str, computed_now: Row) -> None:
        old = self.rows[hit]
        if kept_from(self.clerk, self.reg, old):  # before anything is said of what it holds
            self._refuse_kept_from(index, row, old)
            return
        self._compare_computed(index, computed_now)
        changes = self._differences(row, old)
        if changes:
            self._work_out(index, row, old, changes)
        if index in self.bad:
            return
        if not self.only_id and self.reg.key_fields & changes.keys():
            self._first_of_its_key(index, {**old, **{name: new for name, (_, new) in changes.items()}})
        for name in changes:
            if self.reg[name].required and changes[name][1] is None:
                self._refuse(index, name, f"{self.reg[name].label}不能改成空的；请填写", "REQUIRED")
            elif self.reg[name].computed == "=f":
                shown = self.reg[name].show(old.get(name))
                self._refuse(index, name, f"{self.reg[name].label}由程序登记，台账里是“{shown}”；请不要改这一栏", "COMPUTED")
        self._refuse_frozen(index, old, changes)
        self._refuse_kept_from(index, {**old, **{name: new for name, (_, new) in changes.items()}}, old)
        if index in self.bad:
            return
        if self.claimed and not any(computed_now.get(name) for reg, name in LISTED if reg == self.reg.name):
            changes |= {name: (None, text) for name, text in self._list_children(index, hit, str(old["home"]), {**old, **row}).items()}
        if changes:
            self.out.changed.append(Changed(self.numbers[index], hit, changes))
        else:
            self.out.same.append((self.numbers[index], hit))

    def _work_out(self, index: int, row: Row, old: Row, changes: dict[str, tuple[Value, Value]]) -> None:
        """Adds what follows from a change, and puts values into the form they are kept in (平方米 → ㎡)."""
        given: Row = {name: value for name, value in row.items() if value is not None}
        worked = dict(given)
        self._derive(index, worked, old)
        for name, value in worked.items():
            if value == given.get(name):
                continue
            if value == old.get(name):
                changes.pop(name, None)
            else:
                changes[name] = (old.get(name), value)

    def _differences(self, row: Row, old: Row) -> dict[str, tuple[Value, Value]]:
        found: dict[str, tuple[Value, Value]] = {}
        for f in self.out.fields:
            if f.computed == "=":
                continue
            new = row.get(f.name)
            if new is None and not self.erase:
                continue
            if f.name == "occurrence" or (new is None and (f.computed or self._never_empty(f))):
                continue
            if new != old.get(f.name):
                found[f.name] = (old.get(f.name), new)
        return found

    def _never_empty(self, f: Field) -> bool:
        """Whether a column has a default instead of being empty (签字确认, 份数): an empty cell says nothing about it."""
        column = self.table.c.get(f.name)
        return column is not None and not column.nullable and column.default is not None

    def _refuse_frozen(self, index: int, old: Row, changes: Mapping[str, Any]) -> None:
        if not changes:
            return
        name = next(iter(changes))
        state = self._state_of(old)
        if self.reg.frozen and state in self.reg.frozen[1]:
            label = self._state_label(state)
            self._refuse(index, name, f"这条{self.reg.label}已是“{label}”，不能直接改；请用作废、补充或重付等办理", "FROZEN")
        elif self.reg.frozen and self.reg.frozen[0] in changes:
            self._refuse(index, self.reg.frozen[0], "状态由审核、签订、送银行等办理得来，不能直接改；请去办理", "FROZEN")
        acted, way = acted_changes(self.reg, changes)
        if acted:
            self._refuse(index, acted, f"{self.reg[acted].label}由办理登记，不能直接改；请办理“{way}”", "ACTED")
        kept, why = refused_change(self.reg, old, changes)
        if kept:
            self._refuse(index, kept, why, "ACTED")
        if self.reg.name in CONFIRMED and old.get("confirmed") and "confirmed" in changes:
            self._refuse(index, "confirmed", "已签字确认，不能直接改回；请办理“取消确认”", "CONFIRMED")
        fixed = [n for n in CONFIRMED.get(self.reg.name, ()) if n in changes]
        if fixed and old.get("confirmed"):
            self._refuse(index, fixed[0], "已签字确认，不能直接改；请通过复核或红线变更来改", "CONFIRMED")

    def _refuse_kept_from(self, index: int, row: Row, old: Row) -> None:
        """Rows that the clerk may not see: not entered, not changed, and their numbers not given again."""
        if self.reg.secret is None:
            return
        name, value, roles = self.reg.secret
        key = self._key_field()
        if kept_from(self.clerk, self.reg, old) or (not old and veil.taken(self.session.connection(), self.clerk.role, self.reg.name, key, row.get(key))):
            self._refuse(index, key, f"已经有同样编号的{self.reg.label}；请换一个编号", "TWICE")
        elif kept_from(self.clerk, self.reg, row):
            names = "、".join(ROLES[role] for role in roles)
            self._refuse(index, name, f"{self.reg[name].show(value)}件只能由{names}登记；请转交他们，不要留底", "SECRET")
        elif old.get(name) == value != row.get(name):
            self.out.warnings.append(Trouble(self.numbers[index], name, self.reg[name].label, self.reg[name].show(row.get(name)),
                                             f"改了以后，这件{self.reg.label}和它以前的变更记录所有岗位都看得见", "SECRET"))  # fmt: skip

    def _state_of(self, row: Row) -> str:
        if not self.reg.frozen:
            return ""
        path = self.reg.frozen[0].split(".")
        if len(path) == 1:
            return str(row.get(path[0]) or "")
        return self.states.get(str(row.get(path[0]) or ""), "")

    def _state_label(self, state: str) -> str:
        path = (self.reg.frozen or ("", ()))[0].split(".")
        owner = self.reg if len(path) == 1 else register(self.reg[path[0]].to)
        return owner[path[-1]].show(state)

    def _load_states(self) -> None:
        """The states of the parents on which a child's being frozen depends."""
        path = self.reg.frozen[0].split(".") if self.reg.frozen else []
        if len(path) != 2:
            return
        parents = {str(row[path[0]]) for row in (*self.rows.values(), *self.values) if row.get(path[0])}
        table = register(self.reg[path[0]].to).cls.__table__
        for some in chunks(parents):
            for one, state in self.session.execute(select(table.c.id, table.c[path[1]]).where(table.c.id.in_(some))):
                self.states[one] = state

    # --- computed columns --------------------------------------------------------------------------------------------

    def _computed_now(self, found: list[str | None]) -> dict[str, Row]:
        names = sorted({name for row in self.claimed for name in row})
        ids = [one for one in found if one]
        if not names or not ids:
            return {}
        now: dict[str, Row] = {}
        for some in chunks(ids):
            query = select(self.table.c.id, *(expression(self.reg, self.reg[name], self.table) for name in names)).where(self.table.c.id.in_(some))
            now |= {row[0]: dict(zip(names, row[1:], strict=True)) for row in self.session.execute(query)}
        return now

    def _compare_computed(self, index: int, now: Row) -> None:
        for name, claimed in (self.claimed[index] if self.claimed else {}).items():
            ours, listed = now.get(name), LISTED.get((self.reg.name, name))
            if claimed is None or ours in (None, 0, "") or str(ours) == str(claimed) or (listed and listed.same(ours, claimed)):
                continue
            f = self.reg[name]
            if says_the_same(self.reg.name, name, ours, claimed):
                continue
            if f.kind is MU and isinstance(ours, int) and claimed == mu_2(ours) * 10_000:
                continue  # sheets carry 亩 as they are printed, to the hundredth
            if listed:
                self._refuse(index, name, f"{f.label}与台账里的不同；要增改请到“{register(listed.register).label}”里改，不要改这一栏", "COMPUTED")
            else:
                self._refuse(index, name, f"{f.label}由程序算出，台账里是 {f.show(ours)}，表里是 {f.show(claimed)}；请核对原因，或者不导入这一栏", "COMPUTED")

    def _list_children(self, index: int, row_id: str, home: str, values: Mapping[str, Value]) -> dict[str, Value]:
        """Plans the child rows that are written into one cell of their parent; column → the text they come from."""
        taken: dict[str, Value] = {}
        for name, claimed in (self.claimed[index] if self.claimed else {}).items():
            listed = LISTED.get((self.reg.name, name))
            if listed and claimed:
                self.out.children.setdefault(listed.register, []).extend(listed.rows(home, row_id, str(claimed), values))
                taken[name] = claimed
        return taken
