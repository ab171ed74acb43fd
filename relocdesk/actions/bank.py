"""What the bank answered: its result file matched to a batch, single results by hand, and paying a returned line again.

Results are set once; only what came back after it had arrived changes one (`late_return`). A file is taken in wholly or, when asked, for the rows
that match; taking it in twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk.actions.action import WORKING, Arg, Partly, action, refuse_role
from relocdesk.actions.approval import held_lines, refuse_held
from relocdesk.actions.payee import Payee, load_payees
from relocdesk.actions.payment import LinesRefused, batch_of, last_place, line_for, lines_of, need, new_batch, refusal
from relocdesk.clerk import Clerk
from relocdesk.errors import Problem, UserError
from relocdesk.field import ACCOUNT, DAY, FLAG, half_width
from relocdesk.ids import chunks
from relocdesk.queries.agreed import standings
from relocdesk.records.agreement import Agreement
from relocdesk.records.household import CollectiveUnit, Household
from relocdesk.records.payment import BatchState, Payment, PaymentBatch, PayResult
from relocdesk.rules.identity import bank_account, comparison_name
from relocdesk.rules.money import show_yuan

OBJECTED = "登记到账时"  # begins the remark of a line that arrived although a posting hung or an objection was open
_SHOWN = 5
UNSTATED = "银行未注明原因"
LATE = "到账后退汇"
LATE_ARGS = (Arg("reason", "退回原因", required=True, words="return_reason"), Arg("proof", "凭据", required=True, help="退汇通知编号、银行来函等"),
             Arg("returned_on", "退汇日期", DAY, help="空着为今天"))  # fmt: skip
_ANSWERABLE = (BatchState.SENT, BatchState.RECONCILED, BatchState.CLOSED)


@dataclass(frozen=True, slots=True)
class BankRow:
    """One row of the bank's result as it was read: where it stands, what it names, 分, whether it went through."""

    row: int
    serial: str
    name: str
    account: str
    amount: int
    ok: bool
    reason: str = ""
    paid_on: str = ""


@dataclass(slots=True)
class Answer:
    """What a result file did to a batch: lines paid and returned now, rows that said what was known, rows refused."""

    paid: list[Payment] = field(default_factory=list)
    returned: list[Payment] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)
    waiting: int = 0
    reconciled: bool = False
    objected: str = ""  # what arrived although it had to wait

    def sentence(self, batch: PaymentBatch) -> str:
        """What was done, for people."""
        if not self.paid and not self.returned:
            text = f"{batch.number} 没有新的结果（{self.same} 笔早已登记）"
        else:
            good, back = (show_yuan(sum(line.amount for line in lines)) for lines in (self.paid, self.returned))
            text = f"{batch.number} 登记成功 {len(self.paid)} 笔 {good} 元，退回 {len(self.returned)} 笔 {back} 元"
        text += f"；有问题没有登记 {len(self.problems)} 行" if self.problems else ""
        text += f"；还有 {self.waiting} 笔没有结果" if self.waiting else ""
        return text + ("；批次已对账" if self.reconciled else "") + self.objected


