"""Numbers of people, accounts and units: vectors of the standards, repairs, refusals, masks, names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.errors import UserError
from relocdesk.rules.identity import (
    IdCard,
    bank_account,
    born_of,
    check_digit,
    comparison_name,
    credit_code,
    idcard,
    mask_account,
    mask_idcard,
    mask_phone,
    phone,
    region_text,
    sex_of,
    suspicious_characters,
    upgrade,
)
from relocdesk.words import regions


def with_check(first17: str) -> str:
    return first17 + check_digit(first17)


@pytest.mark.parametrize(
    ("text", "number", "born_on", "sex", "upgraded_from"),
    [
        ("11010519491231002X", "11010519491231002X", "1949-12-31", "2", ""),
        ("440524188001010014", "440524188001010014", "1880-01-01", "1", ""),
        ("533022196503151233", "533022196503151233", "1965-03-15", "1", ""),
        ("532223197202290046", "532223197202290046", "1972-02-29", "2", ""),
        ("110105491231002", "11010519491231002X", "1949-12-31", "2", "110105491231002"),
        ("533022650315123", "533022196503151233", "1965-03-15", "1", "533022650315123"),
        (" '11010519491231002x ", "11010519491231002X", "1949-12-31", "2", ""),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X", "1949-12-31", "2", ""),
        ("110105\u200b 19491231\u3000002X\ufeff", "11010519491231002X", "1949-12-31", "2", ""),
        ("“533022196503151233”", "533022196503151233", "1965-03-15", "1", ""),
        ("533022650315123.0", "533022196503151233", "1965-03-15", "1", "533022650315123"),
        (with_check("81000019900101001"), with_check("81000019900101001"), "1990-01-01", "1", ""),
        (with_check("83000019851231002"), with_check("83000019851231002"), "1985-12-31", "2", ""),
    ],
)
def test_idcard_reads_repairs_and_upgrades(text: str, number: str, born_on: str, sex: str, upgraded_from: str) -> None:
    assert idcard(text, regions()) == IdCard(number, born_on, sex, upgraded_from, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("533022196503151234", "ID_CHECK"),
        ("533022196503151232", "ID_CHECK"),
        ("533022199002300012", "ID_DATE"),
        ("533022199013010012", "ID_DATE"),
        ("533022000001010012", "ID_DATE"),
        ("533022176503151233", "ID_DATE"),
        ("53302219650315123", "ID_LENGTH"),
        ("5330221965031512333", "ID_LENGTH"),
        ("", "ID_LENGTH"),
        ("  ", "ID_LENGTH"),
        ("5.33022E+17", "ID_DAMAGED"),
        ("5.33022196503151e17", "ID_DAMAGED"),
        ("533022196503151000", "ID_DAMAGED"),
        ("533022196503151000.0", "ID_DAMAGED"),
        ("53302219650315l233", "ID_CHARS"),
        ("53302219650315X233", "ID_CHARS"),
        ("53302265031512X", "ID_CHARS"),
        ("无", "ID_CHARS"),
        ("533022-19650315-1233", "ID_CHARS"),
        ("٥٣٣٠٢٢١٩٦٥٠٣١٥١٢٣٣", "ID_CHARS"),
        ("163022196503151233", "ID_PROVINCE"),
        ("003022650315123", "ID_PROVINCE"),
    ],
)
def test_idcard_refuses_with_a_code(text: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        idcard(text, regions())
    assert caught.value.code == code
    assert caught.value.hint


def test_a_refusal_does_not_show_the_whole_number() -> None:
    with pytest.raises(UserError) as caught:
        idcard("533022196503151234", regions())
    assert str(caught.value) == "身份证号“533022********1234”的校验位不对。请对照证件逐位核对"


@pytest.mark.parametrize(
    ("first17", "warnings"),
    [
        ("53302419650315123", ()),  # 龙陵县 until the end of 1999
        ("53302420000315123", ()),  # born in the year of the change
        (
            "53302420100315123",
            ("身份证号前六位“533024”（龙陵县，现为530523龙陵县）2000年已停用，早于出生年2010年，请核对证件",),
        ),
        ("53052320100315123", ()),
        ("53990120100315123", ("身份证号前六位“539901”不是已知的行政区划代码，请核对证件",)),
        ("33010220100315123", ()),  # the list holds one province only
    ],
)
def test_idcard_doubts_a_region_only_when_it_could_not_have_been_given(first17: str, warnings: tuple[str, ...]) -> None:
    assert idcard(with_check(first17), regions()).warnings == warnings


def test_a_number_ending_in_000_that_checks_is_doubted() -> None:
    stems = (f"53052319650301{third}00" for third in range(10))
    first17 = next(stem for stem in stems if check_digit(stem) == "0")
    assert idcard(first17 + "0", regions()).warnings == (
        f"身份证号“530523********{first17[-3:]}0”末三位是000，可能被表格软件截断，请核对证件",
    )


def test_a_foreigners_card_is_taken_with_a_warning_and_not_read() -> None:
    assert idcard("911124198108030024", regions()) == IdCard(
        "911124198108030024", "", "", "", ("证件号“911124********0024”按外国人永久居留身份证处理，未校验，请核对证件",)
    )


@pytest.mark.parametrize("sequence", ["996", "997", "998", "999"])
def test_upgrade_puts_the_kept_sequences_into_the_1800s(sequence: str) -> None:
    assert born_of(upgrade("533022850315" + sequence)) == "1885-03-15"
    assert born_of(upgrade("533022850315995")) == "1985-03-15"


def test_born_of_refuses_a_day_that_does_not_exist() -> None:
    with pytest.raises(ValueError):
        born_of("533022199002300012")


@given(st.sampled_from(sorted(regions())), st.dates().filter(lambda d: 1850 <= d.year <= 2099), st.integers(0, 999))
def test_every_number_made_by_the_rule_is_accepted_and_any_changed_digit_is_not(
    region: str, born: object, sequence: int
) -> None:
    iso = str(born)
    number = with_check(f"{region}{iso.replace('-', '')}{sequence:03}")
    card = idcard(number, regions())
    assert (card.number, card.born_on, card.sex) == (number, iso, "1" if sequence % 2 else "2")
    assert (born_of(number), sex_of(number)) == (iso, card.sex)
    changed = number[:14] + str((int(number[14]) + 1) % 10) + number[15:]
    with pytest.raises(UserError):
        idcard(changed, regions())


@given(st.text(max_size=24))
def test_idcard_answers_any_text_with_a_card_or_a_user_error(text: str) -> None:
    code = ""
    try:
        number = idcard(text, regions()).number
    except UserError as error:
        number, code = "", error.code
    assert len(number) == 18 or code.startswith("ID_")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("533322", "碧江县，已撤销"),
        ("533221", "丽江纳西族自治县，现为530702古城区、530721玉龙纳西族自治县"),
        ("530502", "隆阳区"),
    ],
)
def test_region_text(code: str, text: str) -> None:
    assert region_text(code, regions()) == text


@pytest.mark.parametrize(
    ("text", "clean", "warnings"),
    [
        ("6222021234567890128", "6222021234567890128", ()),
        ("６２２２ 0212 3456 7890 128", "6222021234567890128", ()),
        ("6222-0212-3456-7890-128", "6222021234567890128", ()),
        ("'5300123456789012", "5300123456789012", ()),  # a passbook: no Luhn
        ("12345678.0", "12345678", ()),
        ("62123456", "62123456", ("账号“****56”以62开头，但有8位，银行卡号应为16至19位，请核对",)),
        ("530012345678901000", "530012345678901000", ("账号“****1000”第15位以后全是0，可能被表格软件截断，请核对",)),
        ("9" * 32, "9" * 32, ()),
    ],
)
def test_bank_account(text: str, clean: str, warnings: tuple[str, ...]) -> None:
    assert bank_account(text) == (clean, warnings)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6222021234567890129", "CARD_CHECK"),
        ("6222021234567891000", "CARD_CHECK"),
        ("6222021234567890000", "CARD_DAMAGED"),
        ("6.22202E+18", "CARD_DAMAGED"),
        ("1234567", "CARD_LENGTH"),
        ("9" * 33, "CARD_LENGTH"),
        ("", "CARD_LENGTH"),
        ("62220212345A", "CARD_CHARS"),
        ("农行", "CARD_CHARS"),
    ],
)
def test_bank_account_refuses_with_a_code(text: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        bank_account(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("91350100M000100Y4Z", "USCC_CHARS"),
        ("91350100M000100Y44", "USCC_CHECK"),
        ("91350100M000100Y4", "USCC_LENGTH"),
        ("9135O100M000100Y43", "USCC_CHARS"),
    ],
)
def test_credit_code_refuses_with_a_code(text: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        credit_code(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["91350100M000100Y43", " 91350100m000100y43", "９１３５０１００Ｍ０００１００Ｙ４３", "91350100-M000100Y43"]
)
def test_credit_code_is_repaired(text: str) -> None:
    assert credit_code(text) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("13887512345", "13887512345"),
        ("138 8751 2345", "13887512345"),
        ("8613887512345", "13887512345"),
        ("013887512345", "13887512345"),
        ("13887512345.0", "13887512345"),
        ("08756121234", "0875-6121234"),
        ("0871-65121234", "0871-65121234"),
        ("021-62345678", "021-62345678"),
    ],
)
def test_phone(text: str, clean: str) -> None:
    assert phone(text) == clean


@pytest.mark.parametrize("text", ["", "6121234", "12887512345", "1388751234", "138875123456", "无", "0875-1121234"])
def test_phone_refuses(text: str) -> None:
    with pytest.raises(UserError) as caught:
        phone(text)
    assert caught.value.code == "PHONE"


@pytest.mark.parametrize("text", ["", "1", "1234", "12345678", "1234567890"])
def test_a_mask_never_shows_a_short_text_whole(text: str) -> None:
    for mask in (mask_idcard, mask_account, mask_phone):
        assert not text or mask(text) != text


def test_masks_count_code_points() -> None:
    assert mask_idcard("𠅤" * 18) == "𠅤" * 6 + "********" + "𠅤" * 4
    assert mask_phone("𠅤" * 11) == "𠅤" * 3 + "****" + "𠅤" * 4


@pytest.mark.parametrize("dot", list("·•‧・･∙⋅．."))
def test_comparison_name_knows_every_dot(dot: str) -> None:
    assert comparison_name(f"阿依{dot}古丽") == "阿依·古丽"


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("王 莹", "王莹"),
        ("王\u3000莹\u200b", "王莹"),
        ("（王莹）", "(王莹)"),
        ("ＬＩ", "LI"),
        ("e \u0301", "é"),
        ("𠅤·㼆", "𠅤·㼆"),
        ("\uf9ba", "了"),  # a compatibility ideograph: only the copy changes
    ],
)
def test_comparison_name(text: str, copy: str) -> None:
    assert comparison_name(text) == copy


@given(st.text())
def test_comparing_twice_changes_nothing(text: str) -> None:
    assert comparison_name(comparison_name(text)) == comparison_name(text)


def test_suspicious_characters_are_named_once_and_rare_ones_are_not() -> None:
    assert suspicious_characters("王\ue123?□\ue123\U000f0001\ufffd") == ["\ue123", "?", "□", "\U000f0001", "\ufffd"]
    assert suspicious_characters("鸭㼆𠅤𰀀𱍐·岩温") == []
