"""Whole books: making, the demo, backups, restoring, and the program's check of itself."""

from __future__ import annotations

from pathlib import Path

from relocdesk import backup as backups
from relocdesk.book import Book, refuse_foreign
from relocdesk.command.call import DONE, REFUSED, Call, book_path
from relocdesk.errors import UserError
from relocdesk.field import read_day
from relocdesk.founding import found_book
from relocdesk.records.reference import Level


def new_command(call: Call) -> int:
    """Makes an empty book with its place, office and first operator."""
    args = call.args
    if not args.by:
        raise UserError("没有写谁来建账", hint="请加 --by 姓名；这个人就是系统管理")
    level = next((one for one in Level if args.level in (one.value, one.label, *one.also)), None) if args.level else None
    if args.level and level is None:
        raise UserError(f"没有“{args.level}”这个层级", hint="请填 县级 或 乡镇")
    path = book_path(args.book)
    with found_book(path, office=args.office, place=args.place, by=args.by, on=call.on, level=level.value if level else "",
                    place_name=args.place_name) as book:  # fmt: skip
        document = {"book": str(path), "uuid": book.uuid, "place": book.place_code, "office": args.office, "operator": args.by}
    call.answer(document, f"已建立台账“{path.name}”：{args.office}，系统管理 {args.by}")
    return DONE


def demo_command(call: Call) -> int:
    """Makes a book of invented data."""
    from relocdesk import demo  # noqa: PLC0415 -- slow import

    path = book_path(call.args.book)
    on = read_day(call.args.on) if call.args.on else demo.DAY
    made = demo.make(path, scale=call.args.scale, seed=call.args.seed, on=on)
    call.answer({"book": str(path), "scale": call.args.scale, "seed": call.args.seed, "on": on, "counts": made.counts},
                [f"已做好演示台账“{path.name}”（人和数字都是虚构的）：", *(f"  {label} {count:,}" for label, count in made.shown())])  # fmt: skip
    return DONE


def demo_run_command(call: Call) -> int:
    """The main job from a messy workbook to paid money, told step by step."""
    from relocdesk import demo_run  # noqa: PLC0415 -- slow import

    steps: list[str] = []

    def say(text: str) -> None:
        steps.append(text)
        if not call.args.json:
            print(text, flush=True)

    problems = demo_run.run(Path(call.args.folder), say=say, pictures=lambda book, folder: call.stage().pictures(book, folder))
    call.answer({"ok": not problems, "steps": steps, "problems": problems}, [])
    return REFUSED if problems else DONE


def backup_command(call: Call) -> int:
    """A verified copy in DIR, else in the usual place."""
    folder = Path(call.args.folder) if call.args.folder else None
    if folder is not None and folder.is_file():
        raise UserError(f"“{folder.name}”是文件，不是文件夹", hint="请写一个文件夹")
    path = call.path()
    refuse_foreign(path)
    made = backups.backup(path, folder)
    call.answer({"file": str(made), "size": made.stat().st_size}, f"已备份并核对：{made}")
    return DONE


def restore_command(call: Call) -> int:
    """A book from a backup; opened once, so that it is known to work."""
    path = book_path(call.args.book)
    made = backups.restore(book_path(call.args.file), path)
    try:
        Book.open(made).close()
    except UserError:
        made.unlink(missing_ok=True)
        raise
    call.answer({"book": str(made)}, f"已恢复为“{made}”")
    return DONE


def selfcheck_command(call: Call) -> int:
    """Whether the installed program is whole, line by line."""
    from relocdesk.selfcheck import selfcheck  # noqa: PLC0415 -- slow import

    results = selfcheck(lambda: call.stage().selfcheck())
    lines = [f"{'✗' if wrong else '✓'} {label}" + (f"：{'；'.join(wrong)}" if wrong else "") for label, wrong in results]
    ok = not any(wrong for _, wrong in results)
    document = {"ok": ok, "checks": [{"label": label, "ok": not wrong, "problems": wrong} for label, wrong in results]}
    call.answer(document, [*lines, "程序完好" if ok else "程序不完整，请重新安装"])
    return DONE if ok else REFUSED
