"""Rectification by hand-counted cases: terms, order of signatures, measures in one cell."""

from __future__ import annotations

import pytest

from relocdesk.rules.rectification import Signature, Signed, Tally, measures_of, measures_text, months_after, overdue_days, plan_due, refusal


@pytest.mark.parametrize(("day", "months", "due"), [
    ("2023-09-12", 3, "2023-12-12"), ("2023-08-31", 6, "2024-02-29"), ("2022-08-31", 6, "2023-02-28"), ("2023-10-31", 3, "2024-01-31"),
    ("2024-02-29", 12, "2025-02-28"),
])  # fmt: skip
def test_months_after_ends_on_the_last_day_of_short_months(day: str, months: int, due: str) -> None:
    assert months_after(day, months) == due


def test_the_plan_is_due_after_calendar_days_over_the_new_year() -> None:
    assert plan_due("2023-12-05", 30) == "2024-01-04"


@pytest.mark.parametrize(("due", "settled", "on", "days"), [
    ("2023-12-12", False, "2023-12-12", 0), ("2023-12-12", False, "2023-12-13", 1), ("2023-12-12", True, "2024-12-12", 0),
])  # fmt: skip
def test_overdue_counts_from_the_day_after(due: str, settled: bool, on: str, days: int) -> None:
    assert overdue_days(due, settled, on) == days


@pytest.mark.parametrize(("signed", "wanted", "signer", "evidence", "measures", "why"), [
    (Signed(), "section", "甲", True, 0, ""),
    (Signed(), "section", "甲", False, 0, "还没有佐证材料"),
    (Signed(), "section", "甲", True, 2, "还有 2 条措施没有完成"),
    (Signed(), "leader", "乙", True, 0, "股室还没有签字"),
    (Signed(), "group", "丙", True, 0, "股室还没有签字"),
    (Signed("甲"), "section", "甲", True, 0, "这一步已经签过字"),
    (Signed("甲"), "leader", "甲", True, 0, "股室签字和领导签字是同一个人（甲）"),
    (Signed("甲"), "leader", "乙", True, 0, ""),
    (Signed("甲"), "group", "丙", True, 0, "分管领导还没有签字"),
    (Signed("甲", "乙"), "group", "甲", True, 0, "股室签字和党组销号是同一个人（甲）"),
    (Signed("甲", "乙"), "group", "乙", True, 0, ""),
    (Signed("甲", "乙", "丙"), "group", "丁", True, 0, "已经销号"),
])  # fmt: skip
def test_signatures_come_in_order_from_different_people(
    signed: Signed, wanted: Signature, signer: str, evidence: bool, measures: int, why: str
) -> None:
    assert refusal(signed, wanted, signer, evidence=evidence, open_measures=measures) == why


def test_two_different_people_close() -> None:
    assert [one.may_close() for one in (Signed("甲"), Signed("甲", "甲"), Signed("甲", "乙"))] == [False, False, True]


@pytest.mark.parametrize(("text", "found"), [
    ("1.建立台账；\n2.逐户核对；\n3.公开结果。", ("建立台账", "逐户核对", "公开结果")),
    ("（1）约谈。（2）整改。", ("约谈", "整改")),
    ("一、开会研究\n二、印发制度", ("开会研究", "印发制度")),
    ("①核对②退款", ("核对", "退款")),
    ("1．投入2.5万元修路 2．补种1.2亩", ("投入2.5万元修路", "补种1.2亩")),
    ("按月核对", ("按月核对",)),
    ("先核对\n再公开", ("先核对", "再公开")),
    ("2023年1.5亩已复垦", ("2023年1.5亩已复垦",)),
    ("", ()),
    ("十、其他", ("十、其他",)),
])  # fmt: skip
def test_measures_in_one_cell_are_taken_apart(text: str, found: tuple[str, ...]) -> None:
    assert measures_of(text) == found
    assert measures_of(measures_text(found)) == found


def test_the_tally_adds_up() -> None:
    assert Tally(31, 5, 2, 1).total == 39
