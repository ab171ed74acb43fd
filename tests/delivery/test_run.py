"""run.py's decisions, and what a checkout must not carry: host names and paths of one machine."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import run

ROOT = Path(run.__file__).resolve().parent
LOCKS = [run.LOCK, run.DEV_LOCK]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; .+)? \\$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Name → version, as a lock file (or an .in file, names spelled its own way) has them."""
    text = (ROOT / name).read_text("utf-8")
    return dict(PIN.findall(text))


# --- choosing a Python and keeping .venv ---


def test_first_supported_python_is_chosen() -> None:
    assert run.choose([None, ("3.14", "/a"), ("3.12", "/b"), ("3.11", "/c")]) == ("3.12", "/b")


@pytest.mark.parametrize("found", [[], [None], [("3.10", "/a"), ("3.14", "/b"), ("2.7", "/c")]])
def test_no_supported_python_is_nothing(found: list[tuple[str, str] | None]) -> None:
    assert run.choose(found) is None


def test_probe_tells_version_and_path_of_this_python() -> None:
    version, path = run.probe([sys.executable], "json") or ("", "")
    assert version == "{}.{}".format(*sys.version_info)
    assert os.path.samefile(path, sys.executable)


@pytest.mark.parametrize("command", [["no-such-python"], [sys.executable, "-c", "raise SystemExit(3)"]])
def test_probe_of_a_python_that_does_not_start_is_nothing(command: list[str]) -> None:
    assert run.probe(command, "json") is None


def test_probe_of_a_python_without_what_is_needed_is_nothing() -> None:
    assert run.probe([sys.executable], "no_such_module") is None


def test_without_a_supported_python_the_version_to_install_is_named() -> None:
    with pytest.raises(run.Stop, match=r"^这里的 Python 是 3\.7，.*请安装 3\.11 后再运行一次。$"):
        run.find_python([["no-such-python"]], "3.7")


@pytest.mark.parametrize("name", ["run.py", "main.py"])
def test_an_old_python_can_read_the_file_and_so_say_it(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text("utf-8"), name, feature_version=(3, 7))
    assert isinstance(tree.body[-1], ast.If)


def test_digest_ignores_line_ends_and_nothing_else(tmp_path: Path) -> None:
    for name, content in (("a", b"x==1 \\\n  --hash=1\n"), ("b", b"x==1 \\\r\n  --hash=1\r\n"), ("c", b"x==2 \\\n")):
        (tmp_path / name).write_bytes(content)
    digests = [run.digest(tmp_path / name) for name in "abc"]
    assert digests[0] == digests[1] != digests[2]


def test_stamp_comes_back_and_a_half_made_one_does_not(tmp_path: Path) -> None:
    path = tmp_path / ".venv" / "installed.json"
    assert run.read_stamp(path) == {}
    run.write_stamp(path, {"python": "3.11", "requirements.lock": "abc"})
    assert run.read_stamp(path) == {"python": "3.11", "requirements.lock": "abc"}
    run.write_stamp(path, {"unfinished": "requirements.lock"})
    assert run.read_stamp(path) is None
    path.write_text('{"python": ', "utf-8")
    assert run.read_stamp(path) is None


@pytest.mark.parametrize(
    ("stamp", "version", "current", "kept"),
    [
        ({"python": "3.11", "a.lock": "1"}, "3.11", True, True),
        ({"python": "3.11", "a.lock": "2"}, "3.11", False, True),
        ({"python": "3.11", "b.lock": "1"}, "3.11", False, True),
        ({"python": "3.11", "a.lock": "1"}, "3.13", False, False),
        ({"python": "3.11", "a.lock": "1"}, "", False, False),
        ({"python": "3.10", "b.lock": "1"}, "3.10", False, False),
        ({}, "3.11", False, True),
        (None, "3.11", False, False),
    ],
)
def test_venv_is_used_kept_or_made_anew(stamp: dict[str, str] | None, version: str, current: bool, kept: bool) -> None:
    assert run.up_to_date(stamp, "a.lock", "1", version) is current
    assert run.sound(stamp, version) is kept


# --- system packages ---


def test_only_wholly_installed_packages_count() -> None:
    listing = "libgl1 installed\nlibegl1 config-files\nlibx11-6 not-installed\nlibglib2.0-0t64 installed\n\n"
    assert run.installed_packages(listing) == {"libgl1", "libglib2.0-0t64"}


@pytest.mark.parametrize(
    ("config", "packages"),
    [
        ("home = /usr/bin\nversion = 3.11.2\n", ["libpython3.11"]),
        ("home = /usr/local/bin\nversion = 3.11.7\n", []),
        ("", []),
    ],
)
def test_only_the_systems_python_needs_its_library_from_the_system(config: str, packages: list[str]) -> None:
    assert run.library_of_python(config, "3.11") == packages


