"""Paying out (兑付): batches from drawing up to closing, their lines, and paying a returned line again.

A batch is drawn up, checked and approved by three people, sent to the bank, and reconciled when every line has a result.
Nothing is ever paid before an agreement is signed, or beyond the signed sum of an agreement and its supplements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import WORKING, Arg, Partly, action, refuse_role
from relocdesk.actions.payee import Payee, held, load_payees, name_warning, never_posted, payee_obstacle
from relocdesk.clerk import Clerk
from relocdesk.entry.series import Series
from relocdesk.errors import Problem, UserError
from relocdesk.field import DAY, FLAG, MONEY, PLACE
from relocdesk.queries.agreed import Standing, standings, unanswered_returns
from relocdesk.queries.places import Places
from relocdesk.records import new_id
from relocdesk.records.agreement import Agreement, AgreementState
from relocdesk.records.fund import Fund
from relocdesk.records.household import CollectiveUnit, Household
from relocdesk.records.payment import BatchKind, BatchState, Payment, PaymentBatch, PayResult, UnpaidReason
from relocdesk.records.reference import Role
from relocdesk.rules.identity import mask_account
from relocdesk.rules.money import show_yuan

_SHOWN = 5  # agreements named in full
CASH = "现金"  # stands in the bank's place on a line that is paid by hand
CHECKING = (Role.REVIEW, Role.HEAD)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An agreement that was not put into a batch: its number, the payee, why and what to do; the unpaid reason it proposes."""

    agreement: str
    number: str
    payee: str
    text: str
    cure: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.number} {self.payee}".strip() + f"：{self.text}。{self.cure}"


@dataclass(slots=True)
class Opened:
    """A batch that was drawn up: its lines, what was refused and why, and what should be looked at."""

    batch: PaymentBatch
    done: list[Payment] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """What was done, for people."""
        text = f"已编制批次 {self.batch.number}：{len(self.done)} 笔，{show_yuan(sum(line.amount for line in self.done))} 元"
        if self.refused:
            text += f"；{len(self.refused)} 份没有列入（{few([str(one) for one in self.refused])}）"
        return text + ("；请注意：" + few(self.warnings) if self.warnings else "")


class LinesRefused(UserError):
    """An action on a batch that stops because of some of its lines; `problems` names them all."""

    def __init__(self, text: str, problems: Sequence[Problem], *, hint: str = "") -> None:
        super().__init__(f"{text}：{few([str(one) for one in problems])}", hint=hint)
        self.problems = list(problems)


def few(texts: Sequence[str], most: int = 5) -> str:
    """Texts as one, the first few written out and all counted."""
    shown = "；".join(texts[:most])
    return f"{shown} 等 {len(texts)} 条" if len(texts) > most else shown


# --- drawing up ------------------------------------------------------------------------------------------------------


def open_batch(
    session: Session,
    clerk: Clerk,
    *,
    project: str = "",
    kind: str = BatchKind.LAND,
    fund: str = Fund.PROJECT,
    agreements: Sequence[str] = (),
    place: str = "",
    made_on: str = "",
    cash: bool = False,
    remark: str = "",
) -> Opened:
    """A new batch with one line for every named agreement, else for every signed and unpaid one (of a project, below a place).

    `agreements` are numbers or ids; account and names are copied now. What cannot be paid is refused with its reason; when
    nothing can be paid, or several townships would be mixed, UserError and no batch. With `cash` accounts are not needed.
    """
    refuse_role(clerk, "开兑付批次", WORKING)
    made_on = made_on or clerk.on
    if made_on > clerk.on:
        raise UserError(f"制表日期 {made_on} 还没有到", hint="请核对日期")
    standing = standings(session)
    wanted = _named(standing, agreements) if agreements else _unpaid_below(session, standing, project, place)
    payees = load_payees(session, wanted, made_on)
    wanted.sort(key=lambda one: (payees[one.payee].code, payees[one.payee].title, one.number) if one.payee in payees else ("", "", one.number))
    home = _one_home(wanted)
    answers = [(one, refusal(session, one, payees.get(one.payee), made_on, project=project, cash=cash)) for one in wanted]
    accepted = [(one, payees[one.payee]) for one, no in answers if no is None]
    refused = [no for _, no in answers if no is not None]
    if not accepted:
        why = few([str(one) for one in refused]) or "没有已签订而未付清的协议"
        raise UserError(f"没有开批次：{why}", hint="" if refused else "请先签订协议，或换一个范围")
    batch = new_batch(session, clerk, home, project or _common_project(accepted), kind, fund, made_on)
    batch.remark = remark or None
    opened = Opened(batch, refused=refused)
    returned = unanswered_returns(session)
    for one, payee in accepted:
        opened.done += _lines(session, batch, one, payee, returned.get(one.agreement, []), len(opened.done), cash=cash)
    opened.warnings += dict.fromkeys(text for _, payee in accepted if (text := name_warning(payee)))
    opened.warnings += _shared_accounts([payee for _, payee in accepted])
    opened.warnings += unposted_told(session, accepted)
    session.flush()
    return opened


