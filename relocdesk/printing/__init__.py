"""Typesetting and the printable forms: pages, paragraphs, tables and blocks that become PDF files."""

from __future__ import annotations

from relocdesk.errors import UserError
from relocdesk.printing import (
    agreement,
    card,
    change_lists,
    check_list,
    party,
    payment_list,
    petition_papers,
    posting_notice,
    posting_result,
    recovery_notice,
    rectification,
    subsidy_roster,
    survey_sheet,
    todo,
    transfer,
    works,
)
from relocdesk.printing.form import Form
from relocdesk.printing.plain_list import PREFIX, list_form
from relocdesk.records import find_register

__all__ = ["FORMS", "find_form", "forms_of"]

FORMS: tuple[Form, ...] = (
    agreement.FORM,
    survey_sheet.FORM,
    posting_notice.FORM,
    posting_result.FORM,
    payment_list.PAYMENT_LIST,
    payment_list.PAYMENT_SUMMARY,
    card.FORM,
    transfer.FORM,
    subsidy_roster.ROSTER,
    subsidy_roster.VILLAGE,
    change_lists.REDUCTION,
    change_lists.RESTORATION,
    change_lists.ACCOUNTS,
    change_lists.CORRECTIONS,
    recovery_notice.FORM,
    check_list.FORM,
    *rectification.FORMS,
    *party.FORMS,
    *petition_papers.FORMS,
    todo.TO_DO,
    todo.HAND,
    *works.FORMS,
)


def forms_of(register: str) -> tuple[Form, ...]:
    """The forms printed from a register, its plain list last."""
    return (*(form for form in FORMS if form.register == register), list_form(find_register(register)))


def find_form(word: str) -> Form:
    """The form of a name or Chinese label, or a part of one label only; plain_list:REGISTER is the list of any register.

    Raises UserError with the names.
    """
    if word.startswith(PREFIX):
        return list_form(find_register(word.removeprefix(PREFIX)))
    exact = [form for form in FORMS if word in (form.name, form.label)]
    meant = exact or [form for form in FORMS if word and word in form.label]
    if len(meant) != 1:
        names = "、".join(f"{form.name}（{form.label}）" for form in FORMS)
        raise UserError(f"没有“{word}”这种单据", hint=f"可用：{names}；{PREFIX}台账名 打印普通清单")
    return meant[0]
