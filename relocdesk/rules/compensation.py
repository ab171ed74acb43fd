"""What is paid, at which price and to whom: payee types, the lines of land and items, and the price that applies.

Money 分, land 10^-6 亩, quantities and years 10^-6. Which rows exist, and which day counts, the caller knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relocdesk.errors import UserError
from relocdesk.rules.area import mu_2
from relocdesk.rules.money import half_up, line_amount

COLLECTIVE, PERSON, UNIT, SOCIAL_SECURITY = "集体", "个人", "单位", "社保专户"
PAYEE_TYPES = (COLLECTIVE, PERSON, UNIT, SOCIAL_SECURITY)
HOUSEHOLD = "户"
LAND_KINDS = ("土地补偿费", "安置补助费", "社会保障费", "青苗补偿费", "临时用地补偿", "复垦费")
"""The kinds of price that are paid by the 亩 of a parcel, in the order an agreement lists them."""

_PAYEE_OF_KIND = {
    **dict.fromkeys(("土地补偿费", "安置补助费", "临时用地补偿"), COLLECTIVE),
    **dict.fromkeys(("社会保障费", "社会保障费用"), SOCIAL_SECURITY),
    **dict.fromkeys(("青苗", "青苗补偿费", "房屋", "房屋补偿", "附属设施", "零星林木", "坟墓", "农副业设施"), PERSON),
    **dict.fromkeys(("搬迁补助", "过渡期补助", "奖励"), PERSON),
    **dict.fromkeys(("专项", "专项设施", "复垦费"), UNIT),
}
_PAYEE_OF_PARTY = {
    HOUSEHOLD: PERSON,
    "村民小组": COLLECTIVE,
    "村委会": COLLECTIVE,
    "乡镇": COLLECTIVE,
    "单位": UNIT,
    "社保专户": SOCIAL_SECURITY,
}
_REASON = {
    COLLECTIVE: "集体的补偿款应直接全额兑付给村集体（471号令第30条）",
    PERSON: "个人的补偿款应直接全额兑付给个人（471号令第32条）",
    UNIT: "专项设施的补偿款应支付给产权单位（471号令第34条）",
    SOCIAL_SECURITY: "社会保障费应单独列支，转入社保专户（土地管理法实施条例第32条）",
}


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One row of the 补偿标准.

    An empty project, item, spec, nature or price_zone ("" or None) fits everything. unit_price is in 分, for one
    `unit`; both days (ISO) are included, and an empty valid_until has no end.
    """

    id: str
    project: str | None
    kind: str
    item: str | None
    spec: str | None
    nature: str | None
    price_zone: str | None
    unit: str
    unit_price: int
    payee_type: str
    valid_from: str
    valid_until: str | None


def default_payee(kind: str) -> str | None:
    """The payee type a kind of price usually has; None when the law leaves it to whoever owns the thing.

    Collective: land, resettlement (471 art. 30). Person: houses, structures, trees, crops, graves, moving (art. 32).
    Unit: special facilities (art. 34). Social security has its own account (土地管理法实施条例 art. 32). The split of
    安置补助费 and the payee of temporary land differ by province [unsure: setting], so a price row may say otherwise.

    >>> default_payee("土地补偿费"), default_payee("青苗补偿费"), default_payee("其他")
    ('集体', '个人', None)
    """
    return _PAYEE_OF_KIND.get(kind)


def payee_refusal(payee_type: str, party_kind: str) -> str | None:
    """Why money of this payee type must not go to such a party; None when it may.

    `party_kind`: 户, or the kind of a 集体/单位收款人 (村民小组, 村委会, 乡镇, 单位, 社保专户). Any other word is a
    KeyError. Source: 471 arts 30, 32, 34; 土地管理法实施条例 art. 32.

    >>> payee_refusal("集体", "村民小组") is None, payee_refusal("集体", "户")
    (True, '集体的补偿款应直接全额兑付给村集体（471号令第30条），不能付给农户')
    """
    reason = _REASON[payee_type]
    if _PAYEE_OF_PARTY[party_kind] == payee_type:
        return None
    return f"{reason}，不能付给{'农户' if party_kind == HOUSEHOLD else party_kind}"


def land_line(mu: int, unit_price: int) -> tuple[int, int]:
    """Quantity (10^-6, 亩 rounded to 0.01) and amount (分) of a line of permanent land.

    The rounded 亩 is what the sheet shows and what is signed, so it is what is paid.

    >>> land_line(1_234_567, 3_500_000)
    (1230000, 4305000)
    """
    quantity = mu_2(mu) * 10_000
    return quantity, line_amount(quantity, unit_price)


def temporary_line(mu: int, years_e6: int, unit_price: int) -> tuple[int, int]:
    """Quantity (10^-6, 亩 rounded to 0.01) and amount (分) of a line of temporary land.

    Amount = 亩 (the rounded one) × years (10^-6) × price per 亩·年 (分), rounded half up once.

    >>> temporary_line(2_004_999, 1_500_000, 100_001)
    (2000000, 300003)
    """
    quantity = mu_2(mu) * 10_000
    return quantity, half_up(quantity * years_e6 * unit_price, 10**12)