def test_what_may_not_be_installed_is_named_in_one_line_to_type() -> None:
    assert run.by_hand(["libgl1", "libegl1"]) == "sudo apt-get install -y --no-install-recommends libgl1 libegl1"


# --- the command itself ---


def test_an_unknown_word_gets_the_usage() -> None:
    answer = subprocess.run([sys.executable, "run.py", "tset"], cwd=ROOT, capture_output=True, check=False)
    assert answer.returncode == 2
    assert answer.stdout.decode("utf-8").startswith("用法：\n")


def test_first_start_makes_venv_second_is_silent_half_made_is_made_anew(tmp_path: Path) -> None:
    """With an empty lock file and a main.py that only says what it was given."""
    shutil.copy(ROOT / "run.py", tmp_path)
    (tmp_path / run.LOCK).write_text("# nothing\n", "utf-8")
    (tmp_path / "main.py").write_text("import sys; print(sys.prefix, sys.argv[1:]); sys.exit(3)\n", "utf-8")
    shown = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {name: value for name, value in os.environ.items() if name not in shown}

    def start(**screen: str) -> list[str]:
        command = [sys.executable, "run.py"]
        answer = subprocess.run(command, cwd=tmp_path, env={**bare, **screen}, capture_output=True, check=False)
        assert answer.returncode == 3, answer.stderr.decode("utf-8", "replace")
        return answer.stdout.decode("utf-8").splitlines()

    venv = tmp_path / ".venv"
    first = start(QT_QPA_PLATFORM="offscreen")
    assert first[0] == "正在准备运行环境（只在第一次和更新后需要）……"
    assert first[-1] == f"{venv} []"
    assert start(QT_QPA_PLATFORM="offscreen") == [f"{venv} []"]  # silent: nothing was prepared
    (venv / "installed.json").write_text('{"unfinished": "requirements.lock"}', "utf-8")
    assert start(QT_QPA_PLATFORM="offscreen")[0] == first[0]
    if sys.platform == "linux":
        no_screen = "这台电脑没有屏幕，打不开窗口：改为在 demo 文件夹里把主要工作演示一遍。"
        assert start() == [no_screen, f"{venv} ['demo-run', './demo']"]


# --- lock files ---


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_only_pins_with_hashes(name: str) -> None:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    shape = re.compile(r"#.*|[a-z0-9-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not shape.fullmatch(line)] == []
    assert len(pins(name)) > 15


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_lock_holds_the_versions_asked_for(name: str) -> None:
    asked = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / f"{name}.in").read_text("utf-8"), re.MULTILINE)
    lock = pins(f"{name}.lock")
    assert asked
    assert {key.lower(): version for key, version in asked}.items() <= lock.items()


def test_dev_lock_holds_everything_of_the_other() -> None:
    runtime = (ROOT / run.LOCK).read_text("utf-8").splitlines()
    dev = set((ROOT / run.DEV_LOCK).read_text("utf-8").splitlines())
    assert [line for line in runtime if not line.startswith("#") and line not in dev] == []


def test_every_direct_dependency_is_explained() -> None:
    asked = re.findall(r"^([\w.-]+)==", "\n".join((ROOT / f).read_text("utf-8") for f in DIRECT), re.MULTILINE)
    explained = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert [name for name in asked if f"| {name} |" not in explained] == []


DIRECT = ["requirements.in", "requirements-dev.in"]

# --- nothing of one machine ---

OURS = {".py", ".md", ".in", ".lock", ".toml", ".spec", ".csv", ".qss", ".svg", ".txt", ".json", ".mako", ".gitignore"}
HOST = re.compile(r"https?://|\b[\w-]+\.(?:org|com|net|io|cn)\b")
HOME = re.compile(r"/home/\w|/Users/\w|[A-Z]:\\Users\\\w", re.IGNORECASE)


def tracked() -> list[Path]:
    """The files git knows, without the binary ones."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = [Path(name) for name in answer.stdout.decode("utf-8").split("\0") if name]
    return [name for name in names if (name.suffix or name.name) in OURS or name.parts[0] == ".ci"]


def test_setting_up_names_no_host() -> None:
    files = ["run.py", "main.py", "build.spec", ".ci/run", *LOCKS, *DIRECT]
    assert [name for name in files if HOST.search((ROOT / name).read_text("utf-8"))] == []


def test_no_tracked_file_knows_this_machine() -> None:
    here = re.compile("|".join(re.escape(f"{path}{os.sep}") for path in (ROOT, Path.home())))
    files = tracked()
    assert len(files) > 20
    texts = {name: (ROOT / name).read_text("utf-8") for name in files if (ROOT / name).exists()}
    assert [str(name) for name, text in texts.items() if here.search(text) or HOME.search(text)] == []
