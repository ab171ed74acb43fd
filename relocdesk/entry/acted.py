"""What only an action may write: typing over it would go round the action's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.field import Register, Value
from relocdesk.queries.petition import ZERO_VISITS
from relocdesk.records.document import Attachment
from relocdesk.records.petition import Channel
from relocdesk.records.rectification import SETTLED, RectificationItem
from relocdesk.rules.subsidy import serials_in

# register → (columns that change by an action only once the row is there, which action)
ACTED = {
    "agreement": (("number",), "改编号"),
    "payment": (("result", "paid_on", "return_reason"), "收回盘、登记结果或到账后退汇"),
    "payment_batch": (("made_by", "number"), "重新编制"),
    "printout": (("returned_on", "signer", "signer_reason", "sign_witness", "scanned_on"), "登记收回或归档"),
    "petition": (("archive_no",), "归档"),
    "posting": (("project", "subject", "place", "from_on", "until_on"), "结束公示，或另发一榜"),
    "rectification_item": (("state", "done_on"), "登记整改状态、销号签字或回头看"),
    "look_back": (("item", "checked_on", "result"), "回头看"),
    "period": (("year", "number", "place", "first_month", "last_month", "paid_on", "same_person_reason"), "开发放期和它的各步"),
    "support_payment": (("period", "recipient", "kind", "attempt", "back_pay", "deducted", "result", "paid_on", "return_reason"),
                        "补发或扣回、登记单笔结果、到账后退汇或更正账户后再发"),
    "recovery": (("recipient", "recovered", "recovered_on"), "登记追回"),
}
# register → a column that says something happened → what can only have happened after it: the later goes back first.
STANDS_ON: dict[str, dict[str, tuple[str, ...]]] = {
    "petition": {"jurisdiction": ("noticed_on", "accepted_on"), "accepted_on": ("extension_days", "closed_on", "settled_on"),
                 "closed_on": ("delivered_on", "satisfaction"), "delivered_on": ("archive_no",)},
    "petition_review": {"done_on": ()},
    "rectification_item": {"evidence": ("section_signed_on",), "section_signed_on": ("leader_signed_on", "group_signed_on"),
                           "leader_signed_on": ("group_signed_on",)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Later:
    """Rows of a register that can only have come after something happened: those whose `link` is the earlier row's `own` column."""

    register: str
    link: str
    own: str = "id"
    where: tuple[tuple[str, str], ...] = ()
    words: str = ""  # how it is called; "" = as the register


# (register, column) → the rows that can only have come after it.
ROWS_STAND_ON = {
    ("petition", "delivered_on"): Later("petition_review", "petition"),
    ("petition_review", "done_on"): Later("petition", "repeat_of", "petition", (("channel", Channel.REOPENED),), "重新办理"),
}
# What a signed confirmation fixes: these change only through a recheck or a boundary change (条例 471 art. 7).
CONFIRMED = {
    "parcel": ("area", "area_m2", "land_class", "nature", "household", "collective"),
    "asset": ("quantity", "unit", "kind", "item", "spec", "household", "collective"),
}
_CONFIRM = "零上访不能直接填已确认；请办理“确认零上访”，它要核对事件和越级的信访件"
# register → what stands for deleting where every row is kept; the others are made void or ended.
KEPT_CURES = {"petition": "登记错的请办“撤回”，写明登记有误", "posting": "请办“结束公示”", "objection": "登记错的请“答复异议”，写明登记有误"}
# register → the action that adds its rows; old ledgers bring theirs along.
_ADDED = {"look_back": "请在整改问题上办“回头看”", "period": "请办“开发放期”", "support_payment": "请办“冻结名册”或“另列补发”"}


def _confirms(row: Mapping[str, Value]) -> bool:
    return ZERO_VISITS in str(row.get("subject") or "") and bool(row.get("confirmed"))


def refused_new(reg: Register, row: Mapping[str, Value]) -> tuple[str, str]:
    """Why a row cannot simply be typed in (outside the taking over of an old ledger), and the column; ("", "") when it can."""
    if reg.name in _ADDED:
        return "", f"{reg.label}由办理登记；{_ADDED[reg.name]}"
    if reg.name == "petition" and row.get("channel") == Channel.REOPENED:
        return "channel", "复查复核发回的件不另登记；请在原件上办“重新办理”"
    if reg.name == "rectification_item" and row.get("state") in SETTLED:
        return "state", "新登记的问题还没有整改，状态请填“未完成”或“基本完成”；完成要有佐证和两人签字，请办理销号签字"
    if reg.name == "year_confirmation" and _confirms(row):
        return "confirmed", _CONFIRM
    return "", ""


