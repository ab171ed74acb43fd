"""Recipients of a furnished township and the people who freeze, check, approve and pay their rosters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.bank import BankRow
from relocdesk.actions.period import freeze_period, open_period
from relocdesk.actions.period_steps import approve_period, check_period, post_period, send_period
from relocdesk.actions.posting import close
from relocdesk.clerk import Clerk
from relocdesk.queries.roster import Line, lines
from relocdesk.records.household import Person
from relocdesk.records.reference import PolicyRow
from relocdesk.records.support import Period, Recipient, RecipientChange, SupportPayment
from relocdesk.records.survey import Posting
from relocdesk.rules.days import add_days
from tests.actions.scene import TOWNSHIP, Scene, idcard

MAKER = Clerk("赵小兰", "entry", "2026-03-05")
CHECKER = Clerk("钱建军", "review", "2026-03-20")
HEAD = Clerk("孙明", "head", "2026-03-21")


def on(clerk: Clerk, day: str) -> Clerk:
    """The same clerk on another day."""
    return replace(clerk, on=day)


@dataclass
class Subsidy:
    """One transaction of a township that pays the subsidy."""

    scene: Scene
    session: Session
    count: int = 0

    def recipient(self, name: str = "", **values: Any) -> Recipient:
        self.count += 1
        name = name or f"李明{'甲乙丙丁戊己庚辛壬癸'[self.count % 10]}"
        person: Person = self.scene.add(self.session, Person, self.scene.home, name=name, idcard=idcard(self.count + 300), state="present")
        place = values.pop("place", f"{TOWNSHIP}20101")
        found: Recipient = self.scene.add(self.session, Recipient, values.pop("home", self.scene.home), **{
            "person": person.id, "place": self.scene.ids[place], "reservoir": "龙川水库", "household_no": f"Y{self.count:04d}", "cohort": "present",
            "support": "direct", "start_month": "2006-07", "account_name": name, "account": f"6217{self.count:012d}", "bank": "信用社", **values})
        return found

    def change(self, recipient: Recipient, kind: str, day: str, reason: str | None = None, **values: Any) -> RecipientChange:
        found: RecipientChange = self.scene.add(self.session, RecipientChange, self.scene.home, recipient=recipient.id, kind=kind, happened_on=day,
                                                reason=reason, found_on=day, proof="证明", **values)
        return found

    def policy(self, subject: str, value: str, valid_from: str = "2000-01-01", scope: str = "全部") -> None:
        self.scene.add(self.session, PolicyRow, self.scene.county, subject=subject, value=value, valid_from=valid_from, scope=scope, document="试验")

    def opened(self, first_month: str = "2026-01", clerk: Clerk = MAKER, **values: Any) -> Period:
        open_period(self.session, clerk, None, first_month=first_month, **values)
        return self.session.scalars(select(Period).where(Period.deleted == 0).order_by(Period.first_month.desc())).first()  # type: ignore[return-value]

    def frozen(self, first_month: str = "2026-01", clerk: Clerk = MAKER) -> Period:
        period = self.opened(first_month, clerk)
        freeze_period(self.session, clerk, period)
        return period

    def approved(self, period: Period, start: str = "2026-03-05") -> Period:
        """Posted for the least number of days, checked and approved by three people."""
        post_period(self.session, on(MAKER, start), period)
        check_period(self.session, on(CHECKER, add_days(start, 2)), period)
        approve_period(self.session, on(HEAD, add_days(start, 8)), period)
        return period

    def sent(self, period: Period, start: str = "2026-03-05") -> Period:
        send_period(self.session, on(MAKER, add_days(start, 9)), self.approved(period, start))
        return period

    def sent_after_posting(self, period: Period) -> list[Line]:
        """Checked, approved and sent when the posting of 2026-03-05 is over; what the bank has."""
        check_period(self.session, CHECKER, period)
        approve_period(self.session, on(HEAD, "2026-03-13"), period)
        send_period(self.session, on(MAKER, "2026-03-14"), period)
        return self.lines(period)

    def lines(self, period: Period) -> list[Line]:
        self.session.flush()
        return lines(self.session, period)

    def row(self, line: Line) -> SupportPayment:
        return self.session.get_one(SupportPayment, line.id)

    def end_posting(self, period: Period, day: str) -> None:
        close(self.session, on(MAKER, day), self.session.get_one(Posting, period.posted))


def rows(found: Sequence[Line], *, back: dict[int, str] | None = None, day: str = "2026-03-15", **changed: Any) -> list[BankRow]:
    """What the bank would answer: all paid, but `back`: index → reason."""
    return [BankRow(**{"row": n + 2, "serial": line.serial, "name": line.payee_name, "account": line.account, "amount": line.amount,
                       "ok": n not in (back or {}), "reason": (back or {}).get(n, ""), "paid_on": day if n not in (back or {}) else "", **changed})
            for n, line in enumerate(found)]  # fmt: skip
