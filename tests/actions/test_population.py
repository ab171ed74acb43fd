"""After-support people: reduced, restored, moved, put right; what was overpaid is listed and comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from relocdesk import entry, undo
from relocdesk.actions import find_actions
from relocdesk.actions.matching import ListKind, carry_out
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.queries.computed import expression
from relocdesk.queries.entitlement import entitlements
from relocdesk.queries.people import unlisted
from relocdesk.records import register
from relocdesk.records.household import Person
from relocdesk.records.reference import PolicyRow
from relocdesk.records.support import Recipient, RecipientChange, Recovery
from tests import make

CARD = make.idcard("19500315", 11)
Do = Callable[..., str]


@pytest.fixture
def do(book: Book) -> Do:
    """do("reduce", recipient id, happened_on=…) as a clerk of the entry desk unless another is given."""
    book.viewer = make.clerk

    def call(name: str, row_id: str, by: Clerk | None = None, **values: Any) -> str:
        (action,) = find_actions(name)
        clerk = by or make.clerk("赵小兰", "entry")
        with book.change(action.label, clerk, source="action") as (s, _):
            return action(s, clerk, s.get_one(register(action.register).cls, row_id), values)

    return call


@pytest.fixture
def li(book: Book) -> str:
    """李桂芳, paid for eight quarters of 2024 and 2025 and two of 2026."""
    with book.change("登记", make.clerk()) as (s, _):
        one = make.make_recipient(s, name="李桂芳", card=CARD)
        for year, number in [(year, n) for year in (2024, 2025, 2026) for n in (1, 2, 3, 4) if year < 2026 or n < 3]:
            period = make.make_period(s, year=year, number=number, state="closed")
            make.make_support_payment(s, period=period.id, recipient=one.id, result="paid", paid_on=f"{year}-{3 * number:02d}-20")
        return str(one.id)


def _recoveries(book: Book) -> list[tuple[str, int, int]]:
    with book.read() as s:
        rows = s.scalars(select(Recovery).where(Recovery.deleted == 0).order_by(Recovery.line))
        return [(one.periods, one.over_paid, one.recovered) for one in rows]


def _state(book: Book, row_id: str) -> str:
    reg = register("recipient")
    table = reg.cls.__table__
    with book.read() as s:
        return str(s.execute(select(expression(reg, reg["state"], table)).where(table.c.id == row_id)).scalar_one())


def test_a_death_told_late_lists_what_was_overpaid(book: Book, do: Do, li: str) -> None:
    said = do("reduce", li, reason="D3", happened_on="2025-05-20", proof="死亡证明 0012 号", found_on="2026-11-20")
    assert said == (
        "已核减李桂芳（D3 死亡，2025年5月20日）：从 2025年7月 起停发；已多发 4 期 600.00 元（2025/3、2025/4、2026/1、2026/2），列入追缴"
    )
    assert _recoveries(book) == [("2025/3、2025/4、2026/1、2026/2", 60_000, 0)]
    assert _state(book, li) == "核减"
    with book.read() as s:
        person = s.scalars(select(Person)).one()
        assert (person.state, person.died_on) == ("dead", "2025-05-20")
        assert entitlements(s, "2026-11-22")[li].months("2026-07", "2026-09") == 0
    assert "没有新的多发" in do("recompute", li)


def test_a_reduction_is_taken_back_with_all_it_did(book: Book, do: Do, li: str) -> None:
    do("reduce", li, reason="D3", happened_on="2025-05-20", proof="死亡证明")
    with book.read() as s:
        last = undo.last_actions(s, 1)[0]
    with book.change("撤销", make.clerk()) as (s, _):
        undo.undo(s, make.clerk(), last.action)
    assert _recoveries(book) == []
    assert _state(book, li) == "期满"
    with book.read() as s:
        assert s.scalars(select(Person)).one().died_on is None
        assert s.scalars(select(RecipientChange).where(RecipientChange.deleted == 0)).all() == []


@pytest.mark.parametrize(("rule", "sums"), [("当月起", 70_000), ("次月起", 65_000), ("下一期起", 60_000)])
def test_the_stop_rule_valid_on_the_day_decides(book: Book, do: Do, li: str, rule: str, sums: int) -> None:
    with book.change("政策", make.clerk()) as (s, _):
        make.add(s, PolicyRow, subject="核减从何时停发", scope="全部", valid_from="2025-01-01", value=rule)
        make.add(s, PolicyRow, subject="核减从何时停发", scope="全部", valid_from="2026-01-01", value="下一期起")
    do("reduce", li, reason="D3", happened_on="2025-05-20", proof="死亡证明")
    assert sum(one[1] for one in _recoveries(book)) == sums


def test_prison_and_release(book: Book, do: Do, li: str) -> None:
    said = do("reduce", li, reason="D4", happened_on="2024-05-10", until_on="2025-05-09", proof="判决书（2024）刑初12号", found_on="2026-11-20")
    assert "多发 8 期 1,200.00 元" in said
    assert _state(book, li) == "暂停"
    said = do("restore", li, happened_on="2025-05-09", proof="释放证明")
    assert said == "已恢复李桂芳：从 2025年7月 起发放，停发期间的不补发，年限不顺延；已从追缴里减去 600.00 元"
    assert [one[1] for one in _recoveries(book)] == [60_000]
    assert _state(book, li) == "期满"  # on the day of the test the first cohort is over
    with book.read() as s:
        assert entitlements(s, "2026-06-30")[li].gaps == (("2024-07", "2025-07"),)


def test_told_and_recovered(book: Book, do: Do, li: str) -> None:
    do("reduce", li, reason="D3", happened_on="2025-11-20", proof="死亡证明")
    with book.read() as s:
        (one,) = s.scalars(select(Recovery.id))
    assert do("tell-recovery", one) == "已通知李桂芳退回 300.00 元，限期2027年2月20日"
    with pytest.raises(UserError, match=r"未追回的是 300\.00 元"):
        do("recover", one, amount=30_001, voucher="收 1 号")
    with pytest.raises(UserError, match="没有写收据凭证号"):
        do("recover", one, amount=10_000)
    assert do("recover", one, amount=10_000, voucher="收 1 号").endswith("还差 200.00 元")
    with book.change("扣回", make.clerk()) as (s, _):
        period = make.make_period(s, year=2026, number=4, state="closed")
        make.make_support_payment(s, period=period.id, recipient=li, months=0, due=0, back_pay=20_000, deducted=20_000, result="paid")
        number = str(period.id)
        other = str(make.make_period(s, year=2027, number=1).id)
    with pytest.raises(UserError, match=r"已发的只扣回 0\.00 元"):
        do("recover", one, amount=20_000, period=other)
    assert do("recover", one, amount=20_000, period=number).endswith("已全部追回")
    assert _recoveries(book) == [("2026/1、2026/2", 30_000, 30_000)]


def test_a_roster_not_paid_yet_is_named(book: Book, do: Do, li: str) -> None:
    with book.change("下一期", make.clerk()) as (s, _):
        make.add(s, PolicyRow, subject="现状人口扶持截止日", scope="全部", valid_from="2026-07-01", value="2046-06-30")
        period = make.make_period(s, year=2026, number=3, state="posted")
        make.make_support_payment(s, period=period.id, recipient=li)
    said = do("reduce", li, reason="D1", happened_on="2026-06-10", proof="录用文件")
    assert said.endswith("起停发；还没有发放的名册里有他：2026/3（公示），请剔除或扣回")


def test_changes_that_came_by_a_list_are_worked_out_in_one_go(book: Book, do: Do, li: str) -> None:
    with book.change("导入", make.clerk()) as (s, _):
        make.make_change(s, recipient=li, happened_on="2025-11-20")
        make.make_recovery(s, recipient=make.make_recipient(s, name="旧账").id, told_on=None, over_paid=7_000)  # from an old ledger
        make.make_change(s, recipient=make.make_recipient(s, name="没发过").id)
    with book.change("核算全部多发", make.clerk(), source="action") as (s, _):
        assert unlisted(s, "2026-11-22") == 30_000
        said = find_actions("recompute-all")[0](s, make.clerk(), None, {})
        assert unlisted(s, "2026-11-22") == 0
        assert said == "已核算 2 人：1 人的追缴有变化，应追缴由 70.00 元变为 370.00 元"
    with book.change("政策", make.clerk()) as (s, _):
        make.add(s, PolicyRow, subject="核减从何时停发", scope="全部", valid_from="2025-01-01", value="次月起")
        said = find_actions("recompute-all")[0](s, make.clerk(), None, {})
        assert said == "已核算 2 人：1 人的追缴有变化，应追缴由 370.00 元变为 420.00 元"
        s.scalars(select(PolicyRow)).one().deleted = 1
        s.flush()
        assert "由 420.00 元变为 370.00 元" in find_actions("recompute-all")[0](s, make.clerk(), None, {})
        assert sorted(row.over_paid for row in s.scalars(select(Recovery).where(Recovery.deleted == 0))) == [7_000, 30_000]


def test_moves(book: Book, do: Do, li: str) -> None:
    with book.read() as s:
        here, there = make.place(s), make.place(s, "53052310220202")
    said = do("move", li, to_place=there, happened_on="2026-03-01", proof="户口簿")
    assert said == "李桂芳已由三坝乡 柳树村 一组迁到三坝乡 石桥村 二组，从下一期名册起在新地发放"
    with pytest.raises(UserError, match="已经在三坝乡 石桥村 二组"):
        do("move", li, to_place=there, happened_on="2026-03-02", proof="户口簿")
    assert "从 2026年7月 起停发" in do("move-out", li, happened_on="2026-04-05", proof="迁移证", destination="昆明")
    assert _state(book, li) == "迁出"
    assert "从 2026年10月 起发放" in do("move-in", li, happened_on="2026-07-05", proof="迁移证", origin="昆明")
    with book.read() as s:
        rows = s.scalars(select(RecipientChange).order_by(RecipientChange.happened_on)).all()
        assert [(one.kind, one.from_place, one.to_place) for one in rows] == [("move", here, there), ("move_out", there, None), ("move_in", None, there)]
        assert s.get_one(Recipient, li).place == there


def test_corrections_keep_what_stood_before(book: Book, do: Do, li: str) -> None:
    assert do("correct", li, item="姓名", value="李桂芬", proof="户口簿") == "已更正李桂芬的姓名：由“李桂芳”改为“李桂芬”"
    new = make.idcard("19510315", 12)
    assert new not in do("correct", li, item="身份证号", value=new, proof="户口簿")
    assert do("correct", li, item="所属水库", value="青山水库", proof="核定名册").endswith("由“红岩水库”改为“青山水库”")
    with book.read() as s:
        person = s.scalars(select(Person)).one()
        assert (person.name, person.former_names, person.idcard, person.born_on, person.sex) == ("李桂芬", "李桂芳", new, "1951-03-15", "2")
        rows = s.scalars(select(RecipientChange).order_by(RecipientChange.item)).all()
        assert [(one.item, one.old_value, one.new_value) for one in rows] == [
            ("姓名", "李桂芳", "李桂芬"), ("所属水库", "红岩水库", "青山水库"), ("身份证号", CARD, new),
        ]  # fmt: skip
    with book.change("另一人", make.clerk()) as (s, _):
        make.make_person(s, name="杨正华", idcard=make.idcard("19880229", 33))
    with pytest.raises(UserError, match="已登记为“杨正华”"):
        do("correct", li, item="身份证号", value=make.idcard("19880229", 33), proof="户口簿", happened_on="2026-11-01")
    with pytest.raises(UserError, match="校验"):
        do("correct", li, item="身份证号", value=new[:-1] + ("1" if new[-1] == "0" else "0"), proof="户口簿", happened_on="2026-11-02")
    with pytest.raises(UserError, match="不在更正栏目里"):
        do("correct", li, item="状态", value="在册", proof="户口簿")


def test_another_account(book: Book, do: Do, li: str) -> None:
    with pytest.raises(UserError, match="不是李桂芳本人"):
        with book.change("空关系", make.clerk()) as (s, _):
            s.get_one(Recipient, li).payee_relation = None
        do("change-account", li, account="530100002222", account_name="李小宝", proof="一卡通复印件")
    said = do("change-account", li, account="530100002222", account_name="李小宝", payee_relation="子", proof="一卡通复印件")
    assert said == "李桂芳的账户已变更为 李小宝 ****2222，从下一份名册起使用；已冻结的名册不变"
    with book.read() as s:
        one = s.get_one(Recipient, li)
        assert (one.account_name, one.account, one.payee_relation) == ("李小宝", "530100002222", "子")
        change = s.scalars(select(RecipientChange)).one()
        assert (change.kind, change.item, change.new_value) == ("account", "账户", "李小宝 530100002222 三坝信用社")


def test_certified_alive(book: Book, do: Do, li: str) -> None:
    assert do("certify-alive", li, alive_on="2026-11-01", proof="照片") == "李桂芳已于2026年11月1日认证生存（照片）"
    with pytest.raises(UserError, match="还没有到"):
        do("certify-alive", li, alive_on="2026-11-23")
    do("reduce", li, reason="D3", happened_on="2026-11-10", proof="死亡证明")
    with pytest.raises(UserError, match="死亡"):
        do("certify-alive", li)


def test_a_change_is_approved_by_another_person_after_its_posting(book: Book, do: Do, li: str) -> None:
    do("reduce", li, reason="D3", happened_on="2026-10-20", found_on="2026-10-22", proof="死亡证明")
    with book.read() as s:
        (change,) = s.scalars(select(RecipientChange.id))
        group = make.place(s)
    review, head = make.clerk("钱建军", "review"), make.clerk("赵小兰", "head")
    with pytest.raises(UserError, match="不能办“核准动态”"):
        do("approve-change", change)
    with pytest.raises(UserError, match="自己登记的"):
        do("approve-change", change, by=head)
    with pytest.raises(UserError, match="还没有公示期满"):
        do("approve-change", change, by=review)
    do("open-posting", group, subject="reduction", from_on="2026-11-01", until_on="2026-11-10")
    assert do("approve-change", change, by=review) == "已核准李桂芳的核减（2026年10月20日）"
    with book.read() as s:
        one = s.get_one(RecipientChange, change)
        assert (one.approved_on, one.approved_by) == ("2026-11-22", "钱建军")
        assert one.posted is not None
    with pytest.raises(UserError, match="已于2026年11月22日核准"):
        do("approve-change", change, by=review)
    with book.change("改", make.clerk()) as (s, _):
        with pytest.raises(UserError, match="不能直接改"):
            entry.save(s, make.clerk(), register("recipient_change"), {"detail": "改一改"}, change)
        with pytest.raises(UserError, match="不能删除"):
            entry.remove(s, make.clerk(), register("recipient_change"), change)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"happened_on": "1949-01-01"}, "早于李桂芳的出生日期"),
        ({"happened_on": "2026-11-23", "found_on": "2026-11-22"}, "还没有到"),
        ({"happened_on": "2005-01-01"}, "早于扶持起始月"),
        ({"proof": ""}, "证明材料"),
        ({"reason": "D5"}, "写明具体原因"),
        ({"reason": "D2", "detail": "农转城"}, "保留移民身份"),
    ],
)
def test_a_reduction_that_cannot_be_is_refused_whole(book: Book, do: Do, li: str, values: dict[str, str], text: str) -> None:
    with pytest.raises(UserError, match=text):
        do("reduce", li, **({"reason": "D3", "happened_on": "2025-05-20", "proof": "死亡证明"} | values))
    assert _recoveries(book) == []
    assert _state(book, li) == "期满"


def test_a_list_is_carried_out_by_who_may_reduce(book: Book, clerk: Clerk) -> None:
    reader = replace(clerk, role="reader")
    with book.change("名单比对核减", reader) as (session, _), pytest.raises(UserError, match="不能办“核减”"):
        carry_out(session, reader, ListKind.DEATHS, [], "死亡名单")
