"""The boundary moved again (红线调整): what each change costs, carrying it out, and taking it back exactly.

Unsigned drafts follow the new areas; signed and paid agreements are only flagged, with the money to add or to recover.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import Arg, action
from relocdesk.actions.agreement import supplement_of
from relocdesk.actions.drafting import land_price_rows, lease_years, lines_of_row, measure, price_rows, redraft, requantify, row_name
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import DAY
from relocdesk.queries.agreed import standings
from relocdesk.records import new_id, register
from relocdesk.records.agreement import Agreement, AgreementLine, AgreementState
from relocdesk.records.project import Boundary, ChangeKind, ParcelChange, Project
from relocdesk.records.reference import Nature
from relocdesk.records.survey import Parcel
from relocdesk.records.trail import OP, TXN
from relocdesk.rules.area import m2_of_mu, show_mu
from relocdesk.rules.money import show_yuan


@dataclass(frozen=True, slots=True)
class Affected:
    """An agreement that a change touches: what its lines of the parcel are and would be (分), and what was paid of it."""

    number: str
    state: str
    old: int
    new: int
    paid: int

    @property
    def signed(self) -> bool:
        """Whether only a supplement can change it."""
        return self.state == AgreementState.SIGNED


@dataclass(frozen=True, slots=True)
class Consequence:
    """What one change of a boundary brings for its parcel; areas in 10^-6 亩, money in 分."""

    change: str
    parcel: str
    number: str
    kind: str
    old_area: int
    new_area: int
    permanent: int  # what is added to (or taken from) the land to be acquired
    temporary: int
    affected: tuple[Affected, ...]
    fresh: int  # money for land that no agreement covers yet
    trouble: str = ""  # why the fresh money could not be worked out

    @property
    def to_add(self) -> int:
        """分 that signed parties and new land get in addition."""
        return self.fresh + sum(max(one.new - one.old, 0) for one in self.affected if one.signed)

    @property
    def to_recover(self) -> int:
        """分 that signed parties must give back or are not paid."""
        return sum(max(one.old - one.new, 0) for one in self.affected if one.signed)

    @property
    def supplements(self) -> tuple[str, ...]:
        """Numbers of the signed agreements that need a supplementary agreement."""
        return tuple(one.number for one in self.affected if one.signed and one.new != one.old)

    @property
    def outside(self) -> bool:
        """Signed or paid land that falls outside the boundary: to be looked at first."""
        return self.kind == ChangeKind.REMOVED and any(one.signed or one.paid for one in self.affected)


def preview(session: Session, boundary: Boundary) -> list[Consequence]:
    """What applying each change of the boundary would bring; nothing is changed."""
    prices = price_rows(session)
    printed = settings.flag(session, "price.pay_by_printed")
    project = session.get(Project, boundary.project)
    freeze = project.freeze_on if project and settings.get(session, "price.date") == settings.PriceDate.FREEZE else None
    found = []
    for change, parcel in _changes(session, boundary):
        old, new, opened = _areas(change, parcel)
        affected = _affected(session, parcel, new, kept=change.kind == ChangeKind.TO_PERMANENT, printed=printed)
        added = change.kind == ChangeKind.ADDED and not affected
        fresh, trouble = 0, ""
        if opened or (added and new):
            day = freeze or parcel.surveyed_on or boundary.effective_on
            try:
                fresh = _fresh(prices, _as_if(parcel, opened or new, permanent=bool(opened)), day, printed=printed)
            except UserError as error:
                trouble = str(error)
        old = (change.old_area or 0) if added else old
        delta = new - old
        lent = parcel.nature == Nature.TEMPORARY
        found.append(Consequence(change.id, parcel.id, parcel.number, change.kind, old, new, opened if lent else delta,
                                 delta if lent else 0, affected, fresh, trouble))  # fmt: skip
    return found


def _changes(session: Session, boundary: Boundary) -> list[tuple[ParcelChange, Parcel]]:
    ask = (
        select(ParcelChange, Parcel)
        .join(Parcel, ParcelChange.parcel == Parcel.id)
        .where(ParcelChange.boundary == boundary.id, ParcelChange.deleted == 0)
        .order_by(Parcel.number, ParcelChange.id)
    )
    return [(change, parcel) for change, parcel in session.execute(ask)]


def _areas(change: ParcelChange, parcel: Parcel) -> tuple[int, int, int]:
    """The parcel's area now, its area afterwards, and the permanent area that a turned temporary share opens."""
    old = parcel.area
    if change.kind == ChangeKind.SAME:
        return old, old, 0
    if change.kind == ChangeKind.REMOVED:
        return old, change.new_area or 0, 0
    if change.kind == ChangeKind.TO_PERMANENT:
        turned = old if change.new_area is None else change.new_area
        return old, old - turned, turned
    return old, old if change.new_area is None else change.new_area, 0


