"""The after-support people of the demo: approval lists, recipients of both cohorts, and what changed about them over the years.

Everything goes through the entry engine as an import would. Nobody here exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions import recovery
from relocdesk.clerk import Clerk
from relocdesk.demo_people import Being, People
from relocdesk.entry import Cell
from relocdesk.records.support import Recovery
from relocdesk.rules.days import add_days

OLD, NEW = "红岩水库", "龙川水库"
Enter = Callable[[str, Clerk, str, Sequence[str], Sequence[Sequence[Cell]]], list[str]]
"""(why, who, register, fields, rows) → ids: the demo's own way in."""
RECIPIENT = ("name", "idcard", "ethnic", "place", "reservoir", "household_no", "head_name", "relation", "cohort", "moved_on", "approval", "support",
             "start_month", "account_name", "account", "bank", "payee_relation", "phone", "alive_on")  # fmt: skip
CHANGE = ("recipient", "kind", "reason", "detail", "happened_on", "found_on", "until_on", "proof")
BANK = "农村信用合作社三坝分社"


@dataclass(frozen=True, slots=True)
class Made:
    """One recipient as entered: what later steps of the demo ask about."""

    id: str
    idcard: str
    name: str
    cohort: str


def policy(enter: Enter, by: Clerk) -> None:
    """The dated rows of policy by which the demo works: the first cohort's years are over, payment goes on with a warning."""
    fields = ("subject", "scope", "valid_from", "value", "document")
    enter("登记政策参数", by, "policy_row", fields, [
        ("后扶直补标准（元/人·年）", "全部", "2006-07-01", "600", "国发〔2006〕17号"),
        ("现状人口扶持截止日", "全部", "2006-07-01", "2026-06-30", "国发〔2006〕17号"),
        ("核减从何时停发", "全部", "2006-07-01", "下一期起", "云搬发〔2022〕174号"), ("直补发放周期", "全部", "2006-07-01", "季", "县搬迁办规定"),
        ("扶持期满后", "全部", "2026-07-01", "提醒后照发", "延续文件下达前照发（演示）"),
    ])  # fmt: skip


def recipients(enter: Enter, by: Clerk, people: People, random: Random, township: str, groups: Sequence[str], count: int) -> list[Made]:
    """So many recipients of a township in its village groups (codes), with their two approval lists."""
    rows: list[tuple[Cell, ...]] = []
    house = 0
    while len(rows) < count:
        house += 1
        family = people.family()
        rows += _family(people, random, family, f"Y{township[-3:]}{house:05d}", random.choice(groups), township)[: count - len(rows)]
    present = sum(1 for row in rows if row[8] == "现状人口")
    enter("登记核定名册", by, "approval_list", ("number", "reservoir", "place", "approved_on", "document", "base_count"), [
        (f"{township[-3:]}-2006-1", OLD, township, "2007-03-15", "云移局〔2007〕21号", present + present // 9),
        (f"{township[-3:]}-2014-2", NEW, township, "2014-06-10", "云移局〔2014〕88号", count - present + 3),
    ])  # fmt: skip
    ids = enter("导入后扶人口", by, "recipient", RECIPIENT, rows)
    return [Made(one, str(row[1]), str(row[0]), str(row[8])) for one, row in zip(ids, rows, strict=True)]


def _family(people: People, random: Random, family: Sequence[Being], number: str, group: str, township: str) -> list[tuple[Cell, ...]]:
    old = random.random() < 0.7
    moved = "" if old else f"{random.randint(2008, 2013)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
    head, own = family[0], people.account()
    rows: list[tuple[Cell, ...]] = []
    for being in family:
        year = int(being.idcard[6:10])
        if year > 2005 and old:  # 现状人口 was counted in 2006: later children are not among them
            continue
        shared = being is not head and (year > 1990 or random.random() < 0.15)
        holder = head if shared else being
        seen = f"2026-0{random.randint(1, 9)}-15" if year < 1940 else ""
        rows.append((
            being.name, being.idcard, being.nation, group, OLD if old else NEW, number, head.name, being.relation, "现状人口" if old else "原迁人口", moved,
            f"{township[-3:]}-{'2006-1' if old else '2014-2'}", "直补" if random.random() < 0.93 else "项目", "2006-07" if old else moved[:7],
            holder.name, own if holder is head else people.account(), BANK, "户主" if shared else "本人",
            f"139{random.randint(0, 99_999_999):08d}" if being is head else "", seen,
        ))  # fmt: skip
    return rows


def changes(enter: Enter, by: Clerk, random: Random, made: Sequence[Made], on: str, share: float = 0.12, since: int = 2016) -> int:
    """Reductions of every kind for a share of the people from a year up to a day, with some returns; how many rows."""
    rows: list[tuple[Cell, ...]] = []
    for one in random.sample(list(made), int(len(made) * share)):
        year = int(one.idcard[6:10])
        if year >= int(on[:4]) - 1:
            continue
        day = f"{random.randint(max(since, year + 1), int(on[:4]))}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
        day = min(day, add_days(on, -random.randint(3, 300)))
        late = min(add_days(day, random.choice((5, 12, 20, 40, 210))), on)
        dice = random.random()
        if dice < 0.72 or year > 2003:
            rows.append((one.idcard, "核减", "D3", "", day, late, "", f"死亡证明 {random.randint(1, 999):04d} 号"))
        elif dice < 0.84:
            rows.append((one.idcard, "核减", "D1", "", day, late, "", f"录用文件〔{day[:4]}〕{random.randint(1, 60)}号"))
        elif dice < 0.92:
            rows.append((one.idcard, "核减", "D2", "", day, late, "", "户口簿复印件"))
        else:
            until = add_days(day, random.randint(200, 1500))
            rows.append((one.idcard, "核减", "D4", "", day, late, until, f"判决书（{day[:4]}）刑初{random.randint(1, 200)}号"))
            if until < on:
                rows.append((one.idcard, "恢复", "", "", until, min(add_days(until, 15), on), "", "释放证明"))
    enter("导入人口动态", by, "recipient_change", CHANGE, rows)
    return len(rows)


def recoveries(session: Session, by: Clerk) -> int:
    """What late reports left overpaid is listed; a third of the people were told, one has paid back; how many recoveries."""
    recovery.recompute_all(session, by, None)
    rows = session.scalars(select(Recovery).where(Recovery.deleted == 0).order_by(Recovery.line)).all()
    for row in rows[::3]:
        recovery.tell_recovery(session, by, row)
    for row in rows[:1]:
        recovery.recover(session, by, row, amount=row.over_paid, voucher="收据 0001 号")
    return len(rows)
