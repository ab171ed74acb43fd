"""Whether somebody may be paid now, and into which account: what the payee's own records say on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.ids import chunks
from relocdesk.queries.agreed import Standing
from relocdesk.queries.land_walls import DISPUTE, Obstacle, Wall, about_households, disputed_lines, load_wall
from relocdesk.records.agreement import AgreementLine
from relocdesk.records.household import Authorisation, CollectiveUnit, Household, Person, PersonState, ProxyKind
from relocdesk.records.survey import Parcel
from relocdesk.rules.identity import comparison_name

NO_CARD, WRONG_NAME, HEIRS = "无卡", "户名不符", "继承未定"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A signed authorisation that holds on the day: its id, the agent's name, whether it is an inheritance."""

    id: str
    agent: str
    heir: bool


@dataclass(frozen=True, slots=True)
class Payee:
    """A household or a collective as it may be paid. Empty texts are missing data; `place` is an id."""

    household: str | None
    collective: str | None
    title: str
    names: tuple[str, ...]  # the names its account may bear
    account_name: str
    account: str
    bank: str
    place: str
    code: str  # of the place, for the order of lists
    died: bool = False
    objections: tuple[tuple[str | None, str], ...] = ()  # project (None: every one) and words
    proxies: tuple[Proxy, ...] = ()
    wall: Wall | None = None

    @property
    def key(self) -> tuple[str | None, str | None]:
        """Household and collective, as a Standing names its payee."""
        return self.household, self.collective

    @property
    def holder(self) -> str:
        """The name on the account; without one, the payee's own."""
        return self.account_name or (self.names[0] if self.names else "")

    @property
    def proxy(self) -> Proxy | None:
        """The authorisation under which the holder of the account takes the money."""
        return next((one for one in self.proxies if comparison_name(one.agent) == comparison_name(self.holder)), None)

    @property
    def own_account(self) -> bool:
        """Whether the account bears the payee's own name."""
        return comparison_name(self.holder) in {comparison_name(name) for name in self.names}


def load_payees(session: Session, standing: Iterable[Standing], on: str) -> dict[tuple[str | None, str | None], Payee]:
    """The payees of agreements as they stand on a day, (household, collective) → Payee."""
    wanted = list(standing)
    keys = list(dict.fromkeys(one.payee for one in wanted))
    wall = load_wall(session, on, [one.agreement for one in wanted])
    places = wall.places
    found = {}
    for payee in [*_households(session, [h for h, _ in keys if h], on), *_collectives(session, [c for h, c in keys if c and not h])]:
        code = places.code(payee.place) if payee.place in places.nodes else ""
        found[payee.key] = replace(payee, code=code, wall=wall)
    return found


def _households(session: Session, ids: list[str], on: str) -> list[Payee]:
    found = []
    for part in chunks(ids):
        proxies = _proxies(session, part, on)
        objections = about_households(session, part)
        query = select(Household, Person).outerjoin(Person, Household.head == Person.id).where(Household.id.in_(part))
        for household, head in session.execute(query):
            names = (head.name, *(head.former_names or "").replace("，", "、").replace(",", "、").split("、")) if head else ()
            died = head is not None and (head.state == PersonState.DEAD or bool(head.died_on and head.died_on <= on))
            title = f"{household.number} {head.name}" if head else household.number
            found.append(
                Payee(
                    household.id,
                    None,
                    title,
                    tuple(name for name in names if name),
                    household.account_name or "",
                    household.account or "",
                    household.bank or "",
                    household.place,
                    "",
                    died,
                    tuple(objections.get(household.id, ())),
                    tuple(proxies.get(household.id, ())),
                )
            )
    return found


def _collectives(session: Session, ids: list[str]) -> list[Payee]:
    rows = [row for part in chunks(ids) for row in session.scalars(select(CollectiveUnit).where(CollectiveUnit.id.in_(part)))]
    return [Payee(None, row.id, row.name, (row.name,), row.account_name or "", row.account or "", row.bank or "", row.place, "") for row in rows]


