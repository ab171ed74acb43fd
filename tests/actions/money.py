"""Signed agreements with payees and accounts, and the people who draw up, check and approve their payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.approval import approve_batch, check_batch, send_batch
from relocdesk.actions.bank import BankRow
from relocdesk.actions.payment import Opened, open_batch
from relocdesk.clerk import Clerk
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.household import CollectiveUnit, Household
from relocdesk.records.payment import Payment, PaymentBatch
from relocdesk.records.reference import Setting
from tests.actions.scene import TOWNSHIP, Scene

TODAY = "2026-11-22"
MAKER = Clerk("赵小兰", "entry", TODAY)
CHECKER = Clerk("钱建军", "review", TODAY)
HEAD = Clerk("孙明", "head", TODAY)
SIGNED_ON = "2026-10-01"


@dataclass
class Money:
    """One transaction of a furnished township in which money moves."""

    scene: Scene
    session: Session

    def household(self, head: str = "李大山", account: str | None = "12345678", **values: Any) -> Household:
        return self.scene.household(self.session, head, **{"account_name": head, "account": account, "bank": "信用社", **values})

    def agreement(self, payee: Household | CollectiveUnit | None = None, total: int = 100_000, **values: Any) -> Agreement:
        payee = payee if payee is not None else self.household()
        owner = {"household": payee.id} if isinstance(payee, Household) else {"collective": payee.id}
        home = values.pop("home", self.scene.home)
        count = len(self.session.scalars(select(Agreement.id)).all())
        found: Agreement = self.scene.add(self.session, Agreement, home, **{
            "number": f"协{count + 1:03d}", "project": self.scene.ids["project"], "kind": "mixed", "state": "signed",
            "signed_on": SIGNED_ON, "handler": "王建国", **owner, **values})
        self.scene.add(self.session, AgreementLine, home, agreement=found.id, order=1, kind="房屋", item="主房", unit="项",
                       quantity=1_000_000, unit_price=total, payee_type="person", amount=total)
        return found

    def open(self, *agreements: Agreement, **values: Any) -> Opened:
        return open_batch(self.session, MAKER, agreements=[one.number for one in agreements], **values)

    def approved(self, batch: PaymentBatch) -> PaymentBatch:
        check_batch(self.session, CHECKER, batch)
        approve_batch(self.session, HEAD, batch)
        return batch

    def sent(self, *agreements: Agreement) -> Opened:
        opened = self.open(*agreements)
        send_batch(self.session, MAKER, self.approved(opened.batch))
        return opened

    def setting(self, key: str, value: str) -> None:
        self.scene.add(self.session, Setting, self.scene.home, key=key, value=value)

    def lines(self, batch: PaymentBatch) -> list[Payment]:
        query = select(Payment).where(Payment.batch == batch.id, Payment.deleted == 0).order_by(Payment.serial)
        return list(self.session.scalars(query))


def row(line: Payment, number: int = 2, **values: Any) -> BankRow:
    """What the bank writes for a line that went through."""
    told: dict[str, Any] = {"serial": line.serial, "name": line.payee_name, "account": line.account, "amount": line.amount,
                            "ok": True, "paid_on": TODAY, **values}
    return BankRow(number, **told)


GROUP_TWO = f"{TOWNSHIP}20102"
