"""党建廉政: meetings, talks, visits, pledges, lists of tasks, what was typed into the platform."""

from __future__ import annotations

from ui.access import Access
from ui.pages.section import Section, register_tab
from ui.shell import Shell


def party_section(access: Access, shell: Shell) -> Section:
    """党建廉政."""
    names = ("meeting", "attendance", "talk", "home_visit", "visit_family", "pledge", "service_item", "task", "work_step", "advert", "platform_entry")
    return Section("party", [register_tab(access, shell, name) for name in names])
