"""The printable papers: what there is, and printing them into one PDF."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from relocdesk.command.asking import ask_for
from relocdesk.command.call import DONE, Call, aligned
from relocdesk.errors import UserError
from relocdesk.printing import FORMS, find_form
from relocdesk.printing.form import Form
from relocdesk.printing.press import print_papers, save_word, sheets_named
from relocdesk.queries.rows import find, ids
from relocdesk.records import register

_PUBLIC = {"never": "", "may": "可以", "always": "只有公开版"}


def forms_command(call: Call) -> int:
    """All forms with the register they are printed from."""
    document = [{"name": form.name, "label": form.label, "register": form.register, "public": form.public, "signed": form.signed,
                 "word": form.word, "copies": form.copies, "help": form.help} for form in FORMS]  # fmt: skip
    rows = [[form.name, form.label, register(form.register).label, _PUBLIC[form.public], form.help] for form in FORMS]
    call.answer({"forms": document}, aligned(["名称", "单据", "按哪个台账选", "公开版", "说明"], rows))
    return DONE


def print_command(call: Call) -> int:
    """Prints papers; those that lack something are refused with the reason, the others are printed."""
    args = call.args
    form = find_form(args.form)
    if bool(args.key) + bool(args.where) + bool(args.all) != 1:
        raise UserError("没有写清打印哪些", hint="请用 --key 编号、--where 栏目=取值、--all 中的一种")
    out = Path(args.out)
    if out.is_dir():
        raise UserError(f"“{out.name}”是文件夹，不是文件", hint="请写 PDF 的文件名")
    with call.writing() as book:
        clerk = call.clerk(book)
        refused: list[tuple[str, str]] = []
        with book.read() as session:
            chosen = _chosen(session, form, call, refused)
        if not chosen and not refused:
            raise UserError("没有要打印的记录", hint="请核对条件")
        if not chosen:
            return call.outcome([], refused, [])
        if args.only:
            with book.read() as session:
                chosen = sheets_named(session, form, chosen, args.only)
        save = save_word if out.suffix.lower() == ".docx" else print_papers
        printed = save(book, clerk, form, chosen, out, public=args.public, allow_gaps=args.allow_gaps)
    done = [{"key": key, "code": code, "pages": pages} for key, code, pages in printed.done]
    pages = "" if save is save_word else f"，{printed.pages} 页"
    said = [f"已写出“{out}”：{form.label} {len(done)} 份{pages}"] + [f"  {key} 留空待补：{gap}" for key, gap in printed.gaps]
    return call.outcome(done, [*refused, *printed.refused], printed.not_started, said,
                        gaps=[{"key": key, "text": gap} for key, gap in printed.gaps])  # fmt: skip


def _chosen(session: Session, form: Form, call: Call, refused: list[tuple[str, str]]) -> list[str]:
    """The ids of the records asked for; keys that name nothing are refused."""
    reg = register(form.register)
    if not call.args.key:
        return ids(session, ask_for(session, reg, call.args.where))
    found = []
    for key in dict.fromkeys(call.args.key):
        try:
            found.append(find(session, reg, key))
        except UserError as error:
            refused.append((key, str(error)))
    return found
