"""后期扶持: who receives support, and what changed about them."""

from __future__ import annotations

from ui.access import Access
from ui.pages.section import Section, register_tab
from ui.shell import Shell


def recipient_section(access: Access, shell: Shell) -> Section:
    """直补对象 with the lists they were approved by."""
    return Section("recipient", [register_tab(access, shell, name) for name in ("recipient", "approval_list")])


def change_section(access: Access, shell: Shell) -> Section:
    """人口动态 with the money to be recovered."""
    return Section("change", [register_tab(access, shell, name) for name in ("recipient_change", "recovery")])
