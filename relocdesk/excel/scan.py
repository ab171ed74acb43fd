"""What the fast reader does not tell: hidden rows, formulas, formula errors, and how far a sheet really reaches.

Works on the bytes of the sheet (XML in .xlsx, records in .xls); a hundred megabytes take half a second.
Rows and columns count from 0.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from relocdesk.errors import UserError

LARGEST = 1 << 30  # bytes a workbook may unpack to: ten times a sheet of 100,000 rows
MOST_CELLS = 40_000_000  # the reader makes a full rectangle of a sheet, so one stray cell far out would fill the memory
UNSOLVED = "公式没有算出结果"
_CHUNK = 1 << 22
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb'\br="(\d{1,7})"')
_ERROR_TEXT = re.compile(rb"<(?:\w+:)?v>([^<]{1,20})<")
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]")
_IS_ROW = re.compile(rb"<(?:\w+:)?row\b")
_FAR = re.compile(rb' r="([A-Z]{2,3})\d+"[^>]*[^/]>')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_BIFF_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


@dataclass
class Scan:
    """One sheet: its hidden rows, formula cells, error cells with their text, and its last row with content."""

    hidden: set[int] = field(default_factory=set)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    last_row: int = -1
    last_column: int = 0


def damaged() -> UserError:
    """The refusal of a file that is cut off or spoilt."""
    return UserError("工作簿不完整或已经损坏", hint="请重新复制或下载一次；能用 Excel 打开时，请另存为 .xlsx 再导入")


def foreign() -> UserError:
    """The refusal of a file that is something else."""
    return UserError("这个文件不是 Excel 工作簿", hint="请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”再导入")


def column_number(letters: bytes) -> int:
    """The column of its letters, from 0.

    >>> column_number(b"A"), column_number(b"AA")
    (0, 26)
    """
    found = 0
    for letter in letters:
        found = found * 26 + letter - 64
    return found - 1


# --- .xlsx -----------------------------------------------------------------------------------------------------------


def scan_xlsx(content: bytes) -> dict[str, Scan]:
    """Every worksheet of an .xlsx by name. Raises UserError when the file is cut off, is no workbook or is a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bomb(archive)
            names = {info.filename.lower().lstrip("/"): info.filename for info in archive.infolist()}
            if "xl/workbook.xml" not in names:
                raise foreign()
            if "xl/sharedstrings.xml" in names:
                for _ in _chunks(archive, names["xl/sharedstrings.xml"]):
                    pass  # unpacked once under our limit, so that a false size in its head cannot fill the memory
            return {name: _scan_sheet(_chunks(archive, names[part]))
                    for name, part in _sheet_parts(archive, names) if part in names}  # fmt: skip
    except (zipfile.BadZipFile, zlib.error, EOFError, ElementTree.ParseError, KeyError, ValueError, struct.error,
            NotImplementedError, RuntimeError, OverflowError, OSError) as error:  # fmt: skip -- zipfile raises all of them for damaged files
        raise damaged() from error


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    total = sum(info.file_size for info in archive.infolist())
    if total > LARGEST:
        raise UserError(f"工作簿展开后有 {total >> 20} MB，超过 {LARGEST >> 20} MB 的上限", hint="请拆成几个文件，或删去多余的工作表和图片再导入")


