"""What clerks do, without a window: drafting agreements and every declared action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from relocdesk.actions import ACTIONS, Action, find_actions
from relocdesk.actions.action import Arg
from relocdesk.actions.documents import find_printout
from relocdesk.actions.drafting import draft
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.command.call import DONE, Call, aligned, pairs
from relocdesk.errors import UserError, told_at
from relocdesk.field import Register, Value
from relocdesk.queries.keys import Keys
from relocdesk.queries.rows import Ask, Condition, find, page, rowids
from relocdesk.records import find_register, register
from relocdesk.rules.identity import hide_idcards
from relocdesk.rules.money import show_yuan

Values = dict[str, Value | list[Any]]


def draft_command(call: Call) -> int:
    """Drafts agreements from confirmed survey rows that stand in none yet."""
    args = call.args
    with call.writing() as book:
        clerk = call.clerk(book)
        with book.change("起草协议", by=clerk, source="action") as (session, _):
            project = find(session, register("project"), args.project) if args.project else None
            place = find(session, register("place"), args.place) if args.place else None
            households, missing = _households(session, [key for word in args.household for key in _split(word)])
            outcome = draft(session, clerk, project=project, households=households if args.household else None, place=place)
        with book.read() as session:
            done = _drafted(session, outcome.done)
    outcome.refused[:0] = missing
    said = [f"已起草 {len(done)} 份协议"] + [f"  {one['key']}　{one['party']}　{show_yuan(one['raw']['total'])} 元" for one in done]
    if not done and not outcome.refused:
        said = ["没有要起草的：已确认的实物都已列入协议"]
    return call.outcome(done, outcome.refused, outcome.not_started, said)


def _households(session: Session, keys: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """The ids of households, and the keys that name none with the reason."""
    found, missing = [], []
    for key in dict.fromkeys(keys):
        try:
            found.append(find(session, register("household"), key))
        except UserError as error:
            missing.append((key, str(error)))
    return found, missing


def _drafted(session: Session, numbers: Sequence[str]) -> list[dict[str, Any]]:
    """Key, party and amount of fresh agreements."""
    reg = register("agreement")
    fields = [reg[name] for name in ("number", "household", "collective", "total")]
    found = rowids(session, Ask(reg, (Condition("number", "在", tuple(numbers)),))) if numbers else []
    lines = [line for start in range(0, len(found), 1000) for line in page(session, reg, found[start : start + 1000], fields)]
    return [{"key": line.shown[0], "party": line.shown[1] or line.shown[2], "total": line.shown[3], "raw": {"total": line.values[3]}} for line in lines]


# --- any action ------------------------------------------------------------------------------------------------------


def do_command(call: Call) -> int:
    """One action for one or many records; each is a change of its own, so that one refusal does not undo the others."""
    args = call.args
    if args.list_actions or args.book is None:
        return _list_actions(call)
    if not args.action:
        raise UserError("没有写办理什么", hint="do --list 列出全部办理事项")
    chosen = find_actions(args.action)
    keys = [key for word in args.words if "=" not in word for key in _split(word)]
    typed = pairs([word for word in args.words if "=" in word], "内容")
    with call.writing() as book:
        clerk = call.clerk(book)
        if all(one.register == "" for one in chosen):
            if keys:
                raise UserError(f"“{chosen[0].label}”不用写编号", hint=_how(chosen[0]))
            return _do_once(call, book, clerk, chosen[0], typed)
        if not keys:
            labels = "”或“".join(dict.fromkeys(one.label for one in chosen))
            raise UserError(f"“{labels}”没有写是哪一条", hint="请在后面写编号；多个编号之间空一格或用逗号隔开")
        done: list[dict[str, Any]] = []
        refused: list[tuple[str, str]] = []
        waiting = list(dict.fromkeys(keys))
        try:
            while waiting:
                try:
                    said = _do_one(book, clerk, chosen, waiting[0], typed)
                    done.append({"key": waiting[0], "text": said})
                    refused += getattr(said, "refused", ())
                except UserError as error:
                    refused.append((waiting[0], str(error)))
                del waiting[0]
        except KeyboardInterrupt:  # what is saved stays and is told; the rest was not begun
            pass
    return call.outcome(done, refused, waiting, [one["text"] for one in done])


def _do_once(call: Call, book: Book, clerk: Clerk, action: Action, typed: Sequence[tuple[str, str]]) -> int:
    with book.read() as session:
        values = _values(session, action, typed)
    with book.change(action.label, by=clerk, source="action") as (session, _):
        said = action(session, clerk, None, values)
    return call.outcome([{"key": "", "text": said}], getattr(said, "refused", ()), [], [said])


def _do_one(book: Book, clerk: Clerk, chosen: Sequence[Action], key: str, typed: Sequence[tuple[str, str]]) -> str:
    with book.read() as session:
        action, row_id = _meant(session, chosen, key)
        values = _values(session, action, typed)
    with book.change(f"{action.label}：{hide_idcards(key)}", by=clerk, source="action") as (session, _):
        return action(session, clerk, session.get(register(action.register).cls, row_id), values)


def _meant(session: Session, chosen: Sequence[Action], key: str) -> tuple[Action, str]:
    """Which of the actions of this name, and which record: `REGISTER:KEY` decides where a key could be several things."""
    named, sign, rest = key.partition(":")
    if sign and any(named in (one.register, register(one.register).label) for one in chosen):
        reg = find_register(named)
        return next(one for one in chosen if one.register == reg.name), _found(session, reg, rest)
    hits: list[tuple[Action, str]] = []
    errors: list[UserError] = []
    for one in chosen:
        try:
            hits.append((one, _found(session, register(one.register), key)))
        except UserError as error:
            errors.append(error)
    if len(hits) == 1:
        return hits[0]
    several = [error for error in errors if error.code == "REF_TWICE"]
    if not hits and (len(errors) == 1 or several):
        raise (several or errors)[0]
    names = "、".join(f"{one.register}（{register(one.register).label}）" for one in chosen)
    if not hits:
        raise UserError(f"没有编号是“{hide_idcards(key)}”的{'、'.join(register(one.register).label for one in chosen)}", hint="请核对编号")
    raise UserError(f"“{hide_idcards(key)}”对得上不止一种台账", hint=f"请写成 台账:编号，可用：{names}")


def _found(session: Session, reg: Register, key: str) -> str:
    """The id of a record by its key; a printed sheet by its code as people copy it from the paper."""
    return find_printout(session, key).id if reg.name == "printout" else find(session, reg, key)


def _values(session: Session, action: Action, typed: Sequence[tuple[str, str]]) -> Values:
    """The typed words as what the action takes; raises UserError for one it does not know."""
    values: Values = {}
    for name, text in typed:
        arg = next((one for one in action.args if name in (one.name, one.label)), None)
        if arg is None:
            raise UserError(f"“{action.label}”不用填“{name}”", hint=_how(action))
        if arg.many:
            before = values.get(arg.name, [])
            values[arg.name] = [*(before if isinstance(before, list) else []), *(_value(session, arg, word) for word in _split(text, "、,，;；"))]
        elif arg.name in values:
            raise UserError(f"“{arg.label}”写了两次", hint="请只留一个")
        else:
            values[arg.name] = _read_file(action, Path(text)) if arg.file else _value(session, arg, text)
    return values


def _value(session: Session, arg: Arg, text: str) -> Any:
    with told_at(arg.label):
        if arg.to and text.strip():
            return Keys(session).resolve(register(arg.to), text.strip())
        return arg.field.read(text)


def _read_file(action: Action, path: Path) -> Any:
    """What an action wants to know of a file; reading workbooks is not an action's own work."""
    if action.name == "bank-result":
        from relocdesk.excel.bank import read_result  # noqa: PLC0415 -- slow import

        return read_result(path)
    return str(path)