def _shared_accounts(payees: Sequence[Payee]) -> list[str]:
    """A sentence for every account that more than one payee of a batch has."""
    holders: dict[str, list[str]] = {}
    for payee in payees:
        if payee.account and payee.title not in holders.setdefault(payee.account, []):
            holders[payee.account].append(payee.title)
    return [f"账号 {mask_account(account)} 有 {len(titles)} 个收款人共用：{'、'.join(titles)}" for account, titles in holders.items() if len(titles) > 1]


def _named(standing: dict[str, Standing], agreements: Sequence[str]) -> list[Standing]:
    by_number = {one.number: one for one in standing.values() if one.state}
    found = []
    for name in dict.fromkeys(agreements):
        one = standing.get(name) or by_number.get(name.strip())
        if one is None:
            raise UserError(f"没有协议“{name}”", hint="请核对协议编号")
        if one not in found:
            found.append(one)
    return found


def _unpaid_below(session: Session, standing: dict[str, Standing], project: str, place: str) -> list[Standing]:
    found = [one for one in standing.values() if one.signed and one.remainder and (not project or one.project == project)]
    if place:
        below = Places.load(session).below(place)
        where = {row.id: row.place for row in session.execute(select(Household.id, Household.place))}
        where |= {row.id: row.place for row in session.execute(select(CollectiveUnit.id, CollectiveUnit.place))}
        found = [one for one in found if where.get(one.household or one.collective or "") in below]
    return found


def _one_home(wanted: Sequence[Standing]) -> str:
    homes = {one.home for one in wanted}
    if len(homes) > 1:
        raise UserError(f"这些协议属于 {len(homes)} 个乡镇，一个批次只能有一个乡镇的", hint="请按乡镇分别开批次")
    return homes.pop() if homes else ""


def _common_project(accepted: Sequence[tuple[Standing, Payee]]) -> str | None:
    projects = {one.project for one, _ in accepted}
    return projects.pop() if len(projects) == 1 else None


def new_batch(session: Session, clerk: Clerk, home: str, project: str | None, kind: str, fund: str, made_on: str) -> PaymentBatch:
    """An empty open batch with the next number; UserError when the number's pattern is broken."""
    series = Series(session, PaymentBatch.number, settings.text(session, "batch.pattern", home))
    number = series.take(office=settings.text(session, "office.mark", home), year=made_on[:4], letter=clerk.laptop)
    batch = PaymentBatch(
        id=new_id(),
        home=home,
        number=number,
        project=project,
        kind=BatchKind(kind).value,
        fund=Fund(fund).value,
        made_on=made_on,
        made_by=clerk.name,
        state=BatchState.OPEN.value,
    )
    session.add(batch)
    session.flush()
    return batch


