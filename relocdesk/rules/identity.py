"""People's and units' numbers: 公民身份号码, bank accounts, credit codes, phones; their masks; names for comparing.

Every reader repairs what typing and workbooks do to a number and refuses the rest with a UserError whose code an
authorised person may overrule. Text is counted in code points; numbers in messages are masked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from relocdesk.errors import UserError
from relocdesk.rules.days import age

MALE, FEMALE = "1", "2"  # GB/T 2261.1
_CHILD = 14  # years: a minor whose data are sensitive (个人信息保护法 art. 28)
_PROVINCE = re.compile("1[1-5]|2[123]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]")
"""First two digits: GB/T 2260 provinces; 81, 82, 83 are also residence permits of people from 港澳台."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_CREDIT_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe0f]")
_BETWEEN_NAMES = re.compile(r"[、，,;；/／\n]")
_IN_BRACKETS = re.compile(r"[（(][^）)]*[）)]?")
_QUOTES = re.compile("['\"`´‘’“”′″＇＂]")
_WITHIN = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")  # an ID number inside a longer text
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{1,2}")
_DOTS = dict.fromkeys(map(ord, ".•‧・･∙⋅．․"), "·")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_EXCEL_DAMAGE = "表格软件只保留15位数字，后面的已经丢失，请从证件或存折重新录入，并把单元格设为文本"


@dataclass(frozen=True, slots=True)
class IdCard:
    """A checked 公民身份号码.

    born_on (ISO) and sex ('1' male, '2' female) are "" for a foreigner's card, whose inside is not read. upgraded_from
    is the 15-digit number it was made from, else "". warnings are whole Chinese sentences; they never block.
    """

    number: str
    born_on: str
    sex: str
    upgraded_from: str = ""
    warnings: tuple[str, ...] = ()


def idcard(text: str, regions: Mapping[str, Mapping[str, str]]) -> IdCard:
    """The number repaired, raised from 15 to 18 digits where needed, and checked (GB 11643-1999).

    `regions`: code → row with name, last_year, successor; a province none of whose codes are in it is not looked into.
    UserError codes: ID_DAMAGED (a workbook cut it), ID_CHARS, ID_LENGTH, ID_PROVINCE, ID_DATE, ID_CHECK.
    A 15-digit number with sequence 996–999 belongs to the 1800s. Residence and nationality are not derived.

    >>> idcard("１１０１０５１９４９１２３１００２ｘ", {}).number
    '11010519491231002X'
    >>> card = idcard("533022650315123", {})
    >>> card.number, card.born_on, card.sex, card.upgraded_from
    ('533022196503151233', '1965-03-15', '1', '533022650315123')
    """
    number = _plain_number(text)
    _refuse_unreadable_idcard(number)
    shown = mask_idcard(number)
    if number[0] == "9" and len(number) == 18:
        return IdCard(number, "", "", warnings=(f"证件号“{shown}”按外国人永久居留身份证处理，未校验，请核对证件",))
    if not _PROVINCE.match(number):
        raise UserError(f"身份证号“{shown}”的前两位不是任何省份的代码", hint="请核对证件", code="ID_PROVINCE")
    old = ""
    if len(number) == 15:
        old, number = number, upgrade(number)
    born_on = _birth_date(number)
    if not born_on:
        raise UserError(f"身份证号“{shown}”中的出生日期不存在", hint="请核对第7至14位", code="ID_DATE")
    if check_digit(number[:17]) != number[17]:
        if number.endswith("000"):
            raise UserError(f"身份证号“{shown}”末三位是000", hint=_EXCEL_DAMAGE, code="ID_DAMAGED")
        raise UserError(f"身份证号“{shown}”的校验位不对", hint="请对照证件逐位核对", code="ID_CHECK")
    warnings = _region_warning(number, regions)
    if number.endswith("000"):
        warnings += (f"身份证号“{shown}”末三位是000，可能被表格软件截断，请核对证件",)
    return IdCard(number, born_on, sex_of(number), old, warnings)


def _refuse_unreadable_idcard(number: str) -> None:
    shown = mask_idcard(number)
    if _SCIENTIFIC.fullmatch(number):
        raise UserError("身份证号变成了科学计数法", hint=_EXCEL_DAMAGE, code="ID_DAMAGED")
    if not re.fullmatch("[0-9]*X?", number):
        raise UserError(f"身份证号“{shown}”里有数字和末位X以外的字符", hint="请核对证件", code="ID_CHARS")
    if len(number) not in (15, 18):
        raise UserError(f"身份证号“{shown}”是{len(number)}位，应为18位或15位", hint="请核对证件", code="ID_LENGTH")
    if len(number) == 15 and number.endswith("X"):
        raise UserError(f"身份证号“{shown}”是15位，不应有X", hint="请核对证件", code="ID_CHARS")


