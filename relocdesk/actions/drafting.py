"""Agreements made from the confirmed survey: which lines each party gets, at which price, and who cannot be served and why.

One agreement has one payee: land money goes to the collective of the place, personal items to the household, social
security to its own account (471 arts 30, 32). A party is served wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import WORKING, refuse_role
from relocdesk.actions.numbers import AgreementNumbers
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.job import Stopped, Tick, no_tick
from relocdesk.queries.places import Places
from relocdesk.records import new_id
from relocdesk.records.agreement import Agreement, AgreementKind, AgreementLine, AgreementState
from relocdesk.records.household import CollectiveKind, CollectiveUnit, Household, Person
from relocdesk.records.project import Project
from relocdesk.records.reference import Nature, PayeeType, PriceItem
from relocdesk.records.survey import Asset, AssetKind, Parcel
from relocdesk.rules import compensation
from relocdesk.rules.compensation import PriceRow
from relocdesk.rules.days import lease_years_e6
from relocdesk.rules.money import half_up
from relocdesk.words import unit as usual_unit

PERMANENT, TEMPORARY = Nature.PERMANENT.label, Nature.TEMPORARY.label
_ITEM_KINDS = frozenset(kind.label for kind in AssetKind)  # prices of things, never of a parcel's 亩
_NATURE_OF_KIND = {
    **dict.fromkeys(("土地补偿费", "安置补助费", "社会保障费", "社会保障费用"), PERMANENT),
    **dict.fromkeys(("临时用地补偿", "复垦费"), TEMPORARY),
}
_COLLECTIVE_OF_LEVEL = {14: CollectiveKind.GROUP, 12: CollectiveKind.VILLAGE, 9: CollectiveKind.TOWNSHIP}
_COLLECTIVES = frozenset(_COLLECTIVE_OF_LEVEL.values())
_KIND_OF_ASSET = {
    **dict.fromkeys((AssetKind.HOUSE, AssetKind.ATTACHED, AssetKind.SIDELINE), AgreementKind.HOUSE),
    **dict.fromkeys((AssetKind.TREE, AssetKind.CROP), AgreementKind.CROP),
    AssetKind.GRAVE: AgreementKind.GRAVE,
    AssetKind.OTHER: AgreementKind.MIXED,
}
_PAYEE_OF_PARTY = {
    "household": PayeeType.PERSON,
    CollectiveKind.UNIT: PayeeType.UNIT,
    CollectiveKind.SOCIAL: PayeeType.SOCIAL,
}


@dataclass
class Outcome:
    """What became of many records: done by key, refused by key with the reason, and those not begun when stopped."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    not_started: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Party:
    """Who an agreement of a project is with."""

    project: str
    side: Literal["household", "collective"]
    id: str


@dataclass
class Plan:
    """The lines a party is to get, and what stands in the way."""

    party: Party
    key: str
    name: str
    home: str
    place: str
    lines: list[dict[str, Any]] = field(default_factory=list)
    kinds: set[AgreementKind] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)


def draft(
    session: Session,
    clerk: Clerk,
    *,
    project: str | None = None,
    households: Sequence[str] | None = None,
    place: str | None = None,
    tick: Tick = no_tick,
) -> Outcome:
    """Drafts agreements from confirmed survey rows that stand in no living line yet; drafting again drafts nothing new.

    `project`, `households` and `place` (with all below it) are ids that narrow the work. Done: agreement numbers.
    Refused: household or collective by key, with a sentence naming the row. Stopping keeps what is already drafted.
    """
    refuse_role(clerk, "起草协议", WORKING)
    planner = Planner(session, clerk)
    plans = planner.plans(project=project, households=households, place=place)
    outcome = Outcome(refused=list(planner.unowned))
    if households is not None:
        outcome.refused += planner.empty_handed(households, plans)
    for n, plan in enumerate(plans):
        try:
            tick(n, len(plans), plan.name)
        except Stopped:
            outcome.not_started = [left.key for left in plans[n:]]
            break
        if plan.troubles:
            outcome.refused.append((plan.key, "；".join(dict.fromkeys(plan.troubles))))
        elif plan.lines:
            outcome.done.append(planner.write(plan).number)
    session.flush()
    return outcome


