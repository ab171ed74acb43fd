"""The main job runs headless, proves its totals, and would notice if they were wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from relocdesk import demo_run, demo_sheets
from relocdesk.errors import UserError


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_main_job_comes_out_right(tmp_path: Path, seed: int) -> None:
    told: list[str] = []
    asked: list[tuple[str, str]] = []

    def pictures(book: Path, folder: Path) -> list[Path]:
        asked.append((book.name, folder.name))
        return [folder / "画面.png"]

    assert demo_run.run(tmp_path / "演示", say=told.append, pictures=pictures, seed=seed) == []
    assert asked == [("三坝乡.reloc", "演示")]
    assert told[-1] == "全部核对无误"
    assert sum("✓" in line for line in told) >= 30
    assert not [line for line in told if "✗" in line]
    made = {file.name for file in (tmp_path / "演示").iterdir()}
    assert {"三坝乡.reloc", "协议.pdf", "兑付明细表.pdf", "银行代发清单.xlsx", "银行回单.xlsx", "备份"} <= made


def test_a_wrong_sum_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = demo_sheets.Truth.total
    monkeypatch.setattr(demo_sheets.Truth, "total", lambda truth: real(truth) + 1)
    told: list[str] = []
    wrong = demo_run.run(tmp_path / "演示", say=told.append)
    assert len(wrong) == 5
    assert told[-1] == "有 5 处对不上"


def test_it_takes_only_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "旧文件.txt").write_text("x")
    with pytest.raises(UserError, match="不是空文件夹"):
        demo_run.run(tmp_path, say=print)
    assert [one.name for one in tmp_path.iterdir()] == ["旧文件.txt"]


def test_the_workbooks_have_nine_shapes_and_each_something_to_refuse(tmp_path: Path) -> None:
    truth = demo_sheets.invent(5)
    demo_sheets.write_workbooks(tmp_path, truth)
    assert len({file.shape for file in truth.files}) == 9
    assert {file.register for file in truth.files} == {"household", "parcel", "asset"}
    assert all(file.refused == 1 and file.path.is_file() for file in truth.files)
