"""后扶项目 and 培训: the board, one project, the plan's versions, courses; the registers behind them as tabs."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.access import Access
from ui.pages.section import Section, Tab, open_record, register_tab
from ui.shell import Shell


def works_section(access: Access, shell: Shell) -> Section:
    """后扶项目 with its plan, stages, money and surplus."""

    def board() -> QWidget:
        from ui.pages.board import BoardPage  # noqa: PLC0415 -- slow import

        return BoardPage(access, shell)

    def late() -> QWidget:
        from ui.pages.board import LatePage  # noqa: PLC0415 -- slow import

        return LatePage(access, shell)

    def one() -> QWidget:
        from ui.pages.project_sheet import ProjectPage  # noqa: PLC0415 -- slow import

        return ProjectPage(access, shell)

    def plan() -> QWidget:
        from ui.pages.plan_versions import PlanPage  # noqa: PLC0415 -- slow import

        return PlanPage(access, shell)

    def show(ids: list[str]) -> None:
        open_record(shell, "support_project", ids[0])

    table = register_tab(access, shell, "support_project", "项目台账", extra=(("打开项目", "flag", show),))
    names = {"plan_item": "规划项目", "project_stage": "阶段", "fund_source": "资金来源", "project_payment": "支付", "surplus_use": "结余转项目"}
    section = Section("works", [Tab("board", "看板", board), Tab("one", "一个项目", one), Tab("late", "滞后和汇总", late), Tab("plan", "规划版次", plan),
                                table, *(register_tab(access, shell, name, words) for name, words in names.items())])  # fmt: skip
    section.follow("support_project", "one")
    return section


def training_section(access: Access, shell: Shell) -> Section:
    """培训."""

    def course() -> QWidget:
        from ui.pages.training import TrainingPage  # noqa: PLC0415 -- slow import

        return TrainingPage(access, shell)

    def show(ids: list[str]) -> None:
        open_record(shell, "training", ids[0])

    table = register_tab(access, shell, "training", "培训班台账", extra=(("打开班次", "book", show),))
    section = Section("training", [Tab("course", "一个班次", course), table, register_tab(access, shell, "trainee")])
    section.follow("training", "course")
    return section
