"""Slow work off the window's thread: Work is one job, Desk runs jobs one after another on a single thread.

A job is a core function taking `tick`; it knows nothing of Qt and touches no widget. No message is shown here.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from relocdesk.job import Stopped, Tick

SLOW_AFTER_MS = 600
TOLD_EVERY_S = 0.05  # a job may tick 100,000 times; the eye needs twenty a second

Job = Callable[[Tick], Any]


class Work(QObject):
    """One job with a title. `ended` carries the result, the exception, or None when stopped; it comes once and last.

    `state` is waiting, running, done, failed or stopped, so that a job whose result is None is not taken for stopped.
    """

    progressed = Signal(int, int, str)  # done, total (0 = unknown), short Chinese text
    ended = Signal(object)

    def __init__(self, title: str, job: Job, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.state = "waiting"
        self.progress: tuple[int, int, str] = (0, 0, "")
        self._job = job
        self._stop = threading.Event()

    def stop(self) -> None:
        """The job's next tick raises Stopped; a job still waiting is never begun."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """True from 停止 until the job has noticed it."""
        return self._stop.is_set() and self.state in ("waiting", "running")


class Desk(QObject):
    """Keeps every Work until it ended and runs them in order on one thread, so that two writings never interleave."""

    started = Signal(object)  # Work
    slowed = Signal(object)  # Work: has been running for 0.6 s, now worth a progress bar
    finished = Signal(object)  # Work: after its own `ended`
    _rang = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._works: list[Work] = []
        self._post: deque[tuple[Work, str, Any]] = deque()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        self._closed = False
        # The thread only fills the deque and rings; everything the window hears is said on the window's thread.
        self._rang.connect(self._collect, Qt.ConnectionType.QueuedConnection)

    @property
    def works(self) -> tuple[Work, ...]:
        """The works that have not ended, the running one first."""
        return tuple(self._works)

    def start(self, work: Work) -> None:
        """Queue the work; a desk that is closed refuses with RuntimeError."""
        if self._closed:
            raise RuntimeError("the desk is closed")
        self._works.append(work)
        self._pool.submit(_run, work._job, work._stop, lambda kind, what: self._tell(work, kind, what))

    def stop_all(self) -> None:
        """Ask every work to stop, without waiting."""
        for work in self._works:
            work.stop()

    def close(self) -> None:
        """Stop everything and wait; every work has said `ended` when this returns. May be called twice."""
        self._closed = True
        self.stop_all()
        self._pool.shutdown(wait=True)
        self._collect()

    def _tell(self, work: Work, kind: str, what: Any) -> None:
        self._post.append((work, kind, what))
        self._rang.emit()

    def _collect(self) -> None:
        while self._post:
            work, kind, what = self._post.popleft()
            if kind == "began":
                work.state = "running"
                self.started.emit(work)
                QTimer.singleShot(SLOW_AFTER_MS, work, lambda work=work: self._look(work))
            elif kind == "progress":
                work.progress = what
                work.progressed.emit(*what)
            else:
                self._end(work, kind, what)

    def _end(self, work: Work, state: str, outcome: Any) -> None:
        work.state = state
        self._works.remove(work)
        work.ended.emit(outcome)
        self.finished.emit(work)

    def _look(self, work: Work) -> None:
        if work in self._works:
            self.slowed.emit(work)


def _run(job: Job, stop: threading.Event, tell: Callable[[str, Any], None]) -> None:
    """On the worker thread. Owns no QObject; the last thing told is the end."""
    told = 0.0

    def tick(done: int, total: int, text: str = "") -> None:
        nonlocal told
        if stop.is_set():
            raise Stopped
        now = time.monotonic()
        if now - told >= TOLD_EVERY_S or (total and done == total):
            told = now
            tell("progress", (done, total, text))

    if stop.is_set():
        tell("stopped", None)
        return
    tell("began", None)
    try:
        result = job(tick)
    except Stopped:
        tell("stopped", None)
    except Exception as error:  # noqa: BLE001 -- carried to the window's thread, where it is shown or logged
        tell("failed", error)
    else:
        tell("done", result)
