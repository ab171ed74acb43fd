"""Totals of rows in words, the same at the bottom of a page and on the command line."""

from __future__ import annotations

from relocdesk.field import Register
from relocdesk.queries.rows import Totals
from relocdesk.rules.area import mu_2
from relocdesk.rules.money import fixed, show_yuan

COUNTERS = {
    "household": "户", "person": "人", "recipient": "人", "trainee": "人", "parcel": "块", "agreement": "份", "printout": "份", "pledge": "份",
    "payment_batch": "批", "inspection": "批", "payment": "笔", "support_payment": "笔", "recovery": "笔", "project_payment": "笔", "period": "期",
    "posting": "榜", "support_project": "个", "project": "个", "plan_item": "项", "task": "项", "rectification_item": "个", "petition": "件",
    "dispute": "件", "service_item": "件", "meeting": "次", "talk": "次", "home_visit": "户", "training": "期",
}  # fmt: skip
"""What rows of a register are counted in; 条 where nothing is said."""


def mu_text(mu: int) -> str:
    """亩 with two decimals and thousands separators, from 10⁻⁶ 亩."""
    return fixed(mu_2(mu), 2, grouped=True)


def totals_text(reg: Register, found: Totals) -> str:
    """Totals as the bottom line says them: 1,286 户 · 4,120 人 · 3,215.40 亩 · 12,345.00 元.

    Money that need not be filled in, and is nowhere, is not said.
    """
    counter = COUNTERS.get(reg.name, "条")
    pieces = [f"{found.count:,} {counter}"]
    if found.households is not None and counter != "户":
        pieces.append(f"{found.households:,} 户")
    if found.people is not None and counter != "人":
        pieces.append(f"{found.people:,} 人")
    if found.mu is not None:
        pieces.append(f"{mu_text(found.mu)} 亩")
    money = reg.first("money")
    if found.money or (found.money is not None and money is not None and (money.required or money.computed)):
        pieces.append(f"{show_yuan(found.money)} 元")
    return " · ".join(pieces)
