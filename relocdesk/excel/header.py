"""Finding the head of a sheet: below title rows, up to four lines, merged or not, known by its titles or learned before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from relocdesk.excel.caption import Caption, read_caption
from relocdesk.excel.columns import Column, lay_out, unique_titles
from relocdesk.excel.mapping import Learned
from relocdesk.excel.sheet import Raw, Sheet
from relocdesk.excel.titles import is_unit
from relocdesk.field import Register

DEEPEST = 40  # a head below this row is no head
LINES = 4


@dataclass
class Head:
    """The head of a sheet in terms of `Sheet.cells`: its lines, its titles by column, and what they mean."""

    first: int
    last: int
    titles: tuple[str, ...]  # "" where a column has none
    columns: tuple[Column, ...]
    unmapped: tuple[str, ...]  # titles nobody could place, as written
    learned: bool = False
    doubts: tuple[str, ...] = ()  # about columns that were left out, and units taken from above the head
    unknown: tuple[int, ...] = ()  # columns left out that no doubt is about
    caption: Caption = field(default_factory=Caption)

    @property
    def mapping(self) -> dict[str, str]:
        """Title → field name, "" for a column that is left out: what a person can correct."""
        found = {title: "" for title in self.titles if title}
        for column in self.columns:
            for position in column.columns:
                if not (column.choices and column.field.choices):  # side by side, the figure is what the column holds
                    found[self.titles[position]] = column.field.name
        return found


def find_head(sheet: Sheet, reg: Register, mapping: Mapping[str, str] | None = None, learned: Learned | None = None) -> tuple[int, Head] | None:
    """The best head of a sheet with its score, or None when nothing there looks like one.

    `mapping` was given for this sheet; `learned` tells what was corrected before for a head of the same titles.
    """
    best: tuple[int, int, int, dict[str, str] | None] | None = None
    deepest = min(DEEPEST, len(sheet.cells))
    spread = _spread(sheet, deepest + LINES)
    down = [(top, bottom) for top, _, bottom, _ in sheet.merges if bottom > top and top < deepest + LINES]
    for first in range(deepest):
        if not any(spread[first]) or any(top < first <= bottom for top, bottom in down):
            continue
        for last in _ends(sheet, spread, down, first):
            paths = _paths(spread, first, last)
            known = learned(unique_titles(paths, sheet.first_column)) if learned is not None and mapping is None else None
            score = _score(reg, paths, known or mapping) + (_KNOWN if known and any(known.values()) else 0)
            if score and (best is None or score > best[0]):
                best = (score, first, last, known)
    if best is None:
        return None
    score, first, last, known = best
    head = make_head(sheet, reg, first, last, known or mapping)
    head.learned = known is not None
    return score, head


_KNOWN = 100_000  # a head whose shape was corrected before is preferred to every other


def make_head(sheet: Sheet, reg: Register, first: int, last: int, mapping: Mapping[str, str] | None = None) -> Head:
    """The head standing in these lines."""
    paths = _paths(_spread(sheet, last + 1), first, last)
    below = [row for row in sheet.cells[last + 1 : last + 2] if len(row) - row.count("") == 1]  # 单位：亩 alone, under the head
    caption = read_caption([*sheet.cells[:first], *below])
    layout = lay_out(reg, paths, mapping, caption.units, sheet.first_column)
    titles = unique_titles(paths, sheet.first_column)
    unmapped = tuple(titles[n] for n in layout.left)
    unknown = tuple(n for n in layout.left if n not in layout.told)
    doubts = (*layout.doubts, *_units_from_above(paths, layout.columns, caption, titles))
    return Head(first, last, titles, tuple(layout.columns), unmapped, False, doubts, unknown, caption)


def _units_from_above(paths: Sequence[Sequence[str]], columns: Sequence[Column], caption: Caption, titles: Sequence[str]) -> list[str]:
    """Figures whose unit stands above the head only, where it decides something."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.unit in caption.units and column.unit not in "".join(paths[column.columns[0]]):
            found.setdefault(column.unit, []).append(f"“{titles[column.columns[0]]}”")
    return [f"{'、'.join(names)}按表上写的“单位：{unit}”读取" for unit, names in found.items()]


# --- the lines of a head ---------------------------------------------------------------------------------------------


def _spread(sheet: Sheet, rows: int) -> list[list[str]]:
    """The first rows as texts, each merged range filled with its value."""
    found = [[_text(cell) for cell in row] for row in sheet.cells[:rows]]
    for top, left, bottom, right in sheet.merges:
        if top >= rows or (right - left + 1 >= sheet.width and sheet.width > 2 and bottom == top):
            continue  # a title across the whole sheet heads no column
        for row in range(top, min(bottom + 1, rows, len(found))):
            for column in range(left, right + 1):
                found[row][column] = found[top][left]
    return found


def _text(cell: Raw) -> str:
    return cell.strip() if isinstance(cell, str) else str(cell)


def _paths(spread: list[list[str]], first: int, last: int) -> list[list[str]]:
    lines = [list(row) for row in spread[first : last + 1]]
    for top, below in pairwise(lines):
        for n in range(1, len(top)):  # an unmerged heading stands over the first of its columns only
            if not top[n] and below[n] and below[n - 1] and top[n - 1] and top[n - 1] != below[n - 1]:
                top[n] = top[n - 1]
    return [[line[n] for line in lines] for n in range(len(lines[0]))]


def _ends(sheet: Sheet, spread: list[list[str]], down: Sequence[tuple[int, int]], first: int) -> list[int]:
    """Where a head beginning in this line may end: never in the middle of cells merged downwards."""
    found = []
    least = first
    for last in range(first, min(first + LINES, len(spread))):
        if last > first and not _continues(sheet, spread, down, last):
            break
        least = max([least, *(bottom for top, bottom in down if top == last)])
        if last >= least:
            found.append(last)
    return found


def _continues(sheet: Sheet, spread: list[list[str]], down: Sequence[tuple[int, int]], last: int) -> bool:
    """Whether a further line can belong to the head: texts only, and something above it is merged or empty."""
    row = sheet.cells[last]
    if any(not isinstance(cell, str) for cell in row) or not any(spread[last]):
        return False
    above = spread[last - 1]
    return any(top < last <= bottom for top, bottom in down) or any(
        (above[n] and n and above[n] == above[n - 1]) or (not above[n] and spread[last][n]) for n in range(len(above))
    ) or all(not cell or is_unit(cell) for cell in spread[last])


def _score(reg: Register, paths: list[list[str]], mapping: Mapping[str, str] | None) -> int:
    """How well titles fit: the ranks of the fields found, required and key ones counting double; 0 when it is no head."""
    layout = lay_out(reg, paths, mapping, explain=False)
    columns = layout.columns
    filled = sum(1 for path in paths if any(path))
    if not columns or (len(columns) < 2 and filled > 2) or len(columns) * 4 < filled:
        return 0
    weighty = sum(1 for column in columns if column.field.required or column.field.name in reg.key_fields)
    return 100 * (len(columns) + weighty) - 10 * len(layout.left) - 3 * len(paths[0])
