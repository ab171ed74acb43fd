"""Long tables: heads of one or two levels repeated on every page, 本页小计, 累计 and 合计, rows kept whole.

Sums are whole numbers (分, 0.01 m², 10⁻⁶ 亩) added exactly and shown by the column's own function, so a page's subtotal
is the sum of the rows really on that page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate, groupby, pairwise
from typing import Any

from relocdesk.printing.cell import PAD, Cell, CellAlign, Look, draw_row, edges_of, row_height
from relocdesk.printing.flow import Box
from relocdesk.printing.paragraph import Text
from relocdesk.printing.pen import Pen

GAP = "\u3000"  # in the head of a section: what stands behind it is not repeated overleaf
Row = Sequence[Any] | str  # per column an int (shown by it), text, spans or None; a text alone: a section head


@dataclass(frozen=True)
class Column:
    """A column: `title`, `share` of the width, alignment of its cells.

    `group` is the upper head over neighbouring columns that name the same one. `total` adds its whole numbers up;
    `show` turns one of them into text.
    """

    title: str
    share: float
    align: CellAlign = "left"
    group: str = ""
    total: bool = False
    show: Callable[[int], str] = str


@dataclass(frozen=True)
class Table:
    """Rows under a head. Texts of `subtotal` (foot of each page when there are several), `running` (累计 there too,
    but on the last page) and `total` (at the end); empty text: no such row. `least` is the smallest row height, for
    columns to be signed in. `empty` is printed when there are no rows. A row that is one text stands across the whole
    width as the head of the rows under it. The first column holds no sums, for the label of the sums stands there.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    subtotal: str = ""
    running: str = ""
    total: str = ""
    least: float = 0.0
    role: str = "song"
    size: float = 10.5
    before: float = 0.0
    after: float = 0.0
    empty: str = "（无）"

    def __post_init__(self) -> None:
        if self.columns[0].total:
            raise ValueError("the first column cannot have a total: its label stands there")

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        return _Setting(self, width, height).boxes()