def payee_type_of(session: Session, agreement: Agreement) -> PayeeType:
    """The only payee type that lines of this agreement may have, by its party."""
    if agreement.household:
        return PayeeType.PERSON
    unit = session.get(CollectiveUnit, agreement.collective)
    return _payee_of(unit.kind if unit else "")


def _payee_of(party_kind: str) -> PayeeType:
    return _PAYEE_OF_PARTY.get(party_kind, PayeeType.COLLECTIVE)


def measure(unit: str, area: int, area_m2: int, years: int | None, unit_price: int, *, printed: bool) -> tuple[int, int | None, int]:
    """Quantity (10^-6), years (10^-6, None when not by the year) and amount (分) of a land line priced by this unit.

    `printed`: the 亩 rounded to 0.01, as the signed sheet shows it, is what is paid.
    """
    plain = unit.removeprefix("元/").strip()
    yearly = "年" in plain
    by_mu = "亩" in plain
    if not by_mu and usual_unit(plain) != usual_unit("㎡"):
        raise UserError(f"土地单价的单位“{unit}”不能按面积计算", hint="请在“补偿标准”中改为 亩、㎡ 或 亩·年", code="UNIT")
    if yearly and years is None:
        raise UserError("没有占用起止日期，算不出年限", hint="请先填占用起始和占用截止", code="LEASE")
    if not by_mu:
        quantity = area_m2 * 10_000
        amount = compensation.item_line(quantity, unit_price)
    elif yearly and printed and years is not None:
        quantity, amount = compensation.temporary_line(area, years, unit_price)
        return quantity, years, amount
    elif printed:
        quantity, amount = compensation.land_line(area, unit_price)
    else:
        quantity, amount = area, compensation.item_line(area, unit_price)
    if yearly and years is not None:
        return quantity, years, half_up(quantity * years * unit_price, 10**12)
    return quantity, None, amount


def lease_years(parcel: Parcel) -> int | None:
    """Years of a temporary parcel's lease (10^-6); None while its days are not filled in."""
    if not parcel.lease_from or not parcel.lease_until:
        return None
    return lease_years_e6(parcel.lease_from, parcel.lease_until)


def price_rows(session: Session) -> list[PriceRow]:
    """All living prices, as the rules want them: natures by their label, payee types by their code."""
    return [
        PriceRow(row.id, row.project, row.kind, row.item, row.spec, Nature(row.nature).label if row.nature else None,
                 row.price_zone, row.unit, row.unit_price, row.payee_type, row.valid_from, row.valid_to)
        for row in session.scalars(select(PriceItem).where(PriceItem.deleted == 0))
    ]  # fmt: skip


def land_price_rows(rows: Sequence[PriceRow], parcel: Parcel, on: str) -> tuple[PriceRow, ...]:
    """The prices of a parcel on a day, one for each kind that applies; UserError when none or two equal ones do."""
    nature = Nature(parcel.nature).label
    fitting = [
        row
        for row in rows
        if row.item == parcel.land_class
        and row.kind not in _ITEM_KINDS
        and (row.nature or _NATURE_OF_KIND.get(row.kind, nature)) == nature
    ]
    others = sorted({row.kind for row in fitting} - set(compensation.LAND_KINDS))
    return compensation.land_prices(fitting, item=parcel.land_class, nature=nature, on=on, price_zone=parcel.price_zone,
                                    project=parcel.project, kinds=(*compensation.LAND_KINDS, *others))  # fmt: skip


def asset_price_row(rows: Sequence[PriceRow], asset: Asset, on: str) -> PriceRow:
    """The price of an asset on a day; UserError when none or two equal ones fit, or when its unit is another one."""
    label = AssetKind(asset.kind).label
    names = (label, f"{label}补偿", f"{label}补偿费")
    kind = next((name for name in names if any(row.kind == name and row.item == asset.item for row in rows)), label)
    row = compensation.best_price(rows, kind=kind, on=on, item=asset.item, spec=asset.spec, price_zone=asset.price_zone,
                                  nature=Nature(asset.nature).label if asset.nature else None, project=asset.project)  # fmt: skip
    if usual_unit(row.unit.removeprefix("元/")) != usual_unit(asset.unit):
        raise UserError(f"数量按“{asset.unit}”登记，单价按“{row.unit}”", hint="请把两处的单位改成一样", code="UNIT")
    return row


