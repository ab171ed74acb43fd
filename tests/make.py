"""Smallest valid records for tests: every argument is optional, all names are invented, ID numbers check."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.clerk import Clerk
from relocdesk.entry import home_for
from relocdesk.founding import seeded_place
from relocdesk.records import home_id, new_id, reference_id, register
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.household import Household, Person
from relocdesk.records.payment import Payment, PaymentBatch
from relocdesk.records.petition import Dispute, Petition
from relocdesk.records.project import Project
from relocdesk.records.reference import Place, PriceItem
from relocdesk.records.support import ApprovalList, Period, Recipient, RecipientChange, Recovery, SupportPayment
from relocdesk.records.survey import Asset, Parcel
from relocdesk.rules.identity import check_digit

COUNTY, TOWNSHIP = "530523", "530523102"
VILLAGES = {"530523102201": "柳树村", "530523102202": "石桥村"}
_serial = count(1)


def clerk(name: str = "王建国", role: str = "admin", on: str = "2026-11-22") -> Clerk:
    """A clerk; 王建国 is the template's first operator."""
    return Clerk(name, role, on, reference_id(home_id(COUNTY), "operator", name))


def idcard(born: str = "19650315", sequence: int = 0, region: str = "533024") -> str:
    """A valid 18-digit number of an invented person; odd sequence male, even female."""
    first = f"{region}{born}{sequence or next(_serial) % 900 + 1:03d}"
    return first + check_digit(first)


def make_places(session: Session) -> None:
    """柳树村 and 石桥村 with 一组 and 二组 each."""
    home = home_id(COUNTY)
    top = reference_id(home, "place", TOWNSHIP)
    for code, name in VILLAGES.items():
        village = seeded_place(code, name, top, home)
        session.add(village)
        session.flush()
        for number, group in (("01", "一组"), ("02", "二组")):
            session.add(seeded_place(code + number, group, village.id, home))
    session.flush()


def place(session: Session, code: str = "53052310220101") -> str:
    """The id of a place of the template."""
    return str(session.execute(select(Place.id).where(Place.code == code)).scalar_one())


def add(session: Session, cls: type[Any], **values: Any) -> Any:
    """A row of any register in the home the program would give it."""
    reg = register(cls.__tablename__)
    values.setdefault("home", home_for(session, reg, values))
    row = cls(id=values.pop("id", None) or new_id(), **values)
    session.add(row)
    session.flush()
    return row


def make_project(session: Session, **values: Any) -> Project:
    """A project in its county's home."""
    name = values.setdefault("name", f"三坝灌区{next(_serial)}片区")
    row_id = reference_id(home_id(COUNTY), "project", name)
    return session.get(Project, row_id) or add(session, Project, id=row_id, **values)


def make_person(session: Session, **values: Any) -> Person:
    """A person without a household unless one is given."""
    values.setdefault("name", f"李明{next(_serial)}")
    return add(session, Person, **values)


def make_household(session: Session, **values: Any) -> Household:
    """A household of 柳树村一组 with its head (head_name, head_idcard)."""
    values.setdefault("number", f"H{next(_serial):05d}")
    values.setdefault("place", place(session))
    name, card = values.pop("head_name", "张桂兰"), values.pop("head_idcard", None)
    row = add(session, Household, **values)
    head = make_person(session, name=name, idcard=card, household=row.id, relation="户主", state="present")
    row.head = head.id
    session.flush()
    return row


