"""What belongs to this installation and not to a book: the laptop's letter, recent books, window state, its writers.

Everything lies in the user's app-data folder; RELOCDESK_HOME overrides it.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relocdesk.errors import UserError
from relocdesk.files import write_atomically


def home_folder() -> Path:
    """The folder of this installation's own files; made when it is missing."""
    override = os.environ.get("RELOCDESK_HOME")
    if override:
        folder = Path(override)
    else:
        import platformdirs  # noqa: PLC0415 -- slow import

        folder = Path(platformdirs.user_data_dir("RelocDesk", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def load(name: str) -> dict[str, Any]:
    """A small JSON file of this installation; empty when it is missing or damaged (it holds nothing irreplaceable)."""
    try:
        found = json.loads((home_folder() / name).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save(name: str, values: dict[str, Any]) -> None:
    """Writes such a file whole or not at all."""
    write_atomically(home_folder() / name, json.dumps(values, ensure_ascii=False, indent=1).encode())


def laptop_letter() -> str:
    """The letter that keeps this laptop's number series apart from others'; A until somebody chooses."""
    return str(load("machine.json").get("letter") or "A")


def set_laptop_letter(letter: str) -> None:
    """Chooses the letter, once per installation; raises UserError when it is not A to Z."""
    if len(letter) != 1 or not "A" <= letter <= "Z":
        raise UserError("电脑代号要填一个大写字母", hint="填 A 到 Z 中的一个，同一办公室各台电脑不要相同")
    save("machine.json", {**load("machine.json"), "letter": letter})


def recent_books() -> list[dict[str, str]]:
    """The books opened lately, newest first: path, office, opened (ISO moment)."""
    return [entry for entry in load("recent.json").get("books", []) if isinstance(entry, dict) and entry.get("path")]


def remember_book(path: Path, office: str, opened: str) -> None:
    """Puts a book at the head of the recent ones; keeps twelve."""
    kept = [entry for entry in recent_books() if entry["path"] != str(path)]
    save("recent.json", {"books": [{"path": str(path), "office": office, "opened": opened}, *kept][:12]})


@dataclass
class Writer:
    """This installation's pen name in one book, and where its chains stand since it last wrote.

    `heads` is home → (tseq, hash), remembered before each commit. If the book shows anything else it is a copy, a restored
    backup or the state before a commit that never came; a new writer is minted then, or two histories would share a name.
    """

    book: str
    rid: str = ""
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    @staticmethod
    def _path(book: str) -> Path:
        folder = home_folder() / "writers"
        folder.mkdir(exist_ok=True)
        return folder / f"{book}.json"

    @classmethod
    def recall(cls, book: str) -> Writer:
        """What this installation remembers of a book; raises OSError when the folder cannot be written."""
        path = cls._path(book)
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(str(path.parent))
        try:
            found = json.loads(path.read_text("utf-8"))
            heads = {home: (int(seq), str(digest)) for home, (seq, digest) in found["heads"].items()}
            return cls(book, str(found["rid"]), heads)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return cls(book)

    def matches(self, on_disk: dict[str, tuple[int, str]]) -> bool:
        """Whether the book shows exactly the chains this writer left."""
        return bool(self.rid) and on_disk == self.heads

    def mint(self, code: str, letter: str) -> None:
        """Takes a new name, such as 530523-A-7f3c2b91."""
        self.rid = f"{code}-{letter}-{uuid.uuid4().hex[:8]}"
        self.heads = {}

    def remember(self, heads: dict[str, tuple[int, str]]) -> None:
        """Keeps where the chains will stand once the commit that follows has succeeded; raises OSError."""
        self.heads = dict(heads)
        payload = {"rid": self.rid, "heads": self.heads}
        write_atomically(self._path(self.book), json.dumps(payload).encode())
