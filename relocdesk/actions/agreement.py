"""What a clerk does with an agreement: review, sign, void, supplement, renumber, add a line; and what another price would make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import Arg, action
from relocdesk.actions.documents import current_printout, printouts_of
from relocdesk.actions.drafting import (
    Party,
    Plan,
    Planner,
    Terms,
    asset_price_row,
    land_price_rows,
    lines_of_row,
    new_agreement,
    payee_type_of,
    price_rows,
    row_name,
)
from relocdesk.actions.numbers import AgreementNumbers
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import COUNT, DAY, FLAG, MONEY, QUANTITY
from relocdesk.queries.agreed import standings
from relocdesk.records.agreement import Agreement, AgreementLine, AgreementState, SignedBy
from relocdesk.records.household import Authorisation, CollectiveKind, CollectiveUnit, Household, Person, PersonState, ProxyKind
from relocdesk.records.payment import Payment, PayResult
from relocdesk.records.reference import PayeeType
from relocdesk.records.survey import Asset, Parcel
from relocdesk.rules.compensation import HOUSEHOLD, PERSON, PriceRow, default_payee, item_line, payee_refusal
from relocdesk.rules.days import chinese_date
from relocdesk.rules.money import half_up, show_yuan

_UNSIGNED = (AgreementState.DRAFT, AgreementState.REVIEWED)


def total_of(session: Session, agreement: Agreement) -> int:
    """分: the sum of an agreement's lines."""
    found = session.scalar(select(func.sum(AgreementLine.amount)).where(AgreementLine.agreement == agreement.id, AgreementLine.deleted == 0))
    return int(found or 0)


# --- the way of an agreement -----------------------------------------------------------------------------------------


@action("review", "审核协议", "agreement")
def review(session: Session, clerk: Clerk, record: Agreement) -> str:
    """A draft with lines becomes 审核."""
    _refuse_state(record, "审核", AgreementState.DRAFT)
    _refuse_wrong_lines(session, record)
    record.state, record.reviewed_on = AgreementState.REVIEWED.value, clerk.on
    session.flush()
    return f"已审核协议 {record.number}，共 {show_yuan(total_of(session, record))} 元"


@action(
    "sign", "签订协议", "agreement",
    Arg("signed_on", "签订日期", DAY, help="空着为今天"),
    Arg("signed_by", "签字人", choices=SignedBy, help="空着为本人"),
    Arg("authorisation", "授权委托", to="authorisation", help="委托代理时填；只有一份有效的可空着"),
    Arg("witness", "手印见证人"),
    Arg("paper", "无打印件签订原因", help="没有用本程序打印时写明原因"),
)  # fmt: skip
def sign(
    session: Session,
    clerk: Clerk,
    record: Agreement,
    *,
    signed_on: str = "",
    signed_by: str = SignedBy.SELF,
    authorisation: str = "",
    witness: str = "",
    paper: str = "",
) -> str:
    """The agreement becomes 已签订 and may no longer be changed.

    Refused without an unchanged printout (or the reason in `paper`), on an impossible day, by somebody without a valid
    authorisation, by fingerprint without a witness, and for a dead head of household unless an heir signs (P06, P07).
    """
    _refuse_state(record, "签订", *_UNSIGNED)
    day = signed_on or clerk.on
    _refuse_day(record, clerk, day)
    _refuse_wrong_lines(session, record)
    proxy = _proxy(session, record, signed_by, authorisation, day)
    _refuse_dead_head(session, record, proxy, day)
    if signed_by == SignedBy.FINGERPRINT and not witness:
        raise UserError("按手印签订要有见证人", hint="请填见证人姓名", code="P06")
    if not paper:
        _refuse_paper(session, record)
    _refuse_below_nothing(session, record)
    record.state, record.signed_on, record.signed_by = AgreementState.SIGNED.value, day, SignedBy(signed_by).value
    record.authorisation, record.sign_witness, record.paper = (proxy.id if proxy else None), witness or None, paper or None
    session.flush()
    said = f"已签订协议 {record.number}，共 {show_yuan(total_of(session, record))} 元"
    return said + (_many_households(session, record, proxy) if proxy else "")


