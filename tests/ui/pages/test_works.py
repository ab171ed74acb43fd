"""Pages of support projects, plans, courses and funds, on the demo's township: each number opens its rows, each button its action."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.reference import Role
from tests.excel.ugly import grid
from tests.ui.pages.conftest import settled
from ui.asking import Asking
from ui.import_page import ImportPage
from ui.pages.board import BoardPage, LatePage, ProjectCard
from ui.pages.fund_years import AgeTab, SurplusTab, YearTab
from ui.pages.plan_versions import PlanPage
from ui.pages.project_sheet import ProjectPage, StepCard
from ui.pages.section import Section
from ui.pages.training import TrainingPage
from ui.register_page import RegisterPage
from ui.shell import Shell

P = TypeVar("P", bound=QWidget)


def tab(shell: Shell, page: str, key: str, kind: type[P]) -> P:
    section = shell.show_page(page)
    assert isinstance(section, Section)
    made = section.tab(key)
    assert isinstance(made, kind)
    return made


def texts(widget: QWidget) -> str:
    return " ".join(one.text() for one in widget.findChildren(QLabel))


def shown(shell: Shell, page: str, key: str, qtbot: QtBot, count: int) -> RegisterPage:
    section = shell.page(page)
    assert isinstance(section, Section)
    assert section.current == key
    made = section.tab(key)
    assert isinstance(made, RegisterPage)
    qtbot.waitUntil(lambda: len(made.model.rowids) == count, timeout=20_000)
    return made


def test_the_board_shows_every_project_where_it_stands(township: Callable[..., Shell], qtbot: QtBot) -> None:
    shell = township()
    board = tab(shell, "works", "board", BoardPage)
    qtbot.waitUntil(lambda: len(board.findChildren(ProjectCard)) == 10, timeout=20_000)
    late = [card for card in board.findChildren(ProjectCard) if "晚" in texts(card)]
    assert len(late) == 5
    assert "10</b></a> 个项目" in board.sentence.text()
    board.show_year(2026)
    qtbot.waitUntil(lambda: len(board.found) == 4, timeout=20_000)
    board.sentence.chosen.emit("all")
    shown(shell, "works", "support_project", qtbot, 4)


def test_a_card_opens_its_project_and_enter_does_too(township: Callable[..., Shell], qtbot: QtBot) -> None:
    shell = township()
    board = tab(shell, "works", "board", BoardPage)
    qtbot.waitUntil(lambda: len(board.findChildren(ProjectCard)) == 10, timeout=20_000)
    card = next(one for one in board.findChildren(ProjectCard) if one.objectName() == "board.card.HF102-06")
    qtbot.keyClick(card, Qt.Key.Key_Return)
    page = tab(shell, "works", "one", ProjectPage)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.shown["code"] == "HF102-06", timeout=20_000)
    settled(qtbot, shell)
    steps = {one.objectName(): texts(one) for one in page.findChildren(StepCard) if not one.isHidden()}
    assert len(steps) == 15
    assert "✓ 开工" in steps["project.stage.started"]
    assert "! 完工" in steps["project.stage.finished"]
    assert "晚" in page._late.text()
    qtbot.waitUntil(lambda: page.tables["project_payment"].totals is not None and page.tables["project_payment"].totals.count == 2, timeout=20_000)
    offered = {name for name, made in page._buttons.items() if not made.isHidden()}
    assert offered == {"record-stage", "turn-surplus", "contract-project", "pay-project", "change-contract"}


def test_a_stage_is_registered_by_its_card(township: Callable[..., Shell], qtbot: QtBot) -> None:
    shell = township()
    page = tab(shell, "works", "one", ProjectPage)
    project = page.access.read(lambda session: rows.ids(session, Ask(register("support_project"), (Condition("code", "=", "HF102-06"),))))[0]
    page.show_what(id=project)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.id == project, timeout=20_000)
    card = page.findChild(StepCard, "project.stage.finished")
    assert card is not None
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    asking = shell.findChild(Asking)
    assert asking is not None
    assert asking.editors["stage"].value() == "finished"
    asking.editors["done_on"].set_text("2026-11-20")
    asking.finish()
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.card.stage == "finished", timeout=20_000)
    assert page.seen is not None
    assert not page.seen.card.late
    assert not page._buttons["accept-project"].isHidden()


def test_late_projects_with_reasons_and_sums_by_every_grouping(township: Callable[..., Shell], qtbot: QtBot) -> None:
    shell = township()
    page = tab(shell, "works", "late", LatePage)
    qtbot.waitUntil(lambda: len(page.table.text_model.rows) == 5, timeout=20_000)
    assert any("雨季，等料场复工" in row.cells[5] for row in page.table.text_model.rows)
    whole = None
    for index in range(page.by.count()):
        page.by.setCurrentIndex(index)
        page._sum_up()
        found = page.sums.text_model.rows
        if page.by.currentData() == "fund":
            assert {row.key for row in found} == {"support", "reservoir", "surplus", "self"}
            continue
        assert found[-1].cells[0] == "合计"
        assert whole in (None, found[-1].cells)
        whole = found[-1].cells
    page.by.setCurrentIndex(0)
    page._sum_up()
    page.sums.opened.emit("产业")
    shown(shell, "works", "support_project", qtbot, 3)


def test_versions_stand_side_by_side(township: Callable[..., Shell], qtbot: QtBot) -> None:
    shell = township()
    page = tab(shell, "works", "plan", PlanPage)
    qtbot.waitUntil(lambda: len(page.lines) == 10, timeout=20_000)
    assert not page.table.isColumnHidden(2)
    assert not page.table.isColumnHidden(3)
    assert page.table.isColumnHidden(4)
    assert {row.cells[6] for row in page.table.text_model.rows} == {f"HF102-{n:02d}" for n in range(1, 11)}
    assert not page.start.isEnabled()
    page.sentence.chosen.emit("midterm")
    shown(shell, "works", "plan_item", qtbot, 10)


def test_a_course_tells_attendances_and_heads_apart(township: Callable[..., Shell], qtbot: QtBot) -> None:
    shell = township(Role.ENTRY)
    page = tab(shell, "training", "course", TrainingPage)
    qtbot.waitUntil(lambda: page.table.totals is not None and page.table.totals.count > 0, timeout=20_000)
    qtbot.waitUntil(lambda: "人次" in page._sentence.text(), timeout=20_000)
    page.act("sign-in")
    asking = shell.findChild(Asking)
    assert asking is not None
    asking.editors["people"].set_text("王没有、赵没有")
    asking.finish()
    settled(qtbot, shell)
    assert page._buttons["enrol"].isEnabled()


def test_funds_by_year_by_age_and_surplus_open_their_rows(township: Callable[..., Shell], qtbot: QtBot) -> None:
    shell = township()
    years = tab(shell, "fund", "years", YearTab)
    qtbot.waitUntil(lambda: len(years.table.text_model.rows) > 5, timeout=20_000)
    found = {row.key: row.cells for row in years.table.text_model.rows}
    assert found["support/2024"][6] == "43.2%"
    years.open_line("support/2024")
    shown(shell, "fund", "allocation", qtbot, 1)
    age = tab(shell, "fund", "age", AgeTab)
    qtbot.waitUntil(lambda: bool(age.table.text_model.rows), timeout=20_000)
    assert {row.cells[7] for row in age.table.text_model.rows} == {"当年", "结转", "结余"}
    surplus = tab(shell, "fund", "surplus", SurplusTab)
    qtbot.waitUntil(lambda: bool(surplus.table.text_model.rows), timeout=20_000)
    assert next(row.cells for row in surplus.table.text_model.rows if row.key == "subsidy/2023")[2:6] == ("336,000.00", "287,865.00", "48,000.00", "135.00")
    surplus.open_line("subsidy/2023")
    shown(shell, "works", "surplus_use", qtbot, 1)


def test_a_ledger_shows_its_stages_and_sources_before_anything_is_written(township: Callable[..., Shell], qtbot: QtBot, tmp_path: Path) -> None:
    shell = township(Role.ENTRY)
    heads = ["项目代码", "项目名称", "项目类型", "年度", "建设地点", "总投资（万元）", "库区基金（万元）", "开工时间"]
    path = grid(tmp_path / "台账.xlsx", [heads, ["HF9", "新修水窖", "基础设施", 2026, "柳树村", 20, 20, "2026.5.6"]])
    page = shell.show_page("import", register="support_project", path=path)
    assert isinstance(page, ImportPage)
    qtbot.waitUntil(lambda: page.plan is not None, timeout=20_000)
    settled(qtbot, shell)
    names = [page.tabs.tabText(n) for n in range(page.tabs.count())]
    assert names[-2:] == ["项目阶段 1", "项目资金来源 1"]
    assert page._next.text() == "入账 3 条"
