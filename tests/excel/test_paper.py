"""Cells as we fill them: any text and any figure comes back as it was, in our reader and in openpyxl."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell import WriteOnlyCell

from relocdesk.errors import UserError
from relocdesk.excel.paper import Shown, save, shower, text
from relocdesk.excel.sheet import read_workbook
from relocdesk.field import DAY, MONEY, MU, Field
from relocdesk.job import Stopped

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=30).filter(lambda text: bool(text.strip()))


def written(out: Path, rows: list[list[Shown]]) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("表")
    save(book, out, {"表": ([WriteOnlyCell(sheet) for _ in rows[0]], iter(rows))})
    return out


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS | st.sampled_from(["=1+1", "+1", "-1", "@a", "#N/A", "_x0041_", "<&>\"'", "0012", " 前后 ", "一\n二"]), min_size=1, max_size=6))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "表.xlsx", [[text(one)] for one in texts])
        ours = [row[0] for row in read_workbook(path).sheets[0].cells]
        theirs = [row[0] for row in openpyxl.load_workbook(path)["表"].iter_rows(values_only=True)]
    assert [str(cell).replace("_x005F_x", "_x") for cell in theirs] == texts  # openpyxl leaves the escape as it is
    assert ours == texts


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**13), 10**13), st.integers(0, 10**15), st.dates().filter(lambda day: day.year >= 1900)), min_size=1, max_size=5))
def test_figures_and_days_come_back_exactly(values: list[tuple[int, int, object]]) -> None:
    fields = [Field("金额", kind=MONEY), Field("面积", kind=MU), Field("日期", kind=DAY)]
    showers = [shower(f) for f in fields]
    rows = [[show(str(value) if n == 2 else value) for n, (show, value) in enumerate(zip(showers, row, strict=True))] for row in values]  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        cells = read_workbook(written(Path(folder) / "表.xlsx", rows)).sheets[0].cells
    for row, (fen, mu, _) in zip(cells, values, strict=True):
        assert (MONEY.read(str(row[0])), MU.read(format(row[1], "f") if isinstance(row[1], float) else str(row[1]))) == (fen, mu)


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="找不到"):
        written(tmp_path / "没有" / "表.xlsx", [[text("a")]])


def test_a_stopped_export_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    out = tmp_path / "表.xlsx"
    out.write_bytes(b"old")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("表")

    def rows() -> Iterator[list[Shown]]:
        yield ["甲"]
        raise Stopped

    with pytest.raises(Stopped):
        save(book, out, {"表": ([WriteOnlyCell(sheet)], rows())})
    assert (out.read_bytes(), list(tmp_path.iterdir())) == (b"old", [out])