class Planner:
    """Knows the book's prices, collectives and living lines, and plans what each party is to get."""

    def __init__(self, session: Session, clerk: Clerk) -> None:
        self._session, self._clerk = session, clerk
        self._places = Places.load(session)
        self._prices = price_rows(session)
        self._projects = {row.id: row for row in session.scalars(select(Project).where(Project.deleted == 0))}
        self._units = {row.id: row for row in session.scalars(select(CollectiveUnit).where(CollectiveUnit.deleted == 0))}
        self._households = {row.id: row for row in session.scalars(select(Household).where(Household.deleted == 0))}
        self._heads = {row.id: row.name for row in session.execute(select(Person.id, Person.name))}
        self._by_freeze = settings.get(session, "price.date") == settings.PriceDate.FREEZE
        self._printed = settings.flag(session, "price.pay_by_printed")
        self._terms: dict[str, Terms] = {}
        self._standing, self._typed = living_lines(session)
        self._listed = {row for row, _ in self._standing}
        self._nearest: dict[str, CollectiveUnit | UserError] = {}
        self.unowned: list[tuple[str, str]] = []  # rows nobody could be paid for, by number, with the reason

    # --- planning ----------------------------------------------------------------------------------------------------

    def plans(self, *, project: str | None = None, households: Sequence[str] | None = None, place: str | None = None) -> list[Plan]:
        """One plan for each party that has something coming or something in its way, by place and key."""
        plans: dict[Party, Plan] = {}
        below = self._places.below(place) if place else None
        wanted = set(households) if households is not None else None
        for parcel in self._rows(Parcel, project):
            if (below is None or parcel.place in below) and (wanted is None or parcel.household in wanted) and parcel.area:
                self._add(plans, parcel, self._parcel_lines)
        for asset in self._rows(Asset, project):
            where = self._place_of(asset)
            if (below is None or where in below) and (wanted is None or asset.household in wanted) and asset.quantity:
                self._add(plans, asset, self._asset_lines)
        for plan in plans.values():
            plan.lines.sort(key=self._household_number)
        return sorted(plans.values(), key=lambda plan: (self._code(plan.place), plan.party.side, plan.key))

    def empty_handed(self, households: Sequence[str], plans: Iterable[Plan]) -> list[tuple[str, str]]:
        """Households that were asked for by name and have nothing to draft, with the reason."""
        served = {plan.party.id for plan in plans} | {line["household"] for plan in plans for line in plan.lines}
        refused = []
        for one in households:
            if one in served:
                continue
            household = self._households.get(one)
            waiting = sum(
                self._session.scalar(select(func.count()).where(cls.deleted == 0, cls.confirmed == 0, cls.household == one)) or 0
                for cls in (Parcel, Asset)
            )
            why = f"还有 {waiting} 项实物没有签字确认" if waiting else "没有已确认、还未列入协议的实物"
            refused.append((self._household_key(household) if household else one, why))
        return refused

    def _household_number(self, line: dict[str, Any]) -> str:
        household = self._households.get(line["household"] or "")
        return household.number if household else ""

    def _rows(self, cls: type[Any], project: str | None) -> Iterable[Any]:
        ask = select(cls).where(cls.deleted == 0, cls.confirmed == 1).order_by(cls.number, cls.id)
        return self._session.scalars(ask.where(cls.project == project) if project else ask)

    def _add(self, plans: dict[Party, Plan], row: Any, lines_of: Any) -> None:
        if row.id in self._typed:  # stands in a line typed or taken over from an old ledger: nobody knows what it left out
            return
        try:
            for party, kind, line in lines_of(row):
                plan = self._plan(plans, party)
                plan.lines.append(line)
                plan.kinds.add(kind)
        except UserError as error:
            parties = self._affected(row)
            for party in parties:
                self._plan(plans, party).troubles.append(f"{row_name(row)}：{error}")
            if not parties:
                self.unowned.append((row.number or row.id, f"{row_name(row)}：{error}"))

    def _affected(self, row: Any) -> list[Party]:
        """Everyone who would be paid for a row: none of them is served by halves."""
        found = []
        if row.household in self._households:
            found.append(Party(row.project, "household", row.household))
        if row.collective in self._units:
            found.append(Party(row.project, "collective", row.collective))
        elif isinstance(row, Parcel):
            with suppress(UserError):  # a place without collective: the household alone is told
                found.append(Party(row.project, "collective", self._collective(row.place).id))
        return found

    def _plan(self, plans: dict[Party, Plan], party: Party) -> Plan:
        if party not in plans:
            if party.side == "household":
                household = self._households[party.id]
                name = f"{household.number}（{self._heads.get(household.head or '', '')}）"
                plans[party] = Plan(party, self._household_key(household), name, household.home, household.place)
            else:
                unit = self._units[party.id]
                plans[party] = Plan(party, unit.name, unit.name, unit.home, unit.place)
        return plans[party]

    # --- lines -------------------------------------------------------------------------------------------------------

    def _parcel_lines(self, parcel: Parcel) -> list[tuple[Party, AgreementKind, dict[str, Any]]]:
        kind = AgreementKind.PERMANENT if parcel.nature == Nature.PERMANENT else AgreementKind.TEMPORARY
        made = []
        for price in land_price_rows(self._prices, parcel, self._price_day(parcel)):
            if (parcel.id, price.kind) in self._standing:
                continue
            party, payee = self._payee(parcel, price)
            years = lease_years(parcel) if parcel.nature == Nature.TEMPORARY else None
            quantity, by_year, amount = measure(price.unit, parcel.area, parcel.area_m2, years, price.unit_price, printed=self._printed)
            line = _line(parcel, price, payee, quantity=quantity, years=by_year, amount=amount)
            line |= {"parcel": parcel.id, "item": parcel.land_class, "spec": Nature(parcel.nature).label}
            made.append((party, kind if payee != PayeeType.PERSON else AgreementKind.CROP, line))
        return made

    def _asset_lines(self, asset: Asset) -> list[tuple[Party, AgreementKind, dict[str, Any]]]:
        if asset.id in self._listed:  # a thing has one line, whatever a later price list calls its kind
            return []
        price = asset_price_row(self._prices, asset, self._price_day(asset))
        party, payee = self._payee(asset, price)
        line = _line(asset, price, payee, quantity=asset.quantity, years=None, amount=compensation.item_line(asset.quantity, price.unit_price))
        line |= {"asset": asset.id, "item": asset.item, "spec": asset.spec}
        special = payee == PayeeType.UNIT
        return [(party, AgreementKind.SPECIAL if special else _KIND_OF_ASSET[AssetKind(asset.kind)], line)]

    def _payee(self, row: Any, price: PriceRow) -> tuple[Party, PayeeType]:
        """Who gets this line: its owner for personal money, otherwise whom the price names. UserError when there is none."""
        if price.payee_type == PayeeType.SOCIAL:
            return Party(row.project, "collective", self._social(self._place_of(row)).id), PayeeType.SOCIAL
        if price.payee_type == PayeeType.PERSON:
            return self._owner(row, price)
        owner = self._units.get(row.collective or "")
        if owner is None and price.payee_type == PayeeType.COLLECTIVE:
            owner = self._collective(self._place_of(row))
        if owner is None:
            raise UserError(f"“{price.kind}”的收款对象是单位，但没有写明哪个单位", hint="请在“权属集体”里填产权单位", code="P08")
        refusal = compensation.payee_refusal(PayeeType(price.payee_type).label, CollectiveKind(owner.kind).label)
        if refusal:
            raise UserError(f"“{price.kind}”{refusal}", hint="请核对权属人或补偿标准的收款对象", code="P08")
        return Party(row.project, "collective", owner.id), PayeeType(price.payee_type)

    def _owner(self, row: Any, price: PriceRow) -> tuple[Party, PayeeType]:
        if row.household:
            if row.household not in self._households:
                raise UserError("权属户已删除", hint="请改填权属户", code="OWNER")
            return Party(row.project, "household", row.household), PayeeType.PERSON
        unit = self._units.get(row.collective or "")
        if unit is None or (isinstance(row, Parcel) and row.user):
            raise UserError(f"“{price.kind}”应付给个人，但没有权属户", hint="请填上实际种植户的户号", code="P08")
        # What a collective or unit owns itself is its own: the price's "person" means the owner.
        return Party(row.project, "collective", unit.id), _payee_of(unit.kind)

    def _price_day(self, row: Any) -> str:
        project = self._projects.get(row.project)
        day = (project.freeze_on if project and self._by_freeze else None) or row.surveyed_on
        if not day:
            raise UserError("没有调查日期，工程也没有停建通告日期，不知道按哪天的标准", hint="请填调查日期", code="PRICE_DAY")
        return str(day)

    def _place_of(self, row: Any) -> str:
        if isinstance(row, Parcel):
            return row.place
        owner = self._households.get(row.household or "") or self._units.get(row.collective or "")
        return owner.place if owner else ""

    def _collective(self, place: str) -> CollectiveUnit:
        """The collective of a place: the nearest ancestor that has one."""
        if place not in self._nearest:
            try:
                self._nearest[place] = self._find_collective(place)
            except UserError as error:
                self._nearest[place] = error
        found = self._nearest[place]
        if isinstance(found, UserError):
            raise UserError(found.text, hint=found.hint, code=found.code)
        return found

    def _find_collective(self, place: str) -> CollectiveUnit:
        for node in self._places.ancestors(place):
            here = [unit for unit in self._units.values() if unit.place == node.id and unit.kind in _COLLECTIVES]
            proper = [unit for unit in here if unit.kind == _COLLECTIVE_OF_LEVEL.get(node.level)] or here
            if len(proper) > 1:
                names = "、".join(sorted(unit.name for unit in proper))
                raise UserError(f"{self._places.full(node.id)}有不止一个集体（{names}）", hint="请在“集体和单位”中只留一个", code="COLLECTIVE")
            if proper:
                return proper[0]
        raise UserError(f"{self._places.full(place)}没有登记收款的集体", hint="请先在“集体和单位”中登记村民小组或村委会", code="COLLECTIVE")

    def _social(self, place: str) -> CollectiveUnit:
        accounts = [unit for unit in self._units.values() if unit.kind == CollectiveKind.SOCIAL]
        for node in self._places.ancestors(place):
            near = [unit for unit in accounts if unit.place == node.id]
            if near:
                return near[0]
        if len(accounts) == 1:
            return accounts[0]
        raise UserError("社会保障费应转入社保专户，但没有登记社保专户", hint="请先在“集体和单位”中登记社保专户", code="SOCIAL")

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, plan: Plan, *, supplements: Agreement | None = None) -> Agreement:
        """Makes the agreement of a plan with its lines, all or nothing; takes the next number of its series."""
        session, clerk = self._session, self._clerk
        kind = plan.kinds.copy().pop() if len(plan.kinds) == 1 else AgreementKind.MIXED
        if plan.home not in self._terms:
            self._terms[plan.home] = Terms.of(session, clerk, plan.home)
        agreement = new_agreement(session, clerk, self._terms[plan.home], plan.party, kind)
        agreement.supplements = supplements.id if supplements else None
        for order, line in enumerate(plan.lines, 1):
            session.add(AgreementLine(home=plan.home, agreement=agreement.id, order=order, **line))
        return agreement

    def _code(self, place: str) -> str:
        return self._places.code(place) if place in self._places.nodes else ""

    def _household_key(self, household: Household) -> str:
        project = self._projects.get(household.project or "")
        return f"{household.number}/{project.name}" if project else household.number