def refusal(
    session: Session, one: Standing, payee: Payee | None, on: str, *, project: str = "", home: str = "", cash: bool = False, filled: bool = False
) -> Refusal | None:
    """Why this agreement cannot be paid to its payee now; None when it can. `filled` leaves out whether money is left."""

    def no(text: str, cure: str, reason: str = "") -> Refusal:
        return Refusal(one.agreement, one.number, payee.title if payee else "", text, cure, reason)

    if one.state == AgreementState.VOID or not one.state:
        return no("协议已作废", "不能兑付")
    if not one.signed:
        return no("协议还没有签订", "请先签订")
    if not one.signed_on or one.signed_on > on:
        return no(f"签订日期（{one.signed_on or '空'}）在制表日期之后或没有登记", "请核对签订日期")
    if project and one.project != project:
        return no("不属于这个工程", "请在本工程的批次里兑付")
    if home and one.home != home:
        return no("不属于这个批次的乡镇", "请另开批次")
    if payee is None:
        return no("没有收款人", "请核对协议的乙方")
    if not one.remainder and not filled:
        text = f"在批次里的 {show_yuan(one.due)} 元还没有结果" if one.due else "没有未付的金额"
        return no(text, "请等银行结果" if one.due else "不用再付")
    obstacle = held(session, payee, one.agreement, one.project) or payee_obstacle(session, payee, one.home, cash=cash)
    if obstacle:
        return no(obstacle.text, obstacle.cure, obstacle.reason)
    if settings.get(session, "posting.required", one.home) == settings.Strictness.BLOCK and (bare := never_posted(session, [(one, payee)])):
        return no(f"{bare[one.agreement]}的实物没有张榜公示过", "请先张榜，期满再付")
    return None


def unposted_told(session: Session, pairs: Sequence[tuple[Standing, Payee]]) -> list[str]:
    """What should be looked at of agreements to be paid: those whose survey was never put up."""
    bare = never_posted(session, pairs)
    titles = [f"{one.number} {payee.title}" for one, payee in pairs if one.agreement in bare]
    more = f" 等 {len(titles)} 份" if len(titles) > _SHOWN else ""
    return [f"实物没有张榜公示过：{'、'.join(titles[:_SHOWN])}{more}"] if titles else []


def _lines(
    session: Session, batch: PaymentBatch, one: Standing, payee: Payee, returned: Sequence[Payment], before: int, *, cash: bool = False
) -> list[Payment]:
    """The lines for one agreement: each returned one again, then what is left; together the remainder."""
    left = one.remainder
    made: list[Payment] = []
    for old in [*returned, None]:
        amount = min(left, old.amount) if old is not None else left
        if amount <= 0:
            continue
        attempt = max((old.attempt + 1 if old is not None else 1), max((line.attempt for line in made), default=0) + 1)
        line = line_for(batch, one, payee, amount, attempt, before + len(made) + 1, cash=cash)
        line.again_of = old.id if old is not None else None
        session.add(line)
        made.append(line)
        left -= amount
    return made


def line_for(batch: PaymentBatch, one: Standing, payee: Payee, amount: int, attempt: int, place: int, *, cash: bool) -> Payment:
    """A waiting line of a batch with the payee's account as it is now; not yet added to the session."""
    line = Payment(
        id=new_id(),
        home=batch.home,
        batch=batch.id,
        serial=f"{batch.number}-{place:04d}",
        agreement=one.agreement,
        household=one.household,
        collective=one.collective,
        amount=amount,
        attempt=attempt,
        result=PayResult.DUE.value,
    )
    _copy_account(line, payee, cash=cash)
    return line


def _copy_account(line: Payment, payee: Payee, *, cash: bool) -> None:
    line.payee_name = payee.holder or None
    line.account = None if cash else payee.account or None
    line.bank = CASH if cash else payee.bank or None
    line.collected_by = payee.proxy.id if payee.proxy and not payee.own_account else None


def lines_of(session: Session, batch: PaymentBatch) -> list[Payment]:
    """The living lines of a batch in the order of their serial numbers."""
    return list(session.scalars(select(Payment).where(Payment.batch == batch.id, Payment.deleted == 0).order_by(Payment.serial, Payment.id)))


def last_place(session: Session, batch: PaymentBatch) -> int:
    """The highest place given in a batch, removed lines included: a serial number is never used twice."""
    serials = session.scalars(select(Payment.serial).where(Payment.batch == batch.id))
    return max((int(serial.rpartition("-")[2]) for serial in serials if serial and serial.rpartition("-")[2].isdigit()), default=0)


def need(batch: PaymentBatch, what: str, *states: BatchState) -> None:
    """Raises UserError unless the batch is in one of the states that allow this."""
    if batch.deleted or batch.state not in states:
        names = "”或“".join(state.label for state in states)
        raise UserError(f"批次 {batch.number} 是“{BatchState(batch.state).label}”，不能{what}", hint=f"只有“{names}”的批次可以{what}")