def check_digit(first17: str) -> str:
    """The 18th character of a 公民身份号码 for its first 17 digits (GB 11643-1999).

    >>> check_digit("11010519491231002"), check_digit("53302219650315123")
    ('X', '3')
    """
    total = sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def upgrade(number15: str) -> str:
    """The 18-digit number of a 15-digit one; sequences 996–999 were kept for people born in the 1800s.

    >>> upgrade("110105491231002"), upgrade("533022850315998")[:10]
    ('11010519491231002X', '5330221885')
    """
    century = "18" if number15[12:] in ("996", "997", "998", "999") else "19"
    first17 = number15[:6] + century + number15[6:]
    return first17 + check_digit(first17)


def sex_of(number18: str) -> str:
    """'1' male or '2' female, from the odd or even 17th digit of a valid 18-digit number.

    >>> sex_of("533022196503151233"), sex_of("532223197202290046")
    ('1', '2')
    """
    return MALE if int(number18[16]) % 2 else FEMALE


def born_of(number18: str) -> str:
    """The birth date (ISO) of a valid 18-digit number; a date that does not exist is a ValueError.

    >>> born_of("532223197202290046")
    '1972-02-29'
    """
    born_on = _birth_date(number18)
    if not born_on:
        raise ValueError("no such birth date")
    return born_on