@dataclass(frozen=True)
class Terms:
    """What every new agreement of a home starts with: its number series, 甲方 and copies."""

    home: str
    numbers: AgreementNumbers
    party_a: str | None
    copies: int

    @classmethod
    def of(cls, session: Session, clerk: Clerk, home: str) -> Terms:
        """The office's usual terms, from its settings; 甲方 is the office itself unless a setting says otherwise."""
        office = settings.this_office(session, home)
        party_a = settings.text(session, "office.party_a", home) or (office.name if office else None)
        return cls(home, AgreementNumbers(session, clerk, home), party_a, settings.number(session, "agreement.copies", home))


def new_agreement(session: Session, clerk: Clerk, terms: Terms, party: Party, kind: str) -> Agreement:
    """An empty draft with the next number and the clerk as 经办人; added to the session."""
    agreement = Agreement(
        id=new_id(), home=terms.home, number=terms.numbers.take(kind), project=party.project, kind=AgreementKind(kind).value,
        household=party.id if party.side == "household" else None, collective=party.id if party.side == "collective" else None,
        party_a=terms.party_a, handler=clerk.name, drafted_on=clerk.on, copies=terms.copies, state=AgreementState.DRAFT.value,
    )  # fmt: skip
    session.add(agreement)
    return agreement


