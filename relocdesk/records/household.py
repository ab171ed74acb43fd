"""Households, the people in them, who may act for them, and the collectives and units that are paid."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.field import (
    COUNT,
    IDCARD,
    MONEY,
    MU,
    TEXT,
    Account,
    Choice,
    Code,
    CreditCode,
    Day,
    Field,
    Flag,
    IdCard,
    Number,
    Phone,
    PlaceRef,
    Ref,
    Text,
    Word,
    field,
)
from relocdesk.records.record import Record


class Resettlement(Choice):
    LAND = "land", "仅征地", "征地"
    PRODUCTION = "production", "生产安置"
    MOVE = "move", "搬迁安置", "搬迁"
    BOTH = "both", "生产和搬迁", "生产安置和搬迁安置"


class Sex(Choice):
    UNKNOWN = "0", "未知"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明"


class PersonState(Choice):
    PRESENT = "present", "在户", "在册"
    DEAD = "dead", "死亡", "已故"
    MOVED = "moved", "迁出"
    MARRIED = "married", "婚出", "外嫁"
    OTHER = "other", "其他"


class ProxyKind(Choice):
    PROXY = "proxy", "委托", "授权委托"
    GUARDIAN = "guardian", "监护"
    HEIR = "heir", "继承"


class CollectiveKind(Choice):
    GROUP = "group", "村民小组", "小组"
    VILLAGE = "village", "村委会", "社区", "村民委员会"
    TOWNSHIP = "township", "乡镇"
    UNIT = "unit", "单位"
    SOCIAL = "social", "社保专户", "社会保障专户"


class Household(Record):
    """移民户。"""

    __tablename__ = "household"
    __keys__ = (("number", "project?"),)
    __title__ = ("number", "head_name")
    __home__ = ("place", "office")
    __group__ = "征地安置"

    number: Mapped[Number] = field("户号", width=12, also=("户编号", "编号", "户编码", "农户编号"))
    project: Mapped[Ref | None] = field("工程", to="project", width=16, grid=False, also=("工程名称", "项目名称", "所属工程"))
    head: Mapped[Ref | None] = field("户主（人员）", to="person", computed="=f", grid=False, closes_cycle=True)
    head_name: ClassVar[Field] = Field(
        "户主姓名", kind=TEXT, via="head.name", required=True, width=10,
        also=("户主", "姓名", "权利人", "被征地农户", "户主名称", "农户姓名", "承包方代表", "户主(代表)"))  # fmt: skip
    head_idcard: ClassVar[Field] = Field(
        "身份证号", kind=IDCARD, via="head.idcard", width=20, private=True,
        also=("身份证", "公民身份号码", "证件号码", "身份证号码", "户主身份证号", "公民身份证号码", "证件号"))  # fmt: skip
    nickname: Mapped[Text | None] = field("俗称", grid=False, also=("小名", "绰号", "外号"), help="村里人怎么叫这一户，搜索时也认得")
    place: Mapped[PlaceRef] = field("村组", to="place", width=20, also=("村民小组", "住址", "地址", "家庭住址", "所在村组", "行政区划", "组别"))
    phone: Mapped[Phone | None] = field("联系电话", width=13, private=True, also=("电话", "手机", "手机号", "联系方式", "手机号码"))
    account_name: Mapped[Text | None] = field("户名", section="收款账户", together="holder", private=True, grid=False,
                                              also=("账户名", "开户名", "收款人户名", "账户名称"))  # fmt: skip
    account: Mapped[Account | None] = field("银行账号", section="收款账户", together="holder", private=True, width=22, grid=False,
                                            also=("卡号", "一卡通账号", "账号", "银行卡号", "收款账号", "一折通账号", "银行账户"))  # fmt: skip
    bank: Mapped[Text | None] = field("开户行", section="收款账户", together="holder", width=18, grid=False, also=("开户银行", "银行", "开户网点"))
    relocation: Mapped[Code | None] = field("安置方式", section="安置", choices=Resettlement, also=("安置类型",))
    destination: Mapped[Text | None] = field("安置点", section="安置", grid=False, also=("安置去向", "安置地点"))
    verified_on: Mapped[Day | None] = field("人口核定日期", section="安置", grid=False, also=("核定日期",))
    house_removed_on: Mapped[Day | None] = field("旧房拆除日期", section="安置", grid=False, also=("拆除日期",))
    moved_on: Mapped[Day | None] = field("搬迁入住日期", section="安置", grid=False, also=("入住日期", "搬迁日期"))
    came_from: Mapped[Ref | None] = field("分自何户", section="分户并户", to="household", grid=False)
    left_on: Mapped[Day | None] = field("并户销户日期", section="分户并户", grid=False)
    people: ClassVar[Field] = Field("人口", kind=COUNT, unit="人", section="情况", computed="=", width=6)
    area: ClassVar[Field] = Field("征地面积", kind=MU, unit="亩", section="情况", computed="=", width=10)
    agreed: ClassVar[Field] = Field("协议金额", kind=MONEY, unit="元", section="情况", computed="=", width=14)
    paid: ClassVar[Field] = Field("已兑付", kind=MONEY, unit="元", section="情况", computed="=", width=14)
    step: ClassVar[Field] = Field("办理进度", kind=TEXT, section="情况", computed="=", width=10)


class Person(Record):
    """家庭成员。"""

    __tablename__ = "person"
    __keys__ = (("idcard",), ("household", "name", "born_on~"))
    __title__ = ("name",)
    __home__ = ("household", "office")
    __group__ = "征地安置"

    household: Mapped[Ref | None] = field("移民户", to="household", width=16, also=("户号", "所在户", "户编号", "农户编号"))
    name: Mapped[Text] = field("姓名", width=10, together="ident", also=("成员姓名", "家庭成员", "人员姓名", "家庭成员姓名"))
    idcard: Mapped[IdCard | None] = field("身份证号", width=20, together="ident", private=True,
                                          also=("身份证", "公民身份号码", "证件号码", "身份证号码", "证件号"))  # fmt: skip
    sex: Mapped[Code | None] = field("性别", choices=Sex, computed="=?", width=6)
    born_on: Mapped[Day | None] = field("出生日期", computed="=?", also=("出生年月", "出生", "出生年月日", "生日"))
    relation: Mapped[Word | None] = field("与户主关系", words="relation", width=10, also=("关系", "家庭关系", "与户主的关系"))
    ethnic: Mapped[Word | None] = field("民族", words="nation", width=8)
    resettler: Mapped[Flag | None] = field("核定移民", width=8, also=("是否移民", "是否核定", "移民"))
    hukou: Mapped[Text | None] = field("户口性质", width=10, also=("户籍性质", "户口类型"))
    state: Mapped[Code | None] = field("状态", choices=PersonState, width=8, also=("人员状态", "在户情况"))
    died_on: Mapped[Day | None] = field("死亡日期", grid=False)
    former_names: Mapped[Text | None] = field("曾用名", grid=False, also=("别名", "小名", "俗名"))


class Authorisation(Record):
    """授权委托。"""

    __tablename__ = "authorisation"
    __keys__ = (("line",),)
    __title__ = ("line", "agent_name")
    __home__ = ("principal", "office")
    __group__ = "征地安置"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    principal: Mapped[Ref] = field("委托人（户）", to="household", width=16, also=("委托人", "户号"))
    agent_name: Mapped[Text] = field("代理人", also=("受托人", "代理人姓名"))
    agent_idcard: Mapped[IdCard | None] = field("代理人身份证号", width=20, private=True)
    relation: Mapped[Word | None] = field("与委托人关系", words="relation")
    matter: Mapped[Text] = field("委托事项", width=24)
    scope: Mapped[Text | None] = field("权限", width=18)
    valid_from: Mapped[Day | None] = field("起始日期")
    valid_to: Mapped[Day | None] = field("截止日期")
    signed: Mapped[Flag] = field("已签章", default=0)
    kind: Mapped[Code] = field("类别", choices=ProxyKind)


class CollectiveUnit(Record):
    """集体和单位。"""

    __tablename__ = "collective_unit"
    __keys__ = (("name",),)
    __title__ = ("name",)
    __home__ = ("place", "office")
    __group__ = "设置"

    name: Mapped[Text] = field("名称", width=26, also=("单位名称", "集体名称", "收款人"))
    place: Mapped[PlaceRef] = field("村组", to="place", width=20, also=("行政区划", "所在村组"))
    kind: Mapped[Code] = field("类别", choices=CollectiveKind, also=("类型",))
    credit_code: Mapped[CreditCode | None] = field("统一社会信用代码", width=20)
    account_name: Mapped[Text | None] = field("户名", section="收款账户", together="holder", private=True, grid=False)
    account: Mapped[Account | None] = field("银行账号", section="收款账户", together="holder", private=True, width=22, also=("账号", "卡号"))
    bank: Mapped[Text | None] = field("开户行", section="收款账户", together="holder", width=18, also=("开户银行",))
    phone: Mapped[Phone | None] = field("联系电话", private=True, grid=False, also=("电话",))
    representative: Mapped[Text | None] = field("负责人", grid=False, also=("法定代表人", "组长"))
