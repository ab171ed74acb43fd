"""Which rows below a head are records: sections, totals, signatures, page heads and rows of column numbers are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from relocdesk.excel.header import Head
from relocdesk.excel.sheet import Raw, Sheet
from relocdesk.excel.titles import IGNORED, plain_title

_TOTAL = re.compile(r"\S{0,14}?(小计|合计|总计|共计|累计|总合计)[:：]?(\(.*\))?\Z")
_GRAND = re.compile(r"(合计|总计|共计|总合计)[:：]?(\(.*\))?\Z")
_FOOT = re.compile(r"(填表|制表|填报|审核|复核|经办|负责|单位负责|分管|联系|调查|统计|报送|编制|日期|说明|备注|附注|注)\S{0,8}[:：]")
_SIGNED = re.compile(r".*(签字|签名|签章|盖章|公章)\S{0,6}[:：]?\S*\Z|(\d{2,4}|_*)年(\d{1,2}|_*)月((\d{1,2}|_*)日)?\Z|\S{1,12}[:：]\S{0,20}\Z")
_SECTION = re.compile(r"[(（]?([一二三四五六七八九十]{1,3}|[IVX]{1,4})[)）]?[、.．]?\Z")
_NUMBERING = re.compile(r"[(（]?\d{1,2}[)）]?\Z")
_PREPARED = re.compile(r"\d{1,6}\Z")
_LETTERING = re.compile(r"[甲乙丙丁戊己庚辛壬癸栏次]{1,2}\Z|[①-⑳]\Z|.*\d[)）]?\s*[=＝].*\Z|.*[①-⑳]\s*[=＝].*\Z")


def is_total(cell: Raw) -> bool:
    """Whether a cell says that its row is a sum: 小计, 柳树村合计, 本页合计（亩）."""
    return isinstance(cell, str) and "计" in cell and bool(_TOTAL.match(plain_title(cell)))


def is_grand_total(cells: Sequence[Raw]) -> bool:
    """Whether a row of a sum is one of everything above it, and not of a village or a page."""
    return any(isinstance(cell, str) and _GRAND.match(plain_title(cell)) for cell in cells)


class Kinds:
    """Tells the rows of one sheet; `totals` are the rows of sums met so far."""

    def __init__(self, sheet: Sheet, head: Head) -> None:
        self.sheet, self.head = sheet, head
        self.mapped = sum(len(column.columns) for column in head.columns if not (column.choices and column.field.choices))
        self.named = frozenset(plain_title(str(cell)) for row in sheet.cells[: head.last + 1] for cell in row if cell != "")
        self.named |= {plain_title(title) for title in head.titles if title}
        self.firsts = {row[0] for row in sheet.cells[head.first : head.last + 1]} | {head.titles[0]}
        self.idle = frozenset(n for n, title in enumerate(head.titles) if plain_title(title) in IGNORED)
        self.after_head = True
        self.totals: list[int] = []

    def of(self, index: int) -> str:
        """blank, total, section, foot or head (repeated on each page, or numbering the columns); "" for a record."""
        cells = self.sheet.cells[index]
        kind = self._kind(cells, index)
        if kind == "total":
            self.totals.append(index)
        if kind != "blank":
            self.after_head = kind == "head"
        return kind

    def _kind(self, cells: list[Raw], index: int) -> str:
        filled = len(cells) - cells.count("")
        if not filled:
            return "blank"
        if any(is_total(cell) for cell in cells[:5] if cell.__class__ is str and "计" in cell):
            return "total"
        if self.after_head and filled > 2 and _is_numbering(cells):
            return "head"
        if filled > 3 and cells[0] not in self.firsts and filled * 2 > self.mapped:
            return ""
        return self._sparse(cells, index, filled)

    def _sparse(self, cells: list[Raw], index: int, filled: int) -> str:
        """A row with few cells, or one beginning like the head."""
        if self._prepared(cells, index):
            return "blank"
        if any(is_total(cell) for cell in cells):
            return "total"
        texts = [str(cell).strip() for cell in cells if cell != ""]
        if self._is_foot(texts, cells):
            return "foot"
        if all(plain_title(text) in self.named for text in texts) and (filled > 1 or not self._lone_record(cells)):
            return "head"
        if filled == 1 and self.mapped > 1 and not self._lone_record(cells):
            return "section"
        if filled == 2 and self.mapped > 2 and _SECTION.match(texts[0]):
            return "section"
        if filled * 2 <= self.mapped and all(re.search(r"\S[:：]\s*\S", text) for text in texts):
            return "section"
        return ""

    def _is_foot(self, texts: list[str], cells: list[Raw]) -> bool:
        plain = [re.sub(r"\s+", "", text) for text in texts]
        if _FOOT.match(plain[0]) or (len(texts) * 2 <= max(self.mapped, 4) and all(text.endswith((":", "：")) for text in plain)):
            return True
        signed = any(word in "".join(plain) for word in ("签字", "签名", "签章", "盖章", "公章"))
        return signed and len(texts) * 2 <= max(self.mapped, 4) and all(_SIGNED.match(text) for text in plain)

    def _prepared(self, cells: list[Raw], index: int) -> bool:
        """A line that was numbered beforehand and never filled in; formulas in it give nothing."""
        formulas, sheet = self.sheet.scan.formulas, self.sheet
        return all(
            cell == "" or (n in self.idle and _PREPARED.match(str(cell)))
            or (not cell and (index + sheet.first_row, n + sheet.first_column) in formulas)
            for n, cell in enumerate(cells)
        )  # fmt: skip

    def _lone_record(self, cells: list[Raw]) -> bool:
        """A row with nothing but a figure or a code is somebody's unfinished record, not a heading."""
        only = next(n for n, cell in enumerate(cells) if cell != "")
        if only in self.idle:
            return False
        return not isinstance(cells[only], str) or bool(re.fullmatch(r"[\w\-]*\d[\w\-]*", str(cells[only]), re.ASCII))


def _is_numbering(cells: list[Raw]) -> bool:
    """The row under a head that numbers the columns: 甲 乙 1 2 3=1+2."""
    if any(not isinstance(cell, (str, int)) for cell in cells):
        return False
    texts = [str(cell).strip() for cell in cells if cell != ""]
    numbers = [int(text.strip("()（）")) for text in texts if _NUMBERING.match(text)]
    rest = [text for text in texts if not _NUMBERING.match(text)]
    return len(set(texts)) == len(texts) and all(_LETTERING.match(text) for text in rest) and (
        numbers[0] <= 2 and all(after - before in (1, 2) for before, after in pairwise(numbers)) if len(numbers) > 1 else len(rest) == len(texts)
    )
