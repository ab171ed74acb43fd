"""信访 and 矛盾纠纷."""

from __future__ import annotations

from ui.access import Access
from ui.pages.section import Section, register_tab
from ui.shell import Shell


def petition_section(access: Access, shell: Shell) -> Section:
    """信访."""
    return Section("petition", [register_tab(access, shell, name) for name in ("petition", "petition_step", "petition_review")])


def dispute_section(access: Access, shell: Shell) -> Section:
    """矛盾纠纷 with patrols, incidents and what is confirmed each year."""
    return Section("dispute", [register_tab(access, shell, name) for name in ("dispute", "patrol", "incident", "year_confirmation")])
