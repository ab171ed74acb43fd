"""An invented inspection, and people of the office with work in their hands, for the papers about them."""

from __future__ import annotations

from relocdesk.ids import home_id
from relocdesk.records.document import Attachment
from relocdesk.records.party import HomeVisit, Pledge, Task, VisitFamily
from relocdesk.records.rectification import Inspection, Measure, RectificationItem
from relocdesk.records.reference import Operator
from relocdesk.records.survey import Objection, Posting, Recheck
from tests.printing.township import Sample

ASPECTS = ("落实上级决策部署方面", "资金管理使用方面")
ITEMS = (  # number, aspect, text, state, due, evidence, measures with the day they were done
    ("1", 0, "直补资金发放不及时，2025年第2期迟发43天", "done", "2026-10-31", "龙搬办〔2026〕7号",
     (("建立月调度台账", "2026-09-20"), ("补发迟发资金", "2026-10-08"))),
    ("2", 0, "移民户档案“一户一档”不完整", "nearly", "2026-11-12", "档案目录", (("逐户核对312户档案", "2026-10-30"), ("补齐扫描件", "2026-11-10"))),
    ("3", 0, "后扶项目前期工作滞后", "open", "2026-11-10", "", (("倒排工期", ""), ("每半月通报", ""))),
    ("10", 1, "项目结算审计超过6个月没有办结", "open", "2027-01-31", "", (("督促送审", ""),)),
    ("4", 1, "专户利息没有及时入账", "lasting", "2026-10-15", "银行回单", (("按季核对利息", "2026-09-30"),)),
)


def furnish_cases(sample: Sample) -> None:
    """The batch, two operators, a home visit and a pledge."""
    sample.add(Operator, "王建国", home_id("530523"), name="王建国", role="reader", active=1)
    sample.add(Operator, "空闲人", home_id("530523"), name="段秋生", role="reader", active=1)
    batch = sample.add(Inspection, "巡察", name="县委第八轮巡察", kind="patrol", team="县委第四巡察组", started_on="2026-03-02", ended_on="2026-04-30",
                       feedback_on="2026-06-12", plan_due="2026-07-12", plan_on="2026-07-08", concentrated_until="2026-09-12")  # fmt: skip
    sample.add(Inspection, "空巡察", name="县委第九轮巡察", kind="patrol")
    for number, aspect, text, state, due, evidence, measures in ITEMS:
        item = sample.add(
            RectificationItem, f"问题{number}", inspection=batch.id, aspect=ASPECTS[aspect], number=number, text=text, leader="尹世文", section="后扶股",
            person="王建国" if number != "4" else None, due_on=due, state=state, evidence=evidence or None, goal="制度健全、执行到位",
            done_on="2026-11-01" if state in ("done", "lasting") else None, rules_made="《直补资金发放管理办法》" if number == "1" else None,
            refunded=123_456 if number == "4" else None, held_to_account=2 if number == "1" else None,
            detail="2025年第2期应于7月底发放，实际9月12日到账" if number == "1" else None)  # fmt: skip
        for n, (what, done) in enumerate(measures, 1):
            sample.add(Measure, f"措施{number}/{n}", item=item.id, number=str(n), text=what, done_on=done or None, result="已落实" if done else None)
    sample.add(Task, "任务", list="2026年党建工作要点", item="开展廉政家访12户", owner="王建国", due_on="2026-11-20")
    over = sample.add(Posting, "公示完", project=sample.ids["灌区"], subject="second", place=sample.ids["530523102201"], from_on="2026-05-04",
                      until_on="2026-05-11", closed_on="2026-05-12", contact="0875-6121234")  # fmt: skip
    for n in (1, 2):
        sample.add(Attachment, f"公示照片{n}", register="posting", record=over.id, name=f"照片{n}.jpg", size=10, sha256=f"{n}" * 64)
    raised = sample.add(Objection, "异议", posting=over.id, line="A000001", raised_by="李大山", filed_on="2026-05-06", claim="认为水田面积少量了")
    sample.add(Recheck, "异议复核", objection=raised.id, line="A000001", held_on="2026-05-08", team="杨测", result="现场复量，面积无误")
    visit = sample.add(HomeVisit, "家访", number="A000001", visited_on="2026-10-20", cadre="赵小兰", post="科员", section="后扶股",
                       address="龙陵县城关镇", visitors="尹世文、李梅", home_state="三口之家，住房一套，收入稳定",
                       cadre_conduct="按时回家，爱好跑步", reminders="不收受礼品礼金", signed=1)  # fmt: skip
    sample.add(VisitFamily, "家属", visit=visit.id, name="段国强", relation="夫", work="县第一中学")
    sample.add(Pledge, "承诺", number="A000001", cadre="赵小兰", relative="段国强", relation="夫", visit=visit.id, signed_on="2026-10-20", copies=2)