@action("void", "作废协议", "agreement", Arg("reason", "作废原因", required=True))
def void(session: Session, clerk: Clerk, record: Agreement, *, reason: str) -> str:
    """The agreement is void and frees its survey rows; its number stays and is never used again."""
    if record.deleted or record.state == AgreementState.VOID:
        raise UserError(f"协议 {record.number} 已经{'删除' if record.deleted else '作废'}")
    if not reason.strip():
        raise UserError("作废要写明原因", hint="请填作废原因")
    waiting = session.scalars(
        select(Payment).where(Payment.agreement == record.id, Payment.deleted == 0, Payment.result.in_((PayResult.DUE, PayResult.PAID)))
    ).all()
    if waiting:
        paid = [one for one in waiting if one.result == PayResult.PAID]
        what, cure = ("已经兑付", "请另签补充协议") if paid else ("已列入兑付批次", "请先把它从批次中移出")
        raise UserError(f"协议 {record.number} {what} {show_yuan(sum(one.amount for one in paid or waiting))} 元，不能作废",
                        hint=cure, code="VOID_PAID")  # fmt: skip
    after = session.scalars(select(Agreement.number).where(Agreement.supplements == record.id, Agreement.deleted == 0,
                                                           Agreement.state != AgreementState.VOID)).all()  # fmt: skip
    if after:
        raise UserError(f"协议 {record.number} 还有补充协议 {'、'.join(after)}", hint="请先作废补充协议", code="VOID_SUPPLEMENT")
    record.state, record.void_reason = AgreementState.VOID.value, reason.strip()
    session.flush()
    return f"已作废协议 {record.number}，编号保留不再使用，实物可以重新起草"


@action(
    "supplement", "签补充协议", "agreement",
    Arg("from_survey", "列入新确认的实物", FLAG), Arg("kind", "补偿类别", words="price_kind"), Arg("item", "名称"),
    Arg("unit", "单位"), Arg("quantity", "数量", QUANTITY), Arg("unit_price", "单价", MONEY),
)  # fmt: skip
def supplement(
    session: Session,
    clerk: Clerk,
    record: Agreement,
    *,
    from_survey: int = 0,
    kind: str = "",
    item: str = "",
    unit: str = "",
    quantity: int | None = None,
    unit_price: int | None = None,
) -> str:
    """A new draft that supplements a signed agreement; its first line typed, or all lines from newly confirmed rows.

    Further lines go in with add_line; amounts may be negative.
    """
    typed = bool(kind or item or quantity is not None)
    if typed and not (kind and item and unit and quantity is not None and unit_price is not None):
        raise UserError("补充的一行没有填全", hint="请填补偿类别、名称、单位、数量和单价")
    made = supplement_of(session, clerk, record, from_survey=bool(from_survey))
    if typed:
        _add(session, made, kind=kind, item=item, unit=unit, quantity=quantity or 0, unit_price=unit_price or 0)
    return f"已起草补充协议 {made.number}，补充 {record.number}，共 {show_yuan(total_of(session, made))} 元"


def supplement_of(session: Session, clerk: Clerk, record: Agreement, *, from_survey: bool = False) -> Agreement:
    """The new draft itself; refuses unless `record` is signed, or when no new survey row waits for its party."""
    _refuse_state(record, "签补充协议", AgreementState.SIGNED)
    party = Party(record.project, "household" if record.household else "collective", str(record.household or record.collective))
    if not from_survey:
        made = new_agreement(session, clerk, Terms.of(session, clerk, record.home), party, record.kind)
        made.supplements = record.id
        session.flush()
        return made
    planner = Planner(session, clerk)
    plan = next((one for one in planner.plans(project=record.project) if one.party == party), Plan(party, "", "", "", ""))
    if plan.troubles:
        raise UserError("；".join(dict.fromkeys(plan.troubles)))
    if not plan.lines:
        raise UserError("乙方没有新确认、还未列入协议的实物", hint="请先确认实物，或手工填补充的一行")
    made = planner.write(plan, supplements=record)
    session.flush()
    return made


