"""Dialogs: what they say, which button is the safe one, what can be copied and saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from relocdesk.errors import Problem, UserError
from ui import say

PROBLEMS = (Problem("第4行“金额（元）”", "金额“1.005”超过两位小数"), Problem("第9行“证号”", "校验位不对"))


def dialog(qtbot: QtBot, saying: say.Saying) -> say.Dialog:
    made = say.Dialog(saying)
    qtbot.addWidget(made)
    made.show()
    return made


def press(made: say.Dialog, name: str) -> None:
    found = made.findChild(QPushButton, name)
    assert found is not None
    found.click()


def test_trouble_tells_what_and_the_cure(shown: say.Recorder) -> None:
    say.trouble(UserError("文件被其他程序占用", hint="请先关闭 Excel 再试"))
    assert shown.sayings == [say.Saying("error", "文件被其他程序占用", "请先关闭 Excel 再试")]


@pytest.mark.parametrize(("answer", "expected"), [(0, True), (1, False), (say.CLOSED, False)])
def test_ask_is_true_only_for_the_first_button(shown: say.Recorder, answer: int, expected: bool) -> None:
    shown.answers.append(answer)
    assert say.ask("打印 38 份？", yes="打印 38 份", no="先不打") is expected
    assert shown == ["打印 38 份？"]
    assert shown.sayings[0].buttons == ("打印 38 份", "先不打")


def test_choose_gives_the_index(shown: say.Recorder) -> None:
    shown.answers.extend([2, say.CLOSED])
    options = ["保存", "不保存", "继续填"]
    assert [say.choose("有 1 处没有保存", options) for _ in range(2)] == [2, say.CLOSED]


@pytest.mark.parametrize("index", [0, 1])
def test_a_pressed_button_is_the_answer(qtbot: QtBot, index: int) -> None:
    made = dialog(qtbot, say.Saying("question", "打印 38 份？", "", ("打印 38 份", "先不打")))
    press(made, f"say.{index}")
    assert made.chosen == index
    assert not made.isVisible()


def test_escape_chooses_nothing(qtbot: QtBot) -> None:
    made = dialog(qtbot, say.Saying("question", "打印？", "", ("打印", "先不打")))
    qtbot.keyClick(made, Qt.Key.Key_Escape)
    assert made.chosen == say.CLOSED


@pytest.mark.parametrize(("danger", "expected"), [(False, 0), (True, 1)])
def test_enter_takes_the_main_button_but_never_the_dangerous_one(qtbot: QtBot, danger: bool, expected: int) -> None:
    made = dialog(qtbot, say.Saying("question", "删除 3 户？", "", ("删除 3 户", "不删"), danger=danger))
    qtbot.keyClick(made, Qt.Key.Key_Return)
    assert made.chosen == expected


def test_problems_are_listed_copied_and_saved(qtbot: QtBot, shown: say.Recorder, tmp_path: Path) -> None:
    made = dialog(qtbot, say.Saying("problems", "移民户.xlsx 有 2 处问题", problems=PROBLEMS))
    view = made.findChild(QTableView, "say.list")
    assert view is not None
    model = view.model()
    cells = [[model.index(row, column).data() for column in range(2)] for row in range(model.rowCount())]
    assert cells == [["第4行“金额（元）”", "金额“1.005”超过两位小数"], ["第9行“证号”", "校验位不对"]]
    text = "移民户.xlsx 有 2 处问题\n1. 第4行“金额（元）”：金额“1.005”超过两位小数\n2. 第9行“证号”：校验位不对\n"
    press(made, "say.copy")
    assert QApplication.clipboard().text() == text
    shown.files.append(str(tmp_path / "问题.txt"))
    press(made, "say.save")
    assert (tmp_path / "问题.txt").read_text(encoding="utf-8-sig") == text
    assert shown == []


def test_a_list_that_cannot_be_saved_says_so(qtbot: QtBot, shown: say.Recorder, tmp_path: Path) -> None:
    made = dialog(qtbot, say.Saying("problems", "有 2 处问题", problems=PROBLEMS))
    shown.files.append(str(tmp_path / "没有这个文件夹" / "问题.txt"))
    press(made, "say.save")
    assert shown == ["问题.txt 写不进去"]


def test_problem_model(qtmodeltester: object, qapp: QApplication) -> None:
    qtmodeltester.check(say.ProblemModel(PROBLEMS))  # type: ignore[attr-defined]  # pytest-qt leaves it untyped


def test_bug_is_written_with_its_traceback_and_named(shown: say.Recorder, tmp_path: Path) -> None:
    log = tmp_path / "日志.txt"
    log.write_text("以前的\n", encoding="utf-8")
    try:
        raise ZeroDivisionError("一户也没有")
    except ZeroDivisionError as error:
        say.bug(error, log)
    written = log.read_text(encoding="utf-8")
    assert written.startswith("以前的\n")
    assert "test_say.py" in written
    assert "ZeroDivisionError: 一户也没有" in written
    assert shown == ["程序出错"]
    assert str(log) in shown.sayings[0].hint


def test_bug_without_a_writable_log_still_speaks(shown: say.Recorder, tmp_path: Path) -> None:
    say.bug(ValueError("x"), tmp_path)  # a folder cannot be written as a file
    assert shown == ["程序出错"]
    assert "日志文件也写不进去" in shown.sayings[0].hint


def test_files_are_picked_through_the_recorder(shown: say.Recorder, tmp_path: Path) -> None:
    shown.files.append(str(tmp_path / "户表.xlsx"))
    assert say.pick_open("选户表", "Excel 工作簿 (*.xlsx)") == tmp_path / "户表.xlsx"
    assert say.pick_save("存到", "Excel 工作簿 (*.xlsx)") is None
    assert say.pick_folder("放到") is None
    assert [(one.title, one.save, one.folder) for one in shown.pickings] == [
        ("选户表", False, False), ("存到", True, False), ("放到", False, True)]  # fmt: skip
