"""Periods of the direct subsidy: opened without gap, frozen, posted, signed by three, paid, returned, paid again, closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from relocdesk.actions.action import Partly
from relocdesk.actions.period import adjust_line, back_pay, drop_line, freeze_period, open_period, refresh_accounts, unfreeze_period
from relocdesk.actions.period_result import bank_result, pay_cash, pay_line, reissue_line
from relocdesk.actions.period_steps import approve_period, check_period, close_period, post_period, reopen_period, send_period, to_bank
from relocdesk.actions.population import move, reduce
from relocdesk.actions.posting import decide, file_objection
from relocdesk.errors import UserError
from relocdesk.excel.bank import bank_list
from relocdesk.history import verify
from relocdesk.queries.people import flow_text
from relocdesk.queries.roster import conservation, subsidy_identities, sums
from relocdesk.queries.roster_doubts import doubts
from relocdesk.records import new_id
from relocdesk.records.household import Person
from relocdesk.records.reference import Setting
from relocdesk.records.support import ApprovalList, Period, Recipient, RecipientChange, Recovery, SupportPayment
from relocdesk.records.survey import Objection, Posting
from tests.actions.scene import COUNTY, TOWNSHIP, Scene
from tests.actions.subsidy import CHECKER, HEAD, MAKER, Subsidy, on, rows


@pytest.fixture
def subsidy(scene: Scene) -> Iterator[Subsidy]:
    with scene.change() as (session, _):
        yield Subsidy(scene, session)


# --- opening ---------------------------------------------------------------------------------------------------------


def test_periods_follow_each_other_by_the_cycle_of_the_policy(subsidy: Subsidy) -> None:
    subsidy.recipient()
    s = subsidy.session
    assert open_period(s, MAKER, None) == "已开2026 年第 1 期 三坝乡：2026-01 至 2026-03，标准 600.00 元/人·年"
    assert "2026-04 至 2026-06" in open_period(s, MAKER, None)
    for wrong, text in (({"number": 5}, "应是 2026 年第 3 期，不是 2026 年第 5 期"), ({"first_month": "2026-10"}, "应从 2026-07 开始"),
                        ({"year": 2027}, "不是 2027 年第 3 期")):  # fmt: skip
        with pytest.raises(UserError, match=text):
            open_period(s, MAKER, None, **wrong)
    subsidy.policy("subsidy.cycle", "半年", "2026-07-01")
    subsidy.policy("subsidy.standard", "720", "2026-07-01")
    assert "2026 年第 3 期 三坝乡：2026-07 至 2026-12，标准 720.00" in open_period(s, MAKER, None)
    assert "2027 年第 1 期 三坝乡：2027-01 至 2027-06" in open_period(s, MAKER, None)


@pytest.mark.parametrize(("cycle", "months"), [("月", "03 至 2026-03"), ("季", "01 至 2026-03"), ("半年", "01 至 2026-06"), ("年", "01 至 2026-12")])
def test_month_quarter_half_year_and_year(subsidy: Subsidy, cycle: str, months: str) -> None:
    subsidy.recipient()
    subsidy.policy("subsidy.cycle", cycle)
    assert months in open_period(subsidy.session, MAKER, None)


def test_nobody_to_pay_no_period(subsidy: Subsidy) -> None:
    with pytest.raises(UserError, match="还没有后扶人口"):
        open_period(subsidy.session, MAKER, None)
    subsidy.recipient(start_month="2027-01")
    period = subsidy.opened()
    with pytest.raises(UserError, match="没有应发的人"):
        freeze_period(subsidy.session, MAKER, period)


# --- the roster ------------------------------------------------------------------------------------------------------

CASES = [
    # cohort, moved on, start, changes → months in the second and third quarter of 2026
    ("present", None, "2006-07", [], (3, 0)),
    ("present", "2006-06-30", "2006-07", [], (3, 0)),
    ("original", "2006-07-01", "2006-07", [], (3, 0)),
    ("original", "2006-07-15", "2006-08", [], (3, 0)),
    ("original", "2006-08-15", "2006-08", [], (3, 1)),
    ("original", "2010-03-01", "2010-03", [("reduce", "2026-05-10", "D3")], (3, 0)),
    ("original", "2010-03-01", "2010-03", [("reduce", "2026-03-31", "D3")], (0, 0)),
    ("original", "2010-03-01", "2010-03", [("reduce", "2025-02-10", "D4"), ("restore", "2026-06-30", None)], (0, 3)),
    ("original", "2010-03-01", "2010-03", [("move_out", "2026-06-01", None)], (3, 0)),
    ("original", "2010-03-01", "2026-05", [], (2, 3)),
]


@pytest.mark.parametrize(("cohort", "moved_on", "start", "changes", "expected"), CASES)
def test_who_is_on_the_roster(subsidy: Subsidy, cohort: str, moved_on: str | None, start: str, changes: list[tuple[str, str, str | None]],
                              expected: tuple[int, int]) -> None:  # fmt: skip
    other = subsidy.recipient(cohort="original", moved_on="2020-01-01", start_month="2020-01")
    person = subsidy.recipient(cohort=cohort, moved_on=moved_on, start_month=start)
    for kind, day, reason in changes:
        subsidy.change(person, kind, day, reason)
    for first, months in zip(("2026-04", "2026-07"), expected, strict=True):
        period = subsidy.frozen(first)
        found = {line.recipient: line.months for line in subsidy.lines(period)}
        assert found == {other.id: 3, **({person.id: months} if months else {})}
        assert [flow.difference for flow in conservation(subsidy.session, period)] == [0]


def test_an_extension_that_warns_pays_on_and_says_so(subsidy: Subsidy) -> None:
    subsidy.recipient()
    subsidy.policy("subsidy.after_end", "提醒后照发", "2026-07-01")
    period = subsidy.opened("2026-07")
    assert "1 人扶持已期满，按政策先照发" in freeze_period(subsidy.session, MAKER, period)


def test_a_roster_holds_what_was_true_when_it_was_frozen(subsidy: Subsidy) -> None:
    first, second = subsidy.recipient(), subsidy.recipient()
    subsidy.recipient(support="project")
    period = subsidy.opened()
    said = freeze_period(subsidy.session, MAKER, period)
    assert said.startswith("2026 年第 1 期 三坝乡名册已冻结：核定 0 人，现有 3 人，本期发放 2 人，300.00 元")
    first.account, second.start_month = "999", "2030-01"
    assert [(line.account, line.months, line.amount) for line in subsidy.lines(period)] == [("6217000000000001", 3, 15_000), ("6217000000000002", 3, 15_000)]
    assert (period.base_count, period.present, sums(subsidy.session, period.id).lines) == (0, 3, 2)
    with pytest.raises(UserError, match="已在2026年3月5日冻结"):
        freeze_period(subsidy.session, MAKER, period)
    assert "去掉 2 行" in unfreeze_period(subsidy.session, MAKER, period, reason="漏了一人")
    assert subsidy.lines(period) == []
    freeze_period(subsidy.session, MAKER, period)
    assert [line.account for line in subsidy.lines(period)] == ["999"]


def test_back_pay_and_deductions_have_reasons_and_never_go_below_zero(subsidy: Subsidy) -> None:
    person, late = subsidy.recipient(), subsidy.recipient(start_month="2026-07")
    period = subsidy.frozen()
    line = subsidy.row(subsidy.lines(period)[0])
    said = adjust_line(subsidy.session, MAKER, line, deducted=5_000, reason="扣回去年第 4 期多发")
    assert said.endswith("扣回 50.00 元，实发 100.00 元：扣回去年第 4 期多发")
    with pytest.raises(UserError, match="扣回不能超过"):
        adjust_line(subsidy.session, MAKER, line, deducted=15_001, reason="多")
    subsidy.session.refresh(line)
    assert "另列补发 100.00 元" in back_pay(subsidy.session, MAKER, period, recipient=late.id, amount=10_000, reason="漏发")
    with pytest.raises(UserError, match="已经列了补发"):
        back_pay(subsidy.session, MAKER, period, recipient=late.id, amount=10_000, reason="漏发")
    assert [(one.recipient, one.kind, one.amount) for one in subsidy.lines(period)] == [(person.id, "n", 10_000), (late.id, "b", 10_000)]
    subsidy.approved(period)
    with pytest.raises(UserError, match="不能补发或扣回"):
        adjust_line(subsidy.session, MAKER, line, deducted=0, reason="改")


# --- the steps -------------------------------------------------------------------------------------------------------


def test_three_people_and_a_posting_that_ran_out(subsidy: Subsidy) -> None:
    s = subsidy.session
    subsidy.recipient()
    period = subsidy.frozen()
    with pytest.raises(UserError, match="不能审核"):
        check_period(s, CHECKER, period)
    assert "公示，共" in post_period(s, MAKER, period)
    with pytest.raises(UserError, match="不能办"):
        check_period(s, MAKER, period)
    with pytest.raises(UserError, match="已经办过"):
        check_period(s, replace(CHECKER, name=MAKER.name), period)
    check_period(s, on(CHECKER, "2026-03-06"), period)
    with pytest.raises(UserError, match="公示到2026年3月12日才结束"):
        approve_period(s, on(HEAD, "2026-03-11"), period)
    with pytest.raises(UserError, match="已经办过"):
        approve_period(s, CHECKER, period)
    file_objection(s, on(MAKER, "2026-03-10"), s.get_one(Posting, period.posted), raised_by="杨树林", claim="李明乙已外嫁")
    with pytest.raises(UserError, match="1 条异议没有答复（杨树林）"):
        approve_period(s, HEAD, period)
    decide(s, on(CHECKER, "2026-03-13"), s.query(Objection).one(), result="经查户口未迁出", team="村委会")
    assert approve_period(s, HEAD, period).startswith("2026 年第 1 期 三坝乡已审批")
    assert (period.made_by, period.checked_by, period.approved_by) == ("赵小兰", "钱建军", "孙明")


def test_a_death_on_the_wall_is_shown_before_anybody_signs(subsidy: Subsidy) -> None:
    s = subsidy.session
    dead, _ = subsidy.recipient("段老五"), subsidy.recipient()
    period = subsidy.frozen()
    post_period(s, MAKER, period)
    subsidy.change(dead, "reduce", "2025-12-20", "D3")
    with pytest.raises(UserError, match="段老五：冻结以后核减或变更，本期只应发 0 个月"):
        check_period(s, CHECKER, period)
    drop_line(s, on(MAKER, "2026-03-08"), subsidy.row(subsidy.lines(period)[0]), reason="2025-12-20 死亡")
    check_period(s, CHECKER, period)
    assert [line.recipient == dead.id for line in subsidy.lines(period)] == [False]


def test_two_living_normal_lines_of_a_person_are_told_by_verify(subsidy: Subsidy) -> None:
    s = subsidy.session
    person = subsidy.recipient("段老五")
    period = subsidy.frozen()
    first = subsidy.row(subsidy.lines(period)[0])
    s.add(SupportPayment(id=new_id(), home=first.home, period=period.id, recipient=person.id, months=3, due=15_000, paid=15_000, attempt=2,
                         account_name=first.account_name, account=first.account, bank=first.bank))  # fmt: skip
    s.flush()
    assert [str(one) for one in subsidy_identities(s)] == ["2026 年第 1 期：有 1 人一期列了两笔正常发放"]


def test_accounts_that_changed_are_refreshed_before_approval_and_stay_after(subsidy: Subsidy) -> None:
    s = subsidy.session
    person, bare = subsidy.recipient("杨树林"), subsidy.recipient("李无卡", account=None)
    period = subsidy.frozen()
    post_period(s, MAKER, period)
    person.account, bare.account = "6217999", "6217888"
    with pytest.raises(UserError, match=r"有 2 行不能审核.*杨树林：冻结以后收款账户改过.*李无卡：没有银行账号"):
        check_period(s, CHECKER, period)
    assert "更新了 2 人的账户" in refresh_accounts(s, MAKER, period)
    check_period(s, CHECKER, period)
    person.account = "6217777"
    with pytest.raises(UserError, match="不能更新账户"):
        refresh_accounts(s, MAKER, period)
    assert "退回编制" in reopen_period(s, MAKER, period, reason="账户又改过")
    assert (period.state, period.posted, period.checked_by) == ("open", None, None)
    refresh_accounts(s, MAKER, period)
    subsidy.sent(period, "2026-03-12")
    person.account = "6217666"
    assert [line.account for line in subsidy.lines(period)] == ["6217777", "6217888"]


def test_shared_accounts_and_other_holders_are_named_before_approval(subsidy: Subsidy) -> None:
    s = subsidy.session
    subsidy.recipient("杨树林", account="62170000", household_no="A")
    subsidy.recipient("杨小林", account="62170000", household_no="B", account_name="杨树林")
    subsidy.recipient("杨孙", account="62170000", household_no="A", account_name="杨树林", payee_relation="祖孙")
    period = subsidy.frozen()
    assert [str(one) for one in doubts(s, period)] == ["杨小林：户名是“杨树林”，不是本人，也没有写与本人关系",
                                                       "账号尾号 0000：3 人不是一户却用同一个账号：杨树林、杨小林、杨孙"]
    post_period(s, MAKER, period)
    assert "请注意：杨小林" in check_period(s, CHECKER, period)


# --- paid and returned -----------------------------------------------------------------------------------------------


def test_the_bank_sheet_goes_out_and_its_answer_settles_the_period(subsidy: Subsidy, tmp_path: Path) -> None:
    s = subsidy.session
    for _ in range(3):
        subsidy.recipient()
    period = subsidy.frozen()
    with pytest.raises(UserError, match="不能做银行代发清单"):
        bank_list(s, period, tmp_path / "早.xlsx")
    subsidy.sent(period)
    assert bank_list(s, period, tmp_path / "代发.xlsx") == 3
    found = subsidy.lines(period)
    said = bank_result(s, on(MAKER, "2026-03-16"), period, file=rows(found, back={1: "账户已销户"}))
    assert said == "2026 年第 1 期 三坝乡登记成功 2 笔 300.00 元，退回 1 笔 150.00 元；本期已全部有结果"
    assert (period.state, period.paid_on) == ("paid", "2026-03-15")
    assert [(one.result, one.paid_on, one.return_reason) for one in subsidy.lines(period)] == [
        ("paid", "2026-03-15", None), ("returned", None, "账户已销户"), ("paid", "2026-03-15", None)]  # fmt: skip
    again = bank_result(s, on(MAKER, "2026-04-20"), period, file=rows(found, back={1: "账户已销户"}))
    assert again == "2026 年第 1 期 三坝乡没有新的结果（3 笔早已登记）；本期已全部有结果"
    returned = subsidy.row(subsidy.lines(period)[1])
    reissue_line(s, on(MAKER, "2026-03-20"), returned, account="12345678")
    with pytest.raises(UserError, match="已经再发过"):
        reissue_line(s, on(MAKER, "2026-03-20"), returned)
    assert bank_list(s, period, tmp_path / "再发.xlsx") == 1
    last = subsidy.lines(period)[-1]
    assert (last.account, last.attempt, last.amount, period.state) == ("12345678", 2, 15_000, "sent")
    assert s.query(RecipientChange).filter_by(kind="account").count() == 1
    bank_result(s, on(MAKER, "2026-03-25"), period, file=rows([last], day="2026-03-24"))
    assert [one.paid_on for one in subsidy.lines(period)] == ["2026-03-15", None, "2026-03-15", "2026-03-24"]
    s.flush()
    assert close_period(s, on(MAKER, "2026-03-31"), period).startswith("2026 年第 1 期 三坝乡已关闭")


def test_rows_that_do_not_fit_are_refused_one_by_one_and_nothing_by_halves(subsidy: Subsidy) -> None:
    s = subsidy.session
    for _ in range(4):
        subsidy.recipient()
    earlier = subsidy.sent(subsidy.frozen())
    bank_result(s, on(MAKER, "2026-03-16"), earlier, file=rows(subsidy.lines(earlier)))
    period = subsidy.sent(subsidy.frozen("2026-04"), "2026-04-05")
    first, second, third, _ = subsidy.lines(period)
    day = "2026-04-15"
    good = rows([first], day=day)[0]
    file = [good, replace(rows([second], day=day)[0], row=3, amount=14_999), replace(rows([third], day=day)[0], row=4, account="1"),
            replace(good, row=5, serial="202602-0000000000"), replace(rows(subsidy.lines(earlier)[:1])[0], row=6)]  # fmt: skip
    later = on(MAKER, "2026-04-16")
    with pytest.raises(UserError, match="银行回单有 4 行对不上，没有登记"):
        bank_result(s, later, period, file=file)
    assert {line.result for line in subsidy.lines(period)} == {"wait"}
    said = bank_result(s, later, period, file=file, partial=1)
    assert isinstance(said, Partly)
    assert sorted(said.refused) == [
        ("第3行", f"{second.serial} 的金额是 150.00 元，回单上是 149.99 元"), ("第4行", f"{third.serial} 的账号和送出的不一样"),
        ("第5行", "本期名册没有流水号 202602-0000000000"), ("第6行", f"{subsidy.lines(earlier)[0].serial} 是 2026 年第 1 期的，不是这一期的")]  # fmt: skip
    assert [line.result for line in subsidy.lines(period)] == ["paid", "wait", "wait", "wait"]
    with pytest.raises(UserError, match="在文件里出现 2 次"):
        bank_result(s, later, period, file=[*rows([second], day=day), *rows([second], day=day, row=9)])
    with pytest.raises(UserError, match="早于送银行日期"):
        bank_result(s, later, period, file=rows([second], day="2026-04-01"))
    with pytest.raises(UserError, match="还没有到"):
        bank_result(s, later, period, file=rows([second], day="2026-05-01"))
    with pytest.raises(UserError, match="已登记为“成功”，回单上是“退回”"):
        bank_result(s, later, period, file=rows([first], back={0: "户名不符"}))


def test_a_result_without_serials_is_known_by_account_name_and_amount(subsidy: Subsidy) -> None:
    subsidy.recipient("杨树林")
    subsidy.recipient("杨小林")
    period = subsidy.sent(subsidy.frozen())
    file = rows(subsidy.lines(period), serial="")
    assert "登记成功 2 笔" in bank_result(subsidy.session, on(MAKER, "2026-03-16"), period, file=file)


def test_cash_is_paid_against_signatures_where_the_setting_allows(subsidy: Subsidy) -> None:
    s = subsidy.session
    subsidy.recipient()
    subsidy.recipient("李无卡", account=None)
    period = subsidy.frozen()
    post_period(s, MAKER, period)
    with pytest.raises(UserError, match="李无卡：没有银行账号"):
        check_period(s, CHECKER, period)
    subsidy.scene.add(s, Setting, subsidy.scene.county, key="subsidy.cash", value="是")
    check_period(s, CHECKER, period)
    approve_period(s, HEAD, period)
    assert send_period(s, on(MAKER, "2026-03-22"), period).endswith("1 笔，150.00 元")
    later = on(MAKER, "2026-03-25")
    assert pay_cash(s, later, period, proof="签 2026-1").endswith("登记现金领取 1 人 150.00 元")
    with pytest.raises(UserError, match="没有等着现金领取的人"):
        pay_cash(s, later, period, proof="签 2026-1")
    line = subsidy.row(subsidy.lines(period)[0])
    assert "本期已全部有结果" in pay_line(s, later, line, result="paid", proof="回单 7")
    with pytest.raises(UserError, match="不能登记结果"):
        pay_line(s, later, line, result="returned", reason="销户", proof="回单 8")


def test_the_story_of_two_periods_agrees_to_the_last_person_and_cent(scene: Scene) -> None:
    """Frozen, paid, one returned and closed; a death told late, the next period without the dead; everything verifies."""
    with scene.change() as (session, _):
        one = Subsidy(scene, session)
        dead = one.recipient("段老五", cohort="original", moved_on="2015-01-01", start_month="2015-01")
        for n in range(4):
            one.recipient(cohort="original", moved_on="2015-01-01", start_month="2015-01", place=f"{TOWNSHIP}2010{n % 2 + 1}")
        first = one.sent(one.frozen("2026-01"))
    with scene.change() as (session, _):
        one, first = Subsidy(scene, session), session.merge(first)
        bank_result(session, on(MAKER, "2026-03-16"), first, file=rows(one.lines(first), back={0: "账户已销户"}))
    with scene.change() as (session, _):
        first = session.merge(first)
        kept = sums(session, first.id)
        assert (kept.heads, kept.paid, kept.succeeded, kept.returned, kept.waiting, kept.difference) == (5, 75_000, 60_000, 15_000, 0, 0)
        assert close_period(session, on(MAKER, "2026-03-31"), first).endswith("成功 600.00 元，退回未再发 1 人 150.00 元")
        one = Subsidy(scene, session, 50)
        one.change(session.merge(dead), "reduce", "2026-03-28", "D3")
        second = one.frozen("2026-04", on(MAKER, "2026-04-02"))
    with scene.book.read() as session:
        second = session.merge(second)
        assert sums(session, second.id).heads == 4
        assert [flow_text(flow) for flow in conservation(session, second)] == ["期初 5 －D3 死亡 1 ＝期末 4"]
        assert subsidy_identities(session) == []
        assert verify(session) == []


# --- nobody twice ----------------------------------------------------------------------------------------------------


def _second_township(subsidy: Subsidy) -> str:
    for code, name in (("530523103", "四坝乡"), ("530523103201", "杨树村"), ("53052310320101", "一组")):
        subsidy.scene.place(subsidy.session, code, name)
    return "53052310320101"


def test_a_period_is_a_townships(subsidy: Subsidy) -> None:
    subsidy.recipient()
    for code in (COUNTY, f"{TOWNSHIP}201", f"{TOWNSHIP}20101"):
        with pytest.raises(UserError, match="不是乡镇"):
            open_period(subsidy.session, MAKER, None, place=subsidy.scene.ids[code])
    assert "三坝乡" in open_period(subsidy.session, MAKER, None, place=subsidy.scene.ids[TOWNSHIP])


def test_out_of_one_township_and_into_another_is_paid_once(subsidy: Subsidy) -> None:
    s, there = subsidy.session, _second_township(subsidy)
    who = subsidy.recipient(cohort="original", moved_on="2020-01-01", start_month="2020-01")
    subsidy.recipient(cohort="original", moved_on="2020-01-01", start_month="2020-01", place=there)
    open_period(s, MAKER, None, first_month="2026-01")
    first, second = s.scalars(select(Period).order_by(Period.id))
    assert "本期发放 1 人" in freeze_period(s, MAKER, first)
    subsidy.change(who, "move_out", "2026-01-20")
    subsidy.change(who, "move_in", "2026-02-20")
    who.place = subsidy.scene.ids[there]
    s.flush()
    assert freeze_period(s, MAKER, second).endswith("本期发放 1 人，150.00 元；1 人已在别的乡镇名册里，没有列入")


# --- nobody after the end --------------------------------------------------------------------------------------------

LONG = {"cohort": "original", "moved_on": "2020-01-01", "start_month": "2020-01"}


def _dies(subsidy: Subsidy, who: Recipient, day: str) -> str:
    return reduce(subsidy.session, on(MAKER, day), who, reason="D3", happened_on="2025-12-20", found_on=day, proof="死亡证明")


def test_who_was_reduced_after_approval_does_not_go_to_the_bank(subsidy: Subsidy) -> None:
    s, dead = subsidy.session, subsidy.recipient(**LONG)
    subsidy.recipient(**LONG)
    period = subsidy.approved(subsidy.frozen())
    _dies(subsidy, dead, "2026-03-14")
    with pytest.raises(UserError, match="1 人审批以后核减，不能送银行"):
        send_period(s, on(MAKER, "2026-03-14"), period)
    line = subsidy.row(next(line for line in subsidy.lines(period) if line.recipient == dead.id))
    pay_line(s, on(MAKER, "2026-03-14"), line, result="returned", reason="已死亡", proof="核减表 3 号")
    assert send_period(s, on(MAKER, "2026-03-14"), period).endswith("1 笔，150.00 元")
    with pytest.raises(UserError, match="已经核减，本期应发的比退回的少，不能再发"):
        reissue_line(s, on(MAKER, "2026-03-15"), line)


def test_what_arrives_for_the_dead_is_listed_to_come_back(subsidy: Subsidy) -> None:
    s, dead = subsidy.session, subsidy.recipient(**LONG)
    subsidy.recipient(**LONG)
    period = subsidy.sent(subsidy.frozen())
    assert "还没有发放的名册里有他" in _dies(subsidy, dead, "2026-03-15")
    told = bank_result(s, on(MAKER, "2026-03-16"), period, file=rows(subsidy.lines(period)))
    assert told.endswith("本期已全部有结果；请注意：1 人已核减，多发的列入追缴")
    assert [(one.recipient, one.periods, one.over_paid) for one in s.scalars(select(Recovery))] == [(dead.id, "2026/1", 15_000)]


def test_a_death_in_the_register_of_people_alone_stops_the_roster(subsidy: Subsidy) -> None:
    s = subsidy.session
    people = [s.get_one(Person, subsidy.recipient(**LONG).person) for _ in range(3)]
    for person, day in zip(people, ("2025-12-31", "2026-01-01", None), strict=True):
        person.state, person.died_on = "dead", day
    period = subsidy.frozen()
    post_period(s, MAKER, period)
    with pytest.raises(UserError, match="有 2 行不能审核") as refused:  # who died within the cycle is still paid for it
        check_period(s, on(CHECKER, "2026-03-07"), period)
    assert {one.where for one in refused.value.problems} == {people[0].name, people[2].name}  # type: ignore[attr-defined]
    assert all("还没有核减" in one.text for one in refused.value.problems)  # type: ignore[attr-defined]


def test_what_the_bank_has_does_not_go_out_with_what_is_paid_again(subsidy: Subsidy) -> None:
    s = subsidy.session
    for _ in range(3):
        subsidy.recipient(**LONG)
    period = subsidy.sent(subsidy.frozen())
    answered = rows(subsidy.lines(period), back={0: "账户冻结"})
    bank_result(s, on(MAKER, "2026-03-16"), period, file=answered[:2])
    reissue_line(s, on(MAKER, "2026-03-17"), subsidy.row(subsidy.lines(period)[0]))
    assert [line.attempt for line in to_bank(s, period)] == [2]
    assert len([line for line in subsidy.lines(period) if line.result == "wait"]) == 2


def test_a_bank_may_spell_its_own_way(subsidy: Subsidy) -> None:
    s = subsidy.session
    subsidy.recipient(**LONG)
    period = subsidy.sent(subsidy.frozen())
    (row,) = rows(subsidy.lines(period))
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    spelled = replace(row, serial=f" {row.serial.lower().translate(wide)}", account=row.account.translate(wide))
    assert "登记成功 1 笔 150.00 元" in bank_result(s, on(MAKER, "2026-03-16"), period, file=[spelled])


def test_who_adds_to_a_line_does_not_approve_it(scene: Scene) -> None:
    with scene.change(MAKER) as (session, _):
        one = Subsidy(scene, session)
        one.recipient(**LONG)
        period = one.frozen()
        line = one.row(one.lines(period)[0])
    with scene.change(HEAD) as (session, _):
        adjust_line(session, on(HEAD, "2026-03-05"), session.merge(line), back_pay=100_000, reason="补发")
    with scene.change(MAKER) as (session, _), pytest.raises(UserError, match="孙明已经办过"):
        Subsidy(scene, session).approved(session.merge(period))


def test_a_roster_that_the_fund_cannot_bear_is_told_or_refused(subsidy: Subsidy) -> None:
    """No subsidy has been received: a warning by default, a refusal where the office wants one (fund.block)."""
    s = subsidy.session
    subsidy.recipient("张大山")
    period = subsidy.frozen()
    post_period(s, on(MAKER, "2026-03-02"), period)
    check_period(s, on(CHECKER, "2026-03-10"), period)
    s.add(Setting(id=new_id(), home=subsidy.scene.county, key="fund.block", value="不准办"))
    s.flush()
    with pytest.raises(UserError, match="不够本期 150"):
        approve_period(s, on(HEAD, "2026-03-12"), period)
    s.query(Setting).filter_by(key="fund.block").one().value = "提醒"
    s.flush()
    assert "不够本期 150.00 元" in approve_period(s, on(HEAD, "2026-03-12"), period)


def test_people_nobody_approved_and_another_standard_are_named_before_approval(subsidy: Subsidy) -> None:
    s = subsidy.session
    paper = subsidy.scene.add(s, ApprovalList, subsidy.scene.home, number="核定1号", reservoir="龙川水库", place=subsidy.scene.ids[TOWNSHIP],
                              approved_on="2020-01-01", base_count=1)  # fmt: skip
    subsidy.recipient(approval=paper.id, **LONG)
    subsidy.recipient("段老五", **LONG)
    subsidy.policy("subsidy.standard", "720", "2026-03-01")
    period = subsidy.opened(standard=600_000)
    freeze_period(s, MAKER, period)
    assert [str(one.text) for one in doubts(s, period)] == [
        "1 人没有填核定名册：段老五", "本期发放 2 人，多于核定 1 人", "本期按 6,000.00 元/人·年，政策是 600.00 元",
        "政策标准在本期内由 600.00 元变为 720.00 元；整期按 6,000.00 元算"]  # fmt: skip
    period.standard = 60_000
    assert len(doubts(s, period)) == 3


# --- on no roster ----------------------------------------------------------------------------------------------------


def _two_townships(subsidy: Subsidy) -> tuple[Recipient, Period, Period]:
    """Somebody of 三坝乡 and others in both townships; the quarter is open in both and frozen in 四坝乡."""
    there = _second_township(subsidy)
    who = subsidy.recipient("李迁", **LONG)
    subsidy.recipient(**LONG)
    subsidy.recipient(place=there, **LONG)
    open_period(subsidy.session, MAKER, None, first_month="2026-01")
    first, second = subsidy.session.scalars(select(Period).order_by(Period.id))
    assert "请注意" not in freeze_period(subsidy.session, MAKER, second)
    return who, first, second


def _moves(subsidy: Subsidy, who: Recipient, to: str = "53052310320101", day: str = "2026-03-06") -> str:
    return move(subsidy.session, on(MAKER, day), who, to_place=subsidy.scene.ids[to], happened_on=day, proof="迁移证")


def test_who_moves_to_a_frozen_roster_from_one_that_is_not_is_told_at_every_step_until_paid(subsidy: Subsidy) -> None:
    s = subsidy.session
    who, first, second = _two_townships(subsidy)
    assert _moves(subsidy, who).endswith("；请注意：2026 年第 1 期 四坝乡的名册已经冻结，没有列他，原乡镇也不会再列；请在新地下一期“另列补发”")
    told = "李迁已迁走，2026 年第 1 期 四坝乡的名册先冻结，两边都没有列；请在那里下一期“另列补发”"
    assert told in freeze_period(s, on(MAKER, "2026-03-06"), first)
    assert [one.text for one in doubts(s, first) if one.where == "没有列入名册"] == [told]
    assert [one.text for one in doubts(s, second) if one.where == "没有列入名册"] == [
        "李迁本期应发，冻结以后才登记、迁来或去掉，哪一期都没有列；请在下一期“另列补发”，或退回编制、解除冻结再冻结"]  # fmt: skip
    subsidy.approved(second)
    open_period(s, on(MAKER, "2026-04-01"), None, place=second.place)
    after = s.scalars(select(Period).where(Period.place == second.place, Period.number == 2)).one()
    missed = "李迁在 2026 年第 1 期应发，没有列入名册，也没有补发；请“另列补发”"
    assert freeze_period(s, on(MAKER, "2026-04-02"), after).endswith(f"；请注意：{missed}")
    assert [one.text for one in doubts(s, after) if one.where == "上一期漏列"] == [missed]
    back_pay(s, on(MAKER, "2026-04-02"), after, recipient=who.id, amount=15_000, reason="2026 年第 1 期两边都没有列")
    assert [one.text for one in doubts(s, after) if one.where == "上一期漏列"] == []


def test_who_moves_after_both_have_frozen_or_before_either_has_is_no_case(subsidy: Subsidy) -> None:
    s = subsidy.session
    who, first, second = _two_townships(subsidy)
    other = subsidy.recipient("李先", **LONG)
    freeze_period(s, MAKER, first)
    assert "请注意" not in _moves(subsidy, who)
    assert [one for period in (first, second) for one in doubts(s, period) if "名册" in one.where] == []
    unfreeze_period(s, MAKER, second, reason="重来")
    assert "请注意" not in _moves(subsidy, other)
    assert "1 人已在别的乡镇名册里，没有列入" not in freeze_period(s, on(MAKER, "2026-03-07"), second)
    assert [one for period in (first, second) for one in doubts(s, period) if "名册" in one.where] == []


def test_large_back_pay_is_pointed_out_and_not_refused(subsidy: Subsidy) -> None:
    """Four quarters of 150.00 are the default; a setting changes it."""
    s = subsidy.session
    person, late = subsidy.recipient("李一", **LONG), subsidy.recipient("李二", cohort="original", moved_on="2026-06-01", start_month="2026-07")
    period = subsidy.frozen()
    line = subsidy.row(subsidy.lines(period)[0])
    assert "请注意" not in adjust_line(s, MAKER, line, back_pay=60_000, reason="补去年四个季")
    said = back_pay(s, MAKER, period, recipient=late.id, amount=60_001, reason="漏发")
    assert said.endswith("；请注意：补发 600.01 元，超过 4 期的标准（600.00 元），请核对补的是哪几期、有没有补过")
    assert [str(one) for one in doubts(s, period)] == ["李二：补发 600.01 元，超过 4 期的标准（600.00 元），请核对补的是哪几期、有没有补过"]
    s.add(Setting(id=new_id(), home=subsidy.scene.county, key="subsidy.back_pay_periods", value="2"))
    s.flush()
    assert "超过 2 期" in adjust_line(s, MAKER, line, back_pay=30_001, reason="补")
    assert [one.where for one in doubts(s, period)] == ["李一", "李二"]
    assert person.id == line.recipient
