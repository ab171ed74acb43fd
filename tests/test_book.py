"""One open file: who holds it, what it refuses, what it never loses; on real files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest
from sqlalchemy import func, select

from relocdesk import entry
from relocdesk.book import SCHEMA, Book
from relocdesk.clerk import Clerk
from relocdesk.database import APPLICATION_ID, connect, dbapi, file_uri
from relocdesk.errors import UserError
from relocdesk.history import verify
from relocdesk.records import REGISTERS, register
from relocdesk.records.household import Household
from relocdesk.records.trail import OP, TXN, VV
from tests import make


def add_household(book: Book, number: str) -> None:
    with book.change("登记户", make.clerk()) as (session, _):
        entry.save(session, make.clerk(), register("household"), {"number": number, "head_name": "张三", "place": "柳树村一组"})


def numbers(book: Book) -> list[str]:
    with book.read() as session:
        return list(session.execute(select(Household.number).order_by(Household.number)).scalars())


def test_what_is_saved_is_there_when_opened_again(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "乡 里.reloc"
    shutil.copyfile(book_template, path)
    with Book.open(path) as book:
        add_household(book, "001")
    with Book.open(path) as book:
        assert numbers(book) == ["001"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["乡 里.reloc"]


def test_a_second_window_is_told_who_has_it(book: Book, tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from relocdesk.book import Book; Book.open(Path(sys.argv[1]), holder='李四')"
    told = subprocess.run([sys.executable, "-c", script, str(book.path)], capture_output=True, text=True, check=False)
    assert "台账正在使用中" in told.stderr
    with Book.open(book.path, write=False) as reader:
        assert reader.read_only
        assert numbers(reader) == []


def test_a_lock_left_by_a_crash_is_taken_over_and_said(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.reloc"
    shutil.copyfile(book_template, path)
    left = {"name": "李四", "host": "三坝-02", "pid": 1, "since": "2026-11-21 09:00"}
    path.with_name("a.reloc.lock").write_text(json.dumps(left), "utf-8")
    with Book.open(path) as book:
        assert "李四，电脑 三坝-02" in book.notice


def test_a_writer_killed_in_the_middle_leaves_the_last_saved_state(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.reloc"
    shutil.copyfile(book_template, path)
    script = (
        "import sys, time; from pathlib import Path; from relocdesk.book import Book; from tests.test_book import add_household\n"
        "book = Book.open(Path(sys.argv[1])); n = 0\n"
        "while True:\n    add_household(book, f'{n:05}'); n += 1; print(n, flush=True)\n"
    )
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)
        assert child.stdout is not None
        acknowledged = 0
        while acknowledged < 5:
            acknowledged = int(child.stdout.readline())
        time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with Book.open(path) as book:
            found = numbers(book)
            assert len(found) >= acknowledged
            assert found == [f"{n:05}" for n in range(len(found))]
            with book.change("清", make.clerk()) as (session, _):
                for row in session.execute(select(Household)).scalars():
                    row.number, row.deleted = "x" + row.id, 1
            with book.read() as session:
                assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        path.unlink()
        shutil.copyfile(book_template, path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "不是本程序的台账"),
        (b"PK\x03\x04" + b"x" * 300, "不是本程序的台账"),
        (os.urandom(5000), "不是本程序的台账"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "x.reloc"
    path.write_bytes(content)
    with pytest.raises(UserError, match=told):
        Book.open(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    raw = dbapi().connect(str(path))
    raw.execute("CREATE TABLE t(x)")
    raw.commit()
    raw.close()
    with pytest.raises(UserError, match="别的程序的数据库"):
        Book.open(path)


def test_a_newer_book_is_refused_and_left_alone(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.reloc"
    shutil.copyfile(book_template, path)
    raw = connect(path)
    raw.execute(f"PRAGMA user_version={SCHEMA + 1}")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match="先更新本程序"):
        Book.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.99])
def test_a_cut_off_book_is_refused_with_the_way_out(book_template: Path, tmp_path: Path, keep: float) -> None:
    path = tmp_path / "cut.reloc"
    whole = book_template.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(UserError, match="备份"):
        Book.open(path)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="找不到台账"):
        Book.open(tmp_path / "no.reloc")
    with pytest.raises(UserError, match="是文件夹"):
        Book.open(tmp_path)


def test_a_full_disk_changes_nothing(book: Book) -> None:
    add_household(book, "001")
    with book.read() as session:
        (pages,) = session.connection().exec_driver_sql("PRAGMA page_count").one()
    remark = "满" * 200_000
    with pytest.raises(UserError, match="磁盘已满"), book.change("写", make.clerk()) as (session, _):
        session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}")
        session.execute(Household.__table__.update().values(remark=remark))
    assert numbers(book) == ["001"]
    with book.change("放开", make.clerk()) as (session, _):
        session.connection().exec_driver_sql("PRAGMA max_page_count=1073741823")
    add_household(book, "002")
    assert numbers(book) == ["001", "002"]


def test_a_failing_action_leaves_nothing(book: Book) -> None:
    with pytest.raises(ZeroDivisionError), book.change("坏", make.clerk()) as (session, _):
        make.make_household(session)
        _ = 1 // 0
    assert numbers(book) == []
    with book.read() as session:
        assert session.execute(select(func.count(TXN.c.action.distinct()))).scalar_one() == 2  # founding and places


# --- the log ---------------------------------------------------------------------------------------------------------


def test_every_kind_of_write_leaves_its_operations(book: Book, clerk: Clerk) -> None:
    with book.change("三种写法", clerk, source="import") as (session, done):
        one = make.make_household(session, number="001")  # by the mapper
        row = {"id": "0" * 32, "home": book.home, "deleted": 0, "number": "002", "place": one.place}
        session.execute(Household.__table__.insert(), [row])  # in bulk
        session.connection().exec_driver_sql("UPDATE household SET phone = '13900000000' WHERE number = '002'")  # raw
    with book.read() as session:
        ops = session.execute(select(OP.c.tbl, OP.c.kind, OP.c.cells).join(TXN, TXN.c.id == OP.c.txn).where(TXN.c.action == done.action).order_by(OP.c.n)).all()
    found = [(tbl, kind, sorted(json.loads(cells))) for tbl, kind, cells in ops]
    assert found == [
        ("household", "i", ["number", "place"]),
        ("person", "i", ["household", "name", "relation", "state"]),
        ("household", "u", ["head"]),
        ("household", "i", ["number", "place"]),
        ("household", "u", ["phone"]),
    ]
    assert done.tables == {"household", "person"}


def test_a_merge_group_is_written_as_one(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        one = make.make_household(session, account_name="张三", account="6210000000000000", bank="信用社").id
    with book.change("改账号", clerk) as (session, done):
        session.get_one(Household, one).account = "6210000000000018"
    with book.read() as session:
        cells = session.execute(select(OP.c.cells).join(TXN, TXN.c.id == OP.c.txn).where(TXN.c.action == done.action)).scalar_one()
    assert json.loads(cells) == {
        "account_name": ["张三", "张三"], "account": ["6210000000000000", "6210000000000018"], "bank": ["信用社", "信用社"],
    }  # fmt: skip


def test_nothing_is_physically_deleted(book: Book, clerk: Clerk) -> None:
    add_household(book, "001")
    with pytest.raises(Exception, match="never removed"), book.change("删", clerk) as (session, _):
        session.connection().exec_driver_sql("DELETE FROM household")
    assert numbers(book) == ["001"]


def test_other_programs_cannot_change_a_book_unlogged(book: Book) -> None:
    add_household(book, "001")
    raw = dbapi().connect(str(book.path))
    with pytest.raises(dbapi().OperationalError, match="no such function: trail_"):
        raw.execute("UPDATE household SET number = '9'")
    raw.close()


def test_reading_cannot_change(book: Book) -> None:
    with pytest.raises(UserError, match="不能写"), book.read() as session:
        session.connection().exec_driver_sql("UPDATE place SET name = '别处'")


# --- who writes ------------------------------------------------------------------------------------------------------


def writers(book: Book) -> list[str]:
    with book.read() as session:
        return list(session.execute(select(VV.c.rid).distinct().order_by(VV.c.rid)).scalars())


def test_one_installation_stays_one_writer(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.reloc"
    shutil.copyfile(book_template, path)
    for number in ("001", "002", "003"):
        with Book.open(path) as book:
            add_household(book, number)
            count = len(writers(book))
    with Book.open(path) as book:
        add_household(book, "004")
        assert len(writers(book)) == count


def test_a_restored_backup_gets_a_new_writer(book: Book, tmp_path: Path) -> None:
    add_household(book, "001")
    copy = tmp_path / "backup.reloc"
    shutil.copyfile(book.path, copy)
    add_household(book, "002")
    before = writers(book)
    with Book.open(copy) as restored:
        add_household(restored, "003")
        assert len(writers(restored)) == len(before) + 1


def test_without_a_memory_of_writers_a_book_can_only_be_read(book_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.reloc"
    shutil.copyfile(book_template, path)
    blocked = tmp_path / "home"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv("RELOCDESK_HOME", str(blocked))
    with Book.open(path) as book:
        assert "只能查看" in book.read_only
        with pytest.raises(UserError, match="只能查看"), book.change("试", make.clerk()):
            pass


def test_the_header_names_the_program_and_the_version(book: Book) -> None:
    with book.read() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == SCHEMA
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "truncate"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_all_registers_have_their_triggers(book: Book) -> None:
    with book.read() as session:
        found = set(session.connection().exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars())
    assert found == {f"trail_{reg.name}_{what}" for reg in REGISTERS for what in ("insert", "update", "delete")}


def test_reading_goes_on_while_many_rows_are_written(book: Book, clerk: Clerk) -> None:
    with book.change("大批", clerk, source="import") as (session, _):
        place = make.place(session)
        for start in range(0, 40_000, 10_000):
            rows = [{"id": f"{n:032x}", "home": book.home, "deleted": 0, "number": f"{n:06}", "place": place} for n in range(start, start + 10_000)]
            session.execute(Household.__table__.insert(), rows)
            assert numbers(book) == []
    assert len(numbers(book)) == 40_000


# --- traps -----------------------------------------------------------------------------------------------------------


def other_process(path: Path, statements: str) -> str:
    """What another program of this computer meets when it runs SQL on the file."""
    script = "import sys; from pathlib import Path; from relocdesk.database import connect\n"
    script += "raw = connect(Path(sys.argv[1]))\nraw.execute('PRAGMA busy_timeout=50')\n"
    command = [sys.executable, "-c", script + statements, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)
    return told.stderr.strip().rpartition("\n")[2] or "ok"


def test_a_second_look_in_one_process_does_not_drop_the_writers_lock(book: Book, clerk: Clerk) -> None:
    with book.change("登记户", clerk) as (session, _):
        make.make_household(session)
        with Book.open(book.path, write=False) as reader:
            assert numbers(reader) == []
        assert "locked" in other_process(book.path, "raw.execute('BEGIN IMMEDIATE')")
    assert other_process(book.path, "raw.execute('BEGIN IMMEDIATE')") == "ok"


def test_two_copies_open_at_once_do_not_write_under_one_name(book: Book, tmp_path: Path) -> None:
    add_household(book, "001")
    copy = tmp_path / "copy.reloc"
    shutil.copyfile(book.path, copy)
    with Book.open(copy) as other:
        add_household(book, "002")
        add_household(other, "003")
        add_household(other, "004")
        add_household(book, "005")
        mine, theirs = set(writers(book)), set(writers(other))
    assert len(theirs - mine) == 1
    with book.read() as session:
        assert verify(session) == []


def test_a_crashed_book_is_not_shown_half_written(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.reloc"
    shutil.copyfile(book_template, path)
    statements = (
        "import os, signal\nraw.execute('PRAGMA cache_size=1'); raw.execute('PRAGMA cache_spill=1'); raw.execute('BEGIN IMMEDIATE')\n"
        "raw.execute('CREATE TABLE x(y)')\nraw.executemany('INSERT INTO x VALUES (?)', [('x' * 3000,)] * 500)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    other_process(path, statements)
    assert path.with_name("a.reloc-journal").stat().st_size > 0
    with pytest.raises(UserError, match="没有正常关闭"):
        Book.open(path, write=False)
    with Book.open(path) as book:
        add_household(book, "001")


def test_a_damaged_book_found_after_a_crash_gives_its_lock_back(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.reloc"
    content = bytearray(book_template.read_bytes())
    with Book.open(book_template, write=False) as book, book.read() as session:
        root = session.connection().exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'dictionary'").scalar_one()
        size = session.connection().exec_driver_sql("PRAGMA page_size").scalar_one()
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)
    lock = path.with_name("a.reloc.lock")
    lock.write_text(json.dumps({"name": "李四", "host": "三坝-02", "pid": 1, "since": "2026-11-21 09:00"}), "utf-8")
    with pytest.raises(UserError, match="已损坏"):
        Book.open(path)
    assert not lock.exists()


def test_a_book_reached_by_a_link_has_one_lock(book: Book, tmp_path: Path) -> None:
    link = tmp_path / "快捷.reloc"
    link.symlink_to(book.path)
    with pytest.raises(UserError, match="正在使用"):
        Book.open(link)


def test_odd_and_overlong_paths(book_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "三坝 100%#1?a=b&移民" / "台账 %20.reloc"
    path.parent.mkdir()
    shutil.copyfile(book_template, path)
    with Book.open(path) as book:
        add_household(book, "001")
    assert [p.name for p in path.parent.iterdir()] == ["台账 %20.reloc"]
    for act in (Book.open, lambda one: Book.create(one, "530523102")):
        with pytest.raises(UserError, match="太长"):
            act(tmp_path / ("长" * 200 + ".reloc"))


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PurePosixPath("/书/a #1%.reloc"), "file:///%E4%B9%A6/a%20%231%25.reloc?mode=rw"),
        (PureWindowsPath("C:\\书\\a?.reloc"), "file:///C:/%E4%B9%A6/a%3F.reloc?mode=rw"),
        (PureWindowsPath("\\\\服务器\\share\\a.reloc"), "file:////%E6%9C%8D%E5%8A%A1%E5%99%A8/share/a.reloc?mode=rw"),
    ],
)
def test_a_share_of_another_computer_has_an_address_that_sqlite_takes(path: PurePath, uri: str) -> None:
    assert file_uri(path, "rw") == uri


def test_a_long_look_neither_stops_a_change_nor_does_its_waiting_commit_stop_another_look(book: Book, clerk: Clerk) -> None:
    """As long as one reads the file cannot be written; the commit waits, and whoever begins to read then waits with it."""
    looking = connect(book.path)
    looking.execute("BEGIN")
    looking.execute("SELECT count(*) FROM household").fetchone()
    begun: list[Future[list[str]]] = []
    with ThreadPoolExecutor(1) as pool:
        timers = [threading.Timer(3.5, looking.execute, ["ROLLBACK"]), threading.Timer(0.5, lambda: begun.append(pool.submit(numbers, book)))]
        for timer in timers:
            timer.start()
        add_household(book, "001")
        assert begun[0].result() == ["001"]
    looking.close()


def test_a_busy_book_is_said_when_window_state_is_kept(book: Book, clerk: Clerk) -> None:
    with book.change("登记户", clerk), pytest.raises(UserError, match="正忙"):
        book.set_state("x", "1")