def item_line(quantity_e6: int, unit_price: int) -> int:
    """分 of a line of any other item: quantity (10^-6 units) × unit price, rounded half up.

    >>> item_line(85_510_000, 98_000)
    8379980
    """
    return line_amount(quantity_e6, unit_price)


def best_price(
    rows: Iterable[PriceRow],
    *,
    kind: str,
    on: str,
    item: str | None = None,
    spec: str | None = None,
    nature: str | None = None,
    price_zone: str | None = None,
    project: str | None = None,
) -> PriceRow:
    """The price row that applies on a day (ISO).

    The kind must be equal. A row fits where each of its project, item, spec, nature and price_zone is equal or
    empty; the row with most of them filled wins; of rows that name exactly the same thing the later paper replaces the
    earlier. UserError codes: PRICE_NONE (no row fits), PRICE_TWO (two different rows fit equally well).

    >>> every = PriceRow("1", "", "房屋", "主房", "", "", "", "m²", 60_000, "个人", "2020-01-01", "")
    >>> brick = PriceRow("2", "", "房屋", "主房", "砖混", "", "", "m²", 98_000, "个人", "2020-01-01", "")
    >>> best_price([every, brick], kind="房屋", on="2026-11-22", item="主房", spec="砖混").id
    '2'
    >>> best_price([every, brick], kind="房屋", on="2026-11-22", item="主房", spec="土木").id
    '1'
    """
    wanted = (project, item, spec, nature, price_zone)
    fitting = _newest(row for row in rows if row.kind == kind and _valid(row, on) and _fits(row, wanted))
    what = "·".join(part for part in (kind, item, spec, nature, price_zone) if part)
    if not fitting:
        raise UserError(
            f"补偿标准中没有{on}有效的“{what}”单价",
            hint="请在“补偿标准”中录入，或核对类别、名称、规格和区片",
            code="PRICE_NONE",
        )
    most = max(_filled(row) for row in fitting)
    winners = [row for row in fitting if _filled(row) == most]
    if len(winners) > 1:
        listed = "；".join(_describe(row) for row in winners)
        raise UserError(
            f"“{what}”在{on}有{len(winners)}条同样合适的单价（{listed}）",
            hint="请给作废的标准填上失效日期，或把其中一条写得更具体",
            code="PRICE_TWO",
        )
    return winners[0]


def land_prices(
    rows: Sequence[PriceRow],
    *,
    item: str,
    nature: str,
    on: str,
    price_zone: str | None = None,
    project: str | None = None,
    kinds: Sequence[str] = LAND_KINDS,
) -> tuple[PriceRow, ...]:
    """The price rows of a parcel, one for each kind that has a fitting row, in the order of `kinds`.

    `item` is the name of the 地类, `nature` 永久 or 临时 as the rows write it. A parcel no kind of which has a row is a
    UserError (PRICE_NONE), two equal rows of one kind too (PRICE_TWO).
    """
    wanted = (project, item, "", nature, price_zone)
    priced = {row.kind for row in rows if _valid(row, on) and _fits(row, wanted)}
    found = tuple(
        best_price(rows, kind=kind, on=on, item=item, nature=nature, price_zone=price_zone, project=project)
        for kind in kinds
        if kind in priced
    )
    if not found:
        what = "·".join(part for part in (item, nature, price_zone) if part)
        raise UserError(
            f"补偿标准中没有{on}有效的“{what}”土地单价",
            hint="请在“补偿标准”中录入，或核对地类、征用性质和区片",
            code="PRICE_NONE",
        )
    return found


def _parts(row: PriceRow) -> tuple[str | None, ...]:
    return row.project, row.item, row.spec, row.nature, row.price_zone


def _newest(rows: Iterable[PriceRow]) -> list[PriceRow]:
    """Without the rows that a later paper on exactly the same thing has replaced."""
    found = list(rows)
    latest: dict[tuple[str | None, ...], str] = {}
    for row in found:
        latest[_parts(row)] = max(latest.get(_parts(row), ""), row.valid_from)
    return [row for row in found if row.valid_from == latest[_parts(row)]]


def _filled(row: PriceRow) -> int:
    return sum(bool(part) for part in _parts(row))


def _fits(row: PriceRow, wanted: Sequence[str | None]) -> bool:
    return all(not part or part == text for part, text in zip(_parts(row), wanted, strict=True))


def _valid(row: PriceRow, on: str) -> bool:
    return row.valid_from <= on and (not row.valid_until or on <= row.valid_until)


def _describe(row: PriceRow) -> str:
    words = "·".join(part for part in (row.item, row.spec, row.nature, row.price_zone) if part) or row.kind
    return f"{words}，自{row.valid_from}起" if row.valid_from else words
