"""补偿资金兑付明细表: a batch's lines to be signed for, and 兑付汇总表: the same money by place and kind of agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Amount, Facts, Notes, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import (
    Content,
    Form,
    Setting,
    first_ids,
    furniture,
    glyphs,
    in_words,
    lacking,
    money,
    one_each,
    open_gaps,
)
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.payment_papers import BatchData, PayLine, batches
from relocdesk.rules.days import chinese_date

LIST, SUMMARY = "补偿资金兑付明细表", "补偿资金兑付汇总表"


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = PaperReader(session)
    for data in batches(reader, first_ids(sheets)):
        yield Content(data.number, (data.id,), data.home, data.place_id, f"{data.number} {data.project}".strip(), data)


def list_needs(data: BatchData) -> list[Problem]:
    """A list to be signed needs for everybody a name and an account that can be written."""
    found = _nothing(data)
    for line in data.lines:
        who = f"{line.serial or line.agreement} {line.name}".strip()
        found += lacking(who, {"姓名": line.name}, "请在“移民户”里补填户主")
        found += open_gaps(who, {"账号": line.account}, "请补登银行账号后重新列入")
        found += glyphs(who, {"姓名": line.name, "户名": line.account_name, "开户行": line.bank})
    return found


def _nothing(data: BatchData) -> list[Problem]:
    if data.lines:
        return []
    return [Problem(f"批次{data.number}", "没有兑付明细，打印出来是空表；请先把协议列入批次")]


def list_group(data: BatchData, setting: Setting) -> Group:
    columns = [
        Column("序号", 2.8, "center"), Column("协议编号", 9.4), Column("收款人", 6), *([] if setting.public else [Column("身份证号", 9.4, "center")]),
        Column("补偿类别", 8.2), Column("金额（元）", 7.4, "right", total=True, show=money),
    ]  # fmt: skip
    if not setting.public:
        columns += [Column("开户行", 7), Column("户名", 5), Column("账号", 9.4, "center")]
        columns += [Column("领款人签字", 6), Column("手印", 4.4)]
    columns.append(Column("备注", 4.5))
    flows: list[Flow] = [
        Title(LIST, size=20.0), _facts(data),
        Table(columns, _rows(data, public=setting.public), subtotal="本页小计", running="累计", total="合计", size=9.0, least=22.0 if setting.public else 34.0),
        Amount(in_words(_sum(data.lines), data.zheng), money(_sum(data.lines))),
    ]  # fmt: skip
    if not setting.public:
        flows.append(Notes(["委托他人领取的，凭签字的授权委托书，由代领人签字并注明与收款人的关系。"]))
    signers = (f"制表：{data.made_by}", f"复核：{data.checked_by}", f"审批：{data.approved_by}", "日期：")
    margins = furniture(setting, LIST, mark=True, unit="单位：元", office=data.office, signers=signers)
    return Group(flows, margins, label=data.number)


def _rows(data: BatchData, *, public: bool) -> list[Row]:
    """Lines under the heads of their groups."""
    rows: list[Row] = []
    n = 0
    for place, lines in groupby(data.lines, lambda line: line.village + line.group):
        rows.append(place or "未写村组")
        for line in lines:
            n += 1
            row: list[str | int] = [str(n), line.agreement, line.name, *([] if public else [line.idcard]), line.items or line.kind, line.amount]
            row += [] if public else [line.bank, line.account_name, line.account, "", ""]
            rows.append([*row, ""])
    return rows


def _sum(lines: Sequence[PayLine]) -> int:
    return sum(line.amount for line in lines)


def _facts(data: BatchData) -> Facts:
    return Facts([("工程名称", data.project), ("批次编号", data.number), ("类别", data.kind), ("制表日期", chinese_date(data.made_on))],
                 across=4, label=4.5, after=4.0)  # fmt: skip


# --- summary ---------------------------------------------------------------------------------------------------------


def summary_group(data: BatchData, setting: Setting) -> Group:
    kinds = sorted({line.kind for line in data.lines})
    columns = [Column("序号", 2.8, "center"), Column("村委会", 8), Column("村民小组", 7), Column("笔数", 3.4, "right", total=True), *(
        Column(kind, 8, "right", group="补偿类别（元）", total=True, show=money) for kind in kinds),
        Column("合计（元）", 9, "right", total=True, show=money)]  # fmt: skip
    rows: list[Row] = []
    for n, ((village, group), found) in enumerate(groupby(data.lines, lambda line: (line.village, line.group)), 1):
        lines = list(found)
        rows.append([str(n), village, group, len(lines), *(_sum([one for one in lines if one.kind == kind]) or None for kind in kinds), _sum(lines)])
    flows: list[Flow] = [
        Title(SUMMARY, size=20.0), _facts(data), Table(columns, rows, subtotal="本页小计", total="合计", size=10.0),
        Amount(in_words(_sum(data.lines), data.zheng), money(_sum(data.lines))),
    ]  # fmt: skip
    if len({line.village for line in data.lines}) > 1:
        flows += [_by_village(data, kinds)]
    signers = (f"制表：{data.made_by}", f"复核：{data.checked_by}", f"审批：{data.approved_by}", "日期：")
    return Group(flows, furniture(setting, SUMMARY, mark=True, unit="单位：元", office=data.office, signers=signers), label=data.number)


def _by_village(data: BatchData, kinds: Sequence[str]) -> Table:
    columns = [Column("序号", 2.8, "center"), Column("村委会", 15), Column("笔数", 3.4, "right", total=True), *(
        Column(kind, 8, "right", total=True, show=money) for kind in kinds), Column("合计（元）", 9, "right", total=True, show=money)]  # fmt: skip
    rows: list[Row] = ["按村委会汇总"]
    for n, (village, found) in enumerate(groupby(data.lines, lambda line: line.village), 1):
        lines = list(found)
        rows.append([str(n), village, len(lines), *(_sum([one for one in lines if one.kind == kind]) or None for kind in kinds), _sum(lines)])
    return Table(columns, rows, total="合计", size=10.0, before=10.0)


def summary_load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    """The same batches without anything about persons: a summary does not change with somebody's account."""
    for content in load(session, sheets):
        lines = tuple(replace(line, name="", idcard="", account="", account_name="", bank="", items="") for line in content.data.lines)
        yield replace(content, data=replace(content.data, lines=lines))


PAYMENT_LIST = Form("payment_list", LIST, "payment_batch", one_each, load, list_needs, list_group, paper=Paper.form(lying=True), public="may",
                    help="按村组排列，供领款人签字按手印；公示版不印身份证号和账号")  # fmt: skip
PAYMENT_SUMMARY = Form("payment_summary", SUMMARY, "payment_batch", one_each, summary_load, _nothing, summary_group, paper=Paper.form(lying=True),
                       public="may", help="按村组和补偿类别汇总")  # fmt: skip
