"""Workbooks in and out: templates, imports, exports, and the bank's sheet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from relocdesk.command.asking import accepted, ask_for, row_of, texts_of
from relocdesk.command.call import DONE, PARTLY, Call
from relocdesk.entry import OVERRULABLE, Trouble, refuse_made
from relocdesk.errors import UserError
from relocdesk.excel import mapping, plan, write
from relocdesk.excel.plan import Plan
from relocdesk.excel.problem_sheet import problem_workbook
from relocdesk.files import plain_error
from relocdesk.queries.rows import find, key_of
from relocdesk.records import find_register, register
from relocdesk.rules.money import show_yuan
from relocdesk.undo import withdraw

FEW = 20  # problems shown on the screen; all of them stand in the JSON and in the problem workbook


def template_command(call: Call) -> int:
    """The workbook to fill in."""
    reg = find_register(call.args.register)
    refuse_made(reg)
    out = out_path(call.args.out, ".xlsx")
    write.template(reg, out)
    call.answer({"file": str(out), "register": reg.name}, f"已写出“{out}”：{reg.label}填报模板")
    return DONE


def out_path(text: str, ending: str) -> Path:
    """The file to write; raises UserError for a folder or another kind of file."""
    out = Path(text)
    if out.is_dir():
        raise UserError(f"“{out.name}”是文件夹，不是文件", hint="请写文件名")
    if out.suffix.lower() != ending:
        raise UserError(f"“{out.name}”不是 {ending} 文件", hint=f"文件名请以 {ending} 结尾")
    return out


# --- import ----------------------------------------------------------------------------------------------------------


def import_command(call: Call) -> int:
    """The plan of an import; with --apply carries it out, leaving rows with problems out."""
    args = call.args
    reg = find_register(args.register)
    refuse_made(reg)
    wishes: dict[str, Any] = {
        "sheet": args.sheet, "accept": accepted(args.accept), "create_places": args.create_places, "erase_empty": args.erase_empty,
        "defaults": texts_of(reg, args.default) if args.default else {},
        "mapping": mapping.read_mapping(_text(Path(args.mapping)), reg) if args.mapping else None,
    }  # fmt: skip
    problems = out_path(args.problems, ".xlsx") if args.problems else None
    line = ""
    if args.apply:
        with call.writing() as book:
            clerk = call.clerk(book)
            with book.change(f"导入{reg.label}：{Path(args.file).name}", by=clerk, source="import") as (session, _):
                found = plan.plan(session, clerk, reg, Path(args.file), **wishes)
                batch = plan.apply(session, clerk, found)
                line = key_of(session, register("import_batch"), [batch])[batch] if batch else ""
    else:
        with call.reading() as book, book.read() as session:
            found = plan.plan(session, call.reader(session), reg, Path(args.file), **wishes)
    if problems and found.problem_rows:
        problem_workbook(found, problems)
    call.answer(_document(found, line), _told(found, applied=args.apply, batch=line, problems=problems))
    return PARTLY if args.apply and found.problem_rows else DONE


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise plain_error(error, path) from error
    except UnicodeDecodeError as error:
        raise UserError(f"“{path.name}”不是 UTF-8 文字文件", hint="请用 UTF-8 编码保存") from error


def _document(found: Plan, batch: str) -> dict[str, Any]:
    parts = {one.register.name: {"new": len(one.new), "changed": len(one.changed), "same": len(one.same)} for one in found.sides.parts}
    return {
        "sheet": found.sheet, "header_row": found.header_row, "mapping": found.mapping, "unmapped": list(found.unmapped),
        "new": len(found.new), "changed": len(found.changed), "same": len(found.same),
        "problems": [_trouble(one) for one in found.problems], "batch": batch or None,
        "warnings": [_trouble(one) for one in found.warnings] + [{"row": 0, "field": "", "value": "", "text": note} for note in found.notes],
        "hidden_rows": found.hidden_rows, **({"parts": parts} if parts else {}),
    }  # fmt: skip


def _trouble(one: Trouble) -> dict[str, Any]:
    return {"row": one.row, "field": one.label, "value": one.value, "text": one.text, "code": one.code}


def _told(found: Plan, *, applied: bool, batch: str, problems: Path | None) -> list[str]:
    lines = [f"工作表“{found.sheet}”，表头在第 {found.header_row} 行；新增 {len(found.new)}，变更 {len(found.changed)}，相同 {len(found.same)}，"
             f"有问题 {len(found.problem_rows)} 行"]  # fmt: skip
    lines += [f"没有对上的列：{'、'.join(found.unmapped)}"] if found.unmapped else []
    lines += [f"其中隐藏的行 {found.hidden_rows}，也算在内"] if found.hidden_rows else []
    lines += [f"说明：{note}" for note in found.notes]
    lines += [f"  {one}" for one in found.problem_list()[:FEW]]
    more = len(found.problems) - FEW
    lines += [f"  还有 {more} 处，加 --problems 写成工作簿"] if more > 0 else []
    codes = sorted({one.code for one in found.problems} & OVERRULABLE)
    lines += [f"  原件上就是这样的，写明理由可以放行：{' '.join(f'--accept {code}=理由' for code in codes)}"] if codes else []
    lines += [f"  提醒：{found.where(one)}：{one.text}" for one in found.warnings[:FEW]]
    lines += [f"有问题的行已写到“{problems}”，改好可以再导入"] if problems and found.problem_rows else []
    if not applied:
        return [*lines, "以上只是核对，没有入账；加 --apply 入账"]
    return [*lines, f"已入账，导入批次 {batch}（可用 withdraw 撤回）" if batch else "没有要入账的行"]


def withdraw_command(call: Call) -> int:
    """Takes an import back while nothing has been built on it."""
    with call.writing() as book:
        clerk = call.clerk(book)
        with book.read() as session:
            batch = find(session, register("import_batch"), call.args.batch)
        with book.change(f"撤回导入 {call.args.batch}", by=clerk, source="action") as (session, _):
            said = withdraw(session, clerk, batch)
    call.answer({"batch": call.args.batch, "text": said}, said)
    return DONE


# --- out -------------------------------------------------------------------------------------------------------------


def export_command(call: Call) -> int:
    """The register as a print-ready workbook that can be imported again."""
    args = call.args
    reg = find_register(args.register)
    out = out_path(args.out, ".xlsx")
    with call.reading() as book, book.read() as session:
        count = write.export(session, reg, ask_for(session, reg, args.where, args.search), out, public=args.public, on=call.on)
    call.answer({"file": str(out), "register": reg.name, "count": count, "public": args.public}, f"已写出“{out}”：{reg.label} {count} 条")
    return DONE


def bank_list_command(call: Call) -> int:
    """The sheet for the bank, with the serial number by which its results come back."""
    from relocdesk.excel.bank import bank_list, waiting_transfers  # noqa: PLC0415 -- slow import

    out = out_path(call.args.out, ".xlsx")
    with call.reading() as book, book.read() as session:
        batch = _batch_or_period(session, call.args.batch)
        count = bank_list(session, batch, out)
        fen = sum(line.amount for line in waiting_transfers(session, batch))
    call.answer({"file": str(out), "batch": call.args.batch, "count": count, "total": show_yuan(fen), "raw": {"total": fen}},
                f"已写出“{out}”：{count} 笔，{show_yuan(fen)} 元")  # fmt: skip
    return DONE


def _batch_or_period(session: Session, key: str) -> Any:
    """What is to be sent to the bank: a batch by its number, or a period of the subsidy (2026/3, or 2026/3/township)."""
    for name in ("payment_batch", "period"):
        with suppress(UserError):
            return row_of(session, register(name), key)
    raise UserError(f"没有编号是“{key}”的兑付批次或直补发放期", hint="发放期写成 年度/期次，有几个乡镇的再加 /乡镇")
