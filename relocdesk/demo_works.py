"""Support projects, their plan and money, and courses for the demo: invented, in every stage, some late."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select

from relocdesk.actions import plans, surplus, training, works
from relocdesk.clerk import Clerk
from relocdesk.demo_people import Being
from relocdesk.entry import Cell
from relocdesk.records.works import Stage, SupportProject, Training

if TYPE_CHECKING:
    from relocdesk.book import Book

YUAN = 100
RESERVOIR = "龙川水库"
# name, category, 万元, year, the last stage reached, plan item; later stages are missing, some of them late
PROJECTS: tuple[tuple[str, str, int, int, str, str], ...] = (
    ("{}村内道路硬化", "基础设施", 86, 2024, "scored", "01"),
    ("{}人畜饮水管网改造", "基础设施", 54, 2024, "handed", "02"),
    ("{}核桃提质增效", "产业", 38, 2024, "audited", "03"),
    ("{}移民新村污水处理", "美丽家园", 120, 2025, "accepted", "04"),
    ("{}农田灌溉沟渠", "基础设施", 72, 2025, "finished", "05"),
    ("{}冷库建设", "产业", 145, 2025, "started", "06"),
    ("{}文化活动室", "社会事业", 46, 2026, "contracted", "07"),
    ("{}太阳能路灯", "美丽家园", 28, 2026, "approved", "08"),
    ("{}柑橘基地水肥一体化", "产业", 95, 2026, "studied", "09"),
    ("{}实用技术培训", "技能培训", 12, 2026, "finished", "10"),
)
CONTENTS = {
    "01": "硬化村内道路1.8千米，路面宽4米", "02": "改造输水管道6.2千米，新建蓄水池2座", "03": "核桃品种改良420亩，修剪施肥",
    "04": "新建污水管网3.1千米、处理池4座", "05": "三面光灌溉沟渠2.4千米", "06": "新建冷库1座，容量300吨", "07": "新建活动室180平方米",
    "08": "安装太阳能路灯112盏", "09": "安装水肥一体化设备260亩", "10": "举办种植、养殖培训2期",
}  # fmt: skip
MONTHS = {Stage.LISTED: 0, Stage.APPLIED: 0, Stage.STUDIED: 1, Stage.APPROVED: 2, Stage.PLANNED: 2, Stage.TENDERED: 3, Stage.CONTRACTED: 3, Stage.STARTED: 4,
          Stage.FINISHED: 7, Stage.PREACCEPTED: 8, Stage.ACCEPTED: 9, Stage.AUDITED: 10, Stage.ACCOUNTED: 10, Stage.HANDED: 11, Stage.SCORED: 11}  # fmt: skip
COURSES = (("核桃嫁接技术", "2026-03-18", "种植", 16), ("肉牛养殖", "2026-05-12", "养殖", 24), ("家政服务", "2026-08-20", "家政", 40))
PAPER = {Stage.APPROVED: "龙移发〔{}〕{}号", Stage.PLANNED: "龙财农〔{}〕{}号", Stage.ACCEPTED: "龙移验〔{}〕{}号"}


class Desk(Protocol):
    """What the demo lends: its book, its clerks, and the engine that rows go through."""

    book: Book
    on: str

    def clerk(self, name: str, on: str) -> Clerk: ...

    def enter(self, why: str, by: Clerk, name: str, fields: Sequence[str], rows: Sequence[Sequence[Cell]], *, source: str = "import") -> list[str]: ...


ALLOCATED = (
    ("云财农〔2023〕112号", "后扶直补", "2023-04-10", "2023-05-06", 336_000),
    ("云财农〔2024〕88号", "后扶项目", "2024-03-28", "2024-04-25", 2_600_000),
    ("云财农〔2025〕95号", "后扶项目", "2025-04-02", "2025-05-09", 3_100_000),
    ("云财农〔2025〕96号", "库区基金", "2025-04-02", "2025-05-09", 1_800_000),
    ("云财农〔2026〕71号", "后扶项目", "2026-02-10", "", 1_900_000),
)


def funds(desk: Desk, townships: int) -> None:
    """Money of after-support for so many townships: allocated and received by year; an old year of the subsidy left a surplus."""
    clerk = desk.clerk("赵小兰", "2026-02-20")
    papers = [(document, "省级", fund, int(day[:4]), day, str(yuan * townships)) for document, fund, day, _, yuan in ALLOCATED]
    desk.enter("登记后扶资金下达", clerk, "allocation", ("document", "source", "fund", "year", "issued_on", "amount"), papers, source="typed")
    received = [(document, came, str(yuan * townships), f"记-{31 + n:03d}") for n, (document, _, _, came, yuan) in enumerate(ALLOCATED) if came]
    desk.enter("登记后扶资金到位", clerk, "receipt", ("allocation", "received_on", "amount", "voucher"), received, source="typed")
    paid = ("2023-12-20", "三坝农村信用社", "2023年直补发放（旧账汇总）", str(287_865 * townships), "后扶直补")
    desk.enter("登记往年直补", clerk, "spending", ("paid_on", "payee", "purpose", "amount", "fund"), [paid], source="typed")


def projects(desk: Desk, code: str, villages: Sequence[tuple[str, str]]) -> None:
    """The plan of a township and its projects, each as far as it has come; `villages` are (code, name)."""
    dice = Random(int(code))
    mark = code[6:]
    clerk = desk.clerk("赵小兰", "2026-03-10")
    items = [("十四五", "原规划", f"{mark}-{number}", name.format(villages[n % len(villages)][1]), kind, villages[n % len(villages)][0], year,
              str(wan * 10_000), str(wan * 8_000)) for n, (name, kind, wan, year, _, number) in enumerate(PROJECTS)]  # fmt: skip
    desk.enter("导入规划项目：十四五规划表.xlsx", clerk, "plan_item",
               ("plan", "version", "number", "name", "category", "place", "year", "investment", "upper_fund"), items)  # fmt: skip
    rows = [(f"HF{mark}-{number}", name.format(villages[n % len(villages)][1]), f"十四五/原规划/{mark}-{number}", str(year), kind,
             villages[n % len(villages)][0], RESERVOIR, CONTENTS[number], str(wan * 10_000), str(80 + 13 * n), str(40 + 9 * n), _finish(year, last))
            for n, (name, kind, wan, year, last, number) in enumerate(PROJECTS)]  # fmt: skip
    desk.enter("导入后扶项目：项目台账.xlsx", clerk, "support_project",
               ("code", "name", "plan_item", "year", "category", "place", "reservoir", "content", "estimate", "persons", "migrants",
                "planned_finish"), rows)  # fmt: skip
    desk.enter("导入项目资金来源", clerk, "fund_source", ("project", "fund", "document", "year", "amount"), list(_sources(mark)))
    desk.enter("导入项目阶段", clerk, "project_stage", ("project", "stage", "planned_on", "done_on", "document", "passed", "skipped", "late_reason", "remark"),
               list(_stages(mark, dice)))  # fmt: skip
    _money(desk, mark)


def _finish(year: int, last: str) -> str | None:
    return f"{year}-10-31" if list(Stage).index(Stage(last)) >= list(Stage).index(Stage.CONTRACTED) else None


def _sources(mark: str) -> list[Sequence[Cell]]:
    found: list[Sequence[Cell]] = []
    for name, _, wan, year, last, number in PROJECTS:
        if last == "studied" or "路灯" in name:
            continue  # nothing came yet; the lamps get turned surplus
        own = wan // 5
        fund = "库区基金" if number in ("05", "06") else "后扶项目"
        found += [(f"HF{mark}-{number}", fund, f"云财农〔{year}〕{ {2024: 88, 2025: 95, 2026: 71}[year]}号", str(year), str((wan - own) * 10_000)),
                  (f"HF{mark}-{number}", "自筹", None, str(year), str(own * 10_000))]  # fmt: skip
    return found


def _stages(mark: str, dice: Random) -> list[Sequence[Cell]]:
    order = list(Stage)
    found: list[Sequence[Cell]] = []
    for n, (_, kind, _, year, last, number) in enumerate(PROJECTS):
        project = f"HF{mark}-{number}"
        for stage in order[: order.index(Stage(last)) + 1]:
            if stage is Stage.TENDERED and (kind == "技能培训" or n % 3 == 1):
                found.append((project, stage.label, None, None, None, None, "是", None, "限额以下，比选确定"))
                continue
            day = f"{year}-{MONTHS[stage] + 1:02d}-{dice.randint(1, 2) + order.index(stage):02d}"
            paper = PAPER.get(stage, "").format(year, 10 + n) or None
            passed = "是" if stage in (Stage.PREACCEPTED, Stage.ACCEPTED) else None
            found.append((project, stage.label, None, day, paper, passed, None, None, None))
        if last == "contracted":
            found.append((project, "开工", f"{year}-06-15", None, None, None, None, "雨季，等料场复工", None))
    return found


def _money(desk: Desk, mark: str) -> None:
    """Contracts and payments by the actions clerks use; one project audited below what was asked; the lamps from turned surplus."""
    for name, kind, wan, year, last, number in PROJECTS:
        at = list(Stage).index(Stage(last))
        if at < list(Stage).index(Stage.CONTRACTED):
            continue
        maker, head = desk.clerk("赵小兰", f"{year}-12-28"), desk.clerk("孙明", f"{year}-12-28")
        parts = (30,) if last == "contracted" else (30, 40) if at < list(Stage).index(Stage.ACCEPTED) else (30, 40, 25)
        desk.book.viewer = lambda maker=maker: maker  # on that day the kept totals of periods hold, and no line need be read
        with desk.book.change(f"登记合同和支付 HF{mark}-{number}", by=maker, source="action") as (session, _):
            project = session.scalars(select(SupportProject).where(SupportProject.code == f"HF{mark}-{number}", SupportProject.deleted == 0)).one()
            signed = works.stages_of(session, project.id)[Stage.CONTRACTED.value].done_on or ""
            amount = wan * 9_700 * YUAN
            works.contract(session, maker, project, signed_on=signed, contractor="龙陵某职业学校" if kind == "技能培训" else "云南某建设有限公司",
                           amount=amount, number=f"HT{year}-{number}")  # fmt: skip
            fund = "reservoir" if number in ("05", "06") else "support"
            own = wan // 5 * 10_000 * YUAN
            for n, percent in enumerate(parts):
                share = amount * percent // 100
                works.pay(session, maker, project, amount=share if n else min(own, share), fund=fund if n else "self",
                          paid_on=min(f"{year}-{5 + 2 * n:02d}-20", maker.on), purpose=("自筹投入", "进度款", "结算款")[n],
                          voucher=f"记-{number}{n}")  # fmt: skip
            if at >= list(Stage).index(Stage.AUDITED):
                day = works.stages_of(session, project.id)[Stage.AUDITED.value].done_on or ""
                works.audit(session, head, project, audited_on=day, submitted=amount, audited=amount * 96 // 100, document=f"龙审〔{year}〕{number}号")
            if at >= list(Stage).index(Stage.HANDED):
                day = works.stages_of(session, project.id)[Stage.HANDED.value].done_on or ""
                works.hand_over(session, maker, project, handed_on=day, keeper=f"{name.format('').removesuffix('建设')}管护小组")
            if last == "scored":
                works.score(session, maker, project, scored_on=f"{year}-12-20", score=91_500_000, grade="优")
    desk.book.viewer = None


def plan_goes_on(desk: Desk, mark: str) -> None:
    """The mid-term evaluation of the plan, and surplus turned into the lamps of the first township."""
    head = desk.clerk("孙明", "2026-04-15")
    with desk.book.change("生成规划新版次", by=head, source="action") as (session, _):
        plans.copy_version(session, head, None, plan="14", target="midterm", document="龙政复〔2024〕21号", approved_on="2024-09-10")
        for n, item in enumerate(plans.items_of(session, "14", "midterm")):
            item.investment += 50_000 * YUAN * (n % 4 == 0)
            item.year += n % 5 == 3
    with desk.book.change("结余转项目", by=head, source="action") as (session, _):
        lamps = session.scalars(select(SupportProject).where(SupportProject.code == f"HF{mark}-08", SupportProject.deleted == 0)).one()
        surplus.turn_surplus(session, head, lamps, year=2023, amount=48_000 * YUAN, document="龙政复〔2026〕9号", approved_on="2026-04-12")


def courses(desk: Desk, place: str, mark: str, people: Sequence[Being]) -> None:
    """Three courses with their rosters; not everybody signed."""
    clerk = desk.clerk("赵小兰", "2026-09-01")
    held = [(f"{name}（{mark}）", day, trade, place, "龙陵某职业学校", str(hours), str(hours * 1_200), f"HF{mark}-10")
            for name, day, trade, hours in COURSES]  # fmt: skip
    desk.enter("登记培训班", clerk, "training", ("name", "held_on", "trade", "place", "organiser", "hours", "cost", "project"), held, source="typed")
    third = max(len(people) // len(COURSES), 1)
    rows = [(f"{name}（{mark}）/{day}", one.name, one.idcard, str(1 + (n + k) % 3)) for k, (name, day, _, _) in enumerate(COURSES)
            for n, one in enumerate(people[k * third : (k + 1) * third + 4])]  # fmt: skip
    desk.enter("导入培训学员：签到册.xlsx", clerk, "trainee", ("training", "name", "idcard", "sessions"), rows)
    with desk.book.change("登记签到", by=clerk, source="action") as (session, _):
        for course in session.scalars(select(Training).where(Training.place.is_not(None), Training.deleted == 0, Training.name.like(f"%（{mark}）"))):
            names = [one.idcard or one.name for one in training.trainees_of(session, course.id)]
            training.sign_in(session, clerk, course, people=names[: max(len(names) - 3, 1)])
