"""The bank's answer: rows find their lines once, nothing by halves, a second time changes nothing; paying again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from openpyxl import load_workbook

from relocdesk.actions import approval, bank, payment
from relocdesk.actions.bank import bank_result, late_return, reissue, set_result
from relocdesk.book import Book
from relocdesk.errors import UserError
from relocdesk.excel.bank import bank_list, read_result
from relocdesk.queries.agreed import UNLISTED, standings, unlisted, unpaid
from relocdesk.queries.money_identities import money_identities
from relocdesk.records.agreement import Agreement
from relocdesk.records.household import Household
from relocdesk.records.payment import Payment, PaymentBatch
from relocdesk.records.project import Project
from relocdesk.records.reference import Place
from relocdesk.records.trail import OP
from tests.actions.money import CHECKER, HEAD, MAKER, TODAY, Money, row
from tests.actions.scene import TOWNSHIP, Scene, furnish


@pytest.fixture
def money(scene: Scene) -> Iterator[Money]:
    with scene.change() as (session, _):
        yield Money(scene, session)


@pytest.fixture
def sent(money: Money) -> payment.Opened:
    """A batch at the bank: two lines of 1,000.00 and 2,000.00."""
    return money.sent(money.agreement(money.household("李大山", "11112222"), 100_000),
                      money.agreement(money.household("张美", "33334444"), 200_000))


def operations(money: Money) -> int:
    money.session.flush()
    return len(money.session.execute(OP.select()).all())


def test_a_whole_answer_reconciles_and_a_replay_changes_nothing(money: Money, sent: payment.Opened) -> None:
    first, second = sent.done
    rows = [row(first), row(second, 3, ok=False, reason="户名不符")]
    answer = bank_result(money.session, MAKER, sent.batch, rows)
    assert answer.sentence(sent.batch) == "DF2026-A001 登记成功 1 笔 1,000.00 元，退回 1 笔 2,000.00 元；批次已对账"
    assert (first.result, first.paid_on, first.return_reason) == ("paid", TODAY, None)
    assert (second.result, second.paid_on, second.return_reason) == ("returned", None, "户名不符")
    assert sent.batch.state == "reconciled"
    before = operations(money)
    for again in (rows, [replace(one, serial="") for one in rows], [replace(one, paid_on="") for one in rows]):
        answer = bank_result(money.session, replace(MAKER, on="2026-12-25"), sent.batch, again)
        assert (answer.same, answer.paid, answer.returned, answer.problems) == (2, [], [], [])
    assert operations(money) == before
    assert money_identities(money.session) == []
    approval.close_batch(money.session, MAKER, sent.batch)
    assert bank_result(money.session, MAKER, sent.batch, rows).sentence(sent.batch) == "DF2026-A001 没有新的结果（2 笔早已登记）"


@pytest.mark.parametrize(("changed", "text"), [
    ({"amount": 99_999}, "金额是 1,000.00 元，回单上是 999.99 元"),
    ({"account": "11112223"}, "账号和送出的不一样"),
    ({"name": "李大川"}, "户名是“李大山”，回单上是“李大川”"),
    ({"serial": "DF2026-A001-0009"}, "本批次没有流水号 DF2026-A001-0009"),
    ({"serial": "", "amount": 99_999}, "本批次没有账号、户名、金额都相同的一笔"),
    ({"paid_on": "2026-09-30"}, "早于协议签订日期 2026-10-01"),
    ({"paid_on": "2026-11-23"}, "还没有到"),
])
def test_a_row_that_does_not_fit_stops_the_whole_file(money: Money, sent: payment.Opened, changed: dict[str, Any], text: str) -> None:
    first, second = sent.done
    rows = [row(first, 7, **changed), row(second, 8)]
    with pytest.raises(payment.LinesRefused) as caught:
        bank_result(money.session, MAKER, sent.batch, rows)
    (problem,) = caught.value.problems
    assert problem.where == "第7行"
    assert text in problem.text
    assert (first.result, second.result, sent.batch.state) == ("due", "due", "sent")
    answer = bank_result(money.session, MAKER, sent.batch, rows, partial=True)
    assert ([line.id for line in answer.paid], answer.waiting, len(answer.problems)) == ([second.id], 1, 1)
    assert (first.result, second.result, sent.batch.state) == ("due", "paid", "sent")
    assert bank_result(money.session, MAKER, sent.batch, [row(first)]).reconciled


def test_the_list_that_went_out_comes_back_with_its_results(money: Money, sent: payment.Opened, tmp_path: Path) -> None:
    assert bank_list(money.session, sent.batch, tmp_path / "代发.xlsx") == 2
    book = load_workbook(tmp_path / "代发.xlsx")
    for number, words in ((3, ("结果", "失败原因")), (4, ("成功", None)), (5, ("失败", "账户冻结"))):
        for column, word in enumerate(words, 7):
            book.active.cell(number, column, word)
    book.save(tmp_path / "回单.xlsx")
    answer = bank_result(money.session, MAKER, sent.batch, read_result(tmp_path / "回单.xlsx"))
    assert [(line.result, line.paid_on, line.return_reason) for line in sent.done] == [("paid", TODAY, None), ("returned", None, "账户冻结")]
    assert answer.reconciled


def test_doubled_rows_are_problems_both(money: Money, sent: payment.Opened) -> None:
    first, second = sent.done
    answer = bank_result(money.session, MAKER, sent.batch, [row(first, 2), row(first, 3, serial=""), row(second, 4)], partial=True)
    assert [str(one) for one in answer.problems] == [f"第{n}行：DF2026-A001-0001 在文件里出现 2 次" for n in (2, 3)]
    assert (first.result, second.result) == ("due", "paid")


def test_content_that_fits_two_lines_needs_the_serial(money: Money) -> None:
    house = money.household()
    opened = money.sent(money.agreement(house, 5_000), money.agreement(house, 5_000))
    answer = bank_result(money.session, MAKER, opened.batch, [row(line, serial="") for line in opened.done], partial=True)
    assert ["请补流水号" in one.text for one in answer.problems] == [True, True]
    assert bank_result(money.session, MAKER, opened.batch, [row(line) for line in opened.done]).reconciled


def test_a_result_is_set_once(money: Money, sent: payment.Opened) -> None:
    first, _ = sent.done
    bank_result(money.session, MAKER, sent.batch, [row(first)], partial=True)
    with pytest.raises(UserError, match="已登记为“成功”，回单上是“退回”"):
        bank_result(money.session, MAKER, sent.batch, [row(first, ok=False, reason="账户冻结")])
    with pytest.raises(UserError, match="已登记在 2026-11-22 兑付，回单上是 2026-11-20"):
        bank_result(money.session, MAKER, sent.batch, [row(first, paid_on="2026-11-20")])
    with pytest.raises(UserError, match="已登记为“成功”，不能再改"):
        set_result(money.session, MAKER, first, result="returned", reason="账户冻结", proof="退票 3 号")


def test_a_batch_that_is_not_at_the_bank_takes_no_answer(money: Money) -> None:
    opened = money.open(money.agreement())
    with pytest.raises(UserError, match="是“编制”，不能登记银行结果"):
        bank_result(money.session, MAKER, opened.batch, [row(opened.done[0])])
    with pytest.raises(UserError, match="不能登记结果"):
        set_result(money.session, MAKER, opened.done[0], result="paid", proof="回单 1 号")


def test_cash_is_settled_by_hand_with_its_proof(money: Money) -> None:
    opened = money.open(money.agreement(money.household("张美", None)), cash=True)
    money.approved(opened.batch)
    (line,) = opened.done
    with pytest.raises(UserError, match="没有要送银行的"):
        approval.send_batch(money.session, MAKER, opened.batch)
    with pytest.raises(UserError, match="早于协议签订日期"):
        set_result(money.session, MAKER, line, result="paid", proof="收据 7 号", paid_on="2026-09-01")
    said = set_result(money.session, MAKER, line, result="paid", proof="收据 7 号")
    assert "批次已对账" in said
    assert (line.result, line.paid_on, line.remark, opened.batch.state) == ("paid", TODAY, "凭据：收据 7 号", "reconciled")


def test_a_returned_line_is_paid_again_once_with_the_corrected_account(money: Money, sent: payment.Opened) -> None:
    first, second = sent.done
    bank_result(money.session, MAKER, sent.batch, [row(first, ok=False, reason="账号不存在"), row(second)])
    with pytest.raises(UserError, match="不是退回的"):
        reissue(money.session, MAKER, second)
    with pytest.raises(UserError, match="校验位不对"):
        reissue(money.session, MAKER, first, account="6222021234567890127")
    again = reissue(money.session, MAKER, first, account="6222021234567890128", bank="农业银行")
    assert (again.again_of, again.attempt, again.account, again.bank, again.amount) == (first.id, 2, "6222021234567890128", "农业银行", 100_000)
    assert (first.account, first.result) == ("11112222", "returned")
    house = money.session.get(Household, first.household)
    assert house is not None
    assert (house.account, house.bank, house.account_name) == ("6222021234567890128", "农业银行", "李大山")
    with pytest.raises(UserError, match=r"已经重付过（DF2026-A002-0001）"):
        reissue(money.session, MAKER, first)
    batch = money.session.get(PaymentBatch, again.batch)
    assert batch is not None
    payment.remove_line(money.session, MAKER, again)
    third = reissue(money.session, MAKER, first, batch=batch)
    assert (third.batch, third.serial, third.account) == (batch.id, "DF2026-A002-0002", "6222021234567890128")
    assert money_identities(money.session) == []


def test_the_next_batch_carries_returned_lines_over(money: Money, sent: payment.Opened) -> None:
    first, second = sent.done
    bank_result(money.session, MAKER, sent.batch, [row(first, ok=False, reason="账号不存在"), row(second)])
    (line,) = payment.open_batch(money.session, MAKER).done
    assert (line.again_of, line.attempt, line.amount) == (first.id, 2, 100_000)
    with pytest.raises(UserError, match="已经重付过"):
        reissue(money.session, MAKER, first)


def test_paying_again_never_exceeds_a_supplement_signed_meanwhile(money: Money, sent: payment.Opened) -> None:
    first, second = sent.done
    bank_result(money.session, MAKER, sent.batch, [row(first, ok=False, reason="账号不存在"), row(second)])
    house = money.session.get(Household, first.household)
    money.agreement(house, -40_000, supplements=first.agreement)
    assert reissue(money.session, MAKER, first).amount == 60_000


def test_unpaid_money_has_its_reasons(money: Money) -> None:
    waiting, sent_back, poor, paid = (money.agreement(total=amount) for amount in (10_000, 20_000, 30_000, 40_000))
    opened = money.sent(sent_back, paid)
    bank_result(money.session, MAKER, opened.batch, [
        row(line, ok=line.agreement == paid.id, reason="" if line.agreement == paid.id else "户名不符") for line in opened.done])
    money.open(waiting)
    payment.set_reason(money.session, MAKER, poor, reason="无卡", owner="赵小兰", next_step="陪同开户", since="2026-11-12")
    rest = money.agreement(total=50_000, signed_on="2026-11-20")
    found = {part.agreement: part for part in unpaid(money.session, TODAY)}
    assert {number: (found[one.id].reason, found[one.id].amount, found[one.id].age) for number, one in
            (("等", waiting), ("退", sent_back), ("卡", poor), ("新", rest))} == {
        "等": ("在批次中", 10_000, 0), "退": ("退回未重付", 20_000, 52), "卡": ("无卡", 30_000, 10), "新": ("未列入批次", 50_000, 2)}
    assert paid.id not in found
    assert (found[poor.id].owner, found[poor.id].next_step) == ("赵小兰", "陪同开户")
    assert (found[waiting.id].batch, found[waiting.id].next_step) == ("DF2026-A002", "送复核")
    assert found[sent_back.id].next_step == "更正后重付（户名不符）"
    assert found[rest.id].owner == "王建国"


def test_the_past_is_seen_as_it_was(money: Money, sent: payment.Opened) -> None:
    first, second = sent.done
    sent.batch.made_on = "2026-11-21"
    bank_result(money.session, MAKER, sent.batch, [row(first, paid_on="2026-11-21"), row(second, paid_on="2026-11-22")])
    money.agreement(total=70_000, signed_on="2026-11-22")
    seen = {on: sorted((part.amount, part.reason) for part in unpaid(money.session, on)) for on in ("2026-09-30", "2026-11-21", TODAY)}
    assert seen == {"2026-09-30": [], "2026-11-21": [(200_000, "在批次中")],
                    TODAY: [(70_000, "未列入批次")]}
    for on in seen:
        assert unlisted(money.session, on) == [part for part in unpaid(money.session, on) if part.reason == UNLISTED]


def test_too_much_paid_shows_as_money_to_recover(money: Money, sent: payment.Opened) -> None:
    first, second = sent.done
    bank_result(money.session, MAKER, sent.batch, [row(first), row(second)])
    less = money.agreement(money.session.get(Household, first.household), -30_000, supplements=first.agreement)
    (part,) = unpaid(money.session, TODAY)
    assert (part.amount, part.reason, part.agreement) == (-30_000, "多付待追回", first.agreement)
    assert ["多 300.00 元" in one.text for one in money_identities(money.session)] == [True]
    assert standings(money.session, [less.id])[first.agreement].over == 30_000


BREACHES: list[tuple[str, dict[str, Any], str]] = [
    ("line", {"amount": 100_001}, "多 0.01 元"),
    ("line", {"amount": 0}, "金额不是正数"),
    ("line", {"paid_on": "2026-09-01"}, "早于协议签订日期"),
    ("line", {"home": "0" * 32}, "混有别的乡镇"),
    ("line", {"result": "due", "paid_on": None}, "成功＋退回不等于送出"),
    ("line", {"serial": "DF2026-A001-0002"}, "流水号出现 2 次"),
    ("line", {"household": None}, "收款人不是协议"),
    ("line", {"return_reason": "账户冻结"}, "已成功却写着退回原因"),
    ("line", {"result": "returned", "paid_on": None}, "退回没有写原因"),
    ("batch", {"state": "open"}, "还没有送银行就有结果"),
    ("batch", {"deleted": 1}, "已删除"),
    ("agreement", {"state": "void"}, "没有签订或已作废"),
]


@pytest.mark.parametrize(("what", "values", "text"), BREACHES)
def test_verify_finds_what_should_never_be(money: Money, sent: payment.Opened, what: str, values: dict[str, Any], text: str) -> None:
    first, second = sent.done
    bank_result(money.session, MAKER, sent.batch, [row(first), row(second)])
    assert money_identities(money.session) == []
    session = money.session
    table = {"line": Payment, "batch": PaymentBatch, "agreement": Agreement}[what].__table__
    target = {"line": first.id, "batch": sent.batch.id, "agreement": first.agreement}[what]
    if "home" in values:  # a row keeps its home: such a line can only have come in as new
        values = {**{column.name: getattr(first, column.name) for column in table.columns}, "id": "f" * 32, "serial": "X",
                  "attempt": 2, "result": "returned", "return_reason": "账户冻结", "paid_on": None, **values}
        session.execute(table.insert().values(**values))
    else:
        session.execute(table.update().where(table.c.id == target).values(**values))
    session.expire_all()
    assert text in "；".join(str(one) for one in money_identities(session))


# --- whatever people do, in whatever order ---------------------------------------------------------------------------


class Office(RuleBasedStateMachine):
    """Random days in an office: nothing is ever paid beyond the agreed sum or before signing, and replays are idle."""

    book: Book

    def __init__(self) -> None:
        super().__init__()
        self.change = Scene(self.book).change()
        session, _ = self.change.__enter__()
        scene = Scene(self.book)
        with_ids = furnish_ids(scene, session)
        self.money = Money(with_ids, session)
        self.agreements: list[Agreement] = []
        self.batches: list[PaymentBatch] = []
        self.files: list[tuple[PaymentBatch, list[bank.BankRow]]] = []

    def teardown(self) -> None:
        self.change.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)  # take everything back

    def attempt(self, do: Any) -> Any:
        """What a clerk tries; a refusal is right, but it must leave nothing behind."""
        session = self.money.session
        session.flush()
        before = len(session.execute(OP.select()).all())
        try:
            return do()
        except UserError:
            assert (list(session.dirty), list(session.new)) == ([], [])
            assert len(session.execute(OP.select()).all()) == before
            return None

    def lines(self, *results: str) -> list[Payment]:
        return [line for batch in self.batches for line in self.money.lines(batch) if line.result in results]

    @initialize(totals=st.lists(st.integers(1, 500_000), min_size=2, max_size=4))
    def begin(self, totals: list[int]) -> None:
        for total in totals:
            self.agree(total, "signed")
        self.open(send=True)

    def to_the_bank(self, batch: PaymentBatch) -> None:
        for people, step in ((CHECKER, approval.check_batch), (HEAD, approval.approve_batch), (MAKER, approval.send_batch)):
            self.attempt(lambda people=people, step=step: step(self.money.session, people, batch))

    def at_the_bank(self) -> list[PaymentBatch]:
        return [batch for batch in self.batches if batch.state == "sent"]

    @rule(total=st.integers(1, 500_000), state=st.sampled_from(("signed", "signed", "signed", "draft")))
    def agree(self, total: int, state: str) -> None:
        self.agreements.append(self.money.agreement(total=total, state=state))

    @precondition(lambda self: self.agreements)
    @rule(data=st.data(), total=st.integers(-300_000, 300_000).filter(bool))
    def supplement(self, data: st.DataObject, total: int) -> None:
        first = data.draw(st.sampled_from(self.agreements))
        family = standings(self.money.session, [first.id])
        free = sum(one.remainder for one in family.values())
        house = self.money.session.get(Household, first.household)
        self.agreements.append(self.money.agreement(house, max(total, -free) or 1, supplements=first.id))

    @rule(send=st.booleans())
    def open(self, send: bool) -> None:
        opened = self.attempt(lambda: payment.open_batch(self.money.session, MAKER))
        if opened is not None:
            self.batches.append(opened.batch)
            if send:
                self.to_the_bank(opened.batch)

    @precondition(lambda self: self.batches and self.agreements)
    @rule(data=st.data(), amount=st.integers(0, 400_000))
    def add(self, data: st.DataObject, amount: int) -> None:
        batch, one = data.draw(st.sampled_from(self.batches)), data.draw(st.sampled_from(self.agreements))
        self.attempt(lambda: payment.add_line(self.money.session, MAKER, batch, agreement=one.id, amount=amount))

    @precondition(lambda self: self.lines("due"))
    @rule(data=st.data(), amount=st.integers(0, 400_000))
    def amend(self, data: st.DataObject, amount: int) -> None:
        line = data.draw(st.sampled_from(self.lines("due")))
        self.attempt(lambda: payment.change_amount(self.money.session, MAKER, line, amount=amount) if amount
                     else payment.remove_line(self.money.session, MAKER, line))

    @precondition(lambda self: self.batches)
    @rule(data=st.data(), step=st.sampled_from(("check", "approve", "send", "reopen", "close", "all")))
    def go_on(self, data: st.DataObject, step: str) -> None:
        batch, s = data.draw(st.sampled_from(self.batches)), self.money.session
        steps = {"check": lambda: approval.check_batch(s, CHECKER, batch), "approve": lambda: approval.approve_batch(s, HEAD, batch),
                 "send": lambda: approval.send_batch(s, MAKER, batch), "close": lambda: approval.close_batch(s, MAKER, batch),
                 "reopen": lambda: approval.reopen_batch(s, MAKER, batch, reason="再核")}
        if step in steps:
            self.attempt(steps[step])
        else:
            self.to_the_bank(batch)

    @precondition(lambda self: self.batches)
    @rule(data=st.data(), partial=st.booleans())
    def answer(self, data: st.DataObject, partial: bool) -> None:
        batch = data.draw(st.sampled_from(self.at_the_bank() or self.batches))
        rows = [row(line, n, ok=data.draw(st.booleans()), reason="户名不符", amount=line.amount + data.draw(st.sampled_from((0,) * 9 + (1,))))
                for n, line in enumerate(self.money.lines(batch), 2)]
        rows = [replace(one, reason="") if one.ok else one for one in rows]
        if self.attempt(lambda: bank_result(self.money.session, MAKER, batch, rows, partial=partial)) is not None:
            self.files.append((batch, rows))

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        batch, rows = data.draw(st.sampled_from(self.files))
        answer = bank_result(self.money.session, MAKER, batch, rows, partial=True)
        assert (answer.paid, answer.returned) == ([], [])

    @precondition(lambda self: self.lines("returned"))
    @rule(data=st.data())
    def pay_again(self, data: st.DataObject) -> None:
        line = data.draw(st.sampled_from(self.lines("returned")))
        again = self.attempt(lambda: reissue(self.money.session, MAKER, line))
        if again is not None:
            self.batches.append(self.money.session.get_one(PaymentBatch, again.batch))
            self.to_the_bank(self.batches[-1])

    @precondition(lambda self: self.lines("paid"))
    @rule(data=st.data())
    def comes_back_late(self, data: st.DataObject) -> None:
        line = data.draw(st.sampled_from(self.lines("paid")))
        self.attempt(lambda: late_return(self.money.session, MAKER, line, reason="账户已销户", proof="退汇通知"))

    @invariant()
    def money_is_sound(self) -> None:
        s = self.money.session
        s.flush()
        assert money_identities(s) == []
        standing = standings(s)
        assert sum(one.paid for one in standing.values()) <= sum(one.agreed for one in standing.values())
        parts = unpaid(s, TODAY)
        assert unlisted(s, TODAY) == [part for part in parts if part.reason == UNLISTED]
        assert sum(part.amount for part in parts) == sum(one.agreed - one.paid for one in standing.values())
        assert all(part.amount > 0 for part in parts)


def furnish_ids(scene: Scene, session: Any) -> Scene:
    """The scene of a book that was furnished before, with the ids it needs."""
    scene.ids = {place.code: place.id for place in session.query(Place)}
    scene.ids["project"] = session.query(Project).one().id
    return scene


def test_whatever_people_do_money_stays_sound(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("money")
    monkeypatch.setenv("RELOCDESK_HOME", str(folder / "own"))
    with Book.create(folder / "三坝乡.ledger", TOWNSHIP) as book:
        furnish(Scene(book))
        Office.book = book
        Office.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
        Office.TestCase("runTest").runTest()
