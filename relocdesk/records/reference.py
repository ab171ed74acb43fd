"""What the rest refers to: offices, places, people who work with the book, dated policy and prices, targets, events."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.clerk import ROLES
from relocdesk.field import Choice, Code, Day, Fen, Field, Flag, Note, Number, Phone, PlaceRef, Quantity, Ref, Text, Word, Year, field
from relocdesk.records.record import Record


class Level(Choice):
    COUNTY = "county", "县级", "县", "区县"
    TOWNSHIP = "township", "乡镇", "乡", "镇", "街道"


class Role(Choice):
    ENTRY = "entry", ROLES["entry"]
    REVIEW = "review", ROLES["review"]
    HEAD = "head", ROLES["head"]
    PARTY = "party", ROLES["party"]
    READER = "reader", ROLES["reader"]
    ADMIN = "admin", ROLES["admin"], "系统管理员"


class PayeeType(Choice):
    COLLECTIVE = "collective", "集体"
    PERSON = "person", "个人"
    UNIT = "unit", "单位"
    SOCIAL = "social", "社保专户", "社会保障专户"


class Nature(Choice):
    PERMANENT = "permanent", "永久征收", "永久", "永久征地", "征收", "永久占地"
    TEMPORARY = "temporary", "临时占用", "临时", "临时用地", "临时征用", "临时占地", "征用"


class IncidentKind(Choice):
    BEIJING = "beijing", "进京上访", "进京"
    PROVINCE = "province", "赴省上访", "赴省"
    PREFECTURE = "prefecture", "到市上访", "到市"
    COLLECTIVE = "collective", "集体上访", "集体访"
    SECURITY = "security", "较大治安案件", "治安案件"
    CONDUCT = "conduct", "作风问题"
    SERVICE = "service", "服务投诉"
    CORRUPTION = "corruption", "腐败问题"


class DayKind(Choice):
    OFF = "off", "放假", "节假日", "休息"
    WORK = "work", "调休上班", "补班", "上班"


class WordList(Choice):
    """The open lists of words that an office extends; each is the `words` of a field."""

    NATION = "nation", "民族"
    RELATION = "relation", "与户主关系", "家庭关系"
    PRICE_KIND = "price_kind", "补偿类别"
    UNPAID_REASON = "unpaid_reason", "未付原因"
    RETURN_REASON = "return_reason", "退回原因"
    OBJECTION = "objection", "异议事项"
    RESERVOIR = "reservoir", "水库"
    REDUCE_DETAIL = "reduce_detail", "核减具体原因"
    TENDER_MODE = "tender_mode", "招标方式"
    TRADE = "trade", "培训工种"
    PETITION_CATEGORY = "petition_category", "信访类别"
    DISPUTE_TYPE = "dispute_type", "纠纷类型"
    STUDY_GROUP = "study_group", "学习组"


class Office(Record):
    """单位。"""

    __tablename__ = "office"
    __keys__ = (("name",),)
    __title__ = ("name",)
    __home__ = ("county",)
    __group__ = "设置"
    __reference__ = True

    name: Mapped[Text] = field("单位名称", width=24, also=("单位", "机构名称"))
    level: Mapped[Code] = field("层级", choices=Level)
    place: Mapped[PlaceRef] = field("行政区划", to="place", width=20)
    head: Mapped[Text | None] = field("负责人")
    phone: Mapped[Phone | None] = field("电话")


class Place(Record):
    """行政区划。"""

    __tablename__ = "place"
    __keys__ = (("code",),)
    __title__ = ("name",)
    __home__ = ("county",)
    __group__ = "设置"
    __reference__ = True

    code: Mapped[Number] = field("代码", width=16, also=("区划代码", "统计用区划代码", "编码"),
                               help="县 6 位、乡镇 9 位、村 12 位，村民小组在村代码后加 2 至 3 位")  # fmt: skip
    name: Mapped[Text] = field("名称", width=18, also=("区划名称", "单位名称"))
    parent: Mapped[PlaceRef | None] = field("上级", to="place", width=18)
    valid_from: Mapped[Day | None] = field("启用日期", grid=False)
    valid_to: Mapped[Day | None] = field("停用日期", grid=False)
    predecessor: Mapped[PlaceRef | None] = field("前身", to="place", grid=False, help="合并、改名前的村组，旧名称仍然认得")
    level: ClassVar[Field] = Field("级别", computed="=", width=8)


class Operator(Record):
    """操作员。"""

    __tablename__ = "operator"
    __keys__ = (("name",),)
    __title__ = ("name",)
    __home__ = ("county",)
    __group__ = "设置"
    __reference__ = True

    name: Mapped[Text] = field("姓名")
    role: Mapped[Code] = field("角色", choices=Role)
    active: Mapped[Flag] = field("在用", default=1)


class PolicyRow(Record):
    """政策参数。"""

    __tablename__ = "policy_row"
    __keys__ = (("subject", "scope", "valid_from"),)
    __title__ = ("subject",)
    __home__ = ("county",)
    __group__ = "设置"
    __reference__ = True

    subject: Mapped[Text] = field("事项", width=24, help="如：核减从何时停发；全部事项和可填的内容在帮助（F1）里")
    scope: Mapped[Text] = field("范围", default="全部", help="全部，或乡镇、水库、工程的名称")
    valid_from: Mapped[Day] = field("起用日期")
    valid_to: Mapped[Day | None] = field("停用日期")
    value: Mapped[Text] = field("取值", width=18)
    document: Mapped[Text | None] = field("依据文号", width=24)


class Setting(Record):
    """设置项。"""

    __tablename__ = "setting"
    __keys__ = (("key",),)
    __title__ = ("key",)
    __home__ = ("county",)
    __reference__ = True

    key: Mapped[Text] = field("设置")
    value: Mapped[Note | None] = field("取值")


class Dictionary(Record):
    """字典。"""

    __tablename__ = "dictionary"
    __keys__ = (("list", "code"),)
    __title__ = ("label",)
    __home__ = ("county",)
    __group__ = "设置"
    __reference__ = True

    list: Mapped[Code] = field("字典名称", choices=WordList, width=16)
    code: Mapped[Number] = field("编码")
    label: Mapped[Text] = field("词条", width=18)
    active: Mapped[Flag] = field("在用", default=1)


class Holiday(Record):
    """节假日。"""

    __tablename__ = "holiday"
    __keys__ = (("day",),)
    __title__ = ("day", "name")
    __home__ = ("county",)
    __group__ = "设置"
    __reference__ = True

    day: Mapped[Day] = field("日期")
    kind: Mapped[Code] = field("安排", choices=DayKind, width=10, help="放假，或者周末调休上班")
    name: Mapped[Text | None] = field("节日", width=14)


class PriceItem(Record):
    """补偿标准。"""

    __tablename__ = "price_item"
    __keys__ = (("project?", "kind", "item", "spec?", "nature?", "price_zone?", "valid_from"),)
    __title__ = ("kind", "item", "spec")
    __home__ = ("county",)
    __group__ = "设置"
    __reference__ = True

    project: Mapped[Ref | None] = field("工程", to="project", width=18, help="空着表示各工程通用")
    kind: Mapped[Word] = field("类别", words="price_kind", width=14, also=("补偿类别", "费用类别", "项目类别"))
    item: Mapped[Text] = field("名称", width=14, also=("项目名称", "补偿项目", "地类"))
    spec: Mapped[Text | None] = field("规格/结构", also=("规格", "结构", "规格型号"))
    nature: Mapped[Code | None] = field("征用性质", choices=Nature, also=("性质",))
    price_zone: Mapped[Text | None] = field("区片", also=("片区", "区片名称"))
    unit: Mapped[Text] = field("单位", width=8, also=("计量单位",), help="亩、㎡、株、座、亩·年 …")
    unit_price: Mapped[Fen] = field("单价", unit="元", also=("补偿标准", "标准", "补偿单价"))
    payee_type: Mapped[Code] = field("收款对象", choices=PayeeType, also=("支付对象", "兑付对象"))
    document: Mapped[Text | None] = field("依据文号", width=22, also=("文件", "文号"))
    valid_from: Mapped[Day] = field("起用日期", also=("执行日期", "生效日期"))
    valid_to: Mapped[Day | None] = field("停用日期", also=("废止日期",))


class Target(Record):
    """年度任务。"""

    __tablename__ = "target"
    __keys__ = (("year", "figure", "project?", "document?"),)
    __title__ = ("year", "figure")
    __home__ = ("project", "office")
    __group__ = "资金"

    year: Mapped[Year] = field("年度")
    figure: Mapped[Text] = field("指标", help="指标编号，如 F018 土地移交面积")
    project: Mapped[Ref | None] = field("工程", to="project", width=18)
    issuer: Mapped[Text | None] = field("下达单位", width=18)
    document: Mapped[Text | None] = field("文号", width=20)
    quota: Mapped[Quantity] = field("任务数")
    unit: Mapped[Text | None] = field("单位", width=8)


class Incident(Record):
    """事件。"""

    __tablename__ = "incident"
    __keys__ = (("line",),)
    __title__ = ("line", "kind")
    __home__ = ("place", "office")
    __group__ = "事项"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    kind: Mapped[Code] = field("类别", choices=IncidentKind)
    happened_on: Mapped[Day] = field("发生日期")
    place: Mapped[PlaceRef | None] = field("村组", to="place", width=20)
    summary: Mapped[Note | None] = field("简要情况", width=30)
    result: Mapped[Note | None] = field("处理结果", width=24)


class YearConfirmation(Record):
    """年度确认。"""

    __tablename__ = "year_confirmation"
    __keys__ = (("year", "subject"),)
    __title__ = ("year", "subject")
    __home__ = ("office",)
    __group__ = "事项"

    year: Mapped[Year] = field("年度")
    subject: Mapped[Text] = field("事项", help="如：零上访")
    confirmed: Mapped[Flag] = field("已确认", default=0)
    confirmed_by: Mapped[Text | None] = field("确认人")
