"""Money to people (兑付): batches, their lines, and why an agreed amount has not been paid yet."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.field import COUNT, FLAG, MONEY, Account, Choice, Code, Count, Day, Fen, Field, Number, Ref, Text, Word, field
from relocdesk.records.fund import Fund
from relocdesk.records.record import Record


class BatchKind(Choice):
    LAND = "land", "征地补偿"
    HOUSE = "house", "房屋补偿"
    MOVE = "move", "搬迁补助"
    REWARD = "reward", "奖励"
    OTHER = "other", "其他"


class BatchState(Choice):
    OPEN = "open", "编制"
    CHECKED = "checked", "审核", "已审核"
    APPROVED = "approved", "已批"
    SENT = "sent", "已送银行"
    RECONCILED = "reconciled", "已对账"
    CLOSED = "closed", "关闭"


class PayResult(Choice):
    DUE = "due", "待付"
    PAID = "paid", "成功", "已付"
    RETURNED = "returned", "退回", "失败", "退票"


class PaymentBatch(Record):
    """兑付批次。"""

    __tablename__ = "payment_batch"
    __keys__ = (("number",),)
    __title__ = ("number",)
    __home__ = ("office",)
    __group__ = "征地安置"
    __frozen__ = ("state", "approved", "sent", "reconciled", "closed")
    __kept__ = True

    number: Mapped[Number] = field("批次编号", width=18, also=("批次", "批次号"))
    project: Mapped[Ref | None] = field("工程", to="project", width=16, grid=False)
    kind: Mapped[Code] = field("类别", choices=BatchKind, width=10)
    fund: Mapped[Code] = field("资金类别", choices=Fund, default="project", width=14)
    made_on: Mapped[Day] = field("制表日期")
    made_by: Mapped[Text | None] = field("制表", width=8)
    checked_by: Mapped[Text | None] = field("复核", width=8, computed="=f")
    approved_by: Mapped[Text | None] = field("审批", width=8, computed="=f")
    same_person_reason: Mapped[Text | None] = field("同人经办原因", grid=False)
    sent_on: Mapped[Day | None] = field("送银行日期", computed="=f", grid=False)
    state: Mapped[Code] = field("状态", choices=BatchState, default="open", width=8)
    lines: ClassVar[Field] = Field("笔数", kind=COUNT, computed="=", width=8)
    total: ClassVar[Field] = Field("批次金额", kind=MONEY, unit="元", computed="=", width=14)
    paid: ClassVar[Field] = Field("成功金额", kind=MONEY, unit="元", computed="=", width=14)
    returned: ClassVar[Field] = Field("退回金额", kind=MONEY, unit="元", computed="=", width=12)


class Payment(Record):
    """兑付。"""

    __tablename__ = "payment"
    __keys__ = (("batch", "agreement", "household?", "collective?", "attempt"),)
    __title__ = ("serial", "payee_name")
    __home__ = ("batch",)
    __group__ = "征地安置"
    __frozen__ = ("batch.state", "approved", "sent", "reconciled", "closed")

    batch: Mapped[Ref] = field("批次编号", to="payment_batch", part_of=True, width=16, also=("批次",))
    serial: Mapped[Text | None] = field("流水号", computed="=f", width=16)
    agreement: Mapped[Ref] = field("协议编号", to="agreement", width=20, also=("协议号",))
    household: Mapped[Ref | None] = field("收款户", to="household", width=16, together="owner", also=("户号", "户编号"))
    collective: Mapped[Ref | None] = field("收款集体", to="collective_unit", width=18, together="owner", also=("集体",))
    payee_name: Mapped[Text | None] = field("收款人户名", width=12, together="holder", private=True, also=("户名", "收款人", "姓名"))
    account: Mapped[Account | None] = field("银行账号", width=22, together="holder", private=True, also=("账号", "卡号"))
    bank: Mapped[Text | None] = field("开户行", width=18, together="holder", grid=False, also=("开户银行",))
    amount: Mapped[Fen] = field("金额", unit="元", width=14, also=("兑付金额", "实发金额"))
    attempt: Mapped[Count] = field("第几次", default=1, width=6, grid=False)
    paid_on: Mapped[Day | None] = field("兑付日期", together="result", also=("支付日期", "到账日期"))
    result: Mapped[Code] = field("结果", choices=PayResult, default="due", together="result", width=8)
    return_reason: Mapped[Word | None] = field("退回原因", words="return_reason", together="result", width=14)
    again_of: Mapped[Ref | None] = field("重付何笔", to="payment", computed="=f", grid=False)
    collected_by: Mapped[Ref | None] = field("代领授权", to="authorisation", grid=False)


class UnpaidReason(Record):
    """未付原因。"""

    __tablename__ = "unpaid_reason"
    __keys__ = (("agreement", "household?", "collective?"),)
    __title__ = ("agreement", "reason")
    __home__ = ("agreement",)
    __group__ = "征地安置"

    agreement: Mapped[Ref] = field("协议编号", to="agreement", width=20)
    household: Mapped[Ref | None] = field("收款户", to="household", width=16, together="owner")
    collective: Mapped[Ref | None] = field("收款集体", to="collective_unit", width=18, together="owner")
    reason: Mapped[Word] = field("原因", words="unpaid_reason", width=14)
    owner: Mapped[Text | None] = field("责任人")
    next_step: Mapped[Text | None] = field("下一步", width=24)
    since: Mapped[Day | None] = field("起始日期")
    waiting: ClassVar[Field] = Field("还有未付", kind=FLAG, computed="=", width=8, grid=False)