def _proxies(session: Session, households: list[str], on: str) -> dict[str, list[Proxy]]:
    query = (
        select(Authorisation)
        .where(Authorisation.deleted == 0, Authorisation.signed == 1, Authorisation.principal.in_(households))
        .where(or_(Authorisation.valid_from.is_(None), Authorisation.valid_from <= on))
        .where(or_(Authorisation.valid_to.is_(None), Authorisation.valid_to >= on))
    )
    found: dict[str, list[Proxy]] = {}
    for row in session.scalars(query):
        found.setdefault(row.principal, []).append(Proxy(row.id, row.agent_name, row.kind == ProxyKind.HEIR))
    return found


def held(session: Session, payee: Payee, agreement: str, project: str) -> Obstacle | None:
    """Why the money of an agreement must wait, whoever takes it and whatever was approved: an open objection, a posting that hangs.

    471号令第53条. It waits for the walls of where the payee lives and of where the land lies; a collective for the households whose
    land it is paid for, too.
    """
    raised = next((text for of, text in payee.objections if of in (None, project)), "")
    if raised:
        return Obstacle(f"有没办结的异议（{raised}）", "请先登记复核结论", DISPUTE)
    disputed = disputed_lines(session, agreement, project) if payee.collective else ""
    if disputed:
        return Obstacle(f"其中的地有没办结的异议（{disputed}）", "请先登记复核结论", DISPUTE)
    return payee.wall.hold((payee.place, *payee.wall.grounds.get(agreement, ())), project) if payee.wall else None


def never_posted(session: Session, pairs: Iterable[tuple[Standing, Payee]]) -> dict[str, str]:
    """Agreement → the place whose survey it pays for and where that was never put up (471号令 art. 53, L15).

    Not of agreements about nothing that was surveyed.
    """
    asked = {one.agreement: (payee, one.project) for one, payee in pairs if not (payee.household and _posted_at(payee, payee.place, one.project))}
    line, found = AgreementLine, dict[str, str]()
    where = func.coalesce(Parcel.place, Household.place)
    for part in chunks(asked):
        query = select(line.agreement, where).outerjoin(Parcel, line.parcel == Parcel.id).outerjoin(Household, line.household == Household.id)
        query = query.where(line.agreement.in_(part), line.deleted == 0, or_(line.parcel.is_not(None), line.asset.is_not(None))).distinct()
        for agreement, place in session.execute(query.order_by(line.agreement, where)):
            payee, project = asked[agreement]
            if payee.wall and not _posted_at(payee, place or payee.place, project):
                found.setdefault(agreement, payee.wall.places.full(place or payee.place))
    return found


def _posted_at(payee: Payee, place: str, project: str) -> bool:
    return payee.wall is not None and payee.wall.was_posted(place, project)


def payee_obstacle(session: Session, payee: Payee, home: str, *, cash: bool = False) -> Obstacle | None:
    """Why this payee cannot be paid now, or None.

    The dead are paid through heirs only (民法典 art. 1121); the account must be there unless it is cash, and bear a name that
    may take the money (P06, P07). What the wall says is asked of `held`.
    """
    proxy = payee.proxy
    if payee.died and not (proxy and proxy.heir):
        return Obstacle("户主已去世", "请先登记“继承”类授权，并把收款账户改成继承人的", HEIRS)
    if not payee.account and not cash:
        return Obstacle("没有银行账号", "请在户（或集体）的资料里补登银行账号；确实没有卡的，用现金支付", NO_CARD)
    if not payee.own_account and proxy is None and settings.get(session, "payment.name_mismatch", home) == settings.Strictness.BLOCK:
        return Obstacle(f"账户户名“{payee.holder}”不是收款人本人，也没有授权", "请更正户名，或登记已签章的授权委托", WRONG_NAME)
    return None


def name_warning(payee: Payee) -> str:
    """A sentence when the account bears another's name without authorisation; "" when all is well."""
    if payee.own_account or payee.proxy is not None or not payee.account:
        return ""
    return f"{payee.title}：账户户名“{payee.holder}”不是收款人本人，请核对或登记授权"
