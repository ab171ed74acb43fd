"""Funds: what was allocated, received, spent and paid by a day; the rate; and what a fund can bear."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from relocdesk.actions import approval
from relocdesk.actions.bank import bank_result
from relocdesk.errors import UserError
from relocdesk.queries.funds import Balance, PaymentRate, balance, payment_rate
from relocdesk.records.fund import Allocation, Interest, Receipt, Spending
from relocdesk.records.project import Project
from relocdesk.records.reference import Setting
from tests.actions.money import CHECKER, HEAD, MAKER, TODAY, Money, row
from tests.actions.scene import Scene


@pytest.fixture
def money(scene: Scene) -> Iterator[Money]:
    with scene.change() as (session, _):
        yield Money(scene, session)


def receive(money: Money, document: str, allocated: int, received: int, on: str = "2026-05-01", **values: object) -> Allocation:
    words = {"source": "province", "fund": "project", "year": 2026, "issued_on": "2026-04-01", "project": money.scene.ids["project"], **values}
    paper: Allocation = money.scene.add(money.session, Allocation, money.scene.county, document=document, amount=allocated, **words)
    money.scene.add(money.session, Receipt, money.scene.county, allocation=paper.id, received_on=on, amount=received)
    return paper


def test_a_fund_on_a_day_counts_only_what_had_happened(money: Money) -> None:
    receive(money, "云水移〔2026〕1号", 1_000_000, 600_000)
    receive(money, "云水移〔2026〕2号", 500_000, 500_000, on="2026-11-30")
    receive(money, "直补", 77, 77, fund="subsidy")
    money.scene.add(money.session, Interest, money.scene.county, fund="project", received_on="2026-09-21", amount=1_234)
    money.scene.add(money.session, Spending, money.scene.county, fund="project", paid_on="2026-10-10", payee="印刷厂", purpose="印表", amount=10_000)
    opened = money.sent(money.agreement(total=100_000), money.agreement(total=50_000), money.agreement(total=25_000))
    paid, back, _ = opened.done
    bank_result(money.session, MAKER, opened.batch, [row(paid), row(back, ok=False, reason="户名不符")])
    now = balance(money.session, "project", TODAY)
    assert now == Balance(allocated=1_500_000, received=600_000, interest=1_234, spent=10_000, paid=paid.amount, committed=opened.done[2].amount)
    assert (now.balance, now.available) == (600_000 + 1_234 - 10_000 - paid.amount, now.balance - opened.done[2].amount)
    assert balance(money.session, "project", "2026-05-31") == Balance(1_500_000, 600_000, 0, 0, 0, 0)
    assert balance(money.session, "project", "2026-03-31") == Balance(0, 0, 0, 0, 0, 0)
    assert balance(money.session, "subsidy", TODAY).balance == 77


def test_the_rate_is_paid_over_received_with_its_parts(money: Money) -> None:
    assert payment_rate(money.session, money.scene.ids["project"], TODAY).percent() == "—"
    receive(money, "云水移〔2026〕1号", 1_000_000, 300_000)
    other = money.scene.add(money.session, Project, money.scene.county, name="苏帕河水库").id
    receive(money, "云水移〔2026〕3号", 9_000_000, 9_000_000, project=other)
    money.agreement(total=50_000, project=other)
    opened = money.sent(money.agreement(total=100_000), money.agreement(total=60_000))
    bank_result(money.session, MAKER, opened.batch, [row(line, ok=line.amount == 100_000, reason="" if line.amount == 100_000 else "户名不符")
                                                     for line in opened.done])
    rate = payment_rate(money.session, money.scene.ids["project"], TODAY)
    assert rate == PaymentRate(paid=100_000, received=300_000, allocated=1_000_000, agreed=160_000)
    assert rate.percent() == "33.3%"
    assert payment_rate(money.session, None, TODAY) == PaymentRate(100_000, 9_300_000, 10_000_000, 210_000)


def test_a_fund_that_is_short_warns_or_blocks_by_setting(money: Money) -> None:
    receive(money, "云水移〔2026〕1号", 1_000_000, 150_000)
    first, second = money.open(money.agreement(total=100_000)).batch, money.open(money.agreement(total=60_000)).batch
    for batch in (first, second):
        approval.check_batch(money.session, CHECKER, batch)
    assert "请注意" not in approval.approve_batch(money.session, HEAD, first)
    money.setting("fund.block", "不准办")
    with pytest.raises(UserError, match=r"“工程移民资金”可用余额 500\.00 元，不够本批 600\.00 元"):
        approval.approve_batch(money.session, HEAD, second)
    assert (second.state, second.approved_by) == ("checked", None)
    receive(money, "云水移〔2026〕4号", 10_000, 10_000)
    approval.approve_batch(money.session, HEAD, second)
    third = money.open(money.agreement(total=1)).batch
    approval.check_batch(money.session, CHECKER, third)
    money.session.execute(update(Setting).values(value="提醒"))
    money.session.expire_all()
    assert "请注意：“工程移民资金”可用余额 0.00 元，不够本批 0.01 元" in approval.approve_batch(money.session, HEAD, third)
