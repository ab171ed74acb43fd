"""What looks wrong among after-support people: doubles, shared accounts, other people's accounts, the very old not seen for long.

Each finding names its rule of the audit list (R01–R05, R16, R22); a person decides, nothing is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.queries.entitlement import entitlements
from relocdesk.queries.places import Places
from relocdesk.records.household import Authorisation, Household, Person, PersonState
from relocdesk.records.support import Recipient
from relocdesk.rules.days import age
from relocdesk.rules.identity import comparison_name, mask_account, mask_idcard
from relocdesk.rules.support import months_after_end
from relocdesk.settings import policies

RULES = {
    "R01": "已登记死亡还在册",
    "R02": "一证登记多次",
    "R03": "疑似一人两号",
    "R04": "多户共用一个账户",
    "R05": "户名不是本人",
    "R16": "高龄未认证",
    "R22": "多户共用一个电话",
}
SELF = "本人"
PHONES = 3  # households that may share one telephone before it is worth a look (R22)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One finding: its rule, the people it is about, and the sentence."""

    rule: str
    ids: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _One:
    id: str
    name: str
    card: str
    born: str
    sex: str
    place: str
    house: str
    account: str
    holder: str
    relation: str
    phone: str
    seen: str
    reservoir: str
    person: str
    died: str  # the day, or that it is known without one


def doubts(session: Session, on: str) -> list[Doubt]:
    """All findings among the people still in the register on a day, by rule."""
    standing = {one.id for one in entitlements(session, on).values() if not any(until is None for _, until in one.gaps)}
    people = [one for one in _people(session) if one.id in standing]
    places = Places.load(session)
    return [*_dead(people), *_twice(people), *_two_numbers(people, places), *_shared_accounts(people), *_other_holders(session, people, on),
            *_unseen(session, people, on), *_shared_phones(people)]  # fmt: skip


def _people(session: Session) -> list[_One]:
    r, p = Recipient.__table__, Person.__table__
    query = select(r.c.id, p.c.name, p.c.idcard, p.c.born_on, p.c.sex, r.c.place, r.c.household_no, p.c.household, r.c.account, r.c.account_name,
                   r.c.payee_relation, r.c.phone, r.c.alive_on, r.c.reservoir, p.c.id, r.c.head_name, p.c.state,
                   p.c.died_on)  # fmt: skip
    rows = session.execute(query.join(p, r.c.person == p.c.id).where(r.c.deleted == 0).order_by(r.c.place, p.c.name))
    found = []
    for (one, name, card, born, sex, place, number, home, account, holder, relation, phone, seen, reservoir, person, head, state,
         died) in rows:  # fmt: skip
        house = home or f"{place}/{number or head or one}"
        found.append(_One(one, name, card or "", born or "", sex or "", place, house, account or "", holder or "", relation or "", phone or "", seen or "",
                          reservoir, person, died or ("日期不明" if state == PersonState.DEAD else "")))  # fmt: skip
    return found


def _grouped(people: Iterable[_One], key: Any) -> Iterator[tuple[str, list[_One]]]:
    groups: defaultdict[str, list[_One]] = defaultdict(list)
    for one in people:
        if key(one):
            groups[key(one)].append(one)
    yield from ((value, some) for value, some in groups.items() if len(some) > 1)


def _names(some: Iterable[_One]) -> str:
    names = list(dict.fromkeys(one.name for one in some))
    return "、".join(names[:5]) + ("等" if len(names) > 5 else "")


def _dead(people: list[_One]) -> Iterator[Doubt]:
    """The register of people knows of a death that nobody has told the after-support people of."""
    for one in people:
        if one.died:
            yield Doubt("R01", (one.id,), f"{one.name}：家庭成员里已登记死亡（{one.died}），还没有核减；请办理核减")


def _twice(people: list[_One]) -> Iterator[Doubt]:
    for card, some in _grouped(people, lambda one: one.card):
        yield Doubt("R02", tuple(one.id for one in some), f"{_names(some)}：证号 {mask_idcard(card)} 登记了 {len(some)} 次；请留一条，其余删去")


