"""Money the bank first called arrived and later sent back: in batches of compensation and on rosters of the subsidy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from relocdesk import history, undo
from relocdesk.actions import approval, bank
from relocdesk.actions.bank import reissue
from relocdesk.actions.payment import open_batch
from relocdesk.actions.period import adjust_line
from relocdesk.actions.period_result import bank_result, late_return, pay_line, reissue_line
from relocdesk.actions.period_steps import close_period
from relocdesk.actions.population import reduce
from relocdesk.actions.recovery import recover
from relocdesk.errors import UserError
from relocdesk.queries.agreed import standings, unpaid
from relocdesk.queries.dues import standing
from relocdesk.queries.funds import balance
from relocdesk.queries.money_identities import money_identities
from relocdesk.queries.roster import subsidy_identities, sums
from relocdesk.records.payment import Payment, PaymentBatch
from relocdesk.records.support import Period, Recipient, Recovery, SupportPayment
from relocdesk.verify import verify
from tests.actions.money import MAKER as PAYER
from tests.actions.money import TODAY, Money, row
from tests.actions.scene import Scene
from tests.actions.subsidy import MAKER, Subsidy, on, rows
from tests.actions.test_period import LONG

TOLD = {"reason": "账户已销户", "proof": "退汇通知 7 号"}


# --- compensation ----------------------------------------------------------------------------------------------------


@pytest.fixture
def money(scene: Scene) -> Iterator[Money]:
    with scene.change() as (session, _):
        yield Money(scene, session)


def _arrived(money: Money, *, paid_on: str = TODAY) -> list[Payment]:
    """Two lines of 1,000.00 and 2,000.00 that arrived, in a reconciled batch."""
    sent = money.sent(money.agreement(money.household("李大山", "11112222"), 100_000), money.agreement(money.household("张美", "33334444"), 200_000))
    sent.batch.made_on = min(paid_on, sent.batch.made_on)
    bank.bank_result(money.session, PAYER, sent.batch, [row(line, paid_on=paid_on) for line in sent.done])
    return sent.done


def test_what_came_back_late_is_a_returned_line_in_every_sum(money: Money) -> None:
    first, second = _arrived(money)
    s = money.session
    said = bank.late_return(s, PAYER, first, **TOLD)
    assert said == f"{first.serial} 李大山 1,000.00 元已登记退汇（2026-11-22，账户已销户），现在算退回，请更正账户后“退回后重付”"
    assert (first.result, first.return_reason, first.paid_on) == ("returned", "账户已销户", None)
    assert first.remark == "2026-11-22 到账，2026-11-22 退汇，凭据：退汇通知 7 号"
    (part,) = unpaid(s, TODAY)
    assert (part.amount, part.reason, part.next_step) == (100_000, "退回未重付", "更正后重付（账户已销户）")
    assert standings(s, [first.agreement])[first.agreement].remainder == 100_000
    assert balance(s, "project", TODAY).paid == 200_000
    assert [(one.due.key, one.count) for one in standing(s, TODAY) if one.due.key == "returned"] == [("returned", 1)]
    assert money_identities(s) == []
    again = reissue(s, PAYER, first, account="6222021234567890128")
    assert (again.again_of, again.attempt, again.amount) == (first.id, 2, 100_000)
    with pytest.raises(UserError, match="已登记为“退回”，回单上是“成功”"):
        bank.bank_result(s, PAYER, s.get_one(PaymentBatch, first.batch), [row(first), row(second)])


def test_a_closed_batch_stays_closed_and_the_next_one_carries_the_line_over(money: Money) -> None:
    first, _ = _arrived(money)
    batch = money.session.get_one(PaymentBatch, first.batch)
    approval.close_batch(money.session, PAYER, batch)
    said = bank.late_return(money.session, PAYER, first, **TOLD)
    assert said.endswith(f"；批次 {batch.number} 已关闭，不重开，重付时另列批次")
    assert batch.state == "closed"
    (line,) = open_batch(money.session, PAYER).done
    assert (line.again_of, line.attempt, line.amount) == (first.id, 2, 100_000)
    assert money_identities(money.session) == []


def test_a_year_that_was_reported_is_pointed_out(money: Money) -> None:
    first, _ = _arrived(money)
    later = on(PAYER, "2027-01-05")
    said = bank.late_return(money.session, later, first, **TOLD, returned_on="2027-01-04")
    assert "请注意：原来算在 2026 年的支出里，报过的数要核对" in said


def test_only_what_arrived_by_bank_comes_back_and_on_a_day_that_can_be(money: Money) -> None:
    first, second = _arrived(money, paid_on="2026-11-21")
    s = money.session
    for day in ("2026-11-20", "2026-11-23"):
        with pytest.raises(UserError, match=f"退汇日期 {day} 早于到账日期 2026-11-21，或还没有到"):
            bank.late_return(s, PAYER, first, **TOLD, returned_on=day)
    bank.late_return(s, PAYER, first, **TOLD)
    with pytest.raises(UserError, match="不是“成功”的，不能登记到账后退汇"):
        bank.late_return(s, PAYER, first, **TOLD)
    second.account = None
    with pytest.raises(UserError, match="没有银行账号，是签字领取的"):
        bank.late_return(s, PAYER, second, **TOLD)
    waiting = money.open(money.agreement()).done[0]
    with pytest.raises(UserError, match="是“编制”，不能登记到账后退汇"):
        bank.late_return(s, PAYER, waiting, **TOLD)


def test_a_file_that_calls_an_arrived_line_returned_says_where_to_go(money: Money) -> None:
    first, _ = _arrived(money)
    with pytest.raises(UserError, match="已登记为“成功”，回单上是“退回”；到账以后又退的，请办“到账后退汇”"):
        bank.bank_result(money.session, PAYER, money.session.get_one(PaymentBatch, first.batch), [row(first, ok=False, reason="账户冻结")])


# --- the subsidy -----------------------------------------------------------------------------------------------------


def _paid(one: Subsidy, count: int = 2, *, deducted: int = 0) -> Period:
    """A period of so many people that was paid on 2026-03-15; the first line with a deduction."""
    for _ in range(count):
        one.recipient(**LONG)
    period = one.frozen()
    if deducted:
        adjust_line(one.session, MAKER, one.row(one.lines(period)[0]), deducted=deducted, reason="扣回多发")
    bank_result(one.session, on(MAKER, "2026-03-16"), one.sent(period), file=rows(one.lines(period)))
    return period


@pytest.fixture
def subsidy(scene: Scene) -> Iterator[Subsidy]:
    with scene.change() as (session, _):
        yield Subsidy(scene, session)


def test_a_closed_period_opens_for_what_came_back_and_closes_again(scene: Scene) -> None:
    """Through the book, so that kept totals, history and verifying are the real ones."""
    with scene.change() as (s, _):
        period_id = _paid(Subsidy(scene, s)).id
    with scene.change() as (s, _):
        period = s.get_one(Period, period_id)
        close_period(s, on(MAKER, "2026-03-31"), period)
        line_id = Subsidy(scene, s).lines(period)[0].id
    with scene.change() as (s, done):
        said = late_return(s, on(MAKER, "2026-04-20"), s.get_one(SupportPayment, line_id), **TOLD, returned_on="2026-04-18")
    name = said.partition(" ")[0]
    assert said == (f"{name} 150.00 元已登记退汇（2026-04-18，账户已销户），现在算退回，请“更正账户后再发”"
                    "；2026 年第 1 期 三坝乡由“关闭”回到“已发”，办完再关闭")  # fmt: skip
    with scene.book.read() as s:
        kept = sums(s, period_id)
        assert (kept.heads, kept.succeeded, kept.returned, kept.waiting, kept.difference) == (2, 15_000, 15_000, 0, 0)
        assert [one.count for one in standing(s, "2026-04-20") if one.due.key == "period_returned"] == [1]
        assert balance(s, "subsidy", "2026-04-20").subsidy == 15_000
        entry = history.of_action(s, done.action)
        assert entry is not None
        assert {change.field: change.new for change in entry.changes if change.field in ("结果", "退回原因")} == {"结果": "退回", "退回原因": "账户已销户"}
    with scene.change() as (s, _), pytest.raises(UserError, match="已经办结"):
        undo.undo(s, scene.clerk, done.action)
    with scene.change() as (s, _):
        line, period = s.get_one(SupportPayment, line_id), s.get_one(Period, period_id)
        assert "第 2 次" in reissue_line(s, on(MAKER, "2026-04-21"), line, account="12345678")
        again = Subsidy(scene, s).lines(period)[-1]
        bank_result(s, on(MAKER, "2026-04-25"), period, file=rows([again], day="2026-04-24"))
        assert "成功 300.00 元" in close_period(s, on(MAKER, "2026-04-30"), period)
    with scene.book.read() as s:
        assert (sums(s, period_id).heads, sums(s, period_id).paid, sums(s, period_id).succeeded) == (2, 30_000, 30_000)
        assert subsidy_identities(s) == []
    assert [problem for part in verify(scene.book) for problem in part.problems] == []


def test_only_arrived_lines_with_money_and_account_come_back(subsidy: Subsidy) -> None:
    s, period = subsidy.session, _paid(subsidy)
    line, other = (subsidy.row(one) for one in subsidy.lines(period))
    later = on(MAKER, "2026-04-20")
    with pytest.raises(UserError, match="退汇日期 2026-03-14 早于到账日期 2026-03-15"):
        late_return(s, later, line, **TOLD, returned_on="2026-03-14")
    late_return(s, later, line, **TOLD)
    with pytest.raises(UserError, match="不是“成功”的"):
        late_return(s, later, line, **TOLD)
    with pytest.raises(UserError, match="不能登记结果"):
        pay_line(s, later, other, result="returned", reason="销户", proof="3 号")
    other.account = None
    with pytest.raises(UserError, match="是签字领取的，没有退汇"):
        late_return(s, later, other, **TOLD)


def test_what_was_listed_as_overpaid_for_it_is_no_longer_to_come_back(subsidy: Subsidy) -> None:
    s, period = subsidy.session, _paid(subsidy)
    line = subsidy.row(subsidy.lines(period)[0])
    who = s.get_one(Recipient, line.recipient)
    reduce(s, on(MAKER, "2026-04-02"), who, reason="D3", happened_on="2025-12-20", found_on="2026-04-02", proof="死亡证明")
    assert s.scalars(select(Recovery.over_paid).where(Recovery.deleted == 0)).all() == [15_000]
    assert late_return(s, on(MAKER, "2026-04-20"), line, **TOLD).endswith("；已从追缴里减去 150.00 元")
    assert s.scalars(select(Recovery.over_paid).where(Recovery.deleted == 0)).all() == []
    with pytest.raises(UserError, match="已经核减，本期应发的比退回的少，不能再发"):
        reissue_line(s, on(MAKER, "2026-04-21"), line, account="12345678")


def test_a_deduction_on_it_counts_as_recovered_only_once_it_has_arrived_again(subsidy: Subsidy) -> None:
    s, period = subsidy.session, _paid(subsidy, deducted=5_000)
    line = subsidy.row(subsidy.lines(period)[0])
    claim: Recovery = subsidy.scene.add(s, Recovery, line.home, line="1", recipient=line.recipient, periods="2025/4", over_paid=8_000, recovered=0, deducted=0)
    recover(s, on(MAKER, "2026-03-20"), claim, amount=5_000, period=period.id)
    said = late_return(s, on(MAKER, "2026-04-20"), line, **TOLD)
    assert said.endswith("；扣回的 50.00 元不再算追回，再发到账后请重新登记")
    assert (claim.recovered, claim.deducted, claim.recovered_on) == (0, 0, None)
    assert (claim.story or "").endswith("2026年4月20日退汇，扣回的 50.00 元不再算追回")
    with pytest.raises(UserError, match="已发的只扣回 0"):
        recover(s, on(MAKER, "2026-04-20"), claim, amount=5_000, period=period.id)
    reissue_line(s, on(MAKER, "2026-04-21"), line, account="12345678")
    bank_result(s, on(MAKER, "2026-04-25"), period, file=rows(subsidy.lines(period)[-1:], day="2026-04-24"))
    assert "还差 30.00 元" in recover(s, on(MAKER, "2026-04-26"), claim, amount=5_000, period=period.id)
