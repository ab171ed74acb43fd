"""The built program, away from this checkout: it is whole, slim and proves itself with `selfcheck`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXE = "RelocDesk.exe" if os.name == "nt" else "RelocDesk"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built folder, moved to where a clerk might put it."""
    work = tmp_path_factory.mktemp("bundle")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "build.spec"]
    command += ["--distpath", str(work / "dist"), "--workpath", str(work / "build")]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert answer.returncode == 0, answer.stderr.decode("utf-8", "replace")[-3000:]
    return (work / "dist" / "RelocDesk").rename(work / "搬迁 工作台")


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that knows nothing of us: no Python, no library path, no screen."""
    home = {"HOME": str(tmp_path), "RELOCDESK_HOME": str(tmp_path / "data"), "QT_QPA_PLATFORM": "offscreen"}
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    return {**home, **kept, "PATH": "" if os.name == "nt" else "/usr/bin:/bin"}


def test_selfcheck_of_the_built_program_passes_anywhere(bundle: Path, bare: dict[str, str], tmp_path: Path) -> None:
    answer = subprocess.run([str(bundle / EXE), "selfcheck"], cwd=tmp_path, env=bare, capture_output=True, check=False)
    said = answer.stdout.decode("utf-8") + answer.stderr.decode("utf-8")
    assert answer.returncode == 0, said
    assert "Traceback" not in said


def test_bundle_carries_what_is_read_by_path(bundle: Path) -> None:
    inside = bundle / "_internal"
    for folder, pattern in (("resources", "**/*"), ("relocdesk/migrations", "**/*.py")):
        source = {path.relative_to(ROOT) for path in (ROOT / folder).glob(pattern) if path.is_file()}
        assert source
        assert [str(path) for path in sorted(source) if not (inside / path).is_file()] == []


def test_bundle_is_slim(bundle: Path) -> None:
    files = [path for path in bundle.rglob("*") if path.is_file() and not path.is_symlink()]
    translations = [path.name for path in files if path.suffix == ".qm"]
    assert translations == ["qtbase_zh_CN.qm"]
    assert [path.name for path in files if "Qml" in path.name or "Quick" in path.name] == []
    assert sum(path.stat().st_size for path in files) < 230_000_000
