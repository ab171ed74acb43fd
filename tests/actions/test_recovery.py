"""What was overpaid comes back once: deductions are not counted twice; who did not hang on the wall is not approved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from relocdesk import entry
from relocdesk.actions import find_actions
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.records import register
from relocdesk.records.support import Recipient, RecipientChange, Recovery
from tests import make

Do = Callable[..., str]


@pytest.fixture
def do(book: Book) -> Do:
    """do("recover", recovery id, amount=…) as a clerk of the entry desk unless another is given."""
    book.viewer = make.clerk

    def call(name: str, row_id: str, by: Clerk | None = None, **values: Any) -> str:
        (action,) = find_actions(name)
        clerk = by or make.clerk("赵小兰", "entry")
        with book.change(action.label, clerk, source="action") as (s, _):
            return action(s, clerk, s.get_one(register(action.register).cls, row_id), values)

    return call


def test_one_deduction_pays_back_once(book: Book, do: Do) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        who = make.make_recipient(s, name="李桂芳")
        claim = make.make_recovery(s, recipient=who.id, over_paid=40_000).id
        line = make.make_support_payment(s, recipient=who.id, deducted=15_000, result="paid", paid_on="2026-06-20")
        period, later = line.period, make.make_period(s, number=3, state="closed").id
        make.make_support_payment(s, recipient=who.id, period=later, deducted=5_000, result="paid", paid_on="2026-09-20")
    assert do("recover", claim, amount=15_000, period=period).endswith("还差 250.00 元")
    with pytest.raises(UserError, match="已经登记过"):
        do("recover", claim, amount=15_000, period=period)
    assert do("recover", claim, amount=5_000, period=later).endswith("还差 200.00 元")
    assert do("recover", claim, amount=20_000, voucher="收 1 号").endswith("已全部追回")


def test_cash_for_what_a_roster_deducts_already_is_pointed_out(book: Book, do: Do) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        who = make.make_recipient(s)
        claim = make.make_recovery(s, recipient=who.id, over_paid=15_000).id
        make.make_support_payment(s, recipient=who.id, deducted=10_000)
    assert "请注意" not in do("recover", claim, amount=5_000, voucher="收 1 号")
    assert do("recover", claim, amount=4_000, voucher="收 2 号").endswith("名册里还扣回了 40.00 元没有登记追回，不要收两次")
    with book.change("删", make.clerk()) as (s, _), pytest.raises(UserError, match="已经通知或追回过，不能删除"):
        entry.remove(s, make.clerk(), register("recovery"), claim)


def test_nothing_left_is_not_told(book: Book, do: Do) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        claim = make.make_recovery(s, over_paid=10_000, recovered=10_000, told_on=None, due_on=None).id
    with pytest.raises(UserError, match="已全部追回"):
        do("tell-recovery", claim)


def test_who_did_not_hang_on_the_wall_is_not_approved(book: Book, do: Do) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        first, second = (make.make_recipient(s, name=name).id for name in ("李桂芳", "李桂花"))
        group = make.place(s)
    do("reduce", first, reason="D3", happened_on="2026-10-20", found_on="2026-10-22", proof="死亡证明")
    do("open-posting", group, subject="reduction", from_on="2026-11-01", until_on="2026-11-10")
    do("reduce", second, reason="D3", happened_on="2026-10-21", found_on="2026-10-23", proof="死亡证明")  # entered later, found before
    with book.read() as s:
        ids = {one.recipient: one.id for one in s.scalars(select(RecipientChange))}
    review = make.clerk("钱建军", "review")
    assert "已核准" in do("approve-change", ids[first], by=review)
    with pytest.raises(UserError, match="还没有公示期满"):
        do("approve-change", ids[second], by=review)
    with book.read() as s:
        assert [s.get_one(Recipient, one).id for one in ids] == list(ids)
        assert s.scalars(select(Recovery)).all() == []


def test_who_was_taken_off_does_not_come_back_by_moving_in(book: Book, do: Do) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        dead, gone = (make.make_recipient(s, name=name, cohort="original", moved_on="2010-01-05").id for name in ("李桂芳", "李桂花"))
    do("reduce", dead, reason="D3", happened_on="2026-05-10", proof="死亡证明")
    do("move-out", gone, happened_on="2026-05-10", proof="迁移证")
    with pytest.raises(UserError, match="已于2026年5月10日核减，不能迁入"):
        do("move-in", dead, happened_on="2026-09-01", proof="迁移证")
    assert "从 2026年10月 起发放" in do("move-in", gone, happened_on="2026-09-01", proof="迁移证")
