"""A small invented township whose papers are printed: short, long, collective, with long names and rare characters."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.records import home_id, reference_id
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.household import CollectiveUnit, Household, Person
from relocdesk.records.payment import Payment, PaymentBatch
from relocdesk.records.project import Project
from relocdesk.records.reference import Office, Place
from relocdesk.records.survey import Asset, Parcel, Posting
from relocdesk.rules.area import mu_2, mu_of_m2
from relocdesk.rules.identity import check_digit
from relocdesk.rules.money import line_amount

TOWNSHIP = "530523102"
CLERK = Clerk("王建国", "admin", "2026-11-22")
LONG_NAME = "买买提·吐尔逊·阿布都热合曼"
RARE_NAME = "张䶮𬌗"
ACCOUNT = "6228480868123456"


def idcard(serial: int) -> str:
    """An invented ID number with its check digit."""
    first = f"53052319700315{serial:03d}"
    return first + check_digit(first)


@dataclass
class Sample:
    """What the tests print: ids by a word."""

    session: Session
    ids: dict[str, str] = field(default_factory=dict)
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, cls: Any, word: str, home: str = "", **values: Any) -> Any:
        """A record whose id follows from its word, the same in every run."""
        home = home or home_id(TOWNSHIP)
        row = cls(id=reference_id(home, cls.__tablename__, word), home=home, **values)
        self.session.add(row)
        self.session.flush()
        self.ids[word] = row.id
        return row

    def place(self, code: str, name: str, above: str = "") -> None:
        self.add(Place, code, home_id("530523"), code=code, name=name, parent=self.ids[above] if above else None)

    def household(self, number: str, head: str, group: str, account: str = ACCOUNT, **values: Any) -> Household:
        made: Household = self.add(Household, number, number=number, project=self.ids["灌区"], place=self.ids[group], phone="13808750001",
                                   account_name=head, account=account, bank="三坝农村信用社", **values)  # fmt: skip
        person = self.add(Person, f"{number}户主", household=made.id, name=head, idcard=idcard(next(self._count)), sex="1",
                          born_on="1970-03-15", relation="户主", ethnic="汉族", hukou="农业户口", resettler=1, state="present")  # fmt: skip
        made.head = person.id
        self.add(Person, f"{number}配偶", household=made.id, name="杨桂芝", idcard=idcard(next(self._count)), sex="2", born_on="1970-03-15",
                 relation="妻", ethnic="傈僳族", hukou="农业户口", resettler=1, state="present")  # fmt: skip
        return made

    def parcel(self, number: str, group: str, m2: int, land_class: str = "水田", nature: str = "permanent", **values: Any) -> Parcel:
        """`m2` in 0.01 m²."""
        made: Parcel = self.add(
            Parcel, number, number=number, project=self.ids["灌区"], place=self.ids[group], land_class=land_class, nature=nature, area_m2=m2,
            area=mu_of_m2(m2), site="大沟边", east="水沟", south="李家地", west="机耕路", north="山脚", surveyed_on="2026-03-01", confirmed=1,
            **values)  # fmt: skip
        return made

    def asset(self, number: str, household: Household, kind: str, item: str, spec: str, unit: str, quantity: int) -> Asset:
        """`quantity` in 10⁻⁶ units."""
        made: Asset = self.add(Asset, number, number=number, project=self.ids["灌区"], household=household.id, kind=kind, item=item,
                               spec=spec or None, unit=unit, quantity=quantity, surveyed_on="2026-03-01", confirmed=1)  # fmt: skip
        return made

    def agreement(self, number: str, kind: str, *, household: Household | None = None, collective: str = "", **values: Any) -> Agreement:
        made: Agreement = self.add(
            Agreement, number, number=number, project=self.ids["灌区"], kind=kind, household=household.id if household else None,
            collective=self.ids[collective] if collective else None, party_a="龙陵县搬迁安置办公室", handler="王建国", copies=4,
            drafted_on="2026-10-01", **{"state": "signed", "signed_on": "2026-10-08", **values})  # fmt: skip
        return made

    def line(self, agreement: Agreement, order: int, kind: str, item: str, unit: str, quantity: int, unit_price: int, **values: Any) -> None:
        self.add(AgreementLine, f"{agreement.number}/{order}", agreement=agreement.id, order=order, kind=kind, item=item, unit=unit,
                 quantity=quantity, unit_price=unit_price,
                 **{"payee_type": "person", "amount": line_amount(quantity, unit_price), **values})  # fmt: skip

    def payment(self, batch: PaymentBatch, agreement: Agreement, serial: str, amount: int, **values: Any) -> None:
        self.add(Payment, serial, batch=batch.id, serial=serial, agreement=agreement.id, household=agreement.household,
                 collective=agreement.collective, payee_name=values.pop("payee_name"), account=ACCOUNT, bank="三坝农村信用社", amount=amount, **values)


def land_lines(sample: Sample, agreement: Agreement, parcels: list[Parcel]) -> None:
    """Two lines a parcel, as drafting makes them."""
    order = itertools.count(1)
    for parcel in parcels:
        for kind, price in (("土地补偿费", 2_150_000), ("安置补助费", 3_225_000)):
            sample.line(agreement, next(order), kind, parcel.land_class, "亩", mu_2(parcel.area) * 10_000, price, parcel=parcel.id,
                        household=parcel.household, spec="永久征收", payee_type="collective")  # fmt: skip


def furnish(book: Book, *also: Callable[[Sample], None]) -> dict[str, str]:
    """Fills the book, with more where asked; ids by word."""
    with book.change("试验", by=CLERK) as (session, _):
        sample = Sample(session)
        for code, name, above in (("530523", "龙陵县", ""), (TOWNSHIP, "三坝乡", "530523"), ("530523102201", "柳树村", TOWNSHIP),
                                  ("530523102202", "石桥村", TOWNSHIP), ("53052310220101", "一组", "530523102201"),
                                  ("53052310220102", "二组", "530523102201"), ("53052310220201", "一组", "530523102202")):  # fmt: skip
            sample.place(code, name, above)
        sample.add(Office, "office", home_id("530523"), name="三坝乡人民政府", level="township", place=sample.ids[TOWNSHIP])
        sample.add(Project, "灌区", home_id("530523"), name="龙川灌区工程", owner="龙川灌区建设管理局", freeze_on="2025-12-01")
        sample.add(CollectiveUnit, "柳树一组", name="三坝乡柳树村一组", place=sample.ids["53052310220101"], kind="group", account_name="柳树村一组",
                   account="6228480868999990", bank="三坝农村信用社", representative="赵大成", phone="13808750009")  # fmt: skip
        _households(sample)
        _agreements(sample)
        _money(sample)
        sample.add(Posting, "公示", project=sample.ids["灌区"], subject="first", place=sample.ids["530523102201"], from_on="2026-04-01",
                   until_on="2026-04-08", contact="0875-6121234")  # fmt: skip
        for one in also:
            one(sample)
        return sample.ids


def _households(sample: Sample) -> None:
    short = sample.household("H001", "李大山", "53052310220101")
    sample.parcel("P001", "53052310220101", 133_333, household=short.id)
    sample.asset("S001", short, "house", "主房", "砖混", "㎡", 120_500_000)
    sample.asset("S002", short, "attached", "水泥晒场", "", "㎡", 60_000_000)
    sample.asset("S003", short, "tree", "核桃", "盛果", "株", 12_000_000)
    sample.asset("S004", short, "grave", "坟墓", "石砌", "座", 1_000_000)
    long = sample.household("H002", LONG_NAME, "53052310220102")
    for n in range(60):
        sample.asset(f"L{n:03d}", long, "tree", f"果树{n + 1}号", ("未挂果", "初果", "盛果")[n % 3], "株", (n % 7 + 1) * 1_000_000)
    sample.parcel("P002", "53052310220102", 87_650, "旱地", household=long.id)
    rare = sample.household("H003", RARE_NAME, "53052310220102")
    sample.parcel("P003", "53052310220102", 45_678, "水田", "temporary", household=rare.id, lease_from="2026-05-01", lease_until="2028-04-30")
    sample.household("H004", "空空户", "53052310220201")


def _agreements(sample: Sample) -> None:
    session = sample.session
    short, long, rare = (session.get_one(Household, sample.ids[number]) for number in ("H001", "H002", "H003"))
    personal = sample.agreement("搬安〔2026〕房A0001", "house", household=short)
    sample.line(personal, 1, "房屋补偿费", "主房", "㎡", 120_500_000, 98_000, spec="砖混", asset=sample.ids["S001"])
    sample.line(personal, 2, "附属设施补偿费", "水泥晒场", "㎡", 60_000_000, 6_500, asset=sample.ids["S002"])
    trees = sample.agreement("搬安〔2026〕青A0001", "crop", household=long)
    for n in range(60):
        sample.line(trees, n + 1, "林木补偿费", f"果树{n + 1}号", "株", (n % 7 + 1) * 1_000_000, 18_050, spec=("未挂果", "初果", "盛果")[n % 3])
    lease = sample.agreement("搬安〔2026〕临A0001", "temporary", household=rare, state="draft", signed_on=None, delivery="2026-12-31")
    sample.line(lease, 1, "临时用地补偿", "水田", "亩", 690_000, 250_000, years=2_000_000, amount=345_000, parcel=sample.ids["P003"], household=rare.id)
    permanent = sample.agreement("搬安〔2026〕永A0001", "permanent", collective="柳树一组")
    land_lines(sample, permanent, [session.get_one(Parcel, sample.ids["P001"])])
    sample.agreement("搬安〔2026〕综A0001", "mixed", household=short, state="draft", signed_on=None)  # without lines


def _money(sample: Sample) -> None:
    batch = sample.add(PaymentBatch, "批次", number="DF2026-A001", project=sample.ids["灌区"], kind="land", fund="project", made_on="2026-10-20",
                       made_by="王建国", checked_by="段秋生", approved_by="尹世文", state="approved")  # fmt: skip
    session = sample.session
    for n, (number, amount, name) in enumerate((("房A0001", 12_199_000, "李大山"), ("青A0001", 4_223_700, LONG_NAME),
                                                ("永A0001", 10_750_000, "柳树村一组")), 1):  # fmt: skip
        agreement = session.get_one(Agreement, sample.ids[f"搬安〔2026〕{number}"])
        more = {"result": "paid", "paid_on": "2026-10-25"} if n == 1 else {}
        sample.payment(batch, agreement, f"DF2026-A001-{n:04d}", amount, payee_name=name, **more)
    sample.add(PaymentBatch, "空批次", number="DF2026-A002", kind="land", fund="project", made_on="2026-11-01", state="open")