def _two_numbers(people: list[_One], places: Places) -> Iterator[Doubt]:
    """Same name, birth, sex and village with another number; or numbers that differ in one digit or two swapped ones."""
    names: dict[str, str] = {name: comparison_name(name) for name in {one.name for one in people}}
    codes = {place: places.code(place)[:12] for place in {one.place for one in people}}
    for _, some in _grouped(people, lambda one: f"{names[one.name]}/{codes[one.place]}"):
        for first, second in combinations(some, 2):
            if first.card == second.card or not first.card or not second.card:
                continue
            same = (first.born, first.sex) == (second.born, second.sex)
            if same or _near(first.card, second.card):
                shown = "、".join(mask_idcard(one.card) for one in (first, second))
                like = "出生日期相同" if same else "证号只差一位"
                yield Doubt("R03", (first.id, second.id), f"{first.name}（{shown}）：同村同名，{like}；请核对是不是同一个人")


def _near(one: str, other: str) -> bool:
    differ = [n for n, (a, b) in enumerate(zip(one[:17], other[:17], strict=True)) if a != b] if len(one) == len(other) == 18 else [0, 1, 2]
    swapped = len(differ) == 2 and differ[1] == differ[0] + 1 and one[differ[0]] == other[differ[1]] and one[differ[1]] == other[differ[0]]
    return len(differ) == 1 or swapped


def _shared_accounts(people: list[_One]) -> Iterator[Doubt]:
    for account, some in _grouped(people, lambda one: one.account):
        houses = len({one.house for one in some})
        if houses > 1:
            text = f"账户 {mask_account(account)}：{houses} 户 {len(some)} 人共用（{_names(some)}）；请核对或变更账户"
            yield Doubt("R04", tuple(one.id for one in some), text)


def _other_holders(session: Session, people: list[_One], on: str) -> Iterator[Doubt]:
    """The holder is neither the person nor of a stated relation, nor an agent with a signed authorisation that holds on the day."""
    a, h = Authorisation.__table__, Household.__table__
    query = select(h.c.head, a.c.agent_name, a.c.valid_from, a.c.valid_to).join(h, a.c.principal == h.c.id).where(a.c.deleted == 0, a.c.signed == 1)
    agents = {(head, comparison_name(agent)) for head, agent, since, until in session.execute(query) if (since or "") <= on <= (until or "9999")}
    for one in people:
        if not one.holder or one.holder == one.name:
            continue
        holder = comparison_name(one.holder)
        if holder != comparison_name(one.name) and one.relation in ("", SELF) and (one.person, holder) not in agents:
            yield Doubt("R05", (one.id,), f"{one.name}：户名是“{one.holder}”，没有写与本人的关系，也没有授权；请变更账户或补填关系")


def _unseen(session: Session, people: list[_One], on: str) -> Iterator[Doubt]:
    found = policies(session)
    limits = {name: (int(found.value("subsidy.certify_age", on, name) or 0), int(found.value("subsidy.certify_months", on, name) or 0))
              for name in {one.reservoir for one in people}}  # fmt: skip
    least = min((years for years, _ in limits.values()), default=0)
    youngest = f"{int(on[:4]) - least}{on[4:]}"  # nobody born later can be old enough
    for one in people:
        if not one.born or one.born > youngest:
            continue
        old, (years, valid) = age(one.born, on), limits[one.reservoir]
        months = months_after_end(one.seen[:7], on[:7], one.seen[:7]) if one.seen else None
        if old >= years and (months is None or months > valid):
            seen = f"上次认证是 {one.seen}" if one.seen else "没有认证过"
            yield Doubt("R16", (one.id,), f"{one.name}：{old} 岁，{seen}；请办理生存认证")


def _shared_phones(people: list[_One]) -> Iterator[Doubt]:
    for _, some in _grouped(people, lambda one: one.phone):
        houses = len({one.house for one in some})
        if houses > PHONES:
            yield Doubt("R22", tuple(one.id for one in some), f"{houses} 户 {len(some)} 人登记同一个电话（{_names(some)}）；请核对")