def batch_of(session: Session, line: Payment) -> PaymentBatch:
    """The batch of a living line."""
    batch = session.get(PaymentBatch, line.batch)
    if batch is None or line.deleted:
        raise UserError(f"兑付 {line.serial or ''} 已经删除", hint="请刷新后再办")
    return batch


@action(
    "open-batch",
    "开兑付批次",
    "",
    Arg("project", "工程", to="project"),
    Arg("kind", "类别", required=True, choices=BatchKind),
    Arg("fund", "资金类别", choices=Fund),
    Arg("agreements", "协议编号", to="agreement", many=True, help="空着列入全部已签订未付清的"),
    Arg("place", "村组", PLACE, to="place"),
    Arg("cash", "现金支付", FLAG),
    Arg("remark", "备注"),
)
def open_batch_action(
    session: Session,
    clerk: Clerk,
    record: object,
    *,
    project: str = "",
    kind: str = BatchKind.LAND,
    fund: str = Fund.PROJECT,
    agreements: Sequence[str] = (),
    place: str = "",
    cash: int = 0,
    remark: str = "",
) -> str:
    """Draws up a batch; the sentence says what is in it and what was refused."""
    opened = open_batch(session, clerk, project=project, kind=kind, fund=fund, agreements=agreements, place=place, cash=bool(cash), remark=remark)
    return Partly(opened.sentence, [(one.number, str(one)) for one in opened.refused])


@action(
    "add-payment",
    "加一笔兑付",
    "payment_batch",
    Arg("agreement", "协议编号", required=True, to="agreement"),
    Arg("amount", "金额", MONEY, help="空着付全部未付的"),
    Arg("cash", "现金支付", FLAG),
)
def add_line(session: Session, clerk: Clerk, batch: PaymentBatch, *, agreement: str, amount: int = 0, cash: int = 0) -> str:
    """Adds an agreement (number or id) to a batch that is still open; at most what is left of it."""
    refuse_role(clerk, "加一笔兑付", WORKING)
    need(batch, "加笔", BatchState.OPEN)
    (one,) = _named(standings(session), [agreement])
    payee = load_payees(session, [one], clerk.on).get(one.payee)
    no = refusal(session, one, payee, min(batch.made_on, clerk.on), project=batch.project or "", home=batch.home, cash=bool(cash))
    if no is not None or payee is None:
        raise UserError(f"不能列入：{no}")
    if any(line.agreement == one.agreement for line in lines_of(session, batch)):
        raise UserError(f"协议 {one.number} 已经在批次 {batch.number} 里", hint="要多付或少付请改那一笔的金额")
    _refuse_amount(amount, one.remainder, one.number)
    returned = unanswered_returns(session).get(one.agreement, [])
    lines = _lines(session, batch, replace(one, remainder=amount or one.remainder), payee, returned, last_place(session, batch), cash=bool(cash))
    session.flush()
    warnings = [*filter(None, [name_warning(payee)]), *unposted_told(session, [(one, payee)])]
    return f"{batch.number} 加入 {payee.title} {show_yuan(sum(line.amount for line in lines))} 元" + (f"；请注意：{few(warnings)}" if warnings else "")


def _refuse_amount(amount: int, most: int, number: str) -> None:
    if amount < 0 or amount > most:
        raise UserError(f"协议 {number} 还能付 {show_yuan(most)} 元，不能付 {show_yuan(amount)} 元", hint="请改小金额，或先签补充协议")


@action("remove-payment", "去掉一笔兑付", "payment")
def remove_line(session: Session, clerk: Clerk, line: Payment) -> str:
    """Takes a line out of a batch that is still open; its serial number is not used again."""
    refuse_role(clerk, "去掉一笔兑付", WORKING)
    batch = batch_of(session, line)
    need(batch, "去掉笔", BatchState.OPEN)
    line.deleted = 1
    session.flush()
    return f"{batch.number} 去掉 {line.payee_name or ''} {show_yuan(line.amount)} 元"


