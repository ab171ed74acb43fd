"""The five-year plan in versions: a version goes on as rows of its own, and a planned item becomes a project."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.action import WORKING, Arg, action, refuse_role
from relocdesk.actions.works import CHECKING, date_stage, noting, refuse_future
from relocdesk.clerk import Clerk
from relocdesk.entry import home_for
from relocdesk.errors import UserError
from relocdesk.field import DAY, PLACE, YEAR, Value
from relocdesk.records import new_id, register
from relocdesk.records.works import Plan, PlanItem, PlanVersion, Stage, SupportProject, WorkCategory

_COPIED = ("plan", "number", "name", "category", "place", "year", "investment", "upper_fund")


def items_of(session: Session, plan: str, version: str) -> list[PlanItem]:
    """The living items of a version, by number."""
    query = select(PlanItem).where(PlanItem.plan == plan, PlanItem.version == version, PlanItem.deleted == 0)
    return list(session.scalars(query.order_by(PlanItem.number, PlanItem.id)))


@action(
    "copy-version", "生成规划新版次", "",
    Arg("plan", "规划", required=True, choices=Plan), Arg("source", "由哪一版", choices=PlanVersion, help="空着为原规划"),
    Arg("target", "生成哪一版", required=True, choices=PlanVersion), Arg("document", "批复文号"), Arg("approved_on", "批复日期", DAY),
    roles=CHECKING,
)  # fmt: skip
def copy_version(session: Session, clerk: Clerk, record: object, *, plan: str, target: str, source: str = PlanVersion.ORIGINAL, document: str = "",
                 approved_on: str = "") -> str:  # fmt: skip
    """Every item of a version as a new row of a later one, linked to the row it goes on from; the old version stays as it was."""
    refuse_role(clerk, "生成规划新版次", CHECKING)
    refuse_future(clerk, "批复日期", approved_on)
    order = list(PlanVersion)
    old, new, label = PlanVersion(source), PlanVersion(target), Plan(plan).label
    if order.index(new) <= order.index(old):
        raise UserError(f"不能由“{old.label}”生成“{new.label}”", hint="先后次序是：" + "、".join(one.label for one in order))
    if items_of(session, plan, target):
        raise UserError(f"{label}已经有“{new.label}”", hint="请直接修改那一版的项目")
    items = items_of(session, plan, source)
    if not items:
        raise UserError(f"{label}没有“{old.label}”的项目", hint="请先登记或导入规划项目")
    session.add_all(PlanItem(id=new_id(), home=one.home, version=new.value, previous=one.id, document=document.strip() or None,
                             approved_on=approved_on or None, **{name: getattr(one, name) for name in _COPIED}) for one in items)  # fmt: skip
    session.flush()
    return f"{label}“{new.label}”已生成 {len(items)} 项，请按批复增减和修改；“{old.label}”没有动"


@action(
    "start-project", "由规划项目立项", "plan_item",
    Arg("code", "项目代码", required=True), Arg("year", "计划年度", YEAR, help="空着为规划的年度"),
    Arg("place", "建设地点", PLACE, to="place", help="空着为规划的地点"), Arg("category", "类型", choices=WorkCategory, help="空着为规划的类型"),
    Arg("listed_on", "入库日期", DAY, help="空着为今天"), Arg("document", "入库文号"),
)  # fmt: skip
def start_project(session: Session, clerk: Clerk, item: PlanItem, *, code: str, year: int = 0, place: str = "", category: str = "", listed_on: str = "",
                  document: str = "") -> str:  # fmt: skip
    """A project made from a planned item, standing at 规划入库; refuses a used code and an item that was started before."""
    refuse_role(clerk, "由规划项目立项", WORKING)
    day = refuse_future(clerk, "入库日期", listed_on)
    _refuse_started(session, item, code.strip())
    where, kind = place or item.place, category or item.category
    for value, label in ((where, "建设地点"), (kind, "类型")):
        if not value:
            raise UserError(f"规划项目 {item.number} 没有{label}", hint=f"请填{label}")
    values: dict[str, Value] = {"code": code.strip(), "name": item.name, "plan_item": item.id, "year": year or item.year, "category": kind, "place": where,
              "estimate": item.investment}  # fmt: skip
    project = SupportProject(id=new_id(), home=home_for(session, register("support_project"), values), **values)
    session.add(project)
    session.flush()
    return noting(f"已立项 {project.code} {project.name}", date_stage(session, project, Stage.LISTED, day, document))


def _refuse_started(session: Session, item: PlanItem, code: str) -> None:
    if item.deleted:
        raise UserError(f"规划项目 {item.number} 已经删除", hint="请刷新后再办")
    living = select(SupportProject.code).where(SupportProject.deleted == 0)
    if session.scalar(living.where(SupportProject.code == code)):
        raise UserError(f"项目代码 {code} 已经用过", hint="请换一个代码")
    before = session.scalar(living.where(SupportProject.plan_item.in_(chain_of(session, item))))
    if before:
        raise UserError(f"规划项目 {item.number} 已经立项为 {before}", hint="请打开那个项目办理")


def chain_of(session: Session, item: PlanItem) -> list[str]:
    """The ids of an item in all versions of its plan, earlier and later ones."""
    links = session.execute(select(PlanItem.id, PlanItem.previous).where(PlanItem.plan == item.plan, PlanItem.previous.is_not(None))).all()
    found = {item.id}
    while more := {one for row in links for one in row if found & set(row)} - found:
        found |= more
    return sorted(found)
