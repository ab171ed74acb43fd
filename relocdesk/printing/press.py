"""Prints papers: says beforehand what can be printed, writes one PDF of many, registers every sheet that comes back signed.

A file appears whole or not at all, and its sheets are registered in the same moment; a preview registers nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import refuse_role
from relocdesk.actions.documents import register_printout
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import Problem, UserError
from relocdesk.files import plain_error, write_atomically
from relocdesk.job import Stopped, Tick, no_tick
from relocdesk.printing import find_form
from relocdesk.printing.form import Blank, Content, Form, Gap, Setting
from relocdesk.printing.page import Built, Group, build, build_bytes
from relocdesk.queries.rows import key_of
from relocdesk.records import register
from relocdesk.records.agreement import Printout
from relocdesk.records.trail import TXN
from relocdesk.rules.code import short_code

Reading = Callable[[], AbstractContextManager[Session]]
_AT_ONCE = 200  # papers read in one look
_LAST_CHANGE = select(func.max(TXN.c.id))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper to come: `key` and `label` name it. `refused` says why it cannot be printed ("" when it can).

    `gaps` are what is left to be written by hand; `code` an earlier identical sheet; `outdated` an earlier
    one that says something else.
    """

    key: str
    label: str
    ids: tuple[str, ...]
    refused: str = ""
    gaps: tuple[Problem, ...] = ()
    code: str = ""
    outdated: str = ""


