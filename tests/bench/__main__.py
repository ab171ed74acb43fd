"""Runs every part in a process of its own and prints the table; ends with `budgets: n of m met`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

from tests.bench.measure import Figure

ROOT = Path(__file__).resolve().parent.parent.parent
PARTS = ("workbooks", "grids", "papers", "starting", "support")


def run_part(part: str, home: str) -> list[Figure]:
    """The figures of one part; a part that fails is shown with what it said."""
    environment = {**os.environ, "RELOCDESK_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", f"tests.bench.{part}"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1800)
    for line in done.stdout.splitlines():
        if line.startswith("FIGURES "):
            return [Figure(**values) for values in json.loads(line.removeprefix("FIGURES "))]
    raise SystemExit(f"{part}: {done.stdout}\n{done.stderr}")


def pad(text: str, width: int) -> str:
    """The text filled to a width in which a Chinese character counts as two."""
    return text + " " * max(width - sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text), 0)


def shown(figure: Figure) -> list[str]:
    """The cells of one line."""
    baseline = f"{figure.baseline:.2f}" if figure.baseline else "—"
    judged = f"{figure.judged:.2f}{' ×' if figure.baseline else ' ' + figure.unit}"
    return [figure.name, f"{figure.value:.2f} {figure.unit}", baseline, judged, f"≤ {figure.budget:g}", "met" if figure.met else "NOT MET"]


def main(parts: list[str]) -> int:
    """Measures and prints; the exit code says only whether everything could be measured."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as home:
        for part in parts or PARTS:
            figures += run_part(part, home)
    rows = [["figure", "value", "baseline", "judged", "budget", ""], *(shown(figure) for figure in figures)]
    for row in rows:
        print(pad(row[0], 62), *(pad(cell, 12) for cell in row[1:]))
    met = sum(figure.met for figure in figures)
    print(f"cores: {os.cpu_count()}, python {sys.version.split()[0]}")
    print(f"budgets: {met} of {len(figures)} met")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