@action("renumber", "换编号", "agreement", Arg("number", "新编号", help="空着取下一个编号"))
def renumber(session: Session, clerk: Clerk, record: Agreement, *, number: str = "") -> str:
    """Gives an unsigned, never printed agreement another number: the next one, or a free one that is typed."""
    _refuse_state(record, "换编号", *_UNSIGNED)
    if printouts_of(session, "agreement", record.id):
        raise UserError(f"协议 {record.number} 已经打印，不能换编号", hint="请作废后重新起草", code="PRINTED")
    new = number.strip() or AgreementNumbers(session, clerk, record.home).take(record.kind)
    if session.scalar(select(Agreement.id).where(Agreement.number == new, Agreement.id != record.id)):
        raise UserError(f"编号 {new} 已经用过（作废的也算）", hint="请换一个编号，或空着由程序编", code="P13")
    old, record.number = record.number, new
    session.flush()
    return f"协议 {old} 已改编号为 {new}"


@action(
    "edit", "修改协议", "agreement",
    Arg("party_a", "甲方"), Arg("handler", "经办人"), Arg("witness", "见证方"), Arg("copies", "份数", COUNT), Arg("delivery", "交地期限", DAY),
)  # fmt: skip
def edit(
    session: Session,
    clerk: Clerk,
    record: Agreement,
    *,
    party_a: str | None = None,
    handler: str | None = None,
    witness: str | None = None,
    copies: int | None = None,
    delivery: str | None = None,
) -> str:
    """Changes what is not money, while the agreement is unsigned; what is not given stays."""
    _refuse_state(record, "修改", *_UNSIGNED)
    given = {"party_a": party_a, "handler": handler, "witness": witness, "copies": copies, "delivery": delivery}
    for name, value in given.items():
        if value is not None:
            setattr(record, name, value)
    session.flush()
    return f"已修改协议 {record.number}"


@action(
    "add-line", "加一行明细", "agreement",
    Arg("kind", "补偿类别", required=True, words="price_kind"), Arg("item", "名称", required=True), Arg("spec", "规格/结构"),
    Arg("unit", "单位", required=True), Arg("quantity", "数量", QUANTITY, required=True), Arg("unit_price", "单价", MONEY, required=True),
    Arg("household", "所属户", to="household"), Arg("parcel", "地块", to="parcel"), Arg("asset", "实物", to="asset"),
)  # fmt: skip
def add_line(
    session: Session,
    clerk: Clerk,
    record: Agreement,
    *,
    kind: str,
    item: str,
    unit: str,
    quantity: int,
    unit_price: int,
    spec: str = "",
    household: str = "",
    parcel: str = "",
    asset: str = "",
) -> str:
    """A line typed by hand into an unsigned agreement; a negative amount only in a supplement."""
    line = _add(session, record, kind=kind, item=item, unit=unit, quantity=quantity, unit_price=unit_price, spec=spec,
                household=household, parcel=parcel, asset=asset)  # fmt: skip
    return f"协议 {record.number} 加了第 {line.order} 行“{item}”{show_yuan(line.amount)} 元，现共 {show_yuan(total_of(session, record))} 元"


