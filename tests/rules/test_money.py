"""Money rules against the tables of 支付结算办法 and against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.rules.money import capital, half_up, largest_remainder, line_amount, percent, show_yuan, wan, yuan

CAPITALS = [
    (140950, "人民币壹仟肆佰零玖元伍角"),
    (600714, "人民币陆仟零柒元壹角肆分"),
    (168032, "人民币壹仟陆佰捌拾元零叁角贰分"),
    (10700053, "人民币壹拾万柒仟元零伍角叁分"),
    (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
    (32504, "人民币叁佰贰拾伍元零肆分"),
    (5, "人民币伍分"),
    (50, "人民币伍角"),
    (55, "人民币伍角伍分"),
    (0, "人民币零元整"),
    (1000, "人民币壹拾元整"),
    (1100, "人民币壹拾壹元整"),
    (10000000, "人民币壹拾万元整"),
    (101010, "人民币壹仟零壹拾元零壹角"),
    (2000050, "人民币贰万元零伍角"),
    (2000005, "人民币贰万元零伍分"),
    (10100000, "人民币壹拾万壹仟元整"),
    (1000100, "人民币壹万零壹元整"),
    (30508007, "人民币叁拾万伍仟零捌拾元零柒分"),
    (200001007, "人民币贰佰万零壹拾元零柒分"),
    (1000100000, "人民币壹仟万壹仟元整"),
    (1001000000, "人民币壹仟零壹万元整"),
    (10000000000, "人民币壹亿元整"),
    (10000000100, "人民币壹亿零壹元整"),
    (10000100000, "人民币壹亿零壹仟元整"),
    (10010000000, "人民币壹亿零壹拾万元整"),
    (11000000000, "人民币壹亿壹仟万元整"),
    (100010000000, "人民币壹拾亿零壹拾万元整"),
    (99999999999, "人民币玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    (120034560, "人民币壹佰贰拾万零叁佰肆拾伍元陆角"),
    (100_000_000_000_000, "人民币壹万亿元整"),
    (100_010_000_000_000, "人民币壹万零壹亿元整"),
]


@pytest.mark.parametrize(("fen", "text"), CAPITALS)
def test_capital_writes_the_official_form(fen: int, text: str) -> None:
    assert capital(fen) == text


def test_capital_without_prefix_and_with_zheng_after_jiao() -> None:
    assert capital(50, prefix=False, zheng_after_jiao=True) == "伍角整"
    assert capital(55, prefix=False, zheng_after_jiao=True) == "伍角伍分"


@pytest.mark.parametrize("fen", [-1, -140950, 10**18])
def test_capital_refuses_what_no_voucher_carries(fen: int) -> None:
    with pytest.raises(ValueError):
        capital(fen)


def read_capital(text: str) -> int:
    """分 of a 大写 text, by adding up digit × place: an independent reading of what capital writes."""
    digits = {char: n for n, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
    places = {"拾": 10, "佰": 100, "仟": 1000}
    total = section = digit = 0
    fen = 0
    for char in text.removeprefix("人民币").removesuffix("整"):
        if char in digits:
            digit = digits[char]
        elif char in places:
            section, digit = section + digit * places[char], 0
        elif char == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        elif char == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        elif char == "元":
            fen, digit = (total + section + digit) * 100, 0
        elif char == "角":
            fen, digit = fen + digit * 10, 0
        else:
            fen, digit = fen + digit, 0
    return fen


@given(st.integers(0, 10**15))
def test_capital_can_be_read_back_and_never_stutters(fen: int) -> None:
    text = capital(fen)
    assert read_capital(text) == fen
    assert not any(bad in text for bad in ("零零", "零万", "零亿", "零拾", "零佰", "零仟"))
    assert "零元" not in text or fen == 0


@given(st.integers(), st.integers(1, 10**9))
def test_half_up_is_nearest_and_ties_go_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    away = Fraction(half_up(numerator, denominator)) - exact
    assert abs(away) <= Fraction(1, 2)
    if abs(away) == Fraction(1, 2):
        assert away * exact > 0


@pytest.mark.parametrize("denominator", [0, -3])
def test_half_up_refuses_a_denominator_that_is_not_positive(denominator: int) -> None:
    with pytest.raises(ValueError):
        half_up(1, denominator)


@pytest.mark.parametrize(
    ("fen", "plain", "shown"),
    [
        (0, "0.00", "0.00"),
        (5, "0.05", "0.05"),
        (-5, "-0.05", "-0.05"),
        (1234567, "12345.67", "12,345.67"),
        (-123456789, "-1234567.89", "-1,234,567.89"),
    ],
)
def test_yuan_is_shown_with_two_decimals(fen: int, plain: str, shown: str) -> None:
    assert (yuan(fen), show_yuan(fen)) == (plain, shown)


@pytest.mark.parametrize(
    ("quantity_e6", "price", "amount"),
    [
        (9_810_000, 3_500_000, 34_335_000),
        (1_000_000, 1, 1),
        (500_000, 1, 1),
        (499_999, 1, 0),
        (-500_000, 1, -1),
        (2_675_000, 100, 268),  # 2.675 × 1 元 is 2.68; floats say 2.67
    ],
)
def test_line_amount_rounds_once_and_half_up(quantity_e6: int, price: int, amount: int) -> None:
    assert line_amount(quantity_e6, price) == amount


@pytest.mark.parametrize(
    ("fen", "decimals", "text"),
    [(0, 2, "0.00"), (4_999, 2, "0.00"), (5_000, 2, "0.01"), (-5_000, 2, "-0.01"), (123_456_789, 4, "123.4568")],
)
def test_wan(fen: int, decimals: int, text: str) -> None:
    assert wan(fen, decimals) == text


@pytest.mark.parametrize(
    ("part", "whole", "decimals", "text"),
    [
        (0, 0, 1, "—"),
        (5, 0, 1, "—"),
        (0, 3, 1, "0.0%"),
        (3, 3, 1, "100.0%"),
        (9_999, 10_000, 1, "99.9%"),
        (9_999, 10_000, 2, "99.99%"),
        (99_999, 100_000, 0, "99%"),
        (1, 10_000, 1, "0.1%"),
        (1, 1000, 0, "1%"),
        (10_001, 10_000, 1, "100.0%"),
        (5, 2, 1, "250.0%"),
        (-1, 4, 1, "-25.0%"),
        (1, 8, 1, "12.5%"),
        (1, 8, 0, "13%"),
    ],
)
def test_percent(part: int, whole: int, decimals: int, text: str) -> None:
    assert percent(part, whole, decimals) == text


@given(st.lists(st.integers(-(10**12), 10**12)), st.integers(1, 10**6))
def test_largest_remainder_adds_up_and_moves_no_part_by_a_unit(numerators: list[int], denominator: int) -> None:
    parts = largest_remainder(numerators, denominator)
    assert sum(parts) == half_up(sum(numerators), denominator)
    assert all(abs(Fraction(n, denominator) - part) < 1 for n, part in zip(numerators, parts, strict=True))


def test_largest_remainder_leaves_zero_alone_and_prefers_the_earlier_of_equals() -> None:
    assert largest_remainder([0, 5_000, 5_000, 0], 10_000) == (0, 1, 0, 0)
    assert largest_remainder([], 10) == ()