def bank_result(session: Session, clerk: Clerk, batch: PaymentBatch, rows: Sequence[BankRow], *, partial: bool = False) -> Answer:
    """Takes in the bank's rows for a batch that was sent.

    A row finds its line by 流水号, else by account, name and amount together when only one line has them. A changed amount,
    account or name, an unknown or doubled line, a result other than the one known, or a day of payment that cannot be is a
    problem. With any problem nothing is changed (LinesRefused); with `partial` the rows without problem are taken in.
    """
    refuse_role(clerk, "登记银行结果", WORKING)
    seen = foresee(session, clerk, batch, rows)
    answer = Answer(same=len(seen.same), problems=seen.problems)
    if answer.problems and not partial:
        raise LinesRefused(f"银行回单有 {len(answer.problems)} 行对不上，没有登记", answer.problems, hint="请核对文件；只登记对得上的请选“部分登记”")
    for row, line in seen.fresh:
        _set(line, row, clerk.on)
        (answer.paid if row.ok else answer.returned).append(line)
    answer.objected = note_objected(session, clerk, answer.paid)
    answer.reconciled = settle(session, batch)
    answer.waiting = sum(line.result == PayResult.DUE for line in lines_of(session, batch))
    return answer


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a result file would do: rows with the lines they settle, rows that say what is known, rows that do not fit."""

    fresh: list[tuple[BankRow, Payment]]
    same: list[BankRow]
    problems: list[Problem]


def foresee(session: Session, clerk: Clerk, batch: PaymentBatch, rows: Sequence[BankRow]) -> Foreseen:
    """What taking in the bank's rows would do; changes nothing. UserError when the batch was not sent or there is no row."""
    need(batch, "登记银行结果", *_ANSWERABLE)
    if not rows:
        raise UserError("银行回单里没有一行", hint="请核对选的文件和工作表")
    lines = lines_of(session, batch)
    matched, problems = match_rows(lines, rows)
    signed = _signed_on(session, lines)
    seen = Foreseen([], [], problems)
    for row, line in matched:
        text = row_problem(row, line, (signed.get(line.agreement) or "", batch.made_on), clerk.on)
        if text:
            problems.append(_problem(row, text))
        elif line.result == PayResult.DUE:
            seen.fresh.append((row, line))
        else:
            seen.same.append(row)
    return seen


def _problem(row: BankRow, text: str) -> Problem:
    return Problem(f"第{row.row}行", text)


class Settled(Protocol):
    """A line with its result and the account it goes to."""

    @property
    def account(self) -> str | None: ...
    @property
    def result(self) -> str: ...


class Payable(Settled, Protocol):
    """A line as the bank's rows are held against it: of a batch, or of a roster of the subsidy."""

    @property
    def id(self) -> str: ...
    @property
    def serial(self) -> str | None: ...
    @property
    def payee_name(self) -> str | None: ...
    @property
    def bank(self) -> str | None: ...
    @property
    def amount(self) -> int: ...
    @property
    def paid_on(self) -> str | None: ...
    @property
    def return_reason(self) -> str | None: ...


L = TypeVar("L", bound=Payable)


def match_rows(lines: Sequence[L], rows: Sequence[BankRow], whole: str = "本批次") -> tuple[list[tuple[BankRow, L]], list[Problem]]:
    """Rows with their lines, and the rows that have none or are not alone with theirs."""
    by_serial = {_plain(line.serial): line for line in lines if line.serial}
    by_content: dict[tuple[str, str, int], list[L]] = {}
    for line in lines:
        by_content.setdefault((line.account or "", comparison_name(line.payee_name or ""), line.amount), []).append(line)
    found: list[tuple[BankRow, L]] = []
    problems = []
    for row in rows:
        if row.serial.strip():
            hits = [by_serial[_plain(row.serial)]] if _plain(row.serial) in by_serial else []
            missing = f"{whole}没有流水号 {row.serial.strip()}"
        else:
            hits = by_content.get((_digits(row.account), comparison_name(row.name), row.amount), [])
            missing = f"{whole}没有账号、户名、金额都相同的一笔（{row.name} {show_yuan(row.amount)} 元）"
        if len(hits) == 1:
            found.append((row, hits[0]))
        else:
            text = missing if not hits else f"对得上 {len(hits)} 笔（{row.name} {show_yuan(row.amount)} 元），请补流水号"
            problems.append(_problem(row, text))
    times = Counter(line.id for _, line in found)
    problems += [_problem(row, f"{line.serial} 在文件里出现 {times[line.id]} 次") for row, line in found if times[line.id] > 1]
    return [(row, line) for row, line in found if times[line.id] == 1], problems


def _digits(account: str) -> str:
    return "".join(sign for sign in _plain(account) if sign.isdigit())


def _plain(text: str) -> str:
    """As it is compared: banks send full-width digits and small letters."""
    return half_width(text).upper()


