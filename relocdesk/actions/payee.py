"""Whether somebody may be paid now, and into which account: what the payee's own records say on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Select, func, not_, or_, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.ids import chunks
from relocdesk.queries.agreed import Standing
from relocdesk.queries.objections import settled
from relocdesk.queries.places import Places
from relocdesk.records.agreement import AgreementLine
from relocdesk.records.household import Authorisation, CollectiveUnit, Household, Person, PersonState, ProxyKind
from relocdesk.records.survey import ROUNDS, Objection, Parcel, Posting, PostingSubject
from relocdesk.rules.identity import comparison_name

NO_CARD, WRONG_NAME, DISPUTE, HEIRS = "无卡", "户名不符", "纠纷", "继承未定"
_SURVEY_POSTINGS = (*ROUNDS, PostingSubject.PLAN)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A signed authorisation that holds on the day: its id, the agent's name, whether it is an inheritance."""

    id: str
    agent: str
    heir: bool


@dataclass(frozen=True, slots=True)
class Wall:
    """What hangs in the villages on a day, and the objections to it that name no household: each as (place, project or None, words).

    `rounds`: where what was surveyed has been put up by that day, as (place, project or None).
    """

    places: Places
    running: list[tuple[str, str | None, str]]
    unnamed: list[tuple[str, str | None, str]]
    rounds: frozenset[tuple[str, str | None]] = frozenset()

    def was_posted(self, place: str, project: str) -> bool:
        """Whether what was surveyed at a place has ever been put up there or around it."""
        return any((node.id, of) in self.rounds for node in self.places.ancestors(place) for of in (None, project))

    def hold(self, place: str, project: str) -> Obstacle | None:
        """Why money for what stands at a place must wait, or None."""
        around = {node.id for node in self.places.ancestors(place)}

        def first(found: list[tuple[str, str | None, str]]) -> str:
            return next((text for where, of, text in found if where in around and of in (None, project)), "")

        dispute, running = first(self.unnamed), first(self.running)
        if dispute:
            return Obstacle(f"本村组的公示有没办结的异议（{dispute}）", "请先答复；只涉及一户的，请在异议里写明是哪一户", DISPUTE)
        return Obstacle(f"{running}，还没有结束", "请等公示期满再付") if running else None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a payee cannot be paid now, what to do, and the unpaid reason that it amounts to ("" when none)."""

    text: str
    cure: str
    reason: str = ""


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
    keys = list(dict.fromkeys(one.payee for one in standing))
    places = Places.load(session)
    wall = Wall(places, _running_postings(session, on), _unnamed_objections(session), _rounds(session, on))
    found = {}
    for payee in [*_households(session, [h for h, _ in keys if h], on), *_collectives(session, [c for h, c in keys if c and not h])]:
        code = places.code(payee.place) if payee.place in places.nodes else ""
        found[payee.key] = replace(payee, code=code, wall=wall)
    return found


def _households(session: Session, ids: list[str], on: str) -> list[Payee]:
    found = []
    for part in chunks(ids):
        proxies = _proxies(session, part, on)
        objections = _open_objections(session, part)
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


def _about_land() -> Select[Objection, str | None]:
    """Unsettled objections to what was surveyed, with the project they are about; one to a list of the subsidy holds no land money."""
    query = select(Objection, Posting.project).outerjoin(Posting, Objection.posting == Posting.id)
    about = or_(Objection.posting.is_(None), Posting.subject.in_(_SURVEY_POSTINGS))
    return query.where(Objection.deleted == 0, about, not_(settled(Objection.__table__))).order_by(Objection.filed_on, Objection.id)


def _open_objections(session: Session, households: list[str]) -> dict[str, list[tuple[str | None, str]]]:
    """Household → project and words of the objections about it that nothing has settled."""
    found: dict[str, list[tuple[str | None, str]]] = {}
    for row, project in session.execute(_about_land().where(Objection.household.in_(households))):
        found.setdefault(str(row.household), []).append((project, _objection_words(row)))
    return found


def _unnamed_objections(session: Session) -> list[tuple[str, str | None, str]]:
    """Place, project and words of the unanswered objections that name no household: they may concern anybody there."""
    query = select(Objection, Posting).join(Posting, Objection.posting == Posting.id)
    query = query.where(Objection.deleted == 0, Objection.household.is_(None), not_(settled(Objection.__table__)), Posting.subject.in_(_SURVEY_POSTINGS))
    return [(posting.place, posting.project, _objection_words(one)) for one, posting in session.execute(query)]


def _objection_words(one: Objection) -> str:
    return f"{one.filed_on} {one.raised_by}提出的异议"


def held(session: Session, payee: Payee, agreement: str, project: str) -> Obstacle | None:
    """Why the money of an agreement must wait, whoever takes it and whatever was approved: an open objection, a posting that hangs.

    471号令第53条. A collective waits for the households whose land it is paid for, too, and for the walls of their groups.
    """
    raised = next((text for of, text in payee.objections if of in (None, project)), "")
    if raised:
        return Obstacle(f"有没办结的异议（{raised}）", "请先登记复核结论", DISPUTE)
    found = payee.wall.hold(payee.place, project) if payee.wall else None
    return found or (_land_held(session, payee, agreement, project) if payee.collective else None)


def _land_held(session: Session, payee: Payee, agreement: str, project: str) -> Obstacle | None:
    lines = select(AgreementLine.household).where(AgreementLine.agreement == agreement, AgreementLine.deleted == 0, AgreementLine.household.is_not(None))
    same = or_(Posting.project.is_(None), Posting.project == project)
    disputed = session.execute(_about_land().where(Objection.household.in_(lines), same).limit(1)).first()
    if disputed is not None:
        return Obstacle(f"其中的地有没办结的异议（{_objection_words(disputed[0])}）", "请先登记复核结论", DISPUTE)
    places = session.scalars(select(Household.place).where(Household.id.in_(lines)).distinct().order_by(Household.place)).all() if payee.wall else ()
    return next((found for place in places if payee.wall and (found := payee.wall.hold(place, project))), None)


def _running_postings(session: Session, on: str) -> list[tuple[str, str | None, str]]:
    """Place, project and words of what has not run out: the last day counts, and what is to begin later has not hung yet."""
    query = select(Posting).where(Posting.deleted == 0, Posting.until_on >= on, Posting.subject.in_(_SURVEY_POSTINGS))
    return [(row.place, row.project, f"“{PostingSubject(row.subject).label}”公示到 {row.until_on}") for row in session.scalars(query)]


def _rounds(session: Session, on: str) -> frozenset[tuple[str, str | None]]:
    query = select(Posting.place, Posting.project).where(Posting.deleted == 0, Posting.subject.in_(ROUNDS), Posting.from_on <= on)
    return frozenset((place, project) for place, project in session.execute(query.distinct()))


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
