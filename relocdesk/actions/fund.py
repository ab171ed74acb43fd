"""Whether a fund can bear what is about to be approved."""

from __future__ import annotations

from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.errors import UserError
from relocdesk.queries.funds import balance
from relocdesk.records.fund import Fund
from relocdesk.rules.money import show_yuan


def shortage(session: Session, fund: str, on: str, needed: int, home: str = "", what: str = "本批") -> str:
    """A sentence when a fund cannot bear what is about to be approved, "" when it can; UserError when fund.block says so."""
    available = balance(session, fund, on).available
    if needed <= available:
        return ""
    text = f"“{Fund(fund).label}”可用余额 {show_yuan(available)} 元，不够{what} {show_yuan(needed)} 元"
    if settings.get(session, "fund.block", home) == settings.Strictness.BLOCK:
        raise UserError(text, hint="请等资金到位后登记“资金到位”，再审批")
    return text
