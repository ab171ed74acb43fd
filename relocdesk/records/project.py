"""Projects (工程) with their boundaries, acceptances, special relocations and the agreements and plans above them."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.field import TEXT, Choice, Code, Count, Day, Fen, Field, Mu, Note, Number, Ref, Text, Year, field
from relocdesk.records.record import Record


class ProjectKind(Choice):
    RESERVOIR = "reservoir", "水库"
    IRRIGATION = "irrigation", "灌区"
    HYDROPOWER = "hydropower", "水电站", "电站"
    DIVERSION = "diversion", "引调水", "调水"
    OTHER = "other", "其他"


class ProjectStage(Choice):
    PREPARATION = "preparation", "前期"
    IMPLEMENTATION = "implementation", "实施"
    ACCEPTANCE = "acceptance", "验收"
    FINISHED = "finished", "完成"


class ChangeKind(Choice):
    ADDED = "added", "新增"
    REMOVED = "removed", "核减"
    RESIZED = "resized", "面积调整"
    TO_PERMANENT = "to_permanent", "临时转永久"
    SAME = "same", "不变"


class AcceptanceStage(Choice):
    CLOSURE = "closure", "截流", "导截流", "导（截）流"
    IMPOUNDMENT = "impoundment", "下闸蓄水", "蓄水"
    COMPLETION = "completion", "竣工", "完工"


class AcceptanceStep(Choice):
    SELF = "self", "自验"
    FIRST = "first", "初验"
    FINAL = "final", "终验"


class Conclusion(Choice):
    PASSED = "passed", "通过", "合格"
    CONDITIONAL = "conditional", "有条件通过"
    FAILED = "failed", "不通过", "不合格"


class FacilityKind(Choice):
    TELECOM = "telecom", "通信"
    POWER = "power", "电力"
    TRANSPORT = "transport", "交通"
    WATER = "water", "水利"
    RELICS = "relics", "文物"
    OTHER = "other", "其他"


class RelocationMode(Choice):
    LUMP = "lump", "产权单位包干", "包干"
    AGENT = "agent", "代建"
    OWN = "own", "自建"


class Project(Record):
    """工程项目。"""

    __tablename__ = "project"
    __keys__ = (("name",),)
    __title__ = ("name",)
    __home__ = ("county",)
    __group__ = "设置"
    __reference__ = True

    name: Mapped[Text] = field("工程名称", width=24, also=("项目名称", "工程", "工程项目"))
    code: Mapped[Text | None] = field("工程代码", also=("项目代码",))
    kind: Mapped[Code | None] = field("类型", choices=ProjectKind)
    tract: Mapped[Text | None] = field("片区", width=14)
    owner: Mapped[Text | None] = field("项目法人", width=20, also=("业主", "建设单位"))
    started_on: Mapped[Day | None] = field("启动日期")
    investment: Mapped[Fen | None] = field("总投资", unit="元", section="投资", width=16)
    resettlement_budget: Mapped[Fen | None] = field("移民安置概算", unit="元", section="投资", width=16)
    design_permanent: Mapped[Mu | None] = field("设计永久征地", unit="亩", section="投资")
    design_temporary: Mapped[Mu | None] = field("设计临时用地", unit="亩", section="投资")
    freeze_notice: Mapped[Text | None] = field("停建通告文号", section="停建", width=20, grid=False)
    freeze_on: Mapped[Day | None] = field("停建通告日期", section="停建")
    planned_finish: Mapped[Day | None] = field("计划完成日期", section="进度", grid=False)
    finished_on: Mapped[Day | None] = field("实际完成日期", section="进度", grid=False)
    stage: Mapped[Code | None] = field("阶段", choices=ProjectStage)


class Boundary(Record):
    """红线版本。"""

    __tablename__ = "boundary"
    __keys__ = (("project", "version"),)
    __title__ = ("project", "version")
    __home__ = ("office",)
    __group__ = "征地安置"

    project: Mapped[Ref] = field("工程", to="project", width=18)
    version: Mapped[Count] = field("版次", width=6)
    effective_on: Mapped[Day] = field("生效日期")
    reason: Mapped[Text | None] = field("调整原因", width=24)
    document: Mapped[Text | None] = field("批准文号", width=20)


class ParcelChange(Record):
    """范围线变更。"""

    __tablename__ = "parcel_change"
    __keys__ = (("boundary", "parcel"),)
    __title__ = ("boundary", "parcel")
    __home__ = ("parcel",)

    boundary: Mapped[Ref] = field("红线版本", to="boundary", part_of=True, width=20)
    parcel: Mapped[Ref] = field("地块", to="parcel", width=16)
    kind: Mapped[Code] = field("变更类型", choices=ChangeKind)
    old_area: Mapped[Mu | None] = field("原面积", unit="亩")
    new_area: Mapped[Mu | None] = field("新面积", unit="亩")
    applied_on: Mapped[Day | None] = field("执行日期", computed="=f")


class Acceptance(Record):
    """移民安置验收。"""

    __tablename__ = "acceptance"
    __keys__ = (("project", "stage", "step"),)
    __title__ = ("project", "stage", "step")
    __home__ = ("office",)
    __group__ = "征地安置"

    project: Mapped[Ref] = field("工程", to="project", width=18)
    stage: Mapped[Code] = field("验收阶段", choices=AcceptanceStage)
    step: Mapped[Code] = field("验收层次", choices=AcceptanceStep)
    held_on: Mapped[Day | None] = field("验收日期")
    organiser: Mapped[Text | None] = field("组织单位", width=20)
    conclusion: Mapped[Code | None] = field("结论", choices=Conclusion)
    document: Mapped[Text | None] = field("文号", width=20)
    issues: Mapped[Note | None] = field("存在问题", width=24)


class Relocation(Record):
    """专项迁改。"""

    __tablename__ = "relocation"
    __keys__ = (("project?", "name"), ("line",))
    __title__ = ("name",)
    __home__ = ("office",)
    __group__ = "征地安置"

    line: Mapped[Number | None] = field("流水号", computed="=f", grid=False)
    project: Mapped[Ref | None] = field("工程", to="project", width=18)
    name: Mapped[Text] = field("迁改项目", width=22)
    type: Mapped[Code] = field("类型", choices=FacilityKind)
    owner_unit: Mapped[Text | None] = field("产权单位", width=18)
    mode: Mapped[Code | None] = field("实施方式", choices=RelocationMode)
    contract_no: Mapped[Text | None] = field("合同编号", section="合同")
    contract_amount: Mapped[Fen | None] = field("合同金额", unit="元", section="合同")
    submitted_amount: Mapped[Fen | None] = field("送审金额", unit="元", section="结算", also=("送审",))
    audited_amount: Mapped[Fen | None] = field("审定金额", unit="元", section="结算", also=("审定",))
    settlement_started_on: Mapped[Day | None] = field("结算开始日期", section="结算", grid=False)
    submitted_on: Mapped[Day | None] = field("送审日期", section="结算", grid=False)
    audited_on: Mapped[Day | None] = field("审定日期", section="结算", grid=False)
    state: ClassVar[Field] = Field("结算审计状态", kind=TEXT, section="结算", computed="=")


class UpperAgreement(Record):
    """上级协议。"""

    __tablename__ = "upper_agreement"
    __keys__ = (("number",),)
    __title__ = ("number",)
    __home__ = ("office",)
    __group__ = "征地安置"

    number: Mapped[Number] = field("协议编号", width=18)
    project: Mapped[Ref | None] = field("工程", to="project", width=18)
    parties: Mapped[Text | None] = field("签约各方", width=28)
    signed_on: Mapped[Day | None] = field("签订日期")
    amount: Mapped[Fen | None] = field("金额", unit="元")


class AnnualPlan(Record):
    """年度计划。"""

    __tablename__ = "annual_plan"
    __keys__ = (("number",),)
    __title__ = ("number",)
    __home__ = ("office",)
    __group__ = "征地安置"

    number: Mapped[Number] = field("计划编号", width=18)
    project: Mapped[Ref | None] = field("工程", to="project", width=18)
    year: Mapped[Year | None] = field("年度")
    parties: Mapped[Text | None] = field("下达与承担单位", width=28)
    issued_on: Mapped[Day | None] = field("下达日期")
    amount: Mapped[Fen | None] = field("金额", unit="元")
