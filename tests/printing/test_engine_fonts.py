"""Which face draws a character, and what no face can draw."""

from __future__ import annotations

import hashlib

import pytest

from relocdesk import resource
from relocdesk.printing import fonts


def test_rare_names_are_drawn_and_the_missing_one_is_listed() -> None:
    assert fonts.missing("张堃喆䶮𬌗") == []
    assert fonts.missing("王𫚈·𫚈\ue000李") == ["𫚈", "\ue000"]


@pytest.mark.parametrize("role", sorted(fonts.ROLES))
def test_every_role_draws_the_characters_of_forms(role: str) -> None:
    assert fonts.missing("人民币零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整￥¥〔2023〕㎡亩·“”‘’——……①√□〇%℃×+-", role) == []


def test_fang_takes_latin_digits_and_rare_characters_from_the_universal_face() -> None:
    assert list(fonts.runs("张堃12,345.67元", "fang")) == [
        ("FandolFang-Regular", "张"),
        ("NotoSerifSC-Regular", "堃12,345.67"),
        ("FandolFang-Regular", "元"),
    ]
    assert list(fonts.runs("￥", "fang")) == [("NotoSerifSC-Regular", "￥")]
    assert list(fonts.runs("𫚈", "fang")) == [("", "𫚈")]


def test_quotation_marks_are_a_full_character_wide_in_every_role() -> None:
    assert {role: fonts.width("“”", role, 10.0) for role in fonts.ROLES} == dict.fromkeys(fonts.ROLES, 20.0)


def test_bare_variation_selectors_and_joiners_are_neither_missing_nor_drawn() -> None:
    assert fonts.missing("葛\U000e0100\u200b\ufeff") == []
    assert fonts.clean("葛\U000e0100\u200b\ufeff\u00a0\t1\r\n2") == "葛  1\n2"


def test_the_shipped_faces_are_those_of_the_list() -> None:
    listed = {}
    for line in resource("fonts/README.md").read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) == 2 and len(parts[0]) == 64:
            listed[parts[1]] = parts[0]
    real = {
        f"{name}.ttf": hashlib.sha256(resource(f"fonts/{name}.ttf").read_bytes()).hexdigest()
        for name in fonts.ROLES.values()
    }
    assert real == listed
