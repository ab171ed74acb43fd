"""What stands below a head: which rows are records, which are sections, totals and signatures, and the cells of each field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from operator import itemgetter
from typing import Any

from relocdesk.entry import Trouble, Worked
from relocdesk.errors import UserError
from relocdesk.excel.columns import Column
from relocdesk.excel.header import Head
from relocdesk.excel.rowkind import Kinds, is_grand_total
from relocdesk.excel.sheet import Raw, Sheet, column_letters
from relocdesk.excel.titles import IGNORED, plain_title
from relocdesk.field import Field, number

_NOTHING = frozenset(("", 0, "0", "-", "—", "——", "/", "无"))  # how a figure that is not there is written


@dataclass
class Body:
    """The records below a head. `rows` are (row number, cells parallel to `fields`), as judging wants them."""

    fields: tuple[Field, ...]
    rows: list[tuple[int, Sequence[Any]]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)  # sections, totals, signatures: row number and text
    sections: list[tuple[int, str]] = field(default_factory=list)  # of these, the headings within the table
    problems: list[Trouble] = field(default_factory=list)  # error cells; their rows are not among `rows`
    warnings: list[Trouble] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    hidden: int = 0  # records in hidden rows: read like the others
    filled: dict[tuple[int, int], Raw] = field(default_factory=dict)  # cells of `sheet` completed from those above them


def read_body(sheet: Sheet, head: Head) -> Body:
    """Everything below the head; the cells of `sheet` are completed in place (merged cells, formulas, units)."""
    order = sorted(head.columns, key=lambda column: len(column.columns) > 1 or column.factor != 1)
    body = Body(tuple(column.field for column in order))
    _drop_guards(sheet.cells[head.last + 1 :])
    kinds = Kinds(sheet, head)
    _carry_down(sheet, head, body)
    records = [index for index in range(head.last + 1, len(sheet.cells)) if not _set_aside(sheet, body, kinds, index)]
    _fill_blocks(sheet, head, body, records)
    _mark_worked(sheet, head)
    pick, errors, hidden = _picker(order), sheet.errors_by_row(), sheet.scan.hidden
    mapped = [position for column in order for position in column.columns]
    apart = [column for column in order if column.choices and not column.field.choices]
    months = [column for column in order if column.field.kind.name in ("date", "month")]
    for index in records:
        cells, row_number = sheet.cells[index], sheet.row_number(index)
        if errors and any(position in errors.get(index, ()) for position in mapped):
            body.problems += _error_troubles(row_number, errors[index], order)
        elif apart and (twice := list(_filled_twice(row_number, cells, apart))):
            body.problems += twice
        else:
            body.rows.append((row_number, pick(cells)))
        for column in months:
            _doubt_month(body, row_number, cells[column.columns[0]], column.field)
        body.hidden += bool(hidden) and row_number - 1 in hidden
    _check_totals(body, order, [(sheet.row_number(index), sheet.cells[index]) for index in kinds.totals])
    return body


def _drop_guards(rows: list[list[Raw]]) -> None:
    """Programs guard long numbers with an apostrophe; where it came along as text it is no part of the number."""
    for cells in rows:
        if [cell for cell in cells if cell.__class__ is str and cell[:1] == "'"]:
            cells[:] = [cell[1:] if isinstance(cell, str) and cell[:1] == "'" else cell for cell in cells]


def _set_aside(sheet: Sheet, body: Body, kinds: Kinds, index: int) -> bool:
    """Whether a row is no record; what it says is kept."""
    kind = kinds.of(index)
    if kind and kind != "blank":
        told = (sheet.row_number(index), "　".join(str(cell) for cell in sheet.cells[index] if cell != "")[:60])
        body.skipped.append(told)
        if kind == "section":
            body.sections.append(told)
    return bool(kind)


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
    if column.choices:
        return _side_maker(column)
    if column.factor != 1:
        position, factor = column.columns[0], column.factor
        return lambda cells: scaled(cells[position], factor)
    positions = column.columns
    if column.unit == "code":
        return lambda cells: _code_or_names(cells, positions)
    return lambda cells: " ".join(text for position in positions if (text := str(cells[position]).strip()))


def _side_maker(column: Column) -> Callable[[list[Raw]], Any]:
    """The one filled figure of several columns, or the choice it stands under."""
    sides = tuple(zip(column.columns, column.choices, strict=True))
    if column.field.choices:
        return lambda cells: next((choice for position, choice in sides if cells[position] not in _NOTHING), "")
    return lambda cells: next((scaled(cells[position], column.factor) for position, _ in sides if cells[position] not in _NOTHING), "")


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
                cells[left] = body.filled[row, left] = value
                if column.field.kind.scale is not None and column.field.name not in told:
                    told.add(column.field.name)
                    body.warnings.append(Trouble(sheet.row_number(row), column.field.name, column.field.label, str(value),
                                                 "合并单元格里的数字按每行都有读取，请核对是不是重复计算"))  # fmt: skip


_HOUSEHOLD = ("head_name", "household_no")  # what a list of people says of their household
_SHARED = (*_HOUSEHOLD, "reservoir")  # what all of a household have in common; accounts and telephones are each one's own


def _fill_blocks(sheet: Sheet, head: Head, body: Body, records: Sequence[int]) -> None:
    """A household written on the first of its lines only, without merging, holds for the lines below it; with it where it lives.

    Certain only when 序号, a required field or a title such as 户主 begins on the very same rows; else it is pointed out.
    """
    of_column = {position: column.field for column in head.columns for position in column.columns}
    for position, f in of_column.items():
        if not (f.to == "household" or f.name in _HOUSEHOLD) or f.via or not records or sheet.cells[records[0]][position] == "":
            continue
        starts = [index for index in records if sheet.cells[index][position] != ""]
        if len(starts) == len(records):
            continue
        alike = [n for n in range(sheet.width) if head.titles[n] and [i for i in records if sheet.cells[i][n] != ""] == starts]
        if any(_begins_blocks(head.titles[n], of_column.get(n)) for n in alike if n != position):
            _fill(sheet, body, records, [n for n in alike if n in of_column and (of_column[n].to or of_column[n].name in _SHARED)])
            body.notes.append(f"“{head.titles[position]}”只写在每户的第一行，下面空着的行照它登记")
        elif not f.together and len(starts) * 3 <= len(records) * 2:
            body.notes.append(f"“{head.titles[position]}”有 {len(records) - len(starts)} 行空着，没有照上一行补；如果只写在每户第一行，请在表里填满再导入")


def _begins_blocks(title: str, f: Field | None) -> bool:
    return plain_title(title) in IGNORED or plain_title(title).startswith("户") or (f is not None and f.required)


def _fill(sheet: Sheet, body: Body, records: Sequence[int], positions: Sequence[int]) -> None:
    above: dict[int, Raw] = {}
    for index in records:
        cells = sheet.cells[index]
        for n in positions:
            if cells[n] != "":
                above[n] = cells[n]
            else:
                cells[n] = body.filled[index, n] = above[n]


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
                unsolved = text.startswith("公式")
                told = f"单元格{text}。请在 Excel 中打开并保存一次，或改填数值" if unsolved else f"单元格是错误值 {text}。请改正公式，或改填数值"
                yield Trouble(row_number, column.field.name, column.field.label, text, told, "CELL_ERROR")


def _filled_twice(row_number: int, cells: list[Raw], apart: Sequence[Column]) -> Iterator[Trouble]:
    """Figures under two choices in one row: two records that nobody but the clerk can tell apart."""
    for column in apart:
        told = [choice for position, choice in zip(column.columns, column.choices, strict=True) if cells[position] not in _NOTHING]
        if len(told) > 1:
            shown = "、".join(str(cells[position]) for position in column.columns)
            yield Trouble(row_number, column.field.name, column.field.label, shown, f"“{'”和“'.join(told)}”都有数，一行只能登记一项；请拆成两行，每行只填一项",
                          "SIDE_BY_SIDE")  # fmt: skip
            return


def _doubt_month(body: Body, row_number: int, cell: Raw, f: Field) -> None:
    """2025.10 typed as a number is 2025.1 on disk."""
    if isinstance(cell, float) and 1900 < cell < 2201 and f"{cell:.2f}"[-2:] == "10":
        told = f"单元格里是数字 {cell:g}，按 1 月读取；如果是 10 月，请改成文字，如 {int(cell)}-10"
        body.warnings.append(Trouble(row_number, f.name, f.label, f"{cell:g}", told))


# --- totals ----------------------------------------------------------------------------------------------------------


def _check_totals(body: Body, order: Sequence[Column], totals: list[tuple[int, list[Raw]]]) -> None:
    """A 合计 that is neither the sum of all rows nor of those since the last one is worth a look; 小计 are taken as they are."""
    before = 0
    for row_number, cells in totals:
        if not is_grand_total(cells):
            continue
        for place, column in enumerate(order):
            claims = [amount for position in column.columns if (amount := _amount(cells[position])) is not None]
            if column.field.kind.scale is None or not claims:
                continue
            claimed = sum(claims, Decimal(0)) * column.factor
            above = [(at, _amount(row[place]) or Decimal(0)) for at, row in body.rows if at != row_number]
            real = sum((amount for _, amount in above), Decimal(0))
            since = sum((amount for at, amount in above if before < at < row_number), Decimal(0))
            if min(abs(real - claimed), abs(since - claimed)) > Decimal("0.005"):
                body.warnings.append(Trouble(row_number, column.field.name, column.field.label, str(claimed),
                                             f"合计行写的是 {claimed:f}，各行相加是 {real:f}，相差 {claimed - real:f}；请核对是否漏行"))  # fmt: skip
        before = row_number


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
