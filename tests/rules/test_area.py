"""Areas: exact from m² to 亩, agreement of two figures, print, house storeys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.rules.area import (
    agree,
    hectares,
    hectares_of_mu,
    house_area,
    m2_of_mu,
    mu_2,
    mu_of_m2,
    show_m2,
    show_mu,
    storey_factor,
)


@given(st.integers(0, 10**13))
def test_m2_survives_the_way_to_mu_and_back(m2: int) -> None:
    assert m2_of_mu(mu_of_m2(m2)) == m2


@given(st.integers(0, 10**9))
def test_an_area_agrees_with_its_own_printed_mu(m2: int) -> None:
    assert agree(m2, mu_2(mu_of_m2(m2)) * 10_000)


@pytest.mark.parametrize(
    ("m2", "mu", "same"),
    [
        (66_667, 1_000_000, True),
        (66_666, 1_000_000, True),
        (67_000, 1_000_000, True),  # 1.005 亩: just within
        (67_001, 1_000_000, False),
        (66_333, 1_000_000, False),
        (0, 0, True),
        (654_000, 9_810_000, True),
    ],
)
def test_agree_to_half_a_hundredth_of_a_mu(m2: int, mu: int, same: bool) -> None:
    assert agree(m2, mu) is same


@pytest.mark.parametrize(
    ("mu", "hundredths", "two", "four"),
    [
        (0, 0, "0.00", "0.0000"),
        (4_999, 0, "0.00", "0.0050"),
        (5_000, 1, "0.01", "0.0050"),
        (9_810_000, 981, "9.81", "9.8100"),
        (1_234_564_950, 123_456, "1234.56", "1234.5650"),
        (-5_000, -1, "-0.01", "-0.0050"),
    ],
)
def test_mu_is_rounded_half_up_for_print(mu: int, hundredths: int, two: str, four: str) -> None:
    assert (mu_2(mu), show_mu(mu), show_mu(mu, 4)) == (hundredths, two, four)


@pytest.mark.parametrize(
    ("m2", "text", "hectare_text"),
    [(1_000_000, "10000.00", "1.0000"), (150, "1.50", "0.0002"), (149, "1.49", "0.0001"), (0, "0.00", "0.0000")],
)
def test_m2_and_hectares(m2: int, text: str, hectare_text: str) -> None:
    assert (show_m2(m2), hectares(m2)) == (text, hectare_text)


@given(st.integers(0, 10**12))
def test_hectares_are_the_same_from_m2_and_from_mu(m2: int) -> None:
    assert hectares_of_mu(mu_of_m2(m2)) == hectares(m2)


@pytest.mark.parametrize(
    ("height_cm", "factor"),
    [(300, 100), (200, 100), (199, 80), (180, 80), (179, 60), (150, 60), (149, 40), (120, 40), (119, 0), (0, 0)],
)
def test_storey_factor_by_height(height_cm: int, factor: int) -> None:
    assert storey_factor(height_cm) == factor


def test_house_area_takes_the_table_it_is_given() -> None:
    general_standard = [(120, 50), (220, 100)]
    assert house_area(10_001, 210, general_standard) == 5_001
    assert house_area(10_001, 210) == 10_001
    assert house_area(10_001, 100) == 0
