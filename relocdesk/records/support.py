"""After-support (后期扶持): who was approved, who receives, what changed, what was paid period by period, what must come back.

A person stands once in the register of people; a recipient keeps the facts of support only. States, end months and the month
from which payment stops follow from the changes and the dated policy rows and are never typed.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.field import (
    COUNT,
    DAY,
    IDCARD,
    MONEY,
    MONTH,
    OPEN_CHOICE,
    TEXT,
    Account,
    Choice,
    Code,
    Count,
    Day,
    Fen,
    Field,
    Month,
    Note,
    Number,
    Phone,
    PlaceRef,
    Ref,
    Text,
    Word,
    Year,
    field,
)
from relocdesk.records.fund import Fund
from relocdesk.records.household import Sex
from relocdesk.records.record import Record


class Cohort(Choice):
    """国发〔2006〕17号: moved up to 2006-06-30, or later (approved batch by batch)."""

    PRESENT = "present", "现状人口", "现状", "老移民"
    ORIGINAL = "original", "原迁人口", "原迁", "新增人口"


class SupportWay(Choice):
    DIRECT = "direct", "直补", "直接补助", "资金直补"
    PROJECT = "project", "项目", "项目扶持"
    BOTH = "both", "直补和项目", "直补+项目", "直补与项目"


class ChangeKind(Choice):
    REDUCE = "reduce", "核减", "减员", "减少"
    RESTORE = "restore", "恢复", "恢复发放"
    MOVE_IN = "move_in", "迁入", "转入"
    MOVE_OUT = "move_out", "迁出", "转出"
    MOVE = "move", "辖内迁移", "内部迁移", "组间调整", "村组变更"
    CORRECT = "correct", "更正", "信息更正"
    ACCOUNT = "account", "账户变更", "变更账户"


class ReduceReason(Choice):
    """云搬发〔2022〕174号; D5 is spelled out by the office's own list."""

    HIRED = "D1", "D1 录用", "录用", "录聘用", "公职", "财政供养", "提干"
    HUKOU = "D2", "D2 转非", "转非", "农转非", "转为非农业户口"
    DEAD = "D3", "D3 死亡", "死亡", "死亡核减", "宣告死亡"
    PRISON = "D4", "D4 服刑", "服刑", "判刑"
    OTHER = "D5", "D5 其他", "其他"


class PeriodState(Choice):
    OPEN = "open", "编制"
    POSTED = "posted", "公示"
    CHECKED = "checked", "审核", "已审核"
    APPROVED = "approved", "已批"
    SENT = "sent", "已送银行"
    PAID = "paid", "已发"
    CLOSED = "closed", "关闭"


class LineKind(Choice):
    NORMAL = "n", "正常"
    BACK = "b", "补发"


class LineResult(Choice):
    """As PayResult; all codes of a line that waits and of one that arrived are equally long, so that taking in a bank's result
    moves no row of a full page (33 bytes a line of the book)."""

    DUE = "wait", "待付"
    PAID = "paid", "成功", "已付", "已发"
    RETURNED = "returned", "退回", "失败", "退票"


class ApprovalList(Record):
    """核定名册。"""

    __tablename__ = "approval_list"
    __keys__ = (("number",),)
    __title__ = ("number", "reservoir")
    __home__ = ("place", "office")
    __group__ = "后期扶持"

    number: Mapped[Number] = field("名册编号", width=18, also=("核定文号", "编号", "批次"))
    reservoir: Mapped[Word] = field("所属水库", words="reservoir", width=16, also=("水库", "水库名称", "水库（电站）"))
    place: Mapped[PlaceRef | None] = field("乡镇", to="place", width=16, also=("行政区划",))
    approved_on: Mapped[Day] = field("核定日期", also=("批准日期",))
    document: Mapped[Text | None] = field("文号", width=22, also=("批复文号",))
    base_count: Mapped[Count] = field("核定基准人数", unit="人", width=10, also=("核定人数", "基准人数"))
    listed: ClassVar[Field] = Field("在册登记", kind=COUNT, unit="人", computed="=", width=10)


