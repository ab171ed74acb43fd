"""Buttons that do a declared action: ask what it needs, do it in the background, say what was done or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from relocdesk.actions import ACTIONS
from relocdesk.actions.action import Action, Arg
from relocdesk.clerk import Clerk
from relocdesk.errors import Problem, UserError
from relocdesk.field import Value
from relocdesk.job import Stopped, Tick
from relocdesk.queries.rows import titles
from relocdesk.records import register
from ui import say
from ui.access import Access, Session
from ui.asking import Answers, Asking
from ui.shell import Shell


def find_action(name: str, reg: str = "") -> Action:
    """The declared action of a name on a register; KeyError is a defect."""
    found = next((one for one in ACTIONS if one.name == name and one.register == reg), None)
    if found is None:
        raise KeyError(f"{name} {reg}")
    return found


@dataclass
class Outcome:
    """What became of many records: done, refused with the reason, not started after 停止."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    not_started: list[str] = field(default_factory=list)

    def sentence(self, verb: str) -> str:
        """签订完成 36 份，拒绝 2 份，未开始 0 份."""
        text = f"{verb}完成 {len(self.done)} 件"
        if self.refused:
            text += f"，没有办成 {len(self.refused)} 件"
        return text + (f"，未开始 {len(self.not_started)} 件" if self.not_started else "")

    @property
    def whole(self) -> bool:
        """Whether everything was done."""
        return not self.refused and not self.not_started

    def problems(self) -> list[Problem]:
        """What was not done, for the honest list."""
        return [*(Problem(key, text) for key, text in self.refused), *(Problem(key, "未开始（已停止）") for key in self.not_started)]


class Acting:
    """Does actions for a page. `blocked` is why a button of an action cannot be used now, "" when it can."""

    def __init__(self, access: Access, shell: Shell) -> None:
        self.access, self.shell = access, shell

    def allowed(self, name: str, reg: str = "") -> bool:
        """Whether the clerk's role may do it, and the book can be changed."""
        return self.access.clerk.role in find_action(name, reg).roles and not self.access.book.read_only

    def ask(self, name: str, reg: str, ids: Sequence[str], *, yes: str = "", hint: str = "", preset: Mapping[str, Value] | None = None,
            only: Sequence[str] | None = None, fixed: Mapping[str, Any] | None = None, danger: bool = False,
            then: Callable[[Outcome], object] | None = None) -> None:  # fmt: skip
        """Ask for what the action needs (or only for some of it), then do it for the records; none needed means at once.

        `ids` may be empty for an action without a record. `fixed` are arguments that are not asked for.
        """
        action = find_action(name, reg)
        args = [arg for arg in action.args if (only is None or arg.name in only) and arg.name not in (fixed or {})]
        many = f" {len(ids)} 件" if len(ids) > 1 else ""

        def go(values: Answers) -> None:
            self.run(action, ids, {**values, **(fixed or {})}, then=then)

        if not args:
            go({})
            return
        made = Asking(f"{action.label}{many}", args, self.access, yes=yes or f"{action.label}{many}", hint=hint, then=go, preset=preset,
                      danger=danger, about=self._about(reg, ids), parent=self.shell)  # fmt: skip
        made.open()

    def _about(self, reg: str, ids: Sequence[str]) -> str:
        """Which record a step is asked for: what stands beside the dialog may have been another one a moment ago."""
        return self.access.read(lambda session: titles(session, register(reg), ids)).get(ids[0], "") if len(ids) == 1 else ""

    def ask_about(self, record: Arg, name: str, reg: str, *, yes: str, hint: str = "", preset: Mapping[str, Value] | None = None) -> None:
        """The same in one dialog with the record that it is about, which `record` asks for first."""
        action = find_action(name, reg)

        def go(values: Answers) -> None:
            self.run(action, [str(values[record.name])], {key: value for key, value in values.items() if key != record.name})

        Asking(action.label, [record, *action.args], self.access, yes=yes, hint=hint, then=go, preset=preset, parent=self.shell).open()

    def run(self, action: Action, ids: Sequence[str], values: Mapping[str, Any], *, then: Callable[[Outcome], object] | None = None) -> None:
        """Do it for each record, each wholly or not at all; the honest list is shown when something was refused."""
        given = {key: value for key, value in values.items() if value not in (None, "")}

        def job(session: Session, clerk: Clerk, tick: Tick) -> Outcome:
            return do_each(session, clerk, action, ids, given, tick)

        def tell(outcome: Outcome) -> None:
            if outcome.refused and not outcome.done:
                if len(outcome.refused) == 1:
                    say.trouble(UserError(outcome.refused[0][1]), self.shell)
                else:
                    say.problems(outcome.sentence(action.label), outcome.problems(), self.shell)
            elif not outcome.whole:
                say.problems(outcome.sentence(action.label), outcome.problems(), self.shell)
            if then is not None:
                then(outcome)

        def said(outcome: Outcome) -> str:
            if not outcome.done:
                return ""
            return outcome.done[0] if len(outcome.done) == 1 and outcome.whole else outcome.sentence(action.label)

        self.access.do(self.shell, action.label, job, then=tell, said=said)


def do_each(session: Session, clerk: Clerk, action: Action, ids: Sequence[str], values: Mapping[str, Any], tick: Tick) -> Outcome:
    """The action on each record inside one change; an action that refuses has changed nothing."""
    outcome = Outcome()
    if not ids:
        outcome.done.append(action(session, clerk, None, values))
        return outcome
    reg = register(action.register)
    names = titles(session, reg, ids)
    for n, row_id in enumerate(ids):
        try:
            tick(n, len(ids), names.get(row_id, ""))
        except Stopped:
            outcome.not_started = [names.get(one, one) for one in ids[n:]]
            break
        try:
            outcome.done.append(action(session, clerk, session.get(reg.cls, row_id), values))
        except UserError as error:
            outcome.refused.append((names.get(row_id, row_id), str(error)))
    return outcome