def _as_if(parcel: Parcel, area: int, *, permanent: bool) -> Parcel:
    """A parcel like this one with another area; never added to a session."""
    nature = Nature.PERMANENT.value if permanent else parcel.nature
    return Parcel(number=parcel.number, project=parcel.project, land_class=parcel.land_class, nature=nature, price_zone=parcel.price_zone,
                  area=area, area_m2=m2_of_mu(area), lease_from=parcel.lease_from, lease_until=parcel.lease_until)  # fmt: skip


def _affected(session: Session, parcel: Parcel, new: int, *, kept: bool, printed: bool) -> tuple[Affected, ...]:
    """The agreements a parcel stands in, with what they would pay for its new area.

    `kept`: what was signed for temporary use stays owed when the land becomes permanent. Of a line and its supplements
    the first takes the whole difference. Lines typed without a price row stay as they are.
    """
    held = lines_of_row(session, parcel.id)
    imagined = _as_if(parcel, new, permanent=parcel.nature == Nature.PERMANENT)
    sums: dict[str, list[int]] = {}
    seen: dict[str, int] = {}
    for line, _ in held:
        seen[line.kind] = seen.get(line.kind, 0) + line.amount
    for line, agreement in sorted(held, key=lambda pair: bool(pair[1].supplements)):
        would = line.amount
        if line.kind in seen and line.price and not (kept and agreement.state == AgreementState.SIGNED):
            would += requantify(line, imagined, printed=printed)[2] - seen.pop(line.kind)
        both = sums.setdefault(agreement.id, [0, 0])
        both[0] += line.amount
        both[1] += would
    paid = standings(session, list(sums)) if sums else {}
    agreements = {agreement.id: agreement for _, agreement in held}
    return tuple(Affected(agreements[id_].number, agreements[id_].state, old, would, paid[id_].paid) for id_, (old, would) in sums.items())


def _fresh(prices: Any, parcel: Parcel, on: str, *, printed: bool) -> int:
    years = lease_years(parcel) if parcel.nature == Nature.TEMPORARY else None
    return sum(measure(price.unit, parcel.area, parcel.area_m2, years, price.unit_price, printed=printed)[2]
               for price in land_price_rows(prices, parcel, on))  # fmt: skip


# --- carrying it out -------------------------------------------------------------------------------------------------


@action("apply", "执行红线调整", "boundary", Arg("on", "执行日期", DAY, help="空着为今天"))
def apply(session: Session, clerk: Clerk, record: Boundary, *, on: str = "") -> str:
    """Changes the areas as the boundary says and re-drafts what is unsigned; all or nothing. See `reverse`."""
    changes = [(change, parcel) for change, parcel in _changes(session, record) if not change.applied_on]
    if not changes:
        raise UserError(f"红线第 {record.version} 版没有还未执行的变更", hint="请先登记范围线变更的地块")
    for change, parcel in changes:
        _refuse_change(session, change, parcel)
    consequences = [one for one in preview(session, record) if one.change in {change.id for change, _ in changes}]
    day = on or clerk.on
    for change, parcel in changes:
        _carry_out(session, change, parcel, record, day)
    session.flush()
    return f"红线第 {record.version} 版已执行 {len(changes)} 块地，{summary(consequences)}"


