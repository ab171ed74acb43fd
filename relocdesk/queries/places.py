"""The tree of places (乡镇 → 村 → 组): full names, what lies below, and finding a place from what people write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.field import half_width
from relocdesk.records import home_id
from relocdesk.records.reference import Place

_NUMERALS = {"零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_GROUP = re.compile(r"(?:第)?([零一二三四五六七八九十百\d]+)(?:村民小组|村民组|小组|组|社|队)?\Z")
_VILLAGE_TAIL = re.compile(r"(村民委员会|村委会|居民委员会|居委会|社区居委会|社区|行政村|村)\Z")
_VILLAGE_TAILS = ("", "村民委员会", "村委会", "居民委员会", "社区居委会", "居委会", "社区", "行政村", "村")
TOWNSHIP = 9  # digits of its code
_TOWNSHIP_TAILS = ("", "街道办事处", "街道", "镇", "乡")
_TOWNSHIP_TAIL = re.compile(r"(人民政府|街道办事处|街道|镇|乡)\Z")


@dataclass(frozen=True, slots=True)
class Node:
    """One place as the tree holds it. `level`: 6 county, 9 township, 12 village, 14 group."""

    id: str
    code: str
    name: str
    parent: str | None
    predecessor: str | None
    live: bool

    @property
    def level(self) -> int:
        length = len(self.code)
        return 6 if length <= 6 else 9 if length <= 9 else 12 if length <= 12 else 14


def chinese_number(word: str) -> int | None:
    """The number a group is called by: 三 → 3, 十二 → 12, 7 → 7; None for a name."""
    if word.isdigit():
        return int(word)
    if not word or any(character not in _NUMERALS and character not in "十百" for character in word):
        return None
    total, digit = 0, 0
    for character in word:
        if character in _NUMERALS:
            digit = _NUMERALS[character]
        else:
            total += (digit or 1) * (100 if character == "百" else 10)
            digit = 0
    return total + digit


@lru_cache(maxsize=100_000)
def name_key(name: str, level: int) -> str:
    """A place name for comparing: width and blanks folded, 村委会/组/社/队 and the way numbers are written made alike."""
    plain = re.sub(r"[\s·.,，、\-—/|]+", "", half_width(name))
    if level >= 14:
        found = _GROUP.match(plain)
        numeral = chinese_number(found[1]) if found else None
        return f"#{numeral}" if numeral is not None else re.sub(r"(村民小组|村民组|小组|组|社|队)\Z", "", plain) or plain
    if level == 12:
        return _VILLAGE_TAIL.sub("", plain) or plain
    return _TOWNSHIP_TAIL.sub("", plain) or plain


class Places:
    """All places of a book, loaded once for a piece of work."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = {node.id: node for node in nodes}
        self._resolved: dict[str, str | UserError] = {}

    @classmethod
    def load(cls, session: Session) -> Places:
        """Reads the tree; places that ended or were merged still resolve by their old names."""
        rows = session.execute(
            select(Place.id, Place.code, Place.name, Place.parent, Place.predecessor, Place.valid_to, Place.deleted).order_by(Place.code)
        )
        return cls([Node(id_, code, name, parent, before, until is None)
                    for id_, code, name, parent, before, until, deleted in rows if not deleted])  # fmt: skip

    @cached_property
    def _children(self) -> dict[str | None, list[Node]]:
        found: dict[str | None, list[Node]] = {}
        for node in self.nodes.values():
            found.setdefault(node.parent, []).append(node)
        return found

    @cached_property
    def _by_code(self) -> dict[str, Node]:
        return {node.code: node for node in self.nodes.values()}

    def add(self, node: Node) -> None:
        """Adds a place made during the same piece of work."""
        self.nodes[node.id] = node
        self._resolved.clear()
        for name in ("_children", "_by_code", "_by_name", "_after"):
            self.__dict__.pop(name, None)

    def ancestors(self, place: str) -> list[Node]:
        """The place and what lies above it, nearest first."""
        chain: list[Node] = []
        node = self.nodes.get(place)
        while node is not None and node not in chain:
            chain.append(node)
            node = self.nodes.get(node.parent) if node.parent else None
        return chain

    def children(self, place: str | None) -> list[Node]:
        """The places right below, by code; None gives the top."""
        return self._children.get(place, [])

    def below(self, place: str) -> set[str]:
        """The ids of the place itself and everything under it."""
        found, queue = {place}, [place]
        while queue:
            for child in self._children.get(queue.pop(), ()):
                if child.id not in found:
                    found.add(child.id)
                    queue.append(child.id)
        return found

    def parts(self, place: str) -> tuple[str, str, str]:
        """The names of township, village and group; "" where the place lies higher."""
        names = {node.level: node.name for node in self.ancestors(place)}
        return names.get(9, ""), names.get(12, ""), names.get(14, "")

    def full(self, place: str | None) -> str:
        """The name people read: 三坝乡 柳树村 3组; a county or unknown place by its own name."""
        if not place or place not in self.nodes:
            return ""
        return " ".join(part for part in self.parts(place) if part) or self.nodes[place].name

    def township(self, place: str) -> str:
        """The township that a place lies in; the place itself where there is none."""
        return next((node.id for node in self.ancestors(place) if node.level == TOWNSHIP), place)

    def code(self, place: str) -> str:
        """The code of a place."""
        return self.nodes[place].code

    def home(self, place: str) -> str:
        """The home that records of this place live in."""
        return home_id(self.nodes[place].code)

    def by_code(self, code: str) -> str | None:
        """The id of the place with this code."""
        node = self._by_code.get(code)
        return node.id if node else None

    def resolve(self, text: str) -> str:
        """The id of the place that a code or a written name means.

        Takes a code, one name, or several joined with blanks or none (三坝乡柳树村三组); old names lead to the place that
        came after. Raises UserError when nothing or more than one place fits.
        """
        found = self._resolved.get(text)
        if found is None:
            try:
                found = self._find(text)
            except UserError as error:
                found = error
            self._resolved[text] = found
        if isinstance(found, UserError):
            raise UserError(found.text, hint=found.hint, code=found.code)
        return found

    def _find(self, text: str) -> str:
        plain = half_width(text)
        node = self._by_code.get(plain.replace(" ", "")) or self._by_code.get(plain.split(" ")[-1])
        if node is not None:
            return self._newest(node).id
        words = [word for word in re.split(r"[\s·,，、\-—/|]+", plain) if word]
        joined = "".join(words)
        hits = [n for n in self._called(joined) if self._fits(n, words) or self._spelt(n, joined)]
        deepest = max((n.level for n in hits), default=0)
        found = {self._newest(n).id for n in hits if n.level == deepest}
        if len(found) > 1:  # a place that ended without a successor gives way to a living one of its name
            found = {one for one in found if self.nodes[one].live} or found
        if not found:
            raise UserError(f"没有“{text}”这个村组", hint="请核对名称，或先在“设置—行政区划”里加上", code="PLACE")
        if len(found) > 1:
            names = "、".join(sorted(self.full(one) for one in found)[:4])
            raise UserError(f"“{text}”对得上不止一个地方：{names}", hint="请写全乡镇、村、组，或写代码", code="PLACE_TWICE")
        return found.pop()

    @cached_property
    def _by_name(self) -> dict[tuple[int, str], list[Node]]:
        found: dict[tuple[int, str], list[Node]] = {}
        for node in self.nodes.values():
            found.setdefault((node.level, name_key(node.name, node.level)), []).append(node)
        return found

    def _called(self, joined: str) -> list[Node]:
        """The places whose own name the text could end in."""
        wanted = {(level, name_key(joined[start:], level)) for start in range(len(joined)) for level in (6, 9, 12, 14)}
        return [node for key in sorted(wanted) for node in self._by_name.get(key, ())]

    @cached_property
    def _after(self) -> dict[str, Node]:
        """Place → the one that came after it; a living one before one that ended too."""
        return {n.predecessor: n for n in sorted(self.nodes.values(), key=lambda one: one.live) if n.predecessor}

    def _fits(self, node: Node, words: list[str]) -> bool:
        """Whether words in order name the place and (some of) what lies above it."""
        if not words or name_key(words[-1], node.level) != name_key(node.name, node.level):
            return False
        above = self.ancestors(node.id)[1:]
        for word in reversed(words[:-1]):
            while above and name_key(word, above[0].level) != name_key(above[0].name, above[0].level):
                above = above[1:]
            if not above:
                return False
            above = above[1:]
        return True

    def _spelt(self, node: Node, joined: str) -> bool:
        """Whether a joined text such as 三坝乡柳树村委会三组 spells the place from some ancestor down."""
        chain = self.ancestors(node.id)
        depths = range(1, min(len(chain), 5) + 1)
        return any(_spells(joined, [(n.name, n.level) for n in reversed(chain[:depth])]) for depth in depths)

    def _newest(self, node: Node) -> Node:
        seen = {node.id}
        while not node.live and node.id in self._after and self._after[node.id].id not in seen:
            node = self._after[node.id]
            seen.add(node.id)
        return node


def _spells(text: str, names: list[tuple[str, int]]) -> bool:
    if not names:
        return not text
    (name, level), rest = names[0], names[1:]
    if not rest:
        return bool(text) and name_key(text, level) == name_key(name, level)
    key = name_key(name, level)
    if not text.startswith(key):
        return False
    tails = _VILLAGE_TAILS if level == 12 else _TOWNSHIP_TAILS
    return any(text[len(key) :].startswith(tail) and _spells(text[len(key) + len(tail) :], rest) for tail in tails)
