"""Surplus turned into projects (结余转项目): what is left of a year's subsidy becomes a project's money, with its approval."""

from __future__ import annotations

from sqlalchemy.orm import Session

from relocdesk.actions.action import Arg, action, refuse_role
from relocdesk.actions.works import CHECKING, living, refuse_future
from relocdesk.clerk import Clerk
from relocdesk.entry import line_text, next_line
from relocdesk.errors import UserError
from relocdesk.field import DAY, MONEY, YEAR
from relocdesk.queries.funds import balance, promised, surplus_lines
from relocdesk.records import new_id, register
from relocdesk.records.fund import Fund
from relocdesk.records.works import FundSource, SupportProject, SurplusUse
from relocdesk.rules.money import show_yuan


@action(
    "turn-surplus", "结余转项目", "support_project",
    Arg("year", "资金年度", YEAR, required=True, help="哪一年的结余"), Arg("amount", "金额", MONEY, required=True),
    Arg("document", "批准文号", required=True), Arg("approved_on", "批准日期", DAY, required=True),
    Arg("fund", "结余资金", choices=Fund, help="空着为后扶直补"), roles=CHECKING,
)  # fmt: skip
def turn_surplus(session: Session, clerk: Clerk, project: SupportProject, *, year: int, amount: int, document: str, approved_on: str,
                 fund: str = Fund.SUBSIDY) -> str:  # fmt: skip
    """Surplus of a year and fund becomes the project's 结余盘活; never more than is left of that year, rosters on their way taken off, and in the account."""
    refuse_role(clerk, "结余转项目", CHECKING)
    refuse_future(clerk, "批准日期", approved_on)
    if amount <= 0:
        raise UserError("金额应大于 0", hint="请核对金额")
    if fund == Fund.SURPLUS:
        raise UserError("结余盘活的资金不能再转", hint="请选原来的资金类别")
    label = Fund(fund).label
    left = sum(line.balance for line in surplus_lines(session, clerk.on, fund, year)) - promised(session, fund, year)
    account = balance(session, fund, clerk.on).available
    if amount > min(left, account):
        raise UserError(f"“{label}”{year} 年度结余 {show_yuan(left)} 元，账上可用 {show_yuan(account)} 元，不能转 {show_yuan(amount)} 元",
                        hint="请改小金额，或核对到位和发放")  # fmt: skip
    living(project)
    reg = register("surplus_use")
    session.add(SurplusUse(id=new_id(), home=project.home, line=line_text(clerk, next_line(session, reg, clerk)), fund=fund, year=year, project=project.id,
                           amount=amount, document=document.strip(), approved_on=approved_on))  # fmt: skip
    session.add(FundSource(id=new_id(), home=project.home, project=project.id, fund=Fund.SURPLUS.value, document=document.strip(), year=year, amount=amount))
    session.flush()
    return f"“{label}”{year} 年度结余 {show_yuan(amount)} 元转入 {project.code}（{document}），该年度还剩 {show_yuan(left - amount)} 元"
