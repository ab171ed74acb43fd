"""The survey (实物): parcels and assets as measured, what was posted about them, what was objected and re-checked."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from relocdesk.field import (
    COUNT,
    MONEY,
    TEXT,
    Choice,
    Code,
    Count,
    Day,
    Field,
    Flag,
    Mu,
    Note,
    Number,
    PlaceRef,
    Quantity,
    Ref,
    SquareMetres,
    Text,
    Word,
    field,
)
from relocdesk.records.record import Record
from relocdesk.records.reference import Nature


class AssetKind(Choice):
    HOUSE = "house", "房屋"
    ATTACHED = "attached", "附属设施", "附属物", "地上附着物"
    TREE = "tree", "零星林木", "零星树木", "林木"
    CROP = "crop", "青苗"
    GRAVE = "grave", "坟墓"
    SIDELINE = "sideline", "农副业设施", "农副业"
    OTHER = "other", "其他"


class Range(Choice):
    FLOODED = "flooded", "淹没区"
    DAM = "dam", "枢纽区"
    AFFECTED = "affected", "影响区"
    CANAL = "canal", "渠系", "渠道"
    OTHER = "other", "其他"


class PostingSubject(Choice):
    FIRST = "first", "实物第一榜", "第一榜", "一榜"
    SECOND = "second", "实物第二榜", "第二榜", "二榜"
    THIRD = "third", "实物第三榜", "第三榜", "三榜"
    PLAN = "plan", "补偿方案"
    SUBSIDY = "subsidy", "直补名单"
    REDUCTION = "reduction", "核减名单"
    PROJECT = "project", "项目"


ROUNDS = (PostingSubject.FIRST, PostingSubject.SECOND, PostingSubject.THIRD)
"""The rounds in which a survey hangs, in their order."""


OWNER_TITLES = ("户号", "户编号", "权属人户号", "农户编号", "户主", "户主姓名", "权属人", "权利人", "姓名", "农户姓名")


class Parcel(Record):
    """地块。"""

    __tablename__ = "parcel"
    __keys__ = (("project", "number"),)
    __title__ = ("number", "site")
    __home__ = ("place",)
    __group__ = "征地安置"

    number: Mapped[Number] = field("地块编号", width=14, also=("编号", "图斑号", "地块号", "宗地号", "图斑编号", "宗地编号"))
    project: Mapped[Ref] = field("工程", to="project", width=16, grid=False, also=("工程名称", "项目名称", "所属工程"))
    price_zone: Mapped[Text | None] = field("区片", grid=False, also=("片区", "区片名称"))
    batch: Mapped[Text | None] = field("批次", grid=False, also=("征地批次",))
    household: Mapped[Ref | None] = field("权属户", to="household", width=16, together="owner", also=OWNER_TITLES)
    collective: Mapped[Ref | None] = field("权属集体", to="collective_unit", width=18, together="owner",
                                           also=("权属单位", "集体", "土地权属"))  # fmt: skip
    user: Mapped[Text | None] = field("实际使用人", grid=False, also=("使用人", "耕种人", "使用者"))
    place: Mapped[PlaceRef] = field("村组", to="place", width=20, also=("村民小组", "坐落", "所在村组", "组别", "位置", "土地坐落"))
    site: Mapped[Text | None] = field("小地名", also=("地名", "地块名称"))
    east: Mapped[Text | None] = field("东至", section="四至", grid=False, also=("东", "四至东"))
    south: Mapped[Text | None] = field("南至", section="四至", grid=False, also=("南", "四至南"))
    west: Mapped[Text | None] = field("西至", section="四至", grid=False, also=("西", "四至西"))
    north: Mapped[Text | None] = field("北至", section="四至", grid=False, also=("北", "四至北"))
    land_class: Mapped[Text] = field("地类", section="土地", width=10,
                                      also=("土地类型", "地类名称", "土地类别", "土地利用类型", "现状地类", "调查地类", "二级地类"))  # fmt: skip
    class_code: Mapped[Text | None] = field("地类编码", section="土地", grid=False, also=("地类代码",))
    class_set: Mapped[Text | None] = field("地类标准", section="土地", grid=False, help="地类编码所用的分类标准，如 GB/T 21010-2017")
    nature: Mapped[Code] = field("征用性质", section="土地", choices=Nature,
                                also=("性质", "征地性质", "占地性质", "用地性质", "征收类型", "征收性质", "征占性质", "占用性质", "用地类型"))  # fmt: skip
    area_m2: Mapped[SquareMetres] = field("面积", unit="㎡", section="土地", computed="=?", together="size", width=12,
                                          also=("面积(平方米)", "平方米", "实测面积", "占地面积"))  # fmt: skip
    area: Mapped[Mu] = field("面积", unit="亩", section="土地", computed="=?", together="size",
                             also=("亩数", "征地面积", "计补面积", "面积(亩)", "面积亩", "征收面积", "亩"))  # fmt: skip
    contract_area: Mapped[Mu | None] = field("承包证面积", unit="亩", section="土地", together="size", grid=False, also=("证载面积", "确权面积"))
    surveyed_on: Mapped[Day | None] = field("调查日期", section="调查", grid=False, also=("调查时间",))
    surveyors: Mapped[Text | None] = field("调查人", section="调查", grid=False, also=("调查人员",))
    detailed_on: Mapped[Day | None] = field("分解细化日期", section="调查", grid=False)
    confirmed: Mapped[Flag] = field("签字确认", section="调查", default=0, width=8, also=("确认", "是否确认", "已确认", "是否签字"))
    transferred_on: Mapped[Day | None] = field("土地移交日期", section="调查", grid=False, also=("移交日期",))
    lease_from: Mapped[Day | None] = field("占用起始", section="临时占用", together="term", grid=False, also=("占用起", "临时占用起", "起始日期"))
    lease_until: Mapped[Day | None] = field("占用截止", section="临时占用", together="term", grid=False, also=("占用止", "临时占用止", "截止日期"))
    reclaimed_on: Mapped[Day | None] = field("复垦验收日期", section="临时占用", grid=False)
    amount: ClassVar[Field] = Field("补偿金额", kind=MONEY, unit="元", section="土地", computed="=", width=14)


Index(None, Parcel.__table__.c.number)  # people look a parcel up by its bare number


class Asset(Record):
    """实物。"""

    __tablename__ = "asset"
    __keys__ = (("project", "number"), ("project", "household?", "collective?", "kind", "item", "spec?", "occurrence"))
    __title__ = ("number", "item")
    __home__ = ("household", "collective", "office")
    __group__ = "征地安置"

    number: Mapped[Number | None] = field("实物编号", width=14, also=("编号",), help="空着由程序编")
    project: Mapped[Ref] = field("工程", to="project", width=16, grid=False, also=("工程名称", "项目名称", "所属工程"))
    household: Mapped[Ref | None] = field("权属户", to="household", width=16, together="owner", also=OWNER_TITLES)
    collective: Mapped[Ref | None] = field("权属集体", to="collective_unit", width=18, together="owner",
                                           also=("权属单位", "集体"))  # fmt: skip
    parcel: Mapped[Ref | None] = field("所在地块", to="parcel", grid=False, also=("地块编号", "地块"))
    kind: Mapped[Code] = field("类别", choices=AssetKind, width=10, also=("实物类别", "类型", "项目类别"))
    item: Mapped[Text] = field("名称", width=14, also=("实物名称", "项目名称", "物品名称"))
    spec: Mapped[Text | None] = field("规格/结构", also=("规格", "结构", "规格型号", "结构/规格", "规格及结构", "结构类型", "规格结构"))
    occurrence: Mapped[Count] = field("同项序次", computed="=f", default=1, grid=False, width=6)
    range: Mapped[Code | None] = field("范围", choices=Range, grid=False)
    price_zone: Mapped[Text | None] = field("区片", grid=False)
    nature: Mapped[Code | None] = field("征用性质", choices=Nature, grid=False, also=("性质",))
    unit: Mapped[Text] = field("单位", width=6, together="line", also=("计量单位",))
    quantity: Mapped[Quantity] = field("数量", width=10, together="line", also=("工程量", "实物量"))
    built_on: Mapped[Day | None] = field("建（栽）成日期", grid=False, also=("建成年", "栽种年", "建成时间", "建(栽)成年"))
    surveyed_on: Mapped[Day | None] = field("调查日期", section="调查", grid=False, also=("调查时间",))
    confirmed: Mapped[Flag] = field("签字确认", section="调查", default=0, width=8, also=("确认", "是否确认", "已确认", "是否签字"))
    removed_on: Mapped[Day | None] = field("拆除清理日期", section="调查", grid=False, also=("拆除日期", "清理日期"))
    amount: ClassVar[Field] = Field("补偿金额", kind=MONEY, unit="元", computed="=", width=14)


class Posting(Record):
    """公示。"""

    __tablename__ = "posting"
    __kept__ = True
    __keys__ = (("project?", "subject", "place", "from_on"),)
    __title__ = ("subject", "place", "from_on")
    __home__ = ("place",)
    __group__ = "征地安置"

    project: Mapped[Ref | None] = field("工程", to="project", width=18)
    subject: Mapped[Code] = field("公示内容", choices=PostingSubject, width=14)
    place: Mapped[PlaceRef] = field("公示地点", to="place", width=20)
    from_on: Mapped[Day] = field("起始日期")
    until_on: Mapped[Day] = field("截止日期")
    contact: Mapped[Text | None] = field("受理电话", width=16)
    closed_on: Mapped[Day | None] = field("结束登记日期", computed="=f", grid=False)
    snapshot: Mapped[Note | None] = field("公示时的内容", computed="=f", grid=False)
    days: ClassVar[Field] = Field("公示天数", kind=COUNT, computed="=", width=8)
    photos: ClassVar[Field] = Field("照片", kind=COUNT, unit="张", computed="=", width=6, help="挂在这一榜上的附件；张榜时和期满时各拍一张")


class Objection(Record):
    """异议。"""

    __tablename__ = "objection"
    __keys__ = (("line",),)
    __title__ = ("line", "raised_by")
    __home__ = ("posting", "household", "office")
    __group__ = "征地安置"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    posting: Mapped[Ref | None] = field("公示", to="posting", width=24)
    household: Mapped[Ref | None] = field("移民户", to="household", width=16)
    raised_by: Mapped[Text] = field("提出人")
    about: Mapped[Text | None] = field("涉及事项", width=20)
    filed_on: Mapped[Day] = field("提出日期")
    claim: Mapped[Note | None] = field("异议内容", width=28)
    category: Mapped[Word | None] = field("类别", words="objection", grid=False)
    petition: Mapped[Ref | None] = field("转为信访件", to="petition", computed="=f", grid=False)
    state: ClassVar[Field] = Field("办理情况", kind=TEXT, computed="=", width=11)


class Recheck(Record):
    """复核。"""

    __tablename__ = "recheck"
    __keys__ = (("line",),)
    __title__ = ("line",)
    __home__ = ("asset", "parcel", "objection", "office")
    __group__ = "征地安置"
    __made_by__ = "复核改数、答复异议"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    objection: Mapped[Ref | None] = field("异议", to="objection", width=16)
    asset: Mapped[Ref | None] = field("实物", to="asset", width=16)
    parcel: Mapped[Ref | None] = field("地块", to="parcel", width=16)
    old_quantity: Mapped[Quantity | None] = field("原数量", computed="=f")
    new_quantity: Mapped[Quantity | None] = field("复核数量")
    held_on: Mapped[Day] = field("复核日期")
    team: Mapped[Text | None] = field("复核人员", width=18)
    result: Mapped[Note | None] = field("复核结论", width=24)