class _Setting:
    """One table set in one width: a flow.Part."""

    def __init__(self, table: Table, width: float, height: float) -> None:
        self.table, self.page_height = table, height
        self.edges = edges_of([column.share for column in table.columns], width)
        self.rooms = [b - a - 2 * PAD for a, b in pairwise(self.edges)]
        leading = table.size * 1.32
        self.looks = [Look(table.role, table.size, leading, column.align) for column in table.columns]
        self.head_look = Look("hei", table.size, leading, "center")
        self.section_look = Look("hei", table.size, leading, "left")
        self.sum_look = Look(table.role, table.size, leading, "center")
        self.sum_height = row_height([Cell("合", self.sum_look, 100.0)], 0.0)
        self.summed = [n for n, column in enumerate(table.columns) if column.total]
        self.foot_height = self.sum_height * (bool(table.subtotal) + bool(table.running))

    # the head

    @cached_property
    def _upper(self) -> list[tuple[str, int, int]]:
        """Upper head cells: (group, first column, column after the last)."""
        cells, at = [], 0
        for group, columns in groupby(self.table.columns, lambda column: column.group):
            count = len(list(columns))
            cells.append((group, at, at + count))
            at += count
        return cells

    @cached_property
    def _head_cells(self) -> tuple[float, float, list[Cell], dict[int, Cell]]:
        """Heights of the upper (0: none) and lower head, lower cells, upper cells by first column."""
        columns = self.table.columns
        lower = [Cell(c.title, self.head_look, room) for c, room in zip(columns, self.rooms, strict=True)]
        upper = {
            a: Cell(group, self.head_look, self.edges[b] - self.edges[a] - 2 * PAD)
            for group, a, b in self._upper
            if group
        }
        if not upper:
            return 0.0, row_height(lower, 0.0), lower, upper
        high = row_height(list(upper.values()), 0.0)
        low = row_height([cell for cell, column in zip(lower, columns, strict=True) if column.group], 0.0)
        alone = row_height([cell for cell, column in zip(lower, columns, strict=True) if not column.group], 0.0)
        return high, max(low, alone - high), lower, upper

    def head(self, row: int = -1) -> Box:
        """The head, also for the next page; under it the section that goes on there, so that a loose page says where it belongs."""
        high, low, _, _ = self._head_cells
        text = self._section_of(row)
        strip = self._section(f"{text.partition(GAP)[0]}（续）", -1) if text else None
        return Box(high + low + (strip.height if strip else 0.0), partial(self._draw_heads, high + low, strip), weight=0, part=self, holds=True)

    def _section_of(self, row: int) -> str:
        """The head of the section that a row lies in; "" for a row that is such a head itself, and where there are none."""
        rows = self.table.rows
        if row < 0 or isinstance(rows[row], str):
            return ""
        above = (rows[n] for n in range(row - 1, -1, -1))
        return next((one for one in above if isinstance(one, str)), "")

    def _draw_heads(self, high: float, strip: Box | None, pen: Pen, left: float, top: float) -> None:
        self._draw_head(pen, left, top)
        if strip:
            strip.draw(pen, left, top - high)

    def _draw_head(self, pen: Pen, left: float, top: float) -> None:
        high, low, lower, upper = self._head_cells
        for group, a, b in self._upper:
            edges = [left + edge for edge in self.edges[a : b + 1]]
            if group:
                pen.grid([edges[0], edges[-1]], top, top - high)
                upper[a].draw(pen, edges[0] + PAD, top, high)
                pen.grid(edges, top - high, top - high - low)
            else:
                pen.grid(edges, top, top - high - low)
            for n in range(a, b):
                start, tall = (top - high, low) if group else (top, high + low)
                lower[n].draw(pen, left + self.edges[n] + PAD, start, tall)

    # the rows

    def _cells(self, row: Sequence[Any]) -> list[Cell | None]:
        cells: list[Cell | None] = []
        for value, column, look, room in zip(row, self.table.columns, self.looks, self.rooms, strict=True):
            if value is None or value == "":
                cells.append(None)
                continue
            text: Text = column.show(value) if isinstance(value, int) else value
            cells.append(Cell(text, look, room))
        return cells

    def _draw_body(self, index: int, high: float, pen: Pen, left: float, top: float) -> None:
        draw_row(pen, left, top, high, self.edges, self._cells(self.table.rows[index]))

    def boxes(self) -> Iterable[Box]:
        """Head, rows, closing subtotal, total."""
        table = self.table
        head = self.head()
        head.space = table.before
        yield head
        sections = [row for row in table.rows if isinstance(row, str)]
        strip = max((self._section(row, -1).height for row in sections), default=0.0)  # may be repeated on any page
        room = self.page_height - head.height - strip - self.foot_height
        last: Box | None = None
        for index, row in enumerate(table.rows):
            if last:
                yield last
            if isinstance(row, str):
                last = self._section(row, index)
                continue
            high = row_height(self._cells(row), table.least)
            if high > room:
                *slices, last = self._sliced(index, room)
                yield from slices
            else:
                last = Box(high, partial(self._draw_body, index, high), part=self, row=index, reserves=True)
        last = last or self._plain_row(table.empty)
        yield from self._end(last)

    def _end(self, last: Box) -> Iterable[Box]:
        """The last row and what is under it; white after whatever comes last."""
        table = self.table
        yield last
        if table.subtotal:
            yield Box(0.0, _nothing, glued=True, weight=0, part=self, closing=True)
        if table.total:
            sums = self._sums(0, len(table.rows) - 1)
            yield Box(self.sum_height, partial(self._draw_sums, table.total, sums), glued=True, part=self)
        if table.after:
            yield Box(0.0, _nothing, glued=True, weight=0, after=table.after)

    def _section(self, text: str, index: int) -> Box:
        cell = Cell(text, self.section_look, self.edges[-1] - 2 * PAD)
        high, edges = row_height([cell], 0.0), [0.0, self.edges[-1]]
        draw = partial(self._draw_across, edges, cell, high)
        return Box(high, draw, weight=0, part=self, row=index, reserves=True, holds=True)

    def _draw_across(self, edges: list[float], cell: Cell, high: float, pen: Pen, left: float, top: float) -> None:
        draw_row(pen, left, top, high, edges, [cell])

    def _plain_row(self, text: str) -> Box:
        cell = Cell(text, self.sum_look, self.edges[-1] - 2 * PAD)
        high = row_height([cell], self.table.least)
        edges = [0.0, self.edges[-1]]
        return Box(high, partial(self._draw_across, edges, cell, high), part=self)

    def _sliced(self, index: int, room: float) -> list[Box]:
        """A row taller than a page in boxes that are not; its sum counts where it starts."""
        cells = self._cells(self.table.rows[index])
        count = max(int((room - 2 * PAD) / self.looks[0].leading), 1)
        portions = [cell.slices(count) if cell else [] for cell in cells]
        boxes = []
        for n in range(max(len(portion) for portion in portions)):
            part = [
                cell.portion(portion[n]) if cell and n < len(portion) else None
                for cell, portion in zip(cells, portions, strict=True)
            ]
            high = row_height(part, self.table.least)
            draw = partial(self._draw_slice, part, high)
            boxes.append(Box(high, draw, part=self, row=index if n == 0 else -1, reserves=True))
        return boxes

    def _draw_slice(self, cells: list[Cell | None], high: float, pen: Pen, left: float, top: float) -> None:
        draw_row(pen, left, top, high, self.edges, cells)

    # the sums

    @cached_property
    def _up_to(self) -> dict[int, list[int]]:
        """Per summed column: sums of the first 0, 1, 2 … rows."""
        return {n: list(accumulate((_number(row, n) for row in self.table.rows), initial=0)) for n in self.summed}

    def _sums(self, first: int, last: int) -> dict[int, int]:
        return {n: sums[last + 1] - sums[first] for n, sums in self._up_to.items()}

    def foot(self, first: int, last: int, *, more: bool) -> Box | None:
        """本页小计 (and 累计 when the table goes on); nothing for a table on one page."""
        table = self.table
        lines = []
        if table.subtotal and (more or first > 0):
            lines.append((table.subtotal, self._sums(first, last)))
        if table.running and more:
            lines.append((table.running, self._sums(0, last)))
        if not lines:
            return None
        return Box(self.sum_height * len(lines), partial(self._draw_foot, lines), part=self)

    def _draw_foot(self, lines: list[tuple[str, dict[int, int]]], pen: Pen, left: float, top: float) -> None:
        for label, sums in lines:
            self._draw_sums(label, sums, pen, left, top)
            top -= self.sum_height

    def _draw_sums(self, label: str, sums: dict[int, int], pen: Pen, left: float, top: float) -> None:
        """One row of sums; its label spans the columns before the first sum."""
        first = max(self.summed[0], 1) if self.summed else len(self.table.columns)
        edges = [0.0, *self.edges[first:]]
        cells: list[Cell | None] = [Cell(label, self.sum_look, edges[1] - 2 * PAD)]
        for n in range(first, len(self.table.columns)):
            text = self.table.columns[n].show(sums[n]) if n in sums else ""
            cells.append(Cell(text, self.looks[n], self.rooms[n]) if text else None)
        draw_row(pen, left, top, self.sum_height, edges, cells)


def _number(row: Row, column: int) -> int:
    """What a row adds to the sum of a column."""
    value = None if isinstance(row, str) else row[column]
    return value if isinstance(value, int) else 0


def _nothing(pen: Pen, left: float, top: float) -> None:
    """The closing box is replaced by the last foot."""
