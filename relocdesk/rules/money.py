"""Money in 分: exact rounding, how amounts are shown, 大写金额, tables whose rounded parts add up. Reads no text."""

from __future__ import annotations

from collections.abc import Sequence

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_HIGHEST = 10**18  # 分: 壹亿亿元; past it the names of the sections are no longer agreed


def half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to numerator / denominator, ties away from zero (四舍五入).

    Exact for any size; no float is involved. A denominator that is not positive is a ValueError.

    >>> half_up(2675, 10), half_up(-5, 2), half_up(-4, 3)
    (268, -3, -1)
    """
    if denominator <= 0:
        raise ValueError(f"denominator {denominator} is not positive")
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def fixed(value: int, decimals: int, *, grouped: bool = False) -> str:
    """An integer count of 10^-decimals as decimal text, with commas when grouped.

    >>> fixed(1234567, 2), fixed(-5, 2), fixed(1234567, 2, grouped=True), fixed(7, 0)
    ('12345.67', '-0.05', '12,345.67', '7')
    """
    whole, rest = divmod(abs(value), 10**decimals)
    text = f"{whole:,}" if grouped else str(whole)
    if decimals:
        text += f".{rest:0{decimals}d}"
    return f"-{text}" if value < 0 else text


def yuan(fen: int) -> str:
    """元 with two decimals and no commas, as banks and workbooks want it.

    >>> yuan(1234567), yuan(-5)
    ('12345.67', '-0.05')
    """
    return fixed(fen, 2)


def show_yuan(fen: int) -> str:
    """元 with two decimals and commas, for screen and paper.

    >>> show_yuan(1234567)
    '12,345.67'
    """
    return fixed(fen, 2, grouped=True)


def wan(fen: int, decimals: int = 2) -> str:
    """万元 for leaders, rounded half up at print; totals are made from 分, never from such texts.

    >>> wan(123_455_000), wan(1_000_000, 0)
    ('123.46', '1')
    """
    return fixed(half_up(fen * 10**decimals, 1_000_000), decimals)


def line_amount(quantity_e6: int, unit_price_fen: int) -> int:
    """分 of one line: quantity (10^-6 units) × unit price (分), rounded half up once.

    A total is the sum of such lines and is never multiplied again.

    >>> line_amount(1_500_000, 101)
    152
    """
    return half_up(quantity_e6 * unit_price_fen, 1_000_000)


def largest_remainder(numerators: Sequence[int], denominator: int) -> tuple[int, ...]:
    """Integers near numerators / denominator whose sum is exactly the rounded total.

    The total is half_up(sum(numerators), denominator). Every part is first cut down to the integer below it; the
    units still missing go to the parts with the largest remainders, the earlier part first when equal. A part that
    is already whole is never touched, so a zero stays zero. For tables that must add up: numerators in the stored
    unit, denominator the stored units in one printed unit (亩 to 0.01: 10000; 万元 to 0.01: 10000 分).

    >>> largest_remainder([3_333_333, 3_333_333, 3_333_334], 10_000)
    (333, 333, 334)
    """
    parts = [divmod(numerator, denominator) for numerator in numerators]
    missing = half_up(sum(numerators), denominator) - sum(whole for whole, _ in parts)
    neediest = sorted(range(len(parts)), key=lambda index: (-parts[index][1], index))[:missing]
    raised = set(neediest)
    return tuple(whole + (index in raised) for index, (whole, _) in enumerate(parts))


def percent(part: int, whole: int, decimals: int = 1) -> str:
    """part / whole as text with its % sign, rounded half up; "—" when there is no whole to measure against.

    Less than all never prints as 100 %, more than nothing never as 0; more than all is legal and prints as it is.

    >>> percent(1, 3), percent(99_999, 100_000), percent(1, 100_000), percent(0, 5), percent(3, 2, 0), percent(1, 0)
    ('33.3%', '99.9%', '0.1%', '0.0%', '150%', '—')
    """
    if whole <= 0:
        return "—"
    steps = half_up(abs(part) * 100 * 10**decimals, whole)
    if abs(part) < whole:
        steps = min(steps, 100 * 10**decimals - 1)
    if part:
        steps = max(steps, 1)
    return fixed(steps if part >= 0 else -steps, decimals) + "%"


def capital(fen: int, *, prefix: bool = True, zheng_after_jiao: bool = False) -> str:
    """大写金额 of an amount in 分, in the one form this office prints.

    Where the rule allows two forms: no 零 before a 仟 that is there, 零 after 元 when 元位 is 0 and 角 is not, and
    整 after 角 only with `zheng_after_jiao`. A negative amount or one of 壹亿亿元 and more is a ValueError: a
    voucher carries 红字 or 负 and the reason instead of a minus in capitals.
    Source: 支付结算办法 附一 正确填写票据和结算凭证的基本规定.

    >>> capital(140950), capital(168032), capital(0)
    ('人民币壹仟肆佰零玖元伍角', '人民币壹仟陆佰捌拾元零叁角贰分', '人民币零元整')
    """
    if fen < 0:
        raise ValueError("a negative amount has no 大写; print 红字 and the reason")
    if fen >= _HIGHEST:
        raise ValueError("amount too large for 大写")
    whole, cents = divmod(fen, 100)
    jiao, last = divmod(cents, 10)
    text = f"{_capital_integer(whole)}元" if whole or not cents else ""
    if not cents:
        text += "整"
    elif whole and (not jiao or whole % 10 == 0):
        text += "零"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    if last:
        text += f"{_DIGITS[last]}分"
    elif jiao and zheng_after_jiao:
        text += "整"
    return f"人民币{text}" if prefix else text


def _capital_integer(number: int) -> str:
    if number == 0:
        return "零"
    for size, name in ((10**8, "亿"), (10**4, "万")):
        high, low = divmod(number, size)
        if high:
            # 零 bridges a lower part that does not fill its highest place: 壹亿零壹仟, but 壹拾万柒仟.
            bridge = "零" if low < size // 10 else ""
            return _capital_integer(high) + name + (bridge + _capital_integer(low) if low else "")
    return _capital_section(number)


def _capital_section(number: int) -> str:
    text = ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += _DIGITS[digit] + _PLACES[place]
        elif text and not text.endswith("零"):
            text += "零"
    return text.rstrip("零")
