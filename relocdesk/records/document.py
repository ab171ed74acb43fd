"""About every record: attachments, imports, rules overruled with a reason, hand-overs and what was reported."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from relocdesk.field import TEXT, Choice, Code, Count, Day, Kind, Note, Number, Text, Value, field
from relocdesk.records.record import Moment, Record

# What may be let pass with a reason (放行), as people call it.
RULES = {"ID_CHECK": "身份证号校验位", "ID_PROVINCE": "身份证号省份代码", "ID_DATE": "身份证号出生日期", "ID_LENGTH": "身份证号位数",
         "ID_DIFFERS": "与身份证号一致", "CARD_CHECK": "银行卡号校验位", "USCC_CHECK": "统一社会信用代码校验位",
         "R20": "现状人口核定后不再增加", "BEFORE_START": "发生在扶持起始以前"}  # fmt: skip


@cache
def _labels() -> tuple[dict[str, str], dict[str, str]]:
    """Registers and fields by their names; of fields named alike the first counts."""
    from relocdesk.records import REGISTERS  # noqa: PLC0415 -- circular import: the list holds this family

    fields = {f.name: f.label for reg in reversed(REGISTERS) for f in reversed(reg.fields)}
    return {reg.name: reg.label for reg in REGISTERS}, fields


def _called(value: Value, known: dict[str, str]) -> str:
    return "" if value is None else known.get(str(value), str(value))


# Names of the program, kept as they are in workbooks so that these import back unchanged.
REGISTER_NAME = Kind("text", TEXT.read, show=lambda value: _called(value, _labels()[0]))
FIELD_NAME = Kind("text", TEXT.read, show=lambda value: _called(value, _labels()[1]))
RULE_NAME = Kind("text", TEXT.read, show=lambda value: _called(value, RULES))
RegisterName = Annotated[str, mapped_column(String), REGISTER_NAME]
FieldName = Annotated[str, mapped_column(String), FIELD_NAME]
RuleName = Annotated[str, mapped_column(String), RULE_NAME]


class ImportState(Choice):
    APPLIED = "applied", "已入账"
    WITHDRAWN = "withdrawn", "已撤回"


class Direction(Choice):
    SENT = "sent", "交出"
    RECEIVED = "received", "接收"


class Attachment(Record):
    """附件。"""

    __tablename__ = "attachment"
    __keys__ = (("register", "record", "sha256"),)
    __title__ = ("name",)
    __home__ = ("office",)
    __made_by__ = "添加附件"

    register: Mapped[RegisterName] = field("台账", grid=False)
    record: Mapped[Text] = field("记录", grid=False)
    name: Mapped[Text] = field("文件名", width=28)
    type: Mapped[Text | None] = field("类型")
    size: Mapped[Count] = field("大小", unit="字节")
    sha256: Mapped[Text] = field("校验值", grid=False)


class ImportBatch(Record):
    """导入批次。"""

    __tablename__ = "import_batch"
    __keys__ = (("line",),)
    __title__ = ("line", "file")
    __home__ = ("office",)
    __kept__ = True
    __made_by__ = "导入"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    register: Mapped[RegisterName] = field("台账", computed="=f")
    file: Mapped[Text] = field("文件", width=28, computed="=f")
    sheet: Mapped[Text | None] = field("工作表", computed="=f")
    mapping: Mapped[Note | None] = field("列对应", computed="=f", grid=False)
    new: Mapped[Count] = field("新增", computed="=f", default=0)
    changed: Mapped[Count] = field("变更", computed="=f", default=0)
    same: Mapped[Count] = field("相同", computed="=f", default=0)
    problems: Mapped[Count] = field("有问题", computed="=f", default=0)
    applied_at: Mapped[Moment | None] = field("入账时间", width=18, computed="=f")
    applied_by: Mapped[Text | None] = field("经办", computed="=f")
    action: Mapped[Text | None] = field("操作", computed="=f", grid=False)
    state: Mapped[Code] = field("状态", choices=ImportState, computed="=f", default="applied")


class Override(Record):
    """放行。"""

    __tablename__ = "override"
    __keys__ = (("line",),)
    __title__ = ("line", "rule")
    __home__ = ("office",)
    __made_by__ = "放行"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    register: Mapped[RegisterName] = field("台账")
    record: Mapped[Text] = field("记录", grid=False)
    rule: Mapped[RuleName] = field("规则", width=16)
    field_name: Mapped[FieldName | None] = field("栏目")
    value: Mapped[Text | None] = field("取值", private=True)
    reason: Mapped[Text] = field("放行理由", width=28)
    granted_by: Mapped[Text | None] = field("放行人")
    granted_on: Mapped[Day | None] = field("放行日期")


class HandOver(Record):
    """交接。"""

    __tablename__ = "hand_over"
    __keys__ = (("line",),)
    __title__ = ("line", "office")
    __home__ = ("office",)
    __made_by__ = "交接"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    direction: Mapped[Code] = field("方向", choices=Direction)
    office: Mapped[Text] = field("对方单位", width=22)
    sequence: Mapped[Count] = field("序号")
    previous: Mapped[Text | None] = field("上次摘要", grid=False)
    counts: Mapped[Note | None] = field("数量与合计", grid=False)
    handed_on: Mapped[Day] = field("交接日期")
    handed_by: Mapped[Text | None] = field("经办")


class ReportSnapshot(Record):
    """上报快照。"""

    __tablename__ = "report_snapshot"
    __keys__ = (("line",),)
    __title__ = ("line", "sent_to")
    __home__ = ("office",)
    __kept__ = True
    __made_by__ = "上报"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    sent_to: Mapped[Text] = field("报送单位", width=22)
    as_of: Mapped[Day] = field("截止日期")
    figures: Mapped[Note] = field("数字", grid=False)
    reported_on: Mapped[Day] = field("报送日期")
    reported_by: Mapped[Text | None] = field("报送人")
