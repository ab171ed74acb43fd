"""The papers of a period as it goes its way: what was signed stays good, what changed is said, cash is signed for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select

from relocdesk.actions.documents import is_stale
from relocdesk.actions.period import refresh_accounts
from relocdesk.actions.period_result import bank_result, pay_cash, reissue_line
from relocdesk.actions.period_steps import approve_period, check_period, post_period, send_period
from relocdesk.actions.population import move
from relocdesk.errors import UserError
from relocdesk.printing import find_form
from relocdesk.printing.press import print_papers
from relocdesk.records import new_id
from relocdesk.records.agreement import Printout
from relocdesk.records.reference import Setting
from relocdesk.records.support import Period, Recipient, RecipientChange, SupportPayment
from tests.actions.scene import CLERK, COUNTY, Scene
from tests.actions.subsidy import CHECKER, HEAD, MAKER, Subsidy, on, rows


@contextmanager
def _step(scene: Scene) -> Iterator[tuple[Subsidy, Period]]:
    """One action of its own on the only period."""
    with scene.change() as (session, _):
        yield Subsidy(scene, session), session.scalars(select(Period)).one()


def _text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "".join("".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def _print(scene: Scene, form: str, out: Path, *, public: bool = False) -> str:
    with scene.book.read() as session:
        cls = Period.posted if form == "posting_notice" else Period.id
        (row_id,) = session.scalars(select(cls))
    printed = print_papers(scene.book, CLERK, find_form(form), [str(row_id)], out, public=public)
    assert (printed.refused, printed.gaps) == ([], [])
    return _text(out)


def _stale(scene: Scene) -> list[str]:
    with scene.book.read() as session:
        return sorted(row.form for row in session.scalars(select(Printout).where(Printout.deleted == 0)) if is_stale(session, row))


@pytest.fixture
def roster(scene: Scene) -> Scene:
    """Three people of 三坝乡, one of them without an account; cash is allowed, the roster frozen."""
    with scene.change() as (session, _):
        made = Subsidy(scene, session)
        for name, more in (("李大山", {}), ("李小山", {}), ("王无卡", {"account": None, "account_name": None, "bank": None})):
            made.recipient(name, **more)
        scene.add(session, Setting, scene.county, key="subsidy.cash", value="是")
        scene.add(session, Setting, scene.county, key="posting.contact", value="0875-6121234")
        made.frozen()
    return scene


def test_a_signed_roster_stays_good_until_the_last_cent_is_paid(roster: Scene, tmp_path: Path) -> None:
    text = _print(roster, "village_roster", tmp_path / "一.pdf")
    assert "发放方式银行代发2人、现金1人" in text
    assert text.index("一、银行代发") < text.index("二、现金发放") < text.index("领款人签字") < text.index("王无卡")
    assert "人民币肆佰伍拾元整小写￥450.00" in text
    with _step(roster) as (made, period):
        post_period(made.session, MAKER, period)
    notice = _print(roster, "posting_notice", tmp_path / "公示.pdf")
    assert ("王无卡" in notice, "450.00" in notice, "6217" in notice) == (True, True, False)
    with _step(roster) as (made, period):
        check_period(made.session, CHECKER, period)
    with _step(roster) as (made, period):
        approve_period(made.session, HEAD, period)
    with _step(roster) as (made, period):
        send_period(made.session, on(MAKER, "2026-03-22"), period)
    with _step(roster) as (made, period):
        found = [line for line in made.lines(period) if line.account]
        bank_result(made.session, on(MAKER, "2026-03-25"), period, file=rows(found, back={1: "账号错误"}, day="2026-03-24"))
    with _step(roster) as (made, period):
        pay_cash(made.session, on(MAKER, "2026-03-26"), period, proof="签 1")
    with _step(roster) as (made, period):
        (back,) = (line for line in made.lines(period) if line.result == "returned")
        reissue_line(made.session, on(MAKER, "2026-03-27"), made.row(back), account="6217000000009999")
    assert _stale(roster) == []
    again = _print(roster, "village_roster", tmp_path / "二.pdf")
    assert again.count("成功") == 1
    assert "人民币肆佰伍拾元整小写￥450.00" in again
    with roster.book.read() as session:
        assert [row.copies for row in session.scalars(select(Printout).where(Printout.form == "village_roster"))] == [6]


def test_a_roster_with_other_accounts_is_another_paper(roster: Scene, tmp_path: Path) -> None:
    _print(roster, "subsidy_roster", tmp_path / "一.pdf")
    with _step(roster) as (made, period):
        line = made.session.scalars(select(SupportPayment).where(SupportPayment.account.is_not(None))).first()
        assert line is not None
        made.session.execute(SupportPayment.metadata.tables["recipient"].update().where(
            SupportPayment.metadata.tables["recipient"].c.id == line.recipient).values(account="6217000000008888"))  # fmt: skip
        refresh_accounts(made.session, MAKER, period)
    assert _stale(roster) == ["subsidy_roster"]
    assert "6217000000008888" in _print(roster, "subsidy_roster", tmp_path / "二.pdf")


def test_one_who_moves_after_the_freeze_is_paid_where_the_roster_has_him(scene: Scene, tmp_path: Path) -> None:
    other = f"{COUNTY}103"
    with scene.change() as (session, _):
        made = Subsidy(scene, session)
        who = made.recipient("李大山").id
        made.recipient("李小山")
        made.frozen()
        for code, name in ((other, "木城乡"), (f"{other}201", "老街村"), (f"{other}20101", "一组")):
            scene.place(session, code, name)
    with _step(scene) as (made, period):
        there = made.session.get_one(Recipient, who)
        move(made.session, MAKER, there, to_place=scene.ids[f"{other}20101"], happened_on="2026-03-05", proof="户口簿")
    with _step(scene) as (made, period):
        post_period(made.session, MAKER, period)
    with _step(scene) as (made, period):
        assert "2 人，300.00 元" in check_period(made.session, CHECKER, period)
        change = RecipientChange(id=new_id(), home=period.home, recipient=who, kind="reduce", reason="D3", happened_on="2025-12-20", proof="死亡证明")
        made.session.add(change)
        made.session.flush()
        with pytest.raises(UserError, match="李大山：冻结以后核减"):
            approve_period(made.session, on(HEAD, "2026-03-20"), period)
