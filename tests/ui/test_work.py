"""Work and Desk: one job after another, one end each, and a stop that is noticed."""

from __future__ import annotations

import threading
import time

import pytest
from pytestqt.qtbot import QtBot

from relocdesk.errors import UserError
from relocdesk.job import Tick
from ui import work as work_module
from ui.work import Desk, Work


def until_stopped(tick: Tick) -> None:
    while True:
        tick(0, 0, "还在做")
        time.sleep(0.002)


def ends_of(work: Work) -> list[object]:
    told: list[object] = []
    work.ended.connect(told.append)
    return told


def test_result_comes_once_and_after_all_progress(qtbot: QtBot, desk: Desk) -> None:
    def job(tick: Tick) -> str:
        for n in range(5000):
            tick(n + 1, 5000, f"第{n + 1}行")
        return "好了"

    work = Work("读表", job)
    told: list[object] = []
    work.progressed.connect(lambda done, total, text: told.append((done, total, text)))
    work.ended.connect(told.append)
    with qtbot.waitSignal(desk.finished, timeout=20_000):
        desk.start(work)
    assert told[-2:] == [(5000, 5000, "第5000行"), "好了"]
    assert told.count("好了") == 1
    assert len(told) < 100  # 5,000 ticks do not become 5,000 events
    assert work.state == "done"
    assert desk.works == ()


def test_everything_is_told_on_the_thread_of_the_window(qtbot: QtBot, desk: Desk) -> None:
    threads: list[int] = []

    def job(tick: Tick) -> int:
        tick(1, 1)
        return threading.get_ident()

    work = Work("数", job)
    work.progressed.connect(lambda *_: threads.append(threading.get_ident()))
    outcome = ends_of(work)
    work.ended.connect(lambda _: threads.append(threading.get_ident()))
    with qtbot.waitSignal(desk.finished, timeout=20_000):
        desk.start(work)
    assert set(threads) == {threading.get_ident()}
    assert outcome != [threading.get_ident()]


def test_works_run_in_order_and_never_together(qtbot: QtBot, desk: Desk) -> None:
    running: list[int] = []
    order: list[int] = []

    def job_number(number: int) -> Work:
        def job(tick: Tick) -> None:
            running.append(number)
            time.sleep(0.01)
            assert running == [number]
            running.remove(number)
            order.append(number)

        return Work(f"第{number}件", job)

    works = [job_number(n) for n in range(4)]
    for work in works:
        desk.start(work)
    qtbot.waitUntil(lambda: not desk.works, timeout=20_000)
    assert order == [0, 1, 2, 3]
    assert [work.state for work in works] == ["done"] * 4


def test_stop_ends_with_none_and_the_state_says_so(qtbot: QtBot, desk: Desk) -> None:
    work = Work("汇总", until_stopped)
    told = ends_of(work)
    with qtbot.waitSignal(desk.started, timeout=20_000):
        desk.start(work)
    work.stop()
    assert work.stopping
    qtbot.waitUntil(lambda: not desk.works, timeout=20_000)
    assert (told, work.state, work.stopping) == ([None], "stopped", False)


def test_a_stopped_work_that_waits_is_never_begun(qtbot: QtBot, desk: Desk) -> None:
    begun: list[str] = []
    first, second = Work("一", until_stopped), Work("二", lambda tick: begun.append("二"))
    told = ends_of(second)
    desk.start(first)
    desk.start(second)
    second.stop()
    first.stop()
    qtbot.waitUntil(lambda: not desk.works, timeout=20_000)
    assert (begun, told, second.state) == ([], [None], "stopped")


@pytest.mark.parametrize("error", [UserError("文件被占用"), ZeroDivisionError("1/0")])
def test_an_exception_is_the_outcome(qtbot: QtBot, desk: Desk, error: Exception) -> None:
    def job(tick: Tick) -> None:
        raise error

    work = Work("读", job)
    told = ends_of(work)
    with qtbot.waitSignal(desk.finished, timeout=20_000):
        desk.start(work)
    assert (told, work.state) == ([error], "failed")


def test_close_stops_all_waits_and_every_work_has_ended(qtbot: QtBot, desk: Desk) -> None:
    works = [Work(str(n), until_stopped) for n in range(3)]
    told = [ends_of(work) for work in works]
    with qtbot.waitSignal(desk.started, timeout=20_000):
        for work in works:
            desk.start(work)
    desk.close()
    assert told == [[None], [None], [None]]
    qtbot.wait(30)  # what was still queued must not tell it again
    assert told == [[None], [None], [None]]
    desk.close()
    with pytest.raises(RuntimeError):
        desk.start(Work("晚了", until_stopped))


def test_slow_work_is_announced_and_quick_work_is_not(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow: list[str] = []
    desk.slowed.connect(lambda work: slow.append(work.title))
    quick, long = Work("快", lambda tick: 1), Work("慢", until_stopped)
    monkeypatch.setattr(work_module, "SLOW_AFTER_MS", 3_600_000)  # its time comes after it has ended, however slow the machine
    desk.start(quick)
    qtbot.waitUntil(lambda: not desk.works, timeout=20_000)
    desk._look(quick)
    assert slow == []
    monkeypatch.setattr(work_module, "SLOW_AFTER_MS", 40)
    desk.start(long)
    qtbot.waitUntil(lambda: slow == ["慢"], timeout=20_000)
    long.stop()
    qtbot.waitUntil(lambda: not desk.works, timeout=20_000)
    assert slow == ["慢"]
