"""An invented township or county, to try the program and to measure it; the same seed gives the same book.

Everything goes through the entry engine and the actions that clerks use, so that history, numbers and states are real.
Scales: township ≈ 300 households in every stage of the work and some hundred recipients of the subsidy; county = 20 townships ≈ 10,000
households, 50,000 recipients paid for ten years of quarters (2,000,000 lines); million = 4,000,000 lines of the subsidy, for measuring.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import demo_party, demo_petitions, demo_population, demo_support, demo_works, entry, settings
from relocdesk.actions import approval, bank, posting
from relocdesk.actions.agreement import sign, supplement, void
from relocdesk.actions.bank import BankRow
from relocdesk.actions.drafting import draft
from relocdesk.actions.payment import open_batch, set_reason
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.demo_people import People
from relocdesk.demo_support import Subsidy, quarter_of, recipients_in_bulk
from relocdesk.entry import Cell, Judgement, New
from relocdesk.entry.judging import newest_transaction
from relocdesk.founding import found_book, operator
from relocdesk.job import Tick, no_tick
from relocdesk.records import REGISTERS, home_id, new_id, register
from relocdesk.records.agreement import Agreement, AgreementState
from relocdesk.records.payment import Payment, PaymentBatch
from relocdesk.records.reference import Place
from relocdesk.records.support import PeriodState
from relocdesk.rules.area import m2_of_mu
from relocdesk.rules.days import add_months

DAY = "2026-10-31"  # "today" of the demo when nothing else is asked for
COUNTY, OFFICE = "530523", "龙陵县搬迁安置办公室"
OWNER = "龙陵县水利工程建设有限公司"
PROJECT, SECOND = "三坝灌区工程", "龙川水库工程"
TOWNSHIPS = ("三坝乡", "石桥镇", "柳林乡", "平达镇", "木城乡", "碧寨乡", "河头镇", "象山乡", "龙新镇", "麻栗乡",
             "大坪镇", "清水乡", "白沙镇", "天宁乡", "竹箐乡", "双河镇", "团田乡", "荞麦镇", "蒿坪乡", "新寨乡")  # fmt: skip
VILLAGES = ("柳树村", "石桥村", "大坝村", "核桃坪村", "清水沟村", "新寨村", "横山村", "坡头村", "小河村", "茶房村")
LANDS = ("水田", "旱地", "旱地", "果园", "茶园", "乔木林地", "其他园地")
BANK = "农村信用合作社三坝分社"
LAND_PRICES = {"水田": (26_000, 39_000, 1_800), "旱地": (21_000, 31_500, 1_200), "果园": (24_000, 36_000, 5_600),
               "茶园": (24_500, 36_700, 6_200), "乔木林地": (9_800, 14_700, 2_100), "其他园地": (22_000, 33_000, 3_300)}  # fmt: skip
THINGS = (("房屋", "主房", "砖混", "㎡", "985.00"), ("房屋", "主房", "砖木", "㎡", "742.50"), ("房屋", "附属房", "土木", "㎡", "388.00"),
          ("附属设施", "围墙", "砖", "㎡", "96.80"), ("附属设施", "水泥晒场", "", "㎡", "58.33"), ("附属设施", "水井", "", "口", "2600.00"),
          ("附属设施", "畜圈", "砖", "㎡", "260.00"), ("零星林木", "核桃", "盛果", "株", "680.00"), ("零星林木", "果树", "初果", "株", "125.50"),
          ("零星林木", "竹", "", "丛", "86.00"), ("坟墓", "土坟", "单棺", "座", "3200.00"))  # fmt: skip
HOUSEHOLD = ("number", "project", "head_name", "head_idcard", "place", "phone", "account_name", "account", "bank", "relocation")
PERSON = ("household", "name", "idcard", "relation", "ethnic", "state")
PARCEL = ("number", "project", "household", "place", "site", "land_class", "nature", "area", "surveyed_on", "lease_from", "lease_until", "confirmed",
          "east", "south", "west", "north")  # fmt: skip
ASSET = ("number", "project", "household", "kind", "item", "spec", "unit", "quantity", "surveyed_on", "confirmed")


@dataclass
class Made:
    """What a demo book holds: register → rows."""

    counts: dict[str, int]

    def shown(self) -> list[tuple[str, int]]:
        """Chinese name and number of each register that has rows."""
        return [(reg.label, self.counts[reg.name]) for reg in REGISTERS if self.counts.get(reg.name)]


def make(path: Path, *, scale: str = "township", seed: int = 1, on: str = DAY, tick: Tick = no_tick) -> Made:
    """Makes the book at `path`, never over an existing file. Raises UserError."""
    words = {"office": OFFICE, "place": COUNTY} if scale == "county" else {"office": f"龙陵县{TOWNSHIPS[0]}搬迁安置办公室", "place": COUNTY + "102"}
    book = found_book(path, by="王建国", on=on, **words)
    often = gc.get_threshold()
    gc.set_threshold(50_000, *often[1:])  # millions of short-lived rows: looking for cycles every 700 of them costs a fifteenth of the time
    try:
        with book:
            return _filled(_Demo(book, Random(seed), on, tick), scale)
    except BaseException:  # half a demo would only mislead
        path.unlink(missing_ok=True)
        raise
    finally:
        gc.set_threshold(*often)


def _filled(work: _Demo, scale: str) -> Made:
    work.ground()
    if scale == "county":
        for n, name in enumerate(TOWNSHIPS):
            work.tick(n, len(TOWNSHIPS), name)
            at = work.township(f"{COUNTY}{102 + n}", name, households=500, printed=False)
            work.support(at, recipients=2_900, quarters=38)
    else:
        at = work.township(COUNTY + "102", TOWNSHIPS[0], households=300, printed=scale == "township")
        if scale == "million":
            work.support_in_bulk(at, 50_000, 80)
        else:
            work.support(at, recipients=420, quarters=9)
    if scale != "million":
        work.overpaid()
    work.funds()
    demo_support.money(work.enter, work.clerk("赵小兰", "2026-02-20"), work.book)
    work.support_works(list(TOWNSHIPS) if scale == "county" else [TOWNSHIPS[0]])
    demo_party.fill(demo_party.Work(work.book, work.enter, work.clerk, work.on))
    demo_petitions.cases(work, [f"{COUNTY}102{201 + n}{group:02d}" for n in range(6) for group in range(1, 6)])
    with work.book.read() as session:
        counts = {reg.name: session.scalar(select(func.count()).where(reg.cls.deleted == 0)) or 0 for reg in REGISTERS}
    return Made(counts)


@dataclass
class _Township:
    """What the steps hand on to each other."""

    code: str
    name: str
    groups: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)  # of its households


class _Demo:
    def __init__(self, book: Book, random: Random, on: str, tick: Tick) -> None:
        self.book, self.random, self.on, self.tick = book, random, on, tick
        self.people = People(random)
        self.admin = self._clerk("王建国", on)

    def clerk(self, name: str, on: str) -> Clerk:
        """Somebody of the office, at work on a day."""
        return self._clerk(name, on)

    def enter(self, why: str, by: Clerk, name: str, fields: Sequence[str], rows: Sequence[Sequence[Cell]], *, source: str = "import") -> list[str]:
        """Rows through the same engine as an import."""
        return self._enter(why, by, name, fields, rows, source=source)

    def support_works(self, townships: Sequence[str]) -> None:
        """The plan, projects, money and courses of after-support."""
        demo_works.funds(self, len(townships))
        for n, name in enumerate(townships):
            code = f"{COUNTY}{102 + n}"
            self.tick(n, len(townships), f"{name}后扶项目")
            demo_works.projects(self, code, [(f"{code}{201 + k}", village) for k, village in enumerate(VILLAGES[:6])])
            demo_works.courses(self, code + "201", code[6:], [one for _ in range(36) for one in self.people.family()[:1]])
        demo_works.plan_goes_on(self, "102")

    def _clerk(self, name: str, on: str) -> Clerk:
        with self.book.read() as session:
            return operator(session, name, min(on, self.on))

    def _enter(self, why: str, by: Clerk, name: str, fields: Sequence[str], rows: Sequence[Sequence[Cell]], *, source: str = "import",
               accept: dict[str, str] | None = None) -> list[str]:  # fmt: skip
        """Rows through the same engine as an import; a row that is refused is a mistake of the demo itself."""
        reg = register(name)
        with self.book.change(why, by=by, source=source) as (session, _):
            judged = entry.judge(session, by, reg, [reg[f] for f in fields], list(enumerate(rows, 1)), accept=accept)
            if judged.problems:
                raise RuntimeError(f"{name}: {judged.problems[0]}")
            return entry.apply(session, by, judged, self.tick)

    # --- before the survey -------------------------------------------------------------------------------------------

    def ground(self) -> None:
        """People of the office, projects, prices."""
        with self.book.change("修改设置“公示受理电话”", by=self.admin) as (session, _):
            settings.put(session, self.admin, "posting.contact", "0875-6120000", self.book.home)
        self._enter("登记操作员", self.admin, "operator", ("name", "role"),
                    [("赵小兰", "录入"), ("钱建军", "审核"), ("孙明", "负责人"), ("周晓燕", "只读"), ("李梅", "党务")], source="typed")  # fmt: skip
        fields: Sequence[str] = ("name", "kind", "tract", "owner", "started_on", "investment", "freeze_notice", "freeze_on", "stage")
        self._enter("登记工程", self.admin, "project", fields, [
            (PROJECT, "灌区", "三坝片区", OWNER, "2024-03-01", "682000000", "龙政通〔2025〕3号", "2025-06-01", "实施"),
            (SECOND, "水库", "龙川片区", OWNER, "2023-05-10", "415000000", "龙政通〔2024〕8号", "2024-08-15", "前期")], source="typed")  # fmt: skip
        rows: list[Sequence[Cell]] = []
        for item, (land, labour, crop) in LAND_PRICES.items():
            rows += [("土地补偿费", item, None, "永久", "亩", land, "集体"), ("安置补助费", item, None, "永久", "亩", labour, "集体"),
                     ("青苗补偿费", item, None, None, "亩", crop, "个人"), ("临时用地补偿", item, None, "临时", "亩·年", 1_500, "集体")]  # fmt: skip
        rows += [(kind, item, spec or None, None, unit, price, "个人") for kind, item, spec, unit, price in THINGS]
        fields = ("kind", "item", "spec", "nature", "unit", "unit_price", "payee_type", "valid_from", "document")
        demo_population.policy(self._enter, self.admin)
        self._enter("登记补偿标准", self._clerk("钱建军", "2025-06-10"), "price_item", fields,
                    [(*row, "2024-01-01", "龙政发〔2024〕2号") for row in rows])  # fmt: skip

    def township(self, code: str, name: str, *, households: int, printed: bool) -> _Township:
        """One township from its places to its payments."""
        at = _Township(code, name)
        self._places(at)
        self._survey(at, households)
        self._posted(at)
        self._agreed(at, printed=printed)
        self._paid(at)
        return at

    def support(self, at: _Township, *, recipients: int, quarters: int) -> None:
        """Its people of after-support, so many quarters paid long ago, one closed, one paid, one on the wall; some deaths told late."""
        by = self._clerk("赵小兰", "2026-02-10")
        made = demo_population.recipients(self._enter, self._clerk("赵小兰", self.on), self.people, self.random, at.code, at.groups, recipients)
        known, told_late = made[: -recipients // 20], made[-recipients // 20 :]
        demo_population.changes(self._enter, by, self.random, known, "2026-02-10")
        subsidy = Subsidy(self.book, self._clerk, self.random, self.on, at.code, self.tick)
        now = quarter_of(self.on)
        closed, paid = add_months(now, -6), add_months(now, -3)
        subsidy.paid_long_ago(quarters, closed)
        subsidy.through(closed, stage=PeriodState.CLOSED, returned=3)
        subsidy.through(paid, stage=PeriodState.PAID, returned=5)
        subsidy.through(now, stage=PeriodState.POSTED, returned=0)
        demo_population.changes(self._enter, self._clerk("赵小兰", self.on), self.random, told_late, self.on, share=0.2, since=int(self.on[:4]) - 1)

    def overpaid(self) -> None:
        """What late reports left overpaid, once for the whole book."""
        with self.book.change("核算多发，通知追缴", by=self._clerk("赵小兰", self.on), source="action") as (session, _):
            demo_population.recoveries(session, self._clerk("赵小兰", self.on))

    def support_in_bulk(self, at: _Township, count: int, quarters: int) -> None:
        """So many people of the first cohort, each paid for so many quarters up to the end of its twenty years."""
        recipients_in_bulk(self.book, self._clerk("赵小兰", "2026-02-10"), at.groups, count, self.tick)
        Subsidy(self.book, self._clerk, self.random, self.on, at.code, self.tick).paid_long_ago(quarters, "2026-07")

    def _places(self, at: _Township) -> None:
        villages = [(f"{at.code}{201 + n}", name) for n, name in enumerate(VILLAGES[:6])]
        groups = [(f"{code}{n:02d}", f"{'一二三四五'[n - 1]}组", code) for code, _ in villages for n in range(1, 6)]
        with self.book.read() as session:
            there = session.scalar(select(func.count()).where(Place.code == at.code))
        rows: list[Sequence[Cell]] = [] if there else [(at.code, at.name, COUNTY)]
        for step in (rows, [(code, name, at.code) for code, name in villages], groups):
            if step:
                self._enter("登记村组", self.admin, "place", ("code", "name", "parent"), step, source="typed")
        at.groups = [code for code, _, _ in groups]
        names = dict(villages)
        units: list[Sequence[Cell]] = [(f"{at.name}{names[code]}{name}村民小组", full, "村民小组", self.people.account(), BANK) for full, name, code in groups]
        units += [(f"{at.name}{name}村民委员会", code, "村委会", self.people.account(), BANK) for code, name in villages]
        if not there:
            office = (f"龙陵县{at.name}搬迁安置办公室", "乡镇", at.code)
            self._enter("登记单位", self.admin, "office", ("name", "level", "place"), [office], source="typed")
        self._enter("登记集体", self.admin, "collective_unit", ("name", "place", "kind", "account_name", "account", "bank"),
                    [(unit, place, kind, unit, account, bank_name) for unit, place, kind, account, bank_name in units])  # fmt: skip

    # --- the survey --------------------------------------------------------------------------------------------------

    def _survey(self, at: _Township, count: int) -> None:
        """Households with their people, land and things. On purpose a few have no account, a shared one, or an odd ID number."""
        random, clerk = self.random, self._clerk("赵小兰", "2025-09-20")
        homes: list[Sequence[Cell]] = []
        members: list[Sequence[Cell]] = []
        parcels: list[Sequence[Cell]] = []
        assets: list[Sequence[Cell]] = []
        shared = self.people.account()
        serial, thing = 0, 0
        for n in range(1, count + 1):
            number = f"{at.code[6:]}-{n:04d}"
            at.numbers.append(number)
            place = at.groups[(n - 1) * len(at.groups) // count]
            family = self.people.family()
            head = family[0]
            card = head.idcard if n != 17 else head.idcard[:-1] + ("1" if head.idcard[-1] != "1" else "2")
            account = None if n % 37 == 5 else shared if n % 100 in (41, 42) else self.people.account()
            holder = family[-1].name if n % 61 == 7 and len(family) > 1 else head.name
            homes.append((number, PROJECT, head.name, card, place, f"13{random.randint(100_000_000, 999_999_999)}" if random.random() < 0.85 else None,
                          holder if account else None, account, BANK if account else None,
                          random.choice(("仅征地", "仅征地", "仅征地", "搬迁安置"))))  # fmt: skip
            members += [(f"{number}/{PROJECT}", one.name, one.idcard, one.relation, one.nation, "在户") for one in family[1:]]
            confirmed = "否" if n % 29 == 3 or place[9:12] == "206" else "是"
            for _ in range(random.choice((1, 2, 2, 3, 4))):
                serial += 1
                parcels.append(self._parcel(at, serial, number, place, confirmed))
            for _ in range(random.choice((0, 1, 1, 2, 3))):
                thing += 1
                assets.append(self._asset(at, thing, number, confirmed))
        accept = {"ID_CHECK": "证件原件如此，公安已出具证明"}
        self._enter("导入移民户：户主花名册.xlsx", clerk, "household", HOUSEHOLD, homes, accept=accept)
        self._enter("导入家庭成员：人口登记表.xlsx", clerk, "person", PERSON, members)
        self._enter("导入地块：勘测定界成果.xlsx", clerk, "parcel", PARCEL, parcels)
        self._enter("导入实物：实物调查表.xlsx", clerk, "asset", ASSET, assets)

    def _parcel(self, at: _Township, serial: int, number: str, place: str, confirmed: str) -> Sequence[Cell]:
        random = self.random
        temporary = random.random() < 0.15
        sides = random.sample(("沟", "路", "河", "李家地", "王家地", "荒坡", "水渠", "林地"), 4)
        return (f"{at.code[6:]}DK{serial:05d}", PROJECT, number, place, random.choice(("大田坝", "上湾子", "老鹰岩", "水碓边", "坟山脚", "岔河口")),
                random.choice(LANDS), "临时" if temporary else "永久", f"{random.randint(5, 620) / 100:.2f}", "2025-09-12",
                "2026-01-01" if temporary else None, "2027-12-31" if temporary else None, confirmed, *sides)  # fmt: skip

    def _asset(self, at: _Township, serial: int, number: str, confirmed: str) -> Sequence[Cell]:
        random = self.random
        kind, item, spec, unit, _ = random.choice(THINGS)
        quantity = f"{random.randint(800, 26_000) / 100:.2f}" if unit == "㎡" else str(random.randint(1, 40 if unit in ("株", "丛") else 3))
        return (f"{at.code[6:]}SW{serial:05d}", PROJECT, number, kind, item, spec or None, unit, quantity, "2025-09-14", confirmed)

    def _posted(self, at: _Township) -> None:
        """Two rounds in two villages, one objection answered; and one round that is still running."""
        for village in ("201", "202"):
            self._post(at.code + village, "first", "2025-10-08", "2025-10-16", objection=village == "201")
            self._post(at.code + village, "second", "2025-11-03", "2025-11-11", objection=False)
        self._post(at.code + "206", "first", "2026-10-27", "", objection=False)

    def _post(self, code: str, subject: str, from_on: str, until_on: str, *, objection: bool) -> None:
        clerk = self._clerk("赵小兰", from_on)
        with self.book.change(f"张榜公示 {code}", by=clerk, source="action") as (session, _):
            place = session.scalars(select(Place).where(Place.code == code)).one()
            made = posting.post(session, clerk, place.id, subject=subject, from_on=clerk.on)
            if objection:
                later = self._clerk("赵小兰", "2025-10-12")
                posting.file_objection(session, later, made, raised_by="李家旺", claim="认为旱地面积少量了", about="旱地")
                objection_of = register("objection").cls
                raised = session.scalars(select(objection_of).where(objection_of.posting == made.id)).one()
                posting.decide(session, replace(later, on="2025-10-15"), raised, result="现场复量，面积无误", team="杨国强、段云")
            if until_on:
                posting.close(session, replace(clerk, on=until_on), made)

    # --- agreements --------------------------------------------------------------------------------------------------

    def _agreed(self, at: _Township, *, printed: bool) -> None:
        """Drafted everywhere, printed and signed in four villages, some void, one with a supplement, the rest still drafts."""
        clerk = self._clerk("赵小兰", "2026-01-15")
        with self.book.change(f"起草{at.name}协议", by=clerk, source="action") as (session, _):
            place = session.scalars(select(Place.id).where(Place.code == at.code)).one()
            draft(session, clerk, place=place, tick=self.tick)
        wanted = self._drafts(at, ("201", "202", "203", "204"))
        if printed:
            self._print(wanted[:60])
        handler = self._clerk("钱建军", "2026-02-25")
        with self.book.change(f"签订{at.name}协议", by=handler, source="action") as (session, _):
            for n, row_id in enumerate(wanted):
                row = session.get_one(Agreement, row_id)
                if n % 53 == 20:
                    void(session, handler, row, reason="户主姓名写错，重新起草")
                elif n % 17 != 9:
                    sign(session, handler, row, signed_on=f"2026-02-{1 + n % 24:02d}", paper="" if printed and n < 60 else "用乡镇原有打印件签订")
        again = self._clerk("赵小兰", "2026-03-02")
        with self.book.change(f"重新起草{at.name}作废的协议", by=again, source="action") as (session, _):
            draft(session, again, place=place)
            signed = session.get_one(Agreement, wanted[0])
            supplement(session, again, signed, kind="其他补偿费", item="过渡期用水补助", unit="户", quantity=1_000_000, unit_price=60_000)

    def _drafts(self, at: _Township, villages: Sequence[str]) -> list[str]:
        household, unit = register("household").cls, register("collective_unit").cls
        with self.book.read() as session:
            below = [code for code in at.groups if code[9:12] in villages]
            places = list(session.scalars(select(Place.id).where(Place.code.in_(below))))
            homes = select(household.id).where(household.place.in_(places)).scalar_subquery()
            units = select(unit.id).where(unit.place.in_(places)).scalar_subquery()
            query = select(Agreement.id).where(Agreement.state == AgreementState.DRAFT, Agreement.deleted == 0)
            return list(session.scalars(query.where(Agreement.household.in_(homes) | Agreement.collective.in_(units)).order_by(Agreement.number)))

    def _print(self, wanted: Sequence[str]) -> None:
        from relocdesk.printing import find_form  # noqa: PLC0415 -- slow import
        from relocdesk.printing.press import print_papers  # noqa: PLC0415 -- slow import

        clerk = self._clerk("赵小兰", "2026-01-20")
        with tempfile.TemporaryDirectory() as folder:
            print_papers(self.book, clerk, find_form("agreement"), wanted, Path(folder) / "协议.pdf", allow_gaps=True)

    # --- payments ----------------------------------------------------------------------------------------------------

    def _paid(self, at: _Township) -> None:
        """Four batches: two answered by the bank with returns, one on its way, one still open; and why others wait."""
        steps: tuple[tuple[str, str, int], ...] = (("201", "2026-03-05", 4), ("202", "2026-04-09", 4), ("203", "2026-05-12", 3), ("204", "2026-06-18", 1))
        for village, day, stage in steps:
            batch = self._batch(at, village, day)
            if batch and stage > 1:
                self._through(batch, day, stage)
        self._returned_again()
        self._waiting(at)

    def _batch(self, at: _Township, village: str, day: str) -> str:
        maker = self._clerk("赵小兰", day)
        with self.book.change(f"编制{at.name}兑付批次", by=maker, source="action") as (session, _):
            place = session.scalars(select(Place.id).where(Place.code == at.code + village)).one()
            return open_batch(session, maker, kind="land", place=place, made_on=maker.on).batch.id

    def _through(self, batch: str, day: str, stage: int) -> None:
        checker, head, maker = (self._clerk(name, day) for name in ("钱建军", "孙明", "赵小兰"))
        with self.book.change("复核批次", by=checker, source="action") as (session, _):
            approval.check_batch(session, checker, session.get_one(PaymentBatch, batch))
        with self.book.change("审批批次", by=head, source="action") as (session, _):
            approval.approve_batch(session, head, session.get_one(PaymentBatch, batch))
        with self.book.change("登记送银行", by=maker, source="action") as (session, _):
            approval.send_batch(session, maker, session.get_one(PaymentBatch, batch))
        if stage > 3:
            with self.book.change("登记银行结果", by=maker, source="action") as (session, _):
                bank.bank_result(session, maker, session.get_one(PaymentBatch, batch), list(self._answers(session, batch, day)))

    def _answers(self, session: Session, batch: str, day: str) -> Iterator[BankRow]:
        """What the bank says: nearly all went through."""
        lines = session.scalars(select(Payment).where(Payment.batch == batch, Payment.deleted == 0).order_by(Payment.serial)).all()
        for n, line in enumerate(lines, 1):
            ok = n % 23 != 11
            yield BankRow(n, line.serial or "", line.payee_name or "", line.account or "", line.amount, ok,
                          "" if ok else self.random.choice(("户名不符", "账户已销户", "账户冻结")), day if ok else "")  # fmt: skip

    def _returned_again(self) -> None:
        """One returned line is paid again, in a batch of its own."""
        maker = self._clerk("赵小兰", "2026-05-20")
        with self.book.change("退回后重付", by=maker, source="action") as (session, _):
            line = session.scalars(select(Payment).where(Payment.result == "returned", Payment.deleted == 0).order_by(Payment.serial)).first()
            if line is not None and not session.scalar(select(func.count()).where(Payment.again_of == line.id)):
                bank.reissue(session, maker, line, account_name=line.payee_name or "", account=self.people.account(), bank=BANK)

    def _waiting(self, at: _Township) -> None:
        """Signed, but not in any batch: somebody is asked why."""
        clerk = self._clerk("赵小兰", "2026-07-01")
        with self.book.change("登记未付原因", by=clerk, source="action") as (session, _):
            listed = select(Payment.agreement).where(Payment.deleted == 0)
            query = select(Agreement).where(Agreement.state == AgreementState.SIGNED, Agreement.home == home_id(at.code), Agreement.id.not_in(listed))
            for n, row in enumerate(session.scalars(query.order_by(Agreement.number))):
                set_reason(session, clerk, row, reason=("无卡", "外出", "继承未定", "纠纷")[n % 4], owner="段云", next_step="上门办理")

    def funds(self) -> None:
        """Money allocated, received, its interest and what else was spent."""
        clerk = self._clerk("赵小兰", "2026-02-20")
        fields = ("document", "source", "fund", "year", "issued_on", "project", "amount")
        self._enter("登记资金下达", clerk, "allocation", fields, [("龙财农〔2025〕41号", "县级", "project", 2025, "2025-12-10", PROJECT, "68000000.00"),
                    ("龙水投〔2026〕6号", "项目法人", "project", 2026, "2026-01-28", PROJECT, "45500000.00")], source="typed")  # fmt: skip
        self._enter("登记资金到位", clerk, "receipt", ("allocation", "received_on", "amount", "voucher"), [
            ("龙财农〔2025〕41号", "2025-12-26", "68000000.00", "记-118"),
            ("龙水投〔2026〕6号", "2026-02-11", "30000000.00", "记-023")], source="typed")  # fmt: skip
        self._enter("登记利息", clerk, "interest", ("fund", "received_on", "amount"), [("project", "2026-03-21", "18436.27")], source="typed")
        self._enter("登记其他支出", clerk, "spending", ("paid_on", "payee", "purpose", "amount", "fund", "project"),
                    [("2026-02-15", "云南某勘测设计有限公司", "勘测定界费", "286000.00", "project", PROJECT)], source="typed")  # fmt: skip

    # --- sizes -------------------------------------------------------------------------------------------------------

    def parcels_in_bulk(self, count: int, block: int = 100_000) -> None:
        """Parcels for measuring, straight through the engine's second half; their rows are as the first half would make them."""
        reg, random, clerk = register("parcel"), self.random, self._clerk("赵小兰", "2025-09-30")
        with self.book.read() as session:
            households = session.execute(select(register("household").cls.id, register("household").cls.place)).all()
            project = session.scalars(select(register("project").cls.id).where(register("project").cls.name == SECOND)).one()
        home = self.book.home
        for start in range(0, count, block):
            self.tick(start, count, "地块")
            rows = []
            for n in range(start, min(start + block, count)):
                owner, place = households[n % len(households)]
                area = random.randint(5, 900) * 10_000
                values: dict[str, Any] = {"number": f"M{n:07d}", "project": project, "household": owner, "place": place, "nature": "permanent",
                                          "land_class": LANDS[n % len(LANDS)], "area": area, "area_m2": m2_of_mu(area), "confirmed": n % 3 and 1}  # fmt: skip
                rows.append(New(n, new_id(), home, values))
            with self.book.change(f"导入地块 {start + 1} 起", by=clerk, source="import") as (session, _):
                entry.apply(session, clerk, Judgement(reg, tuple(reg), new=rows, stamp=newest_transaction(session)))
