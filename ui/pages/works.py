"""后扶项目 and 培训: the plan, projects with their stages and money, courses."""

from __future__ import annotations

from ui.access import Access
from ui.pages.section import Section, register_tab
from ui.shell import Shell


def works_section(access: Access, shell: Shell) -> Section:
    """后扶项目 with its plan, stages, money and surplus."""
    names = ("support_project", "plan_item", "project_stage", "fund_source", "project_payment", "surplus_use")
    return Section("works", [register_tab(access, shell, name) for name in names])


def training_section(access: Access, shell: Shell) -> Section:
    """培训."""
    names = ("training", "trainee")
    return Section("training", [register_tab(access, shell, name) for name in names])