def _add(session: Session, record: Agreement, *, kind: str, quantity: int, unit_price: int, **words: str) -> AgreementLine:
    _refuse_state(record, "加明细", *_UNSIGNED)
    if unit_price < 0:
        raise UserError("单价不能是负数", hint="要扣减的请把数量写成负数", code="NEGATIVE")
    amount = item_line(quantity, unit_price)
    if amount < 0 and not record.supplements:
        raise UserError("只有补充协议可以有负数金额", hint="请对原协议另签补充协议", code="NEGATIVE")
    rows: list[Parcel | Asset] = [session.get_one(Parcel, words["parcel"])] if words.get("parcel") else []
    for row in [*rows, *([session.get_one(Asset, words["asset"])] if words.get("asset") else [])]:
        _refuse_row(record, row)
        _refuse_standing(session, record, row.id, kind)
    orders = session.scalar(select(func.max(AgreementLine.order)).where(AgreementLine.agreement == record.id))
    line = AgreementLine(
        home=record.home, agreement=record.id, order=(orders or 0) + 1, kind=kind, quantity=quantity, unit_price=unit_price,
        amount=amount, payee_type=payee_type_of(session, record).value, **{name: text or None for name, text in words.items()},
    )  # fmt: skip
    _refuse_payee(session, record, price_rows(session), line)
    session.add(line)
    if record.state == AgreementState.REVIEWED:
        record.state, record.reviewed_on = AgreementState.DRAFT.value, None
    session.flush()
    return line


# --- whose money, and what it is for ---------------------------------------------------------------------------------


def _refuse_payee(session: Session, record: Agreement, prices: Sequence[PriceRow], line: AgreementLine) -> None:
    """Raises UserError when money of this kind must not go to this party (471 arts 30, 32; P08).

    The kind decides, unless a price row of the office says otherwise; what a collective or unit owns itself is its own.
    """
    unit = session.get(CollectiveUnit, record.collective) if record.collective else None
    party = CollectiveKind(unit.kind).label if unit else HOUSEHOLD
    said = {PayeeType(row.payee_type).label for row in prices if row.id == line.price or (not line.price and row.kind == line.kind)}
    usual = default_payee(line.kind)
    wanted = said or ({usual} if usual else set())
    refusals = [payee_refusal(kind, party) for kind in sorted(wanted)]
    if None in refusals or not refusals:
        return
    row = session.get(Parcel, line.parcel) if line.parcel else session.get(Asset, line.asset) if line.asset else None
    if unit is not None and row is not None and row.collective == unit.id and wanted == {PERSON}:
        return
    raise UserError(f"“{line.kind}”不能列在协议 {record.number}：{refusals[0]}", hint="请列入收款人自己的协议；集体自有的请选上集体名下的实物", code="P08")


def _refuse_standing(session: Session, record: Agreement, row_id: str, kind: str, line_id: str = "") -> None:
    """Raises UserError when the row's money of this kind has another living line; supplements may correct their own family's."""
    stands = [other for line, other in lines_of_row(session, row_id) if line.kind == kind and line.id != line_id]
    family = set(standings(session, [record.id])) if stands else set()
    if not record.supplements:  # its supplements come after it
        family -= {one.id for one in stands if not one.supplements}
    strange = [other.number for other in stands if other.id not in family]
    if strange:
        raise UserError(f"同一项实物的“{kind}”已经列在协议 {strange[0]}", hint="一项实物只能列入一份有效协议；要改请作废原协议或签补充协议",
                        code="STANDING")  # fmt: skip


def _refuse_row(record: Agreement, row: Parcel | Asset) -> None:
    """A typed line names a living, confirmed survey row of the project, and of the household whose agreement it is."""
    if row.deleted or row.project != record.project:
        raise UserError(f"{row_name(row)}不在这个工程，或已删除", hint="请核对实物", code="OWNER")
    if record.household and row.household != record.household:
        raise UserError(f"{row_name(row)}不是乙方的", hint="请核对权属户", code="OWNER")
    if not row.confirmed:
        raise UserError(f"{row_name(row)}还没有签字确认", hint="请先签字确认，再列入协议", code="OWNER")


# --- what stands in the way of signing -------------------------------------------------------------------------------