def row_problem(row: BankRow, line: Payable, earliest: tuple[str, str], today: str) -> str:
    """What does not fit between a row and its line, or "". `earliest`: when the agreement was signed, the batch drawn up."""
    if not line.account:
        return f"{line.serial} 是现金支付，不应在银行回单里"
    if row.amount != line.amount:
        return f"{line.serial} 的金额是 {show_yuan(line.amount)} 元，回单上是 {show_yuan(row.amount)} 元"
    if row.account and _digits(row.account) != line.account:
        return f"{line.serial} 的账号和送出的不一样"
    if row.ok and row.name and comparison_name(row.name) != comparison_name(line.payee_name or ""):
        return f"{line.serial} 的户名是“{line.payee_name}”，回单上是“{row.name}”"
    if line.result not in (PayResult.PAID, PayResult.RETURNED):
        return day_trouble(row.paid_on or today, earliest, today) if row.ok else ""
    known = line.result == PayResult.PAID
    if row.ok != known:
        late = f"；到账以后又退的，请办“{LATE}”" if known else ""
        return f"{line.serial} 已登记为“{PayResult(line.result).label}”，回单上是“{'成功' if row.ok else '退回'}”{late}"
    if row.ok and row.paid_on and row.paid_on != line.paid_on:
        return f"{line.serial} 已登记在 {line.paid_on} 兑付，回单上是 {row.paid_on}"
    if not row.ok and row.reason.strip() and row.reason.strip() != line.return_reason:
        return f"{line.serial} 已登记退回原因“{line.return_reason}”，回单上是“{row.reason.strip()}”"
    return ""


def day_trouble(day: str, earliest: tuple[str, str], today: str) -> str:
    """What is wrong with a day of payment (before signing: P04; before its batch; not yet come), or ""."""
    signed_on, made_on = earliest
    if day > today:
        return f"兑付日期 {day} 还没有到"
    if day < signed_on:
        return f"兑付日期 {day} 早于协议签订日期 {signed_on}"
    return f"兑付日期 {day} 早于批次制表日期 {made_on}" if day < made_on else ""


def _signed_on(session: Session, lines: Sequence[Payment]) -> dict[str, str | None]:
    return {
        agreement: day
        for part in chunks(line.agreement for line in lines)
        for agreement, day in session.execute(select(Agreement.id, Agreement.signed_on).where(Agreement.id.in_(part)))
    }


def _set(line: Payment, row: BankRow, today: str) -> None:
    if row.ok:
        line.result, line.paid_on = PayResult.PAID.value, row.paid_on or today
    else:
        line.result, line.return_reason = PayResult.RETURNED.value, row.reason.strip() or UNSTATED


@action("bank-result", "登记银行结果", "payment_batch", Arg("file", "银行回单", required=True, file=True), Arg("partial", "部分登记", FLAG))
def bank_result_action(session: Session, clerk: Clerk, batch: PaymentBatch, *, file: Sequence[BankRow], partial: int = 0) -> str:
    """Takes in a result file; the caller has read it, for reading workbooks is not an action's work."""
    answer = bank_result(session, clerk, batch, file, partial=bool(partial))
    return Partly(answer.sentence(batch), [(problem.where, problem.text) for problem in answer.problems])


def note_objected(session: Session, clerk: Clerk, paid: Sequence[Payment]) -> str:
    """Writes on lines that arrived although a posting hangs or an objection is open what was in the way; the sentence about it, or ""."""
    found = held_lines(session, clerk.on, paid)
    for line, obstacle in found:
        line.remark = objected_remark(line.remark, obstacle.text)
    return objected_told([line.payee_name or line.serial or "" for line, _ in found])


def objected_remark(remark: str | None, text: str) -> str:
    """The remark of a line that arrived although it had to wait."""
    return "；".join(one for one in (remark, f"{OBJECTED}{text}") if one)


def objected_told(names: Sequence[str]) -> str:
    """The sentence about the payees whose money arrived although it had to wait, or ""."""
    more = f" 等 {len(names)} 笔" if len(names) > _SHOWN else ""
    return f"；请注意：{'、'.join(names[:_SHOWN])}{more}的公示没完或有异议，银行已经付了，备注里写明“{OBJECTED}……”" if names else ""


def settle(session: Session, batch: PaymentBatch) -> bool:
    """Marks a batch reconciled when every line has its result; whether it did."""
    session.flush()
    waiting = session.scalar(select(func.count()).select_from(Payment).where(Payment.batch == batch.id, Payment.deleted == 0, Payment.result == PayResult.DUE))
    if waiting or batch.state not in (BatchState.APPROVED, BatchState.SENT):
        return False
    batch.state = BatchState.RECONCILED.value
    session.flush()
    return True


