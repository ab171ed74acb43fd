"""Ways round the rules of paying: every one of them must be shut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from relocdesk.actions import approval, bank, payment
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.excel.bank import bank_list
from relocdesk.excel.sheet import read_workbook
from relocdesk.records.agreement import AgreementLine
from relocdesk.records.payment import Payment, PaymentBatch, UnpaidReason
from relocdesk.records.survey import Objection, Posting
from tests.actions.money import CHECKER, HEAD, MAKER, TODAY, Money, row
from tests.actions.scene import Scene


@pytest.fixture
def money(scene: Scene) -> Iterator[Money]:
    with scene.change() as (session, _):
        yield Money(scene, session)


# --- the list for the bank -------------------------------------------------------------------------------------------


def test_no_list_goes_to_the_bank_before_approval(money: Money, tmp_path: Path) -> None:
    batch = money.open(money.agreement()).batch
    out = tmp_path / "代发.xlsx"
    for _ in range(2):
        with pytest.raises(UserError, match="不能做银行代发清单"):
            bank_list(money.session, batch, out)
        if batch.state == "open":
            approval.check_batch(money.session, CHECKER, batch)
    assert not out.exists()
    approval.approve_batch(money.session, HEAD, batch)
    assert bank_list(money.session, batch, out) == 1


def test_what_has_its_result_is_never_listed_for_the_bank_again(money: Money, tmp_path: Path) -> None:
    first, second = money.agreement(total=300), money.agreement(money.household("张美", "55556666"), 500)
    sent = money.sent(first, second)
    bank.bank_result(money.session, MAKER, sent.batch, [row(sent.done[0])])
    out = tmp_path / "代发.xlsx"
    assert bank_list(money.session, sent.batch, out) == 1
    assert [line[4] for line in read_workbook(out).sheets[0].cells[3:]] == [5, 5]
    bank.bank_result(money.session, MAKER, sent.batch, [row(sent.done[1], ok=False, reason="户名不符")])
    with pytest.raises(UserError, match="不能做银行代发清单"):
        bank_list(money.session, sent.batch, out)


# --- three people ----------------------------------------------------------------------------------------------------


def test_a_line_changed_after_the_check_is_checked_again(scene: Scene) -> None:
    with scene.change(MAKER) as (session, _):
        money = Money(scene, session)
        batch_id = money.open(money.agreement(), money.agreement(money.household("张美", "55556666"))).batch.id
    with scene.change(CHECKER) as (session, _):
        approval.check_batch(session, CHECKER, session.get_one(PaymentBatch, batch_id))
    with scene.change(MAKER) as (session, _):
        line = session.scalars(select(Payment).where(Payment.batch == batch_id).order_by(Payment.serial)).first()
        assert line is not None
        line.amount -= 1
    with scene.change(HEAD) as (session, _):
        batch = session.get_one(PaymentBatch, batch_id)
        with pytest.raises(UserError, match="复核以后又改过"):
            approval.approve_batch(session, HEAD, batch)
        approval.reopen_batch(session, MAKER, batch, reason="改过")
        approval.check_batch(session, CHECKER, batch)
        approval.approve_batch(session, HEAD, batch)


def test_who_drew_it_up_is_known_from_the_history_too(scene: Scene) -> None:
    maker = Clerk("赵小兰", "head", TODAY)
    with scene.change(maker) as (session, _):
        money = Money(scene, session)
        batch_id = money.open(money.agreement()).batch.id
    with scene.change(maker) as (session, _):
        session.get_one(PaymentBatch, batch_id).made_by = "李四"
    with scene.change(maker) as (session, _), pytest.raises(UserError, match="赵小兰已经办过"):
        approval.check_batch(session, maker, session.get_one(PaymentBatch, batch_id))


# --- days ------------------------------------------------------------------------------------------------------------


def test_nothing_is_paid_before_its_batch_was_drawn_up(money: Money) -> None:
    sent = money.sent(money.agreement(), money.agreement(money.household("张美", "55556666")))
    first, second = sent.done
    with pytest.raises(payment.LinesRefused, match="兑付日期 2026-11-21 早于批次制表日期 2026-11-22"):
        bank.bank_result(money.session, MAKER, sent.batch, [row(first, paid_on="2026-11-21")])
    with pytest.raises(UserError, match="早于批次制表日期"):
        bank.set_result(money.session, MAKER, second, result="paid", proof="回单7", paid_on="2026-11-21")
    assert (first.result, second.result) == ("due", "due")


# --- objections ------------------------------------------------------------------------------------------------------


def test_an_unanswered_objection_to_the_collectives_land_holds_its_money(money: Money) -> None:
    scene, s = money.scene, money.session
    group = s.get_one(payment.CollectiveUnit, scene.ids["柳树村一组"])
    group.account_name, group.account, group.bank = group.name, "99998888", "信用社"
    land = money.agreement(group)
    posting = scene.add(s, Posting, scene.home, subject="first", place=group.place, from_on="2026-10-01", until_on="2026-10-10")
    objection = scene.add(s, Objection, scene.home, line="A000001", posting=posting.id, raised_by="李四", filed_on="2026-10-02", claim="面积不对")
    with pytest.raises(UserError, match="李四提出的异议"):
        money.open(land)
    objection.deleted = 1
    s.flush()
    assert len(money.open(land).done) == 1


def test_an_objection_of_a_household_holds_the_collectives_money_for_its_land(money: Money) -> None:
    scene, s = money.scene, money.session
    group = s.get_one(payment.CollectiveUnit, scene.ids["柳树村一组"])
    group.account_name, group.account, group.bank = group.name, "99998888", "信用社"
    house = money.household()
    land, other = money.agreement(group), money.agreement(group)
    s.scalars(select(AgreementLine).where(AgreementLine.agreement == land.id)).one().household = house.id
    posting = scene.add(s, Posting, scene.home, subject="first", place=group.place, from_on="2026-10-01", until_on="2026-10-10")
    objection = scene.add(s, Objection, scene.home, line="A000001", posting=posting.id, household=house.id, raised_by="李大山", filed_on="2026-10-02",
                          claim="面积不对")  # fmt: skip
    opened = money.open(land, other)
    assert [(no.number, no.reason) for no in opened.refused] == [(land.number, "纠纷")]
    objection.deleted = 1
    s.flush()
    assert len(money.open(land).done) == 1


# --- why it was not paid ---------------------------------------------------------------------------------------------


def test_reasons_the_program_knows_are_noted_where_nobody_noted_any(money: Money) -> None:
    no_card, told, fine = money.agreement(money.household("李大山", None)), money.agreement(money.household("张美", None)), money.agreement()
    payment.set_reason(money.session, MAKER, told, reason="外出", owner="赵小兰")
    said = payment.note_reasons(money.session, MAKER, None)
    assert said == "已登记未付原因 1 份：无卡 1 份；原来已登记的 1 份没有改"
    kept = {one.agreement: (one.reason, one.since) for one in money.session.scalars(select(UnpaidReason))}
    assert kept == {no_card.id: ("无卡", TODAY), told.id: ("外出", TODAY)}
    assert fine.id not in kept
    assert payment.note_reasons(money.session, MAKER, None) == "没有要登记的未付原因；原来已登记的 2 份没有改"
