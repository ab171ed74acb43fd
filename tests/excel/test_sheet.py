"""Opening workbooks: whatever is no readable workbook ends in a UserError with a cure, never in anything else."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relocdesk.errors import UserError
from relocdesk.excel.scan import LARGEST, scan_xlsx
from relocdesk.excel.sheet import read_workbook
from tests.excel.ugly import BUILDERS, HEAD, ROW, grid

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_workbook(path)
    assert caught.value.hint
    return caught.value.text


def bomb(path: Path) -> Path:
    """A sheet that says it unpacks to more than the limit."""
    grid(path, [HEAD, ROW])
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        assert archive.infolist()
    at = data.find(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, LARGEST + 1)
    path.write_bytes(data)
    return path


def far_cell(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active["A1"] = "编号"
    book.active["ZZZ1048576"] = "x"
    book.save(path)
    return path


@lru_cache
def content_of(name: str) -> bytes:
    """A builder's file, made once: openpyxl writes the time into each, and examples must repeat."""
    with tempfile.TemporaryDirectory() as folder:
        return BUILDERS[name](Path(folder) / "表.xlsx").read_bytes()


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD = {
    "empty": (lambda path: put(path, b""), "“表.xlsx”是空文件"),
    "password": (lambda path: put(path, OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")), "“表.xlsx”设了打开密码"),
    "web page": (lambda path: put(path, b"\r\n<html><table>"), "“表.xlsx”其实是网页，只是名字像工作簿"),
    "picture": (lambda path: put(path, b"\x89PNG\r\n"), "“表.xlsx”不是 Excel 工作簿"),
    "cut ole": (lambda path: put(path, OLE + b"\0" * 100), "“表.xlsx”读不了：工作簿不完整或已经损坏"),
    "cut zip": (lambda path: put(path, grid(path, [HEAD, ROW]).read_bytes()[:-200]), "“表.xlsx”读不了：工作簿不完整或已经损坏"),
    "bomb": (bomb, "“表.xlsx”读不了：工作簿展开后有 1024 MB，超过 1024 MB 的上限"),
    "far cell": (far_cell, "“表.xlsx”读不了：工作表太大：最后的内容在第1048576行、第18278列"),
    "nothing in it": (lambda path: grid(path, []), "“表.xlsx”里没有任何内容"),
    "folder": (lambda path: (path.mkdir(), path)[1], None),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_its_cure(tmp_path: Path, name: str) -> None:
    make, text = BAD[name]
    told = refusal(make(tmp_path / "表.xlsx"))
    assert told == (text or f"“{tmp_path / '表.xlsx'}”是文件夹，不是文件")


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    assert refusal(path) == "“表.xlsx”读不了：这个文件不是 Excel 工作簿"


def test_the_file_excel_leaves_beside_an_open_one_is_refused(tmp_path: Path) -> None:
    assert refusal(put(tmp_path / "~$表.xlsx", b"x")) == "“~$表.xlsx”是 Excel 打开文件时留下的临时文件"


def test_numbers_keep_15_digits_and_damaged_ones_stay_floats(tmp_path: Path) -> None:
    path = grid(tmp_path / "表.xlsx", [["a", "b", "c", "d", "e"], [1.0, 13912345678, 0.1 + 0.2, 530523198001010011, "530523198001010011"]])
    row = read_workbook(path).sheets[0].cells[1]
    assert row == [1, 13912345678, 0.3, 530523198001010011.0, "530523198001010011"]
    assert [type(cell) for cell in row] == [int, int, float, float, str]


@QUIET
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", OLE]), st.sampled_from([".xlsx", ".xls", ".et", ".csv"]))
def test_random_bytes_only_ever_end_in_a_user_error(tmp_path: Path, content: bytes, head: bytes, suffix: str) -> None:
    path = put(tmp_path / f"表{suffix}", head + content)
    with suppress(UserError):
        assert read_workbook(path).sheets


@QUIET
@given(st.sampled_from(["two_line_head", "formulas", "old_format", "prefixed_xml"]), st.data())
def test_a_damaged_workbook_only_ever_ends_in_a_user_error(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = bytearray(content_of(name))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = put(tmp_path / "坏.xlsx", bytes(content[: data.draw(st.integers(8, len(content)))] if data.draw(st.booleans()) else content))
    with suppress(UserError):
        assert read_workbook(path).sheets


@QUIET
@given(st.data())
def test_a_workbook_with_damaged_xml_only_ever_ends_in_a_user_error(tmp_path: Path, data: st.DataObject) -> None:
    held = io.BytesIO(content_of("two_line_head"))
    path = tmp_path / "坏.xlsx"
    with zipfile.ZipFile(held) as source, zipfile.ZipFile(path, "w") as target:
        parts = [info.filename for info in source.infolist()]
        chosen = data.draw(st.sampled_from([part for part in parts if part.startswith("xl/") or part.startswith("[")]))
        for part in parts:
            content = bytearray(source.read(part))
            if part == chosen:
                for _ in range(data.draw(st.integers(1, 8))):
                    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(32, 126))
            target.writestr(part, bytes(content))
    with suppress(UserError):
        assert read_workbook(path).sheets


def test_the_scan_finds_errors_and_formulas_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = BUILDERS["formulas"](tmp_path / "表.xlsx").read_bytes()
    whole = scan_xlsx(content)["Sheet1"]
    monkeypatch.setattr("relocdesk.excel.scan._CHUNK", 37)
    parts = scan_xlsx(content)["Sheet1"]
    assert (parts.errors, parts.formulas, parts.last_row) == (whole.errors, whole.formulas, whole.last_row)
    assert whole.errors == {(2, 5): "公式没有算出结果", (3, 5): "#DIV/0!"}
    assert whole.formulas == {(1, 5), (2, 5), (3, 5)}
    assert whole.last_row == 3
