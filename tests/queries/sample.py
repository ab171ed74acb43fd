"""A small real book for tests of reading: one project, three households, their land, agreements and money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.records import home_id, reference_id
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.fund import Allocation, Interest, Receipt, Spending
from relocdesk.records.household import CollectiveUnit, Household, Person
from relocdesk.records.payment import Payment, PaymentBatch, UnpaidReason
from relocdesk.records.project import Project
from relocdesk.records.reference import Dictionary, Office, Operator, Place
from relocdesk.records.survey import Asset, Parcel

COUNTY, TOWN = home_id("530523"), home_id("530523102")
CLERK = Clerk("王建国", "admin", "2026-11-22")


def ref(table: str, key: str) -> str:
    return reference_id(COUNTY, table, key)


PLACES = (
    ("530523", "龙陵县"),
    ("530523102", "三坝乡"),
    ("530523102201", "柳树村"),
    ("530523102202", "石桥村"),
    ("53052310220101", "一组"),
    ("53052310220102", "二组"),
    ("53052310220201", "一组"),
)
COUNTY_PLACE, TOWNSHIP, LIUSHU, SHIQIAO, GROUP_1, GROUP_2, SHIQIAO_1 = (ref("place", code) for code, _ in PLACES)
PROJECT, OFFICE = ref("project", "清水河水库"), ref("office", "三坝乡搬迁安置办公室")


def add(s: Session, cls: type[Any], **values: Any) -> Any:
    """A record in the township's home; flushed, so that the next one may point to it."""
    row = cls(**({"home": TOWN} | values))
    s.add(row)
    s.flush()
    return row


def make_book(path: Path) -> Book:
    """An empty township book with its places, project, office and one dictionary word."""
    book = Book.create(path, "530523102")
    with book.change("建台账", CLERK, "migration") as (s, _):
        above: dict[str, str] = {}
        for code, name in PLACES:
            parent = next((above[code[:n]] for n in (12, 9, 6) if len(code) > n and code[:n] in above), None)
            above[code] = ref("place", code)
            add(s, Place, id=above[code], home=COUNTY, code=code, name=name, parent=parent)
        add(s, Project, id=PROJECT, home=COUNTY, name="清水河水库")
        add(s, Office, id=OFFICE, home=COUNTY, name="三坝乡搬迁安置办公室", level="township", place=TOWNSHIP)
        add(s, Operator, home=COUNTY, name=CLERK.name, role="admin")
        add(s, Dictionary, home=COUNTY, list="relation", code="02", label="配偶")
    return book


def add_household(s: Session, number: str, name: str, place: str = GROUP_1, idcard: str | None = None, **values: Any) -> Household:
    """A household with its head."""
    house: Household = add(s, Household, number=number, project=PROJECT, place=place, **values)
    head = add(s, Person, household=house.id, name=name, idcard=idcard, state="present")
    house.head = head.id
    s.flush()
    return house


def add_parcel(s: Session, number: str, **values: Any) -> Parcel:
    """A parcel of one mu unless told otherwise."""
    given = {
        "project": PROJECT,
        "place": GROUP_1,
        "land_class": "水田",
        "nature": "permanent",
        "area_m2": 66667,
        "area": 1_000_000,
    }
    parcel: Parcel = add(s, Parcel, number=number, **(given | values))
    return parcel


