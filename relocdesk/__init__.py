"""RelocDesk 搬迁安置工作台: the core, without a window. Usable from a script or a test; never imports Qt."""

from __future__ import annotations

import sys
from pathlib import Path

__version__ = "0.1.0"


def resource(name: str) -> Path:
    """The path of a shipped file under resources/, from source and from a frozen bundle alike."""
    base = getattr(sys, "_MEIPASS", None)
    root = Path(base) if base else Path(__file__).resolve().parent.parent
    return root / "resources" / name
