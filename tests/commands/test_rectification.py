"""A rectification list by commands alone: an ugly workbook of 100 problems, states, sign-offs, look-back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from pypdfium2 import PdfDocument

from tests.commands.running import Run

BATCH = "县委第八轮巡察"
ASPECTS = ("落实上级决策部署方面", "资金管理使用方面", "全面从严治党方面", "队伍建设方面")
MEASURES = ("1.召开专题会议研究；2.逐户核对直补名册。\n3、公开核对结果", "（1）完善制度；（2）开展专项清理。", "立行立改，按月调度")


def ugly(path: Path) -> Path:
    """A title over all, a line about the batch, heads of two lines, merged aspects, section rows and a signature at the end."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "整改清单"
    sheet["A1"], sheet["A2"] = "龙陵县搬迁安置办公室巡察反馈问题整改台账", "填报单位：县搬迁安置办    填报日期：2026年9月30日"
    sheet.merge_cells("A1:K1")
    sheet.merge_cells("A2:K2")
    heads = ("序号", "反馈方面", "问题（反馈原文）", "具体表现", "整改措施", "责任领导", "责任股室", "责任人", "完成时限", "整改状态", "佐证材料")
    for column, title in enumerate(heads, 1):
        sheet.cell(3, column, title)
    row = 4
    for n in range(100):
        aspect = ASPECTS[n // 25]
        due = ("2026年12月12日", "2026-10-31", "2026.11.15")[n % 3]
        state = ("", "正在推进", "基本完成", "已完成")[n % 4]
        cells = (n + 1, aspect if n % 25 == 0 else None, f"第{n + 1}个问题：制度执行不到位", "个别台账更新不及时" if n % 2 else None, MEASURES[n % 3],
                 "尹世文", "后扶股" if n % 2 else "办公室", "王建国" if n % 5 else None, due, state or None,
                 f"龙搬办〔2026〕{n}号" if n % 8 == 3 else None)  # fmt: skip
        for column, cell in enumerate(cells, 1):
            sheet.cell(row, column, cell)
        if n % 25 == 0:
            sheet.merge_cells(start_row=row, start_column=2, end_row=row + 24, end_column=2)
        row += 1
    sheet.cell(row + 1, 1, "填表人：赵小兰        审核人：钱建军")
    book.save(path)
    return path


@pytest.fixture
def listed(run: Run, path: Path, tmp_path: Path) -> Path:
    """The book with the batch and its 100 problems."""
    assert run("add", path, "inspection", f"name={BATCH}", "kind=巡察", "team=县委第四巡察组", "feedback_on=2026-09-12").code == 0
    answer = run("import", path, "整改问题", ugly(tmp_path / "整改台账.xlsx"), "--default", f"inspection={BATCH}", "--apply", "--json", "--on", "2026-11-22")
    assert (answer.code, answer.json["new"], answer.json["problems"]) == (0, 100, [])
    return path


def tally(run: Run, path: Path) -> list[str]:
    (row,) = run("list", path, "inspection", "--json").json["rows"]
    return [row[name] for name in ("total", "done", "nearly", "open", "lasting")]


def test_a_list_of_a_hundred_problems_from_import_to_look_back(run: Run, listed: Path, tmp_path: Path) -> None:
    path = listed
    assert tally(run, path) == ["100", "25", "25", "50", "0"]
    assert run("list", path, "measure", "--json").json["totals"]["count"] == 34 * 3 + 33 * 2 + 33
    first = run("list", path, "rectification_item", "--where", "number=1", "--json").json["rows"][0]
    assert first["measures"] == "1. 召开专题会议研究\n2. 逐户核对直补名册\n3. 公开核对结果"
    assert {one["aspect"] for one in run("list", path, "rectification_item", "--json").json["rows"]} == set(ASPECTS)

    again = run("import", path, "整改问题", tmp_path / "整改台账.xlsx", "--default", f"inspection={BATCH}", "--apply", "--json", "--on", "2026-11-22")
    assert (again.json["new"], again.json["changed"], again.json["same"], again.json["problems"]) == (0, 0, 100, [])

    def do(*words: str, by: str = "王建国") -> int:
        return run("do", path, *words, "--by", by, "--on", "2026-11-22").code

    for name, role in (("孙明", "负责人"), ("赵小兰", "录入")):
        assert run("add", path, "operator", f"name={name}", f"role={role}", "--by", "王建国").code == 0
    key = f"{BATCH}/1"
    assert do("set-state", key, "state=已完成", "reason=都做了") == 1
    assert do("sign-off", key, by="赵小兰") == 1  # no evidence yet
    assert do("sign-off", key, "evidence=会议纪要第3号", by="赵小兰") == 1  # three measures are open
    for n in (1, 2, 3):
        assert do("finish-measure", f"{key}/{n}", "result=已落实") == 0
    assert do("sign-off", key, "evidence=会议纪要第3号", by="赵小兰") == 0
    assert do("sign-off", key, by="赵小兰") == 1  # an entry clerk does not examine
    assert do("sign-off", key, by="孙明") == 0
    assert do("sign-off", key, "signer=杨国强", by="孙明") == 0
    assert tally(run, path) == ["100", "26", "25", "49", "0"]
    assert do("look-back", key, "result=反弹", "note=又出现", "due_on=2027-03-31") == 0
    assert tally(run, path) == ["100", "25", "25", "50", "0"]
    states = run("list", path, "state_change", "--json").json["rows"]
    assert [(one["before"], one["after"]) for one in states] == [("未完成", "已完成"), ("已完成", "未完成")]
    assert do("remind", f"{BATCH}/2") == 0
    assert run("verify", path).code == 0


def test_a_ledger_numbered_anew_under_each_aspect_is_told_how_to_number(run: Run, path: Path, tmp_path: Path) -> None:
    assert run("add", path, "inspection", f"name={BATCH}", "kind=巡察").code == 0
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(("序号", "方面", "反馈问题", "责任领导", "责任股室", "整改期限", "完成情况", "完成时间", "佐证材料"))
    for aspect in ("落实决策部署", "队伍建设"):
        sheet.append((1, aspect, f"{aspect}的问题", "尹世文", "办公室", "2023.9", "已完成", "2023.6", "会议纪要"))
    sheet.append((2, "队伍建设", "没有写完成日期", "尹世文", "办公室", "2023.9", "已完成", None, "会议纪要"))
    sheet.append((3, "队伍建设", "写了完成日期", "尹世文", "办公室", "2023.9", "推进中", "2023.6", None))
    book.save(tmp_path / "台账.xlsx")
    answer = run("import", path, "整改问题", tmp_path / "台账.xlsx", "--default", f"inspection={BATCH}", "--apply", "--json")
    (trouble,) = answer.json["problems"]
    assert (trouble["row"], "写成 2-1 的样子" in trouble["text"]) == (3, True)
    assert {(one["row"], one["code"]) for one in answer.json["warnings"] if one["code"]} == {(4, "Z03"), (5, "Z03")}
    (done,) = run("list", path, "rectification_item", "--where", "number=1", "--json").json["rows"]
    assert (done["state"], done["done_on"], done["due_on"]) == ("已完成", "2023-06-01", "2023-09-01")


def test_what_came_in_done_without_proof_is_a_finding_not_a_refusal(run: Run, listed: Path) -> None:
    found = run("list", listed, "rectification_item", "--where", "state=已完成", "--json", "--on", "2026-11-22").json["rows"]
    doubts = [one["doubt"] for one in found]
    assert len(doubts) == 25
    assert sum("没有佐证材料" in one for one in doubts) == 12
    assert all("签字不齐" in one for one in doubts)


def test_a_changed_cell_of_measures_is_a_problem_that_says_where_to_change_it(run: Run, listed: Path, tmp_path: Path) -> None:
    file = tmp_path / "整改台账.xlsx"
    book = openpyxl.load_workbook(file)
    book["整改清单"]["E4"] = "1.另一条措施"
    book.save(file)
    words = ("import", listed, "整改问题", file, "--default", f"inspection={BATCH}", "--apply", "--json", "--on", "2026-11-22")
    (trouble,) = run(*words).json["problems"]
    assert (trouble["row"], trouble["code"]) == (4, "COMPUTED")
    assert "要增改请到“整改措施”里改" in trouble["text"]


def test_a_withdrawn_import_takes_the_measures_along(run: Run, listed: Path) -> None:
    batch = run("list", listed, "import_batch", "--json").json["rows"][0]["line"]
    assert run("withdraw", listed, batch, "--by", "王建国").code == 0
    for name in ("rectification_item", "measure"):
        assert run("list", listed, name, "--json").json["totals"]["count"] == 0


def test_papers_lists_in_word_to_do_lists_and_the_hand_over(run: Run, listed: Path, tmp_path: Path) -> None:
    path, day = listed, ("--on", "2026-11-22")
    for form, name in (("rectify_problems", "问题清单.pdf"), ("rectify_report", "报告.docx"), ("整改责任清单", "责任清单.docx")):
        answer = run("print", path, form, tmp_path / name, "--all", "--json", *day)
        assert (answer.code, len(answer.json["done"])) == (0, 1), answer
        assert (tmp_path / name).read_bytes()[:2] == (b"PK" if name.endswith("docx") else b"%P")
    refused = run("print", path, "rectify_reminder", tmp_path / "提醒书.docx", "--all", *day)
    assert refused.code == 1
    assert "不能存为 Word" in refused.err
    late = run("print", path, "rectify_reminder", tmp_path / "提醒书.pdf", "--where", "due_on=2026-10-31", "state=未完成", "--json", *day)
    assert (late.code, len(late.json["done"])) == (0, 2)  # two sections under one leader
    every = run("print", path, "rectify_reminder", tmp_path / "全部提醒书.pdf", "--all", "--json", *day)
    assert (every.code, len(every.json["done"])) == (3, 2), "what is not overdue keeps no letter back"
    assert all("没有超期，不用发提醒书" in one["text"] for one in every.json["refused"])
    todo = run("print", path, "todo", tmp_path / "待办.pdf", "--key", "王建国", "--json", *day)
    assert todo.code == 0
    assert run("print", path, "post_handover", tmp_path / "交接.pdf", "--key", "王建国", *day).code == 0
    pages = "".join(page.get_textpage().get_text_range() for page in PdfDocument(tmp_path / "交接.pdf"))
    assert f"{BATCH}/2 1 完善制度" in pages, "which problem a measure belongs to"
    assert run("add", path, "operator", "name=赵小兰", "role=录入", "--by", "王建国").code == 0
    open_ = ("list", path, "rectification_item", "--where", "person=王建国", "--where", "state=未完成", "--json")
    before = run(*open_).json["totals"]["count"]
    moved = run("do", path, "hand-post", "王建国", "to=赵小兰", "--by", "王建国", *day)
    assert (moved.code, "王建国的未了事项已交给赵小兰：整改问题" in moved.out) == (0, True)
    assert before > 0
    assert run(*open_).json["totals"]["count"] == 0
    assert run("undo", path, "--by", "王建国").code == 0
    assert run(*open_).json["totals"]["count"] == before


@pytest.mark.parametrize("title", ["问题", "具体问题", "问题（反馈原文）"])
def test_corrected_problem_rows_keep_the_words_of_the_sheet(run: Run, listed: Path, tmp_path: Path, title: str) -> None:
    """The column 问题 that the workbook of problem rows adds is not what a problem is about, whatever that column is called."""
    source, fixing = tmp_path / "补充.xlsx", tmp_path / "问题行.xlsx"
    book = openpyxl.Workbook()
    for row in (("序号", "反馈方面", title, "责任领导", "责任股室", "完成时限"), (201, ASPECTS[0], "台账更新不及时", "尹世文", "办公室", "近期"),
                (202, ASPECTS[0], "会议记录不全", "尹世文", "办公室", "2026-12-20")):  # fmt: skip
        book.active.append(row)
    book.save(source)
    asked = ("--default", f"inspection={BATCH}", "--apply", "--json", "--on", "2026-11-22")
    assert len(run("import", listed, "整改问题", source, *asked, "--problems", fixing).json["problems"]) == 1
    book = openpyxl.load_workbook(fixing)
    assert [cell.value for cell in book.active[2]][2] == "台账更新不及时"
    book.active["F2"] = "2026-12-20"
    book.save(fixing)
    answer = run("import", listed, "整改问题", fixing, *asked)
    assert (answer.code, answer.json["new"], answer.json["problems"]) == (0, 1, [])
    rows = {row["number"]: row["text"] for row in run("list", listed, "整改问题", "--json").json["rows"]}
    assert (rows["201"], rows["202"]) == ("台账更新不及时", "会议记录不全")


def test_two_deleted_ones_of_one_number_are_told_apart_in_the_window(run: Run, listed: Path) -> None:
    words = (f"inspection={BATCH}", "aspect=资金", "number=101", "text=新问题", "leader=钱建军", "section=后扶股", "due_on=2026-12-31")
    for _ in range(2):
        assert run("add", listed, "rectification_item", *words, "--by", "王建国").code == 0
        assert run("delete", listed, "rectification_item", f"{BATCH}/101", "--by", "王建国").code == 0
    answer = run("undelete", listed, "rectification_item", f"{BATCH}/101", "--by", "王建国")
    assert (answer.code, answer.err.strip()) == (1, f"删除的整改问题里有 2 条“{BATCH}/101”。请在窗口里“更多—已删除的记录”挑一条恢复")
    assert tally(run, listed) == ["100", "25", "25", "50", "0"]
