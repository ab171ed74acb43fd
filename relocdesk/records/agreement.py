"""Agreements with the households and collectives, their frozen lines, and the printed sheets that people sign."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index
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
    Number,
    Quantity,
    Ref,
    Text,
    Word,
    field,
)
from relocdesk.records.document import RegisterName
from relocdesk.records.record import Moment, Record
from relocdesk.records.reference import PayeeType


class AgreementKind(Choice):
    PERMANENT = "permanent", "永久征地"
    TEMPORARY = "temporary", "临时用地"
    HOUSE = "house", "房屋及附属"
    CROP = "crop", "青苗林木"
    GRAVE = "grave", "坟墓"
    SPECIAL = "special", "专项"
    MIXED = "mixed", "综合"


class AgreementState(Choice):
    DRAFT = "draft", "草拟"
    REVIEWED = "reviewed", "审核", "已审核"
    SIGNED = "signed", "已签订", "签订", "已签"
    VOID = "void", "作废"


class SignedBy(Choice):
    SELF = "self", "本人"
    FAMILY = "family", "家庭代表"
    PROXY = "proxy", "委托代理", "代理人"
    FINGERPRINT = "fingerprint", "手印见证", "手印"


class PaperForm(Choice):
    """The papers that are registered when printed."""

    AGREEMENT = "agreement", "补偿补助协议"
    SURVEY_SHEET = "survey_sheet", "实物调查登记表（户表）"
    POSTING_NOTICE = "posting_notice", "公示表"
    PAYMENT_LIST = "payment_list", "补偿资金兑付明细表"
    PAYMENT_SUMMARY = "payment_summary", "补偿资金兑付汇总表"
    CARD = "card", "移民补偿资金明白卡"
    TRANSFER = "transfer", "土地移交单"
    SUBSIDY_ROSTER = "subsidy_roster", "直补发放花名册"
    VILLAGE_ROSTER = "village_roster", "直补发放花名册（分村）"
    REDUCTION_LIST = "reduction_list", "人口核减表"
    RESTORATION_LIST = "restoration_list", "人口恢复表"
    ACCOUNT_LIST = "account_list", "账户变更表"
    CORRECTION_LIST = "correction_list", "错误更正表"
    RECOVERY_NOTICE = "recovery_notice", "追缴通知书"
    CHECK_LIST = "check_list", "村组核对表"
    PETITION_DELIVERY = "petition_delivery", "送达回证"
    RECTIFY_REMINDER = "rectify_reminder", "整改提醒书"
    SIGN_OFF_REQUEST = "sign_off_request", "整改销号申请表"
    HOME_VISIT_SHEET = "home_visit_sheet", "家访情况登记表"
    PLEDGE_PAPER = "pledge_paper", "家庭助廉承诺书"
    POSTING_RESULT = "posting_result", "公示结果证明"
    POST_HANDOVER = "post_handover", "岗位交接单"
    ACCEPTANCE_OPINION = "acceptance_opinion", "后扶项目验收意见表"
    TRAINING_SIGN_IN = "training_sign_in", "移民培训签到册"


class Agreement(Record):
    """补偿补助协议。"""

    __tablename__ = "agreement"
    __keys__ = (("number",),)
    __title__ = ("number",)
    __home__ = ("household", "collective", "office")
    __group__ = "征地安置"
    __frozen__ = ("state", "signed", "void")
    __kept__ = True

    number: Mapped[Number] = field("协议编号", width=20, also=("编号", "协议号", "合同编号"))
    project: Mapped[Ref] = field("工程", to="project", width=16, grid=False, also=("工程名称", "项目名称"))
    household: Mapped[Ref | None] = field("乙方（户）", to="household", width=16, together="owner", also=("户号", "乙方", "户编号"))
    collective: Mapped[Ref | None] = field("乙方（集体）", to="collective_unit", width=20, together="owner", also=("集体", "乙方单位"))
    kind: Mapped[Code] = field("协议类别", choices=AgreementKind, width=10, also=("类别", "协议类型"))
    supplements: Mapped[Ref | None] = field("补充何协议", to="agreement", width=18, grid=False, also=("原协议编号",))
    party_a: Mapped[Text | None] = field("甲方", width=20, grid=False)
    handler: Mapped[Text | None] = field("经办人", width=10)
    witness: Mapped[Text | None] = field("见证方", grid=False)
    drafted_on: Mapped[Day | None] = field("起草日期")
    reviewed_on: Mapped[Day | None] = field("审核日期", grid=False)
    signed_on: Mapped[Day | None] = field("签订日期", also=("签约日期",))
    signed_by: Mapped[Code | None] = field("签字人", choices=SignedBy, section="签订", grid=False, also=("签订方式",))
    authorisation: Mapped[Ref | None] = field("授权委托", to="authorisation", section="签订", grid=False)
    sign_witness: Mapped[Text | None] = field("手印见证人", section="签订", grid=False)
    paper: Mapped[Text | None] = field("无打印件签订原因", section="签订", grid=False)
    copies: Mapped[Count] = field("份数", section="签订", default=4, grid=False, width=6)
    delivery: Mapped[Day | None] = field("交地期限", section="签订", grid=False)
    state: Mapped[Code] = field("状态", choices=AgreementState, default="draft", width=8)
    void_reason: Mapped[Text | None] = field("作废原因", section="签订", grid=False)
    party: ClassVar[Field] = Field("乙方名称", kind=TEXT, computed="=", width=16, grid=False)
    total: ClassVar[Field] = Field("协议金额", kind=MONEY, unit="元", computed="=", width=14, also=("总金额", "合计金额"))
    paid: ClassVar[Field] = Field("已兑付", kind=MONEY, unit="元", computed="=", width=14)
    lines: ClassVar[Field] = Field("明细行数", kind=COUNT, computed="=", width=8, grid=False)
    step: ClassVar[Field] = Field("办理进度", kind=TEXT, computed="=", width=10, grid=False)


class AgreementLine(Record):
    """协议明细。"""

    __tablename__ = "agreement_line"
    __keys__ = (("agreement", "order"),)
    __title__ = ("order", "item")
    __home__ = ("agreement",)
    __frozen__ = ("agreement.state", "signed", "void")

    agreement: Mapped[Ref] = field("协议编号", to="agreement", part_of=True, width=20)
    order: Mapped[Count] = field("序号", width=6)
    household: Mapped[Ref | None] = field("所属户", to="household", width=16, also=("户号",))
    parcel: Mapped[Ref | None] = field("地块", to="parcel", width=14, also=("地块编号",))
    asset: Mapped[Ref | None] = field("实物", to="asset", width=14, also=("实物编号",))
    kind: Mapped[Word] = field("补偿类别", words="price_kind", width=12, also=("类别", "费用类别"))
    item: Mapped[Text] = field("名称", width=12, also=("项目名称",))
    spec: Mapped[Text | None] = field("规格/结构", also=("规格", "结构"))
    unit: Mapped[Text] = field("单位", width=6)
    quantity: Mapped[Quantity] = field("数量", together="line")
    years: Mapped[Quantity | None] = field("年限", together="line", width=6, unit="年")
    unit_price: Mapped[Fen] = field("单价", unit="元", together="line")
    price: Mapped[Ref | None] = field("补偿标准", to="price_item", together="line", grid=False)
    payee_type: Mapped[Code] = field("收款对象", choices=PayeeType, width=8)
    amount: Mapped[Fen] = field("金额", unit="元", computed="=f", together="line", width=14)


class Printout(Record):
    """用印单据。"""

    __tablename__ = "printout"
    __keys__ = (("code",),)
    __title__ = ("code", "form")
    __home__ = ("office",)
    __group__ = "征地安置"
    __kept__ = True
    __made_by__ = "打印"

    code: Mapped[Number] = field("短码", width=10, computed="=f")
    form: Mapped[Code] = field("单据", choices=PaperForm, width=16, computed="=f")
    register: Mapped[RegisterName] = field("台账", computed="=f", grid=False)
    record: Mapped[Text | None] = field("记录", computed="=f", grid=False)
    subject: Mapped[Text | None] = field("事由", width=24, computed="=f")
    place: Mapped[Ref | None] = field("村组", to="place", width=20, computed="=f")
    printed_at: Mapped[Moment] = field("打印时间", width=16, computed="=f")
    printed_by: Mapped[Text | None] = field("打印人", computed="=f")
    copies: Mapped[Count] = field("份数", computed="=f", default=1, width=6)
    pages: Mapped[Count] = field("页数", computed="=f", default=1, width=6)
    digest: Mapped[Text] = field("内容摘要", computed="=f", grid=False)
    public: Mapped[Flag] = field("公示版", computed="=f", default=0, grid=False)
    returned_on: Mapped[Day | None] = field("收回日期")
    signer: Mapped[Code | None] = field("签字人", choices=SignedBy, section="签字")
    signer_reason: Mapped[Text | None] = field("代签原因", section="签字", grid=False)
    sign_witness: Mapped[Text | None] = field("见证人", section="签字", grid=False)
    scanned_on: Mapped[Day | None] = field("扫描归档日期")
    stale: ClassVar[Field] = Field("内容已变", kind=FLAG, computed="=", width=8)
    status: ClassVar[Field] = Field("单据状态", computed="=", width=10)


Index(None, Printout.__table__.c.record)  # every record's page asks for its papers
