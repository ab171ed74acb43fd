"""Other departments' lists held against after-support people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from relocdesk.actions.action import WORKING, refuse_role
from relocdesk.actions.matching import ListKind, Proposal, Verdict, carry_out, match
from relocdesk.command.call import DONE, PARTLY, Call
from relocdesk.command.workbooks import out_path
from relocdesk.errors import UserError
from relocdesk.excel.other_lists import outcome_workbook, read_list
from relocdesk.field import Field, read_day

FEW = 20  # rows shown on the screen of each kind


def match_command(call: Call) -> int:
    """What each row of a list proposes; with --apply-sure (and --rows) people are reduced, all in one action."""
    args = call.args
    kind = str(Field("名单", choices=ListKind).read(args.kind) or "")
    path = Path(args.file)
    out = out_path(args.problems, ".xlsx") if args.problems else None
    rows = read_list(path, day=read_day(args.date) if args.date else "")
    numbers = {_number(word) for words in args.rows for word in words.replace("，", ",").split(",") if word}
    said, refused, applied = "", (), 0
    if args.apply_sure or numbers:
        with call.writing() as book:
            clerk = call.clerk(book)
            refuse_role(clerk, "核减", WORKING)
            with book.read() as session:
                found = match(session, clerk, kind, rows)
            chosen = _chosen(found, numbers, sure=args.apply_sure)
            if chosen:
                with book.change(f"名单比对核减：{path.name}", by=clerk, source="action") as (session, _):
                    said = carry_out(session, clerk, kind, chosen, f"{ListKind(kind).label}（{path.name}）")
                refused = getattr(said, "refused", ())
                applied = len(chosen) - len(refused)
    else:
        with call.reading() as book, book.read() as session:
            found = match(session, call.reader(session), kind, rows)
    if out:
        outcome_workbook(found, path.name, out)
    call.answer(_document(found, applied, refused), _told(found, said, refused, out))
    waiting = any(one.verdict in (Verdict.LIKELY, Verdict.PROBLEM) for one in found)
    return PARTLY if refused or ((args.apply_sure or numbers) and waiting) else DONE


def _number(word: str) -> int:
    if not word.isdecimal():
        raise UserError(f"“{word}”不是行号", hint="--rows 后面写表里的行号，如 --rows 5 8")
    return int(word)


def _chosen(found: list[Proposal], numbers: set[int], *, sure: bool) -> list[Proposal]:
    """The sure rows and those named; raises UserError for a row that proposes nothing."""
    named = {one.entry.row: one for one in found if one.entry.row in numbers}
    wrong = sorted(numbers - named.keys()) + [row for row, one in named.items() if one.verdict not in (Verdict.SURE, Verdict.LIKELY)]
    if wrong:
        raise UserError(f"第{'、'.join(map(str, wrong))}行没有可以核减的人", hint="请只写“确定”和“待核”的行号")
    return [one for one in found if one.entry.row in named or (sure and one.verdict is Verdict.SURE)]


def _document(found: list[Proposal], applied: int, refused: Any) -> dict[str, Any]:
    rows: dict[str, list[dict[str, Any]]] = {verdict.value: [] for verdict in Verdict}
    for one in found:
        entry = one.entry
        told = {"row": entry.row, "name": entry.name, "idcard": entry.idcard, "date": entry.happened_on, "who": one.who, "text": one.text}
        rows[one.verdict.value].append(told)
    return {"rows": len(found), **rows, "applied": applied, "refused": [{"key": key, "text": text} for key, text in refused]}


def _told(found: list[Proposal], said: str, refused: Any, out: Path | None) -> list[str]:
    counts = "，".join(f"{verdict.label} {n}" for verdict in Verdict if (n := sum(one.verdict is verdict for one in found)))
    lines = [f"名单共 {len(found)} 行：{counts}"]
    for verdict in (Verdict.SURE, Verdict.LIKELY, Verdict.PROBLEM, Verdict.KEEP):
        some = [one for one in found if one.verdict is verdict]
        lines += [f"  {verdict.label}　第{one.entry.row}行 {one.entry.name} {one.entry.happened_on}　{one.who}　{one.text}" for one in some[:FEW]]
        lines += [f"  {verdict.label}还有 {len(some) - FEW} 行，加 --problems 写成工作簿"] if len(some) > FEW else []
    lines += [said] if said else []
    lines += [f"  没有办成：{key}：{text}" for key, text in refused]
    lines += [f"每一行的结果已写到“{out}”"] if out else []
    if not said:
        lines.append("以上只是比对，没有核减；加 --apply-sure 核减确定的" if any(one.verdict is Verdict.SURE for one in found) else "没有确定要核减的人")
    return lines
