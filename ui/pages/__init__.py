"""The pages of the window in their order. Each is imported when it is first shown, so that starting stays quick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.frame import PageSpec

if TYPE_CHECKING:
    from ui.access import Access
    from ui.shell import Shell

Make = Callable[["Access", "Shell"], QWidget]
WORKERS = frozenset(("entry", "review", "head", "admin", "reader"))  # roles by code: the first screen loads no register


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its place in the rail, what makes it, and which roles see it (empty = everybody)."""

    key: str
    label: str
    group: str
    icon: str
    make: Make
    roles: frozenset[str] = frozenset()
    foot: bool = False
    hidden: bool = False


def _home(access: Access, shell: Shell) -> QWidget:
    from ui.pages.home import HomePage  # noqa: PLC0415 -- slow import

    return HomePage(access, shell)


def _household(access: Access, shell: Shell) -> QWidget:
    from ui.pages.household import household_section  # noqa: PLC0415 -- slow import

    return household_section(access, shell)


def _parcel(access: Access, shell: Shell) -> QWidget:
    from ui.pages.boundary import parcel_section  # noqa: PLC0415 -- slow import

    return parcel_section(access, shell)


def _asset(access: Access, shell: Shell) -> QWidget:
    from ui.pages.section import Section, register_tab  # noqa: PLC0415 -- slow import

    return Section("asset", [register_tab(access, shell, "asset")])


def _posting(access: Access, shell: Shell) -> QWidget:
    from ui.pages.posting import posting_section  # noqa: PLC0415 -- slow import

    return posting_section(access, shell)


def _agreement(access: Access, shell: Shell) -> QWidget:
    from ui.pages.agreement import agreement_section  # noqa: PLC0415 -- slow import

    return agreement_section(access, shell)


def _payment(access: Access, shell: Shell) -> QWidget:
    from ui.pages.payment import payment_section  # noqa: PLC0415 -- slow import

    return payment_section(access, shell)


def _fund(access: Access, shell: Shell) -> QWidget:
    from ui.pages.fund import fund_section  # noqa: PLC0415 -- slow import

    return fund_section(access, shell)


def _recipient(access: Access, shell: Shell) -> QWidget:
    from ui.pages.population import recipient_section  # noqa: PLC0415 -- slow import

    return recipient_section(access, shell)


def _change(access: Access, shell: Shell) -> QWidget:
    from ui.pages.population import change_section  # noqa: PLC0415 -- slow import

    return change_section(access, shell)


def _subsidy(access: Access, shell: Shell) -> QWidget:
    from ui.pages.subsidy import subsidy_section  # noqa: PLC0415 -- slow import

    return subsidy_section(access, shell)


def _works(access: Access, shell: Shell) -> QWidget:
    from ui.pages.works import works_section  # noqa: PLC0415 -- slow import

    return works_section(access, shell)


def _training(access: Access, shell: Shell) -> QWidget:
    from ui.pages.works import training_section  # noqa: PLC0415 -- slow import

    return training_section(access, shell)


def _petition(access: Access, shell: Shell) -> QWidget:
    from ui.pages.petition import petition_section  # noqa: PLC0415 -- slow import

    return petition_section(access, shell)


def _dispute(access: Access, shell: Shell) -> QWidget:
    from ui.pages.dispute import dispute_section  # noqa: PLC0415 -- slow import

    return dispute_section(access, shell)


def _rectify(access: Access, shell: Shell) -> QWidget:
    from ui.pages.rectify import rectify_section  # noqa: PLC0415 -- slow import

    return rectify_section(access, shell)


def _party(access: Access, shell: Shell) -> QWidget:
    from ui.pages.party import party_section  # noqa: PLC0415 -- slow import

    return party_section(access, shell)


def _settings(access: Access, shell: Shell) -> QWidget:
    from ui.pages.settings import SettingsPage  # noqa: PLC0415 -- slow import

    return SettingsPage(access, shell)


def _import(access: Access, shell: Shell) -> QWidget:
    from ui.import_page import ImportPage  # noqa: PLC0415 -- slow import

    return ImportPage(access, shell)


LAND, SUPPORT, CASES = "征地安置", "后期扶持", "事项"
PARTY = frozenset(("party", "head", "admin"))
PAGES: tuple[Page, ...] = (
    Page("home", "首页", "", "home", _home),
    Page("household", "移民户", LAND, "household", _household, WORKERS),
    Page("parcel", "地块", LAND, "parcel", _parcel, WORKERS),
    Page("asset", "实物", LAND, "asset", _asset, WORKERS),
    Page("posting", "公示", LAND, "posting", _posting, WORKERS),
    Page("agreement", "协议", LAND, "agreement", _agreement, WORKERS),
    Page("payment", "兑付", LAND, "payment", _payment, WORKERS),
    Page("recipient", "直补对象", SUPPORT, "people", _recipient, WORKERS),
    Page("change", "人口动态", SUPPORT, "person", _change, WORKERS),
    Page("subsidy", "直补发放", SUPPORT, "calendar", _subsidy, WORKERS),
    Page("works", "后扶项目", SUPPORT, "flag", _works, WORKERS),
    Page("training", "培训", SUPPORT, "book", _training, WORKERS),
    Page("fund", "资金", "资金", "fund", _fund, WORKERS),
    Page("petition", "信访", CASES, "letter", _petition, WORKERS | PARTY),
    Page("dispute", "矛盾纠纷", CASES, "info", _dispute, WORKERS | PARTY),
    Page("rectify", "整改", CASES, "good", _rectify, WORKERS | PARTY),
    Page("party", "党建廉政", CASES, "pin", _party, WORKERS | PARTY),
    Page("settings", "设置", "", "settings", _settings, foot=True),
    Page("import", "导入", "", "import", _import, WORKERS | PARTY, hidden=True),
)


def page_specs(access: Access, shell: Callable[[], Shell]) -> list[PageSpec]:
    """The pages as the shell takes them; `shell` gives the window once it is there."""
    return [PageSpec(page.key, page.label, page.group, page.icon, lambda page=page: page.make(access, shell()),  # type: ignore[misc]
                     page.roles, page.foot, page.hidden) for page in PAGES]  # fmt: skip