def fill(book: Book) -> dict[str, str]:
    """Households H1 to H3, parcels, assets, a collective, agreements and payments; name → id."""
    with book.change("登记", CLERK) as (s, _):
        h1 = add_household(s, "H1", "王建国", idcard="533022196503151233", phone="13887512345", account="6222021234567890128")
        h2 = add_household(s, "H2", "单国强", GROUP_2)
        h3 = add_household(s, "H3", "岩温·罕", SHIQIAO_1)
        wife = add(s, Person, household=h1.id, name="李秀英", relation="02", former_names="李小妹")
        gone = add(s, Person, household=h1.id, name="王大山", state="dead")
        group = add(s, CollectiveUnit, name="柳树村一组", place=GROUP_1, kind="group")
        p1 = add_parcel(s, "P1", household=h1.id, confirmed=1, transferred_on="2026-05-01")
        p2 = add_parcel(s, "P2", household=h2.id, place=GROUP_2, nature="temporary", area=2_500_000, area_m2=166667)
        p3 = add_parcel(s, "P3", collective=group.id, place=SHIQIAO_1, area=3_250_000, area_m2=216667)
        tree = add(
            s,
            Asset,
            project=PROJECT,
            household=h1.id,
            number="A1",
            kind="tree",
            item="核桃树",
            unit="株",
            quantity=12_000_000,
        )
        land = add(
            s,
            Agreement,
            number="X1",
            project=PROJECT,
            collective=group.id,
            kind="permanent",
            state="signed",
            signed_on="2026-04-01",
        )
        own = add(
            s,
            Agreement,
            number="X2",
            project=PROJECT,
            household=h1.id,
            kind="crop",
            state="signed",
            signed_on="2026-04-02",
        )
        draft = add(s, Agreement, number="X3", project=PROJECT, household=h2.id, kind="crop", state="draft")
        void = add(s, Agreement, number="X4", project=PROJECT, household=h1.id, kind="crop", state="void")
        line = {
            "unit": "亩",
            "quantity": 1_000_000,
            "unit_price": 1,
            "payee_type": "person",
            "item": "水田",
            "kind": "土地补偿费",
        }
        add(
            s,
            AgreementLine,
            agreement=land.id,
            order=1,
            parcel=p1.id,
            household=h1.id,
            amount=5_000_000,
            **line | {"payee_type": "collective"},
        )
        first = add(s, AgreementLine, agreement=own.id, order=1, asset=tree.id, amount=120_000, **line)
        add(s, AgreementLine, agreement=own.id, order=2, amount=30_000, **line)
        add(s, AgreementLine, agreement=draft.id, order=1, parcel=p2.id, amount=70_000, **line)
        add(s, AgreementLine, agreement=void.id, order=1, asset=tree.id, amount=999, **line)
        batch = add(s, PaymentBatch, number="B1", project=PROJECT, kind="land", made_on="2026-06-01", state="approved")
        add(
            s,
            Payment,
            batch=batch.id,
            agreement=own.id,
            household=h1.id,
            payee_name="王建国",
            amount=100_000,
            result="paid",
            paid_on="2026-06-05",
        )
        add(
            s,
            Payment,
            batch=batch.id,
            agreement=own.id,
            household=h1.id,
            payee_name="王建国",
            amount=50_000,
            attempt=2,
            result="returned",
        )
        add(
            s,
            Payment,
            batch=batch.id,
            agreement=land.id,
            collective=group.id,
            payee_name="柳树村一组",
            amount=3_000_000,
            result="due",
        )
        add(s, UnpaidReason, agreement=own.id, household=h1.id, reason="户名不符", owner="李主任")
        paper = add(
            s,
            Allocation,
            document="保财〔2026〕1号",
            source="owner",
            fund="project",
            year=2026,
            issued_on="2026-03-01",
            project=PROJECT,
            amount=10_000_000,
        )
        add(s, Receipt, line="1", allocation=paper.id, received_on="2026-03-10", amount=4_000_000)
        add(s, Receipt, line="2", allocation=paper.id, received_on="2026-07-10", amount=2_000_000)
        add(s, Interest, line="1", fund="project", received_on="2026-06-21", amount=1_234)
        add(
            s,
            Spending,
            line="1",
            paid_on="2026-06-30",
            payee="测绘公司",
            purpose="测绘",
            amount=200_000,
            fund="project",
            project=PROJECT,
        )
        rows = {
            "H1": h1,
            "H2": h2,
            "H3": h3,
            "wife": wife,
            "gone": gone,
            "group": group,
            "P1": p1,
            "P2": p2,
            "P3": p3,
            "A1": tree,
            "X1": land,
            "X2": own,
            "X3": draft,
            "X4": void,
            "line": first,
            "B1": batch,
        }
        return {name: str(row.id) for name, row in rows.items()}