class Recipient(Record):
    """后扶人口。"""

    __tablename__ = "recipient"
    __keys__ = (("idcard",),)
    __title__ = ("name",)
    __home__ = ("place",)
    __group__ = "后期扶持"

    person: Mapped[Ref | None] = field("人员", to="person", computed="=f", grid=False)
    name: ClassVar[Field] = Field("姓名", kind=TEXT, via="person.name", required=True, width=10,
                                  also=("移民姓名", "后扶人口姓名", "直补对象", "补助对象", "领取人"))  # fmt: skip
    idcard: ClassVar[Field] = Field("身份证号", kind=IDCARD, via="person.idcard", required=True, width=20, private=True,
                                    also=("身份证", "公民身份号码", "证件号码", "身份证号码", "公民身份证号码", "证件号"))  # fmt: skip
    sex: ClassVar[Field] = Field("性别", choices=Sex, computed="=", width=6, grid=False)
    born_on: ClassVar[Field] = Field("出生日期", kind=DAY, computed="=", grid=False, also=("出生年月", "出生"))
    ethnic: ClassVar[Field] = Field("民族", kind=OPEN_CHOICE, words="nation", via="person.ethnic", width=8, grid=False)
    place: Mapped[PlaceRef] = field("村组", to="place", width=20, also=("村民小组", "住址", "地址", "所在村组", "行政区划", "组别", "户籍地"))
    state: ClassVar[Field] = Field("状态", kind=TEXT, computed="=", width=8)
    reservoir: Mapped[Word] = field("所属水库", words="reservoir", width=14, also=("水库", "水库名称", "水库（电站）", "水库(电站)", "电站"))
    household_no: Mapped[Number | None] = field("户号", width=10, grid=False, also=("户编号", "户编码"))
    head_name: Mapped[Text | None] = field("户主", width=10, also=("户主姓名",))
    relation: Mapped[Word | None] = field("与户主关系", words="relation", grid=False, also=("关系", "家庭关系"))
    cohort: Mapped[Code] = field("人口类型", section="核定", choices=Cohort, width=10, also=("人口类别", "移民类型"))
    moved_on: Mapped[Day | None] = field("搬迁日期", section="核定", grid=False, also=("搬迁时间", "搬迁完成日期"),
                                         help="原迁人口从各人搬迁完成起算二十年")  # fmt: skip
    approval: Mapped[Ref | None] = field("核定名册", section="核定", to="approval_list", grid=False, also=("名册编号", "核定文号"))
    support: Mapped[Code] = field("扶持方式", section="核定", choices=SupportWay, width=10, also=("补助方式",))
    start_month: Mapped[Month] = field("起始月", section="核定", also=("扶持起始", "开始年月", "起始年月", "扶持起始月"))
    end_month: ClassVar[Field] = Field("截止月", kind=MONTH, section="核定", computed="=", also=("扶持截止", "截止年月", "扶持截止月"))
    account_name: Mapped[Text | None] = field("户名", section="账户", together="holder", private=True, grid=False,
                                              also=("账户名", "开户名", "收款人户名", "账户名称"))  # fmt: skip
    account: Mapped[Account | None] = field("银行账号", section="账户", together="holder", private=True, width=22, grid=False,
                                            also=("卡号", "一卡通账号", "账号", "银行卡号", "收款账号", "一折通账号", "银行账户"))  # fmt: skip
    bank: Mapped[Text | None] = field("开户行", section="账户", together="holder", grid=False, width=18, also=("开户银行", "银行", "开户网点"))
    payee_relation: Mapped[Word | None] = field("户名与本人关系", section="账户", words="relation", grid=False, also=("与本人关系",))
    phone: Mapped[Phone | None] = field("联系电话", section="账户", private=True, grid=False, also=("电话", "手机", "手机号", "联系方式"))
    alive_on: Mapped[Day | None] = field("生存认证日期", section="认证", grid=False, also=("认证日期",))