def summary(consequences: Iterable[Consequence]) -> str:
    """One sentence for many consequences: 亩 more or less, money to add and recover, supplements to sign."""
    listed = list(consequences)
    supplements = sorted({number for one in listed for number in one.supplements})
    said = (f"永久征地变化 {show_mu(sum(one.permanent for one in listed))} 亩，临时用地变化 {show_mu(sum(one.temporary for one in listed))} 亩，"
            f"增补 {show_yuan(sum(one.to_add for one in listed))} 元，追回 {show_yuan(sum(one.to_recover for one in listed))} 元")  # fmt: skip
    return said + (f"；要签补充协议：{'、'.join(supplements)}" if supplements else "")


def _refuse_change(session: Session, change: ParcelChange, parcel: Parcel) -> None:
    name = f"地块“{parcel.number}”"
    kind = ChangeKind(change.kind)
    if parcel.deleted:
        raise UserError(f"{name}已删除，不能变更范围线", hint="请先恢复地块，或删去这条变更")
    if change.old_area is not None and kind not in (ChangeKind.ADDED, ChangeKind.SAME) and change.old_area != parcel.area:
        raise UserError(f"{name}现在是 {show_mu(parcel.area, 4)} 亩，变更单上的原面积是 {show_mu(change.old_area, 4)} 亩",
                        hint="请核对变更单", code="BOUNDARY")  # fmt: skip
    if kind == ChangeKind.RESIZED and change.new_area is None:
        raise UserError(f"{name}的面积调整没有填新面积", hint="请填新面积")
    if (change.new_area or 0) < 0:
        raise UserError(f"{name}的新面积是负数", hint="请核对新面积")
    if kind == ChangeKind.TO_PERMANENT:
        if parcel.nature != Nature.TEMPORARY:
            raise UserError(f"{name}不是临时占用，不能临时转永久", hint="请核对变更类型")
        if (change.new_area or 0) > parcel.area:
            raise UserError(f"{name}转永久的面积比临时占用的还大", hint="请核对新面积")
        if session.scalar(select(Parcel.id).where(Parcel.project == parcel.project, Parcel.number == _turned(parcel), Parcel.deleted == 0)):
            raise UserError(f"地块编号“{_turned(parcel)}”已经有了", hint="请先改那块地的编号")


def _turned(parcel: Parcel) -> str:
    return f"{parcel.number}-转永久"


def _carry_out(session: Session, change: ParcelChange, parcel: Parcel, boundary: Boundary, day: str) -> None:
    old, new, opened = _areas(change, parcel)
    if change.old_area is None:
        change.old_area = old
    change.applied_on = day
    if new != old:
        parcel.area, parcel.area_m2 = new, m2_of_mu(new)
    if opened:
        if not new:
            parcel.lease_until = _earlier(parcel.lease_until, boundary.effective_on, parcel.lease_from)
        session.add(_opened(parcel, opened))
    session.flush()
    redraft(session, parcel)


def _earlier(until: str | None, effective: str, start: str | None) -> str | None:
    """The lease ends when the land becomes permanent, never before it began."""
    ended = min(until or effective, effective)
    return max(ended, start) if start else ended


def _opened(parcel: Parcel, area: int) -> Parcel:
    """The permanent parcel that a temporary one becomes: the same land, owner and survey, its own number."""
    kept = {f.name: getattr(parcel, f.name) for f in register("parcel").stored}
    kept |= {"number": _turned(parcel), "nature": Nature.PERMANENT.value, "area": area, "area_m2": m2_of_mu(area),
             "lease_from": None, "lease_until": None, "transferred_on": None, "reclaimed_on": None}  # fmt: skip
    return Parcel(id=new_id(), home=parcel.home, **kept)


# --- taking it back --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Op:
    """What an action did to one row, all its operations together: column → (before, after)."""

    tbl: str
    row: str
    kind: str  # "i" made, "u" changed
    cells: dict[str, tuple[Any, Any]]


