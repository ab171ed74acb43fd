"""The sheet of something that three people sign and the bank pays: its head with the one next step, what it adds up to, asking those who sign."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtWidgets import QWidget

from relocdesk.records.reference import Role
from ui import say
from ui.acting import Acting, find_action
from ui.flow import money_sum
from ui.parts import Chip, ElidedLabel, button, label, row

TO_THE_BANK = ("send", "result")
"""Steps that are no declared action: writing the bank's list, taking its result in."""


class NextStep:
    """For records of one register; `button` stands in the head of the sheet."""

    def __init__(self, acting: Acting, reg: str, name: str, on: Callable[[], object]) -> None:
        self.acting, self.reg = acting, reg
        self.button = button("", look="primary", name=name, on=on)
        self.button.hide()

    def show(self, name: str, words: str, waits: str = "") -> str:
        """Show a step ("" shows none). `waits`: why it cannot be taken yet. Returns whose step it is when the clerk may not take it."""
        self.button.setVisible(bool(name))
        if not name:
            return ""
        access, bank = self.acting.access, name in TO_THE_BANK
        allowed = not access.book.read_only if bank else self.acting.allowed(name, self.reg)
        who = "" if bank else "、".join(Role(one).label for one in find_action(name, self.reg).roles)
        self.button.setText(words)
        self.button.setEnabled(allowed and not waits)
        self.button.setToolTip(waits or words)
        if allowed:
            return ""
        self.button.setToolTip(f"请由{who}岗位的人员办理（您是{Role(access.clerk.role).label}）" if who else "台账只读")
        return f"这一步由{who}岗位办理。" if who else ""

    def sign(self, row_id: str, name: str, verb: str, what: str, hint: str) -> None:
        """Ask whether to sign, then do it."""
        if say.ask(f"{verb}{what}吗？", yes=verb, no="再核对", hint=hint, parent=self.acting.shell):
            self.acting.ask(name, self.reg, [row_id], only=())

    def sign_again(self, row_id: str, name: str, verb: str, hint: str, earlier: Collection[str]) -> bool:
        """Whether the clerk has signed an earlier step, which needs a reason; then it is asked for."""
        again = self.acting.access.clerk.name in earlier
        if again:
            self.acting.ask(name, self.reg, [row_id], yes=verb, hint=hint + "。您办过前面一步，要写明原因。")
        return again


class SheetHead:
    """What it is, how it stands and the facts about it; its paper and its next step. `row` is laid out at the top of the sheet."""

    def __init__(self, none: str, paper: QWidget, step: NextStep) -> None:
        """`none` is said while there is nothing to show."""
        self._none, self._step = none, step
        self._title, self._facts = label(none, "title"), ElidedLabel("", "muted")
        self._chip = Chip("")
        self._chip.hide()
        self.row = row(self._title, self._chip, (self._facts, 1), paper, step.button)

    def show(self, title: str, state: tuple[str, str], facts: str) -> None:
        """`state` is its word and the kind of chip."""
        self._title.setText(title)
        self._chip.set_text(*state)
        self._chip.show()
        self._facts.setText(facts)

    def show_none(self) -> None:
        """There is nothing to show, and no step."""
        self._title.setText(self._none)
        self._chip.hide()
        self._step.show("", "")


def money_sums(words: str, whole: int, paid: int, returned: int, waiting: int, difference: int) -> list[QWidget]:
    """What it adds up to, in 分; `words` names the whole. The difference must be 0 before it may go on."""
    money = ((words, whole, ""), ("成功", paid, "good"), ("退回", returned, "bad" if returned else ""), ("待付", waiting, ""),
             ("差额", difference, "bad" if difference else "good"))  # fmt: skip
    return [money_sum(*one) for one in money]