class RecipientChange(Record):
    """人口动态。"""

    __tablename__ = "recipient_change"
    __keys__ = (("recipient", "kind", "happened_on", "item?"),)
    __title__ = ("person_name", "kind")
    __home__ = ("recipient",)
    __group__ = "后期扶持"

    recipient: Mapped[Ref] = field("后扶人口", to="recipient", width=20, private=True, grid=False,
                                   also=("身份证号", "身份证", "身份证号码", "公民身份号码", "证件号码"))  # fmt: skip
    person_name: ClassVar[Field] = Field("姓名", kind=TEXT, computed="=", width=10, also=("移民姓名", "核减人员"))
    kind: Mapped[Code] = field("动态", choices=ChangeKind, width=10, also=("变动类型", "类别", "类型"))
    reason: Mapped[Code | None] = field("原因", choices=ReduceReason, width=10, also=("核减原因", "变动原因", "核减原因代码", "减员原因"))
    detail: Mapped[Word | None] = field("具体原因", words="reduce_detail", width=14, also=("原因说明", "其他原因"))
    happened_on: Mapped[Day] = field("发生日期", also=("变动日期", "死亡日期", "死亡时间", "录用日期", "发生时间"))
    found_on: Mapped[Day | None] = field("发现日期", also=("上报日期", "发现时间"))
    stops_from: ClassVar[Field] = Field("停发（恢复）起始月", kind=MONTH, computed="=", also=("停发期", "停发月份"))
    until_on: Mapped[Day | None] = field("刑期截止日期", grid=False, also=("刑满日期", "释放日期"), help="服刑核减的，填判决书上的刑期截止日")
    from_place: Mapped[PlaceRef | None] = field("原村组", to="place", grid=False)
    to_place: Mapped[PlaceRef | None] = field("现村组", to="place", grid=False)
    item: Mapped[Text | None] = field("更正栏目", grid=False)
    old_value: Mapped[Text | None] = field("更正前", grid=False, private=True)
    new_value: Mapped[Text | None] = field("更正后", grid=False, private=True)
    proof: Mapped[Text | None] = field("证明材料", width=22, also=("证明材料及编号", "证明"))
    document: Mapped[Text | None] = field("文号", grid=False)
    posted: Mapped[Ref | None] = field("公示", to="posting", computed="=f", grid=False)
    approved_on: Mapped[Day | None] = field("核准日期", computed="=f", grid=False)
    approved_by: Mapped[Text | None] = field("核准人", computed="=f", grid=False)
    over_paid: ClassVar[Field] = Field("多发金额", kind=MONEY, unit="元", computed="=", width=12)


class Period(Record):
    """直补发放期。"""

    __tablename__ = "period"
    __keys__ = (("year", "number", "place?"),)
    __title__ = ("year", "number", "place")
    __home__ = ("place", "office")
    __group__ = "后期扶持"
    __frozen__ = ("state", "approved", "sent", "paid", "closed")
    __kept__ = True

    year: Mapped[Year] = field("年度", width=6)
    number: Mapped[Count] = field("期次", width=6, also=("第几期", "期数"))
    place: Mapped[PlaceRef | None] = field("乡镇", to="place", width=14, help="一期名册只含一个乡镇的人口")
    first_month: Mapped[Month] = field("起始月", also=("开始月",))
    last_month: Mapped[Month] = field("截止月", also=("结束月",))
    standard: Mapped[Fen] = field("标准", unit="元/人·年", width=12)
    fund: Mapped[Code] = field("资金类别", choices=Fund, default="subsidy", width=12, grid=False)
    frozen_on: Mapped[Day | None] = field("名册冻结日期", computed="=f", grid=False)
    base_count: Mapped[Count | None] = field("核定人数", unit="人", computed="=f", width=9)
    present: Mapped[Count | None] = field("现有人数", unit="人", computed="=f", width=9)
    heads: ClassVar[Field] = Field("发放人数", kind=COUNT, unit="人", computed="=", width=9)
    due: ClassVar[Field] = Field("实发合计", kind=MONEY, unit="元", computed="=", width=14)
    succeeded: ClassVar[Field] = Field("成功金额", kind=MONEY, unit="元", computed="=", width=14)
    returned: ClassVar[Field] = Field("退回金额", kind=MONEY, unit="元", computed="=", width=12)
    posted: Mapped[Ref | None] = field("公示", to="posting", computed="=f", grid=False)
    made_by: Mapped[Text | None] = field("制表", computed="=f", width=8)
    checked_by: Mapped[Text | None] = field("复核", computed="=f", width=8)
    approved_by: Mapped[Text | None] = field("审批", computed="=f", width=8)
    same_person_reason: Mapped[Text | None] = field("同人经办原因", grid=False)
    sent_on: Mapped[Day | None] = field("送银行日期", computed="=f", grid=False)
    paid_on: Mapped[Day | None] = field("发放日期")
    state: Mapped[Code] = field("状态", choices=PeriodState, default="open", width=8)