def _only_proof(session: Session, file: Any) -> bool:
    """Whether a file is all that proves a problem that counts as rectified (Z03)."""
    item = session.get(RectificationItem, file.record) if file.register == RectificationItem.__tablename__ else None
    if item is None or item.state not in SETTLED or (item.evidence or "").strip():
        return False
    others = select(Attachment.id).where(Attachment.record == item.id, Attachment.id != file.id, Attachment.deleted == 0)
    return session.scalar(others.limit(1)) is None


def retractable(reg: Register, row: Mapping[str, Value]) -> bool:
    """Whether a record of a register that is kept whole goes with the action that made it: it stands beside another one, which stays."""
    return reg.name == "petition" and row.get("channel") == Channel.REOPENED and bool(row.get("repeat_of"))


def stays(session: Session, reg: Register, row: Any) -> UserError | None:
    """Why a record stays although its register is not kept whole; None when it may be deleted."""
    if reg.name in ("parcel", "asset") and row.confirmed:
        return UserError("已签字确认，不能删除", hint="请先取消确认，或通过红线变更核减", code="CONFIRMED")
    if reg.name == "recipient_change" and row.approved_on:
        return UserError("这条人口动态已经核准，不能删除", hint="有误的请在历史里撤销核准，再改", code="FROZEN")
    if reg.name == "recovery" and (row.recovered or row.told_on):
        return UserError("这笔追缴已经通知或追回过，不能删除", hint="请留底；金额有误的写在追缴经过里", code="FROZEN")
    if reg.name == "objection":
        return UserError("异议要留底，不能删除", hint="登记错的请“答复异议”，写明登记有误", code="FROZEN")
    if reg.name == "attachment" and _only_proof(session, row):
        return UserError("它是已完成问题唯一的佐证材料，不能取下", hint="请先挂上别的佐证，或写明佐证材料", code="Z03")
    if reg.name == "look_back":
        return UserError("回头看要留底，不能删除", hint="结果有变化的请再登记一次回头看", code="FROZEN")
    return None


def refused_change(reg: Register, old: Mapping[str, Value], changes: Mapping[str, tuple[Value, Value]]) -> tuple[str, str]:
    """The changed column that must stay as the row stands now, and why; ("", "") when there is none."""
    if reg.name == "rectification_item" and old.get("state") in SETTLED and changes.get("evidence", (None, ""))[1] is None:
        return "evidence", "已完成的问题要有佐证材料，不能清空；写错的请直接改成对的"
    if reg.name == "objection" and old.get("posting") and "posting" in changes:
        return "posting", "异议是对那一榜提的，不能改到别的榜；登记错的请“答复异议”，写明登记有误，另登记一条"
    if reg.name == "objection" and old.get("household") and changes.get("household", (None, None))[1]:
        return "household", "异议已经写明是这一户的，不能改成别的户；写错的请先清空（涉及不清的，整榜都先不付），再重新填写"
    if reg.name == "objection" and len({frozenset(serials_in(str(text or ""))) for text in changes.get("about", ())}) > 1:
        return "about", "括号里的流水号决定谁的钱先不发，不能直接改；请办“异议只涉及”"
    if reg.name == "petition" and Channel.REOPENED in changes.get("channel", ()):
        return "channel", "“复查复核发回”的件由“重新办理”登记，统计跟着原件；请在原件上办理，渠道不能改来改去"
    if reg.name == "petition" and old.get("channel") == Channel.REOPENED and old.get("repeat_of") and "repeat_of" in changes:
        return "repeat_of", "这一件是原件的重新办理，不能改到别的件；办错了请在变更记录里撤销“重新办理”"
    if reg.name == "year_confirmation" and _confirms({**old, **{name: new for name, (_, new) in changes.items()}}):
        return "confirmed", _CONFIRM
    return "", ""


def acted_changes(reg: Register, changes: Mapping[str, Any]) -> tuple[str, str]:
    """The first changed column that belongs to an action, and which; ("", "") when there is none."""
    names, way = ACTED.get(reg.name, ((), ""))
    return next(((name, way) for name in names if name in changes), ("", ""))