def _refuse_state(record: Agreement, what: str, *states: AgreementState) -> None:
    if record.deleted or record.state not in states:
        label = AgreementState(record.state).label
        cure = {
            AgreementState.SIGNED: "签订后的变动请签补充协议，或作废重签",
            AgreementState.VOID: "作废的协议不能再用，请重新起草",
            AgreementState.REVIEWED: "它已经审核过了",
            AgreementState.DRAFT: "请先签订这份协议",
        }
        raise UserError(f"协议 {record.number} 是“{label}”状态，不能{what}", hint=cure[AgreementState(record.state)], code="STATE")


def _refuse_wrong_lines(session: Session, record: Agreement) -> None:
    lines = session.scalars(select(AgreementLine).where(AgreementLine.agreement == record.id, AgreementLine.deleted == 0)).all()
    if not lines:
        raise UserError(f"协议 {record.number} 没有明细", hint="请先加明细，或作废这份协议")
    allowed = payee_type_of(session, record)
    prices = price_rows(session)
    for line in lines:
        _refuse_payee(session, record, prices, line)
        for row_id in (line.parcel, line.asset):
            if row_id:
                _refuse_standing(session, record, row_id, line.kind, line.id)
        if line.payee_type != allowed:
            raise UserError(f"协议 {record.number} 第 {line.order} 行“{line.item}”的收款对象不是乙方",
                            hint="集体的款付集体，个人的款付个人（471号令第30、32条），请作废后分别起草", code="P08")  # fmt: skip
        if line.amount < 0 and not record.supplements:
            raise UserError(f"协议 {record.number} 第 {line.order} 行金额是负数", hint="只有补充协议可以有负数", code="NEGATIVE")


def _refuse_day(record: Agreement, clerk: Clerk, day: str) -> None:
    if record.drafted_on and day < record.drafted_on:
        raise UserError(f"签订日期{chinese_date(day)}早于起草日期{chinese_date(record.drafted_on)}", hint="请核对签订日期", code="DAY")
    if day > clerk.on:
        raise UserError(f"签订日期{chinese_date(day)}还没有到", hint="请填实际签字的日期", code="DAY")


def _refuse_paper(session: Session, record: Agreement) -> None:
    papers = [one for one in printouts_of(session, "agreement", record.id) if one.form.startswith("agreement")]
    if not papers:
        raise UserError(f"协议 {record.number} 还没有打印", hint="请先打印签字；不是用本程序打印的，请写明无打印件的原因", code="PAPER")
    if current_printout(session, "agreement", record.id, "agreement") is None:
        raise UserError(f"协议 {record.number} 打印以后内容又改过，原来的纸已过期", hint="请重新打印签字，旧纸收回作废", code="STALE")


def _refuse_below_nothing(session: Session, record: Agreement) -> None:
    """A supplement takes away no more than its agreement and the other signed supplements give."""
    total = total_of(session, record)
    if not record.supplements or total >= 0:
        return
    standing = standings(session, [record.id])
    left = total + sum(one.agreed for one in standing.values() if one.root == standing[record.id].root)
    if left < 0:
        raise UserError(f"签订后原协议连同补充协议的合计会是 {show_yuan(left)} 元", hint="扣减不能超过协议金额，请核对明细", code="NEGATIVE")


def _proxy(session: Session, record: Agreement, signed_by: str, given: str, day: str) -> Authorisation | None:
    """The authorisation a proxy signs by; UserError when there is none that holds on the day (民法典 arts 161, 165)."""
    if signed_by != SignedBy.PROXY and not given:
        return None
    if given:
        found = session.get(Authorisation, given)
        if found is None or found.deleted or found.principal != record.household:
            raise UserError("这份授权委托不是乙方这一户出具的", hint="请选乙方的授权委托", code="P06")
        why = _invalid(found, day)
        if why:
            raise UserError(f"{found.agent_name}的授权委托{why}", hint="请先补办授权委托", code="P06")
        return found
    valid = [one for one in session.scalars(select(Authorisation).where(Authorisation.principal == record.household, Authorisation.deleted == 0))
             if record.household and not _invalid(one, day)]  # fmt: skip
    if len(valid) != 1:
        why = "有不止一份有效的授权委托，不知道用哪一份" if valid else "没有有效的授权委托"
        raise UserError(f"乙方{why}", hint="请先登记授权委托并签章，再选用", code="P06")
    return valid[0]


