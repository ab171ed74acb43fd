"""Backups are whole or not at all, never over a file, thinned out, and never keep anybody from closing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from relocdesk import backup, entry, machine
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.history import verify
from relocdesk.records import register

NOW = datetime(2026, 11, 22, 17, 30)  # noqa: DTZ001 -- local, as copies are named


def add_household(book: Book, clerk: Clerk, number: str) -> None:
    with book.change("登记", by=clerk) as (session, _):
        entry.save(session, clerk, register("household"), {"number": number, "head_name": "李大山", "place": "柳树村一组"})


def households(path: Path) -> int:
    with Book.open(path, write=False) as book, book.read() as session:
        return int(session.query(register("household").cls).filter_by(deleted=0).count())


def test_a_copy_holds_what_the_book_held_even_while_it_is_open(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    add_household(book, clerk, "001")
    copy = backup.backup(book.path, tmp_path / "U盘", NOW)
    add_household(book, clerk, "002")
    assert copy.name == "三坝乡 20261122-173000.reloc"
    assert (households(copy), households(book.path)) == (1, 2)
    assert [one.name for one in copy.parent.iterdir()] == [copy.name]


def test_no_copy_is_ever_written_over_another(book: Book, tmp_path: Path) -> None:
    copies = [backup.backup(book.path, tmp_path / "b", NOW) for _ in range(3)]
    assert len(set(copies)) == 3
    assert [file for _, file in backup.backups(tmp_path / "b", book.path)] == copies


def test_attachments_travel_with_the_copy_and_back(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    from relocdesk.actions import documents  # noqa: PLC0415 -- only here

    add_household(book, clerk, "001")
    scan = tmp_path / "户口簿.jpg"
    scan.write_bytes(b"invented picture")
    with book.change("附件", by=clerk) as (session, _):
        row = session.query(register("household").cls).one()
        made = documents.attach(session, clerk, book.path, "household", row.id, scan)
        digest = made.sha256
    copy = backup.backup(book.path, tmp_path / "U盘", NOW)
    restored = backup.restore(copy, tmp_path / "恢复" / "三坝乡.reloc")
    assert documents.path_of(restored, digest).read_bytes() == scan.read_bytes()
    with Book.open(restored) as again, again.read() as session:
        assert documents.check_attachments(session, again.path) == []


def test_a_restored_book_is_never_over_another_and_continues_its_history(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    add_household(book, clerk, "001")
    copy = backup.backup(book.path, now=NOW)
    with pytest.raises(UserError, match="已经存在"):
        backup.restore(copy, book.path)
    add_household(book, clerk, "002")
    restored = backup.restore(copy, tmp_path / "恢复.reloc")
    with Book.open(restored) as again:
        add_household(again, clerk, "003")
        with again.read() as session:
            assert verify(session) == []
    assert households(restored) == 2


@pytest.mark.parametrize("content", [b"", b"not a book" * 50])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.reloc"
    file.write_bytes(content)
    with pytest.raises(UserError):
        backup.restore(file, tmp_path / "b.reloc")
    assert not (tmp_path / "b.reloc").exists()


def test_a_damaged_book_gives_no_copy(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "坏.reloc"
    content = bytearray(book_template.read_bytes())
    for page in range(3, len(content) // 4096 - 1):
        content[page * 4096 : page * 4096 + 64] = b"\x55" * 64
    path.write_bytes(content)
    with pytest.raises(UserError, match="损坏"):
        backup.backup(path, tmp_path / "b", NOW)
    assert list((tmp_path / "b").iterdir()) == []


def test_after_work_one_copy_is_made_when_something_changed(book: Book, clerk: Clerk) -> None:
    folder = backup.folder_of(book.path)
    assert backup.after_work(book, NOW) == ""
    assert backup.after_work(book, NOW + timedelta(hours=1)) == ""
    assert len(backup.backups(folder, book.path)) == 1
    add_household(book, clerk, "001")
    assert backup.after_work(book, NOW + timedelta(hours=2)) == ""
    copies = backup.backups(folder, book.path)
    assert len(copies) == 2
    assert households(copies[-1][1]) == 1
    copies[-1][1].write_bytes(b"broken")  # a copy that cannot be opened is none
    assert backup.after_work(book, NOW + timedelta(hours=3)) == ""
    assert len(backup.backups(folder, book.path)) == 3


def test_a_failing_backup_never_raises(book: Book, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "文件"
    blocked.write_text("in the way")
    machine.save("machine.json", {"backup_folder": str(blocked / "b")})
    try:
        said = backup.after_work(book, NOW)
    finally:
        machine.save("machine.json", {})
    assert said.startswith("没有做成自动备份")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    caplog.clear()


def test_old_copies_are_thinned_out_and_others_files_left_alone(tmp_path: Path) -> None:
    book, folder = tmp_path / "三坝乡.reloc", tmp_path / "b"
    folder.mkdir()
    for hours in range(0, 24 * 400, 6):
        moment = NOW - timedelta(hours=hours)
        (folder / f"三坝乡 {moment:%Y%m%d-%H%M%S}.reloc").write_text("x")
    others = [folder / "三坝乡.reloc", folder / "石桥镇 20200101-000000.reloc", folder / "三坝乡 20201399-000000.reloc"]
    for other in others:
        other.write_text("x")
    backup.thin_out(folder, book, NOW)
    left = [moment for moment, _ in backup.backups(folder, book)]
    ages = [(NOW - moment).days for moment in left]
    assert sum(age < 2 for age in ages) == 8
    assert sum(2 <= age < 14 for age in ages) == 13
    assert len({moment.strftime("%Y-%m") for moment in left}) == 14
    assert sum(age >= 70 for age in ages) == 12
    assert all(other.exists() for other in others)
    assert backup.thin_out(folder, book, NOW) == []


def test_a_copy_that_cannot_be_written_leaves_nothing(book: Book, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / f"三坝乡 {NOW:%Y%m%d-%H%M%S}.reloc.part").mkdir()  # the name it would be written under is taken
    with pytest.raises(UserError):
        backup.backup(book.path, folder, NOW)
    assert backup.backups(folder, book.path) == []
