"""What clerks do with the survey: confirm, correct by recheck, break down, hand land over, take it back reclaimed."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from relocdesk.actions.action import WORKING, Arg, Partly, action, refuse_role
from relocdesk.actions.drafting import Outcome, lines_of_row, redraft, row_name
from relocdesk.clerk import Clerk
from relocdesk.entry import line_text, next_line
from relocdesk.errors import UserError
from relocdesk.field import DAY, NOTE, QUANTITY
from relocdesk.job import Stopped, Tick, no_tick
from relocdesk.queries.places import Places
from relocdesk.records import new_id, register
from relocdesk.records.agreement import Agreement, AgreementLine, AgreementState
from relocdesk.records.household import CollectiveUnit, Household
from relocdesk.records.reference import Nature, Place
from relocdesk.records.survey import ROUNDS, Asset, Objection, Parcel, Posting, PostingSubject, Recheck
from relocdesk.rules.area import m2_of_mu, show_mu
from relocdesk.rules.days import chinese_date
from relocdesk.rules.money import fixed

# --- confirming ------------------------------------------------------------------------------------------------------


def confirm(session: Session, clerk: Clerk, row: Parcel | Asset) -> None:
    """The people concerned have signed for this row; from now on its quantity changes only by recheck or boundary.

    Refuses a row without owner, size, unit, or (temporary land) without its days.
    """
    refuse_role(clerk, "签字确认", WORKING)
    name = row_name(row)
    if row.deleted:
        raise UserError(f"{name}已删除", hint="请先恢复")
    if row.confirmed:
        raise UserError(f"{name}已经确认过")
    if not row.household and not row.collective:
        raise UserError(f"{name}没有权属人", hint="请先填权属户或权属集体", code="OWNER")
    if isinstance(row, Parcel):
        _refuse_parcel(row, name)
    elif row.quantity <= 0 or not row.unit.strip():
        raise UserError(f"{name}没有数量或单位", hint="请先填数量和单位", code="QUANTITY")
    row.confirmed = 1


def _refuse_parcel(row: Parcel, name: str) -> None:
    if row.area <= 0 or row.area_m2 <= 0:
        raise UserError(f"{name}没有面积", hint="请先填面积", code="QUANTITY")
    if not row.land_class.strip():
        raise UserError(f"{name}没有地类", hint="请先填地类", code="QUANTITY")
    if row.nature == Nature.TEMPORARY and not (row.lease_from and row.lease_until):
        raise UserError(f"{name}是临时占用，没有起止日期", hint="请先填占用起始和占用截止", code="LEASE")


def confirm_rows(session: Session, clerk: Clerk, rows: list[Parcel | Asset], tick: Tick = no_tick) -> Outcome:
    """Confirms many rows; those that cannot be are refused by number with the reason, the others go on."""
    refuse_role(clerk, "签字确认", WORKING)
    outcome = Outcome()
    for n, row in enumerate(rows):
        key = row.number or row.id
        try:
            tick(n, len(rows), key)
            confirm(session, clerk, row)
            outcome.done.append(key)
        except Stopped:
            outcome.not_started = [left.number or left.id for left in rows[n:]]
            break
        except UserError as error:
            outcome.refused.append((key, str(error)))
    session.flush()
    return outcome


def confirm_place(session: Session, clerk: Clerk, place: str, project: str | None = None, tick: Tick = no_tick) -> Outcome:
    """Confirms everything not yet confirmed in a place and below it."""
    below = Places.load(session).below(place)
    parcels = select(Parcel).where(Parcel.deleted == 0, Parcel.confirmed == 0, Parcel.place.in_(below)).order_by(Parcel.number)
    owners = [id_ for cls in (Household, CollectiveUnit) for id_ in session.scalars(select(cls.id).where(cls.place.in_(below)))]
    assets = select(Asset).where(Asset.deleted == 0, Asset.confirmed == 0).order_by(Asset.number, Asset.id)
    if project:
        parcels, assets = parcels.where(Parcel.project == project), assets.where(Asset.project == project)
    here = frozenset(owners)
    rows: list[Parcel | Asset] = list(session.scalars(parcels))
    rows += [row for row in session.scalars(assets) if row.household in here or row.collective in here]
    return confirm_rows(session, clerk, rows, tick)


@action("confirm", "签字确认", "parcel")
def confirm_parcel(session: Session, clerk: Clerk, record: Parcel) -> str:
    """Confirms one parcel."""
    confirm(session, clerk, record)
    session.flush()
    return f"已确认{row_name(record)} {show_mu(record.area)} 亩"


@action("confirm", "签字确认", "asset")
def confirm_asset(session: Session, clerk: Clerk, record: Asset) -> str:
    """Confirms one asset."""
    confirm(session, clerk, record)
    session.flush()
    return f"已确认{row_name(record)}"


@action("confirm", "签字确认全部实物", "place", Arg("project", "工程", to="project"))
def confirm_here(session: Session, clerk: Clerk, record: Place, *, project: str = "") -> str:
    """Confirms all rows of a place and below; says what could not be confirmed."""
    outcome = confirm_place(session, clerk, record.id, project or None)
    if not outcome.done and outcome.refused:
        raise UserError("没有一项可以确认：" + "；".join(text for _, text in outcome.refused[:5]))
    said = f"{record.name}确认了 {len(outcome.done)} 项实物"
    if outcome.refused:
        said += f"，{len(outcome.refused)} 项没有确认：" + "；".join(text for _, text in outcome.refused[:5])
    return Partly(said, outcome.refused)


def unconfirm(session: Session, clerk: Clerk, row: Parcel | Asset) -> str:
    """Takes a confirmation back, while no living agreement uses the row."""
    if not row.confirmed:
        raise UserError(f"{row_name(row)}还没有确认")
    used = lines_of_row(session, row.id)
    if used:
        raise UserError(f"{row_name(row)}已列入协议 {used[0][1].number}，不能取消确认", hint="数量有误请登记复核；要重来请先作废协议", code="STANDING")
    round_ = _posted(session, clerk, row)
    if round_:
        raise UserError(f"{row_name(row)}已经张榜公示（{round_}），不能取消确认", hint="数量有误请登记复核", code="L16")
    row.confirmed = 0
    session.flush()
    return f"已取消确认{row_name(row)}"


def _posted(session: Session, clerk: Clerk, row: Parcel | Asset) -> str:
    """The latest round in which a row was put up where its owner lives, "" when none was: from then on a recheck alone corrects it (L16)."""
    owner = session.get(Household, row.household) if row.household else session.get(CollectiveUnit, row.collective)
    around = [node.id for node in Places.load(session).ancestors(owner.place)] if owner else []
    rounds = select(Posting.subject).where(Posting.subject.in_(ROUNDS), Posting.place.in_(around), Posting.from_on <= clerk.on, Posting.deleted == 0,
                                           or_(Posting.project == row.project, Posting.project.is_(None)))  # fmt: skip
    found = session.scalars(rounds.order_by(Posting.from_on.desc()).limit(1)).first()
    return PostingSubject(found).label if found else ""


@action("unconfirm", "取消确认", "parcel")
def unconfirm_parcel(session: Session, clerk: Clerk, record: Parcel) -> str:
    """Takes the confirmation of a parcel back."""
    return unconfirm(session, clerk, record)


@action("unconfirm", "取消确认", "asset")
def unconfirm_asset(session: Session, clerk: Clerk, record: Asset) -> str:
    """Takes the confirmation of an asset back."""
    return unconfirm(session, clerk, record)


# --- recheck ---------------------------------------------------------------------------------------------------------


def recheck(
    session: Session,
    clerk: Clerk,
    row: Parcel | Asset,
    *,
    quantity: int,
    team: str,
    result: str,
    held_on: str = "",
    objection: str = "",
) -> Recheck:
    """Writes the recheck and brings the row to its new quantity (亩 of a parcel, 10^-6): the only way after confirmation.

    Unsigned agreements follow the new quantity; signed ones stay and need a supplement. Refuses a recheck without team
    or result, in the future, or of a negative quantity.
    """
    day = held_on or clerk.on
    if not team.strip() or not result.strip():
        raise UserError("复核要写明复核人员和结论", hint="请填复核人员和复核结论")
    if quantity < 0:
        raise UserError("复核后的数量不能是负数", hint="请核对数量", code="QUANTITY")
    if day > clerk.on:
        raise UserError(f"复核日期{chinese_date(day)}还没有到", hint="请核对复核日期", code="DAY")
    found = session.get(Objection, objection) if objection else None
    if found is not None:
        _refuse_other(session, row, found, day)
    old = row.area if isinstance(row, Parcel) else row.quantity
    made = Recheck(
        id=new_id(), home=row.home, line=_next_line(session, clerk, "recheck"), objection=objection or None, old_quantity=old,
        asset=row.id if isinstance(row, Asset) else None, parcel=row.id if isinstance(row, Parcel) else None,
        new_quantity=quantity, held_on=day, team=team.strip(), result=result.strip(),
    )  # fmt: skip
    session.add(made)
    if quantity != old:
        set_size(row, quantity)
        session.flush()
        redraft(session, row)
    session.flush()
    return made


def _refuse_other(session: Session, row: Parcel | Asset, objection: Objection, day: str) -> None:
    """A recheck answers an objection to the survey alone, by what stands where the posting hung."""
    if day < objection.filed_on:
        raise UserError(f"复核日期早于异议提出的{chinese_date(objection.filed_on)}", hint="请核对复核日期", code="DAY")
    posted = session.get(Posting, objection.posting) if objection.posting else None
    if posted is None:
        return
    if posted.subject not in (*ROUNDS, PostingSubject.PLAN):
        raise UserError(f"{objection.raised_by}的异议不是对实物公示提的", hint="请“答复异议”，复核改数时“异议”空着", code="L15")
    owner = session.get(Household, row.household) if row.household else session.get(CollectiveUnit, row.collective) if row.collective else None
    where = row.place if isinstance(row, Parcel) else owner.place if owner else posted.place
    if where not in Places.load(session).below(posted.place):
        raise UserError(f"{row_name(row)}不在异议所对的公示的村组", hint="请核对选的异议，或“异议”空着；不改数量的请“答复异议”", code="L15")


def set_size(row: Parcel | Asset, quantity: int) -> None:
    """Gives a row its new size: 亩 (10^-6) with the m² that belong to it, or the quantity of an asset."""
    if isinstance(row, Parcel):
        row.area, row.area_m2 = quantity, m2_of_mu(quantity)
    else:
        row.quantity = quantity


def _next_line(session: Session, clerk: Clerk, name: str) -> str:
    return line_text(clerk, next_line(session, register(name), clerk))


_RECHECK_ARGS = (
    Arg("quantity", "复核数量", QUANTITY, required=True, help="地块填亩数"), Arg("team", "复核人员", required=True),
    Arg("result", "复核结论", NOTE, required=True), Arg("held_on", "复核日期", DAY, help="空着为今天"),
    Arg("objection", "异议", to="objection"),
)  # fmt: skip


@action("recheck", "复核改数", "parcel", *_RECHECK_ARGS)
def recheck_parcel(
    session: Session, clerk: Clerk, record: Parcel, *, quantity: int, team: str, result: str, held_on: str = "", objection: str = ""
) -> str:
    """Corrects the area of a parcel."""
    made = recheck(session, clerk, record, quantity=quantity, team=team, result=result, held_on=held_on, objection=objection)
    old, new = show_mu(made.old_quantity or 0, 4), show_mu(quantity, 4)
    return f"{row_name(record)}复核后由 {old} 亩改为 {new} 亩{_signed_note(session, record)}"


@action("recheck", "复核改数", "asset", *_RECHECK_ARGS)
def recheck_asset(
    session: Session, clerk: Clerk, record: Asset, *, quantity: int, team: str, result: str, held_on: str = "", objection: str = ""
) -> str:
    """Corrects the quantity of an asset."""
    made = recheck(session, clerk, record, quantity=quantity, team=team, result=result, held_on=held_on, objection=objection)
    old, new = (fixed(value, 6).rstrip("0").rstrip(".") for value in (made.old_quantity or 0, quantity))
    return f"{row_name(record)}复核后由 {old} 改为 {new} {record.unit}{_signed_note(session, record)}"


def _signed_note(session: Session, row: Parcel | Asset) -> str:
    signed = sorted({agreement.number for _, agreement in lines_of_row(session, row.id, AgreementState.SIGNED)})
    return f"。已签协议 {'、'.join(signed)} 不会变，请签补充协议" if signed else ""


# --- what happens to the land ----------------------------------------------------------------------------------------


@action("detail", "分解细化", "parcel", Arg("detailed_on", "分解细化日期", DAY, help="空着为今天"))
def detail(session: Session, clerk: Clerk, record: Parcel, *, detailed_on: str = "") -> str:
    """The approved totals are broken down to this plot and its household on a day."""
    day = detailed_on or clerk.on
    if not record.household and not record.collective:
        raise UserError(f"{row_name(record)}没有权属人，还不算细化到户", hint="请先填权属户或权属集体", code="OWNER")
    _refuse_future(clerk, day, "分解细化日期")
    record.detailed_on = day
    session.flush()
    return f"{row_name(record)}已于{chinese_date(day)}分解细化"


@action("transfer", "土地移交", "parcel", Arg("transferred_on", "土地移交日期", DAY, help="空着为今天"))
def transfer(session: Session, clerk: Clerk, record: Parcel, *, transferred_on: str = "") -> str:
    """The land is handed over to the project; refuses land without a signed agreement, or before its signing."""
    day = transferred_on or clerk.on
    _refuse_transfer(session, clerk, record, day)
    record.transferred_on = day
    session.flush()
    return f"{row_name(record)} {show_mu(record.area)} 亩已于{chinese_date(day)}移交"


def _refuse_transfer(session: Session, clerk: Clerk, record: Parcel, day: str) -> None:
    _refuse_future(clerk, day, "土地移交日期")
    signed = [agreement for _, agreement in lines_of_row(session, record.id, AgreementState.SIGNED)]
    if not signed:
        raise UserError(f"{row_name(record)}还没有签订协议，不能移交", hint="请先签订协议", code="UNSIGNED")
    unsigned = [agreement.number for _, agreement in lines_of_row(session, record.id, AgreementState.DRAFT, AgreementState.REVIEWED)]
    if unsigned:
        raise UserError(f"{row_name(record)}还有协议 {unsigned[0]} 没有签订，不能移交", hint="请先签订或作废它", code="UNSIGNED")
    last = max((agreement.signed_on or "" for agreement in signed), default="")
    if day < last:
        raise UserError(f"移交日期{chinese_date(day)}早于协议签订的{chinese_date(last)}", hint="请核对移交日期", code="DAY")


@action("transfer", "土地移交", "agreement", Arg("transferred_on", "土地移交日期", DAY, help="空着为今天"))
def transfer_all(session: Session, clerk: Clerk, record: Agreement, *, transferred_on: str = "") -> str:
    """Hands over all land of a signed agreement that is not handed over yet."""
    if record.state != AgreementState.SIGNED:
        raise UserError(f"协议 {record.number} 还没有签订，土地不能移交", hint="请先签订协议", code="UNSIGNED")
    here = select(AgreementLine.parcel).where(AgreementLine.agreement == record.id, AgreementLine.deleted == 0)
    parcels = session.scalars(select(Parcel).where(Parcel.id.in_(here), Parcel.transferred_on.is_(None)).order_by(Parcel.number)).all()
    if not parcels:
        raise UserError(f"协议 {record.number} 没有还未移交的地块")
    day = transferred_on or clerk.on
    for parcel in parcels:
        _refuse_transfer(session, clerk, parcel, day)
    for parcel in parcels:
        parcel.transferred_on = day
    session.flush()
    return f"协议 {record.number} 的 {len(parcels)} 块地共 {show_mu(sum(parcel.area for parcel in parcels))} 亩已移交"


@action("reclaim", "复垦验收", "parcel", Arg("reclaimed_on", "复垦验收日期", DAY, help="空着为今天"))
def reclaim(session: Session, clerk: Clerk, record: Parcel, *, reclaimed_on: str = "") -> str:
    """Temporary land has been reclaimed and accepted (土地管理法实施条例 art. 20)."""
    day = reclaimed_on or clerk.on
    if record.nature != Nature.TEMPORARY:
        raise UserError(f"{row_name(record)}是永久征收，没有复垦验收", hint="请核对地块")
    _refuse_future(clerk, day, "复垦验收日期")
    if record.lease_from and day < record.lease_from:
        raise UserError(f"复垦验收日期{chinese_date(day)}早于占用起始", hint="请核对日期", code="DAY")
    record.reclaimed_on = day
    session.flush()
    return f"{row_name(record)}已于{chinese_date(day)}复垦验收"


def _refuse_future(clerk: Clerk, day: str, label: str) -> None:
    if day > clerk.on:
        raise UserError(f"{label}{chinese_date(day)}还没有到", hint="请填实际日期", code="DAY")
