"""After-support people come, go and are put right: each change with its proof, the month it counts from, and what it leaves overpaid."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import entry, settings
from relocdesk.actions.action import Arg, action, refuse_role
from relocdesk.actions.recovery import propose, waiting_lines
from relocdesk.clerk import Clerk
from relocdesk.derive import told_by_idcard
from relocdesk.errors import UserError
from relocdesk.field import ACCOUNT, DAY, IDCARD, OPEN_CHOICE, PHONE, Field, Value
from relocdesk.queries.entitlement import event
from relocdesk.queries.objections import open_objections, why_open
from relocdesk.queries.people_postings import NoticeReader
from relocdesk.queries.places import Places
from relocdesk.queries.roster_doubts import missed_by_move
from relocdesk.records import register
from relocdesk.records.household import Person
from relocdesk.records.reference import Role
from relocdesk.records.support import ChangeKind, Recipient, RecipientChange, ReduceReason
from relocdesk.records.survey import Posting, PostingSubject
from relocdesk.records.trail import OP, TXN
from relocdesk.rules.days import chinese_date, chinese_month
from relocdesk.rules.identity import mask_account, mask_idcard
from relocdesk.rules.support import stop_month

CHECKING = (Role.REVIEW, Role.HEAD)
_PROOF = Arg("proof", "证明材料", required=True, help="名称和编号，如 死亡证明 0012 号；原件扫描后挂附件")
CORRECTED = ("name", "idcard", "ethnic", "reservoir", "cohort", "moved_on", "start_month", "support", "household_no", "head_name", "relation")


@action(
    "reduce", "核减", "recipient",
    Arg("reason", "核减原因", required=True, choices=ReduceReason), Arg("happened_on", "发生日期", DAY, required=True, help="死亡、录用、判决等的日期"),
    _PROOF, Arg("found_on", "发现日期", DAY, help="空着为今天"), Arg("detail", "具体原因", OPEN_CHOICE, words="reduce_detail", help="D5 其他必须写明"),
    Arg("until_on", "刑期截止日期", DAY, help="服刑核减的，填判决书上的刑期截止日"), Arg("document", "文号"),
)  # fmt: skip
def reduce(
    session: Session, clerk: Clerk, record: Recipient, *, reason: str, happened_on: str, proof: str = "", found_on: str = "", detail: str = "",
    until_on: str = "", document: str = "",
) -> str:  # fmt: skip
    """Payment stops by the stop rule valid on the day; past periods are worked out anew and what was overpaid is listed to come back.

    云搬发〔2022〕174号: D1 hired, D2 another hukou, D3 dead, D4 in prison, D5 others. Refuses a change without proof, before birth,
    in the future, or of somebody reduced already.
    """
    made = _enter(session, clerk, record, ChangeKind.REDUCE, happened_on, proof, reason=reason, found_on=found_on or clerk.on, detail=detail,
                  until_on=until_on, document=document)  # fmt: skip
    what = f"{ReduceReason(reason).label}，{chinese_date(happened_on)}"
    return f"已核减{_name(session, record)}（{what}）：从 {_effect(session, record, made)} 起停发{_consequences(session, clerk, record, made)}"


@action(
    "restore", "恢复发放", "recipient",
    Arg("happened_on", "恢复日期", DAY, required=True, help="刑满释放、撤销死亡宣告等的日期"), _PROOF,
    Arg("detail", "具体原因", OPEN_CHOICE, words="reduce_detail"), Arg("document", "文号"),
)  # fmt: skip
def restore(session: Session, clerk: Clerk, record: Recipient, *, happened_on: str, proof: str = "", detail: str = "", document: str = "") -> str:
    """Payment begins again by the same rule; what was withheld is not paid later and the term is not prolonged (云搬发〔2022〕174号).

    Refuses somebody who was not reduced; the dead come back only by a judgment (民法典 art. 50).
    """
    before = _last_reduction(session, record)
    dead = before is not None and before.reason == ReduceReason.DEAD
    made = _enter(session, clerk, record, ChangeKind.RESTORE, happened_on, proof, found_on=clerk.on, detail=detail, document=document)
    if dead:
        person = session.get_one(Person, record.person)
        person.state, person.died_on = "present", None
        session.flush()
    month = _effect(session, record, made)
    return f"已恢复{_name(session, record)}：从 {month} 起发放，停发期间的不补发，年限不顺延{_consequences(session, clerk, record, made)}"


@action(
    "move", "辖内迁移", "recipient",
    Arg("to_place", "现村组", required=True, to="place"), Arg("happened_on", "迁移日期", DAY, required=True), _PROOF, Arg("document", "文号"),
)  # fmt: skip
def move(session: Session, clerk: Clerk, record: Recipient, *, to_place: str, happened_on: str, proof: str = "", document: str = "") -> str:
    """Another village group or township of this book: the person goes on being paid, from the next roster at the new place."""
    places = Places.load(session)
    if to_place not in places.nodes or to_place == record.place:
        raise UserError(f"{_name(session, record)}已经在{places.full(record.place)}", hint="请选迁到的村组")
    made = _enter(session, clerk, record, ChangeKind.MOVE, happened_on, proof, found_on=clerk.on, document=document)
    made.from_place, made.to_place = record.place, to_place
    record.place = to_place
    session.flush()
    said = f"{_name(session, record)}已由{places.full(made.from_place)}迁到{places.full(to_place)}，从下一期名册起在新地发放"
    missed = missed_by_move(session, record, made.from_place)
    return said + (f"；请注意：{'、'.join(missed)}的名册已经冻结，没有列他，原乡镇也不会再列；请在新地下一期“另列补发”" if missed else "")


@action(
    "move-out", "迁出", "recipient",
    Arg("happened_on", "迁出日期", DAY, required=True), _PROOF, Arg("destination", "迁往何地"), Arg("document", "文号"),
)  # fmt: skip
def move_out(session: Session, clerk: Clerk, record: Recipient, *, happened_on: str, proof: str = "", destination: str = "", document: str = "") -> str:
    """Out of what this book is for: payment stops here by the stop rule."""
    made = _enter(session, clerk, record, ChangeKind.MOVE_OUT, happened_on, proof, found_on=clerk.on, document=document, remark=destination)
    made.from_place = record.place
    session.flush()
    where = f"（迁往{destination}）" if destination else ""
    return f"{_name(session, record)}已迁出{where}：从 {_effect(session, record, made)} 起停发{_consequences(session, clerk, record, made)}"


@action(
    "move-in", "迁入", "recipient",
    Arg("happened_on", "迁入日期", DAY, required=True), _PROOF, Arg("origin", "从何地迁来"), Arg("to_place", "现村组", to="place", help="空着为登记的村组"),
    Arg("document", "文号"),
)  # fmt: skip
def move_in(
    session: Session, clerk: Clerk, record: Recipient, *, happened_on: str, proof: str = "", origin: str = "", to_place: str = "", document: str = ""
) -> str:
    """From elsewhere into what this book is for: a newly registered recipient, or one who had moved out."""
    made = _enter(session, clerk, record, ChangeKind.MOVE_IN, happened_on, proof, found_on=clerk.on, document=document, remark=origin)
    made.to_place = record.place = to_place or record.place
    session.flush()
    where = f"（从{origin}迁来）" if origin else ""
    return f"{_name(session, record)}已迁入{where}{Places.load(session).full(record.place)}：从 {_effect(session, record, made)} 起发放"


@action(
    "correct", "更正信息", "recipient",
    Arg("item", "更正栏目", required=True, help="、".join(("姓名", "身份证号", "民族", "所属水库", "人口类型", "搬迁日期", "起始月", "扶持方式"))),
    Arg("value", "更正为", required=True), _PROOF, Arg("happened_on", "更正日期", DAY, help="空着为今天"), Arg("document", "文号"),
)  # fmt: skip
def correct(
    session: Session, clerk: Clerk, record: Recipient, *, item: str, value: str, proof: str = "", happened_on: str = "", document: str = ""
) -> str:
    """A wrong name, number or fact of support is put right with its proof; old and new value stay on record."""
    f = register("recipient").find(item)
    if f is None or f.name not in CORRECTED:
        names = "、".join(register("recipient")[name].label for name in CORRECTED)
        raise UserError(f"“{item}”不在更正栏目里", hint=f"可更正：{names}")
    person = session.get_one(Person, record.person)
    old = getattr(person if f.via else record, f.via.rpartition(".")[2] or f.name)
    new = f.read(value)
    if new == old:
        raise UserError(f"{f.label}已经是“{f.show(old)}”", hint="请核对要更正的内容")
    made = _enter(session, clerk, record, ChangeKind.CORRECT, happened_on or clerk.on, proof, item=f.label, old_value=f.plain(old), new_value=f.plain(new),
                  found_on=clerk.on, document=document)  # fmt: skip
    if f.name in ("name", "idcard"):
        _correct_person(session, person, f, str(new))
    else:
        entry.save(session, clerk, register("recipient"), {f.name: value}, record.id)
    said = f"已更正{person.name}的{f.label}：由“{_shown(f, old)}”改为“{_shown(f, new)}”"
    return said + _consequences(session, clerk, record, made)


def _shown(f: Field, value: Value) -> str:
    """A value for a sentence that people read aloud and the log keeps: numbers of people masked."""
    return mask_idcard(str(value or "")) if f.kind is IDCARD else f.show(value)


def _correct_person(session: Session, person: Person, f: Field, new: str) -> None:
    """One register of people: the household shows the corrected name too."""
    if f.name == "name":
        former = [one for one in (person.former_names or "").split("、") if one]
        person.former_names = "、".join(dict.fromkeys((*former, person.name)))
        person.name = new
    else:
        taken = session.scalars(select(Person.name).where(Person.idcard == new, Person.deleted == 0, Person.id != person.id)).first()
        if taken is not None:
            raise UserError(f"这个身份证号已登记为“{taken}”", hint="同一人登记了两次的，请先删去其中一条", code="ID_TAKEN")
        person.idcard = new
        for name, told in told_by_idcard(new).items():
            setattr(person, name, told)
    session.flush()


@action(
    "change-account", "变更账户", "recipient",
    Arg("account", "银行账号", ACCOUNT, required=True), Arg("account_name", "户名", help="空着为本人"), Arg("bank", "开户行", help="空着为原开户行"),
    Arg("payee_relation", "户名与本人关系", OPEN_CHOICE, words="relation", help="户名不是本人的必须填"), Arg("phone", "联系电话", PHONE), _PROOF,
    Arg("happened_on", "变更日期", DAY, help="空着为今天"),
)  # fmt: skip
def change_account(
    session: Session, clerk: Clerk, record: Recipient, *, account: str, account_name: str = "", bank: str = "", payee_relation: str = "",
    phone: str = "", proof: str = "", happened_on: str = "",
) -> str:  # fmt: skip
    """Another account from the next roster on; rosters frozen already keep theirs, a returned line takes the new one (R05)."""
    name = _name(session, record)
    holder = account_name or name
    if holder != name and not (payee_relation or record.payee_relation):
        raise UserError(f"户名“{holder}”不是{name}本人", hint="请填户名与本人关系，并附委托书", code="R05")
    new = {"account_name": holder, "account": account, "bank": bank or record.bank or "",
           "payee_relation": "本人" if holder == name else payee_relation or record.payee_relation or ""}  # fmt: skip
    old = {key: getattr(record, key) or "" for key in new}
    if old == new and not phone:
        raise UserError("账户没有变化", hint="请核对新的户名、账号和开户行")
    _enter(session, clerk, record, ChangeKind.ACCOUNT, happened_on or clerk.on, proof, item="账户", old_value=_account_text(old), new_value=_account_text(new),
           found_on=clerk.on)  # fmt: skip
    entry.save(session, clerk, register("recipient"), new | ({"phone": phone} if phone else {}), record.id)
    return f"{name}的账户已变更为 {holder} {mask_account(account)}，从下一份名册起使用；已冻结的名册不变"


def _account_text(values: dict[str, str]) -> str:
    return " ".join(values[name] for name in ("account_name", "account", "bank") if values[name])


@action("certify-alive", "生存认证", "recipient", Arg("alive_on", "认证日期", DAY, help="空着为今天"), Arg("proof", "认证方式", help="照片、视频、上门"))
def certify_alive(session: Session, clerk: Clerk, record: Recipient, *, alive_on: str = "", proof: str = "") -> str:
    """Somebody saw the person alive on a day (R16)."""
    person = session.get_one(Person, record.person)
    day = alive_on or clerk.on
    if person.died_on:
        raise UserError(f"{person.name}已登记{chinese_date(person.died_on)}死亡", hint="请核对；登记有误的先撤销核减", code="DEAD")
    if record.alive_on and day < record.alive_on:
        raise UserError(f"{person.name}已在{chinese_date(record.alive_on)}认证过", hint="请核对认证日期")
    entry.save(session, clerk, register("recipient"), {"alive_on": day}, record.id)
    return f"{person.name}已于{chinese_date(day)}认证生存" + (f"（{proof}）" if proof else "")


@action(
    "approve-change", "核准动态", "recipient_change",
    Arg("document", "文号"), Arg("unposted", "未公示的原因", help="核减名单应先公示；没有公示的写明原因"), Arg("reason", "同人经办原因"), roles=CHECKING,
)  # fmt: skip
def approve_change(session: Session, clerk: Clerk, record: RecipientChange, *, document: str = "", unposted: str = "", reason: str = "") -> str:
    """A second person has seen the proof; a reduction has hung on the wall first (核减公示). The change is fixed from then on."""
    refuse_role(clerk, "核准动态", CHECKING)
    name = _name(session, session.get_one(Recipient, record.recipient))
    if record.approved_on:
        raise UserError(f"{name}的这条动态已于{chinese_date(record.approved_on)}核准", hint="请核对")
    if not record.proof:
        raise UserError(f"{name}的这条动态没有证明材料", hint="请补填证明材料并挂附件，再核准", code="PROOF")
    notes = [_other_person(session, clerk, record, name, reason)]
    if record.kind == ChangeKind.REDUCE:
        record.posted = _posting(session, record, clerk.on)
        undecided = open_objections(session, record.posted) if record.posted else []
        if undecided:
            told, cure = why_open(undecided)
            raise UserError(f"公示的核减名单还有 {told}", hint=cure, code="R19")
        if record.posted is None and not unposted.strip():
            raise UserError(f"{name}的核减还没有公示期满", hint="请先张榜公示“核减名单”；确实不能公示的写明原因", code="R19")
        notes.append(f"未公示：{unposted.strip()}" if record.posted is None else "")
    record.approved_on, record.approved_by, record.document = clerk.on, clerk.name, document or record.document
    record.remark = "；".join(text for text in (record.remark, *notes) if text) or None
    session.flush()
    return f"已核准{name}的{ChangeKind(record.kind).label}（{chinese_date(record.happened_on)}）"


def _other_person(session: Session, clerk: Clerk, record: RecipientChange, name: str, reason: str) -> str:
    """Entering and approving are two people's; a small office may have one do both, with the reason."""
    makers = set(session.scalars(select(TXN.c.name).join(OP, OP.c.txn == TXN.c.id).where(OP.c.row == record.id, OP.c.kind == "i")))
    if clerk.name not in makers:
        return ""
    if not settings.flag(session, "office.small", record.home):
        raise UserError(f"{name}的这条动态是{clerk.name}自己登记的", hint="请由另一人核准；人少的办公室可在设置里允许，并写明原因", code="P18")
    if not reason.strip():
        raise UserError(f"{clerk.name}核准自己登记的动态要写明原因", hint="请填“同人经办原因”", code="P18")
    return f"同人经办：{reason.strip()}"


