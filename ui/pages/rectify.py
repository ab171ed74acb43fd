"""整改: inspections, problems, measures, look-back."""

from __future__ import annotations

from ui.access import Access
from ui.pages.section import Section, register_tab
from ui.shell import Shell


def rectify_section(access: Access, shell: Shell) -> Section:
    """整改."""
    return Section("rectify", [register_tab(access, shell, name) for name in ("inspection", "rectification_item", "measure", "look_back", "state_change")])
