"""What stands below a head: which rows are records, which are sections, totals and signatures, and the cells of each field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from operator import itemgetter
from typing import Any

from relocdesk.entry import Trouble, Worked
from relocdesk.errors import UserError
from relocdesk.excel.header import IGNORED, Column, Head, plain_title
from relocdesk.excel.sheet import Raw, Sheet, column_letters
from relocdesk.field import Field, number

_TOTAL = re.compile(r"(本页|全村|全乡|全镇|全组|各村|累计)?(小计|合计|总计|共计|累计|总合计)[:：]?(\(.*\))?\Z")
_FOOT = re.compile(r"(填表|制表|填报|审核|复核|经办|负责|单位负责|分管|联系|调查|统计|报送|编制|日期|说明|备注|附注|注)\S{0,8}[:：]")
_SECTION = re.compile(r"[(（]?([一二三四五六七八九十]{1,3}|[IVX]{1,4})[)）]?[、.．]?\Z")


@dataclass
class Body:
    """The records below a head. `rows` are (row number, cells parallel to `fields`), as judging wants them."""

    fields: tuple[Field, ...]
    rows: list[tuple[int, Sequence[Any]]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)  # sections, totals, signatures: row number and text
    problems: list[Trouble] = field(default_factory=list)  # error cells; their rows are not among `rows`
    warnings: list[Trouble] = field(default_factory=list)
    hidden: int = 0  # records in hidden rows: read like the others


def read_body(sheet: Sheet, head: Head) -> Body:
    """Everything below the head; the cells of `sheet` are completed in place (merged cells, formulas, units)."""
    order = sorted(head.columns, key=lambda column: len(column.columns) > 1 or column.factor != 1)
    body = Body(tuple(column.field for column in order))
    _carry_down(sheet, head, body)
    _mark_worked(sheet, head)
    pick = _picker(order)
    errors = sheet.errors_by_row()
    totals: list[tuple[int, list[Raw]]] = []
    mapped = [position for column in order for position in column.columns]
    hidden = sheet.scan.hidden
    for index in range(head.last + 1, len(sheet.cells)):
        cells = sheet.cells[index]
        row_number = sheet.first_row + index + 1
        kind = _kind_of_row(cells, head, len(mapped))
        if kind:
            if kind != "blank":
                body.skipped.append((row_number, "　".join(str(cell) for cell in cells if cell != "")[:60]))
                if kind == "total":
                    totals.append((row_number, cells))
            continue
        if errors and any(position in errors.get(index, ()) for position in mapped):
            body.problems += _error_troubles(row_number, errors[index], order)
        else:
            body.rows.append((row_number, pick(cells)))
        hidden_here = bool(hidden) and row_number - 1 in hidden
        body.hidden += hidden_here
    _check_totals(body, order, totals)
    return body


# --- which rows are records ------------------------------------------------------------------------------------------


def _kind_of_row(cells: list[Raw], head: Head, mapped: int) -> str:
    """blank, total, section, foot or head (repeated on each page); "" for a record."""
    filled = len(cells) - cells.count("")
    if not filled:
        return "blank"
    for cell in cells[:5]:
        if isinstance(cell, str) and cell and "计" in cell and _TOTAL.match(plain_title(cell)):
            return "total"
    if filled > 3 and cells[0] != head.titles[0] and filled * 2 > mapped:
        return ""
    texts = [str(cell).strip() for cell in cells if cell != ""]
    if _FOOT.match(texts[0].replace(" ", "")):
        return "foot"
    if filled > 1 and all(plain_title(text) in {plain_title(title) for title in head.titles} for text in texts):
        return "head"
    if filled == 1 and mapped > 1 and not _lone_record(cells, head):
        return "section"
    if filled == 2 and mapped > 2 and _SECTION.match(texts[0]):
        return "section"
    return ""


def _lone_record(cells: list[Raw], head: Head) -> bool:
    """A row with nothing but a figure or a code is somebody's unfinished record, not a heading."""
    only = next(n for n, cell in enumerate(cells) if cell != "")
    if plain_title(head.titles[only]) in IGNORED:
        return False
    return not isinstance(cells[only], str) or bool(re.fullmatch(r"[\w\-]*\d[\w\-]*", str(cells[only]), re.ASCII))


# --- cells of fields -------------------------------------------------------------------------------------------------


def _picker(order: Sequence[Column]) -> Callable[[list[Raw]], Sequence[Any]]:
    """How a row's cells are taken in the order of the fields; plain columns at the speed of C."""
    plain = [column.columns[0] for column in order if len(column.columns) == 1 and column.factor == 1]
    made = [_maker(column) for column in order[len(plain) :]]
    if not plain:
        return lambda cells: tuple(make(cells) for make in made)
    get = itemgetter(*plain) if len(plain) > 1 else (lambda cells, one=plain[0]: (cells[one],))
    if not made:
        return get
    return lambda cells: (*get(cells), *(make(cells) for make in made))


