"""Support projects (后扶项目): the plan and its versions, projects with every stage dated, their money, training, surplus turned over."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.field import (
    COUNT,
    FLAG,
    MONEY,
    TEXT,
    Choice,
    Code,
    Count,
    Day,
    Fen,
    Field,
    Flag,
    IdCard,
    Note,
    Number,
    PlaceRef,
    Quantity,
    Ref,
    Text,
    Word,
    Year,
    field,
)
from relocdesk.records.fund import Fund
from relocdesk.records.record import Record


class Plan(Choice):
    P13 = "13", "十三五"
    P14 = "14", "十四五"
    P15 = "15", "十五五"


class PlanVersion(Choice):
    ORIGINAL = "original", "原规划", "规划"
    MIDTERM = "midterm", "中期评估"
    REVISED = "revised", "修编", "修订"


class WorkCategory(Choice):
    HOME = "home", "美丽家园", "美丽家园建设", "避险解困"
    VILLAGE = "village", "移民新村", "移民新村建设"
    INFRASTRUCTURE = "infrastructure", "基础设施", "基础设施建设", "基础设施类", "水利设施", "交通"
    INDUSTRY = "industry", "产业", "产业发展", "产业扶持", "产业类", "生产开发"
    TRAINING = "training", "技能培训", "培训", "移民培训", "劳动力培训", "培训类"
    SOCIAL = "social", "社会事业", "社会事业类", "公共服务"
    ECOLOGY = "ecology", "生态", "生态环保", "生态环境", "人居环境", "人居环境整治", "环境整治"
    OTHER = "other", "其他"


class Stage(Choice):
    """Every step a support project may take, in their order (政府投资条例 and the field's practice); each may be 不适用."""

    LISTED = "listed", "规划入库"
    APPLIED = "applied", "申报"
    STUDIED = "studied", "可研", "可行性研究", "实施方案"
    APPROVED = "approved", "审批", "批复"
    PLANNED = "planned", "下达计划", "资金下达"
    TENDERED = "tendered", "招投标", "采购"
    CONTRACTED = "contracted", "合同", "签订合同"
    STARTED = "started", "开工"
    FINISHED = "finished", "完工"
    PREACCEPTED = "preaccepted", "初验"
    ACCEPTED = "accepted", "竣工验收", "验收"
    AUDITED = "audited", "结算审计"
    ACCOUNTED = "accounted", "决算", "财务决算"
    HANDED = "handed", "移交管护", "资产移交"
    SCORED = "scored", "绩效评价"


class Outcome(Choice):
    """How a stage that can fail went; the code is what is stored with the stage."""

    PASSED = "1", "合格", "是", "通过"
    FAILED = "0", "不合格", "否", "未通过", "不通过"


class PlanItem(Record):
    """规划项目。"""

    __tablename__ = "plan_item"
    __keys__ = (("plan", "version", "number"),)
    __title__ = ("number", "name")
    __home__ = ("place", "office")
    __group__ = "后期扶持"

    plan: Mapped[Code] = field("规划", choices=Plan, width=8, also=("规划期",))
    version: Mapped[Code] = field("版次", choices=PlanVersion, default="original", width=9)
    number: Mapped[Number] = field("规划编号", width=12, also=("编号", "序号"))
    name: Mapped[Text] = field("项目名称", width=26, also=("名称", "规划项目"))
    category: Mapped[Code | None] = field("类型", choices=WorkCategory, width=10, also=("项目类型", "类别"))
    place: Mapped[PlaceRef | None] = field("建设地点", to="place", width=18, also=("乡镇", "地点"))
    year: Mapped[Year] = field("计划年度", width=8, also=("年度",))
    investment: Mapped[Fen] = field("规划投资", unit="元", width=14, also=("总投资", "投资"))
    upper_fund: Mapped[Fen | None] = field("上级资金", unit="元", width=14, also=("移民专项资金", "拟争取资金", "专项投资"))
    document: Mapped[Text | None] = field("批复文号", grid=False, width=20)
    approved_on: Mapped[Day | None] = field("批复日期", grid=False)
    previous: Mapped[Ref | None] = field("上一版项目", to="plan_item", grid=False, help="中期评估和修编时，由哪一版的哪一项接续而来")
    started: ClassVar[Field] = Field("已立项", kind=FLAG, computed="=", width=7)
    current: ClassVar[Field] = Field("现行版次", kind=FLAG, computed="=", grid=False, help="规划最新的一版里的项目")


class SupportProject(Record):
    """后扶项目。

    A ledger without codes is known by name, year and place; the code is then made of year and name until somebody gives one.
    """

    __tablename__ = "support_project"
    __keys__ = (("code",), ("name", "year", "place"))
    __title__ = ("code", "name")
    __home__ = ("place", "office")
    __group__ = "后期扶持"

    code: Mapped[Number] = field("项目代码", width=14, also=("项目编号", "编号", "代码"))
    name: Mapped[Text] = field("项目名称", width=28, also=("名称",))
    plan_item: Mapped[Ref | None] = field("规划项目", to="plan_item", grid=False, also=("规划编号",))
    year: Mapped[Year] = field("计划年度", width=8, also=("年度", "项目年度"))
    category: Mapped[Code] = field("类型", choices=WorkCategory, width=10, also=("项目类型", "项目类别", "类别"))
    place: Mapped[PlaceRef] = field("建设地点", to="place", width=18, also=("地点", "项目地点", "村组"))
    reservoir: Mapped[Word | None] = field("所属水库", words="reservoir", grid=False, also=("涉及水库", "水库"))
    content: Mapped[Note | None] = field("建设内容", width=30, grid=False, also=("建设内容及规模", "建设规模"))
    unit: Mapped[Text | None] = field("实施单位", grid=False, width=18)
    villages: Mapped[Count | None] = field("受益村", section="受益", grid=False, also=("受益村数",))
    groups: Mapped[Count | None] = field("受益组", section="受益", grid=False, also=("受益组数",))
    households: Mapped[Count | None] = field("受益户", section="受益", grid=False, also=("受益户数",))
    persons: Mapped[Count | None] = field("受益人数", section="受益", width=9, also=("受益人口",))
    migrants: Mapped[Count | None] = field("其中移民", section="受益", grid=False, also=("移民人数", "受益移民"))
    estimate: Mapped[Fen | None] = field("批复投资", unit="元", section="投资", width=14, also=("概算投资", "批复概算", "批准投资", "总投资"))
    total: ClassVar[Field] = Field("资金合计", kind=MONEY, unit="元", section="投资", computed="=", width=14)
    received: ClassVar[Field] = Field("移民专项资金", kind=MONEY, unit="元", section="投资", computed="=", width=14, grid=False)
    paid: ClassVar[Field] = Field("已支付", kind=MONEY, unit="元", section="投资", computed="=", width=14)
    tender: Mapped[Word | None] = field("招标方式", section="合同", words="tender_mode", grid=False)
    bid_amount: Mapped[Fen | None] = field("中标价", unit="元", section="合同", grid=False)
    designer: Mapped[Text | None] = field("设计单位", section="合同", grid=False)
    supervisor: Mapped[Text | None] = field("监理单位", section="合同", grid=False)
    contractor: Mapped[Text | None] = field("施工单位", section="合同", width=18, grid=False)
    contract_no: Mapped[Number | None] = field("合同编号", section="合同", grid=False)
    contract_amount: Mapped[Fen | None] = field("合同价", unit="元", section="合同", width=14, grid=False, also=("合同金额",))
    change_amount: Mapped[Fen | None] = field("变更金额", unit="元", section="合同", grid=False)
    planned_finish: Mapped[Day | None] = field("计划完工", section="进度", grid=False, also=("计划完工日期", "计划完工时间", "计划竣工日期", "计划竣工时间"))
    progress: Mapped[Quantity | None] = field("形象进度", unit="%", section="进度", width=8)
    done_amount: Mapped[Fen | None] = field("完成投资", unit="元", section="进度", grid=False)
    stage: ClassVar[Field] = Field("所处阶段", kind=TEXT, section="进度", computed="=", width=10)
    stage_on: ClassVar[Field] = Field("阶段日期", kind=TEXT, section="进度", computed="=", grid=False)
    problems: Mapped[Note | None] = field("存在问题", section="进度", grid=False, also=("问题", "滞后原因"))
    submitted_amount: Mapped[Fen | None] = field("送审金额", unit="元", section="结算", grid=False, also=("送审",))
    audited_amount: Mapped[Fen | None] = field("审定金额", unit="元", section="结算", grid=False, also=("审定",))
    cut_amount: ClassVar[Field] = Field("审减金额", kind=MONEY, unit="元", section="结算", computed="=", grid=False)
    keeper: Mapped[Text | None] = field("管护责任人", section="移交", grid=False, also=("管护单位",))
    score: Mapped[Quantity | None] = field("绩效得分", section="移交", grid=False)
    grade: Mapped[Text | None] = field("绩效等次", section="移交", grid=False)


class FundSource(Record):
    """项目资金来源。"""

    __tablename__ = "fund_source"
    __keys__ = (("project", "fund", "document?"),)
    __title__ = ("project", "fund")
    __home__ = ("project",)
    __group__ = "后期扶持"

    project: Mapped[Ref] = field("后扶项目", to="support_project", part_of=True, width=14, also=("项目代码", "项目编号"))
    fund: Mapped[Code] = field("资金类别", choices=Fund, width=14, also=("资金来源",))
    document: Mapped[Number | None] = field("下达文号", width=22, also=("文号", "计划文号"))
    year: Mapped[Year | None] = field("资金年度", width=8)
    amount: Mapped[Fen] = field("金额", unit="元", width=14)


class ProjectStage(Record):
    """项目阶段。"""

    __tablename__ = "project_stage"
    __keys__ = (("project", "stage"),)
    __title__ = ("project", "stage")
    __home__ = ("project",)
    __group__ = "后期扶持"

    project: Mapped[Ref] = field("后扶项目", to="support_project", part_of=True, width=14, also=("项目代码", "项目编号"))
    stage: Mapped[Code] = field("阶段", choices=Stage, width=10)
    planned_on: Mapped[Day | None] = field("计划日期")
    done_on: Mapped[Day | None] = field("完成日期", also=("日期",))
    document: Mapped[Text | None] = field("文号", width=22)
    passed: Mapped[Flag | None] = field("合格", width=6, also=("结论合格", "验收合格"))
    skipped: Mapped[Flag] = field("不适用", default=0, width=7)
    late_reason: Mapped[Text | None] = field("滞后原因", width=20)


class ProjectPayment(Record):
    """项目支付。"""

    __tablename__ = "project_payment"
    __keys__ = (("project", "number"),)
    __title__ = ("project", "number")
    __home__ = ("project",)
    __group__ = "后期扶持"

    project: Mapped[Ref] = field("后扶项目", to="support_project", part_of=True, width=14, also=("项目代码", "项目编号"))
    number: Mapped[Number] = field("支付编号", width=12, also=("编号", "序号"))
    paid_on: Mapped[Day] = field("支付日期", also=("日期",))
    amount: Mapped[Fen] = field("金额", unit="元", width=14, also=("支付金额",))
    payee: Mapped[Text] = field("收款单位", width=22, also=("收款人", "收款方"))
    fund: Mapped[Code] = field("资金类别", choices=Fund, width=14, also=("资金来源",))
    purpose: Mapped[Text | None] = field("款项", width=14, also=("用途", "款项性质"))
    voucher: Mapped[Text | None] = field("凭证号", width=12)


class SurplusUse(Record):
    """结余转项目。"""

    __tablename__ = "surplus_use"
    __keys__ = (("line",),)
    __title__ = ("line", "document")
    __home__ = ("office",)
    __group__ = "后期扶持"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    fund: Mapped[Code] = field("结余资金", choices=Fund, default="subsidy", width=14, also=("资金类别",))
    year: Mapped[Year] = field("资金年度", width=8, also=("结余年度", "年度"))
    project: Mapped[Ref | None] = field("转入项目", to="support_project", width=20, also=("项目代码",))
    amount: Mapped[Fen] = field("金额", unit="元", width=14)
    document: Mapped[Text | None] = field("批准文号", width=22, also=("文号",))
    approved_on: Mapped[Day] = field("批准日期")


class Training(Record):
    """培训班。"""

    __tablename__ = "training"
    __keys__ = (("name", "held_on"),)
    __title__ = ("name",)
    __home__ = ("place", "office")
    __group__ = "后期扶持"

    name: Mapped[Text] = field("班次名称", width=24, also=("培训班", "培训名称", "班次"))
    held_on: Mapped[Day] = field("开班日期", also=("培训日期", "培训时间"))
    ended_on: Mapped[Day | None] = field("结束日期", grid=False)
    project: Mapped[Ref | None] = field("后扶项目", to="support_project", width=14, grid=False, also=("项目代码",))
    trade: Mapped[Word | None] = field("工种", words="trade", width=10, also=("培训内容", "培训工种"))
    place: Mapped[PlaceRef | None] = field("地点", to="place", width=18, also=("培训地点", "村组"))
    site: Mapped[Text | None] = field("具体地点", grid=False)
    organiser: Mapped[Text | None] = field("培训机构", width=18, grid=False, also=("承办单位",))
    hours: Mapped[Quantity | None] = field("学时", width=6)
    attendances: Mapped[Count | None] = field("人次", unit="人次", width=8, computed="=?", also=("培训人次",), help="有学员名册的，按到课次数合计")
    counted: ClassVar[Field] = Field("名册人次", kind=COUNT, unit="人次", computed="=", width=9, grid=False)
    heads: ClassVar[Field] = Field("人数", kind=COUNT, unit="人", computed="=", width=8)
    certificates: Mapped[Count | None] = field("发证", unit="本", width=8, grid=False, also=("取证人数",))
    cost: Mapped[Fen | None] = field("经费", unit="元", width=12)


class Trainee(Record):
    """培训学员。"""

    __tablename__ = "trainee"
    __keys__ = (("training", "idcard"), ("training", "name", "place~"))
    __title__ = ("name",)
    __home__ = ("training",)
    __group__ = "后期扶持"

    training: Mapped[Ref] = field("培训班", to="training", part_of=True, width=20, also=("班次名称",))
    name: Mapped[Text] = field("姓名", width=10, also=("学员姓名",))
    idcard: Mapped[IdCard | None] = field("身份证号", width=20, private=True, also=("身份证", "公民身份号码", "身份证号码"))
    place: Mapped[PlaceRef | None] = field("村组", to="place", width=18, also=("住址",))
    sessions: Mapped[Count] = field("到课次数", default=1, width=8, also=("参训次数",))
    signed: Mapped[Flag] = field("已签到", default=0, width=7, also=("签到",))
    registered: ClassVar[Field] = Field("在册移民", kind=FLAG, computed="=", width=8)
    certificate: Mapped[Text | None] = field("证书编号", grid=False)
