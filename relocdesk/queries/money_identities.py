"""What must always hold between agreements, batches and payments, whoever wrote the rows; `verify` asks here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from relocdesk.errors import Problem
from relocdesk.queries.agreed import Standing, standings, unpaid
from relocdesk.records.agreement import Agreement
from relocdesk.records.payment import BatchState, Payment, PaymentBatch, PayResult
from relocdesk.rules.money import show_yuan

_ALWAYS = "9999-12-31"
_BEFORE_BANK = (BatchState.OPEN, BatchState.CHECKED)
_ANSWERED = (BatchState.RECONCILED, BatchState.CLOSED)


def money_identities(session: Session) -> list[Problem]:
    """Every place where money does not agree with what it rests on; empty when all is well.

    Paid and listed ≤ agreed with supplements (P05); nothing paid before signing or without a signed agreement (P04); payee,
    home and batch fit together; success + returned = sent once a batch is reconciled (R13); a returned line has at most one
    successor; the reasons for unpaid money add up to agreed − paid.
    """
    standing = standings(session)
    lines = _lines(session)
    problems = list(_families(standing))
    for line in lines:
        where = f"兑付 {line.serial or line.batch_number} {line.payee_name or ''}".rstrip()
        problems += [Problem(where, text) for text in (*_basis(line), *_result(line), *_batch(line))]
    problems += _doubles(lines)
    problems += _successors(session)
    problems += _reasons(session, standing)
    return problems


def _lines(session: Session) -> list[Any]:
    query = (
        select(
            Payment.id, Payment.home, Payment.batch, Payment.serial, Payment.payee_name, Payment.amount, Payment.result, Payment.paid_on,
            Payment.return_reason, Payment.household, Payment.collective, Payment.agreement, Payment.attempt,
            PaymentBatch.home.label("batch_home"), PaymentBatch.number.label("batch_number"), PaymentBatch.state.label("batch_state"),
            PaymentBatch.deleted.label("batch_deleted"), Agreement.number, Agreement.home.label("agreement_home"), Agreement.state,
            Agreement.deleted, Agreement.signed_on, Agreement.household.label("party"), Agreement.collective.label("party_collective"),
        )
        .join(PaymentBatch, Payment.batch == PaymentBatch.id)
        .join(Agreement, Payment.agreement == Agreement.id)
        .where(Payment.deleted == 0)
        .order_by(Payment.serial, Payment.id)
    )  # fmt: skip
    return list(session.execute(query))


def _families(standing: dict[str, Standing]) -> Iterator[Problem]:
    for one in standing.values():
        if one.over:
            yield Problem(f"协议 {one.number}", f"已付和已列入批次的比协议（含补充协议）多 {show_yuan(one.over)} 元，请核对后追回或去掉")


def _basis(line: Any) -> Iterator[str]:
    """What the line rests on: a signed agreement of the same payee, and an amount."""
    if line.amount <= 0:
        yield "金额不是正数"
    if line.result == PayResult.RETURNED:
        return
    if line.deleted or line.state != "signed":
        yield f"协议 {line.number} 没有签订或已作废"
    if line.result == PayResult.PAID and line.paid_on and line.signed_on and line.paid_on < line.signed_on:
        yield f"兑付日期 {line.paid_on} 早于协议签订日期 {line.signed_on}"
    if (line.household, line.collective) != (line.party, line.party_collective):
        yield f"收款人不是协议 {line.number} 的乙方"


def _result(line: Any) -> Iterator[str]:
    if line.result == PayResult.PAID and line.return_reason:
        yield "已成功却写着退回原因"
    if line.result == PayResult.RETURNED and not line.return_reason:
        yield "退回没有写原因"
    if line.result == PayResult.RETURNED and line.paid_on:
        yield "退回的写着兑付日期"


def _batch(line: Any) -> Iterator[str]:
    if line.batch_deleted:
        yield f"所在批次 {line.batch_number} 已删除"
    if len({line.home, line.batch_home, line.agreement_home}) > 1:
        yield f"批次 {line.batch_number} 混有别的乡镇的协议"
    if line.batch_state in _BEFORE_BANK and line.result != PayResult.DUE:
        yield f"批次 {line.batch_number} 还没有送银行就有结果"
    if line.batch_state in _ANSWERED and line.result == PayResult.DUE:
        yield f"批次 {line.batch_number} 已对账，这一笔没有结果：成功＋退回不等于送出"


def _doubles(lines: list[Any]) -> Iterator[Problem]:
    serials = Counter((line.batch, line.serial) for line in lines if line.serial)
    for (_, serial), times in serials.items():
        if times > 1:
            yield Problem(f"兑付 {serial}", f"同一批次里流水号出现 {times} 次")
    keys = Counter((line.batch_number, line.number, line.household, line.collective, line.attempt) for line in lines)
    for key, times in keys.items():
        if times > 1:
            yield Problem(f"批次 {key[0]}", f"协议 {key[1]} 的同一次兑付列了 {times} 笔")


def _successors(session: Session) -> Iterator[Problem]:
    before = aliased(Payment)
    query = (
        select(before.serial, before.id, before.result, before.agreement, Payment.agreement.label("after"), Payment.serial.label("later"))
        .join(Payment, Payment.again_of == before.id)
        .where(Payment.deleted == 0)
    )
    rows = session.execute(query).all()
    for row in rows:
        if row.result != PayResult.RETURNED:
            yield Problem(f"兑付 {row.later}", f"重付的 {row.serial} 并没有退回")
        if row.agreement != row.after:
            yield Problem(f"兑付 {row.later}", f"和被重付的 {row.serial} 不是同一份协议")
    for (_, serial), times in Counter((row.id, row.serial) for row in rows).items():
        if times > 1:
            yield Problem(f"兑付 {serial}", f"一笔退回重付了 {times} 次")


def _reasons(session: Session, standing: dict[str, Standing]) -> Iterator[Problem]:
    told = sum(part.amount for part in unpaid(session, _ALWAYS))
    left = sum(one.agreed - one.paid for one in standing.values())
    if told != left:
        yield Problem("未付原因", f"各项合计 {show_yuan(told)} 元，协议减已付是 {show_yuan(left)} 元")
