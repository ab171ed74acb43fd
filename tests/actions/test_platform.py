"""The platform's list: what is to be typed, in whose order, ticked off, and back again after a change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from relocdesk import settings
from relocdesk.actions.platform import platform_done, platform_list
from relocdesk.entry import save
from relocdesk.errors import UserError
from relocdesk.queries.platform import Copying, Progress, copying, layouts, progress, to_copy
from relocdesk.records import new_id, register
from relocdesk.records.party import PlatformEntry
from relocdesk.records.project import Project
from relocdesk.records.works import ProjectStage, SupportProject
from tests.actions.scene import CLERK, Scene


def entries(session: object) -> list[PlatformEntry]:
    return list(session.scalars(select(PlatformEntry).order_by(PlatformEntry.item)))  # type: ignore[attr-defined]


def test_every_record_is_listed_once_a_year_in_the_settings_order(scene: Scene) -> None:
    with scene.change() as (s, _):
        settings.put(s, CLERK, "platform.works", "工程项目：工程名称、总投资、启动日期", scene.home)
        project = s.scalars(select(Project)).one()
        project.investment, project.started_on = 6_820_000_000, "2024-03-01"
        s.flush()
        assert platform_list(s, CLERK, None, module="works", data_year=2026) == "“工程建设”2026年列入 1 条"
        assert platform_list(s, CLERK, None, module="works", data_year=2026) == "“工程建设”2026年没有要新列入的"
        assert platform_list(s, CLERK, None, module="works", data_year=2025, person="赵小兰") == "“工程建设”2025年列入 1 条"
        (entry,) = to_copy(s, "works", 2026, "王建国")
        assert copying(s, entry) == Copying(entry, "龙川灌区", False, (("工程名称", "龙川灌区"), ("总投资（元）", "68200000.00"), ("启动日期", "2024-03-01")))
        assert progress(s) == [Progress("works", 2026, "王建国", 1, 0, 0), Progress("works", 2025, "赵小兰", 1, 0, 0)]


def test_what_was_typed_comes_back_after_a_later_change(scene: Scene) -> None:
    scene.book.viewer = lambda: CLERK
    with scene.change() as (s, _):
        platform_list(s, CLERK, None, module="works", data_year=2026)
        (entry,) = entries(s)
        with pytest.raises(UserError, match="还没有到"):
            platform_done(s, CLERK, entry, done_on="2026-11-23")
        assert platform_done(s, CLERK, entry) == "“龙川灌区”已录入平台"
    with scene.book.read() as s:
        assert to_copy(s, "works") == []
        assert progress(s) == [Progress("works", 2026, "王建国", 1, 1, 0)]
    with scene.change() as (s, _):
        project = s.scalars(select(Project)).one()
        save(s, CLERK, register("project"), {"investment": "100"}, project.id)
    with scene.book.read() as s:
        (again,) = to_copy(s, "works")
        found = copying(s, again)
        assert found is not None
        assert found.again
    with scene.change(replace(CLERK, on="2026-11-25")) as (s, _):
        platform_done(s, replace(CLERK, on="2026-11-25"), s.get_one(PlatformEntry, again))
    with scene.book.read() as s:
        assert to_copy(s, "works") == []
        assert [(one.started_on, one.done_on) for one in entries(s)] == [("2026-11-22", "2026-11-25")]


@pytest.mark.parametrize(("text", "told"), [
    ("工程项目 工程名称", "没有冒号"), ("工程项目：工程名称、造价", "没有“造价”这一栏"), ("没有的台账：名称", "没有“没有的台账”这个台账"),
    ("\n", "没有设置栏目"),
])  # fmt: skip
def test_a_setting_nobody_could_follow_is_said(scene: Scene, text: str, told: str) -> None:
    with scene.change() as (s, _):
        settings.put(s, CLERK, "platform.works", text, scene.home)
        with pytest.raises(UserError, match=told):
            layouts(s, "works")


@pytest.mark.parametrize("module", ["works", "land", "people", "projects", "funds"])
def test_the_usual_order_of_every_module_can_be_followed(scene: Scene, module: str) -> None:
    with scene.book.read() as s:
        assert all(layout.fields for layout in layouts(s, module))


def test_lines_of_a_record_and_whoever_it_is_named_after_bring_it_back(scene: Scene) -> None:
    scene.book.viewer = lambda: CLERK
    with scene.change() as (s, _):
        settings.put(s, CLERK, "platform.people", "移民户：户号、户主姓名", scene.home)
        house = scene.household(s)
        head, quiet = house.head, scene.household(s, "张美")
        project = scene.add(s, SupportProject, scene.home, code="HF1", name="道路硬化", year=2026, category="home", place=scene.ids["530523102"])
        other = scene.add(s, SupportProject, scene.home, code="HF2", name="路灯", year=2026, category="home", place=scene.ids["530523102"])
        for module in ("projects", "people"):
            platform_list(s, CLERK, None, module=module, data_year=2026)
        assert {one.record for one in entries(s)} == {project.id, other.id, house.id, quiet.id}
        ids = (project.id, head)
    with scene.change() as (s, _):
        for entry in entries(s):
            platform_done(s, CLERK, entry)
    with scene.book.read() as s:
        assert to_copy(s, "projects") == to_copy(s, "people") == []
    with scene.change() as (s, _):
        s.add(ProjectStage(id=new_id(), home=scene.home, project=ids[0], stage="approved", done_on="2026-03-01", skipped=0))
        save(s, CLERK, register("person"), {"name": "李大川"}, ids[1])
    with scene.book.read() as s:
        assert [copying(s, one).title for one in to_copy(s, "projects")] == ["HF1 道路硬化"]  # type: ignore[union-attr]
        assert len(to_copy(s, "people")) == 1
