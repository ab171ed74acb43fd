"""Inspections and their rectification (巡察整改): problems, measures, evidence, sign-off by two people, look-back, re-opening."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.field import (
    COUNT,
    NOTE,
    TEXT,
    Choice,
    Code,
    Count,
    Day,
    Deadline,
    Fen,
    Field,
    Note,
    Number,
    Ref,
    Text,
    field,
)
from relocdesk.records.record import Record


class InspectionKind(Choice):
    TOUR = "tour", "巡视"
    PATROL = "patrol", "巡察", "县委巡察", "巡察反馈"
    IDEOLOGY = "ideology", "意识形态专项", "意识形态专项检查"
    AUDIT = "audit", "审计", "审计反馈"
    PERFORMANCE = "performance", "绩效评价"
    SUPERVISION = "supervision", "督查", "督导检查"
    OTHER = "other", "其他"


class ItemState(Choice):
    OPEN = "open", "未完成", "正在推进", "推进中", "正在整改", "整改中", "未整改", "尚未完成", "进行中", "未销号", "正在办理", "未完成整改"
    NEARLY = "nearly", "基本完成", "基本完成整改", "基本整改到位"
    DONE = "done", "已完成", "完成", "完成整改", "已整改", "整改完成", "已完成整改", "整改到位", "已整改到位", "已销号", "完成销号", "已办结"
    LASTING = ("lasting", "长期坚持", "持续推进", "已完成并长期坚持", "完成整改并长期坚持", "已完成，长期坚持", "完成并长期坚持", "持续整改", "长期整改",
               "持续坚持")  # fmt: skip


SETTLED = (ItemState.DONE, ItemState.LASTING)
"""What counts as rectified."""


class LookResult(Choice):
    FIRM = "firm", "巩固", "已巩固", "成效巩固", "未反弹", "无反弹", "没有反弹", "整改到位"
    RELAPSED = "relapsed", "反弹", "有反弹", "已反弹"


class Inspection(Record):
    """检查批次。"""

    __tablename__ = "inspection"
    __keys__ = (("name",),)
    __title__ = ("name",)
    __home__ = ("office",)
    __group__ = "事项"

    name: Mapped[Text] = field("批次名称", width=28, also=("检查批次", "巡察批次", "名称"))
    kind: Mapped[Code] = field("类别", choices=InspectionKind, width=12, also=("检查类别",))
    round: Mapped[Text | None] = field("轮次", width=10)
    team: Mapped[Text | None] = field("检查组", width=20, also=("巡察组",))
    started_on: Mapped[Day | None] = field("开始日期", also=("进驻日期",))
    ended_on: Mapped[Day | None] = field("结束日期")
    feedback_on: Mapped[Day | None] = field("反馈日期")
    plan_due: Mapped[Day | None] = field("方案报送期限", computed="=?", grid=False)
    plan_on: Mapped[Day | None] = field("方案报送日期", grid=False)
    concentrated_until: Mapped[Day | None] = field("集中整改截止", computed="=?", grid=False)
    document: Mapped[Text | None] = field("反馈文号", grid=False, width=22)
    total: ClassVar[Field] = Field("问题数", kind=COUNT, computed="=", width=8)
    done: ClassVar[Field] = Field("已完成", kind=COUNT, computed="=", width=8)
    nearly: ClassVar[Field] = Field("基本完成", kind=COUNT, computed="=", width=8)
    open: ClassVar[Field] = Field("未完成", kind=COUNT, computed="=", width=8)
    lasting: ClassVar[Field] = Field("长期坚持", kind=COUNT, computed="=", width=8)
    relapsed: ClassVar[Field] = Field("反弹", kind=COUNT, computed="=", width=6, help="回头看发现反弹过的问题，不论现在怎样")


class RectificationItem(Record):
    """整改问题。"""

    __tablename__ = "rectification_item"
    __counted__ = True
    __keys__ = (("inspection", "number"),)
    __title__ = ("number", "text")
    __home__ = ("inspection",)
    __group__ = "事项"

    inspection: Mapped[Ref] = field("检查批次", to="inspection", width=18, also=("批次名称", "批次"))
    aspect: Mapped[Text] = field("方面", width=16, also=("反馈方面", "问题方面", "问题类别", "问题类型", "整改方面"))
    number: Mapped[Number] = field("序号", width=6, also=("问题序号", "编号", "问题编号"))
    text: Mapped[Note] = field("问题", width=34,
                               also=("反馈问题", "存在问题", "问题表述", "问题（反馈原文）", "反馈意见指出的问题", "反馈的问题", "具体问题",
                                     "主要问题", "问题清单", "问题描述"))  # fmt: skip
    detail: Mapped[Note | None] = field("具体表现", width=26, grid=False, also=("问题具体表现", "主要表现", "具体表现形式"))
    cause: Mapped[Note | None] = field("原因", grid=False, also=("原因分析",))
    goal: Mapped[Note | None] = field("整改目标", grid=False, also=("目标要求", "整改目标要求"))
    leader: Mapped[Text] = field("责任领导", section="责任", width=9, also=("牵头领导", "分管领导", "包案领导"))
    section: Mapped[Text] = field("责任股室", section="责任", width=10,
                                  also=("责任科室", "责任单位", "责任部门", "牵头股室", "牵头单位", "牵头部门", "整改责任单位"))  # fmt: skip
    person: Mapped[Text | None] = field("责任人", section="责任", width=9,
                                        also=("具体责任人", "整改责任人", "经办人"), help="几个人用“、”隔开，待办清单上各人都有")  # fmt: skip
    measures: ClassVar[Field] = Field("整改措施", kind=NOTE, section="责任", computed="=", width=30, grid=False, also=("措施", "整改措施和办法", "具体措施"),
                                      help="导入时一格里的几条（1.… 2.…）分开登记为措施；以后在“整改措施”里改")  # fmt: skip
    partner: Mapped[Text | None] = field("配合单位", section="责任", grid=False, also=("配合股室", "配合部门", "协办单位"))
    started_on: Mapped[Day | None] = field("开始日期", section="责任", grid=False)
    due_on: Mapped[Deadline] = field("整改时限", section="责任", also=("完成时限", "时限", "整改期限", "计划完成时间"),
                                    help="导入的表里写“立行立改”“长期坚持”的，按检查批次的集中整改截止登记，原话记在备注")  # fmt: skip
    days_left: ClassVar[Field] = Field("剩余天数", kind=COUNT, section="责任", computed="=", width=8, help="没有完成的到时限还有几天，负数是超期")
    progress: Mapped[Note | None] = field("进展情况", section="进展", width=26, grid=False,
                                          also=("整改进展", "整改情况", "整改落实情况", "整改进展情况", "工作进展"))  # fmt: skip
    state: Mapped[Code] = field("整改状态", section="进展", choices=ItemState, default="open", width=9,
                                also=("状态", "完成情况", "是否完成", "整改完成情况", "整改结果"))  # fmt: skip
    done_on: Mapped[Day | None] = field("完成日期", section="进展", also=("完成时间", "整改完成时间", "整改完成日期"))
    evidence: Mapped[Note | None] = field("佐证材料", section="进展", grid=False, width=20, also=("佐证资料", "印证材料", "支撑材料", "整改佐证"))
    rules_made: Mapped[Note | None] = field("建章立制", section="进展", grid=False, also=("建立制度", "制度建设"))
    held_to_account: Mapped[Count | None] = field("问责处理", unit="人次", section="进展", grid=False)
    refunded: Mapped[Fen | None] = field("退款金额", unit="元", section="进展", grid=False)
    section_signed_by: Mapped[Text | None] = field("股室签字", section="销号", computed="=f", grid=False)
    section_signed_on: Mapped[Day | None] = field("股室签字日期", section="销号", computed="=f", grid=False)
    leader_signed_by: Mapped[Text | None] = field("领导签字", section="销号", computed="=f", grid=False)
    leader_signed_on: Mapped[Day | None] = field("领导签字日期", section="销号", computed="=f", grid=False)
    group_signed_by: Mapped[Text | None] = field("党组销号", section="销号", computed="=f", grid=False)
    group_signed_on: Mapped[Day | None] = field("销号日期", section="销号", computed="=f", grid=False)
    look_due: Mapped[Day | None] = field("回头看日期", section="销号", computed="=f", grid=False, help="销号后按设置的月数")
    reminded: Mapped[Count] = field("提醒次数", section="销号", computed="=f", default=0, grid=False)
    reminded_on: Mapped[Day | None] = field("提醒日期", section="销号", computed="=f", grid=False)
    step: ClassVar[Field] = Field("办理进度", kind=TEXT, section="销号", computed="=", width=10)
    doubt: ClassVar[Field] = Field("疑点", kind=TEXT, section="销号", computed="=", width=20, help="超期、没有佐证或签字、没有措施的，逐条写明")


class Measure(Record):
    """整改措施。"""

    __tablename__ = "measure"
    __counted__ = True
    __keys__ = (("item", "number"),)
    __title__ = ("item", "number", "text")
    __home__ = ("item",)
    __group__ = "事项"

    item: Mapped[Ref] = field("整改问题", to="rectification_item", part_of=True, width=18)
    number: Mapped[Number] = field("措施序号", width=8, also=("序号",))
    text: Mapped[Note] = field("整改措施", width=36, also=("措施",))
    owner: Mapped[Text | None] = field("责任人", width=9)
    due_on: Mapped[Deadline | None] = field("时限", also=("完成时限",))
    done_on: Mapped[Day | None] = field("完成日期")
    result: Mapped[Note | None] = field("落实情况", width=24, grid=False)


class StateChange(Record):
    """整改状态变化。"""

    __tablename__ = "state_change"
    __keys__ = (("item", "line"),)
    __title__ = ("item", "changed_on")
    __home__ = ("item",)
    __group__ = "事项"
    __kept__ = True
    __made_by__ = "登记整改状态"

    item: Mapped[Ref] = field("整改问题", to="rectification_item", part_of=True, width=18)
    line: Mapped[Number | None] = field("流水号", computed="=f", grid=False)
    changed_on: Mapped[Day] = field("日期", computed="=f")
    before: Mapped[Code | None] = field("原状态", choices=ItemState, computed="=f", width=9)
    after: Mapped[Code] = field("新状态", choices=ItemState, computed="=f", width=9)
    reason: Mapped[Text | None] = field("说明", computed="=f", width=30)
    by: Mapped[Text | None] = field("办理人", computed="=f", width=9)


class LookBack(Record):
    """回头看。"""

    __tablename__ = "look_back"
    __keys__ = (("item", "checked_on"),)
    __title__ = ("item", "checked_on")
    __home__ = ("item",)
    __group__ = "事项"

    item: Mapped[Ref] = field("整改问题", to="rectification_item", part_of=True, width=18)
    checked_on: Mapped[Day] = field("检查日期", also=("日期",))
    result: Mapped[Code] = field("结果", choices=LookResult, width=8)
    by: Mapped[Text | None] = field("检查人", width=9)
    note: Mapped[Note | None] = field("情况", width=30)