@dataclass
class Printed:
    """What became of the papers: done (key, code, pages), refused (key, reason), not started after 停止, and gaps left."""

    done: list[tuple[str, str, int]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    not_started: list[str] = field(default_factory=list)
    gaps: list[tuple[str, str]] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """Pages of the file."""
        return sum(pages for _, _, pages in self.done)


def plan_papers(
    session: Session, clerk: Clerk, form: Form, ids: Sequence[str], *, public: bool = False, allow_gaps: bool = False,
    tick: Tick = no_tick,
) -> list[Sheet]:  # fmt: skip
    """What printing these records would give, paper by paper; nothing is changed."""
    work = _Work(lambda: nullcontext(session), clerk, form, ids, public=public, allow_gaps=allow_gaps)
    sheets = [_sheet(work, key, content) for key, content in work.contents(tick)]
    return sheets + [Sheet(key, key, (), refused=text) for key, text in work.gone]


def _sheet(work: _Work, key: str, content: Content) -> Sheet:
    reason, gaps = work.judge(content)
    earlier, digest = work.earlier(content), content.digest
    same = next((one.code for one in earlier if one.digest == digest), "")
    other = next((one.code for one in earlier if one.digest != digest and not same), "")
    return Sheet(key, content.subject or content.key, content.ids, reason, gaps, same, other)


def print_papers(
    book: Book, clerk: Clerk, form: Form, ids: Sequence[str], out: Path, *, public: bool = False, allow_gaps: bool = False,
    copies: int = 0, tick: Tick = no_tick,
) -> Printed:  # fmt: skip
    """Writes the papers to `out` and registers them; `copies` 0 takes the usual number.

    When stopped, or when nothing can be printed, there is no file and nothing is registered; the answer says so. Raises
    UserError when the file cannot be written, or the clerk or the form does not allow it.
    """
    printed = Printed()
    part = out.with_name(out.name + ".new")
    try:
        work = _Work(book.read, clerk, form, ids, public=public, allow_gaps=allow_gaps)
        drawn = _draw(work, printed, part, copies, tick)
        if drawn:
            _publish(book, clerk, work, drawn, part, out)
            printed.done = [(one.key, one.code, one.pages) for one in drawn]
    except Stopped:
        refused = {key for key, _ in printed.refused}
        printed.not_started = [key for key in work.keys if key not in refused]
        printed.gaps = []
    finally:
        part.unlink(missing_ok=True)
    return printed


def save_word(
    book: Book, clerk: Clerk, form: Form, ids: Sequence[str], out: Path, *, public: bool = False, allow_gaps: bool = False, tick: Tick = no_tick
) -> Printed:  # fmt: skip
    """Writes the papers as one Word document to be worked on; nothing is registered, for anybody may change it."""
    if not form.word:
        raise UserError(f"“{form.label}”不能存为 Word", hint="要签字归档的单据只打印 PDF")
    from relocdesk.printing import word  # noqa: PLC0415 -- only when wanted

    printed, groups = Printed(), []
    work = _Work(book.read, clerk, form, ids, public=public, allow_gaps=allow_gaps)
    for key, content in work.contents(tick):
        reason, gaps = work.judge(content)
        if reason:
            printed.refused.append((key, reason))
            continue
        printed.gaps += [(key, str(gap)) for gap in gaps]
        groups.append(form.group(content.data, Setting("", work.public)))
        printed.done.append((key, "", 1))
    printed.refused += work.gone
    if groups:
        try:
            write_atomically(out, word.document(groups, form.paper))
        except OSError as error:
            raise plain_error(error, out) from error
    return printed


@dataclass
class _Drawn:
    """A paper on its way into the file; what it says is forgotten, only its digest is kept."""

    key: str
    code: str
    ids: tuple[str, ...]
    digest: str
    home: str
    place: str
    subject: str
    copies: int
    pages: int = 0


def _draw(work: _Work, printed: Printed, part: Path, copies: int, tick: Tick) -> list[_Drawn]:
    drawn: list[_Drawn] = []

    def groups() -> Iterator[Group]:
        for key, content in work.contents():
            reason, gaps = work.judge(content)
            if reason:
                printed.refused.append((key, reason))
                continue
            printed.gaps += [(key, str(gap)) for gap in gaps]
            digest = content.digest if work.form.signed else ""
            code = work.code(content.ids, digest)
            wanted = copies or content.copies or work.form.copies
            drawn.append(_Drawn(key, code, content.ids, digest, content.home, content.place, content.subject, wanted))
            yield work.form.group(content.data, Setting(code, work.public))

    try:
        built = build(part, groups(), paper=work.form.paper, title=work.form.label, author=work.office, tick=tick, total=len(work.keys))
    except UserError:
        if drawn or not work.through:
            raise
        built = Built()  # every paper was refused
    printed.refused += work.gone
    for one, pages in zip(drawn, built.pages, strict=True):
        one.pages = pages
    return drawn


def _publish(book: Book, clerk: Clerk, work: _Work, drawn: list[_Drawn], part: Path, out: Path) -> None:
    """Puts the file in its place and registers its sheets, both or neither."""
    form = work.form
    if not form.signed:
        _move(part, out)
        return
    with book.change(f"打印{form.label}{len(drawn)}份", by=clerk, source="action") as (session, _):
        if session.scalar(_LAST_CHANGE) != work.upto:
            _refuse_changed(session, form, drawn)
        for one in drawn:
            _register(session, clerk, form, one, public=work.public)
        session.flush()
        _move(part, out)


def _refuse_changed(session: Session, form: Form, drawn: list[_Drawn]) -> None:
    """Raises UserError when a paper no longer says what its records say: somebody saved while it was being set."""
    now = {(content.ids, content.digest) for content in form.load(session, [(one.key, one.ids) for one in drawn])}
    changed = [one.key for one in drawn if (one.ids, one.digest) not in now]
    if changed:
        raise UserError(f"打印期间“{changed[0]}”{f'等 {len(changed)} 份' if len(changed) > 1 else ''}的内容改了，没有打印", hint="请重新打印")


def _move(part: Path, out: Path) -> None:
    try:
        os.replace(part, out)
    except OSError as error:
        raise plain_error(error, out) from error


def _register(session: Session, clerk: Clerk, form: Form, one: _Drawn, *, public: bool) -> None:
    register_printout(
        session, clerk, form=form.name, register=form.register, record=" ".join(one.ids), code=one.code, digest=one.digest,
        pages=one.pages, copies=one.copies, subject=one.subject, place=one.place or None, home=one.home, public=public,
    )  # fmt: skip


def preview(
    session: Session, clerk: Clerk, form: Form, ids: Sequence[str], *, public: bool = False, tick: Tick = no_tick
) -> bytes:
    """The papers as a PDF with 预览 where the code would stand; what is missing is shown as a frame or blank.

    Raises UserError when there is nothing that could be shown.
    """
    work = _Work(lambda: nullcontext(session), clerk, form, ids, public=public, allow_gaps=True)
    reasons: list[str] = []

    def groups() -> Iterator[Group]:
        for _, content in work.contents():
            reason, _gaps = work.judge(content)
            if reason:
                reasons.append(reason)
            else:
                yield form.group(content.data, Setting("", work.public))

    try:
        pdf, _ = build_bytes(groups(), paper=form.paper, title=form.label, author=work.office, tick=tick, total=len(work.keys))
    except UserError as error:
        if not reasons and not work.gone:
            raise
        raise UserError(f"{form.label}打印不了：{(reasons or [work.gone[0][1]])[0]}", hint="请按提示补填后再试") from error
    return pdf


def sheets_named(session: Session, form: Form, ids: Sequence[str], word: str) -> list[str]:
    """The ids that ask for those sheets only whose name has a word in it; raises UserError with the names when none has."""
    sheets = form.bundles(session, ids)
    names = key_of(session, register(form.register), [some[0] for key, some in sheets if not key and some])
    named = [(key or names.get(some[0], ""), some) for key, some in sheets]
    found = [some for name, some in named if word in name]
    if not found:
        few = "、".join(name for name, _ in named[:8]) + ("……" if len(named) > 8 else "")
        raise UserError(f"{form.label}里没有名称带“{word}”的", hint=f"有：{few}" if few else "请核对要打印的记录")
    return list(dict.fromkeys(one for some in found for one in some))


def digests_now(session: Session, printout: Printout) -> list[str]:
    """The digests that the sheet's records would give if it were printed now; empty when they are gone."""
    form = find_form(printout.form)
    ids = tuple((printout.record or "").split())
    return [content.digest for content in form.load(session, [(printout.code, ids)])]


def is_stale(session: Session, printout: Printout) -> bool:
    """Whether the records say something else by now than the printed sheet does."""
    return printout.digest not in digests_now(session, printout)


class _Work:
    """One piece of printing: the sheets asked for, their contents and codes.

    `reading` gives a session for a short look. Papers are read some hundreds at a time and set with no look open, because
    nobody can save while one is.
    """

    def __init__(self, reading: Reading, clerk: Clerk, form: Form, ids: Sequence[str], *, public: bool, allow_gaps: bool) -> None:
        refuse_role(clerk, f"打印{form.label}", form.roles)
        if public and form.public == "never":
            raise UserError(f"{form.label}没有公示版", hint="它要写明身份和账户，只给当事人；请不要选“公示版”")
        if not ids:
            raise UserError("没有可以打印的内容", hint="请先选中要打印的记录")
        self.reading, self.form, self.allow_gaps = reading, form, allow_gaps
        self.public = public or form.public == "always"
        with reading() as session:
            self.upto = session.scalar(_LAST_CHANGE)
            self.sheets = form.bundles(session, ids)
            names = key_of(session, register(form.register), [sheet[0] for key, sheet in self.sheets if not key and sheet])
            self.office = settings.text(session, "paper.footer")
        self.keys = [key or names.get(sheet[0], "") or sheet[0] for key, sheet in self.sheets]
        self.gone: list[tuple[str, str]] = []
        self.through = False
        self._codes: dict[str, tuple[tuple[str, ...], str]] = {}

    def contents(self, tick: Tick = no_tick) -> Iterator[tuple[str, Content]]:
        """Each sheet's key and content; sheets whose records are gone are noted in `gone`."""
        names = {ids: key for key, (_, ids) in zip(self.keys, self.sheets, strict=True)}
        seen: set[tuple[str, ...]] = set()
        for start in range(0, len(self.sheets), _AT_ONCE):
            with self.reading() as session:
                some = list(self.form.load(session, self.sheets[start : start + _AT_ONCE]))
            for content in some:
                tick(len(seen), len(self.sheets), content.key)
                seen.add(content.ids)
                yield names.get(content.ids, content.key), content
        self.through = True
        self.gone = [(key, "记录已删除或没有内容") for ids, key in names.items() if ids not in seen]

    def judge(self, content: Content) -> tuple[str, tuple[Problem, ...]]:
        """Why the paper is refused ("" when it is not), and the gaps that are left when it is printed all the same."""
        problems = self.form.needs(content.data)
        final = [one for one in problems if not isinstance(one, Gap)]
        refusing = final or [one for one in problems if not isinstance(one, Blank) and not self.allow_gaps]
        if refusing:
            return "；".join(str(one) for one in refusing), ()
        return "", tuple(problems)

    def earlier(self, content: Content) -> list[Printout]:
        """Sheets of this form about the same records, the newest first."""
        query = select(Printout).where(Printout.form == self.form.name, Printout.deleted == 0, Printout.record == " ".join(content.ids),
                                       Printout.public == int(self.public))  # fmt: skip
        with self.reading() as session:
            return list(session.scalars(query.order_by(Printout.printed_at.desc())))

    def code(self, ids: tuple[str, ...], digest: str) -> str:
        """The sheet's code: of form, records and content; another one where chance gave it to something else before."""
        if not self.form.signed:
            return ""
        form = f"{self.form.name}:public" if self.public else self.form.name
        said = (ids, digest)
        for n in range(1000):
            code = short_code(form, ids, digest if not n else f"{digest}#{n}")
            if self._codes.setdefault(code, said) == said and self._free(code, ids, digest):
                return code
        raise AssertionError("a thousand sheets cannot share one code")

    def _free(self, code: str, ids: tuple[str, ...], digest: str) -> bool:
        said = (self.form.name, int(self.public), digest, " ".join(ids))
        with self.reading() as session:
            taken = session.scalars(select(Printout).where(Printout.code == code, Printout.deleted == 0))
            return all((one.form, one.public, one.digest, one.record) == said for one in taken)