@action("reverse", "撤回红线调整", "boundary")
def reverse(session: Session, clerk: Clerk, record: Boundary) -> str:
    """Restores every area and every unsigned line exactly as they were before `apply`, from the history.

    Refused when something it would restore was changed since, or a parcel it opened stands in an agreement.
    """
    session.flush()
    applied = [(change, parcel) for change, parcel in _changes(session, record) if change.applied_on]
    if not applied:
        raise UserError(f"红线第 {record.version} 版还没有执行", hint="没有可撤回的变更")
    actions = {_action_of(session, change) for change, _ in applied}
    parcels = {parcel.id: parcel for _, parcel in applied}
    _refuse_drafted_since(session, actions, parcels)
    ops = [op for one in actions for op in _ops(session, one, parcels)]
    for op in ops:
        _refuse_since(session, op)
    for op in ops:
        found = _row(session, op.tbl, op.row)
        if op.kind == "i":
            found.deleted = 1
        for name, (old, _) in op.cells.items():
            setattr(found, name, old)
    for change, _ in applied:
        change.applied_on = None
    session.flush()
    return f"红线第 {record.version} 版已撤回，{len(applied)} 块地恢复原来的面积和金额"


def _action_of(session: Session, change: ParcelChange) -> str:
    """The action in the history that carried a change out last."""
    ask = select(TXN.c.action, OP.c.cells).join(OP, OP.c.txn == TXN.c.id).where(OP.c.row == change.id).order_by(OP.c.txn.desc(), OP.c.n.desc())
    for found, cells in session.execute(ask):
        if "applied_on" in json.loads(cells):
            return str(found)
    raise UserError("历史里找不到这次执行的记录", hint="请用“面积调整”把面积改回来")


def _ops(session: Session, action_id: str, parcels: dict[str, Parcel]) -> list[Op]:
    """What an action did to these parcels, to parcels it opened and to their unsigned lines, in order."""
    ask = select(OP.c.tbl, OP.c.row, OP.c.kind, OP.c.cells).join(TXN, OP.c.txn == TXN.c.id).where(TXN.c.action == action_id)
    ask = ask.where(OP.c.tbl.in_(("parcel", "agreement_line", "agreement"))).order_by(OP.c.txn, OP.c.n)
    merged: dict[tuple[str, str], Op] = {}
    for tbl, row, kind, text in session.execute(ask):
        if not _concerns(session, tbl, row, kind, parcels):
            continue
        op = merged.setdefault((tbl, row), Op(tbl, row, kind, {}))
        if kind == "u":
            for name, (old, new) in json.loads(text).items():
                op.cells[name] = (op.cells[name][0] if name in op.cells else old, new)
    return list(merged.values())


def _concerns(session: Session, tbl: str, row: str, kind: str, parcels: dict[str, Parcel]) -> bool:
    found = _row(session, tbl, row)
    if tbl == "parcel":
        return row in parcels if kind == "u" else found.number in {_turned(parcel) for parcel in parcels.values()}
    agreement = session.get_one(Agreement, found.agreement) if tbl == "agreement_line" else found
    if kind != "u" or agreement.state == AgreementState.VOID:  # what was voided since no longer counts
        return False
    if tbl == "agreement_line":
        return found.parcel in parcels
    lines = select(AgreementLine.id).where(AgreementLine.agreement == row, AgreementLine.parcel.in_(parcels))
    return session.scalar(lines.limit(1)) is not None


def _row(session: Session, tbl: str, row: str) -> Any:
    return session.get_one(register(tbl).cls, row)


def _refuse_drafted_since(session: Session, actions: set[str], parcels: dict[str, Parcel]) -> None:
    """Raises UserError when a living agreement took a line for one of these parcels after the boundary was carried out."""
    applied = session.scalar(select(func.max(TXN.c.id)).where(TXN.c.action.in_(actions)))
    for parcel in parcels.values():
        for line, agreement in lines_of_row(session, parcel.id):
            made = session.scalar(select(OP.c.txn).where(OP.c.row == line.id, OP.c.kind == "i"))
            if made is not None and applied is not None and made > applied:
                signed = agreement.state == AgreementState.SIGNED
                raise UserError(f"地块“{parcel.number}”已列入执行以后起草的协议 {agreement.number}",
                                hint="请用新的红线版本再调整" if signed else "请先作废那份协议，再撤回", code="SINCE")  # fmt: skip