@action(
    "pay-result",
    "登记单笔结果",
    "payment",
    Arg("result", "结果", required=True, choices=PayResult),
    Arg("paid_on", "兑付日期", DAY),
    Arg("reason", "退回原因", words="return_reason"),
    Arg("proof", "凭据", required=True, help="回单号、收据号等"),
)
def set_result(session: Session, clerk: Clerk, line: Payment, *, result: str, proof: str, paid_on: str = "", reason: str = "") -> str:
    """The result of one line by hand, with its proof: cash, a single slip, or a line the bank never took. Once only."""
    refuse_role(clerk, "登记单笔结果", WORKING)
    batch = batch_of(session, line)
    need(batch, "登记结果", BatchState.APPROVED, BatchState.SENT)
    if line.result != PayResult.DUE:
        raise UserError(f"{line.serial} 已登记为“{PayResult(line.result).label}”，不能再改", hint=f"到账以后又退的请办“{LATE}”，退回的请办“退回后重付”")
    objected = ""
    if result == PayResult.PAID:
        day = paid_on or clerk.on
        trouble = day_trouble(day, (_signed_on(session, [line]).get(line.agreement) or "", batch.made_on), clerk.on)
        if trouble:
            raise UserError(f"{line.serial}：{trouble}", hint="请核对兑付日期")
        if batch.state == BatchState.APPROVED or not line.account:  # what the bank already has is a fact to be registered
            refuse_held(session, clerk.on, [line], "兑付")
        line.result, line.paid_on = PayResult.PAID.value, day
        objected = note_objected(session, clerk, [line])
    elif result == PayResult.RETURNED:
        if not reason.strip():
            raise UserError(f"{line.serial} 退回要写原因", hint="请填“退回原因”")
        line.result, line.return_reason = PayResult.RETURNED.value, reason.strip()
    else:
        raise UserError("结果只能是“成功”或“退回”", hint="请重选")
    line.remark = "；".join(text for text in (line.remark, f"凭据：{proof.strip()}") if text)
    done = settle(session, batch)
    return f"{line.serial} {line.payee_name or ''} {show_yuan(line.amount)} 元登记为“{PayResult(result).label}”" + ("，批次已对账" if done else "") + objected


@action("late-return", LATE, "payment", *LATE_ARGS)
def late_return(session: Session, clerk: Clerk, line: Payment, *, reason: str, proof: str, returned_on: str = "") -> str:
    """Money the bank first called arrived has come back: from now on the line is a returned one, to be paid again.

    The one way to change a result, whatever has become of the batch since; a closed batch stays closed, for what came back is
    paid again in another one.
    """
    refuse_role(clerk, LATE, WORKING)
    batch = batch_of(session, line)
    need(batch, f"登记{LATE}", BatchState.APPROVED, BatchState.SENT, BatchState.RECONCILED, BatchState.CLOSED)
    day, arrived = returned_on or clerk.on, line.paid_on or batch.made_on
    refuse_late(line, f"{line.serial} {line.payee_name or ''}".rstrip(), day, arrived, clerk.on)
    line.result, line.return_reason, line.paid_on = PayResult.RETURNED.value, reason.strip(), None
    line.remark = late_remark(line.remark, arrived, day, proof)
    session.flush()
    told = late_told(f"{line.serial} {line.payee_name or ''}", line.amount, day, arrived, reason) + "，请更正账户后“退回后重付”"
    return told + (f"；批次 {batch.number} 已关闭，不重开，重付时另列批次" if batch.state == BatchState.CLOSED else "")


def refuse_late(line: Settled, name: str, day: str, arrived: str, today: str) -> None:
    """Raises UserError unless a line arrived through the bank and may have come back on that day."""
    if line.result != PayResult.PAID:
        hint = "还没有结果的请登记结果" if line.result not in (PayResult.PAID, PayResult.RETURNED) else "退回的请更正账户后再付"
        raise UserError(f"{name}不是“成功”的，不能登记{LATE}", hint=hint)
    if not line.account:
        raise UserError(f"{name}没有银行账号，是签字领取的，没有退汇", hint="请核对选的是哪一笔")
    if not arrived <= day <= today:
        raise UserError(f"{name}：退汇日期 {day} 早于到账日期 {arrived}，或还没有到", hint="请核对退汇日期", code="DAY")


