"""The way to the bank and back, the same for batches and for rosters of the subsidy: the list out, its result in, row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from relocdesk.actions.bank import BankRow
from relocdesk.clerk import Clerk
from relocdesk.errors import Problem
from relocdesk.job import Tick
from relocdesk.records import register
from ui import say
from ui.access import Access, Session
from ui.acting import Acting, find_action
from ui.pages.bank_preview import ResultPreview
from ui.shell import Shell


class BankWay:
    """For records of one register: `send` is the action that registers the sending, `foresee` what a result would do."""

    def __init__(self, access: Access, shell: Shell, reg: str, send: str, foresee: Callable[[Session, Clerk, Any, Sequence[BankRow]], Any]) -> None:
        self.access, self.shell, self.reg, self._send, self._foresee = access, shell, reg, send, foresee
        self.acting = Acting(access, shell)

    def send(self, row_id: str, name: str, parent: QWidget, *, again: bool = False) -> None:
        """Write the bank's list, then register that it was sent (not `again`)."""
        path = say.pick_save("导出代发表", "Excel 工作簿 (*.xlsx)", f"代发表 {name}.xlsx", parent)
        if path is None:
            return
        out = path if path.suffix else path.with_suffix(".xlsx")

        def job(session: Session, _clerk: Clerk, _tick: Tick) -> int:
            from relocdesk.excel.bank import bank_list  # noqa: PLC0415 -- slow import

            return bank_list(session, session.get(register(self.reg).cls, row_id), out)

        def then(count: int) -> None:
            if again:
                return
            if say.ask(f"代发表已存好，{count} 笔。登记为已送银行吗？", yes="登记送银行", no="以后再登记", hint=str(out), parent=self.shell):
                self.acting.ask(self._send, self.reg, [row_id], yes="登记送银行")

        self.access.do(self.shell, "导出代发表", job, then=then, said=lambda count: f"代发表已存好，{count} 笔：{out.name}" if again else "")

    def take_result(self, row_id: str, waiting: int, parent: QWidget) -> None:
        """Read the bank's result, show what each row would do, then register it. `waiting`: 分 without a result."""
        path = say.pick_open("选择银行回盘文件", "Excel 工作簿 (*.xlsx *.xls);;所有文件 (*)", parent=parent)
        if path is None:
            return

        def job(tick: Tick) -> list[BankRow]:
            from relocdesk.excel.bank import read_result  # noqa: PLC0415 -- slow import

            return read_result(path, tick)

        self.shell.start_job("读取银行回盘", job, lambda found: self._preview(row_id, path, found, waiting))

    def _preview(self, row_id: str, path: Path, found: Sequence[BankRow], waiting: int) -> None:
        def foresee(session: Session) -> Any:
            return self._foresee(session, self.access.clerk, session.get(register(self.reg).cls, row_id), found)

        ResultPreview.show_rows(self.access, self.shell, foresee, path.name, found, waiting, partial(self._register, row_id, found))

    def _register(self, row_id: str, found: Sequence[BankRow], partial_: bool) -> None:
        action = find_action("bank-result", self.reg)

        def job(session: Session, clerk: Clerk, _tick: Tick) -> tuple[str, list[Problem]]:
            given: dict[str, Any] = {"file": found, "partial": int(partial_)}
            said = action(session, clerk, session.get(register(self.reg).cls, row_id), given)
            return str(said), [Problem(where, text) for where, text in getattr(said, "refused", ())]

        def then(told: tuple[str, list[Problem]]) -> None:
            if told[1]:
                say.problems(told[0], told[1], self.shell)

        self.access.do(self.shell, "登记银行结果", job, then=then, said=lambda told: told[0])
