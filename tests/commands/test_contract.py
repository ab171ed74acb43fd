"""The command line as a contract: names, JSON, exit codes, one sentence for everything that is refused."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from relocdesk import commands
from relocdesk.book import Book
from relocdesk.field import Register
from relocdesk.records import REGISTERS
from tests.commands.running import Run

ENGLISH = re.compile(r"Traceback|Error|error:|usage:|argument")
LATER = ("figures", "rows", "report", "fill", "check", "identities", "snapshot", "explain", "password", "package", "open-package", "merge", "unmerge")


def test_help_lists_what_is_there_and_nothing_else(run: Run) -> None:
    answer = run("--help")
    listed = re.findall(r"^  ([a-z-]+)  ", answer.out, re.MULTILINE)
    assert (answer.code, answer.err) == (0, "")
    assert listed == [command.name for command in commands.COMMANDS]
    assert not set(listed) & set(LATER)


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself_in_chinese_and_can_be_called(run: Run, command: commands.Command) -> None:
    answer = run(command.name, "--help")
    assert answer.code == 0
    assert command.help in answer.out
    assert "用法：" in answer.out
    assert not ENGLISH.search(answer.out)
    assert callable(getattr(commands._module(command.subject), command.name.replace("-", "_") + "_command"))


def test_help_is_quick_because_nothing_is_loaded() -> None:
    program = "import sys; from relocdesk import commands; commands.main(['--help'], stage=list); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert "'sqlalchemy'" not in done.stderr
    assert "'PySide6'" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "没有写命令"),
        (("fly",), "没有“fly”这个命令"),
        (("list",), "还缺：BOOK, REGISTER"),
        (("list", "a.reloc", "household", "--wrong"), "不认识：--wrong"),
        (("demo", "a.reloc", "--scale", "planet"), "--scale 不能是"),
        (("demo", "a.reloc", "--seed", "x"), "--seed 要写整数"),
        (("list", "a.reloc", "household", "--search"), "--search 后面要写取值"),
        (("new", "a.reloc", "--office", "甲"), "还缺：--place"),
    ],
)
def test_wrong_usage_is_2_and_said_in_chinese(run: Run, words: tuple[str, ...], said: str) -> None:
    answer = run(*words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert not ENGLISH.search(answer.err)
    with_json = run(*words, "--json") if words else None
    if with_json:
        assert (with_json.code, with_json.err, with_json.json["error"]["code"]) == (2, "", "USAGE")


def test_new_makes_a_book_and_never_over_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "新 台账.reloc"
    words = ("new", path, "--office", "龙陵县三坝乡搬迁安置办公室", "--place", "530523102", "--by", "王建国", "--json")
    answer = run(*words)
    assert answer.code == 0
    assert answer.json["place"] == "530523102"
    before = path.read_bytes()
    again = run(*words)
    assert (again.code, again.err) == (1, "")
    assert "已经存在" in again.json["error"]["text"]
    assert path.read_bytes() == before
    assert run("new", tmp_path / "b.reloc", "--office", "甲", "--place", "530523102").code == 1  # nobody said who
    assert not (tmp_path / "b.reloc").exists()


def test_registers_tells_all_of_every_field(run: Run) -> None:
    found = run("registers", "--json").json["registers"]
    assert [one["name"] for one in found] == [reg.name for reg in REGISTERS]
    parcel = next(one for one in found if one["name"] == "parcel")
    nature = next(f for f in parcel["fields"] if f["name"] == "nature")
    assert parcel["label"] == "地块"
    assert parcel["key"] == [["project", "number"]]
    assert (nature["label"], nature["kind"], nature["required"], nature["key"]) == ("征用性质", "choice", True, False)
    assert nature["choices"] == [{"code": "permanent", "label": "永久征收"}, {"code": "temporary", "label": "临时占用"}]
    assert "地块" in run("registers").out


MADE = [reg for reg in REGISTERS if reg.made_by]


@pytest.mark.parametrize("reg", MADE, ids=lambda reg: reg.name)
def test_what_only_actions_make_is_neither_added_nor_imported_but_exported(run: Run, path: Path, tmp_path: Path, reg: Register) -> None:
    out = tmp_path / "出.xlsx"
    assert run("export", path, reg.name, out).code == 0
    for words in (("add", path, reg.name, "remark=x"), ("import", path, reg.name, out, "--apply"), ("template", reg.name, tmp_path / "模板.xlsx")):
        answer = run(*words)
        assert (answer.code, answer.out) == (1, "")
        assert f"“{reg.label}”在办理“{reg.made_by}”时由程序登记" in answer.err
    assert not (tmp_path / "模板.xlsx").exists()


def test_a_record_is_added_changed_deleted_brought_back_and_undone(run: Run, path: Path) -> None:
    added = run("add", path, "移民户", "户号=001", "head_name=李大山", "村组=柳树村一组", "--json")
    assert (added.code, added.json["key"]) == (0, "001")
    assert run("set", path, "household", "001", "phone=13812345678", "remark=核对过").code == 0
    shown = run("list", path, "household", "--where", "村组=柳树村", "--json").json
    (row,) = shown["rows"]
    assert (row["key"], row["head_name"], row["place"], row["raw"]["phone"]) == ("001", "李大山", "三坝乡 柳树村 一组", "13812345678")
    assert {name: shown["totals"][name] for name in ("count", "households", "people", "mu", "money")} == {
        "count": 1, "households": 1, "people": 1, "mu": "0.00", "money": "0.00"}  # fmt: skip
    assert run("list", path, "household", "--where", "村组=石桥村", "--json").json["rows"] == []
    assert "138****5678" in run("list", path, "household").out
    assert run("undo", path).code == 0
    assert run("list", path, "household", "--json").json["rows"][0]["raw"]["phone"] is None
    assert run("delete", path, "household", "001").code == 0
    assert run("list", path, "household", "--json").json["totals"]["count"] == 0
    assert run("undelete", path, "household", "001").code == 0
    assert run("undelete", path, "household", "001").code == 1
    history = run("history", path, "household", "001", "--json").json["entries"]
    assert [one["name"] for one in history] == ["王建国"] * len(history)
    assert len(history) == 5
    assert run("verify", path).code == 0


def test_a_refused_value_says_where_and_why(run: Run, path: Path) -> None:
    words = ("add", path, "household", "number=002", "head_name=李大山", "place=柳树村一组", "head_idcard=53302419650315001A")
    plain, document = run(*words), run(*words, "--json")
    assert (plain.code, plain.out, document.code, document.err) == (1, "", 1, "")
    assert plain.err.startswith("身份证号：")
    assert set(document.json) == {"error"}
    assert set(document.json["error"]) == {"text", "hint", "code"}
    assert run("list", path, "household", "--json").json["totals"]["count"] == 0


def test_an_attachment_lies_beside_the_book(run: Run, path: Path, tmp_path: Path) -> None:
    run("add", path, "household", "number=001", "head_name=李大山", "place=柳树村一组")
    scan = tmp_path / "扫描件.pdf"
    scan.write_bytes(b"%PDF-1.4 invented")
    answer = run("attach", path, "household", "001", scan, "--json").json
    digest = answer["sha256"]
    assert (path.with_name(path.name + ".files") / digest[:2] / digest).read_bytes() == scan.read_bytes()
    assert run("attach", path, "household", "001", tmp_path / "没有.pdf").code == 1
    (path.with_name(path.name + ".files") / digest[:2] / digest).unlink()
    assert run("verify", path).code == 1


def test_capital_and_settings(run: Run, path: Path) -> None:
    assert run("capital", "1409.50").out == "人民币壹仟肆佰零玖元伍角\n"
    assert run("capital", "-1").code == 1
    assert run("setting", path, "posting.days=10").code == 0
    assert run("setting", path, "posting.days", "--json").json["settings"][0]["value"] == "10"
    assert run("setting", path, "posting.days=很多").code == 1
    assert run("setting", path, "没有的").code == 1


def test_only_known_operators_work_and_several_must_be_told_apart(run: Run, path: Path) -> None:
    assert run("add", path, "operator", "name=赵小兰", "role=录入").code == 0
    words = ("add", path, "household", "number=001", "head_name=李大山", "place=柳树村一组")
    nobody, stranger = run(*words), run(*words, "--by", "某人")
    assert (nobody.code, stranger.code) == (1, 1)
    assert "赵小兰（录入）" in nobody.err
    assert run("--by", "赵小兰", "list", path, "household").code == 0  # options may stand anywhere
    assert run(*words[:2], "--by", "赵小兰", *words[2:]).code == 0


# --- ugly books ------------------------------------------------------------------------------------------------------


def ugly(kind: str, path: Path, folder: Path) -> Path:
    """A thing that is no usable book."""
    target = folder / f"{kind}.reloc"
    content = path.read_bytes()
    if kind == "directory":
        target.mkdir()
    elif kind == "truncated":
        target.write_bytes(content[: len(content) // 2])
    elif kind == "newer":
        target.write_bytes(content[:60] + (99).to_bytes(4, "big") + content[64:])
    elif kind == "foreign":
        with sqlite3.connect(target) as other:
            other.execute("CREATE TABLE t(x)")
        other.close()
    elif kind == "text":
        target.write_text("这不是台账\n" * 100, "utf-8")
    elif kind == "empty":
        target.touch()
    return target


@pytest.mark.parametrize("kind", ["missing", "directory", "truncated", "newer", "foreign", "text", "empty"])
@pytest.mark.parametrize("words", [("list", "household"), ("add", "household", "number=1"), ("verify",), ("backup",)], ids=lambda words: words[0])
def test_a_file_that_is_no_book_is_refused_and_left_alone(run: Run, path: Path, tmp_path: Path, kind: str, words: tuple[str, ...]) -> None:
    target = ugly(kind, path, tmp_path)
    before = target.read_bytes() if target.is_file() else None
    answer = run(words[0], target, *words[1:])
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.count("\n") == 1
    assert "。" in answer.err
    assert not ENGLISH.search(answer.err)
    assert (target.read_bytes() if target.is_file() else None) == before
    assert not target.with_name(target.name + ".lock").exists()


def test_a_book_in_use_can_be_read_but_not_changed(run: Run, path: Path) -> None:
    with Book.open(path, holder="赵小兰"):
        assert run("list", path, "place", "--json").code == 0
        answer = run("add", path, "household", "number=1", "head_name=李大山", "place=柳树村一组")
    assert answer.code == 1
    assert "赵小兰" in answer.err


def test_the_address_of_a_server_is_refused(run: Run) -> None:
    answer = run("list", "postgresql://desk@server/book", "household")
    assert answer.code == 1
    assert "服务器" in answer.err


def test_a_defect_goes_to_the_log_and_people_get_a_sentence(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    from relocdesk.command import looking  # noqa: PLC0415 -- to break it

    monkeypatch.setattr(looking, "capital", lambda fen: 1 // 0)
    answer = run("capital", "1", "--json")
    assert (answer.code, answer.err, answer.json["error"]["code"]) == (70, "", "DEFECT")
    assert "ZeroDivisionError" in (own_home / "relocdesk.log").read_text("utf-8")


def test_main_py_is_the_same_door(path: Path) -> None:
    door = Path(commands.__file__).parent.parent / "main.py"
    done = subprocess.run([sys.executable, door, "list", path, "place", "--json"], capture_output=True, timeout=60,
                          env={**os.environ, "PYTHONIOENCODING": "ascii"})  # fmt: skip
    assert done.returncode == 0
    assert "三坝乡" in done.stdout.decode("utf-8")


def test_selfcheck_tries_everything_for_real(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("selfcheck", "--json")
    assert (whole.code, whole.json["ok"]) == (0, True)
    assert [one["ok"] for one in whole.json["checks"]] == [True] * 6
    from relocdesk.printing import fonts  # noqa: PLC0415 -- to break it

    monkeypatch.setattr(fonts, "missing", lambda text, role="fang": list(text))
    broken = run("selfcheck")
    assert broken.code == 1
    assert "✗ 字体" in broken.out
    assert "请重新安装" in broken.out


def test_the_demo_and_the_main_job_are_there(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "演示.reloc"
    made = run("demo", path, "--seed", "3", "--json")
    assert made.json["counts"]["household"] == 300
    assert run("demo", path).code == 1
    told = run("demo-run", tmp_path / "过程", "--json")
    assert (told.code, told.json["ok"], told.json["problems"]) == (0, True, [])
    assert (tmp_path / "过程" / "三坝乡.png").exists()
    assert run("demo-run", tmp_path / "过程").code == 1


def test_backup_and_restore(run: Run, path: Path, tmp_path: Path) -> None:
    copy = Path(run("backup", path, tmp_path / "U盘", "--json").json["file"])
    assert copy.parent.name == "U盘"
    assert run("restore", copy, path).code == 1
    assert run("restore", copy, tmp_path / "恢复.reloc", "--json").code == 0
    assert run("verify", tmp_path / "恢复.reloc").code == 0
    assert run("restore", tmp_path / "没有.reloc", tmp_path / "b.reloc").code == 1
    assert run("backup", path, copy).code == 1


def test_a_receipt_names_its_allocation_by_the_document(run: Run, path: Path) -> None:
    words = ("document=龙财农〔2025〕41号", "source=县级", "year=2025", "issued_on=2025-12-10", "amount=1000")
    assert run("add", path, "allocation", *words, "fund=project").code == 0
    assert run("add", path, "receipt", "allocation=龙财农〔2025〕41号", "received_on=2025-12-26", "amount=800").code == 0
    assert run("add", path, "allocation", *words, "fund=budget").code == 0
    twice = run("add", path, "receipt", "allocation=龙财农〔2025〕41号", "received_on=2025-12-27", "amount=1")
    assert twice.code == 1
    assert "不止一个" in twice.err
    assert run("add", path, "receipt", "allocation=龙财农〔2025〕41号/一般预算", "received_on=2025-12-27", "amount=1").code == 0
