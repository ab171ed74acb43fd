"""Funds (资金): allocated on paper, received in the account, interest, and spending that is not a payment to people."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from relocdesk.field import Choice, Code, Day, Fen, Number, Ref, Text, Year, field
from relocdesk.records.record import Record


class Fund(Choice):
    PROJECT = "project", "工程移民资金", "征地移民资金"
    SUBSIDY = "subsidy", "后扶直补", "直补资金"
    SUPPORT = "support", "后扶项目", "后扶项目资金"
    RESERVOIR = "reservoir", "库区基金"
    SMALL = "small", "小型水库扶助"
    BUDGET = "budget", "一般预算"
    SURPLUS = "surplus", "结余盘活", "盘活资金"
    LOCAL = "local", "地方配套", "配套资金", "县级配套", "财政配套"
    MERGED = "merged", "整合资金", "整合"
    SELF = "self", "自筹", "自筹资金", "群众自筹", "投工投劳"
    OTHER = "other", "其他"


OUTSIDE = (Fund.MERGED, Fund.SELF)
"""Money of a project that never lies in this office's accounts."""


class Source(Choice):
    PROVINCE = "province", "省", "省级"
    PREFECTURE = "prefecture", "市", "市级", "州"
    COUNTY = "county", "县", "县级"
    OWNER = "owner", "项目法人", "业主"
    OTHER = "other", "其他"


class Allocation(Record):
    """资金下达。"""

    __tablename__ = "allocation"
    __keys__ = (("document", "fund"),)
    __title__ = ("document",)
    __home__ = ("office",)
    __group__ = "资金"

    document: Mapped[Number] = field("文号", width=24, also=("下达文号", "文件"))
    source: Mapped[Code] = field("资金来源", choices=Source, also=("来源",))
    fund: Mapped[Code] = field("资金类别", choices=Fund, width=14)
    year: Mapped[Year] = field("资金年度", also=("年度",))
    issued_on: Mapped[Day] = field("下达日期")
    project: Mapped[Ref | None] = field("工程", to="project", width=18)
    support_project: Mapped[Ref | None] = field("后扶项目", to="support_project", width=18, grid=False)
    amount: Mapped[Fen] = field("金额", unit="元", width=16, also=("下达金额",))


class Receipt(Record):
    """资金到位。"""

    __tablename__ = "receipt"
    __keys__ = (("line",),)
    __title__ = ("line",)
    __home__ = ("allocation",)
    __group__ = "资金"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    allocation: Mapped[Ref] = field("下达文号", to="allocation", width=24, also=("文号",))
    received_on: Mapped[Day] = field("到账日期", also=("到位日期",))
    amount: Mapped[Fen] = field("金额", unit="元", width=16, also=("到位金额",))
    voucher: Mapped[Text | None] = field("凭证号")


class Interest(Record):
    """利息。"""

    __tablename__ = "interest"
    __keys__ = (("line",),)
    __title__ = ("line",)
    __home__ = ("office",)
    __group__ = "资金"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    fund: Mapped[Code] = field("资金类别", choices=Fund, width=14)
    received_on: Mapped[Day] = field("入账日期")
    amount: Mapped[Fen] = field("金额", unit="元", width=16)


class Spending(Record):
    """其他支出。"""

    __tablename__ = "spending"
    __keys__ = (("line",),)
    __title__ = ("line", "payee")
    __home__ = ("office",)
    __group__ = "资金"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    paid_on: Mapped[Day] = field("支付日期")
    payee: Mapped[Text] = field("收款方", width=22)
    purpose: Mapped[Text] = field("用途", width=26)
    amount: Mapped[Fen] = field("金额", unit="元", width=16)
    fund: Mapped[Code] = field("资金类别", choices=Fund, width=14)
    project: Mapped[Ref | None] = field("工程", to="project", width=18, grid=False)
