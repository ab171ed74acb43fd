"""How pages reach the book: short readings, changes as one clerk's action, readings off the window's thread.

Widgets never hold a session. One Access serves every page of a window; the program makes it when a book is open and
closes it before the book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject
from shiboken6 import isValid

from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.job import Tick
from ui.work import Desk, Work

if TYPE_CHECKING:  # a window is there before the registers are loaded
    from relocdesk.book import Book
    from relocdesk.field import Register
    from relocdesk.queries.places import Node, Places
    from ui.shell import Shell

T = TypeVar("T")
Session = Any  # what Book.read and Book.change hand out; the window passes it on and never looks inside


@dataclass(frozen=True, slots=True)
class Changed(Generic[T]):
    """What a change gave: the function's result, its entry in the history, and the tables to read again."""

    result: T
    action: str
    tables: frozenset[str]


class Access:
    """The book as pages see it.

    `memory` is what this machine remembers (widths, chosen columns): texts, whole numbers and flags under short keys.
    With `wait`, readings off the window's thread wait for `begin`: they would keep a new window from being painted.
    """

    def __init__(self, book: Book, clerk: Callable[[], Clerk], memory: MutableMapping[str, Any] | None = None, *, wait: bool = False) -> None:
        self.book = book
        self.memory: MutableMapping[str, Any] = {} if memory is None else memory
        self._clerk = book.viewer = clerk
        self._reader = Desk()
        self._closed = False
        self._waiting: list[Work] | None = [] if wait else None
        self._places: Places | None = None
        self._tree: list[tuple[Node, int]] | None = None
        self._words: dict[str, list[str]] = {}
        self._folder: TemporaryDirectory[str] | None = None

    @property
    def clerk(self) -> Clerk:
        """Who is at work, and on which day."""
        return self._clerk()

    def may_add(self, reg: Register | str) -> bool:
        """Whether whoever is at work may add rows to a register, and the book can be changed."""
        from relocdesk import entry  # noqa: PLC0415 -- loads the registers
        from relocdesk.records import register  # noqa: PLC0415 -- loads the registers

        return not self.book.read_only and entry.may_add(self.clerk, register(reg) if isinstance(reg, str) else reg)

    # --- reading and changing ----------------------------------------------------------------------------------------

    def read(self, what: Callable[[Session], T]) -> T:
        """The result of a short reading, at once. Raises UserError. Results must not hold mapped objects."""
        with self.book.read() as session:
            return what(session)

    def look(self, what: Callable[[Session], T], then: Callable[[T], object],
             failed: Callable[[Exception], object] | None = None) -> Work:  # fmt: skip
        """A reading off the window's thread; `then` (or `failed`) is called on it. Does not wait for running changes."""
        work = Work("查询", lambda tick: self.read(what))
        if not self._closed:  # a page may ask once more while the window closes
            work.ended.connect(lambda outcome: None if self._closed else _tell(work, outcome, then, failed))
            if self._waiting is None:
                self._reader.start(work)
            else:
                self._waiting.append(work)
        return work

    def begin(self) -> None:
        """Readings need not wait any longer."""
        waiting, self._waiting = self._waiting, None
        for work in waiting or () if not self._closed else ():
            self._reader.start(work)

    def change(self, why: str, what: Callable[[Session], T], source: str = "action") -> Changed[T]:
        """One clerk's action in one transaction, at once; for jobs on the window's desk. Raises UserError, then nothing changed."""
        with self.book.change(why, by=self.clerk, source=source) as (session, done):
            result = what(session)
        return Changed(result, done.action, frozenset(done.tables))

    def do(self, shell: Shell, why: str, what: Callable[[Session, Clerk, Tick], T], *, source: str = "action",
           then: Callable[[T], object] | None = None, said: Callable[[T], str] | None = None) -> Work:  # fmt: skip
        """A change as the window does it: in the background, then pages reload and the strip says it with 撤销.

        `said` makes the sentence from the result, or "" for none; a text result is its own sentence. UserError is shown.
        """
        clerk = self.clerk

        def job(tick: Tick) -> Changed[T]:
            return self.change(why, lambda session: what(session, clerk, tick), source)

        return shell.start_job(why, job, partial(self._done, shell, then, said))

    def undo(self, shell: Shell, action: str) -> Work:
        """Takes back one action of the history (the strip's 撤销); refused when later work rests on it."""
        from relocdesk.undo import undo, why_of  # noqa: PLC0415 -- only when wanted

        return self.do(shell, self.read(lambda session: why_of(session, action)), lambda session, clerk, tick: undo(session, clerk, action, tick))

    def _done(self, shell: Shell, then: Callable[[T], object] | None, said: Callable[[T], str] | None, changed: Changed[T]) -> None:
        self.forget(changed.tables)
        shell.reload(set(changed.tables))
        sentence = said(changed.result) if said else changed.result if isinstance(changed.result, str) else ""
        if sentence:
            shell.notice(sentence, "good", ("撤销", partial(self.undo, shell, changed.action)) if changed.tables else None)
        if then is not None:
            then(changed.result)

    # --- what inputs ask again and again -----------------------------------------------------------------------------

    def places(self) -> Places:
        """The tree of places, read once until a place changes."""
        if self._places is None:
            from relocdesk.queries.places import Places  # noqa: PLC0415 -- slow import

            self._places = self.read(Places.load)
        return self._places

    def tree(self) -> list[tuple[Node, int]]:
        """Every living place with its depth, parents before children, by code."""
        if self._tree is None:
            places = self.places()
            tops = [node for node in places.nodes.values() if not node.parent or node.parent not in places.nodes]
            self._tree = [pair for top in tops for pair in _below(places, top, 0)]
        return self._tree

    def words(self, name: str) -> list[str]:
        """The words of an open list (Dictionary), read once until a word changes."""
        if name not in self._words:
            from relocdesk.queries import choices  # noqa: PLC0415 -- slow import

            self._words[name] = self.read(partial(choices.words_of, name=name))
        return self._words[name]

    def forget(self, tables: frozenset[str] | set[str] | None) -> None:
        """Drops what was remembered of these tables (None: of all)."""
        if tables is None or "place" in tables:
            self._places = self._tree = None
        if tables is None or "dictionary" in tables:
            self._words.clear()

    def folder(self) -> Path:
        """For copies that other programs open; it is gone when the book is closed or somebody else goes on."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="relocdesk-", ignore_cleanup_errors=True)  # on Windows what is still open stays
        return Path(self._folder.name)

    def close(self) -> None:
        """Waits for readings under way, and leaves no copies behind; call it before closing the book."""
        self._closed = True
        self._reader.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def while_there(owner: QObject, then: Callable[[T], object]) -> Callable[[T], object]:
    """`then` for something that may be closed before the answer comes: a dialog, or a panel of one. A late answer is dropped."""
    return lambda outcome: then(outcome) if isValid(owner) else None


def _below(places: Places, node: Node, depth: int) -> Iterator[tuple[Node, int]]:
    if node.live:
        yield node, depth
    for child in places.children(node.id):
        yield from _below(places, child, depth + 1)


def _tell(work: Work, outcome: Any, then: Callable[[Any], object], failed: Callable[[Exception], object] | None) -> None:
    if work.state == "done":
        then(outcome)
    elif isinstance(outcome, Exception):
        if failed is None or not isinstance(outcome, UserError):
            raise outcome
        failed(outcome)
