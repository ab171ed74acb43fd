"""Looking after a book: history, undo, verify, settings; and amounts in capitals."""

from __future__ import annotations

from dataclasses import asdict

from relocdesk import history, settings, undo
from relocdesk.command.call import DONE, REFUSED, Call, aligned
from relocdesk.errors import UserError
from relocdesk.field import MONEY, read_day
from relocdesk.queries.rows import find
from relocdesk.records import find_register
from relocdesk.rules.money import capital
from relocdesk.verify import verify

MOST = 100_000  # actions that one answer may list


def history_command(call: Call) -> int:
    """The latest actions, of everything or of one record."""
    args = call.args
    if not 1 <= args.limit <= MOST:
        raise UserError(f"--limit 不能是 {args.limit}", hint=f"请写 1 到 {MOST} 的整数")
    with call.reading() as book, book.read() as session:
        if args.register and not args.key:
            raise UserError(f"没有写是哪一条{find_register(args.register).label}", hint="请在台账名称后面写编号")
        if args.register:
            reg = find_register(args.register)
            entries = history.of_record(session, reg, find(session, reg, args.key), limit=args.limit)
        elif args.on:
            entries = history.of_day(session, read_day(args.on), limit=args.limit)
        else:
            entries = history.everything(session, limit=args.limit)
        call.answer({"entries": [asdict(one) for one in entries]}, [history.sentence(one) for one in entries] or ["没有变更记录"])
    return DONE


def undo_command(call: Call) -> int:
    """Takes the latest action back, when nothing has been built on it."""
    with call.writing() as book:
        clerk = call.clerk(book)
        with book.read() as session:
            last = undo.last_actions(session, 1)
            if not last:
                raise UserError("没有可以撤销的操作", hint="合并和系统操作不能撤销")
            why = undo.why_of(session, last[0].action)
        with book.change(why, by=clerk, source="action") as (session, _):
            said = undo.undo(session, clerk, last[0].action)
    call.answer({"action": last[0].action, "text": said}, said)
    return DONE


def verify_command(call: Call) -> int:
    """Everything that is wrong with a book; exit 1 when anything is."""
    with call.reading() as book:
        parts = verify(book)
    problems = [problem for part in parts for problem in part.problems]
    lines = [f"{'✗' if part.problems else '✓'} {part.label}" + (f"：{len(part.problems)} 处问题" if part.problems else "") for part in parts]
    lines += [f"  {problem}" for problem in problems]
    document = {"ok": not problems, "parts": [{"name": part.name, "label": part.label, "ok": not part.problems} for part in parts],
                "problems": [{"where": problem.where, "text": problem.text} for problem in problems]}  # fmt: skip
    call.answer(document, lines)
    return REFUSED if problems else DONE


def setting_command(call: Call) -> int:
    """Without a key all settings; KEY shows one, KEY=VALUE sets it in this book's own home."""
    key, sign, value = (call.args.setting or "").partition("=")
    if not sign:
        with call.reading() as book, book.read() as session:
            wanted = [settings.spec(key)] if key else list(settings.SETTINGS)
            found = [(one, one.field.plain(settings.get(session, one.key, book.home))) for one in wanted]
        document = {"settings": [{"key": one.key, "label": one.label, "group": one.group, "value": text, "default": one.default} for one, text in found]}
        call.answer(document, aligned(["设置", "名称", "取值"], [[one.key, one.label, text] for one, text in found]))
        return DONE
    one = settings.spec(key.strip())
    with call.writing() as book:
        clerk = call.clerk(book)
        with book.change(f"修改设置“{one.label}”", by=clerk) as (session, _):
            settings.put(session, clerk, one.key, value, book.home)
    call.answer({"key": one.key, "value": value}, f"已改：{one.label} = {value or '（空）'}")
    return DONE


def capital_command(call: Call) -> int:
    """An amount in capitals."""
    fen = MONEY.read(call.args.amount)
    if not isinstance(fen, int):
        raise UserError("没有写金额", hint="如：capital 1234.50")
    if fen < 0:
        raise UserError("大写金额没有负数", hint="扣回的请写正数，并注明红字")
    said = capital(fen)
    call.answer({"amount": MONEY.plain(fen), "capital": said}, said)
    return DONE
