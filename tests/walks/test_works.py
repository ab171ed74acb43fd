"""A support project through the window: from a planned item to the keeper, its money, a course, and the ledger as a paper."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from relocdesk.book import Book
from relocdesk.records.fund import Allocation, Receipt
from relocdesk.records.reference import Operator
from relocdesk.records.works import PlanItem
from tests import make
from tests.walks.hands import Hands
from ui.app import Program
from ui.click_card import ClickCard
from ui.pages.first_run import operators
from ui.pages.project_sheet import ProjectPage


def furnish(book: Book) -> None:
    """The head of the office, one planned item, and the money for it."""
    with book.change("试", make.clerk(), source="typed") as (session, _):
        make.add(session, Operator, name="孙明", role="head", active=1)
        make.add(session, PlanItem, plan="14", version="original", number="01", name="柳树村道路硬化", year=2026, category="infrastructure",
                 investment=86_000_000, place=make.place(session, "530523102201"))  # fmt: skip
        paper = make.add(session, Allocation, document="云财农〔2026〕71号", source="province", fund="support", year=2026, issued_on="2026-02-01",
                         amount=90_000_000)  # fmt: skip
        make.add(session, Receipt, allocation=paper.id, received_on="2026-03-01", amount=90_000_000)


def answer(hands: Hands, **texts: str) -> None:
    """Fill what a question asks and say yes."""
    for name, text in texts.items():
        hands.write(f"asking.{name}", text)
    hands.click("asking.yes")
    hands.settle()


def stage(hands: Hands, name: str) -> None:
    """Click a stage of the project's line."""
    hands.settle()
    card = hands.find(ClickCard, f"project.stage.{name}")
    hands.qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    hands.until(lambda: hands.sees(QWidget, "asking.done_on") is not None, "the question about the stage")


def test_a_project_from_plan_to_keeper(program: Program, hands: Hands, book: Book, tmp_path: Path, qtbot: QtBot) -> None:
    furnish(book)
    path = book.path
    book.close()
    again = Book.open(path)
    program.use(again, next(one for one in operators(again) if one[0] == "孙明"))
    qtbot.wait(200)
    hands.page("后扶项目")
    hands.tab("规划版次")
    hands.row_of("plan.rows", "柳树村道路硬化")
    hands.click("plan.start")
    answer(hands, code="HF2026-01", listed_on="2026-01-10")
    hands.reads("已立项 HF2026-01 柳树村道路硬化")
    hands.tab("看板")
    hands.until(lambda: hands.sees(ClickCard, "board.card.HF2026-01") is not None, "the card")
    hands.picture("board")
    qtbot.mouseClick(hands.find(ClickCard, "board.card.HF2026-01"), Qt.MouseButton.LeftButton)
    hands.until(lambda: hands.sees(ProjectPage) is not None and hands.find(ProjectPage).seen is not None, "the project")
    hands.click("project.add")
    hands.fill("fund_source", fund="后扶项目", amount="700000")
    hands.key(hands.focus(), Qt.Key.Key_Escape)
    hands.settle()
    for name, day in (("approved", "2026-02-10"), ("planned", "2026-02-20"), ("tendered", "2026-03-01")):
        stage(hands, name)
        answer(hands, done_on=day)
    hands.click("project.contract-project")
    answer(hands, signed_on="2026-03-05", contractor="某建筑公司", amount="650000")
    hands.reads("合同价 650,000.00 元")
    hands.click("project.pay-project")
    answer(hands, amount="195000", paid_on="2026-03-12")
    hands.reads("累计 195,000.00 元")
    for name, day in (("started", "2026-03-20"), ("finished", "2026-08-01")):
        stage(hands, name)
        answer(hands, done_on=day)
    hands.click("project.accept-project")
    answer(hands, held_on="2026-08-20", passed="合格")
    hands.reads("竣工验收合格")
    hands.click("project.hand-project")
    answer(hands, handed_on="2026-10-08", keeper="柳树村村委会")
    hands.until(lambda: hands.find(ProjectPage).seen is not None and hands.find(ProjectPage).seen.card.column == 6, "handed over")  # type: ignore[union-attr]
    hands.picture("project")
    hands.page("资金")
    hands.tab("分年度")
    hands.until(lambda: any("支出" in one.text() and "195,000.00" in one.text() for one in hands.window().findChildren(QLabel)), "what was spent")
    hands.picture("fund-years")
