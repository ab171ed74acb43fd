"""Workbooks that people get: a template to fill in, and a register as it stands, ready to print and to import again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.entry import place_code
from relocdesk.excel.paper import Column, Rows, Shown, Styles, print_set_up, save, shower, table, text
from relocdesk.excel.sheet import column_letters
from relocdesk.field import MONEY, MU, Field, Register, Value
from relocdesk.job import Tick, no_tick
from relocdesk.queries.choices import words_of
from relocdesk.queries.keys import Keys
from relocdesk.queries.rows import Ask, Condition, page, rowids, totals
from relocdesk.records import children_of, home_id, register
from relocdesk.records.project import Project

PLACE_TITLES = ("乡镇", "村", "组", "村组代码")
GUIDE = "填写说明"
_LISTS = "选项"
_PAGE = 2_000
_ROOM = 2_000  # rows of a template that offer drop-downs
_EXAMPLES = {
    "date": "2023-06-01", "month": "2023-06", "year": "2023", "int": "3", "money": "12345.60", "m2": "666.67", "mu": "1.23",
    "quantity": "12.5", "rate": "3.5", "flag": "是", "idcard": "18 位号码", "account": "银行卡号，只写数字", "phone": "手机或座机", "credit": "18 位代码",
}  # fmt: skip
_HOW = {
    "text": "文字", "note": "文字，可以换行", "date": "日期", "month": "年月", "year": "四位年份", "int": "整数", "money": "金额，到分",
    "m2": "平方米，两位小数", "mu": "亩", "quantity": "数字", "rate": "数字", "flag": "填“是”或“否”", "idcard": "身份证号，单元格保持文本格式",
    "account": "账号，单元格保持文本格式", "phone": "电话号码", "credit": "统一社会信用代码", "choice": "从下拉里选", "choice+": "从下拉里选，或写别的",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """One column of a sheet: its title, the field it belongs to, and which part of a place (-1 = the whole value)."""

    title: str
    field: Field
    part: int = -1


def spots(reg: Register, *, public: bool = False, template: bool = False) -> list[Spot]:
    """The columns of a register's sheet, the parent's key first. `public` leaves private fields out, `template` computed ones."""
    reached = {f.via.split(".")[0] for f in reg if f.via}
    found: list[Spot] = []
    for f in sorted(reg.fields, key=lambda f: not f.part_of):
        if (public and f.private) or f.name in reached:
            continue
        if (f.computed == "=f" and (f.to or f.kind.name == "note")) or (template and f.computed in ("=", "=f")):
            continue
        if f.name == "place" and f.to == "place":
            found += [Spot(title, f, part) for part, title in enumerate(PLACE_TITLES)]
        else:
            found.append(Spot(f.title, f))
    return _told_apart(found)


def _told_apart(found: list[Spot]) -> list[Spot]:
    """Two columns of one title would be read as one."""
    seen: set[str] = set()
    for n, spot in enumerate(found):
        if spot.title in seen:
            found[n] = Spot(f"{spot.title}·{spot.field.name}", spot.field, spot.part)
        seen.add(found[n].title)
    return found


def number_format(f: Field) -> str:
    """The spreadsheet's format for a field: text for everything that is not a figure or a day."""
    return f.kind.excel_format if f.choices is None and not f.to else "@"


# --- export ----------------------------------------------------------------------------------------------------------


def export(session: Session, reg: Register, ask: Ask | None, out: Path, *, public: bool = False, on: str = "", tick: Tick = no_tick) -> int:
    """Writes what an ask finds, with the rows of child registers on sheets of their own; returns how many records.

    Importing the file again finds every row the same. `public` leaves private fields out; `on` is the day printed in the
    heading. Totals are no row but stand in the heading.
    """
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import

    book: Any = Workbook(write_only=True)
    wanted = rowids(session, ask or Ask(reg))
    office = settings.this_office(session, home_id(place_code(session)))
    name = office.name if office else ""
    sums = _sums(session, ask or Ask(reg), wanted)
    bodies = {reg.label: _sheet(book, session, reg, wanted, name, on, public, tick, sums)}
    for child in children_of(reg):
        lines = _child_rows(session, child, reg, wanted, whole=ask is None)
        if len(lines):
            bodies[child.label] = _sheet(book, session, child, lines, name, on, public, tick)
    save(book, out, bodies)
    return len(wanted)


def _child_rows(session: Session, child: Register, reg: Register, parents: Sequence[int], *, whole: bool) -> Sequence[int]:
    if whole:
        return rowids(session, Ask(child))
    assert child.parent is not None
    ids = tuple(line.id for start in range(0, len(parents), _PAGE) for line in page(session, reg, parents[start : start + _PAGE], ()))
    return rowids(session, Ask(child, (Condition(child.parent.name, "在", ids),)))


