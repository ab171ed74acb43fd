"""Which column of a sheet is which field, and why a column was left out: a field is never filled from two columns.

Two layouts have a field in several columns: a place in 乡镇 · 村 · 组, and figures side by side under the choices of a
required field (永久 | 临时), where each row may fill one of them only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from relocdesk.errors import UserError
from relocdesk.excel.sheet import column_letters
from relocdesk.excel.titles import FACTORS, IGNORED, PLACE_LEVELS, Reading, choice_in, factor, is_unit, own_columns, plain_title, readings, split_unit
from relocdesk.field import Field, Register, half_width
from relocdesk.records import register

CODE_LEVEL = 3
_SURE = 70  # a title that says a field of another register almost word for word
_SAME_LETTERS = re.compile(r"（[A-Z]{1,3}列）\Z")


@dataclass(frozen=True, slots=True)
class Column:
    """One field of the sheet: where it comes from and the factor of its unit."""

    field: Field
    columns: tuple[int, ...]
    factor: Decimal = Decimal(1)
    unit: str = ""
    choices: tuple[str, ...] = ()  # side by side: what each of the columns says the row is


@dataclass
class Layout:
    """The titles of a sheet as fields, the columns left over, and sentences about what was not read."""

    columns: list[Column]
    left: list[int]
    doubts: list[str] = field(default_factory=list)
    told: set[int] = field(default_factory=set)  # columns that a doubt is about


def join_title(path: Sequence[str]) -> str:
    """A title of several lines as people read it: 面积/永久."""
    parts = [re.sub(r"\s+", "", half_width(part)) for part in path]
    kept = [part for n, part in enumerate(parts) if part and (n == 0 or part != parts[n - 1])]
    return "/".join(kept)


def unique_titles(paths: Sequence[Sequence[str]], first: int = 0) -> tuple[str, ...]:
    """The titles; equal ones are told apart by their column (the first one is `first`), so that a mapping can name each."""
    titles = [join_title(path) for path in paths]
    return tuple(f"{title}（{column_letters(first + n)}列）" if title and title in titles[:n] else title for n, title in enumerate(titles))


def lay_out(reg: Register, paths: Sequence[Sequence[str]], mapping: Mapping[str, str] | None = None, units: Sequence[str] = (),
            first: int = 0, *, explain: bool = True) -> Layout:  # fmt: skip
    """Fields with their columns. `mapping` (title → field name, "" = leave out) goes first; `units`: those above the head.

    `first` is the position of the first column on the sheet; without `explain` nothing is said about what was left out.
    """
    return _Columns(reg, paths, mapping or {}, units, first).lay_out(explain=explain)


class _Columns:
    def __init__(self, reg: Register, paths: Sequence[Sequence[str]], mapping: Mapping[str, str], units: Sequence[str],
                 first: int) -> None:  # fmt: skip
        self.reg, self.paths, self.units, self.first = reg, paths, units, first
        self.titles = unique_titles(paths, first)
        self.given = {plain_title(title): name for title, name in mapping.items()}
        self.taken: dict[str, Column] = {}
        self.used: set[int] = set(own_columns(self.titles))
        self.readings = [readings(reg, path, units) for path in paths]

    def lay_out(self, *, explain: bool) -> Layout:
        self._given()
        self._places()
        for reading, position in sorted(self._wanted(), key=lambda one: (-one[0].rank, one[1])):
            if position not in self.used and reading.field.name not in self.taken:
                self._take(reading, position)
        self._side_by_side()
        order = sorted(self.taken.values(), key=lambda column: (column.columns, bool(column.field.choices)))
        left = [n for n, title in enumerate(self.titles) if title and n not in self.used and plain_title(title) not in IGNORED]
        layout = Layout(order, left)
        if explain:
            self._explain(layout)
        return layout

    def _wanted(self) -> Iterator[tuple[Reading, int]]:
        for position, found in enumerate(self.readings):
            if position not in self.used:
                yield from ((reading, position) for reading in found)

    def _take(self, reading: Reading, position: int) -> None:
        self.used.add(position)
        self.taken[reading.field.name] = Column(reading.field, (position,), reading.factor, reading.unit)

    # --- what a person said ------------------------------------------------------------------------------------------

    def _given(self) -> None:
        asked: dict[str, list[int]] = {}
        for position, title in enumerate(self.titles):
            if title and plain_title(title) in self.given:
                self.used.add(position)
                if name := self.given[plain_title(title)]:
                    asked.setdefault(self._field(name).name, []).append(position)
        for name, positions in asked.items():
            f = self.reg[name]
            unit = self._unit(f, positions[0])
            if len(positions) > 1 and f.kind.name != "place":
                if not self._apart(f, positions):
                    raise UserError(f"“{f.label}”对应了不止一列（{self.titles[positions[1]]}）", hint="一栏只能取自一列，请改列对应")
                continue
            self.taken[name] = Column(f, tuple(positions), factor(f, unit), unit)

    def _field(self, name: str) -> Field:
        f = self.reg[name] if name in self.reg else self.reg.find(name)
        if f is None:
            raise UserError(f"“{self.reg.label}”没有“{name}”这一栏", hint="可用：" + "、".join(f.label for f in self.reg.fields))
        return f

    def _unit(self, f: Field, position: int) -> str:
        lines = [part for part in self.paths[position] if part]
        own = split_unit(lines[-1])[1] or (plain_title(lines[-1]).strip("()") if is_unit(lines[-1]) else "")
        return own or next((unit for unit in self.units if unit in FACTORS.get(f.kind.name, ())), "")

    def _apart(self, f: Field, positions: Sequence[int]) -> bool:
        """Whether these columns say by their titles which choice each is for; if so they are laid out side by side."""
        found = [(chooser, labels) for chooser in self._choosers()
                 if all(labels := [hit[0] if (hit := choice_in(self.paths[n], chooser)) else "" for n in positions])]  # fmt: skip
        units = {self._unit(f, position) for position in positions}
        if not found or len(set(found[0][1])) < len(positions) or len(units) > 1:
            return False
        unit = units.pop()
        chooser, labels = found[0]
        self.taken[f.name] = Column(f, tuple(positions), factor(f, unit), unit, tuple(labels))
        self.taken[chooser.name] = Column(chooser, tuple(positions), choices=tuple(labels))
        return True

    # --- places ------------------------------------------------------------------------------------------------------

    def _places(self) -> None:
        """乡镇 · 村 · 组 in columns of their own, and the code: together one place."""
        reg = self.reg
        if "place" not in reg or reg["place"].kind.name != "place" or "place" in self.taken:
            return
        levels: dict[int, int] = {}
        for position, path in enumerate(self.paths):
            words = [plain_title(part) for part in path if part.strip()]
            level = PLACE_LEVELS.get("".join(words), PLACE_LEVELS.get(words[-1])) if words else None
            if level is not None and position not in self.used:
                levels.setdefault(level, position)
        names = [levels[level] for level in (0, 1, 2) if level in levels]
        if not levels or (list(levels) == [2] and any(self._is_place(n) for n in range(len(self.paths)) if n not in self.used)):
            return  # a lone 村组 is the place's own title
        if CODE_LEVEL in levels:
            names.insert(0, levels[CODE_LEVEL])
        whole = next((n for n in range(len(self.paths)) if n not in self.used and n not in names and self._is_place(n)), None)
        if whole is not None and 2 not in levels:
            names.append(whole)
        self.used.update(names)
        self.taken["place"] = Column(reg["place"], tuple(names), unit="code" if CODE_LEVEL in levels else "")

    def _is_place(self, position: int) -> bool:
        found = self.readings[position]
        return bool(found) and found[0].field.name == "place"

    # --- figures side by side ----------------------------------------------------------------------------------------

    def _choosers(self) -> list[Field]:
        return [f for f in self.reg.fields if f.choices and f.required and not f.computed and f.name not in self.taken]

    def _side_by_side(self) -> None:
        """面积 as 永久 | 临时 in two columns: the filled one says both the area and the 征用性质 of the row."""
        for chooser in self._choosers():
            found = [(position, hit) for position, path in enumerate(self.paths)
                     if position not in self.used and (hit := choice_in(path, chooser)) is not None]  # fmt: skip
            groups: dict[str, list[tuple[int, str, Reading]]] = {}
            for position, (label, rest) in found:
                figures = [one for one in readings(self.reg, rest, self.units) if one.field.kind.scale is not None]
                if figures and figures[0].field.name not in self.taken:
                    groups.setdefault(figures[0].field.name, []).append((position, label, figures[0]))
            groups = {name: group for name, group in groups.items() if self._distinct(group)}
            labels = {position: label for group in groups.values() for position, label, _ in group}
            if len(set(labels.values())) < 2:
                continue
            for name, group in groups.items():
                first = group[0][2]
                self.taken[name] = Column(first.field, tuple(n for n, _, _ in group), first.factor, first.unit, tuple(label for _, label, _ in group))
            self.used.update(labels)
            self.taken[chooser.name] = Column(chooser, tuple(sorted(labels)), choices=tuple(labels[n] for n in sorted(labels)))

    @staticmethod
    def _distinct(group: list[tuple[int, str, Reading]]) -> bool:
        return len({label for _, label, _ in group}) == len(group) and len({reading.unit for _, _, reading in group}) == 1

    # --- why a column was left out -----------------------------------------------------------------------------------

    def _explain(self, layout: Layout) -> None:
        left = layout.left
        self._explain_twice(layout)
        for n in left:
            if n in layout.told or plain_title(self.titles[n]) in self.given:
                continue
            if self._bare(n):
                self._tell(layout, [n], f"“{self.titles[n]}”没有写单位，认不出是哪一栏")
            elif self.readings[n] and (taken := self.taken.get(self.readings[n][0].field.name)):
                source = "、".join(f"“{self.titles[position]}”" for position in taken.columns)
                self._tell(layout, [n], f"“{self.titles[n]}”没有读入：“{taken.field.label}”已取自{source}")
        for chooser in (f for f in self.reg.fields if f.choices and f.required and not f.computed):
            these = [n for n in left if n not in layout.told and self._is_figure_of(n, chooser)]
            cure = f"请拆成每行一个{chooser.label}，加一列“{chooser.label}”，或在列对应里选好"
            if these and chooser.name in self.taken and not self.taken[chooser.name].choices:
                cure = f"表里另有“{chooser.label}”一栏，请把这几列并成一列"
            if these:
                self._tell(layout, these, f"{self._names(these)}没有读入：{cure}")
        self._explain_elsewhere(layout)
        for these in self._beside_each_other([n for n in left if n not in layout.told]):
            heading = self.paths[these[0]][0]
            self._tell(layout, these, f"{self._names(these)}并列在“{heading}”下面，没有读入：一行只登记一项，请拆成每项一行，或在列对应里选一列")

    def _is_figure_of(self, position: int, chooser: Field) -> bool:
        """Whether a title is one of the choices or a figure of it (永久, 面积/永久), not only a word with it (来访时间)."""
        hit = choice_in(self.paths[position], chooser)
        if hit is None or all(is_unit(part) for part in hit[1]):
            return hit is not None
        return any(one.field.kind.scale is not None for one in readings(self.reg, hit[1], self.units))

    def _explain_elsewhere(self, layout: Layout) -> None:
        """户主 and 身份证号 beside 户号: facts of the household, which the row only points to."""
        for column in layout.columns:
            if column.field.to in ("", "place", "project"):
                continue
            target = register(column.field.to)
            these = [n for n in layout.left if n not in layout.told and (found := readings(target, self.paths[n])) and found[0].rank >= _SURE]
            if these:
                self._tell(layout, these, f"{self._names(these)}是“{target.label}”的内容，没有读入；要改请导入到“{target.label}”")

    def _tell(self, layout: Layout, positions: Sequence[int], sentence: str) -> None:
        layout.doubts.append(sentence)
        layout.told.update(positions)

    def _names(self, positions: Sequence[int]) -> str:
        shown = "、".join(f"“{self.titles[n]}”" for n in positions[:4])
        return shown + (f"等 {len(positions)} 列" if len(positions) > 4 else "")

    def _explain_twice(self, layout: Layout) -> None:
        """Two tables side by side: the right one repeats the titles of the left one."""
        mine = {plain_title(join_title(self.paths[n])) for column in layout.columns for n in column.columns}
        again = [n for n in layout.left if plain_title(join_title(self.paths[n])) in mine and _SAME_LETTERS.search(self.titles[n])]
        if len(again) >= 2 and len(again) * 2 >= len(mine):
            letters = column_letters(self.first + again[0])
            self._tell(layout, again, f"同样的表头左右各有一份，只读了左边，{letters}列起的右边没有读入；请把右边移到左边的下面再导入")

    def _bare(self, position: int) -> bool:
        word = plain_title(join_title(self.paths[position]))
        same = [f for f in self.reg.fields if plain_title(f.label) == word]
        return len({f.unit for f in same}) > 1

    def _beside_each_other(self, positions: Sequence[int]) -> list[list[int]]:
        """Runs of two or more neighbours under one heading."""
        runs: list[list[int]] = [[n] for n in positions[:1]]
        for before, n in pairwise(positions):
            same = n == before + 1 and len(self.paths[n]) > 1 and self.paths[n][0] and self.paths[n][0] == self.paths[before][0]
            if same:
                runs[-1].append(n)
            else:
                runs.append([n])
        return [run for run in runs if len(run) > 1]
