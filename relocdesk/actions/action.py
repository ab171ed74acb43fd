"""What a clerk does, declared once: the command line's `do`, the window's buttons and the tests read the declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

from sqlalchemy.orm import Session

from relocdesk.clerk import Clerk
from relocdesk.entry import refuse_hidden
from relocdesk.errors import UserError
from relocdesk.field import TEXT, Choice, Field, Kind, Value
from relocdesk.records import register
from relocdesk.records.reference import Role

P = ParamSpec("P")
WORKING = (Role.ENTRY, Role.REVIEW, Role.HEAD, Role.ADMIN)


class Partly(str):
    """A sentence that says what was done, of work that was done in part: `refused` names the rest, each with its reason."""

    refused: tuple[tuple[str, str], ...]

    def __new__(cls, text: str, refused: Iterable[tuple[str, str]] = ()) -> Partly:
        said = super().__new__(cls, text)
        said.refused = tuple(refused)
        return said


@dataclass(frozen=True, slots=True)
class Arg:
    """One thing an action asks for; read and shown like a field."""

    name: str
    label: str
    kind: Kind = TEXT
    required: bool = False
    choices: type[Choice] | None = None
    to: str = ""  # register whose key is typed
    words: str = ""  # the dictionary list of an open choice
    help: str = ""
    many: bool = False  # a list: "a、b、c" or repeated on the command line
    file: bool = False  # the path of a file to read

    @property
    def field(self) -> Field:
        """The argument as a field, so that editors and readers serve both."""
        return Field(self.label, self.name, self.kind, required=self.required, choices=self.choices, to=self.to,
                     words=self.words, help=self.help)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """A declared action: its code and Chinese name, the register of its record ("" when it needs none), what it asks."""

    name: str
    label: str
    register: str
    args: tuple[Arg, ...]
    roles: tuple[str, ...]
    run: Callable[..., str]

    def __call__(self, session: Session, clerk: Clerk, record: Any, values: Mapping[str, Value | list[str]]) -> str:
        """Does it for one record and returns the sentence that says what was done; raises UserError."""
        refuse_role(clerk, self.label, self.roles)
        if record is not None:
            refuse_hidden(session, clerk, register(self.register), [record.id])
        for arg in self.args:
            if arg.to and isinstance(named := values.get(arg.name), str):
                refuse_hidden(session, clerk, register(arg.to), [named])
        missing = [arg.label for arg in self.args if arg.required and values.get(arg.name) in (None, "", [])]
        if missing:
            raise UserError(f"“{self.label}”还缺：{'、'.join(missing)}", hint="请补填后再办")
        known = {arg.name: values[arg.name] for arg in self.args if values.get(arg.name) is not None}
        return self.run(session, clerk, record, **known)


def action(
    name: str, label: str, register: str, *args: Arg, roles: tuple[str, ...] = WORKING
) -> Callable[[Callable[Concatenate[Session, Clerk, Any, P], str]], Callable[Concatenate[Session, Clerk, Any, P], str]]:
    """Declares a function f(session, clerk, record, *, …) -> sentence as an action; the function stays callable."""

    def declare(run: Callable[Concatenate[Session, Clerk, Any, P], str]) -> Callable[Concatenate[Session, Clerk, Any, P], str]:
        run.action = Action(name, label, register, args, roles, run)  # type: ignore[attr-defined]
        return run

    return declare


def actions_of(*modules: Any) -> tuple[Action, ...]:
    """The actions declared in modules, in the order they are written."""
    return tuple(thing.action for module in modules for thing in vars(module).values()
                 if callable(thing) and isinstance(getattr(thing, "action", None), Action) and thing.__module__ == module.__name__)  # fmt: skip


def refuse_role(clerk: Clerk, what: str, roles: tuple[str, ...]) -> None:
    """Raises UserError when the clerk's role may not do this."""
    if clerk.role not in roles:
        allowed = "、".join(Role(role).label for role in roles)
        label = Role(clerk.role).label if clerk.role in [role.value for role in Role] else clerk.role
        raise UserError(f"{clerk.name}（{label}）不能办“{what}”", hint=f"请由{allowed}岗位的人员办理", code="ROLE")