def _sheet(book: Any, session: Session, reg: Register, wanted: Sequence[int], office: str, on: str, public: bool, tick: Tick,
           sums: Iterable[str] = ()) -> tuple[list[Any], Rows]:  # fmt: skip
    found = spots(reg, public=public)
    columns = [Column(spot.title, _width(spot), number_format(spot.field), grey=spot.field.computed in ("=", "=f")) for spot in found]
    parts = (f"单位：{office}" if office else "", f"导出日期：{on}" if on else "", f"共 {len(wanted)} 条", *sums)
    about = "　　".join(part for part in parts if part)
    return table(book, reg.label, f"{reg.label}台账", about, columns, foot=office), _rows(session, reg, found, wanted, tick)


def _sums(session: Session, ask: Ask, wanted: Sequence[int]) -> Iterator[str]:
    """The totals of the main sheet as words, where the register has such figures."""
    found = totals(session, ask, wanted)
    if found.mu:
        yield f"面积合计 {MU.show(found.mu)} 亩"
    if found.money:
        yield f"金额合计 {MONEY.show(found.money)} 元"


def _width(spot: Spot) -> float:
    return max(10.0, 18.0 if spot.part == 3 else 0.0) if spot.part >= 0 else max(spot.field.width, len(spot.title) * 2) + 2.0


def _rows(session: Session, reg: Register, columns: Sequence[Spot], wanted: Sequence[int], tick: Tick) -> Iterator[Sequence[Shown]]:
    fields = list(dict.fromkeys(spot.field for spot in columns))
    keys = Keys(session)
    for start in range(0, len(wanted), _PAGE):
        tick(start, len(wanted), f"导出{reg.label}")
        lines = page(session, reg, wanted[start : start + _PAGE], fields)
        values = list(zip(*(line.values for line in lines), strict=True)) if lines else []
        made: list[list[Shown]] = []
        for spot in columns:
            column = values[fields.index(spot.field)] if values else ()
            if spot.field.to:
                made.append(_reference_cells(keys, reg, spot, column, values, fields))
            else:
                made.append(list(map(shower(spot.field), column)))
        yield from zip(*made, strict=True)
    tick(len(wanted), len(wanted), f"导出{reg.label}")


def _reference_cells(keys: Keys, reg: Register, spot: Spot, column: Sequence[Value], values: Sequence[Sequence[Value]], fields: list[Field]) -> list[Shown]:
    if spot.field.to == "place":
        tree = keys.tree()
        memo: dict[Value, str | None] = {None: None}
        for value in set(column) - {None}:
            known = str(value) in tree.nodes
            memo[value] = text(tree.parts(str(value))[spot.part] if 0 <= spot.part < 3 else tree.code(str(value))) if known else None
        return [memo[value] for value in column]
    texts = keys.texts(register(spot.field.to), [str(value) for value in column if value])
    shared = _own_projects(keys, reg, spot, values, fields)
    return [text(_short(texts.get(str(value), ""), project)) if value else None for value, project in zip(column, shared, strict=True)]


def _own_projects(keys: Keys, reg: Register, spot: Spot, values: Sequence[Sequence[Value]], fields: list[Field]) -> list[str]:
    """The name of each row's own project, or of the book's only one, which a key need not repeat."""
    count = len(values[0]) if values else 0
    if spot.field.name == "project" or "project" not in register(spot.field.to):
        return [""] * count
    only = keys.session.execute(select(Project.name).where(Project.deleted == 0).limit(2)).scalars().all()
    if len(only) == 1:
        return [only[0]] * count
    if "project" not in reg or reg["project"] not in fields:
        return [""] * count
    column = values[fields.index(reg["project"])]
    names = keys.texts(register("project"), [str(value) for value in column if value])
    return [names.get(str(value), "") for value in column]


def _short(key: str, project: str) -> str:
    return key.removeprefix(f"{project}/").removesuffix(f"/{project}") if project else key


# --- template --------------------------------------------------------------------------------------------------------


def template(reg: Register, out: Path, session: Session | None = None) -> None:
    """Writes an empty workbook to fill in: titles with hints, drop-downs, text cells where numbers would be damaged, a guide.

    `session` adds the office's own word lists to the drop-downs. There is no example row that could be imported by mistake.
    """
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import

    book: Any = Workbook()
    book.remove(book.active)
    styles = Styles()
    lists: list[tuple[str, list[str]]] = []
    sheets = [(one, spots(one, template=True)) for one in (reg, *children_of(reg))]
    for one, columns in sheets:
        _template_sheet(book, styles, one, columns, lists, session)
    _guide(book, styles, sheets)
    hidden = book.create_sheet(_LISTS)
    hidden.sheet_state = "hidden"
    for n, (title, words) in enumerate(lists, 1):
        for row, word in enumerate((title, *words), 1):
            hidden.cell(row=row, column=n, value=word).data_type = "s"
    save(book, out)


