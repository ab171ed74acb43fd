"""后期扶持: who receives support, and what changed about them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.access import Access
from ui.pages.section import Section, Tab, open_record, register_tab
from ui.shell import Shell


def recipient_section(access: Access, shell: Shell) -> Section:
    """直补对象: the register, one person's file, the head-counts, what looks wrong, and the lists people were approved by."""

    def one(ids: list[str]) -> None:
        open_record(shell, "recipient", ids[0])

    section = Section("recipient", [
        register_tab(access, shell, "recipient", "直补对象", extra=(("一人一档", "person", one),)),
        Tab("one", "一人一档", lambda: _one(access, shell)), Tab("heads", "人数和守恒", lambda: _heads(access, shell)),
        Tab("doubts", "疑点", lambda: _doubts(access, shell)), register_tab(access, shell, "approval_list"),
    ])  # fmt: skip
    section.follow("recipient", "one")
    return section


def change_section(access: Access, shell: Shell) -> Section:
    """人口动态: the changes, other departments' lists, and the money to be recovered."""
    return Section("change", [
        Tab("recipient_change", "人口动态", lambda: _changes(access, shell)), Tab("match", "名单比对", lambda: _match(access, shell)),
        register_tab(access, shell, "recovery"),
    ])  # fmt: skip


def _one(access: Access, shell: Shell) -> QWidget:
    from ui.pages.recipient import OneRecipient  # noqa: PLC0415 -- made when first shown

    return OneRecipient(access, shell)


def _heads(access: Access, shell: Shell) -> QWidget:
    from ui.pages.head_counts import HeadCountPage  # noqa: PLC0415 -- made when first shown

    return HeadCountPage(access, shell)


def _doubts(access: Access, shell: Shell) -> QWidget:
    from ui.pages.head_counts import DoubtPage  # noqa: PLC0415 -- made when first shown

    return DoubtPage(access, shell)


def _changes(access: Access, shell: Shell) -> QWidget:
    from relocdesk.records import register  # noqa: PLC0415 -- slow import
    from ui.register_page import RegisterPage  # noqa: PLC0415 -- slow import

    class ChangePage(RegisterPage):
        """A change begins with its person, whose page works out what follows; many come by a list."""

        def new_record(self) -> None:
            """Go and find the person first."""
            shell.show_page("recipient", tab="one")
            shell.notice("先在左边找到这个人，再点“核减”“恢复”“变更账户”或“更多”里的办理", "info")

    return ChangePage(access, register("recipient_change"), shell)


def _match(access: Access, shell: Shell) -> QWidget:
    from ui.pages.match_list import MatchPage  # noqa: PLC0415 -- made when first shown

    return MatchPage(access, shell)