def _maker(column: Column) -> Callable[[list[Raw]], Any]:
    if column.factor != 1:
        position, factor = column.columns[0], column.factor
        return lambda cells: scaled(cells[position], factor)
    positions = column.columns
    if column.unit == "code":
        return lambda cells: _code_or_names(cells, positions)
    return lambda cells: " ".join(text for position in positions if (text := str(cells[position]).strip()))


def _code_or_names(cells: list[Raw], positions: tuple[int, ...]) -> str:
    code = str(cells[positions[0]]).strip()
    return code or " ".join(text for position in positions[1:] if (text := str(cells[position]).strip()))


def scaled(cell: Raw, factor: Decimal) -> Raw:
    """A figure in the unit of its head, in the unit that is kept: 1.5 under 万元 is 15000. Text that is no figure stays.

    >>> scaled(1.5, Decimal(10000)), scaled("约5", Decimal(10000))
    (15000, '约5')
    """
    if isinstance(cell, bool) or cell == "":
        return cell
    if isinstance(cell, (int, float)):
        made = Decimal(f"{cell:.15g}") * factor
        plain: Raw = int(made) if made == made.to_integral_value() else float(made)
        return Worked(float(made)) if isinstance(cell, Worked) else plain
    try:
        return format((number(str(cell)) * factor).normalize(), "f")
    except (UserError, InvalidOperation):
        return cell


def _carry_down(sheet: Sheet, head: Head, body: Body) -> None:
    """Vertically merged cells hold for each of their rows; blank rows stay blank."""
    of_column = {position: column for column in head.columns for position in column.columns}
    told = set()
    for top, left, bottom, _ in sheet.merges:
        column = of_column.get(left)
        if top <= head.last or bottom == top or column is None or sheet.cells[top][left] == "":
            continue
        value = sheet.cells[top][left]
        for row in range(top + 1, bottom + 1):
            cells = sheet.cells[row]
            if len(cells) - cells.count("") >= 1 and cells[left] == "":
                cells[left] = value
                if column.field.kind.scale is not None and column.field.name not in told:
                    told.add(column.field.name)
                    body.warnings.append(Trouble(sheet.row_number(row), column.field.name, column.field.label, str(value),
                                                 "合并单元格里的数字按每行都有读取，请核对是不是重复计算"))  # fmt: skip


def _mark_worked(sheet: Sheet, head: Head) -> None:
    """Figures that formulas worked out are marked, because their extra decimals are rounded and not refused."""
    if not sheet.scan.formulas:
        return
    figures = {position for column in head.columns if column.field.kind.scale is not None for position in column.columns}
    for row, column in sheet.scan.formulas:
        index, position = row - sheet.first_row, column - sheet.first_column
        if position in figures and head.last < index < len(sheet.cells):
            cell = sheet.cells[index][position]
            if isinstance(cell, float):
                sheet.cells[index][position] = Worked(cell)


def _error_troubles(row_number: int, errors: dict[int, str], order: Sequence[Column]) -> Iterator[Trouble]:
    for column in order:
        for position in column.columns:
            if position in errors:
                text = errors[position]
                cure = "请在 Excel 中打开并保存一次，或改填数值" if text.startswith("公式") else "请改正公式，或改填数值"
                yield Trouble(row_number, column.field.name, column.field.label, text, f"单元格{text if text.startswith('公式') else f'是错误值 {text}'}。{cure}",
                              "CELL_ERROR")  # fmt: skip


# --- totals ----------------------------------------------------------------------------------------------------------


def _check_totals(body: Body, order: Sequence[Column], totals: list[tuple[int, list[Raw]]]) -> None:
    """A 合计 that is not the sum of the rows is worth a look; 小计 are taken as they are."""
    for row_number, cells in totals:
        if any(isinstance(cell, str) and "小计" in plain_title(cell) for cell in cells):
            continue
        for place, column in enumerate(order):
            if column.field.kind.scale is None:
                continue
            claimed = _amount(cells[column.columns[0]])
            if claimed is None:
                continue
            real = sum((_amount(row[place]) or Decimal(0) for at, row in body.rows if at != row_number), Decimal(0))
            claimed *= column.factor
            if abs(real - claimed) > Decimal("0.005"):
                body.warnings.append(Trouble(row_number, column.field.name, column.field.label, str(claimed),
                                             f"合计行写的是 {claimed:f}，各行相加是 {real:f}，相差 {claimed - real:f}；请核对是否漏行"))  # fmt: skip


def _amount(cell: Any) -> Decimal | None:
    if cell is None or cell == "" or isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return Decimal(f"{cell:.15g}")
    try:
        return number(str(cell))
    except UserError:
        return None


def letters_of(sheet: Sheet, head: Head) -> dict[str, str]:
    """Field name → letters of its (first) column on the sheet."""
    return {column.field.name: column_letters(sheet.first_column + column.columns[0]) for column in head.columns}
