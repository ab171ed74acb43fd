"""The short code of a printed sheet, by which it is known when it comes back signed.

Seven characters of a SHA-256 over form, records and content, and one check character that finds every single wrong
character and every pair of exchanged ones. The alphabet (Crockford) has no I, L, O, U.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_POLYNOMIAL = 0b100101  # x⁵ + x² + 1, primitive: the weights 2, 4, 8 … are all different


def content_digest(values: Any) -> str:
    """SHA-256 (64 hex digits) of plain values: text, whole numbers, flags, None, lists and dicts of them.

    The same values give the same digest, whatever the order of a dict's keys. Raises TypeError for anything else,
    binary fractions among it: their printed form is not one.

    >>> content_digest({"b": 1, "a": None}) == content_digest({"a": None, "b": 1})
    True
    """
    _check_plain(values)
    packed = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode("utf-8")).hexdigest()


def _check_plain(value: Any) -> None:
    if value is None or isinstance(value, (str, int)):
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"key {key!r} is not text")
            _check_plain(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check_plain(inner)
    else:
        raise TypeError(f"{value!r} is not a plain value")


def short_code(form: str, ids: Iterable[str], digest: str) -> str:
    """The 8 characters that name a sheet: same form, records and content, same code.

    >>> short_code("agreement", ["0" * 32], content_digest(["张三", 100]))
    'WTR01MA1'
    """
    packed = "\x1f".join([form, *ids, digest]).encode("utf-8")
    number = int.from_bytes(hashlib.sha256(packed).digest()[:5], "big") >> 5
    body = "".join(ALPHABET[number >> shift & 31] for shift in range(30, -5, -5))
    return body + _check_character(body)


def plain_code(text: str) -> str:
    """What was typed or scanned as codes are kept: no blanks and hyphens, upper case, O as 0 and I and L as 1.

    >>> plain_code(" abod-i234")
    'AB0D1234'
    """
    return "".join(char for char in text.upper() if not char.isspace() and char not in "-－—").translate(_LOOKS_LIKE)


def valid_code(text: str) -> str | None:
    """The code as printed, from what was typed or scanned; None when it is not one or the check character is wrong.

    Blanks and hyphens are dropped, lower case raised, O read as 0 and I and L as 1.
    """
    code = plain_code(text)
    if len(code) != LENGTH or any(char not in ALPHABET for char in code):
        return None
    return code if _check_character(code[:-1]) == code[-1] else None


def shown_code(code: str) -> str:
    """The code in two groups of four, as it is printed.

    >>> shown_code("ABCD1234")
    'ABCD-1234'
    """
    return f"{code[:4]}-{code[4:]}"


def _times(a: int, b: int) -> int:
    """Product in the field of 32 elements."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 32:
            a ^= _POLYNOMIAL
        b >>= 1
    return product


def _check_character(body: str) -> str:
    total, weight = 0, 1
    for char in body:
        weight = _times(weight, 2)
        total ^= _times(weight, ALPHABET.index(char))
    return ALPHABET[total]
