"""Support projects and courses of the invented township: one that went all the way, one just begun, one without anything."""

from __future__ import annotations

from relocdesk.queries.work_postings import pick_works, picture
from relocdesk.records.survey import Posting
from relocdesk.records.works import FundSource, PlanItem, ProjectPayment, ProjectStage, Stage, SupportProject, Trainee, Training
from tests.printing.township import LONG_NAME, RARE_NAME, Sample, idcard

DAYS = ("2025-01-10", "2025-01-15", "2025-02-20", "2025-03-12", "2025-04-08", "", "2025-05-06", "2025-05-20", "2025-09-18", "2025-10-10", "2025-11-05",
        "2026-01-20", "2026-02-28", "2026-03-10", "2026-04-15")  # fmt: skip


def furnish_projects(sample: Sample) -> None:
    """Words: 项目1 … 3, 班次1 with many trainees, 班次2 without any."""
    village = sample.ids["530523102201"]
    item = sample.add(PlanItem, "规划01", plan="14", version="original", number="01", name="柳树村村内道路硬化", year=2025, investment=86_000_000,
                      upper_fund=70_000_000, place=village, category="infrastructure")  # fmt: skip
    whole = sample.add(
        SupportProject, "项目1", code="HF2025-001", name="柳树村村内道路硬化及排水沟配套工程", plan_item=item.id, year=2025, category="infrastructure",
        place=village, reservoir="红岩水库", unit="三坝乡人民政府",
        content="硬化村内道路 2.4 公里，宽 3.5 米，厚 18 厘米；配套排水沟 1.2 公里、错车道 6 处、波形护栏 300 米。",
        villages=1, groups=2, households=126, persons=512, migrants=347, estimate=86_000_000, tender="公开招标", bid_amount=82_500_000,
        designer="保山某勘测设计院", supervisor="云南某监理公司", contractor="龙陵县某建筑工程有限责任公司", contract_no="HT2025-01",
        contract_amount=82_500_000, change_amount=1_500_000, planned_finish="2025-09-30", progress=100_000_000, done_amount=84_000_000,
        submitted_amount=84_000_000,
        audited_amount=81_250_000, keeper="柳树村村民委员会", score=92_500_000, grade="优")  # fmt: skip
    for stage, day in zip(Stage, DAYS, strict=True):
        skipped = {} if day else {"skipped": 1, "remark": "限额以下比选"}
        passed = {"passed": 1} if stage in (Stage.PREACCEPTED, Stage.ACCEPTED) else {}
        paper = {"document": f"龙移〔2025〕{DAYS.index(day)}号"} if stage in (Stage.APPROVED, Stage.PLANNED, Stage.ACCEPTED) else {}
        values = {"skipped": 0, **skipped, **passed, **paper}
        sample.add(ProjectStage, f"项目1/{stage.value}", project=whole.id, stage=stage.value, done_on=day or None, **values)
    for fund, amount, paper_ in (("support", 70_000_000, "云财农〔2025〕95号"), ("reservoir", 10_000_000, "云财农〔2025〕96号"), ("self", 6_000_000, None)):
        sample.add(FundSource, f"项目1/{fund}", project=whole.id, fund=fund, amount=amount, document=paper_, year=2025)
    for n, (day, amount, fund, what) in enumerate((("2025-05-10", 6_000_000, "self", "预付款"), ("2025-08-01", 40_000_000, "support", "进度款"),
                                                   ("2025-12-01", 27_000_000, "support", "进度款")), 1):  # fmt: skip
        sample.add(ProjectPayment, f"项目1/{n}", project=whole.id, number=str(n), paid_on=day, amount=amount, payee="龙陵县某建筑工程有限责任公司", fund=fund,
                   purpose=what, voucher=f"记-{n:03d}")  # fmt: skip
    begun = sample.add(SupportProject, "项目2", code="HF2026-002", name="石桥村冷库", year=2026, category="industry", place=sample.ids["530523102202"],
                       estimate=145_000_000, planned_finish="2026-10-31", problems="雨季停工")  # fmt: skip
    sample.add(ProjectStage, "项目2/approved", project=begun.id, stage="approved", done_on="2026-03-06", document="龙移〔2026〕8号", skipped=0)
    sample.add(ProjectStage, "项目2/started", project=begun.id, stage="started", planned_on="2026-05-15", skipped=0, late_reason="等料场复工")
    sample.add(SupportProject, "项目3", code="HF2026-003", name="二组太阳能路灯", year=2026, category="home", place=sample.ids["53052310220102"])
    _courses(sample)
    hung = picture(pick_works(sample.session, sample.ids["530523102"], [whole.id, begun.id]))
    sample.add(Posting, "项目公示", subject="project", place=sample.ids["530523102"], from_on="2026-06-01", until_on="2026-06-08", snapshot=hung)


def _courses(sample: Sample) -> None:
    course = sample.add(Training, "班次1", name="核桃嫁接技术（第一期）", held_on="2026-03-18", ended_on="2026-03-20", trade="种植", site="村民活动室",
                        place=sample.ids["530523102201"], organiser="龙陵县某职业学校", hours=16_000_000)  # fmt: skip
    names = ["李大山", LONG_NAME, RARE_NAME, *(f"赵家{n:02d}" for n in range(1, 31))]
    for n, name in enumerate(names, 1):
        sample.add(Trainee, f"班次1/{n:02d}", training=course.id, name=name, idcard=idcard(700 + n), place=sample.ids["53052310220101"], sessions=1, signed=0)
    sample.add(Training, "班次2", name="肉牛养殖", held_on="2026-05-12")