@action("pay-amount", "改兑付金额", "payment", Arg("amount", "金额", MONEY, required=True))
def change_amount(session: Session, clerk: Clerk, line: Payment, *, amount: int) -> str:
    """Changes a line of an open batch; more than 0, at most what is left of the agreement with this line counted back."""
    refuse_role(clerk, "改兑付金额", WORKING)
    batch = batch_of(session, line)
    need(batch, "改金额", BatchState.OPEN)
    one = standings(session, [line.agreement])[line.agreement]
    if amount <= 0:
        raise UserError("金额应大于 0", hint="不付的请用“去掉一笔兑付”")
    # What the family is over comes off first: a line that is too large can only be made smaller.
    over = sum(other.over for other in standings(session, [line.agreement]).values() if other.root == one.root)
    _refuse_amount(amount, max(0, line.amount + one.remainder - over), one.number)
    before, line.amount = line.amount, amount
    session.flush()
    return f"{line.serial} {line.payee_name or ''} 由 {show_yuan(before)} 元改为 {show_yuan(amount)} 元"


@action("refresh-payment", "更新收款账户", "payment")
def refresh_line(session: Session, clerk: Clerk, line: Payment) -> str:
    """Copies the payee's present account to a line of an open batch."""
    refuse_role(clerk, "更新收款账户", WORKING)
    batch = batch_of(session, line)
    need(batch, "更新账户", BatchState.OPEN)
    one = standings(session, [line.agreement])[line.agreement]
    payee = load_payees(session, [one], clerk.on)[one.payee]
    cash = line.bank == CASH and not payee.account
    obstacle = payee_obstacle(session, payee, one.home, cash=cash)
    if obstacle:
        raise UserError(f"{payee.title}：{obstacle.text}", hint=obstacle.cure)
    _copy_account(line, payee, cash=cash)
    session.flush()
    return f"{line.serial} {payee.title} 的收款账户已更新"


@action(
    "unpaid-reason",
    "登记未付原因",
    "agreement",
    Arg("reason", "原因", required=True, words="unpaid_reason"),
    Arg("owner", "责任人"),
    Arg("next_step", "下一步"),
    Arg("since", "起始日期", DAY),
)
def set_reason(session: Session, clerk: Clerk, agreement: Agreement, *, reason: str, owner: str = "", next_step: str = "", since: str = "") -> str:
    """Why an agreed sum has not been paid, whose task it is and what comes next; the former reason is replaced."""
    refuse_role(clerk, "登记未付原因", WORKING)
    if agreement.deleted or agreement.state != AgreementState.SIGNED:
        raise UserError(f"协议 {agreement.number} 没有签订，不用登记未付原因", hint="请先签订协议")
    row = session.scalar(select(UnpaidReason).where(UnpaidReason.deleted == 0, UnpaidReason.agreement == agreement.id))
    if row is None:
        row = UnpaidReason(id=new_id(), home=agreement.home, agreement=agreement.id, household=agreement.household, collective=agreement.collective)
        session.add(row)
    if row.reason != reason or since:
        row.since = since or clerk.on
    row.reason, row.owner, row.next_step = reason.strip(), owner.strip() or row.owner, next_step.strip() or row.next_step
    session.flush()
    return f"协议 {agreement.number} 未付原因：{row.reason}"


@action("note-reasons", "登记程序查出的未付原因", "", Arg("project", "工程", to="project"), Arg("place", "村组", PLACE, to="place"))
def note_reasons(session: Session, clerk: Clerk, record: object, *, project: str = "", place: str = "") -> str:
    """Writes down why signed money cannot be paid where the program knows it (no card, dispute, heirs …).

    A reason that somebody noted before stays as it is.
    """
    refuse_role(clerk, "登记程序查出的未付原因", WORKING)
    wanted = _unpaid_below(session, standings(session), project, place)
    payees = load_payees(session, wanted, clerk.on)
    refused = [no for one in wanted if (no := refusal(session, one, payees.get(one.payee), clerk.on)) is not None and no.reason]
    known = set(session.scalars(select(UnpaidReason.agreement).where(UnpaidReason.deleted == 0)))
    fresh = [no for no in refused if no.agreement not in known]
    for no in fresh:
        set_reason(session, clerk, session.get_one(Agreement, no.agreement), reason=no.reason, next_step=no.cure)
    counted = "、".join(f"{reason} {count} 份" for reason, count in Counter(no.reason for no in fresh).items())
    said = f"已登记未付原因 {len(fresh)} 份：{counted}" if fresh else "没有要登记的未付原因"
    kept = len(refused) - len(fresh)
    return said + (f"；原来已登记的 {kept} 份没有改" if kept else "")