def _split(text: str, marks: str = ",，") -> list[str]:
    for mark in marks[1:]:
        text = text.replace(mark, marks[0])
    return [word.strip() for word in text.split(marks[0]) if word.strip()]


def _how(action: Action) -> str:
    """How an action is written on the command line."""
    words = [f"{arg.name}={arg.label}" for arg in action.args]
    return f"可填：{'　'.join(words)}" if words else "它没有要填的内容"


def _list_actions(call: Call) -> int:
    document = [{"name": one.name, "label": one.label, "register": one.register, "roles": list(one.roles),
                 "fields": [_described(arg) for arg in one.args]} for one in ACTIONS]  # fmt: skip
    rows = [[one.name, one.label, register(one.register).label if one.register else "",
             "　".join(f"{arg.name}={arg.label}{'*' if arg.required else ''}" for arg in one.args)] for one in ACTIONS]  # fmt: skip
    call.answer({"actions": document}, [*aligned(["名称", "办理", "编号属于", "要填的内容（* 必填）"], rows), "", "用法：do BOOK 名称 编号 … 内容=取值 …"])
    return DONE


def _described(arg: Arg) -> Mapping[str, Any]:
    return {"name": arg.name, "label": arg.label, "kind": "file" if arg.file else arg.kind.name, "required": arg.required, "to": arg.to,
            "many": arg.many, "choices": [{"code": one.value, "label": one.label} for one in arg.choices or ()], "help": arg.help}  # fmt: skip
