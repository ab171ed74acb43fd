"""The shipped word lists are whole, unambiguous, and say where they come from."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from relocdesk.words import NAMES, regions, source, unit, words

COLUMNS = {
    "assets": (["kind", "item", "specs", "unit"], ("kind", "item")),
    "holidays": (["day", "kind", "name"], ("day",)),
    "land_classes": (["set", "code", "name", "class", "group", "also"], ("set", "code")),
    "nations": (["code", "name"], ("code",)),
    "regions": (["code", "name", "last_year", "successor"], ("code",)),
    "relations": (["code", "name", "also"], ("code",)),
    "units": (["unit", "also"], ("also",)),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_list_has_its_columns_a_source_with_a_date_and_no_row_twice(name: str) -> None:
    columns, key = COLUMNS[name]
    rows = words(name)
    assert {tuple(row) for row in rows} == {tuple(columns)}
    assert all(text == text.strip() for row in rows for text in row.values())
    assert all(row[part] for row in rows for part in key)
    assert max(Counter(tuple(row[part] for part in key) for row in rows).values()) == 1
    assert re.search(r"\d{4}-\d{2}-\d{2}$", source(name))


def test_an_unknown_list_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        words("../style")
    with pytest.raises(KeyError):
        source("festivals")


def test_regions_hold_every_yunnan_code_and_lead_to_codes_in_force() -> None:
    table = regions()
    in_force = {code for code, row in table.items() if not row["last_year"]}
    assert (len(table), len(in_force)) == (245, 146)
    lost = {code: row["successor"] for code, row in table.items() if code not in in_force}
    assert [code for code, successor in lost.items() if not successor] == ["533322"]  # 碧江 was shared out
    assert all(set(successor.split(";")) <= in_force for successor in lost.values() if successor)


@pytest.mark.parametrize(
    ("code", "name", "last_year", "successor"),
    [
        ("530523", "龙陵县", "", ""),
        ("533024", "龙陵县", "1999", "530523"),
        ("530304", "马龙区", "", ""),
        ("532223", "马龙县", "1996", "530304"),
        ("530126", "石林彝族自治县", "", ""),
        ("533221", "丽江纳西族自治县", "2001", "530702;530721"),
        ("533000", "保山地区", "1999", "530500"),
    ],
)
def test_regions_samples(code: str, name: str, last_year: str, successor: str) -> None:
    assert regions()[code] == {"code": code, "name": name, "last_year": last_year, "successor": successor}


def test_names_and_their_other_spellings_are_unambiguous() -> None:
    for name in ("relations", "nations"):
        spellings = [text for row in words(name) for text in [row["name"], *row.get("also", "").split(";")] if text]
        assert max(Counter(spellings).values()) == 1


def test_standard_lists_are_complete() -> None:
    assert [row["code"] for row in words("nations")[:56]] == [f"{n:02}" for n in range(1, 57)]
    assert len(words("relations")) == 83
    standard = [row for row in words("land_classes") if row["set"] == "GB/T 21010-2017"]
    assert len(standard) == 73
    groups = {row["code"]: row["group"] for row in standard}
    assert [groups[code] for code in ("0101", "0404", "1006", "1203", "0702", "1109", "1101")] == [
        "农用地", "未利用地", "农用地", "农用地", "建设用地", "建设用地", "未利用地",
    ]  # fmt: skip


def test_every_unit_of_an_item_is_a_usual_one() -> None:
    assert {row["unit"] for row in words("assets")} <= {row["unit"] for row in words("units")}


@pytest.mark.parametrize(
    ("text", "usual"), [("㎡", "m²"), (" 平方米 ", "m²"), ("棵", "株"), ("米", "m"), ("亩", "亩"), ("挑", "挑")]
)
def test_unit_is_written_the_usual_way(text: str, usual: str) -> None:
    assert unit(text) == usual