def _birth_date(number18: str) -> str:
    year, month, day = number18[6:10], number18[10:12], number18[12:14]
    if not "1800" <= year <= "2099":
        return ""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _region_warning(number: str, regions: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """A doubt about the first six digits: never a code, or one that had ended before the person was born.

    People keep the code of their first registration for life, so a retired code of somebody born under it is right.
    """
    code, born = number[:6], int(number[6:10])
    row = regions.get(code)
    if row is None:
        known = any(other.startswith(number[:2]) for other in regions)
        return (f"身份证号前六位“{code}”不是已知的行政区划代码，请核对证件",) if known else ()
    # Codes changed during the year after last_year; those born in it may still carry the old one.
    if not row["last_year"] or born <= int(row["last_year"]) + 1:
        return ()
    ended = int(row["last_year"]) + 1
    return (f"身份证号前六位“{code}”（{region_text(code, regions)}）{ended}年已停用，早于出生年{born}年，请核对证件",)


def region_text(code: str, regions: Mapping[str, Mapping[str, str]]) -> str:
    """The name of a 6-digit region code, for a retired one with its present name; "" when unknown.

    >>> table = {"533024": {"name": "龙陵县", "last_year": "1999", "successor": "530523"},
    ...          "530523": {"name": "龙陵县", "last_year": "", "successor": ""}}
    >>> region_text("530523", table), region_text("533024", table), region_text("999999", table)
    ('龙陵县', '龙陵县，现为530523龙陵县', '')
    """
    row = regions.get(code)
    if row is None:
        return ""
    if not row["last_year"]:
        return row["name"]
    present = "、".join(f"{new}{regions[new]['name']}" for new in row["successor"].split(";") if new in regions)
    return f"{row['name']}，现为{present}" if present else f"{row['name']}，已撤销"


def bank_account(text: str) -> tuple[str, tuple[str, ...]]:
    """The digits of a bank account and what looks odd about it.

    8 to 32 digits. Only a number that starts with 62 and has 16 to 19 digits is a card with a Luhn check digit;
    passbooks and accounts of rural credit co-operatives have none.
    UserError codes: CARD_DAMAGED, CARD_CHARS, CARD_LENGTH, CARD_CHECK.

    >>> bank_account(" 6222 0212 3456 7890 128 ")
    ('6222021234567890128', ())
    """
    number = re.sub("[-－—]", "", _plain_number(text))
    shown = mask_account(number)
    if _SCIENTIFIC.fullmatch(number):
        raise UserError("银行账号变成了科学计数法", hint=_EXCEL_DAMAGE, code="CARD_DAMAGED")
    if not re.fullmatch("[0-9]*", number):
        raise UserError(f"银行账号“{shown}”里有数字以外的字符", hint="请核对存折或银行卡", code="CARD_CHARS")
    if not 8 <= len(number) <= 32:
        raise UserError(f"银行账号“{shown}”是{len(number)}位，应为8至32位", hint="请核对存折或卡", code="CARD_LENGTH")
    cut = len(number) >= 18 and not number[15:].strip("0")
    card = number.startswith("62")
    usual = 16 <= len(number) <= 19
    if card and usual and not _luhn(number):
        if cut:
            raise UserError(f"银行卡号“{shown}”第15位以后全是0", hint=_EXCEL_DAMAGE, code="CARD_DAMAGED")
        raise UserError(f"银行卡号“{shown}”的校验位不对", hint="请对照银行卡逐位核对", code="CARD_CHECK")
    warnings = []
    if card and not usual:
        warnings.append(f"账号“{shown}”以62开头，但有{len(number)}位，银行卡号应为16至19位，请核对")
    if cut:
        warnings.append(f"账号“{shown}”第15位以后全是0，可能被表格软件截断，请核对")
    return number, tuple(warnings)


def _luhn(number: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, digits summed, a multiple of ten."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def credit_code(text: str) -> str:
    """The 18 characters of a 统一社会信用代码, checked (GB 32100-2015).

    UserError codes: USCC_LENGTH, USCC_CHARS (I, O, S, V and Z do not occur), USCC_CHECK.

    >>> credit_code("91350100m000100y43")
    '91350100M000100Y43'
    """
    code = re.sub("[-－]", "", _plain_number(text))
    if len(code) != 18:
        raise UserError(f"统一社会信用代码“{code}”是{len(code)}位，应为18位", hint="请核对证书", code="USCC_LENGTH")
    wrong = "、".join(dict.fromkeys(char for char in code if char not in _CREDIT_CHARS))
    if wrong:
        raise UserError(f"统一社会信用代码“{code}”里不应有“{wrong}”", hint="代码不用I、O、S、V、Z", code="USCC_CHARS")
    values = (_CREDIT_CHARS.index(char) for char in code[:17])
    total = sum(value * weight for value, weight in zip(values, _CREDIT_WEIGHTS, strict=True))
    if _CREDIT_CHARS[-total % 31] != code[17]:
        raise UserError(f"统一社会信用代码“{code}”的校验位不对", hint="请核对证书", code="USCC_CHECK")
    return code


def phone(text: str) -> str:
    """A mobile number as 11 digits, or a landline as area-number. UserError code: PHONE.

    >>> phone("+86 138-8751-2345"), phone("（0875）6121234"), phone("010 62345678")
    ('13887512345', '0875-6121234', '010-62345678')
    """
    digits = re.sub(r"[-()—–－+]", "", _plain_number(text))
    digits = re.sub("^(0086|86|0)(?=1[3-9][0-9]{9}$)", "", digits)
    if re.fullmatch("1[3-9][0-9]{9}", digits):
        return digits
    landline = re.fullmatch("(010|02[0-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})", digits)
    if landline:
        return f"{landline[1]}-{landline[2]}"
    raise UserError(
        f"电话“{mask_phone(digits)}”不是11位手机号，也不是带区号的固定电话",
        hint="手机号如13800000000，固定电话如0875-6120000",
        code="PHONE",
    )


def hide_idcards(text: str) -> str:
    """The text with the middle of every 18-digit ID number in it hidden: people are named by their numbers in keys.

    >>> hide_idcards("户主 533024197803150158")
    '户主 533024********0158'
    """
    return _WITHIN.sub(lambda found: mask_idcard(found[0]), text)


def mask_idcard(number: str) -> str:
    """First 6 + ******** + last 4; a text too short to hide anything is hidden wholly.

    >>> mask_idcard("533022196503151233"), mask_idcard("5330221965")
    ('533022********1233', '**********')
    """
    return f"{number[:6]}********{number[-4:]}" if len(number) > 10 else "*" * len(number)


def mask_account(number: str) -> str:
    """**** + last 4, whatever the length; eight digits or fewer are hidden wholly but for the last two.

    >>> mask_account("6222021234567890128"), mask_account("12345678")
    ('****0128', '****78')
    """
    return f"****{number[-4:]}" if len(number) > 8 else f"****{number[-2:]}" if len(number) > 4 else "****"


def mask_phone(number: str) -> str:
    """First 3 + **** + last 4; a text too short to hide anything is hidden wholly.

    >>> mask_phone("13887512345"), mask_phone("0875-6121234"), mask_phone("6121234")
    ('138****2345', '087****1234', '*******')
    """
    return f"{number[:3]}****{number[-4:]}" if len(number) > 7 else "*" * len(number)


def masked(text: str) -> str:
    """A text whose ID, account and mobile numbers are masked, for logs and reports of defects.

    >>> masked("id=53302219650315123X tel=13887512345 fen=100000")
    'id=533022********123X tel=138****2345 fen=100000'
    """
    text = re.sub(r"(?<![0-9A-Za-z])([1-9][0-9]{16}[0-9Xx]|[1-9][0-9]{14})(?![0-9A-Za-z])", lambda found: mask_idcard(found[0]), text)
    text = re.sub(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])", lambda found: mask_phone(found[0]), text)
    return re.sub(r"(?<![0-9A-Za-z*])[0-9]{12,30}(?![0-9A-Za-z])", lambda found: mask_account(found[0]), text)


def name_in_public(name: str, born_on: str, on: str, head: str, sex: str) -> str:
    """The name on a notice put up on the day `on`: in full, but a child under 14 by its head of household.

    What is known of children under 14 is sensitive (个人信息保护法 art. 28). `sex` is its code; without a day or a day of
    birth nothing is hidden; a child without a head of household keeps its family name only.

    >>> name_in_public("李小明", "2015-03-01", "2026-11-22", "李大山", "1"), name_in_public("李小明", "2012-11-22", "2026-11-22", "李大山", "1")
    ('李大山之子', '李小明')
    """
    if not on or not born_on or not born_on <= on or age(born_on, on) >= _CHILD:
        return name
    child = {MALE: "子", FEMALE: "女"}.get(sex, "子女")
    return f"{head}之{child}" if head and head != name else f"{name[:1]}某"


def names_of(text: object) -> list[str]:
    """The people named in one cell, divided by 、 , ; or blanks, each once.

    Names of two characters are often set apart to the width of three; such halves are one name.

    >>> names_of("张　三、李小四,王　五"), names_of("赵小兰 钱 云")
    (['张三', '李小四', '王五'], ['赵小兰', '钱云'])
    """
    apart = re.sub(r"(?<![^\s、,，;；/])([^\s、,，;；/])\s+([^\s、,，;；/])(?![^\s、,，;；/])", r"\1\2", str(text or ""))
    return list(dict.fromkeys(name for name in re.split(r"[、,，;；/\s]+", apart) if name))


def closed_up(name: str) -> str:
    """A name set apart to a column's width as it is called; what may be two people stays.

    >>> closed_up("李 明"), closed_up("周永　 福"), closed_up("张 秀英"), closed_up("杨兰芝 杨兰英"), closed_up("Li Ming")
    ('李明', '周永福', '张秀英', '杨兰芝 杨兰英', 'Li Ming')
    """
    whole = re.sub(r"\s+", "", name)
    return whole if re.fullmatch(r"[㐀-鿿𠀀-𳍿]{2,3}", whole) else name


def comparison_name(text: str) -> str:
    """A copy of a name for comparing only: NFC, half width, one kind of separator dot, no blanks.

    The stored name is never replaced by it: NFC changes U+F900–FAFF and U+2F800–2FA1F. Dots become · U+00B7 and stay
    (民委发〔2016〕33号).

    >>> comparison_name("阿卜杜拉•买买提"), comparison_name("王 　莹"), comparison_name("岩．温")
    ('阿卜杜拉·买买提', '王莹', '岩·温')
    """
    folded = re.sub(r"\s", "", _INVISIBLE.sub("", text.translate(_FULL_WIDTH)))
    return unicodedata.normalize("NFC", folded).translate(_DOTS)


def names_in(text: str) -> list[str]:
    """The people whom a cell names, as copies for comparing; what stands in brackets is no name.

    >>> names_in("张 三、李四（信访股）"), names_in("王强 李明"), names_in("")
    (['张三', '李四'], ['王强李明', '王强', '李明'], [])
    """
    found: dict[str, None] = {}
    for part in _BETWEEN_NAMES.split(text):
        plain = _IN_BRACKETS.sub("", part)
        words = [name for name in map(comparison_name, plain.split()) if len(name) > 1]  # 王 强 is one name
        found |= dict.fromkeys(filter(None, (comparison_name(plain), *words)))
    return list(found)


def in_place_of(text: str, old: str, new: str) -> str:
    """A cell in which one person takes another's place; nobody stands in it twice.

    >>> in_place_of("张 三、李四", "张三", "王五"), in_place_of("张三，李四", "张三", "李四"), in_place_of("张三（代）", "张三", "王五")
    ('王五、李四', '李四', '王五')
    """
    wanted = [comparison_name(old)]
    people: list[str] = []
    for part in filter(str.strip, _BETWEEN_NAMES.split(text)):
        words = [part] if names_in(part)[:1] == wanted or all(names_in(word)[:1] != wanted for word in part.split()) else part.split()
        people += [new if names_in(word)[:1] == wanted else word for word in words]
    return "、".join({comparison_name(one): one for one in people}.values())


def suspicious_characters(text: str) -> list[str]:
    """The characters that stand where an old system could not write the true one, each once, in order.

    Private-use code points (old police and bank fonts), ?, □, 〓 and U+FFFD. A clerk maps them to the true character.

    >>> suspicious_characters("王?□?"), suspicious_characters("㼆·𠅤")
    (['?', '□'], [])
    """
    return list(dict.fromkeys(char for char in text if char in "?？□〓\ufffd" or unicodedata.category(char) == "Co"))


def _plain_number(text: str) -> str:
    """Half width, upper case, without blanks, quotes, invisible characters and the .0 of a number cell."""
    folded = _QUOTES.sub("", _INVISIBLE.sub("", text)).translate(_FULL_WIDTH)
    return re.sub(r"(?<=[0-9])\.0+$", "", re.sub(r"\s", "", folded).upper())
