"""The program's door: the window without arguments or for one book file, else the work a subcommand names."""

from __future__ import annotations

import gc
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

PYTHON = Path(__file__).resolve().parent / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def again_in_venv(command: list[str]) -> int:
    """Runs `command` with the Python of .venv; 1 and one sentence when that is not ready either."""
    if not os.path.isfile(PYTHON) or Path(sys.prefix) == PYTHON.parent.parent:
        print("所需的组件还没有装好：请先运行 python3 run.py（Windows 上是 py run.py）。", file=sys.stderr)
        return 1
    if os.name != "nt":  # there the caller would go on before the program has ended
        os.execv(PYTHON, [str(PYTHON), *command])
    return subprocess.call([str(PYTHON), *command])


def main(argv: list[str]) -> int:
    """Exit code: 0 done, 1 refused, 2 wrong usage, 3 done in part."""
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(encoding="utf-8")  # a bundle without console has no streams
    if not hasattr(sys, "frozen") and not all(map(importlib.util.find_spec, ("PySide6", "sqlalchemy", "sqlcipher3"))):
        return again_in_venv([str(Path(__file__).resolve()), *argv])
    if not argv or (len(argv) == 1 and "." in Path(argv[0]).name):
        gc.disable()  # what starting makes stays; ui.app.run goes on collecting
        if argv:
            from relocdesk import book  # noqa: F401, PLC0415 -- before Qt, which makes every later import slower
        from ui import app  # noqa: PLC0415 -- slow import

        return app.run(Path(argv[0]) if argv else None)
    from relocdesk import commands  # noqa: PLC0415 -- slow import

    return commands.main(argv, stage=lambda: importlib.import_module("ui.offstage"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
