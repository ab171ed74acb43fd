"""Rectification: states with their history, sign-off by different people, look-back, reminders."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import WORKING, Arg, action, refuse_role
from relocdesk.clerk import Clerk
from relocdesk.entry import line_text, next_line
from relocdesk.errors import UserError
from relocdesk.field import DAY, NOTE, Choice
from relocdesk.records import new_id, register
from relocdesk.records.document import Attachment
from relocdesk.records.rectification import SETTLED, ItemState, LookBack, LookResult, Measure, RectificationItem, StateChange
from relocdesk.records.reference import Role
from relocdesk.rules.days import chinese_date
from relocdesk.rules.rectification import Signature, Signed, months_after, overdue_days, refusal

KEEPERS = (*WORKING, Role.PARTY)
LEADERS = (Role.REVIEW, Role.HEAD, Role.PARTY, Role.ADMIN)
GROUP = (Role.HEAD, Role.PARTY, Role.ADMIN)


class Step(Choice):
    SECTION = "section", "股室申请", "股室"
    LEADER = "leader", "分管领导审核", "领导"
    GROUP = "group", "党组销号", "党组"


_SIGNERS: dict[str, tuple[str, ...]] = {Step.SECTION: KEEPERS, Step.LEADER: LEADERS, Step.GROUP: GROUP}


@action(
    "set-state", "登记整改状态", "rectification_item",
    Arg("state", "整改状态", required=True, choices=ItemState), Arg("reason", "说明", NOTE, required=True, help="做了什么，还差什么"),
    Arg("evidence", "佐证材料", NOTE, help="文件、照片、凭证的名称；也可以挂附件"), Arg("changed_on", "日期", DAY, help="空着为今天"),
    roles=KEEPERS,
)  # fmt: skip
def set_state(
    session: Session, clerk: Clerk, record: RectificationItem, *, state: str, reason: str, evidence: str = "", changed_on: str = ""
) -> str:
    """Another state, with the reason in the item's own history; 已完成 and 长期坚持 need evidence and two people's signatures."""
    day, evidence = _day(clerk, record, changed_on), evidence.strip()
    if state == record.state and not evidence:
        raise UserError(f"第 {record.number} 号问题已经是“{ItemState(state).label}”", hint="没有变化不用登记；进展请写在“进展情况”里")
    if record.group_signed_on:
        raise UserError(f"第 {record.number} 号问题已于{chinese_date(record.group_signed_on)}销号", hint="有反弹的请办理“回头看”", code="STATE")
    if evidence:
        record.evidence = evidence
    if state in SETTLED:
        if not has_evidence(session, record):
            raise UserError(f"第 {record.number} 号问题没有佐证材料，不能登记“{ItemState(state).label}”", hint="请写明佐证材料或挂附件", code="Z03")
        if not signed(record).may_close():
            raise UserError(f"第 {record.number} 号问题还没有两人签字，不能登记“{ItemState(state).label}”",
                            hint="请先办理销号签字：股室申请、分管领导审核", code="Z03")  # fmt: skip
    _change(session, clerk, record, state, day, reason)
    return f"第 {record.number} 号问题：{ItemState(state).label}（{reason}）"


@action(
    "sign-off", "销号签字", "rectification_item",
    Arg("step", "签到哪一步", choices=Step, help="空着为下一步"), Arg("signer", "签字人", help="空着为本人"),
    Arg("signed_on", "签字日期", DAY, help="空着为今天"), Arg("evidence", "佐证材料", NOTE),
    Arg("lasting", "整改后", choices=ItemState, help="党组销号时填“已完成”或“长期坚持”，空着不变，没有完成的为已完成"),
    roles=KEEPERS,
)  # fmt: skip
def sign_off(
    session: Session, clerk: Clerk, record: RectificationItem, *, step: str = "", signer: str = "", signed_on: str = "", evidence: str = "",
    lasting: str = "",
) -> str:  # fmt: skip
    """The next signature: the section applies with evidence, the leader in charge examines, the party group strikes it off."""
    so_far = signed(record)
    wanted: Signature = step or so_far.next() or "group"  # type: ignore[assignment]  # the codes of Step
    refuse_role(clerk, Step(wanted).label, _SIGNERS[wanted])
    who, day = signer.strip() or clerk.name, _day(clerk, record, signed_on)
    if evidence.strip():
        record.evidence = evidence.strip()
    why = refusal(so_far, wanted, who, evidence=has_evidence(session, record), open_measures=_open_measures(session, record))
    if why:
        raise UserError(f"第 {record.number} 号问题{why}，不能办“{Step(wanted).label}”", hint=_cure(why), code="Z03")
    before = max(filter(None, (record.section_signed_on, record.leader_signed_on)), default="")
    if day < before:
        raise UserError(f"签字日期{chinese_date(day)}早于上一步的{chinese_date(before)}", hint="请核对签字日期", code="DAY")
    opened = session.scalar(select(func.max(StateChange.changed_on)).where(
        StateChange.item == record.id, StateChange.after == ItemState.OPEN, StateChange.deleted == 0))
    if opened and day < opened:
        raise UserError(f"签字日期{chinese_date(day)}早于重新整改的{chinese_date(opened)}", hint="重新整改以后要重新签字", code="DAY")
    setattr(record, f"{wanted}_signed_by", who)
    setattr(record, f"{wanted}_signed_on", day)
    if wanted == "group":
        _struck_off(session, clerk, record, lasting or (record.state if record.state in SETTLED else ItemState.DONE), day, who)
    session.flush()
    return f"第 {record.number} 号问题：{Step(wanted).label}，{who}{chinese_date(day)}签字"


def _struck_off(session: Session, clerk: Clerk, record: RectificationItem, state: str, day: str, who: str) -> None:
    if state not in SETTLED:
        raise UserError(f"销号后不能是“{ItemState(state).label}”", hint="请填“已完成”或“长期坚持”", code="STATE")
    record.look_due = months_after(day, settings.number(session, "rectify.look_back_months", record.home))
    if record.state != state:
        _change(session, clerk, record, state, day, f"{who}销号")


@action(
    "look-back", "回头看", "rectification_item",
    Arg("result", "结果", required=True, choices=LookResult), Arg("note", "情况", NOTE, required=True),
    Arg("checked_on", "检查日期", DAY, help="空着为今天"), Arg("by", "检查人", help="空着为本人"),
    Arg("due_on", "新的整改时限", DAY, help="反弹的要重新整改到哪一天"),
    roles=KEEPERS,
)  # fmt: skip
def look_back(
    session: Session, clerk: Clerk, record: RectificationItem, *, result: str, note: str, checked_on: str = "", by: str = "", due_on: str = ""
) -> str:
    """Looks at a settled item once more: a relapse opens it again with all its history, and the signatures have to be given anew."""
    day = _day(clerk, record, checked_on)
    if record.state not in SETTLED:
        raise UserError(f"第 {record.number} 号问题还没有完成，不用回头看", hint="请先完成整改并销号", code="STATE")
    seen = last_look(session, record)
    for what, earliest in (("完成日期", record.done_on), ("销号日期", record.group_signed_on), ("上次回头看的", seen.checked_on if seen else None)):
        if earliest and day < earliest:
            raise UserError(f"检查日期{chinese_date(day)}早于{what}{chinese_date(earliest)}", hint="请核对检查日期", code="DAY")
    relapsed = result == LookResult.RELAPSED
    if relapsed and (not due_on or due_on <= day):
        raise UserError("反弹的问题要有新的整改时限", hint="请填检查日期以后的日期", code="Z05")
    if session.scalar(select(LookBack.id).where(LookBack.item == record.id, LookBack.checked_on == day, LookBack.deleted == 0)):
        raise UserError(f"{chinese_date(day)}已经登记过回头看", hint="一天只登记一次，请核对日期")
    session.add(LookBack(id=new_id(), home=record.home, item=record.id, checked_on=day, result=result, by=by or clerk.name, note=note))
    if not relapsed:
        record.look_due = None
        session.flush()
        return f"第 {record.number} 号问题回头看：巩固"
    record.due_on = due_on
    proof, record.evidence = record.evidence, None  # what proved the first rectification does not prove the next
    _change(session, clerk, record, ItemState.OPEN, day, f"回头看发现反弹：{note}" + (f"（原佐证：{proof}）" if proof else ""))
    return f"第 {record.number} 号问题反弹，重新整改，时限{chinese_date(due_on)}"


@action(
    "reopen", "重新整改", "rectification_item",
    Arg("reason", "理由", NOTE, required=True, help="如上级没有认可销号、材料不实"), Arg("due_on", "新的整改时限", DAY, required=True),
    Arg("changed_on", "日期", DAY, help="空着为今天"), roles=LEADERS,
)  # fmt: skip
def reopen(session: Session, clerk: Clerk, record: RectificationItem, *, reason: str, due_on: str, changed_on: str = "") -> str:
    """A sign-off that is not accepted, before or after its last signature: open again, signed off anew, all its history kept."""
    day = _day(clerk, record, changed_on)
    if record.state not in SETTLED and signed(record) == Signed():
        raise UserError(f"第 {record.number} 号问题没有销号，也没有人签过字", hint="整改状态有变化的请办“登记整改状态”", code="STATE")
    if due_on <= day:
        raise UserError("重新整改要有新的整改时限", hint=f"请填{chinese_date(day)}以后的日期", code="Z05")
    record.due_on = due_on
    _change(session, clerk, record, ItemState.OPEN, day, reason)
    return f"第 {record.number} 号问题重新整改（{reason}），时限{chinese_date(due_on)}"


@action("remind", "登记提醒", "rectification_item", Arg("reminded_on", "提醒日期", DAY, help="空着为今天"), roles=KEEPERS)
def remind(session: Session, clerk: Clerk, record: RectificationItem, *, reminded_on: str = "") -> str:
    """A reminder letter went to the people in charge of an overdue item; the letter itself is the paper 整改提醒书."""
    day = _day(clerk, record, reminded_on)
    late = overdue_days(record.due_on, record.state in SETTLED, day)
    if not late:
        raise UserError(f"第 {record.number} 号问题没有超期", hint="超期的问题才发提醒书")
    record.reminded, record.reminded_on = record.reminded + 1, day
    session.flush()
    return f"第 {record.number} 号问题超期 {late} 天，已提醒{record.leader}、{record.section}（第 {record.reminded} 次）"


@action(
    "finish-measure", "措施完成", "measure",
    Arg("done_on", "完成日期", DAY, help="空着为今天"), Arg("result", "落实情况", NOTE), roles=KEEPERS,
)  # fmt: skip
def finish_measure(session: Session, clerk: Clerk, record: Measure, *, done_on: str = "", result: str = "") -> str:
    """One measure is carried out; what is done keeps its day unless another one is given."""
    if record.done_on and done_on in ("", record.done_on) and result.strip() in ("", record.result or ""):
        raise UserError(f"措施 {record.number} 已经于{chinese_date(record.done_on)}完成", hint="完成日期有误的请填上对的日期再办", code="STATE")
    day = done_on or record.done_on or clerk.on
    if day > clerk.on:
        raise UserError(f"完成日期{chinese_date(day)}还没有到", hint="请核对完成日期", code="DAY")
    record.done_on, record.result = day, result or record.result
    session.flush()
    return f"措施 {record.number} 已于{chinese_date(day)}完成"


# --- parts -----------------------------------------------------------------------------------------------------------


def signed(record: RectificationItem) -> Signed:
    """Who has signed so far."""
    return Signed(record.section_signed_by or "", record.leader_signed_by or "", record.group_signed_by or "")


def has_evidence(session: Session, record: RectificationItem) -> bool:
    """Whether something proves the rectification: a text, or a file that hangs on the item; after a relapse one that came since."""
    relapsed = last_look(session, record, LookResult.RELAPSED)
    filed = select(Attachment.id).where(Attachment.record == record.id, Attachment.deleted == 0, Attachment.id > (relapsed.id if relapsed else ""))
    return bool((record.evidence or "").strip()) or session.scalar(filed.limit(1)) is not None


def last_look(session: Session, record: RectificationItem, result: str = "") -> LookBack | None:
    """The latest look-back, of a result when one is given."""
    ask = select(LookBack).where(LookBack.item == record.id, LookBack.deleted == 0, *([LookBack.result == result] if result else []))
    return session.scalars(ask.order_by(LookBack.checked_on.desc(), LookBack.id.desc()).limit(1)).first()


def _open_measures(session: Session, record: RectificationItem) -> int:
    ask = select(func.count()).where(Measure.item == record.id, Measure.deleted == 0, Measure.done_on.is_(None))
    return int(session.scalar(ask) or 0)


def _change(session: Session, clerk: Clerk, record: RectificationItem, state: str, day: str, reason: str) -> None:
    """The new state, and a line of history that nothing overwrites; what is open again has to be signed off anew.

    The history runs forward: a day before the one that was registered last is refused.
    """
    last = session.scalar(select(func.max(StateChange.changed_on)).where(StateChange.item == record.id, StateChange.deleted == 0))
    if last and day < last:
        raise UserError(f"日期{chinese_date(day)}早于上一次登记的{chinese_date(last)}", hint="状态要按先后登记，请核对日期", code="DAY")
    session.add(StateChange(id=new_id(), home=record.home, line=line_text(clerk, next_line(session, register("state_change"), clerk)),
                            item=record.id, changed_on=day, before=record.state, after=state, reason=reason, by=clerk.name))  # fmt: skip
    if state == ItemState.OPEN or (record.state in SETTLED and state not in SETTLED):
        for step in Step:
            setattr(record, f"{step.value}_signed_by", None)
            setattr(record, f"{step.value}_signed_on", None)
        record.look_due = None
    record.state = ItemState(state).value
    record.done_on = (record.done_on or day) if state in SETTLED else None
    session.flush()


def _day(clerk: Clerk, record: RectificationItem, typed: str) -> str:
    day = typed or clerk.on
    if day > clerk.on:
        raise UserError(f"日期{chinese_date(day)}还没有到", hint="请填今天或以前的日期", code="DAY")
    if record.deleted:
        raise UserError(f"第 {record.number} 号问题已经删除", hint="请先恢复")
    return day


def _cure(why: str) -> str:
    cures = {"没有佐证": "请写明佐证材料或挂附件", "条措施": "请先登记“措施完成”", "同一个人": "请由另一人签字", "已经销号": "有反弹的请办理“回头看”"}
    return next((cure for word, cure in cures.items() if word in why), "请按 股室申请、分管领导审核、党组销号 的顺序签字")