def living_lines(session: Session) -> tuple[set[tuple[str, str]], set[str]]:
    """(row id, price kind) of all lines of agreements that are not void, and row ids that stand in lines without a price row."""
    rows = session.execute(
        select(AgreementLine.parcel, AgreementLine.asset, AgreementLine.kind, AgreementLine.price)
        .join(Agreement, AgreementLine.agreement == Agreement.id)
        .where(AgreementLine.deleted == 0, Agreement.deleted == 0, Agreement.state != AgreementState.VOID)
    )
    standing: set[tuple[str, str]] = set()
    typed: set[str] = set()
    for parcel, asset, kind, price in rows:
        for row in (parcel, asset):
            if row:
                standing.add((row, kind))
                if not price:
                    typed.add(row)
    return standing, typed


def lines_of_row(session: Session, row: str, *states: str) -> list[tuple[AgreementLine, Agreement]]:
    """The living lines a parcel or asset stands in, with their agreements; in these states, or in all but void."""
    ask = (
        select(AgreementLine, Agreement)
        .join(Agreement, AgreementLine.agreement == Agreement.id)
        .where(AgreementLine.deleted == 0, Agreement.deleted == 0, Agreement.state != AgreementState.VOID)
        .where((AgreementLine.parcel == row) | (AgreementLine.asset == row))
        .order_by(Agreement.number, AgreementLine.order)
    )
    if states:
        ask = ask.where(Agreement.state.in_(states))
    return [(line, agreement) for line, agreement in session.execute(ask)]


