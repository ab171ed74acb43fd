"""Who is paid, what a line comes to, and which price row applies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.errors import UserError
from relocdesk.rules.compensation import (
    LAND_KINDS,
    PAYEE_TYPES,
    PriceRow,
    best_price,
    default_payee,
    item_line,
    land_line,
    land_prices,
    payee_refusal,
    temporary_line,
)
from relocdesk.rules.days import lease_years_e6
from relocdesk.words import words

ON = "2026-11-22"
PARTIES = {"户": "个人", "村民小组": "集体", "村委会": "集体", "乡镇": "集体", "单位": "单位", "社保专户": "社保专户"}


def price(id_: str, kind: str = "房屋", **parts: object) -> PriceRow:
    bare = PriceRow(id_, "", kind, "", "", "", "", "m²", 100, "个人", "2020-01-01", "")
    return replace(bare, **parts)  # type: ignore[arg-type]  # a table of cases


@pytest.mark.parametrize(
    ("kind", "payee"),
    [
        ("土地补偿费", "集体"),
        ("安置补助费", "集体"),
        ("临时用地补偿", "集体"),
        ("社会保障费", "社保专户"),
        ("青苗补偿费", "个人"),
        ("房屋补偿", "个人"),
        ("附属设施", "个人"),
        ("零星林木", "个人"),
        ("坟墓", "个人"),
        ("搬迁补助", "个人"),
        ("过渡期补助", "个人"),
        ("奖励", "个人"),
        ("专项", "单位"),
        ("其他", None),
    ],
)
def test_default_payee(kind: str, payee: str | None) -> None:
    assert default_payee(kind) == payee


def test_every_land_kind_and_every_kind_of_item_but_others_has_a_payee() -> None:
    kinds = {*LAND_KINDS, *(row["kind"] for row in words("assets"))} - {"其他"}
    assert {kind for kind in kinds if default_payee(kind) not in PAYEE_TYPES} == set()


@pytest.mark.parametrize("party", PARTIES)
@pytest.mark.parametrize("payee_type", PAYEE_TYPES)
def test_money_goes_to_its_own_kind_of_party_only(payee_type: str, party: str) -> None:
    refusal = payee_refusal(payee_type, party)
    assert (refusal is None) == (PARTIES[party] == payee_type)
    assert refusal is None or refusal.endswith(f"，不能付给{'农户' if party == '户' else party}")


def test_an_unknown_party_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        payee_refusal("集体", "公司")


@pytest.mark.parametrize(
    ("mu", "unit_price", "line"),
    [
        (9_810_000, 3_500_000, (9_810_000, 34_335_000)),
        (9_814_999, 3_500_000, (9_810_000, 34_335_000)),
        (9_815_000, 3_500_000, (9_820_000, 34_370_000)),
        (4_999, 3_500_000, (0, 0)),
        (10_000, 150, (10_000, 2)),
    ],
)
def test_land_is_paid_by_the_rounded_mu(mu: int, unit_price: int, line: tuple[int, int]) -> None:
    assert land_line(mu, unit_price) == line


@pytest.mark.parametrize(
    ("mu", "start", "until", "unit_price", "amount"),
    [
        (2_000_000, "2024-01-01", "2025-12-31", 180_000, 720_000),
        (2_000_000, "2025-01-01", "2025-06-30", 180_000, 178_520),  # 181 days ÷ 365 = 0.495890
        (10_000, "2024-01-01", "2024-12-31", 50, 1),
        (10_000, "2024-01-01", "2024-12-31", 49, 0),
    ],
)
def test_temporary_land_is_paid_by_mu_years_and_price(
    mu: int, start: str, until: str, unit_price: int, amount: int
) -> None:
    assert temporary_line(mu, lease_years_e6(start, until), unit_price) == (mu, amount)


@given(st.integers(0, 10**10), st.integers(0, 10**9))
def test_one_year_of_temporary_land_costs_what_permanent_land_would_at_that_price(mu: int, unit_price: int) -> None:
    assert temporary_line(mu, 1_000_000, unit_price) == land_line(mu, unit_price)


def test_item_line_rounds_half_up() -> None:
    assert item_line(3_000_000, 12_000) == 36_000
    assert item_line(500_000, 1) == 1


HOUSES = (
    price("any"),
    price("house", item="主房"),
    price("brick", item="主房", spec="砖混"),
    price("brick-p", item="主房", spec="砖混", project="灌区"),
    price("zone", item="主房", price_zone="一区"),
    price("old", item="杂房", valid_from="2010-01-01", valid_until="2019-12-31"),
    price("tree", kind="零星林木", item="主房"),
)


@pytest.mark.parametrize(
    ("asked", "winner"),
    [
        ({"item": "主房", "spec": "砖混"}, "brick"),
        ({"item": "主房", "spec": "砖混", "project": "灌区"}, "brick-p"),
        ({"item": "主房", "spec": "砖混", "project": "水库"}, "brick"),
        ({"item": "主房", "spec": "土木"}, "house"),
        ({"item": "主房", "spec": "土木", "price_zone": "一区"}, "zone"),
        ({"item": "主房", "spec": "土木", "price_zone": "二区"}, "house"),
        ({"item": "窑洞"}, "any"),
        ({"item": "杂房"}, "any"),
        ({"item": "杂房", "on": "2020-01-01"}, "any"),
    ],
)
def test_the_most_particular_price_wins(asked: dict[str, str], winner: str) -> None:
    assert best_price(HOUSES, **{"kind": "房屋", "on": ON, **asked}).id == winner
    assert best_price(HOUSES[::-1], **{"kind": "房屋", "on": ON, **asked}).id == winner


def test_an_empty_part_may_be_none_on_either_side() -> None:
    rows = [price("bare", item=None, spec=None, nature=None, price_zone=None, project=None, valid_until=None)]
    assert best_price(rows, kind="房屋", on=ON, item="主房", spec=None).id == "bare"
    assert best_price(HOUSES, kind="房屋", on=ON, item="主房", spec=None, price_zone=None, project=None).id == "house"


@pytest.mark.parametrize(("on", "found"), [("2009-12-31", False), ("2010-01-01", True), ("2019-12-31", True)])
def test_both_days_of_a_price_are_included(on: str, found: bool) -> None:
    if found:
        assert best_price(HOUSES, kind="房屋", item="杂房", on=on).id == "old"
    else:
        with pytest.raises(UserError) as caught:
            best_price(HOUSES, kind="房屋", item="杂房", on=on)
        assert (caught.value.code, caught.value.text) == (
            "PRICE_NONE",
            "补偿标准中没有2009-12-31有效的“房屋·杂房”单价",
        )


def test_two_equal_prices_are_refused_and_named() -> None:
    rows = [price("a", item="主房"), price("b", item="主房"), price("c")]
    with pytest.raises(UserError) as caught:
        best_price(rows, kind="房屋", item="主房", on=ON)
    assert caught.value.code == "PRICE_TWO"
    assert caught.value.text == (
        "“房屋·主房”在2026-11-22有2条同样合适的单价（主房，自2020-01-01起；主房，自2020-01-01起）"
    )


def test_a_later_paper_on_the_same_thing_replaces_the_earlier() -> None:
    rows = [price("a", item="主房"), price("b", item="主房", valid_from="2026-01-01"), price("c")]
    assert best_price(rows, kind="房屋", item="主房", on=ON).id == "b"
    assert best_price(rows, kind="房屋", item="主房", on="2025-12-31").id == "a"


def test_two_prices_filled_differently_but_equally_often_are_refused() -> None:
    rows = [price("spec", item="主房", spec="砖混"), price("zone", item="主房", price_zone="一区")]
    with pytest.raises(UserError) as caught:
        best_price(rows, kind="房屋", item="主房", spec="砖混", price_zone="一区", on=ON)
    assert caught.value.code == "PRICE_TWO"


LAND = (
    price("crops", kind="青苗补偿费"),
    price("subsidy", kind="安置补助费", nature="永久"),
    price("land", kind="土地补偿费", nature="永久"),
    price("paddy", kind="土地补偿费", item="水田", nature="永久", price_zone="一区"),
    price("lease", kind="临时用地补偿", nature="临时"),
    price("moving", kind="搬迁补助"),
)


@pytest.mark.parametrize(
    ("item", "nature", "zone", "ids"),
    [
        ("水田", "永久", "一区", ["paddy", "subsidy", "crops"]),
        ("水田", "永久", "二区", ["land", "subsidy", "crops"]),
        ("旱地", "永久", "", ["land", "subsidy", "crops"]),
        ("旱地", "临时", "一区", ["crops", "lease"]),
    ],
)
def test_a_parcel_has_one_price_for_each_matching_kind(item: str, nature: str, zone: str, ids: list[str]) -> None:
    found = land_prices(LAND, item=item, nature=nature, price_zone=zone, on=ON)
    assert [row.id for row in found] == ids


def test_a_parcel_without_any_price_is_refused() -> None:
    with pytest.raises(UserError, match="没有2019-01-01有效的“旱地·永久”土地单价") as caught:
        land_prices(LAND, item="旱地", nature="永久", on="2019-01-01")
    assert caught.value.code == "PRICE_NONE"


def test_a_parcel_with_two_equal_prices_of_one_kind_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        land_prices([*LAND, price("again", kind="安置补助费", nature="永久")], item="旱地", nature="永久", on=ON)
    assert caught.value.code == "PRICE_TWO"
