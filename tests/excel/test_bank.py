"""The bank's sheets: what comes back is read whatever the bank calls things; what cannot be read is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from relocdesk.actions.bank import BankRow
from relocdesk.errors import UserError
from relocdesk.excel.bank import bank_list, read_result
from relocdesk.excel.sheet import read_workbook
from relocdesk.records.payment import Payment, PaymentBatch
from tests.excel.ugly import grid
from tests.queries.sample import CLERK, fill, make_book


def test_a_result_is_read(tmp_path: Path) -> None:
    rows = [
        ["代发结果清单"],
        ["序号", "客户流水号", "收款人户名", "收款账号", "交易金额(元)", "处理状态", "失败原因", "入账日期"],
        [1, "DF2026-A001-0001", "张三", "6217003860012345678", 1234.5, "交易成功", None, "20261120"],
        [2, "DF2026-A001-0002", "李四", "6217 0038 6001 2345 678", "2,000.00", "退票", "户名不符", None],
        [None, "合计", None, None, 3234.5, None, None, None],
    ]
    assert read_result(grid(tmp_path / "回单.xlsx", rows)) == [
        BankRow(3, "DF2026-A001-0001", "张三", "6217003860012345678", 123450, True, "", "2026-11-20"),
        BankRow(4, "DF2026-A001-0002", "李四", "6217 0038 6001 2345 678", 200000, False, "户名不符", ""),
    ]


def test_amounts_may_be_in_ten_thousands_and_outcomes_in_many_words(tmp_path: Path) -> None:
    words = ["成功", "已入账", "Y", "0000", "失败", "未成功", "N", "退款"]
    rows = [["户名", "金额（万元）", "成功标志"], *(["张三", 0.12, word] for word in words)]
    found = read_result(grid(tmp_path / "回单.xlsx", rows))
    assert [(row.amount, row.ok) for row in found] == [(120000, True)] * 4 + [(120000, False)] * 4


def test_an_outcome_nobody_knows_is_refused_and_not_guessed(tmp_path: Path) -> None:
    rows = [["流水号", "户名", "金额", "结果"], ["1", "张三", 5, "处理中"], ["2", "李四", "约5", "成功"], ["3", "王五", None, "成功"]]
    with pytest.raises(UserError) as caught:
        read_result(grid(tmp_path / "回单.xlsx", rows))
    assert caught.value.text.startswith("银行回单有看不懂的内容：第2行“结果”：“处理中”不在可选项里")
    assert "第3行“金额”：“约5”不是数字" in caught.value.text
    assert "第4行缺金额" in caught.value.text


def test_a_sheet_without_outcomes_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="没有找到银行回单的表头"):
        read_result(grid(tmp_path / "回单.xlsx", [["流水号", "户名", "金额"], ["1", "张三", 5]]))


def test_the_list_for_the_bank_holds_transfers_and_their_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELOCDESK_HOME", str(tmp_path / "machine"))
    out = tmp_path / "代发.xlsx"
    with make_book(tmp_path / "乡.ledger") as book:
        fill(book)
        with book.read() as session, pytest.raises(UserError, match="兑付批次 B1 没有要转账的笔"):
            bank_list(session, session.query(PaymentBatch).one(), out)
        with book.change("补账号", CLERK) as (session, _):
            for n, line in enumerate(session.query(Payment).filter(Payment.result != "returned").order_by(Payment.amount), 1):
                line.result, line.paid_on = "due", None
                line.serial, line.account, line.bank = f"B1-{n:04d}", f"000{n}5678901", "龙陵农商行"
        with book.read() as session:
            assert bank_list(session, session.query(PaymentBatch).one(), out) == 2
    cells = read_workbook(out).sheets[0].cells
    assert [row[:6] for row in cells[2:]] == [
        ["流水号", "户名", "账号", "开户行", "金额（元）", "附言"],
        ["B1-0001", "王建国", "00015678901", "龙陵农商行", 1000, "移民补偿"],
        ["B1-0002", "柳树村一组", "00025678901", "龙陵农商行", 30000, "移民补偿"],
        ["合计", "2 笔", "", "", 31000, ""],
    ]
