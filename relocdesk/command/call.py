"""One call of a subcommand: its arguments, who acts on which day, the book, and how the answer is written."""

from __future__ import annotations

import json
import sys
import unicodedata
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.orm import Session

from relocdesk.book import Book, today
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import read_day
from relocdesk.founding import operator
from relocdesk.machine import laptop_letter
from relocdesk.records.reference import Role
from relocdesk.rules.identity import hide_idcards

DONE, REFUSED, USAGE, PARTLY = 0, 1, 2, 3
_CONTROL = {**dict.fromkeys(range(32), " "), 127: " "}


class Stage(Protocol):
    """The window without a screen: what is wrong with it on this machine, and pictures of a book's pages in a folder."""

    def selfcheck(self) -> list[str]: ...

    def pictures(self, book: Path, folder: Path) -> list[Path]: ...


@dataclass
class Call:
    """The arguments of one call, and how to load what draws, which main.py hands in."""

    args: Namespace
    stage: Callable[[], Stage]
    answered: bool = field(default=False, init=False)

    # --- who, when, where ---------------------------------------------------------------------------------------------

    @property
    def on(self) -> str:
        """"Today" for every rule: --on, else the real day at +08:00."""
        return read_day(self.args.on) if self.args.on else today()

    def path(self) -> Path:
        """The book's file; the address of a server is refused."""
        return book_path(self.args.book)

    def reading(self) -> Book:
        """The book for looking only; takes no lock."""
        return self._seen(Book.open(self.path(), write=False))

    def writing(self) -> Book:
        """The book for changing; takes the lock in the operator's name."""
        return self._seen(Book.open(self.path(), holder=self.args.by or ""))

    def _seen(self, book: Book) -> Book:
        """The book with who looks at it, and on which day."""
        try:
            with book.read() as session:
                viewer = self.reader(session)
        except BaseException:
            book.close()
            raise
        book.viewer = lambda: viewer
        return book

    def clerk(self, book: Book) -> Clerk:
        """The operator of --by, or the only one there is; raises UserError listing who may work here."""
        with book.read() as session:
            return operator(session, self.args.by or "", self.on)

    def reader(self, session: Session) -> Clerk:
        """Somebody who only looks and judges: the operator when it is clear who, else nobody in particular."""
        if self.args.by:
            return operator(session, self.args.by, self.on)
        return Clerk("", Role.ADMIN, self.on, None, laptop_letter())

    # --- answering ----------------------------------------------------------------------------------------------------

    def answer(self, document: dict[str, Any] | list[Any], text: str | Iterable[str] = "") -> None:
        """Writes the answer once: the document with --json, else the text.

        The text is for a screen that others may see: ID numbers lose their middle, also where they are keys. Scripts take the
        document, whose keys are whole, because they name the record in the next call.
        """
        if self.args.json:
            print(json.dumps(document, ensure_ascii=False, indent=1))
        else:
            lines = [text] if isinstance(text, str) else text
            for line in lines:
                print(hide_idcards(line))
        self.answered = True

    def outcome(self, done: Sequence[dict[str, Any]], refused: Sequence[tuple[str, str]], not_started: Sequence[str],
                text: Iterable[str] = (), **more: Any) -> int:  # fmt: skip
        """Answers for work on many records; 0 all done, 3 some refused, 1 nothing done."""
        document: dict[str, Any] = {"done": list(done), "refused": [{"key": key, "text": why} for key, why in refused],
                                    "not_started": list(not_started), **more}  # fmt: skip
        if not refused and not not_started:
            self.answer(document, text)
            return DONE
        if not done:
            why = refused[0][1] if refused else "没有开始办理"
            document["error"] = {"text": why, "hint": "", "code": ""}
        said = [*text, *(f"未办：{key}　{why}" for key, why in refused)]
        if not_started:
            said.append(f"没有开始：{'、'.join(not_started)}")
        if done or self.args.json:
            self.answer(document, said)
        else:
            self.answered = True
            lines = [why for _, why in refused] if len(refused) == 1 else [f"{key}：{why}" for key, why in refused]
            print(hide_idcards("\n".join(lines or said)), file=sys.stderr)
        return PARTLY if done else REFUSED


def book_path(text: str) -> Path:
    """The file that BOOK means; raises UserError for the address of a server."""
    if "://" in text:
        raise UserError("现在还不能用服务器上的台账", hint="请给出台账文件的路径")
    return Path(text)


def pairs(words: Sequence[str], what: str = "栏目") -> list[tuple[str, str]]:
    """FIELD=VALUE words as pairs; raises UserError for one without =."""
    found = []
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise UserError(f"“{word}”看不懂", hint=f"请写成 {what}=取值，如 村组=柳树村一组")
        found.append((name.strip(), value))
    return found


# --- aligned text ----------------------------------------------------------------------------------------------------


def width(text: str) -> int:
    """How many columns a text takes on a terminal: a Chinese character takes two."""
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def plain(text: str) -> str:
    """A text on one line."""
    return text.translate(_CONTROL)


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> list[str]:
    """A table as lines: columns as wide as they need, figures to the right."""
    cells = [[plain(text) for text in row] for row in (head, *rows)]
    widths = [max(width(row[n]) for row in cells) for n in range(len(head))]
    lines = []
    for row in cells:
        parts = []
        for n, text in enumerate(row):
            gap = " " * (widths[n] - width(text))
            parts.append(gap + text if n < len(right) and right[n] else text + gap)
        lines.append("  ".join(parts).rstrip())
    lines.insert(1, "  ".join("-" * one for one in widths))
    return lines