def late_remark(remark: str | None, arrived: str, day: str, proof: str) -> str:
    """What stays written on the line: when it had arrived, when it came back, and what proves it."""
    return "；".join(text for text in (remark, f"{arrived} 到账，{day} 退汇，凭据：{proof.strip()}") if text)


def late_told(name: str, amount: int, day: str, arrived: str, reason: str) -> str:
    """The sentence about what came back; sums of an earlier year that get smaller by it are pointed out."""
    year = f"；请注意：原来算在 {arrived[:4]} 年的支出里，报过的数要核对" if arrived[:4] < day[:4] else ""
    return f"{name.strip()} {show_yuan(amount)} 元已登记退汇（{day}，{reason.strip()}），现在算退回{year}"


def reissue(
    session: Session, clerk: Clerk, line: Payment, *, batch: PaymentBatch | None = None, account_name: str = "", account: str = "", bank: str = ""
) -> Payment:
    """The successor of a returned line, in an open batch or a new one; the returned line itself stays as it is.

    A corrected account is also written to the payee's own record, so that the mistake does not come back. UserError when the
    line was not returned, has been replaced already, or nothing is left to pay.
    """
    refuse_role(clerk, "退回后重付", WORKING)
    old = batch_of(session, line)
    if line.result != PayResult.RETURNED:
        raise UserError(f"{line.serial} 不是退回的，不能重付", hint="只有银行退回的才能重付")
    successor = session.scalar(select(Payment.serial).where(Payment.again_of == line.id, Payment.deleted == 0))
    if successor is not None:
        raise UserError(f"{line.serial} 已经重付过（{successor}）", hint="一笔退回只能重付一次")
    if batch is not None:
        need(batch, "加笔", BatchState.OPEN)
    one = standings(session, [line.agreement])[line.agreement]
    payee = load_payees(session, [one], clerk.on).get(one.payee)
    if payee is not None:
        payee = replace(
            payee,
            account_name=account_name.strip() or payee.account_name,
            bank=bank.strip() or payee.bank,
            account=bank_account(account)[0] if account else payee.account,
        )
    no = refusal(session, one, payee, clerk.on, home=batch.home if batch else "", project=(batch.project or "") if batch else "")
    if no is not None or payee is None:
        raise UserError(f"不能重付：{no}")
    target = batch or new_batch(session, clerk, old.home, old.project, old.kind, old.fund, clerk.on)
    _keep_account(session, payee)
    taken = [other.attempt for other in lines_of(session, target) if other.agreement == line.agreement]
    successor_line = line_for(target, one, payee, min(line.amount, one.remainder), max([line.attempt, *taken]) + 1, last_place(session, target) + 1, cash=False)
    successor_line.again_of = line.id
    session.add(successor_line)
    session.flush()
    return successor_line


def _keep_account(session: Session, payee: Payee) -> None:
    record = session.get(Household, payee.household) if payee.household else session.get(CollectiveUnit, payee.collective)
    if record is not None:
        record.account_name, record.account, record.bank = payee.account_name or None, payee.account or None, payee.bank or None


@action(
    "pay-again",
    "退回后重付",
    "payment",
    Arg("batch", "列入批次", to="payment_batch", help="空着新开一个批次"),
    Arg("account_name", "户名", help="三项都空着，就用收款人现在登记的账户"),
    Arg("account", "银行账号", ACCOUNT),
    Arg("bank", "开户行"),
)
def reissue_action(session: Session, clerk: Clerk, line: Payment, *, batch: str = "", account_name: str = "", account: str = "", bank: str = "") -> str:
    """Pays a returned line again."""
    target = session.get(PaymentBatch, batch) if batch else None
    if batch and target is None:
        raise UserError("没有这个批次", hint="请核对批次编号")
    again = reissue(session, clerk, line, batch=target, account_name=account_name, account=account, bank=bank)
    return f"{line.serial} 退回的 {show_yuan(again.amount)} 元已重新列入：{again.serial}"
