"""Project ledgers as offices keep them: stage dates and funds in columns of the project's row become lines of their own."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.excel import ledger, write
from relocdesk.excel.ledger import side_of
from relocdesk.excel.plan import Plan, apply, plan
from relocdesk.excel.problem_sheet import problem_workbook
from relocdesk.excel.sheet import read_workbook
from relocdesk.queries.rows import Ask
from relocdesk.records import register
from relocdesk.records.works import FundSource, ProjectStage, SupportProject
from relocdesk.undo import withdraw
from tests.excel.ugly import grid

PROJECT = register("support_project")
HEAD = ["序号", "项目代码", "项目名称", "类型", "年度", "建设地点", "总投资（万元）", "后扶基金（万元）", "库区基金（万元）", "自筹（万元）",
        "批复文号", "批复时间", "开工时间", "计划完工时间", "完工时间", "验收时间", "验收结论", "备注"]  # fmt: skip
ROW: list[Any] = [1, "HF2025-001", "柳树村道路硬化", "基础设施建设", 2025, "柳树村", 86, 70, 10, 6, "龙移〔2025〕3号", "2025.3.12",
                  datetime.date(2025, 5, 20), "2025-09-30", "2025年9月18日", "2025-11-05", "合格", None]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def look(book: Book, clerk: Clerk, path: Path, **words: Any) -> Plan:
    with book.read() as session:
        return plan(session, clerk, PROJECT, path, **words)


def take(book: Book, clerk: Clerk, path: Path) -> tuple[Plan, str]:
    with book.change("导入", clerk, "import") as (session, _):
        found = plan(session, clerk, PROJECT, path)
        return found, apply(session, clerk, found)


def stages(book: Book, code: str = "HF2025-001") -> dict[str, tuple[Any, ...]]:
    with book.read() as session:
        query = select(ProjectStage.stage, ProjectStage.planned_on, ProjectStage.done_on, ProjectStage.document, ProjectStage.passed, ProjectStage.skipped)
        query = query.join(SupportProject, ProjectStage.project == SupportProject.id).where(SupportProject.code == code, ProjectStage.deleted == 0)
        return {row[0]: tuple(row[1:]) for row in session.execute(query)}


def funds(book: Book, code: str = "HF2025-001") -> dict[str, int]:
    with book.read() as session:
        query = select(FundSource.fund, FundSource.amount).join(SupportProject, FundSource.project == SupportProject.id)
        return {row[0]: row[1] for row in session.execute(query.where(SupportProject.code == code, FundSource.deleted == 0))}


def counts(found: Plan) -> list[tuple[str, int, int, int]]:
    return [(one.register.name, len(one.new), len(one.changed), len(one.same)) for one in (found.judgement, *found.sides.parts)]


@pytest.mark.parametrize(
    ("title", "said"),
    [("开工时间", ("project_stage", "started", "done_on")), ("实际开工日期", ("project_stage", "started", "done_on")),
     ("开工", ("project_stage", "started", "done_on")), ("实施进度/开工时间", ("project_stage", "started", "done_on")), ("计划完工", None),
     ("计划开工时间", ("project_stage", "started", "planned_on")), ("计划下达文号", ("project_stage", "planned", "document")),
     ("下达计划时间", ("project_stage", "planned", "done_on")), ("竣工时间", ("project_stage", "finished", "done_on")),
     ("竣工验收时间", ("project_stage", "accepted", "done_on")), ("验收/时间", ("project_stage", "accepted", "done_on")),
     ("验收情况", ("project_stage", "accepted", "passed")), ("初验结论", ("project_stage", "preaccepted", "passed")),
     ("项目批复/文号", ("project_stage", "approved", "document")), ("合同签订日期", ("project_stage", "contracted", "done_on")),
     ("资金来源/其中：库区基金（万元）", ("fund_source", "reservoir", "amount")), ("资金构成/其他", ("fund_source", "other", "amount")),
     ("群众自筹", ("fund_source", "self", "amount")), ("其他", None), ("县级", None), ("开工率", None), ("审计单位", None), ("存在问题", None)],
)  # fmt: skip
def test_what_a_title_says(title: str, said: tuple[str, str, str] | None) -> None:
    found = side_of(title)
    assert (found[:3] if found else None) == said


def test_a_ledger_brings_stages_and_sources(book: Book, clerk: Clerk, folder: Path) -> None:
    path = grid(folder / "项目台账.xlsx", [["龙陵县后扶项目台账"], HEAD, ROW])
    found, _ = take(book, clerk, path)
    assert found.problems == []
    assert counts(found) == [("support_project", 1, 0, 0), ("project_stage", 4, 0, 0), ("fund_source", 3, 0, 0)]
    assert stages(book) == {
        "approved": (None, "2025-03-12", "龙移〔2025〕3号", None, 0), "started": (None, "2025-05-20", None, None, 0),
        "finished": (None, "2025-09-18", None, None, 0), "accepted": (None, "2025-11-05", None, 1, 0)}  # fmt: skip
    assert funds(book) == {"support": 70_000_000, "reservoir": 10_000_000, "self": 6_000_000}
    with book.read() as session:
        project = session.scalars(select(SupportProject)).one()
        assert (project.estimate, project.planned_finish, project.category) == (86_000_000, "2025-09-30", "infrastructure")
    assert [note for note in found.notes if "登记为" in note] == [
        "“批复文号”、“批复时间”、“开工时间”、“完工时间”、“验收时间”、“验收结论”登记为“项目阶段”：新增 4，变更 0，相同 0",
        "“后扶基金(万元)”、“库区基金(万元)”、“自筹(万元)”登记为“项目资金来源”：新增 3，变更 0，相同 0"]  # fmt: skip
    assert found.unmapped == ()


def test_twice_is_once_and_a_correction_changes_one_line(book: Book, clerk: Clerk, folder: Path) -> None:
    take(book, clerk, grid(folder / "一.xlsx", [HEAD, ROW]))
    again, batch = take(book, clerk, grid(folder / "二.xlsx", [HEAD, ROW]))
    assert counts(again) == [("support_project", 0, 0, 1), ("project_stage", 0, 0, 4), ("fund_source", 0, 0, 3)]
    assert batch == ""
    row = list(ROW)
    row[8], row[15] = 12, "2025-11-06"
    changed, batch = take(book, clerk, grid(folder / "三.xlsx", [HEAD, row]))
    assert counts(changed) == [("support_project", 0, 0, 1), ("project_stage", 0, 1, 3), ("fund_source", 0, 1, 2)]
    assert (funds(book)["reservoir"], stages(book)["accepted"][1]) == (12_000_000, "2025-11-06")
    with book.change("撤回", clerk) as (session, _):
        withdraw(session, clerk, batch)
    assert (funds(book)["reservoir"], stages(book)["accepted"][1]) == (10_000_000, "2025-11-05")


def test_words_that_are_no_dates_say_what_they_mean(book: Book, clerk: Clerk, folder: Path) -> None:
    row = list(ROW)
    row[11], row[12], row[14], row[15], row[16] = "不适用", "未开工", "/", "—", "未验收"
    found, _ = take(book, clerk, grid(folder / "表.xlsx", [HEAD, row]))
    assert found.problems == []
    assert stages(book) == {"approved": (None, None, "龙移〔2025〕3号", None, 1)}


def test_a_wrong_cell_keeps_the_whole_row_out_and_is_named(book: Book, clerk: Clerk, folder: Path) -> None:
    good, bad = list(ROW), list(ROW)
    bad[1], bad[2], bad[8], bad[12], bad[16] = "HF2025-002", "石桥村道路", "约10", "五月份", "还行"
    path = grid(folder / "表.xlsx", [HEAD, good, bad])
    found, _ = take(book, clerk, path)
    assert counts(found) == [("support_project", 1, 0, 0), ("project_stage", 4, 0, 0), ("fund_source", 3, 0, 0)]
    assert [found.where(one) for one in found.problems] == ["第3行（Q3）“验收结论”", "第3行（M3）“开工时间”", "第3行（I3）“库区基金(万元)”"]
    assert stages(book, "HF2025-002") == {}
    with book.read() as session:
        assert session.scalars(select(SupportProject.code)).all() == ["HF2025-001"]
    assert problem_workbook(found, folder / "问题.xlsx") == 1
    sheet = read_workbook(folder / "问题.xlsx").sheets[0]
    told = " ".join(str(cell) for row in sheet.cells for cell in row)
    assert "五月份" in told
    assert "开工时间" in told


def test_heads_of_two_lines_and_units_above(book: Book, clerk: Clerk, folder: Path) -> None:
    rows: list[list[Any]] = [
        ["2025年后扶项目实施情况表"], ["单位：万元"],
        ["序号", "项目名称", "项目类型", "年度", "建设地点", "资金来源", None, None, "实施进度", None, None],
        [None, None, None, None, None, "后期扶持资金", "库区基金", "群众自筹", "开工时间", "竣工时间", "竣工验收时间"],
        [1, "清水沟灌溉沟渠", "基础设施", 2025, "石桥村", 60, None, 12.5, "2025.6", "2025年11月20日", "正在整改"],
        [2, "太阳能路灯", "美丽家园", 2025, "柳树村", 28, 0, None, "未开工", None, None],
        ["合计", None, None, None, None, 88, 0, 12.5, None, None, None],
    ]  # fmt: skip
    merges = ["A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:E4", "F3:H3", "I3:K3"]
    path = grid(folder / "表.xlsx", rows, merges=merges)
    found, _ = take(book, clerk, path)
    assert [one.text for one in found.problems] == []
    assert counts(found) == [("support_project", 2, 0, 0), ("project_stage", 2, 0, 0), ("fund_source", 3, 0, 0)]
    assert funds(book, "2025-清水沟灌溉沟渠") == {"support": 60_000_000, "self": 12_500_000}
    assert stages(book, "2025-清水沟灌溉沟渠") == {"started": (None, "2025-06-01", None, None, 0), "finished": (None, "2025-11-20", None, None, 0)}
    assert counts(look(book, clerk, path)) == [("support_project", 0, 0, 2), ("project_stage", 0, 0, 2), ("fund_source", 0, 0, 3)]


def test_dates_out_of_order_are_warned_of_at_their_cell(book: Book, clerk: Clerk, folder: Path) -> None:
    row = list(ROW)
    row[12] = "2025-03-01"
    found = look(book, clerk, grid(folder / "表.xlsx", [HEAD, row]))
    assert [(found.where(one), one.code) for one in found.warnings] == [("第2行（M2）“开工时间”", "J07")]


def test_sources_that_do_not_add_up_are_told(book: Book, clerk: Clerk, folder: Path) -> None:
    row = list(ROW)
    row[9] = 5
    (warning,) = look(book, clerk, grid(folder / "表.xlsx", [HEAD, row])).warnings
    assert (warning.code, warning.text) == ("J14", "资金来源合计 850,000.00 元，批复投资 860,000.00 元，请核对")


def test_what_the_book_keeps_by_document_agrees_with_the_sum(book: Book, clerk: Clerk, folder: Path) -> None:
    take(book, clerk, grid(folder / "一.xlsx", [HEAD, ROW]))
    with book.change("分两个文件", clerk) as (session, _):
        first = session.scalars(select(FundSource).where(FundSource.fund == "support")).one()
        first.document, first.amount = "云财农〔2025〕95号", 50_000_000
        session.flush()
        session.add(FundSource(home=first.home, project=first.project, fund="support", document="云财农〔2025〕96号", amount=20_000_000))
    again = look(book, clerk, grid(folder / "二.xlsx", [HEAD, ROW]))
    assert again.problems == []
    assert counts(again)[2] == ("fund_source", 0, 0, 2)


def test_an_export_comes_back_unchanged(book: Book, clerk: Clerk, folder: Path) -> None:
    take(book, clerk, grid(folder / "一.xlsx", [HEAD, ROW]))
    for name in ("support_project", "project_stage", "fund_source"):
        out = folder / f"{name}.xlsx"
        with book.read() as session:
            write.export(session, register(name), Ask(register(name)), out, on="2026-11-22")
            found = plan(session, clerk, register(name), out)
        assert found.problems == [], name
        assert (len(found.new), len(found.changed)) == (0, 0), name
        assert len(found.same) > 0, name
    assert ledger.told(found.sides) == []


def test_a_column_mapped_by_hand_is_read_as_told(book: Book, clerk: Clerk, folder: Path) -> None:
    path = grid(folder / "表.xlsx", [HEAD, ROW])
    names = {"项目代码": "code", "项目名称": "name", "类型": "category", "年度": "year", "建设地点": "place", "完工时间": "planned_finish"}
    found = look(book, clerk, path, mapping=names)
    assert found.new[0].values["planned_finish"] == "2025-09-18"
    assert {side.choice for side in found.sides.columns if side.register == "project_stage"} == {"approved", "started", "accepted"}