def make_parcel(session: Session, **values: Any) -> Parcel:
    """1.5 亩 of permanently taken dry land of a household."""
    values.setdefault("number", f"P{next(_serial):05d}")
    if "project" not in values:
        values["project"] = make_project(session, name="三坝灌区一片区").id
    if "household" not in values and "collective" not in values:
        values["household"] = make_household(session).id
    values.setdefault("place", place(session))
    values.setdefault("land_class", "旱地")
    values.setdefault("nature", "permanent")
    values.setdefault("area", 1_500_000)
    values.setdefault("area_m2", values["area"] // 15)
    values.setdefault("confirmed", 0)
    return add(session, Parcel, **values)


def make_asset(session: Session, **values: Any) -> Asset:
    """100 m² of a brick house of a household."""
    values.setdefault("number", f"S{next(_serial):05d}")
    if "project" not in values:
        values["project"] = make_project(session, name="三坝灌区一片区").id
    if "household" not in values and "collective" not in values:
        values["household"] = make_household(session).id
    for name, value in {"kind": "house", "item": "住房", "spec": "砖混", "unit": "m²", "quantity": 100_000_000, "confirmed": 0}.items():
        values.setdefault(name, value)
    return add(session, Asset, **values)


def make_collective(session: Session, **values: Any) -> Any:
    """The group of 柳树村一组 as a payee."""
    from relocdesk.records.household import CollectiveUnit  # noqa: PLC0415 -- only here

    values.setdefault("name", f"柳树村一组村民小组{next(_serial)}")
    values.setdefault("place", place(session))
    values.setdefault("kind", "group")
    return add(session, CollectiveUnit, **values)


def make_price(session: Session, **values: Any) -> PriceItem:
    """土地补偿费 for permanently taken dry land, 20,000 元 a 亩, to the collective."""
    for name, value in {"kind": "土地补偿费", "item": "旱地", "nature": "permanent", "unit": "亩", "unit_price": 2_000_000,
                        "payee_type": "collective", "valid_from": "2020-01-01"}.items():  # fmt: skip
        values.setdefault(name, value)
    return add(session, PriceItem, **values)


def make_agreement(session: Session, total: int = 100_000, **values: Any) -> Agreement:
    """An agreement of one line of `total` 分, signed on 2026-10-01 with a household that has an account."""
    values.setdefault("number", f"搬安〔2026〕综A{next(_serial):04d}")
    if "project" not in values:
        values["project"] = make_project(session, name="三坝灌区一片区").id
    if "household" not in values and "collective" not in values:
        values["household"] = make_household(session, account_name="张桂兰", account=f"5301{next(_serial):08d}", bank="信用社").id
    for name, value in {"kind": "mixed", "state": "signed", "signed_on": "2026-10-01", "handler": "王建国"}.items():
        values.setdefault(name, value)
    row: Agreement = add(session, Agreement, **values)
    add(session, AgreementLine, agreement=row.id, order=1, kind="房屋", item="住房", unit="项", quantity=1_000_000, unit_price=total,
        payee_type="person" if row.household else "collective", amount=total)  # fmt: skip
    return row


def make_batch(session: Session, **values: Any) -> PaymentBatch:
    """An open batch of the township, drawn up by 王建国 on 2026-11-20."""
    values.setdefault("number", f"DF2026-Z{next(_serial):03d}")
    for name, value in {"home": home_id(TOWNSHIP), "kind": "land", "fund": "project", "made_on": "2026-11-20", "made_by": "王建国"}.items():
        values.setdefault(name, value)
    return add(session, PaymentBatch, **values)


def make_payment(session: Session, **values: Any) -> Payment:
    """A line for the whole sum of an agreement, in a batch of its own; `result` other than due needs a batch past the bank."""
    agreement = session.get_one(Agreement, values.setdefault("agreement", None) or make_agreement(session).id)
    batch = session.get_one(PaymentBatch, values.setdefault("batch", None) or make_batch(session).id)
    values |= {"agreement": agreement.id, "batch": batch.id}
    values.setdefault("household", agreement.household)
    values.setdefault("collective", agreement.collective)
    values.setdefault("serial", f"{batch.number}-{next(_serial):04d}")
    payee = session.get_one(Household, agreement.household) if agreement.household else None
    for name in ("account", "bank"):
        values.setdefault(name, getattr(payee, name, None))
    values.setdefault("payee_name", getattr(payee, "account_name", None))
    if "amount" not in values:
        lines = session.scalars(select(AgreementLine).where(AgreementLine.agreement == agreement.id, AgreementLine.deleted == 0))
        values["amount"] = sum(line.amount for line in lines)
    return add(session, Payment, **values)


# --- after-support ---------------------------------------------------------------------------------------------------


def make_approval(session: Session, **values: Any) -> ApprovalList:
    """An approval list of ten people of 红岩水库."""
    values.setdefault("number", f"核定{next(_serial)}号")
    for name, value in {"reservoir": "红岩水库", "approved_on": "2007-03-01", "base_count": 10}.items():
        values.setdefault(name, value)
    return add(session, ApprovalList, **values)


def make_recipient(session: Session, **values: Any) -> Recipient:
    """A man of 现状人口 in 柳树村一组 with an account of his own; `name` and `card` are the person's."""
    person = values.pop("person", None)
    name, card = values.pop("name", f"李明{next(_serial)}"), values.pop("card", None) or idcard()
    if person is None:
        person = make_person(session, name=name, idcard=card, sex="1", born_on=f"{card[6:10]}-{card[10:12]}-{card[12:14]}").id
    for field, value in {
        "place": values.get("place") or place(session), "reservoir": "红岩水库", "cohort": "present", "support": "direct", "start_month": "2006-07",
        "household_no": f"Y{next(_serial):05d}", "head_name": name, "relation": "户主",
        "account_name": name, "account": f"62231{next(_serial):011d}", "bank": "三坝信用社", "payee_relation": "本人",
    }.items():  # fmt: skip
        values.setdefault(field, value)
    return add(session, Recipient, person=person, **values)


def make_change(session: Session, **values: Any) -> RecipientChange:
    """A death (D3) of 2026-05-10 of a recipient, found ten days later."""
    values.setdefault("recipient", None)
    values["recipient"] = values["recipient"] or make_recipient(session).id
    values.setdefault("kind", "reduce")
    values.setdefault("happened_on", "2026-05-10")
    if values["kind"] == "reduce":
        values.setdefault("reason", "D3")
        values.setdefault("proof", "死亡证明")
    values.setdefault("found_on", "2026-05-20")
    return add(session, RecipientChange, **values)


def make_period(session: Session, **values: Any) -> Period:
    """The second quarter of 2026 of 三坝乡 at 600 元 a year, open."""
    number = values.setdefault("number", 2)
    year = values.setdefault("year", 2026)
    for name, value in {"place": place(session, TOWNSHIP), "first_month": f"{year}-{3 * number - 2:02d}", "last_month": f"{year}-{3 * number:02d}",
                        "standard": 60_000, "fund": "subsidy", "state": "open", "made_by": "王建国"}.items():  # fmt: skip
        values.setdefault(name, value)
    return add(session, Period, **values)


def make_support_payment(session: Session, **values: Any) -> SupportPayment:
    """A line of three months, 150 元, to the account on record; `paid` follows from due, back pay and deduction."""
    period = values.setdefault("period", None) or make_period(session).id
    recipient = session.get_one(Recipient, values.setdefault("recipient", None) or make_recipient(session).id)
    values |= {"period": period, "recipient": recipient.id}
    for name, value in {"kind": "n", "months": 3, "due": 15_000, "back_pay": 0, "deducted": 0, "result": "wait", "attempt": 1,
                        "account_name": recipient.account_name, "account": recipient.account, "bank": recipient.bank}.items():  # fmt: skip
        values.setdefault(name, value)
    values.setdefault("paid", values["due"] + values["back_pay"] - values["deducted"])
    return add(session, SupportPayment, **values)


def make_recovery(session: Session, **values: Any) -> Recovery:
    """150 元 over-paid to a recipient, told on 2026-11-20, due on 2026-12-20."""
    values.setdefault("recipient", None)
    values["recipient"] = values["recipient"] or make_recipient(session).id
    for name, value in {"line": f"ZJ{next(_serial):04d}", "periods": "2026年第3期", "over_paid": 15_000, "told_on": "2026-11-20",
                        "due_on": "2026-12-20"}.items():  # fmt: skip
        values.setdefault(name, value)
    return add(session, Recovery, **values)


def make_petition(session: Session, **values: Any) -> Petition:
    """A claim of 张明 of 柳树村一组, received on 2026-03-02."""
    values.setdefault("number", f"XF2026-A{next(_serial) + 500:03d}")
    for name, value in {"received_on": "2026-03-02", "channel": "visit", "purpose": "claim", "petitioner": "张明", "place": place(session), "persons": 1,
                        "bypass": "none", "category": "面积", "summary": "田少量了两亩", "unreachable": 0, "remedy_told": 0}.items():  # fmt: skip
        values.setdefault(name, value)
    return add(session, Petition, **values)


def make_dispute(session: Session, **values: Any) -> Dispute:
    """A boundary quarrel found on 2026-03-01."""
    values.setdefault("number", f"JF2026-A{next(_serial) + 500:03d}")
    given = {"found_on": "2026-03-01", "parties": "张明、李大山", "type": "权属", "risk": "yellow", "result": "open", "place": place(session)}
    for name, value in given.items():
        values.setdefault(name, value)
    return add(session, Dispute, **values)
