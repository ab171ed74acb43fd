"""The bank's sheets: the list a batch goes out with, and the result that comes back read into rows.

Which line a row of the result belongs to is decided by `actions.bank`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.approval import refuse_held
from relocdesk.actions.bank import BankRow, Payable
from relocdesk.actions.payment import need
from relocdesk.actions.period_steps import to_bank
from relocdesk.entry import place_code, read_cell
from relocdesk.errors import UserError
from relocdesk.excel.body import read_body
from relocdesk.excel.header import find_head
from relocdesk.excel.paper import Column, Rows, figure, save, table, text
from relocdesk.excel.sheet import read_workbook
from relocdesk.field import DAY, MONEY, TEXT, Choice, Field, Register
from relocdesk.job import Tick, no_tick
from relocdesk.queries.roster import period_name
from relocdesk.records import home_id
from relocdesk.records.payment import BatchState, Payment, PaymentBatch, PayResult
from relocdesk.records.support import Period

_TITLES = ("流水号", "户名", "账号", "开户行", "金额（元）", "附言")
_WIDTHS = (18, 14, 26, 26, 16, 18)
_SHOWN = 5  # unreadable rows named in full


class Outcome(Choice):
    """How banks say that a payment went through or did not."""

    PAID = ("paid", "成功", "交易成功", "处理成功", "已成功", "已入账", "入账成功", "代发成功", "发放成功", "已发放", "成功入账", "支付成功", "已支付",
            "正常", "完成", "已完成", "SUCCESS", "success", "Success", "S", "s", "Y", "y", "是", "√", "1", "00", "0000", "000000", "OK", "ok")  # fmt: skip
    RETURNED = ("returned", "失败", "交易失败", "处理失败", "退回", "退票", "已退回", "退款", "入账失败", "代发失败", "发放失败", "支付失败",
                "未成功", "不成功", "被退回", "已退票", "拒绝", "异常", "FAIL", "fail", "Fail", "FAILED", "failed", "F", "f", "N", "n", "否",
                "×", "ERROR", "error")  # fmt: skip


RESULT = Register(
    name="bank_result", label="银行回单", cls=BankRow, keys=(("serial",),), title=("serial",), home=(), group="", frozen=None, kept=False,
    reference=False,
    fields=(
        Field("流水号", "serial", also=("序列号", "明细号", "客户流水号", "业务流水号", "交易流水号", "企业流水号", "客户业务编号")),
        Field("户名", "name", also=("收款人", "收款人户名", "收款户名", "姓名", "账户名称", "收款人名称", "收款人姓名", "账户名", "客户名称", "对方户名")),
        Field("账号", "account", also=("收款账号", "收款人账号", "卡号", "银行账号", "账户", "账号/卡号", "卡/账号", "对方账号", "收款账户")),
        Field("金额", "amount", MONEY, required=True, unit="元", also=("发放金额", "交易金额", "实发金额", "代发金额", "支付金额", "发生额", "入账金额")),
        Field("结果", "outcome", TEXT, required=True, choices=Outcome,
              also=("处理结果", "状态", "交易状态", "成功标志", "处理状态", "代发结果", "交易结果", "入账状态", "发放状态",
                    "发放结果", "支付结果", "支付状态", "是否成功")),
        Field("失败原因", "reason", also=("退回原因", "原因", "错误信息", "返回信息", "备注", "错误原因", "处理信息", "退票原因", "摘要", "说明", "附加信息")),
        Field("日期", "paid_on", DAY, also=("交易日期", "入账日期", "处理日期", "发放日期", "支付日期", "记账日期", "到账日期", "交易时间", "入账时间")),
    ),
)  # fmt: skip


def bank_list(session: Session, batch: PaymentBatch | Period, out: Path) -> int:
    """Writes the list of a batch or roster for the bank, with its total as last line; returns how many payments.

    Only approved payments that still wait, so that no list ever pays what was not approved or has its result; payments
    without an account (cash) are not on it. Raises UserError when there is none to send.
    """
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import

    lines = waiting_transfers(session, batch)
    name = period_name(session, batch) if isinstance(batch, Period) else f"批次：{batch.number}"
    if not lines:
        raise UserError(f"{'' if isinstance(batch, Period) else '兑付'}{name.replace('：', ' ')} 没有要转账的笔", hint="请先编入兑付明细，并补齐银行账号")
    book: Any = Workbook(write_only=True)
    office = settings.this_office(session, home_id(place_code(session)))
    about = f"单位：{office.name if office else ''}　　{name}　　共 {len(lines)} 笔"
    columns = [Column(title, width, "#,##0.00" if n == 4 else "@") for n, (title, width) in enumerate(zip(_TITLES, _WIDTHS, strict=True))]
    cells = table(book, "代发明细", "代发明细表", about, columns)
    remark = settings.text(session, "subsidy.remark" if isinstance(batch, Period) else "bank.remark")
    save(book, out, {"代发明细": (cells, _list_rows(lines, remark))})
    return len(lines)


def waiting_transfers(session: Session, batch: PaymentBatch | Period) -> Sequence[Payable]:
    """The lines that the bank is to pay, in the order of their serial numbers (of a roster: in its own order)."""
    if isinstance(batch, Period):
        return to_bank(session, batch)
    need(batch, "做银行代发清单", BatchState.APPROVED, BatchState.SENT)
    ask = select(Payment).where(Payment.batch == batch.id, Payment.deleted == 0, Payment.account.is_not(None), Payment.result == PayResult.DUE)
    lines = session.scalars(ask.order_by(Payment.serial, Payment.id)).all()
    clerk = session.info.get("clerk")
    refuse_held(session, clerk.on if clerk else str(session.scalar(select(func.on_day()))), lines, "列入代发清单")
    return lines


def _list_rows(lines: Sequence[Payable], remark: str) -> Rows:
    for line in lines:
        yield (*(text(words or "") for words in (line.serial, line.payee_name, line.account, line.bank)), figure(MONEY.plain(line.amount)), text(remark))
    yield "合计", f"{len(lines)} 笔", None, None, figure(MONEY.plain(sum(line.amount for line in lines))), None


def read_result(path: Path, tick: Tick = no_tick) -> list[BankRow]:
    """The rows of a bank's result: 流水号, 户名, 账号, 金额, 成功 or not, reason, day.

    Raises UserError naming row and cell when a row cannot be read: nothing of a result is guessed.
    """
    book = read_workbook(Path(path), tick)
    found = [(hit[0], sheet, hit[1]) for sheet in book.sheets if (hit := find_head(sheet, RESULT)) is not None]
    found = [one for one in found if {"amount", "outcome"} <= {column.field.name for column in one[2].columns}]
    if not found:
        raise UserError(f"“{book.path.name}”里没有找到银行回单的表头", hint="表头里要有金额和结果两栏，最好还有流水号、户名、账号")
    _, sheet, head = max(found, key=lambda one: one[0])
    body = read_body(sheet, head)
    rows, flaws = [], [f"第{trouble.row}行：{trouble.text}" for trouble in body.problems]
    for number, cells in body.rows:
        got = {f.name: read_cell(f, cell) for f, cell in zip(body.fields, cells, strict=True)}
        wrong = [f"第{number}行“{RESULT[name].label}”：{one[1]}" for name, one in got.items() if one[1]]
        wrong += [f"第{number}行缺{f.label}" for f in RESULT.fields if f.required and not wrong and got[f.name][0] is None]
        flaws += wrong
        if not wrong:
            rows.append(_bank_row(number, {name: one[0] for name, one in got.items()}))
    if flaws:
        more = f"；另有 {len(flaws) - _SHOWN} 处" if len(flaws) > _SHOWN else ""
        raise UserError("银行回单有看不懂的内容：" + "；".join(flaws[:_SHOWN]) + more, hint="请在文件里改正后再登记")
    return rows


def _bank_row(number: int, values: dict[str, Any]) -> BankRow:
    return BankRow(
        number, str(values.get("serial") or ""), str(values.get("name") or ""), str(values.get("account") or ""), int(values["amount"]),
        values["outcome"] == Outcome.PAID, str(values.get("reason") or ""), str(values.get("paid_on") or ""),
    )  # fmt: skip

