"""Papers that go out and come back signed, and the files that hang on records.

A printed sheet is registered with its short code; it is stale once the record has changed since. An attachment lies beside
the book under the SHA-256 of its content and is never changed; a missing file is shown, never fatal.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.action import WORKING, Arg, action, refuse_role
from relocdesk.clerk import Clerk
from relocdesk.entry import refuse_hidden
from relocdesk.errors import UserError
from relocdesk.field import DAY
from relocdesk.files import plain_error, write_atomically
from relocdesk.pen import now_utc
from relocdesk.queries.computed import OUT, STALE, expression
from relocdesk.queries.places import Places
from relocdesk.records import find_register, new_id, register
from relocdesk.records.agreement import Printout, SignedBy
from relocdesk.records.document import Attachment
from relocdesk.records.reference import Role
from relocdesk.rules.code import LENGTH, plain_code, shown_code, valid_code
from relocdesk.rules.days import chinese_date, local_moment
from relocdesk.veil import hidden

MAX_FILE = 200 * 1024 * 1024
KEEPERS = (*WORKING, Role.PARTY)  # the party worker prints and files papers as well


# --- sheets ----------------------------------------------------------------------------------------------------------


def register_printout(
    session: Session,
    clerk: Clerk,
    *,
    form: str,
    register: str,
    record: str | None,
    code: str,
    digest: str,
    pages: int = 1,
    copies: int = 1,
    subject: str = "",
    place: str | None = None,
    home: str = "",
    public: bool = False,
) -> Printout:
    """Notes that a sheet was printed or saved. The same content has the same code: printing it again adds its copies.

    `home` defaults to that of the record, then of the place.
    """
    same = session.scalars(select(Printout).where(Printout.code == code, Printout.deleted == 0).order_by(Printout.id.desc())).first()
    if same is not None and same.digest == digest:
        if not is_stale(session, same):
            same.copies += copies
            session.flush()
            return same
        if not same.returned_on:  # changed and changed back: the new row counts the old sheets too, the code stays one
            copies, same.deleted = copies + same.copies, 1
    where = home or _home_of(session, register, record, place)
    made = Printout(
        id=new_id(), home=where, code=code, form=form, register=register, record=record or None, subject=subject or None,
        place=place or None, printed_at=now_utc(), printed_by=clerk.name, copies=copies, pages=pages, digest=digest, public=int(public),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _home_of(session: Session, name: str, record: str | None, place: str | None) -> str:
    table = register(name).cls.__table__
    found = session.scalar(select(table.c.home).where(table.c.id == record)) if record else None
    if found is None and place:
        found = Places.load(session).home(place)
    if found is None:
        raise UserError("这张单据不知道属于哪个乡镇", hint="请先选村组或记录再打印")
    return str(found)


def printouts_of(session: Session, register: str, record: str) -> list[Printout]:
    """The sheets printed of a record, newest first."""
    ask = select(Printout).where(Printout.register == register, Printout.record == record, Printout.deleted == 0)
    return list(session.scalars(ask.order_by(Printout.id.desc())))


def current_printout(session: Session, register: str, record: str, form: str) -> Printout | None:
    """The newest full sheet of a form (or its variants, form-…) that still says what the record says; None when there is none.

    A masked sheet for the public is not one that people sign.
    """
    papers = [one for one in printouts_of(session, register, record) if one.form.startswith(form) and not one.public]
    return next((one for one in papers if not is_stale(session, one)), None)


def is_stale(session: Session, printout: Printout) -> bool:
    """Whether the record has changed in a way the sheet would show since it was printed."""
    session.flush()
    table = Printout.__table__.alias()
    reg = register("printout")
    return bool(session.scalar(select(expression(reg, reg["stale"], table)).where(table.c.id == printout.id)))


@action(
    "return", "单据收回", "printout",
    Arg("returned_on", "收回日期", DAY, help="空着为今天"), Arg("signer", "签字人", choices=SignedBy, help="空着为本人"),
    Arg("reason", "代签原因"), Arg("witness", "见证人"), roles=KEEPERS,
)  # fmt: skip
def take_back(
    session: Session, clerk: Clerk, record: Printout, *, returned_on: str = "", signer: str = SignedBy.SELF, reason: str = "", witness: str = ""
) -> str:
    """A signed sheet has come back; a stale one is refused, so that nothing outdated is filed."""
    day = returned_on or clerk.on
    if is_stale(session, record):
        raise UserError(f"单据 {shown_code(record.code)}（{record.subject or record.form}）打印以后内容又改过，已过期",
                        hint="请重新打印签字，旧纸划销", code="STALE")  # fmt: skip
    printed = local_moment(record.printed_at)[:10]
    if day > clerk.on or day < min(printed, clerk.on):
        raise UserError(f"收回日期{chinese_date(day)}不对，单据是{chinese_date(printed)}打印的", hint="请核对收回日期", code="DAY")
    if signer in (SignedBy.FAMILY, SignedBy.PROXY) and not reason:
        raise UserError("不是本人签的，要写明代签原因", hint="请填代签原因", code="P06")
    if signer == SignedBy.FINGERPRINT and not witness:
        raise UserError("按手印的单据要有见证人", hint="请填见证人", code="P06")
    record.returned_on, record.signer, record.signer_reason, record.sign_witness = day, SignedBy(signer).value, reason or None, witness or None
    session.flush()
    return f"已收回单据 {shown_code(record.code)}（{record.subject or record.form}）"


def return_printout(session: Session, clerk: Clerk, code: str, **values: str) -> str:
    """Registers a sheet as returned by its typed or scanned code; refuses an unknown or stale one with the reason."""
    found = find_printout(session, code)
    if hidden(session.connection(), clerk.role, "printout", [found.id]):
        raise _unknown(found.code)
    return str(take_back.action(session, clerk, found, values))  # type: ignore[attr-defined]  # what @action adds


def find_printout(session: Session, code: str) -> Printout:
    """The newest sheet with this code; blanks, hyphens, small letters and O/I/L for 0/1 are forgiven."""
    plain = plain_code(code)
    if len(plain) != LENGTH or not plain.isascii() or not plain.isalnum():
        raise UserError(f"“{code}”不是单据短码", hint="短码是 8 位字母数字，印在二维码旁边", code="CODE")
    found = session.scalars(select(Printout).where(Printout.code == plain, Printout.deleted == 0).order_by(Printout.id.desc())).first()
    if found is None and valid_code(plain) is None:
        raise UserError(f"短码 {shown_code(plain)} 打错了", hint="请对照二维码旁边的字逐位核对，或用扫码枪扫", code="CODE")
    if found is None:
        raise _unknown(plain)
    return found


def _unknown(code: str) -> UserError:
    return UserError(f"没有登记过短码 {shown_code(code)}", hint="请核对短码；也可能是别的台账打印的单据", code="CODE")


@action("scan", "扫描归档", "printout", Arg("scanned_on", "扫描归档日期", DAY, help="空着为今天"), roles=KEEPERS)
def scan(session: Session, clerk: Clerk, record: Printout, *, scanned_on: str = "") -> str:
    """The scan of a returned sheet is filed; at least one file must hang on it or on its record."""
    if not record.returned_on:
        raise UserError(f"单据 {shown_code(record.code)} 还没有登记收回", hint="请先登记收回")
    holders = [record.id, *(record.record or "").split()]
    if session.scalar(select(Attachment.id).where(Attachment.record.in_(holders), Attachment.deleted == 0)) is None:
        raise UserError(f"单据 {shown_code(record.code)} 还没有扫描件", hint="请先添加扫描的附件")
    record.scanned_on = scanned_on or clerk.on
    session.flush()
    return f"单据 {shown_code(record.code)} 已扫描归档"


@dataclass(frozen=True, slots=True)
class SheetLists:
    """Sheets on their way, as ids by village: printed and out, back but not scanned, out and stale."""

    out: dict[str, list[str]]
    unscanned: dict[str, list[str]]
    stale: dict[str, list[str]]


def sheet_lists(session: Session) -> SheetLists:
    """已打印未收回, 已收回未扫描 and 已过期 (not printed anew yet), each village (full name) → printout ids, oldest first."""
    places = Places.load(session)
    lists = SheetLists({}, {}, {})
    table = Printout.__table__
    reg = register("printout")
    ask = select(table.c.id, table.c.place, table.c.returned_on, expression(reg, reg["status"], table).label("status"))
    for row in session.execute(ask.where(table.c.deleted == 0, table.c.scanned_on.is_(None)).order_by(table.c.id)):
        into = lists.unscanned if row.returned_on else {OUT: lists.out, STALE: lists.stale}.get(row.status)
        if into is not None:
            into.setdefault(_village(places, row.place), []).append(row.id)
    return lists


def _village(places: Places, place: str | None) -> str:
    if not place:
        return "未写村组"
    village = next((node.id for node in places.ancestors(place) if node.level == 12), place)
    return places.full(village)


# --- files -----------------------------------------------------------------------------------------------------------


def folder_of(book: Path) -> Path:
    """Where the attachments of a book lie: beside it."""
    return book.with_name(book.name + ".files")


def path_of(book: Path, sha256: str) -> Path:
    """Where the content with this hash lies."""
    return folder_of(book) / sha256[:2] / sha256


def attach(session: Session, clerk: Clerk, book: Path, name: str, record: str, file: Path, remark: str = "") -> Attachment:
    """Puts a file beside the book and hangs it on a record with what is to be said of it; the same file on the same record is kept once."""
    refuse_role(clerk, "添加附件", KEEPERS)
    refuse_hidden(session, clerk, find_register(name), [record])
    try:
        if file.stat().st_size > MAX_FILE:
            raise UserError(f"“{file.name}”太大", hint="单个附件不超过 200 MB，请压缩或分开")
        content = file.read_bytes()
    except OSError as error:
        raise plain_error(error, file) from error
    if not content:
        raise UserError(f"“{file.name}”是空文件", hint="请重新扫描")
    digest = hashlib.sha256(content).hexdigest()
    store(book, digest, content)
    same = session.scalars(select(Attachment).where(Attachment.register == name, Attachment.record == record, Attachment.sha256 == digest)).first()
    if same is not None:
        same.deleted, same.name, same.remark = 0, file.name, remark or same.remark
        session.flush()
        return same
    made = Attachment(id=new_id(), home=_home_of(session, name, record, None), register=name, record=record, name=file.name,
                      type=mimetypes.guess_type(file.name)[0], size=len(content), sha256=digest, remark=remark or None)  # fmt: skip
    session.add(made)
    session.flush()
    return made


def store(book: Path, sha256: str, content: bytes) -> None:
    """Writes content whole under its hash, unless it is already there; raises UserError when it cannot."""
    target = path_of(book, sha256)
    try:
        if target.is_file() and target.stat().st_size == len(content):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, content)
    except OSError as error:
        raise plain_error(error, target) from error


@dataclass(frozen=True, slots=True)
class FileTrouble:
    """An attachment whose file is not as it was put there."""

    id: str
    name: str
    register: str
    record: str
    text: str


def check_attachments(session: Session, book: Path) -> list[FileTrouble]:
    """Every attachment whose file is missing or changed; reads every file."""
    troubles = []
    for row in session.scalars(select(Attachment).where(Attachment.deleted == 0).order_by(Attachment.name)):
        why = _file_trouble(path_of(book, row.sha256), row)
        if why:
            troubles.append(FileTrouble(row.id, row.name, row.register, row.record, why))
    return troubles


def _file_trouble(path: Path, row: Any) -> str:
    try:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
    except FileNotFoundError:
        return "文件不在了"
    except OSError as error:
        return str(plain_error(error, path))
    return "" if digest == row.sha256 else "内容被改动过"
