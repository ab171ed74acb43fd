"""A batch on its way: checked, approved, sent to the bank, put away. Drawing up, checking and approving are three people's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions import fund as funds
from relocdesk.actions.action import WORKING, Arg, action, refuse_role
from relocdesk.actions.payee import Payee, held, load_payees
from relocdesk.actions.payment import CASH, LinesRefused, few, last_place, lines_of, need, refusal, unposted_told
from relocdesk.clerk import Clerk
from relocdesk.errors import Problem, UserError
from relocdesk.field import DAY
from relocdesk.queries.agreed import Standing, standings
from relocdesk.queries.land_walls import Obstacle
from relocdesk.records.payment import BatchState, Payment, PaymentBatch, PayResult
from relocdesk.records.reference import Role
from relocdesk.records.support import Period, SupportPayment
from relocdesk.records.trail import OP, TXN
from relocdesk.rules.money import show_yuan

CHECKING = (Role.REVIEW, Role.HEAD)


Signed = PaymentBatch | Period
"""Something that three people sign."""


@action("check-batch", "复核批次", "payment_batch", Arg("reason", "同人经办原因"), roles=CHECKING)
def check_batch(session: Session, clerk: Clerk, batch: PaymentBatch, *, reason: str = "") -> str:
    """The second person has looked at every line; refuses what could not be approved."""
    refuse_role(clerk, "复核批次", CHECKING)
    need(batch, "复核", BatchState.OPEN)
    same_person = separate(session, clerk, batch, batch.number, "复核", [makers(session, batch)], reason)
    lines = _sound_lines(session, clerk, batch, "复核")
    batch.state, batch.checked_by, batch.same_person_reason = BatchState.CHECKED.value, clerk.name, same_person
    session.flush()
    return f"{batch.number} 已复核：{len(lines)} 笔，{show_yuan(sum(line.amount for line in lines))} 元"


@action("reopen-batch", "退回编制", "payment_batch", Arg("reason", "退回原因", required=True))
def reopen_batch(session: Session, clerk: Clerk, batch: PaymentBatch, *, reason: str) -> str:
    """Gives a checked batch back to whoever draws it up; the check is void."""
    refuse_role(clerk, "退回编制", WORKING)
    need(batch, "退回编制", BatchState.CHECKED)
    batch.state, batch.checked_by, batch.same_person_reason = BatchState.OPEN.value, None, None
    session.flush()
    return f"{batch.number} 已退回编制：{reason}"


@action("approve", "审批批次", "payment_batch", Arg("reason", "同人经办原因"), roles=CHECKING)
def approve_batch(session: Session, clerk: Clerk, batch: PaymentBatch, *, reason: str = "") -> str:
    """The third person approves: everything is examined once more, then the columns are frozen.

    Refuses with all lines that are unsigned, over the agreed sum, barred, or whose account has changed since; and, when the
    setting fund.block says so, a fund that cannot bear it.
    """
    refuse_role(clerk, "审批批次", CHECKING)
    need(batch, "审批", BatchState.CHECKED)
    same_person = separate(session, clerk, batch, batch.number, "审批", [makers(session, batch), {batch.checked_by}], reason)
    _refuse_changed_since_check(session, batch)
    lines = _sound_lines(session, clerk, batch, "审批")
    total = sum(line.amount for line in lines)
    warning = funds.shortage(session, batch.fund, clerk.on, total, batch.home)
    place = last_place(session, batch)
    for line in lines:
        if not line.serial:
            place += 1
            line.serial = f"{batch.number}-{place:04d}"
    batch.state, batch.approved_by, batch.same_person_reason = BatchState.APPROVED.value, clerk.name, same_person
    session.flush()
    warnings = [*filter(None, [warning]), *_unposted(session, clerk, lines)]
    return f"{batch.number} 已审批：{len(lines)} 笔，{show_yuan(total)} 元" + (f"；请注意：{few(warnings)}" if warnings else "")


def _unposted(session: Session, clerk: Clerk, lines: Sequence[Payment]) -> list[str]:
    standing = standings(session, {line.agreement for line in lines})
    payees = load_payees(session, standing.values(), clerk.on)
    paid = dict.fromkeys(line.agreement for line in lines)
    return unposted_told(session, [(standing[one], payees[standing[one].payee]) for one in paid if standing[one].payee in payees])


def makers(session: Session, batch: Signed) -> set[str | None]:
    """Who drew a batch or roster up: the name written on it, and who made it according to the history, for names can be retyped.

    Of a roster also whoever added or deducted on a line that is still on it.
    """
    named = select(TXN.c.name).join(OP, OP.c.txn == TXN.c.id)
    made = named.where(OP.c.row == batch.id, OP.c.kind == "i")
    lines = select(SupportPayment.id).where(SupportPayment.period == batch.id, SupportPayment.deleted == 0,
                                            or_(SupportPayment.back_pay != 0, SupportPayment.deducted != 0))  # fmt: skip
    adjusted = named.where(OP.c.row.in_(lines), OP.c.tbl == SupportPayment.__tablename__, OP.c.kind.in_(("i", "u")))
    return {batch.made_by, *session.scalars(made), *(session.scalars(adjusted) if isinstance(batch, Period) else ())}


def _refuse_changed_since_check(session: Session, batch: PaymentBatch) -> None:
    """Raises UserError when a line came, went or changed after the second person looked at them."""
    session.flush()
    lines = select(Payment.id).where(Payment.batch == batch.id)
    last = _latest(OP.c.row == batch.id, func.json_extract(OP.c.cells, "$.checked_by").is_not(None))
    checked = session.execute(last).first()
    changed = session.execute(_latest(OP.c.row.in_(lines), *([tuple_(OP.c.txn, OP.c.n) > tuple(checked)] if checked else []))).first()
    if checked and changed:
        raise UserError(f"批次 {batch.number} 的兑付明细在复核以后又改过", hint="请退回编制，重新复核再审批", code="P18")


def _latest(*conditions: ColumnElement[bool]) -> Select[tuple[int, int]]:
    return select(OP.c.txn, OP.c.n).where(*conditions).order_by(OP.c.txn.desc(), OP.c.n.desc()).limit(1)


def separate(session: Session, clerk: Clerk, record: Signed, name: str, step: str, earlier: Sequence[set[str | None]], reason: str) -> str | None:
    """Drawing up, checking and approving are three people's (P18); a small office may have one do two, with the reason.

    What `same_person_reason` of the batch or period called `name` becomes. `earlier`: the people of each step before.
    """
    times = sum(clerk.name in people for people in earlier)
    if not times:
        return record.same_person_reason
    if not settings.flag(session, "office.small", record.home) or times > 1:
        raise UserError(
            f"{clerk.name}已经办过 {name} 的前面一步，不能再{step}",
            hint="制表、复核、审批要由不同的人办；人少的办公室可在设置里允许一人办两步，并写明原因",
            code="P18",
        )
    if not reason.strip():
        raise UserError(f"{clerk.name}已经办过 {name} 的前面一步，{step}要写明原因", hint="请填“同人经办原因”", code="P18")
    return "；".join(text for text in (record.same_person_reason, f"{step}：{reason.strip()}") if text)


def _sound_lines(session: Session, clerk: Clerk, batch: PaymentBatch, step: str) -> list[Payment]:
    """The lines of a batch when every one may be paid as it stands; raises LinesRefused naming all that may not."""
    lines = lines_of(session, batch)
    if not lines:
        raise UserError(f"批次 {batch.number} 里没有一笔，不能{step}", hint="请先加入协议，或关闭这个批次")
    problems = unsound(session, clerk, batch)
    if problems:
        raise LinesRefused(f"批次 {batch.number} 有 {len(problems)} 笔不能{step}", problems, hint="请退回编制，改好或去掉这几笔再办")
    return lines


def unsound(session: Session, clerk: Clerk, batch: PaymentBatch) -> list[Problem]:
    """The lines of a batch that may not be paid as they stand, with the cure of each; changes nothing."""
    lines = lines_of(session, batch)
    standing = standings(session, {line.agreement for line in lines})
    payees = load_payees(session, [standing[line.agreement] for line in lines], clerk.on)
    over = {one.root: one.over for one in standing.values() if one.over}
    problems = []
    for line in lines:
        one = standing[line.agreement]
        text = _line_problem(session, batch, line, one, payees.get(one.payee), over.get(one.root, 0))
        if text:
            problems.append(Problem(f"{line.serial or one.number} {line.payee_name or ''}", text))
    return problems


def _line_problem(session: Session, batch: PaymentBatch, line: Payment, one: Standing, payee: Payee | None, over: int) -> str:
    cash = line.bank == CASH and not line.account
    no = refusal(session, one, payee, batch.made_on, project=batch.project or "", home=batch.home, cash=cash, filled=True)
    if no is not None or payee is None:
        return f"{no.text}，{no.cure}" if no else "没有收款人"
    if (line.household, line.collective) != one.payee:
        return "收款人不是协议的乙方，请去掉重列"
    if line.amount <= 0:
        return "金额应大于 0"
    if over:
        return f"超过协议 {show_yuan(over)} 元，请改小金额"
    if line.result != PayResult.DUE:
        return "已经有结果，不应在没送银行的批次里"
    if not cash and (line.account or "", line.bank or "", line.payee_name or "") != (payee.account, payee.bank, payee.holder):
        return "列入以后收款账户改过，请用“更新收款账户”"
    return ""


def held_lines(session: Session, on: str, lines: Sequence[Payment]) -> list[tuple[Payment, Obstacle]]:
    """The lines whose posting hangs on a day or whose objection is open, with what is in the way."""
    standing = standings(session, {line.agreement for line in lines})
    payees = load_payees(session, [standing[line.agreement] for line in lines], on)
    found = []
    for line in lines:
        one = standing[line.agreement]
        payee = payees.get(one.payee)
        obstacle = held(session, payee, one.agreement, one.project) if payee else None
        if obstacle:
            found.append((line, obstacle))
    return found


def refuse_held(session: Session, on: str, lines: Sequence[Payment], what: str) -> None:
    """Approval does not outlive the wall: raises LinesRefused naming every line whose posting hangs or whose objection is open (L15)."""
    found = held_lines(session, on, lines)
    problems = [Problem(f"{line.serial or ''} {line.payee_name or ''}".strip(), f"{one.text}，{one.cure}") for line, one in found]
    if problems:
        raise LinesRefused(f"有 {len(problems)} 笔不能{what}", problems, hint="请等公示期满、异议办结；别的笔急用的，对这几笔“登记单笔结果”：退回，写明原因")


@action("send-batch", "登记送银行", "payment_batch", Arg("sent_on", "送银行日期", DAY))
def send_batch(session: Session, clerk: Clerk, batch: PaymentBatch, *, sent_on: str = "") -> str:
    """The bank's list has been written and handed over."""
    refuse_role(clerk, "登记送银行", WORKING)
    need(batch, "送银行", BatchState.APPROVED)
    lines = [line for line in lines_of(session, batch) if line.account and line.result == PayResult.DUE]
    if not lines:
        raise UserError(f"批次 {batch.number} 没有要送银行的", hint="现金支付的请逐笔登记结果")
    refuse_held(session, clerk.on, lines, "送银行")
    day = sent_on or clerk.on
    if not batch.made_on <= day <= clerk.on:
        raise UserError(f"送银行日期 {day} 不在制表日期 {batch.made_on} 到 {clerk.on} 之间", hint="请核对日期")
    batch.state, batch.sent_on = BatchState.SENT.value, day
    session.flush()
    return f"{batch.number} 已登记送银行：{len(lines)} 笔，{show_yuan(sum(line.amount for line in lines))} 元"


@action("close-batch", "关闭批次", "payment_batch", roles=WORKING)
def close_batch(session: Session, clerk: Clerk, batch: PaymentBatch) -> str:
    """Puts a reconciled batch away; an open one only when it is empty."""
    refuse_role(clerk, "关闭批次", WORKING)
    need(batch, "关闭", BatchState.RECONCILED, BatchState.OPEN)
    lines = lines_of(session, batch)
    if batch.state == BatchState.OPEN and lines:
        raise UserError(f"批次 {batch.number} 还有 {len(lines)} 笔没有办", hint="请先去掉这些笔，或继续办理")
    batch.state = BatchState.CLOSED.value
    session.flush()
    returned = sum(line.result == PayResult.RETURNED for line in lines)
    return f"{batch.number} 已关闭" + (f"，其中退回 {returned} 笔请另行重付" if returned else "")
