"""A small township to act in: places, collectives, households, land, things, prices. Everyone in it is invented."""

from __future__ import annotations

import itertools
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.drafting import Outcome, draft
from relocdesk.book import Book, Done
from relocdesk.clerk import Clerk
from relocdesk.records import home_id, new_id, reference_id
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.household import CollectiveUnit, Household, Person
from relocdesk.records.payment import Payment, PaymentBatch
from relocdesk.records.project import Project
from relocdesk.records.reference import Office, Place, PriceItem
from relocdesk.records.survey import Asset, Parcel
from relocdesk.rules.area import m2_of_mu, mu_of_m2
from relocdesk.rules.identity import check_digit

COUNTY, TOWNSHIP = "530523", "530523102"
CLERK = Clerk("王建国", "admin", "2026-11-22")
MU = 1_000_000
SURVEYED = "2026-03-01"


def idcard(serial: int, born: str = "19700315") -> str:
    """An invented ID number with its check digit."""
    first = f"{COUNTY}{born}{serial % 1000:03d}"
    return first + check_digit(first)


@dataclass
class Scene:
    """A book of one township with a project; makes the smallest valid records."""

    book: Book
    clerk: Clerk = CLERK
    ids: dict[str, str] = field(default_factory=dict)  # place code, project, unit name → id
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def home(self) -> str:
        return home_id(TOWNSHIP)

    @property
    def county(self) -> str:
        return home_id(COUNTY)

    def change(self, clerk: Clerk | None = None) -> AbstractContextManager[tuple[Session, Done]]:
        return self.book.change("试验", by=clerk or self.clerk, source="action")

    # --- making ------------------------------------------------------------------------------------------------------

    def add(self, session: Session, cls: Any, home: str, **values: Any) -> Any:
        row = cls(id=new_id(), home=home, **values)
        session.add(row)
        session.flush()
        return row

    def place(self, session: Session, code: str, name: str) -> Place:
        parent = {6: None, 9: COUNTY, 12: code[:9], 14: code[:12]}[len(code)]
        found = Place(id=reference_id(self.county, "place", code), home=self.county, code=code, name=name,
                      parent=self.ids[parent] if parent else None)  # fmt: skip
        session.add(found)
        session.flush()
        self.ids[code] = found.id
        return found

    def household(self, session: Session, head: str = "李大山", place: str = f"{TOWNSHIP}20101", **values: Any) -> Household:
        serial = next(self._count)
        made = self.add(session, Household, self.home, number=values.pop("number", f"H{serial:03d}"), place=self.ids[place],
                        **values)  # fmt: skip
        person = self.add(session, Person, self.home, household=made.id, name=head, idcard=idcard(serial), relation="户主", state="present")
        made.head = person.id
        session.flush()
        return made

    def parcel(self, session: Session, household: Household | None = None, mu: int = 2 * MU, **values: Any) -> Parcel:
        area_m2 = m2_of_mu(mu)
        values = {
            "number": f"P{next(self._count):03d}", "project": self.ids["project"], "land_class": "水田", "nature": "permanent",
            "place": household.place if household else self.ids[f"{TOWNSHIP}20101"], "confirmed": 1, "surveyed_on": SURVEYED,
            "household": household.id if household else None, "area_m2": area_m2, "area": mu or mu_of_m2(area_m2), **values,
        }  # fmt: skip
        return self.add(session, Parcel, self.home, **values)

    def asset(self, session: Session, household: Household | None = None, **values: Any) -> Asset:
        values = {
            "number": f"S{next(self._count):03d}", "project": self.ids["project"], "kind": "house", "item": "主房", "spec": "砖混",
            "unit": "㎡", "quantity": 100 * MU, "confirmed": 1, "surveyed_on": SURVEYED,
            "household": household.id if household else None, **values,
        }  # fmt: skip
        return self.add(session, Asset, self.home, **values)

    def price(self, session: Session, kind: str, item: str, unit: str, unit_price: int, payee: str, **values: Any) -> PriceItem:
        return self.add(session, PriceItem, self.county, kind=kind, item=item, unit=unit, unit_price=unit_price,
                        payee_type=payee, **{"valid_from": "2020-01-01", **values})  # fmt: skip

    def unit(self, session: Session, name: str, code: str, kind: str = "group") -> CollectiveUnit:
        made = self.add(session, CollectiveUnit, self.home, name=name, place=self.ids[code], kind=kind)
        self.ids[name] = made.id
        return made

    def payment(self, session: Session, agreement: Agreement, amount: int, result: str = "due") -> Payment:
        batch = self.add(session, PaymentBatch, self.home, number=f"DF{next(self._count)}", kind="land", fund="project",
                         made_on="2026-11-20", state="open")  # fmt: skip
        return self.add(session, Payment, self.home, batch=batch.id, agreement=agreement.id, household=agreement.household,
                        collective=agreement.collective, amount=amount, result=result, serial=f"L{next(self._count)}")  # fmt: skip

    # --- looking -----------------------------------------------------------------------------------------------------

    def draft(self, session: Session, **values: Any) -> Outcome:
        return draft(session, self.clerk, **values)

    def agreement(self, session: Session, number: str) -> Agreement:
        return session.scalars(select(Agreement).where(Agreement.number == number)).one()

    def lines(self, session: Session, agreement: Agreement) -> list[AgreementLine]:
        ask = select(AgreementLine).where(AgreementLine.agreement == agreement.id, AgreementLine.deleted == 0)
        return list(session.scalars(ask.order_by(AgreementLine.order)))


def furnish(scene: Scene) -> Scene:
    """Places, the office, the project, one collective a group and the usual prices."""
    with scene.change() as (s, _):
        for code, name in ((COUNTY, "龙陵县"), (TOWNSHIP, "三坝乡"), (f"{TOWNSHIP}201", "柳树村"), (f"{TOWNSHIP}20101", "一组"),
                           (f"{TOWNSHIP}20102", "二组"), (f"{TOWNSHIP}202", "石桥村"), (f"{TOWNSHIP}20201", "一组")):  # fmt: skip
            scene.place(s, code, name)
        scene.add(s, Office, scene.county, name="三坝乡人民政府", level="township", place=scene.ids[TOWNSHIP])
        scene.ids["project"] = scene.add(s, Project, scene.county, name="龙川灌区").id
        scene.unit(s, "柳树村一组", f"{TOWNSHIP}20101")
        scene.unit(s, "柳树村委会", f"{TOWNSHIP}201", "village")
        scene.price(s, "土地补偿费", "水田", "亩", 2_000_000, "collective", nature="permanent")
        scene.price(s, "安置补助费", "水田", "亩", 3_000_000, "collective", nature="permanent")
        scene.price(s, "青苗补偿费", "水田", "亩", 150_001, "person")
        scene.price(s, "临时用地补偿", "水田", "亩·年", 200_000, "collective", nature="temporary")
        scene.price(s, "房屋", "主房", "m²", 98_000, "person", spec="砖混")
        scene.price(s, "坟墓", "土坟", "座", 300_000, "person")
    return scene
