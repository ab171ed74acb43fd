"""直补发放: periods, their rosters and results."""

from __future__ import annotations

from ui.access import Access
from ui.pages.section import Section, register_tab
from ui.shell import Shell


def subsidy_section(access: Access, shell: Shell) -> Section:
    """直补发放."""
    return Section("subsidy", [register_tab(access, shell, name) for name in ("period", "support_payment")])
