"""一人一档: everything the book holds about one recipient — facts, the clock of the years, changes, what arrived, what must come back."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.field import Field
from relocdesk.queries.entitlement import Entitled, entitlements
from relocdesk.queries.household import Section, section_where
from relocdesk.queries.rows import Line
from relocdesk.records import register
from relocdesk.records.support import LineResult, Period, Recipient, Recovery, SupportPayment
from relocdesk.rules.days import months_between


@dataclass(frozen=True, slots=True)
class RecipientPage:
    """A recipient's file on a day. Money in 分: `paid` arrived, `owed` overpaid and not back yet."""

    line: Line
    fields: tuple[Field, ...]
    entitled: Entitled
    sections: tuple[Section, ...]
    paid: int
    owed: int
    used: int  # months entitled so far
    whole: int  # months from the first to the last payable month
    left: int  # months from the next one to the last; 0 when the years are over or payment has stopped

    def section(self, name: str) -> Section:
        """The section of a register; KeyError is a defect."""
        return {one.register.name: one for one in self.sections}[name]


def recipient_page(session: Session, recipient: str, on: str) -> RecipientPage:
    """The file of a recipient on a day; raises UserError when there is none."""
    reg = register("recipient")
    own = section_where(session, reg, Recipient.id == recipient, tuple(reg))
    if not own.lines:
        raise UserError("没有这个人", hint="请刷新后再看")
    entitled = entitlements(session, on, Recipient.id == recipient)[recipient]
    line, change, owed = register("support_payment"), register("recipient_change"), register("recovery")
    # Through the periods: lines are kept in the order of their period and person.
    mine = SupportPayment.period.in_(select(Period.id).where(Period.deleted == 0)) & (SupportPayment.recipient == recipient)
    sections = [
        section_where(session, change, change.cls.recipient == recipient, _shown("recipient_change", CHANGES)),
        section_where(session, line, mine, _shown("support_payment", PAYMENTS)),
        section_where(session, owed, owed.cls.recipient == recipient, _shown("recovery", RECOVERIES)),
    ]
    rows = [recipient, *(row_id for one in (sections[0], sections[2]) for row_id in one.ids)]
    sections.append(section_where(session, register("attachment"), register("attachment").cls.record.in_(rows)))
    paid = session.scalar(select(func.coalesce(func.sum(SupportPayment.paid), 0)).where(mine, SupportPayment.deleted == 0,
                                                                                         SupportPayment.result == LineResult.PAID))  # fmt: skip
    left = select(func.coalesce(func.sum(Recovery.over_paid - Recovery.recovered), 0)).where(Recovery.recipient == recipient, Recovery.deleted == 0)
    month = on[:7]
    stopped = any(until is None for _, until in entitled.gaps)
    last = min(month, entitled.end)
    return RecipientPage(
        own.lines[0], own.fields, entitled, tuple(sections), int(paid or 0), int(session.scalar(left) or 0),
        entitled.months(entitled.start, last) if last >= entitled.start else 0, months_between(entitled.start, entitled.end) + 1,
        0 if stopped else max(0, months_between(month, entitled.end)),
    )  # fmt: skip


CHANGES = ("kind", "reason", "happened_on", "found_on", "stops_from", "over_paid", "proof", "approved_on")
PAYMENTS = ("period", "months", "due", "paid", "result", "paid_on", "account", "back_pay", "deducted", "kind", "return_reason")
RECOVERIES = ("line", "periods", "over_paid", "told_on", "due_on", "recovered", "left")


def _shown(name: str, names: tuple[str, ...]) -> tuple[Field, ...]:
    reg = register(name)
    return tuple(reg[one] for one in names)