def _refuse_since(session: Session, op: Op) -> None:
    found = _row(session, op.tbl, op.row)
    if op.kind == "i":
        used = lines_of_row(session, op.row)
        if used:
            raise UserError(f"转永久的地块“{found.number}”已列入协议 {used[0][1].number}", hint="请先作废那份协议，再撤回", code="STANDING")
        return
    if op.tbl == "parcel":
        name = f"地块“{found.number}”"
    else:
        agreement = session.get_one(Agreement, found.agreement) if op.tbl == "agreement_line" else found
        name = f"协议 {agreement.number}"
        if agreement.state == AgreementState.SIGNED:
            raise UserError(f"{name}在执行以后已经签订", hint="请用新的红线版本再调整", code="SINCE")
    if any(getattr(found, column) != new for column, (_, new) in op.cells.items()):
        raise UserError(f"{name}在执行以后又改过，不能自动撤回", hint="请先改回去，或用新的红线版本再调整", code="SINCE")


# --- supplementary agreements ----------------------------------------------------------------------------------------


@action("supplements", "起草红线补充协议", "boundary")
def draft_supplements(session: Session, clerk: Clerk, record: Boundary) -> str:
    """Drafts a supplement for each signed agreement whose land changed: one line a difference, at the line's own price."""
    printed = settings.flag(session, "price.pay_by_printed", record.home)
    made: dict[str, Agreement] = {}
    by_hand: dict[str, None] = {}  # lines typed or taken over from an old ledger: nobody knows how they were worked out
    changes = _changes(session, record)
    if any(not change.applied_on for change, _ in changes):
        raise UserError(f"红线第 {record.version} 版还没有执行完", hint="请先执行红线调整")
    for change, parcel in changes:
        if change.kind in (ChangeKind.TO_PERMANENT, ChangeKind.SAME):
            continue  # temporary use stays as signed; the permanent parcel is drafted like any other
        for kind, lines in _signed_lines(session, parcel).items():
            first, agreement = lines[0]
            quantity, years, amount = requantify(first, parcel, printed=printed)
            missing = quantity - sum(line.quantity for line, _ in lines)
            if not missing:
                continue
            if not first.price:
                by_hand[f"{row_name(parcel)}（{agreement.number} {kind}）"] = None
                continue
            root = agreement.supplements or agreement.id
            if root not in made:
                made[root] = supplement_of(session, clerk, session.get_one(Agreement, root))
            order = len(session.scalars(select(AgreementLine.id).where(AgreementLine.agreement == made[root].id)).all()) + 1
            session.add(AgreementLine(
                home=agreement.home, agreement=made[root].id, order=order, household=first.household, parcel=parcel.id, kind=kind,
                item=first.item, spec=first.spec, unit=first.unit, quantity=missing, years=years, unit_price=first.unit_price,
                price=first.price, payee_type=first.payee_type, amount=amount - sum(line.amount for line, _ in lines),
            ))  # fmt: skip
            session.flush()
    rest = f"请手工补充：{'、'.join(by_hand)}" if by_hand else ""
    if not made:
        raise UserError(f"红线第 {record.version} 版没有{'可以自动起草的补充协议' if rest else '要签补充协议的地块'}", hint=rest)
    return "已起草补充协议：" + "、".join(one.number for one in made.values()) + (f"；{rest}" if rest else "")


def _signed_lines(session: Session, parcel: Parcel) -> dict[str, list[tuple[AgreementLine, Agreement]]]:
    """Price kind → the living lines of a parcel of which the first is signed, supplements in draft included."""
    found: dict[str, list[tuple[AgreementLine, Agreement]]] = {}
    for line, agreement in lines_of_row(session, parcel.id):
        if agreement.state == AgreementState.SIGNED or agreement.supplements:
            found.setdefault(line.kind, []).append((line, agreement))
    ordered = {kind: sorted(lines, key=lambda pair: bool(pair[1].supplements)) for kind, lines in found.items()}
    return {kind: lines for kind, lines in ordered.items() if lines[0][1].state == AgreementState.SIGNED}