def _invalid(authorisation: Authorisation, day: str) -> str:
    if not authorisation.signed:
        return "还没有签章"
    if authorisation.valid_from and day < authorisation.valid_from:
        return f"从{chinese_date(authorisation.valid_from)}才起效"
    if authorisation.valid_to and day > authorisation.valid_to:
        return f"到{chinese_date(authorisation.valid_to)}已失效"
    return ""


def _refuse_dead_head(session: Session, record: Agreement, proxy: Authorisation | None, day: str) -> None:
    household = session.get(Household, record.household) if record.household else None
    head = session.get(Person, household.head) if household and household.head else None
    if head is None or (proxy is not None and proxy.kind == ProxyKind.HEIR):
        return
    # Agency normally ends with the principal's death (民法典 art. 173): only heirs may sign for him.
    if (head.died_on and head.died_on <= day) or (head.state == PersonState.DEAD and not head.died_on):
        died = f"已于{chinese_date(head.died_on)}去世" if head.died_on else "已去世"
        raise UserError(f"户主{head.name}{died}，不能作为乙方签字", hint="请先变更户主，或登记继承人的授权后由继承人签", code="P07")


def _many_households(session: Session, record: Agreement, proxy: Authorisation) -> str:
    """A warning when one agent has signed for more households than the office thinks normal; "" otherwise."""
    limit = settings.number(session, "agreement.proxy_limit", record.home)
    same = Authorisation.agent_idcard == proxy.agent_idcard if proxy.agent_idcard else Authorisation.agent_name == proxy.agent_name
    count = session.scalar(
        select(func.count(func.distinct(Agreement.household)))
        .join(Authorisation, Agreement.authorisation == Authorisation.id)
        .where(Agreement.deleted == 0, Agreement.state == AgreementState.SIGNED, same)
    )
    return f"。请注意：{proxy.agent_name}已代 {count} 户签字，超过 {limit} 户" if count and count > limit else ""


# --- what if ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repriced:
    """A line as it is and as it would be with the prices of another day (分); `why` when it cannot be priced."""

    order: int
    item: str
    old: int
    new: int | None
    why: str = ""

    @property
    def difference(self) -> int:
        """分 more (or less, negative); 0 when it cannot be priced."""
        return 0 if self.new is None else self.new - self.old


def what_if(session: Session, agreement: Agreement, on: str) -> list[Repriced]:
    """What each line made from the survey would be with the prices of a day; nothing is changed. Typed lines stay."""
    prices = price_rows(session)
    found = []
    for line in session.scalars(select(AgreementLine).where(AgreementLine.agreement == agreement.id, AgreementLine.deleted == 0)
                                .order_by(AgreementLine.order)):  # fmt: skip
        row: Parcel | Asset | None = session.get(Parcel, line.parcel) if line.parcel else session.get(Asset, line.asset) if line.asset else None
        if row is None:
            found.append(Repriced(line.order, line.item, line.amount, line.amount))
            continue
        try:
            rows = land_price_rows(prices, row, on) if isinstance(row, Parcel) else (asset_price_row(prices, row, on),)
            price = next((one for one in rows if one.kind == line.kind), None)
            if price is None:
                raise UserError(f"没有“{line.kind}”的单价")
        except UserError as error:
            found.append(Repriced(line.order, line.item, line.amount, None, f"{row_name(row)}：{error.text}"))
            continue
        found.append(Repriced(line.order, line.item, line.amount, _at(line, price.unit_price)))
    return found


def _at(line: AgreementLine, unit_price: int) -> int:
    """The amount of a line with its own quantity and years at another price."""
    if line.years is None:
        return item_line(line.quantity, unit_price)
    return half_up(line.quantity * line.years * unit_price, 10**12)