def _posting(session: Session, record: RecipientChange, on: str) -> str | None:
    """The posting of reductions at the person's place or above it that ran out after the change was found, and on which it stood."""
    recipient = session.get_one(Recipient, record.recipient)
    around = [node.id for node in Places.load(session).ancestors(recipient.place)]
    query = select(Posting).where(Posting.deleted == 0, Posting.subject == PostingSubject.REDUCTION, Posting.place.in_(around))
    query = query.where(Posting.from_on >= (record.found_on or record.happened_on), Posting.until_on < on).order_by(Posting.until_on.desc())
    reader = NoticeReader(session)
    return next((one.id for one in session.scalars(query) if not one.snapshot or any(row.id == record.id for row in reader.posted_reductions(one))), None)


# --- what they share -------------------------------------------------------------------------------------------------


def _enter(session: Session, clerk: Clerk, record: Recipient, kind: ChangeKind, happened_on: str, proof: str, **texts: str) -> RecipientChange:
    """Registers the change through the entry engine, whose rules hold here too."""
    person = session.get_one(Person, record.person)
    if not proof.strip():
        raise UserError(f"“{kind.label}”还缺：证明材料", hint="请填材料的名称和编号", code="PROOF")
    given = {"recipient": person.idcard or "", "kind": kind.value, "happened_on": happened_on, "proof": proof} | {k: v for k, v in texts.items() if v}
    row_id = entry.save(session, clerk, register("recipient_change"), given)
    return session.get_one(RecipientChange, row_id)


def _name(session: Session, record: Recipient) -> str:
    return session.get_one(Person, record.person).name


def _last_reduction(session: Session, record: Recipient) -> RecipientChange | None:
    query = select(RecipientChange).where(RecipientChange.recipient == record.id, RecipientChange.deleted == 0)
    return session.scalars(query.where(RecipientChange.kind == ChangeKind.REDUCE).order_by(RecipientChange.happened_on.desc()).limit(1)).first()


def _effect(session: Session, record: Recipient, made: RecipientChange) -> str:
    """The month in which a change begins to count, as people read it."""
    found = event(made.kind, made.happened_on, record.reservoir, settings.policies(session))
    return chinese_month(stop_month(found.on, found.rule, found.cycle))


def _consequences(session: Session, clerk: Clerk, record: Recipient, made: RecipientChange) -> str:
    """What was overpaid and is now listed to come back, and the rosters that still hold the person."""
    said = propose(session, clerk, record, made.id)
    waiting = waiting_lines(session, clerk, record)
    return (f"；{said}" if said else "") + (f"；还没有发放的名册里有他：{'、'.join(waiting)}，请剔除或扣回" if waiting else "")
