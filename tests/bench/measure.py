"""What one measurement says, and the clock and memory it is taken with."""

from __future__ import annotations

import gc
import json
import os
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, its baseline, and the most it may be."""

    name: str
    value: float
    unit: str
    baseline: float | None = None  # same unit; the ratio value/baseline is judged when given
    budget: float = 0.0

    @property
    def judged(self) -> float:
        """What the budget is about: the ratio, or the figure itself."""
        return self.value / self.baseline if self.baseline else self.value

    @property
    def met(self) -> bool:
        return self.judged <= self.budget


def timed(work: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """The quickest of some runs in seconds, and the last result."""
    best, result = float("inf"), None
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def memory_now() -> float:
    """Resident memory in MB."""
    if os.path.exists("/proc/self/statm"):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return memory_peak()


def memory_peak() -> float:
    """The largest resident memory of this program so far in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage tells there may stem from the process that started this one
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def hand_over(figures: list[Figure]) -> None:
    """Prints figures for the process that asked for them."""
    print("FIGURES " + json.dumps([asdict(figure) for figure in figures], ensure_ascii=False))
