"""Drawing up batches: who gets a line, who is refused by name, and that nothing goes beyond the agreed sum."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from relocdesk.actions import approval, bank, payment
from relocdesk.actions.action import actions_of
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.queries.agreed import standings
from relocdesk.queries.money_identities import money_identities
from relocdesk.records import home_id
from relocdesk.records.household import Authorisation, CollectiveUnit, Person
from relocdesk.records.payment import PaymentBatch, UnpaidReason
from relocdesk.records.survey import Objection, Posting, Recheck
from tests import make
from tests.actions.money import CHECKER, GROUP_TWO, HEAD, MAKER, TODAY, Money, row
from tests.actions.scene import TOWNSHIP, Scene


@pytest.fixture
def money(scene: Scene) -> Iterator[Money]:
    with scene.change() as (session, _):
        yield Money(scene, session)


def refusal(money: Money, agreement: object, **values: object) -> payment.Refusal:
    """Why an agreement is left out beside one that can be paid."""
    good = money.agreement()
    opened = money.open(good, agreement, **values)  # type: ignore[arg-type]
    (found,) = opened.refused
    assert [line.agreement for line in opened.done] == [good.id]
    return found


def test_a_batch_takes_every_signed_unpaid_agreement_with_the_account_of_today(money: Money) -> None:
    first = money.agreement(money.household("李大山", "11112222"), 100_050)
    collective = money.session.get(CollectiveUnit, money.scene.ids["柳树村一组"])
    assert collective is not None
    collective.account, collective.bank = "33334444", "农商行"
    second = money.agreement(collective, 900_000)
    money.agreement(total=5_000, state="draft", signed_on=None)
    opened = payment.open_batch(money.session, MAKER)
    batch = opened.batch
    assert (batch.number, batch.state, batch.made_by, batch.made_on, batch.project) == (
        "DF2026-A001", "open", "赵小兰", TODAY, money.scene.ids["project"])
    assert opened.refused == []
    assert {(one.agreement, one.payee_name, one.account, one.bank, one.amount, one.result) for one in opened.done} == {
        (first.id, "李大山", "11112222", "信用社", 100_050, "due"), (second.id, "柳树村一组", "33334444", "农商行", 900_000, "due")}
    assert [one.serial for one in money.lines(batch)] == ["DF2026-A001-0001", "DF2026-A001-0002"]
    assert opened.sentence == "已编制批次 DF2026-A001：2 笔，10,000.50 元"
    with pytest.raises(UserError, match="没有已签订而未付清的协议"):
        payment.open_batch(money.session, MAKER)


def test_numbers_go_on_after_deleted_batches_and_by_year_and_laptop(money: Money) -> None:
    money.open(money.agreement()).batch.deleted = 1
    assert money.open(money.agreement()).batch.number == "DF2026-A002"
    other = Clerk("赵小兰", "entry", "2027-01-05", laptop="B")
    assert payment.open_batch(money.session, other, agreements=[money.agreement().id]).batch.number == "DF2027-B001"


def test_only_what_lies_below_the_place(money: Money) -> None:
    money.agreement()
    near = money.agreement(money.household("张美", place=GROUP_TWO))
    opened = payment.open_batch(money.session, MAKER, place=money.scene.ids[GROUP_TWO])
    assert [line.agreement for line in opened.done] == [near.id]


@pytest.mark.parametrize(("values", "text"), [
    ({"state": "draft"}, "协议还没有签订"),
    ({"state": "void"}, "协议已作废"),
    ({"signed_on": None}, "签订日期"),
    ({"signed_on": "2026-12-01"}, "签订日期"),
    ({"total": 0}, "没有未付的金额"),
])
def test_what_is_not_signed_or_has_nothing_left_is_refused(money: Money, values: dict[str, object], text: str) -> None:
    assert text in refusal(money, money.agreement(**values)).text  # type: ignore[arg-type]


def test_what_waits_in_another_batch_is_refused(money: Money) -> None:
    waiting = money.agreement(total=70_000)
    money.open(waiting)
    assert refusal(money, waiting).text == "在批次里的 700.00 元还没有结果"


def test_without_account_only_cash(money: Money) -> None:
    poor = money.agreement(money.household("张美", account=None))
    found = refusal(money, poor)
    assert (found.reason, found.text) == ("无卡", "没有银行账号")
    (line,) = money.open(poor, cash=True).done
    assert (line.account, line.bank, line.payee_name) == (None, "现金", "张美")


def test_the_dead_are_paid_through_their_heirs_only(money: Money) -> None:
    house = money.household("王老五")
    head = money.session.get(Person, house.head)
    assert head is not None
    head.died_on = "2026-11-01"
    agreement = money.agreement(house)
    assert refusal(money, agreement).reason == "继承未定"
    house.account_name = "王小五"
    heir = money.scene.add(money.session, Authorisation, money.scene.home, principal=house.id, agent_name="王小五", matter="领取补偿款",
                           signed=1, kind="heir", valid_from="2026-11-05")
    (line,) = money.open(agreement).done
    assert (line.payee_name, line.collected_by) == ("王小五", heir.id)


def test_an_open_objection_bars_until_the_recheck(money: Money) -> None:
    house = money.household()
    objection = money.scene.add(money.session, Objection, money.scene.home, household=house.id, raised_by="张美", filed_on="2026-11-10")
    agreement = money.agreement(house)
    assert refusal(money, agreement).reason == "纠纷"
    money.scene.add(money.session, Recheck, money.scene.home, objection=objection.id, held_on="2026-11-12", result="维持")
    assert len(money.open(agreement).done) == 1


def test_a_running_posting_of_the_village_bars(money: Money) -> None:
    agreement = money.agreement(money.household(place=GROUP_TWO))
    posting = money.scene.add(money.session, Posting, money.scene.home, subject="first", place=money.scene.ids[f"{TOWNSHIP}201"],
                              from_on="2026-11-20", until_on="2026-11-26")
    with pytest.raises(UserError, match="“实物第一榜”公示到 2026-11-26，还没有结束"):
        money.open(agreement)
    posting.until_on = "2026-11-21"
    money.session.flush()
    assert len(money.open(agreement).done) == 1


def test_anothers_account_warns_or_blocks_by_setting_and_passes_with_authorisation(money: Money) -> None:
    house = money.household("李大山", account_name="李小山")
    opened = money.open(money.agreement(house, 1_000))
    assert opened.warnings == [f"{house.number} 李大山：账户户名“李小山”不是收款人本人，请核对或登记授权"]
    money.setting("payment.name_mismatch", "不准办")
    assert refusal(money, money.agreement(house)).reason == "户名不符"
    proxy = money.scene.add(money.session, Authorisation, money.scene.home, principal=house.id, agent_name="李小山", matter="领款",
                            signed=1, kind="proxy", valid_to="2026-12-31")
    opened = money.open(money.agreement(house))
    assert (opened.warnings, opened.done[0].collected_by) == ([], proxy.id)


def test_one_account_of_two_households_is_pointed_out(money: Money) -> None:
    first, second = money.household("李大山", "11112222"), money.household("张美", "11112222")
    opened = money.open(money.agreement(first), money.agreement(first), money.agreement(second))
    assert opened.warnings == [f"账号 ****22 有 2 个收款人共用：{first.number} 李大山、{second.number} 张美"]


def test_a_batch_is_not_dated_in_the_future(money: Money) -> None:
    with pytest.raises(UserError, match="制表日期 2026-11-23 还没有到"):
        money.open(money.agreement(), made_on="2026-11-23")


def test_a_broken_pattern_leaves_no_batch(money: Money) -> None:
    money.setting("batch.pattern", "DF{year}")
    with pytest.raises(UserError, match="没有流水号"):
        money.open(money.agreement())
    assert money.session.scalars(select(PaymentBatch)).all() == []


def test_a_batch_never_mixes_townships(money: Money) -> None:
    here = money.agreement()
    there = money.agreement(home=home_id("530523103"))
    with pytest.raises(UserError, match="2 个乡镇"):
        money.open(here, there)
    batch = money.open(here).batch
    with pytest.raises(UserError, match="不属于这个批次的乡镇"):
        payment.add_line(money.session, MAKER, batch, agreement=there.number)


def test_supplements_raise_and_lower_what_may_be_paid(money: Money) -> None:
    house = money.household()
    first = money.agreement(house, 100_000)
    more = money.agreement(house, 30_000, supplements=first.id)
    less = money.agreement(house, -50_000, supplements=more.id)
    standing = standings(money.session, [less.id])
    assert [standing[one.id].remainder for one in (first, more, less)] == [50_000, 30_000, 0]
    opened = payment.open_batch(money.session, MAKER)
    assert sorted(line.amount for line in opened.done) == [30_000, 50_000]
    over = money.agreement(house, -20_000, supplements=first.id)
    assert standings(money.session, [over.id])[first.id].over == 20_000
    with pytest.raises(payment.LinesRefused, match=r"超过协议 200\.00 元"):
        approval.check_batch(money.session, CHECKER, opened.batch)
    line = next(line for line in opened.done if line.agreement == first.id)
    payment.change_amount(money.session, MAKER, line, amount=30_000)
    assert "2 笔，600.00 元" in approval.check_batch(money.session, CHECKER, opened.batch)


def test_lines_come_and_go_only_while_the_batch_is_open(money: Money) -> None:
    first, second = money.agreement(), money.agreement(total=80_000)
    batch = money.open(first).batch
    assert "800.00" in payment.add_line(money.session, MAKER, batch, agreement=second.number)
    with pytest.raises(UserError, match="还没有结果"):
        payment.add_line(money.session, MAKER, batch, agreement=second.number)
    line = money.lines(batch)[1]
    with pytest.raises(UserError, match=r"还能付 800\.00 元，不能付 800\.01 元"):
        payment.change_amount(money.session, MAKER, line, amount=80_001)
    payment.change_amount(money.session, MAKER, line, amount=50_000)
    payment.remove_line(money.session, MAKER, line)
    payment.add_line(money.session, MAKER, batch, agreement=second.id, amount=10_000)
    assert [(one.serial, one.amount) for one in money.lines(batch)] == [("DF2026-A001-0001", 100_000), ("DF2026-A001-0003", 10_000)]
    approval.check_batch(money.session, CHECKER, batch)
    for forbidden in (lambda: payment.remove_line(money.session, MAKER, money.lines(batch)[0]),
                      lambda: payment.change_amount(money.session, MAKER, money.lines(batch)[0], amount=1),
                      lambda: payment.add_line(money.session, MAKER, batch, agreement=first.id)):
        with pytest.raises(UserError, match="是“审核”，不能"):
            forbidden()


def test_three_people_check_and_approve(money: Money) -> None:
    batch = money.open(money.agreement()).batch
    maker_as_head = Clerk("赵小兰", "head", TODAY)
    with pytest.raises(UserError, match="不能办“复核批次”"):
        approval.check_batch(money.session, MAKER, batch)
    with pytest.raises(UserError, match="已经办过 DF2026-A001 的前面一步，不能再复核"):
        approval.check_batch(money.session, maker_as_head, batch)
    with pytest.raises(UserError, match="是“编制”，不能审批"):
        approval.approve_batch(money.session, HEAD, batch)
    approval.check_batch(money.session, CHECKER, batch)
    for again in (CHECKER, maker_as_head):
        with pytest.raises(UserError, match="不能再审批"):
            approval.approve_batch(money.session, again, batch)
    approval.approve_batch(money.session, HEAD, batch)
    assert (batch.state, batch.made_by, batch.checked_by, batch.approved_by) == ("approved", "赵小兰", "钱建军", "孙明")


def test_a_small_office_lets_one_do_two_steps_with_a_reason_but_not_three(money: Money) -> None:
    money.setting("office.small", "是")
    batch = money.open(money.agreement()).batch
    maker_as_head = Clerk("赵小兰", "head", TODAY)
    with pytest.raises(UserError, match="复核要写明原因"):
        approval.check_batch(money.session, maker_as_head, batch)
    (line,) = money.lines(batch)
    line.amount += 1
    with pytest.raises(payment.LinesRefused, match="超过协议"):
        approval.check_batch(money.session, maker_as_head, batch, reason="只有两人在岗")
    assert (batch.state, batch.same_person_reason) == ("open", None)
    line.amount -= 1
    approval.check_batch(money.session, maker_as_head, batch, reason="只有两人在岗")
    approval.reopen_batch(money.session, MAKER, batch, reason="再看一遍")
    approval.check_batch(money.session, maker_as_head, batch, reason="只有两人在岗")
    with pytest.raises(UserError, match="不能再审批"):
        approval.approve_batch(money.session, maker_as_head, batch, reason="只有一人")
    approval.approve_batch(money.session, HEAD, batch)
    assert batch.same_person_reason == "复核：只有两人在岗"


def test_approval_looks_again_and_names_the_lines_that_changed(money: Money) -> None:
    house, other = money.household("李大山"), money.household("张美", "55556666")
    void = money.agreement(other)
    batch = money.open(money.agreement(house), void).batch
    approval.check_batch(money.session, CHECKER, batch)
    house.account = "99990000"
    void.state = "void"
    with pytest.raises(payment.LinesRefused) as caught:
        approval.approve_batch(money.session, HEAD, batch)
    assert [problem.text for problem in caught.value.problems] == ["列入以后收款账户改过，请用“更新收款账户”", "协议已作废，不能兑付"]
    assert (batch.state, batch.approved_by) == ("checked", None)
    approval.reopen_batch(money.session, MAKER, batch, reason="账户改过")
    stale, gone = money.lines(batch)
    payment.refresh_line(money.session, MAKER, stale)
    payment.remove_line(money.session, MAKER, gone)
    assert money.approved(batch).state == "approved"
    assert money.lines(batch)[0].account == "99990000"


def test_a_typed_line_gets_its_serial_at_approval(money: Money) -> None:
    batch = money.open(money.agreement()).batch
    house = money.household("张美", "55556666")
    typed = make.make_payment(money.session, batch=batch.id, agreement=money.agreement(house, 700).id, serial=None)
    money.approved(batch)
    assert (typed.serial, typed.amount) == ("DF2026-A001-0002", 700)


def test_an_empty_batch_can_be_put_away_a_full_one_not(money: Money) -> None:
    batch = money.open(money.agreement()).batch
    with pytest.raises(UserError, match="还有 1 笔没有办"):
        approval.close_batch(money.session, MAKER, batch)
    payment.remove_line(money.session, MAKER, money.lines(batch)[0])
    with pytest.raises(UserError, match="里没有一笔，不能复核"):
        approval.check_batch(money.session, CHECKER, batch)
    approval.close_batch(money.session, MAKER, batch)
    assert batch.state == "closed"


def test_sending_needs_approval_and_a_sensible_day(money: Money) -> None:
    batch = money.open(money.agreement()).batch
    with pytest.raises(UserError, match="不能送银行"):
        approval.send_batch(money.session, MAKER, batch)
    money.approved(batch)
    with pytest.raises(UserError, match="送银行日期 2026-11-23"):
        approval.send_batch(money.session, MAKER, batch, sent_on="2026-11-23")
    approval.send_batch(money.session, MAKER, batch)
    assert (batch.state, batch.sent_on) == ("sent", TODAY)


def test_a_reason_is_set_once_and_replaced(money: Money) -> None:
    agreement = money.agreement()
    payment.set_reason(money.session, MAKER, agreement, reason="外出", owner="赵小兰", next_step="电话联系")
    payment.set_reason(money.session, MAKER, agreement, reason="纠纷", since="2026-11-01")
    (kept,) = money.session.scalars(select(UnpaidReason)).all()
    assert (kept.reason, kept.owner, kept.next_step, kept.since) == ("纠纷", "赵小兰", "电话联系", "2026-11-01")
    with pytest.raises(UserError, match="没有签订"):
        payment.set_reason(money.session, MAKER, money.agreement(state="draft"), reason="外出")


def test_readers_change_nothing(money: Money) -> None:
    reader = Clerk("周静", "reader", TODAY)
    money.agreement()
    with pytest.raises(UserError, match="不能办“开兑付批次”"):
        payment.open_batch(money.session, reader)
    assert money.session.scalars(select(PaymentBatch)).all() == []


def test_declared_actions_run_by_their_names(money: Money) -> None:
    acts = {one.name: one for one in actions_of(payment, approval, bank)}
    assert list(acts) == ["open-batch", "add-payment", "remove-payment", "pay-amount", "refresh-payment", "unpaid-reason", "note-reasons",
                          "check-batch", "reopen-batch", "approve", "send-batch", "close-batch", "bank-result", "pay-result", "late-return", "pay-again"]
    first = money.agreement()
    said = acts["open-batch"](money.session, MAKER, None, {"kind": "land", "agreements": [first.number]})
    assert said.startswith("已编制批次 DF2026-A001")
    batch = money.session.scalars(select(PaymentBatch)).one()
    acts["check-batch"](money.session, CHECKER, batch, {})
    acts["approve"](money.session, HEAD, batch, {})
    acts["send-batch"](money.session, MAKER, batch, {})
    (line,) = money.lines(batch)
    said = acts["bank-result"](money.session, MAKER, batch, {"file": [row(line, ok=False, reason="账户冻结")]})  # type: ignore[dict-item]
    assert "退回 1 笔 1,000.00 元" in said
    assert "DF2026-A002-0001" in acts["pay-again"](money.session, MAKER, line, {"account": "12349999"})


def test_the_smallest_records_of_money_are_sound(book: Book) -> None:
    with book.change("试验", by=MAKER) as (session, _):
        line = make.make_payment(session)
        standing = standings(session)[line.agreement]
        assert (standing.agreed, standing.due, standing.paid, standing.remainder) == (100_000, 100_000, 0, 0)
        assert money_identities(session) == []