def _sheet_parts(archive: zipfile.ZipFile, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Names of the sheets with the lower-case paths of their parts, in the workbook's order."""
    links: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for link in ElementTree.fromstring(_small(archive, names["xl/_rels/workbook.xml.rels"])):
            links[link.get("Id", "")] = link.get("Target", "").lower()
    for node in ElementTree.fromstring(_small(archive, names["xl/workbook.xml"])).iter():
        if not node.tag.endswith("}sheet"):
            continue
        mark = next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
        target = links.get(mark, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target.removeprefix('./')}"
        yield node.get("name", ""), part


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part that is read as a tree: bounded, and without entity declarations, which could grow without bound."""
    text = archive.read(name)
    if len(text) > 1 << 23 or b"<!ENTITY" in text or b"<!DOCTYPE" in text:
        raise UserError("工作簿的目录不正常，无法读取", hint="请用 Excel 打开，另存为 .xlsx 再导入")
    return text


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk


def _scan_sheet(chunks: Iterator[bytes]) -> Scan:
    found = Scan()
    rest = b""
    for chunk in chunks:
        block = rest + chunk
        end = _end_of_data(block)
        if end >= 0:  # what follows (filters, conditional formats) has formulas that are not cells'
            _scan_block(block[:end], found)
            return _within_reach(found)
        cut = max(block.rfind(b"<row"), block.rfind(b":row "), 0)
        _scan_block(block[:cut], found)
        rest = block[cut:]
    _scan_block(rest, found)
    return _within_reach(found)


def _end_of_data(block: bytes) -> int:
    end = block.find(b"sheetData>")
    while end >= 0:
        start = block.rfind(b"<", 0, end)
        if block[start : start + 2] == b"</":
            return start
        end = block.find(b"sheetData>", end + 1)
    return -1


def _within_reach(found: Scan) -> Scan:
    if (found.last_row + 1) * (found.last_column + 1) > MOST_CELLS:
        raise UserError(f"工作表太大：最后的内容在第{found.last_row + 1}行、第{found.last_column + 1}列",
                        hint="远处多半有误填的单元格，请删去数据区以外的行和列，或拆成几个文件")  # fmt: skip
    return found


def _scan_block(block: bytes, found: Scan) -> None:
    """A run of whole rows."""
    last = max(block.rfind(b"v>"), block.rfind(b"is>"))
    if last >= 0:
        row = _place(block, last)[0]
        found.last_row = max(found.last_row, row)
    farthest = max(set(_FAR.findall(block)), key=lambda letters: (len(letters), letters), default=b"Z")
    found.last_column = max(found.last_column, column_number(farthest))
    for hit in _hits(block, b'hidden="'):
        start = block.rfind(b"<", 0, hit)
        number = _ROW.search(block, start, hit + 400)
        if number and _HIDDEN.match(block, hit) and _IS_ROW.match(block, start):
            found.hidden.add(int(number[1]) - 1)
    for hit in _hits(block, b't="e"'):
        text = _ERROR_TEXT.search(block, hit, hit + 4000)
        found.errors[_place(block, hit)] = text[1].decode("utf-8", "replace") if text else "#VALUE!"
    for needle in (b":f>", b":f ") if b"<c " not in block else (b"<f",):
        for hit in _hits(block, needle):
            if block[hit + 2 : hit + 3] in (b">", b" ", b"/"):
                _note_formula(block, hit, found)


def _note_formula(block: bytes, hit: int, found: Scan) -> None:
    at = _place(block, hit)
    found.formulas.add(at)
    cell = block[hit : block.find(b"c>", hit)]
    text_result = b't="str"' in block[max(block.rfind(b"<", 0, hit), 0) : hit]
    if not text_result and not _VALUE.search(cell):
        found.errors.setdefault(at, UNSOLVED)


def _hits(block: bytes, needle: bytes) -> Iterator[int]:
    at = block.find(needle)
    while at >= 0:
        yield at
        at = block.find(needle, at + 1)


def _place(block: bytes, position: int) -> tuple[int, int]:
    """Row and column of the cell around a position."""
    start = max(block.rfind(b"<c ", 0, position), block.rfind(b":c ", 0, position))
    cell = _CELL.search(block, max(start, 0), max(start, 0) + 200)
    return (int(cell[2]) - 1, column_number(cell[1])) if cell else (-1, -1)


# --- .xls ------------------------------------------------------------------------------------------------------------


def scan_xls(content: bytes) -> dict[str, Scan]:
    """Every worksheet of an .xls by name, from its BIFF8 records. Raises UserError when the file is damaged."""
    from xlrd.compdoc import CompDoc, CompDocError  # noqa: PLC0415 -- slow import

    try:
        document = CompDoc(content, logfile=io.StringIO())
        stream = document.get_named_stream("Workbook") or document.get_named_stream("Book")
        if stream is None:
            raise foreign()
        return {name: _scan_records(stream, start) for name, start in _xls_sheets(stream)}
    except (CompDocError, struct.error, IndexError, AssertionError, ValueError, KeyError, OverflowError, MemoryError) as error:
        raise damaged() from error


def _records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Records up to the end of this sub-stream; charts inside a sheet are sub-streams of their own and passed over."""
    depth = 0
    while position + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, position)
        depth += (kind in (0x0809, 0x0409, 0x0209, 0x0009)) - (kind == 0x000A)
        if depth <= 1:
            yield kind, stream[position + 4 : position + 4 + size]
        position += 4 + size
        if depth <= 0:
            return


def _xls_sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    for kind, data in _records(stream, 0):
        if kind == 0x0085 and len(data) >= 8 and data[5] == 0:
            start, wide = struct.unpack_from("<I", data)[0], data[7] & 1
            name = data[8:].decode("utf-16-le" if wide else "latin-1", "replace")
            yield name[: data[6]], start


def _scan_records(stream: bytes, start: int) -> Scan:
    found = Scan()
    for kind, data in _records(stream, start):
        reader = _READERS.get(kind)
        if reader is not None:
            reader(data, found)
    return found


def _row_record(data: bytes, found: Scan) -> None:
    if data[12] & 0x20:
        found.hidden.add(struct.unpack_from("<H", data)[0])


def _formula_record(data: bytes, found: Scan) -> None:
    row, column = struct.unpack_from("<HH", data)
    found.formulas.add((row, column))
    if data[12:14] == b"\xff\xff" and data[6] == 2:
        found.errors[row, column] = _BIFF_ERRORS.get(data[8], "#VALUE!")


def _error_record(data: bytes, found: Scan) -> None:
    row, column = struct.unpack_from("<HH", data)
    if data[7]:
        found.errors[row, column] = _BIFF_ERRORS.get(data[6], "#VALUE!")


_READERS: dict[int, Callable[[bytes, Scan], None]] = {0x0208: _row_record, 0x0006: _formula_record, 0x0205: _error_record}