def _template_sheet(book: Any, styles: Styles, reg: Register, columns: Sequence[Spot], lists: list[tuple[str, list[str]]],
                    session: Session | None) -> None:  # fmt: skip
    from openpyxl.comments import Comment  # noqa: PLC0415 -- slow import
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 -- slow import

    sheet = book.create_sheet(reg.label)
    for n, spot in enumerate(columns, 1):
        letters = column_letters(n - 1)
        cell = sheet.cell(row=1, column=n)
        styles.head(cell, spot.title + ("*" if _must(spot) else ""))
        note = Comment("；".join(part for part in _explain(spot) if part), "")
        note.width, note.height = 260, 90
        cell.comment = note
        sheet.column_dimensions[letters].width = _width(spot)
        sheet.column_dimensions[letters].number_format = number_format(spot.field)
        words = _choices(spot.field, session)
        if words:
            lists.append((f"{reg.label}·{spot.title}", words))
            source = column_letters(len(lists) - 1)
            rule = DataValidation("list", formula1=f"{_LISTS}!${source}$2:${source}${len(words) + 1}", allow_blank=True,
                                  showErrorMessage=spot.field.kind.name != "choice+")  # fmt: skip
            rule.errorTitle, rule.error = "请从下拉里选", f"“{spot.title}”只能填下拉里的词"
            rule.add(f"{letters}2:{letters}{_ROOM}")
            sheet.add_data_validation(rule)
    sheet.row_dimensions[1].height = 30
    print_set_up(sheet, 1)


def _must(spot: Spot) -> bool:
    return spot.field.required and spot.part in (-1, 1, 2)


def _choices(f: Field, session: Session | None) -> list[str]:
    if f.choices is not None:
        return [choice.label for choice in f.choices]
    if f.kind.name == "flag":
        return ["是", "否"]
    return words_of(session, f.words) if f.words and session is not None else []


def _explain(spot: Spot) -> tuple[str, str, str, str]:
    """Whether it must be filled, how, an example, and the field's own help."""
    f = spot.field
    if spot.part >= 0:
        how = "统计用区划代码；填了代码可以不填乡镇、村、组" if spot.part == 3 else "写名称，如：" + ("三坝乡", "柳树村", "一组")[spot.part]
        return ("必填（或填代码）" if _must(spot) else "可以不填"), how, "", f.help
    how = f"填{register(f.to).label}的编号或名称" if f.to else _HOW.get("choice" if f.choices else f.kind.name, "文字")
    if f.choices is not None:
        how += "：" + "、".join(choice.label for choice in f.choices)
    if f.unit:
        how += f"，单位{f.unit}"
    example = _EXAMPLES.get(f.kind.name, "") if f.choices is None else ""
    need = "必填" if f.required else "有来源时程序自动算" if f.computed == "=?" else "可以不填"
    return need, how, f"例：{example}" if example else "", f.help


_ADVICE = (
    "一行填一条，表头不要改动；可以增加自己的列，导入时不认得的列会列出来，不影响其他列。",
    "身份证号、银行账号已设为文本格式，请直接填写或“选择性粘贴—数值”；显示成 5.3E+17 的号码已经损坏，要重新录入。",
    "导入前会先列出新增、变更、相同和有问题的行，核对后才入账；有问题的行可以导出，改好后再导入。",
    "空着的格不会清掉台账里已有的内容。同一个文件导入两次，不会重复登记。",
)


def _guide(book: Any, styles: Styles, sheets: Sequence[tuple[Register, Sequence[Spot]]]) -> None:
    sheet = book.create_sheet(GUIDE)
    row = 1
    sheet.cell(row=row, column=1, value=GUIDE).font = styles.title
    for advice in _ADVICE:
        row += 1
        cell = sheet.cell(row=row, column=1, value=f"{row - 1}. {advice}")
        cell.font, cell.alignment = styles.small, styles.left
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=5)
        sheet.row_dimensions[row].height = 30
    for reg, columns in sheets:
        row += 2
        for n, title in enumerate((f"【{reg.label}】的栏目", "是否必填", "怎么填", "举例", "说明"), 1):
            styles.head(sheet.cell(row=row, column=n), title)
        for spot in columns:
            row += 1
            for n, words in enumerate((spot.title, *_explain(spot)), 1):
                cell = sheet.cell(row=row, column=n, value=words)
                cell.data_type, cell.font, cell.border, cell.alignment = "s", styles.small, styles.border, styles.left
    for letters, width in zip("ABCDE", (24, 16, 50, 24, 50), strict=True):
        sheet.column_dimensions[letters].width = width
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