class SupportPayment(Record):
    """直补发放。"""

    __tablename__ = "support_payment"
    __keys__ = (("period", "recipient", "kind", "attempt"),)
    __title__ = ("person_name",)
    __home__ = ("period",)
    __group__ = "后期扶持"
    __frozen__ = ("period.state", "posted", "checked", "approved", "sent", "paid", "closed")
    __indexed__ = 2
    __unindexed__ = ("recipient",)  # a person's lines are found period by period through the key; millions of entries are saved

    period: Mapped[Ref] = field("发放期", to="period", part_of=True, width=12)
    recipient: Mapped[Ref] = field("后扶人口", to="recipient", width=20, private=True, also=("身份证号", "身份证", "公民身份号码", "证件号码"))
    person_name: ClassVar[Field] = Field("姓名", kind=TEXT, computed="=", width=10, also=("移民姓名", "领取人"))
    kind: Mapped[Code] = field("类别", choices=LineKind, default="n", width=6)
    months: Mapped[Count | None] = field("月数", computed="=f", width=6)
    due: Mapped[Fen | None] = field("应发", unit="元", computed="=f", width=12, also=("应发金额",))
    back_pay: Mapped[Fen] = field("补发", unit="元", default=0, width=12, also=("补发金额",))
    deducted: Mapped[Fen] = field("扣回", unit="元", default=0, width=12, also=("扣回金额", "扣减"))
    paid: Mapped[Fen | None] = field("实发", unit="元", computed="=f", width=12, also=("实发金额", "金额"))
    reason: Mapped[Text | None] = field("补扣原因", width=16, also=("补发扣回原因",))
    account_name: Mapped[Text | None] = field("户名", together="holder", private=True, width=10, also=("账户名", "收款人户名"))
    account: Mapped[Account | None] = field("银行账号", together="holder", private=True, width=22, also=("账号", "卡号"))
    bank: Mapped[Text | None] = field("开户行", together="holder", width=18, grid=False, also=("开户银行",))
    paid_on: Mapped[Day | None] = field("到账日期", together="result", grid=False, also=("发放日期", "支付日期"),
                                        help="空着就是本期的发放日期；与它不同的才填")  # fmt: skip
    settled_on: ClassVar[Field] = Field("实际到账日期", kind=DAY, computed="=", width=11)
    result: Mapped[Code] = field("结果", choices=LineResult, default="wait", together="result", width=8)
    return_reason: Mapped[Word | None] = field("退回原因", words="return_reason", together="result", width=14)
    attempt: Mapped[Count] = field("第几次", default=1, width=6, grid=False)


class Recovery(Record):
    """追缴。"""

    __tablename__ = "recovery"
    __keys__ = (("line",),)
    __title__ = ("line", "person_name")
    __home__ = ("recipient",)
    __group__ = "后期扶持"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    recipient: Mapped[Ref] = field("后扶人口", to="recipient", width=20, private=True, grid=False,
                                   also=("身份证号", "身份证", "身份证号码", "公民身份号码", "证件号码"))  # fmt: skip
    person_name: ClassVar[Field] = Field("姓名", kind=TEXT, computed="=", width=10)
    change: Mapped[Ref | None] = field("依据动态", to="recipient_change", grid=False)
    periods: Mapped[Text] = field("多发期次", width=20, also=("多发期数",))
    over_paid: Mapped[Fen] = field("多发金额", unit="元", width=12)
    told_on: Mapped[Day | None] = field("通知日期", also=("追缴通知日期",))
    due_on: Mapped[Day | None] = field("限期退回日期")
    recovered: Mapped[Fen] = field("已追回", unit="元", default=0, width=12, also=("追回金额",))
    deducted: Mapped[Fen] = field("其中扣回", unit="元", default=0, computed="=f", grid=False, width=12, help="从后面的发放里扣回的")
    recovered_on: Mapped[Day | None] = field("追回日期")
    voucher: Mapped[Text | None] = field("收据凭证号", grid=False)
    left: ClassVar[Field] = Field("未追回", kind=MONEY, unit="元", computed="=", width=12)
    story: Mapped[Note | None] = field("追缴经过", width=24, grid=False)
