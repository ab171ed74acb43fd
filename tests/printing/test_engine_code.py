"""Short codes of sheets: what they stand for, what they forgive, what they find; and the QR picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.printing.code import qr_squares
from relocdesk.rules.code import ALPHABET, content_digest, short_code, valid_code

CODES = st.text(min_size=1).map(lambda text: short_code("form", ["1"], content_digest(text)))


def test_same_content_same_code_and_any_change_another() -> None:
    code = short_code("agreement", ["a", "b"], content_digest({"name": "张三", "amount": 100}))
    assert code == short_code("agreement", ["a", "b"], content_digest({"amount": 100, "name": "张三"}))
    others = {
        short_code("agreement", ["a", "b"], content_digest({"name": "张三", "amount": 101})),
        short_code("agreement", ["ab"], content_digest({"name": "张三", "amount": 100})),
        short_code("survey", ["a", "b"], content_digest({"name": "张三", "amount": 100})),
    }
    assert len(others | {code}) == 4


@given(CODES)
def test_a_code_is_read_back_as_typed_by_hand(code: str) -> None:
    typed = code.lower().replace("0", "o").replace("1", "l")
    assert valid_code(code) == valid_code(f" {typed[:4]}-{typed[4:]}\n") == code


@given(CODES, st.data())
def test_one_wrong_character_is_found(code: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, 7))
    wrong = data.draw(st.sampled_from(ALPHABET.replace(code[at], "")))
    assert valid_code(code[:at] + wrong + code[at + 1 :]) is None


@given(CODES, st.integers(0, 6))
def test_two_exchanged_characters_are_found(code: str, at: int) -> None:
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert valid_code(swapped) == (code if code[at] == code[at + 1] else None)


@pytest.mark.parametrize("text", ["", "ABC", "ABCD12345", "ABCDU123", "协议编号ABCD"])
def test_what_is_no_code(text: str) -> None:
    assert valid_code(text) is None


@pytest.mark.parametrize("value", [1.5, {1: "a"}, [object()], b"x"])
def test_only_plain_values_have_a_digest(value: object) -> None:
    with pytest.raises(TypeError):
        content_digest(value)


def test_the_picture_is_read_by_a_scanner() -> None:
    import zxingcpp  # noqa: PLC0415 -- slow import
    from PIL import Image  # noqa: PLC0415 -- slow import

    count, stretches = qr_squares("AB12CD34")
    picture = Image.new("L", (count + 8, count + 8), 255)
    for column, row, length in stretches:
        for n in range(length):
            picture.putpixel((column + n + 4, row + 4), 0)
    big = picture.resize((picture.width * 6, picture.height * 6), Image.Resampling.NEAREST)
    assert [found.text for found in zxingcpp.read_barcodes(big)] == ["AB12CD34"]
