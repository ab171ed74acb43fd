"""The layers of docs/architecture.md hold: what lint-imports says, and that every module has its place in them."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import run

ROOT = Path(__file__).resolve().parent.parent


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", "utf-8")
    return parser


def test_no_import_goes_up() -> None:
    command = [sys.executable, "-c", run.LINT_IMPORTS, "--no-cache"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    kept = len([name for name in contracts().sections() if ":contract:" in name])
    assert f"Contracts: {kept} kept, 0 broken." in answer.stdout


def test_every_module_of_the_core_has_its_layer() -> None:
    layers = set(re.findall(r"\w+", contracts()["importlinter:contract:4"]["layers"]))
    there = {path.stem for path in (ROOT / "relocdesk").glob("*.py")}
    there |= {path.parent.name for path in (ROOT / "relocdesk").glob("*/__init__.py")}
    assert there - {"__init__"} - layers == set()


def test_only_the_doors_read_the_command_line() -> None:
    sources = [*(ROOT / "relocdesk").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]
    readers = [path for path in sources if "sys.argv" in path.read_text("utf-8")]
    assert [str(path.relative_to(ROOT)) for path in readers if path.name != "__main__.py"] == []