def redraft(session: Session, row: Parcel | Asset) -> list[str]:
    """Brings unsigned lines of a row to its present quantity (same price); numbers of the agreements that changed.

    A reviewed agreement becomes a draft again. Lines of land that is gone are taken out. What a signed agreement already
    pays for is left alone: there the difference belongs in a supplement.
    """
    changed: list[str] = []
    printed = settings.flag(session, "price.pay_by_printed", row.home)
    signed = {line.kind for line, _ in lines_of_row(session, row.id, AgreementState.SIGNED)}
    for line, agreement in lines_of_row(session, row.id, AgreementState.DRAFT, AgreementState.REVIEWED):
        if line.kind in signed or not line.price:
            continue
        quantity, years, amount = requantify(line, row, printed=printed)
        if (line.quantity, line.years, line.amount) == (quantity, years, amount):
            continue
        line.quantity, line.years, line.amount = quantity, years, amount
        line.deleted = 0 if quantity else 1
        agreement.state, agreement.reviewed_on = AgreementState.DRAFT.value, None
        changed.append(agreement.number)
    session.flush()
    return sorted(set(changed))


def requantify(line: AgreementLine, row: Parcel | Asset, *, printed: bool) -> tuple[int, int | None, int]:
    """Quantity, years and amount that a line would have with its row's present size and its own price."""
    if isinstance(row, Asset):
        return row.quantity, None, compensation.item_line(row.quantity, line.unit_price)
    years = lease_years(row) if row.nature == Nature.TEMPORARY else None
    unit = f"{line.unit}·年" if line.years is not None and "年" not in line.unit else line.unit
    return measure(unit, row.area, row.area_m2, years, line.unit_price, printed=printed)


def row_name(row: Parcel | Asset) -> str:
    """How a survey row is named in a sentence: 地块“12-3”水田, 房屋“主房”."""
    if isinstance(row, Parcel):
        return f"地块“{row.number}”{row.land_class}"
    return f"{AssetKind(row.kind).label}“{row.item}{f'（{row.spec}）' if row.spec else ''}”{row.number or ''}"


def _line(row: Any, price: PriceRow, payee: PayeeType, *, quantity: int, years: int | None, amount: int) -> dict[str, Any]:
    return {
        "household": row.household, "kind": price.kind, "unit": price.unit.removeprefix("元/"), "quantity": quantity, "years": years,
        "unit_price": price.unit_price, "price": price.id, "payee_type": payee.value, "amount": amount,
    }  # fmt: skip
