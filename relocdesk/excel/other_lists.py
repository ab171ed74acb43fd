"""Other departments' lists as they come: columns found by their titles, every row read as far as it can be, and the outcome written back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from relocdesk.actions.matching import ListRow, Proposal
from relocdesk.derive import told_by_idcard
from relocdesk.entry import read_cell
from relocdesk.entry.cells import Cell, cell_text
from relocdesk.errors import UserError
from relocdesk.excel.body import read_body
from relocdesk.excel.header import find_head
from relocdesk.excel.paper import Column, Rows, save, table, text
from relocdesk.excel.sheet import read_workbook
from relocdesk.field import DAY, IDCARD, TEXT, Field, Register
from relocdesk.job import Tick, no_tick

_DATES = (
    "死亡日期", "死亡时间", "死亡年月日", "去世日期", "去世时间", "火化日期", "火化时间", "注销日期", "户口注销日期",
    "注销时间",
    "录用日期", "录用时间", "录（聘）用日期", "聘用日期", "聘用时间", "入职日期", "入职时间", "参加工作时间", "参加工作日期",
    "入编时间", "起薪日期", "起薪时间",
    "判决日期", "判决时间", "判决生效日期", "入监日期", "入监时间", "收监日期", "收监时间", "服刑起始日期", "刑期起始",
    "刑期起", "刑期起始日期",
    "转非日期", "转非时间", "农转非日期", "迁移日期", "办理日期", "变更日期", "发生日期",
)  # fmt: skip
LIST = Register(
    name="other_list", label="部门名单", cls=ListRow, keys=(("idcard",),), title=("name",), home=(), group="", frozen=None, kept=False, reference=False,
    fields=(
        Field("姓名", "name", TEXT, required=True,
              also=("死者姓名", "逝者姓名", "死亡人员姓名", "人员姓名", "职工姓名", "罪犯姓名", "服刑人员姓名", "服刑人员", "亡者姓名", "被告人", "本人姓名")),
        Field("身份证号", "idcard", IDCARD,
              also=("身份证", "身份证号码", "公民身份号码", "公民身份证号码", "证件号码", "证件号", "死者身份证号", "居民身份证号")),
        Field("出生日期", "born", DAY, also=("出生年月日", "出生年月", "生日", "出生时间")),
        Field("住址", "place", TEXT,
              also=("地址", "村组", "户籍地", "户籍地址", "家庭住址", "户口所在地", "常住地址", "所在村", "村委会", "行政村", "户籍所在地")),
        Field("日期", "happened_on", DAY, also=_DATES),
        Field("刑满日期", "until_on", DAY, also=("刑期截止", "刑期止", "刑期截止日期", "释放日期", "刑满释放日期", "刑期至")),
        Field("情况", "detail", TEXT,
              also=("原因", "死亡原因", "死因", "罪名", "刑种", "判决结果", "刑罚", "工作单位", "单位", "岗位", "人员性质", "编制性质", "户口性质", "转非原因",
                    "迁移原因", "变更原因", "备注", "说明")),
    ),
)  # fmt: skip
_BORN = re.compile(r"[0-9]{6}((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})[0-9]{3}[0-9Xx]\Z")
_TITLES = (("行号", 8), ("姓名", 12), ("身份证号", 22), ("日期", 14), ("结论", 12), ("对上的人", 30), ("说明", 50))


def read_list(path: Path, *, day: str = "", tick: Tick = no_tick) -> list[ListRow]:
    """The rows of a list; `day` is the date of rows that have none. A cell that cannot be read is told in the row's flaw.

    Raises UserError when the file cannot be read or no head with names and numbers is found.
    """
    book = read_workbook(Path(path), tick)
    found = [(hit[0], sheet, hit[1]) for sheet in book.sheets if (hit := find_head(sheet, LIST)) is not None]
    found = [one for one in found if {"name"} <= {column.field.name for column in one[2].columns}]
    if not found:
        raise UserError(f"“{book.path.name}”里没有找到名单的表头", hint="表头里要有姓名一栏，最好还有身份证号和日期")
    _, sheet, head = max(found, key=lambda one: one[0])
    body = read_body(sheet, head)
    if not body.rows:
        raise UserError(f"“{book.path.name}”的工作表“{sheet.name}”只有表头，没有数据", hint="请核对是不是选错了文件")
    rows = [_row(number, body.fields, cells, day) for number, cells in body.rows]
    rows += [ListRow(trouble.row, "", flaw=trouble.text) for trouble in body.problems]
    return sorted((row for row in rows if row.name or row.idcard or row.flaw), key=lambda row: row.row)


def _row(number: int, fields: Sequence[Field], cells: Sequence[Cell], day: str) -> ListRow:
    values: dict[str, str] = {}
    flaws: dict[str, str] = {}
    for f, cell in zip(fields, cells, strict=True):
        value, wrong, _, _ = read_cell(f, cell)
        raw = cell_text(cell, f)[0].strip()
        if wrong:
            flaws[f.name] = wrong if f.name == "idcard" else f"{f.label}“{raw}”：{wrong}"
        if f.name == "idcard" and wrong and (found := _BORN.match(raw)):  # a number with a slip still tells the birth
            values.setdefault("born", "-".join(found.groups()))
        if value is not None:
            values[f.name] = str(value)
    born = values.get("born") or str(told_by_idcard(values.get("idcard", "")).get("born_on") or "")
    happened_on = values.get("happened_on") or ("" if "happened_on" in flaws else day)
    return ListRow(number, values.get("name", ""), values.get("idcard", ""), born, values.get("place", ""), happened_on, values.get("until_on", ""),
                   values.get("detail", ""), "；".join(text for name, text in flaws.items() if name != "idcard"), flaws.get("idcard", ""))  # fmt: skip


def outcome_workbook(found: Sequence[Proposal], name: str, out: Path) -> int:
    """Writes what every row of a list proposes, as a sheet to walk with from village to village; returns how many rows."""
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import

    book: Any = Workbook(write_only=True)
    columns = [Column(title, width, "@") for title, width in _TITLES]
    cells = table(book, "比对结果", "名单比对结果", f"名单：{name}　　共 {len(found)} 行", columns)
    save(book, out, {"比对结果": (cells, _lines(found))})
    return len(found)


def _lines(found: Sequence[Proposal]) -> Rows:
    for one in found:
        row = one.entry
        yield tuple(text(cell) for cell in (str(row.row), row.name, row.idcard, row.happened_on, one.verdict.label, one.who, one.text))
