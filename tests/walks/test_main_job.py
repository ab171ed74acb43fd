"""The main job by mouse and keys: a new book, messy workbooks, agreements, papers back by code, three people pay, every sum right."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from random import Random

import openpyxl
from pypdfium2 import PdfDocument
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QLineEdit, QListView, QMenu

from relocdesk import demo_sheets
from relocdesk.demo_people import People
from relocdesk.demo_sheets import BANK, GROUPS, PROJECT, VILLAGES, File, Home, Land, Thing, Truth
from relocdesk.pinyin import initials
from relocdesk.rules.identity import check_digit
from relocdesk.rules.money import show_yuan
from tests.walks.hands import Hands, column
from ui.app import Program
from ui.paper import PaperView

TODAY = "2026-11-22"
VILLAGE = "530523102201"
ALLOCATED = "20000000.00"


def test_from_an_empty_machine_to_money_paid(program: Program, hands: Hands, tmp_path: Path) -> None:
    story = Story(program, hands, tmp_path, demo_sheets.invent(1))
    for step in (story.first_run, story.operators, story.places, story.project, story.funds, story.prices, story.workbooks, story.totals,
                 story.confirm, story.draft, story.review_and_print, story.papers_back, story.sign, story.batch,
                 story.bank, story.again, story.sums, story.search_and_undo):  # fmt: skip
        step()


@dataclass
class Story:
    """One township on its first day. `truth` is what the workbooks say, added up apart from the program."""

    program: Program
    hands: Hands
    folder: Path
    truth: Truth
    operator: str = "王建国"
    codes: list[str] = field(default_factory=list)
    returned: int = 0

    # ---- the ground -------------------------------------------------------------------------------------------------

    def first_run(self) -> None:
        """Four fields and the letter of this machine make a book."""
        hands = self.hands
        self.program.start()
        hands.picture("first-run")
        hands.click("first.new")
        hands.write("new.office", "龙陵县三坝乡搬迁安置办公室")
        hands.write("new.code", "530523102")
        hands.reads("云南省保山市龙陵县的乡镇")
        hands.write("new.by", "王建国")
        hands.write("new.file", str(self.folder / "三坝乡.reloc"))
        hands.picture("new-book")
        hands.click("new.create")
        hands.qtbot.waitUntil(lambda: hands.sees(QLabel, text="这台电脑的代号") is not None, timeout=20_000)
        hands.click("letter.take")
        hands.settle()
        assert hands.shell.windowTitle() == "三坝乡 · 搬迁安置工作台"
        hands.picture("home-empty")

    def operators(self) -> None:
        """Three more people, each with a role, one after the other by Ctrl+Enter."""
        hands = self.hands
        hands.setting("操作员")
        hands.click("operator.new")
        for name, role in (("赵小兰", "录入"), ("钱建军", "审核"), ("孙明", "负责人")):
            self._next("operator", name=name, role=role)
        hands.picture("operators")
        hands.until(lambda: hands.total().startswith("4 条"), "four operators")
        hands.key(hands.focus(), Qt.Key.Key_Escape)

    def places(self) -> None:
        """Villages and groups by code."""
        hands = self.hands
        hands.setting("行政区划")
        hands.click("place.new")
        for code, village in VILLAGES.items():
            self._next("place", code=code, name=village, parent="三坝乡")
            for number, group in enumerate(GROUPS, 1):
                self._next("place", code=f"{code}{number:02d}", name=group, parent=village)
        hands.picture("places")
        hands.key(hands.focus(), Qt.Key.Key_Escape)

    def project(self) -> None:
        """The project with the day of its freeze notice, and who is paid for land."""
        hands = self.hands
        hands.setting("工程")
        hands.click("project.new")
        hands.fill("project", name=PROJECT, freeze_on="2025-6-1")
        hands.reads("已保存")
        hands.picture("project")
        hands.key(hands.focus(), Qt.Key.Key_Escape)
        rows = [["名称", "村组", "类别", "户名", "银行账号", "开户行"]]
        for code, village in VILLAGES.items():
            for number, group in enumerate(GROUPS, 1):
                unit = f"{village}{group}村民小组"
                rows.append([unit, f"{village}{group}", "村民小组", unit, f"5300{code[9:]}{number}00018", BANK])
        hands.setting("集体和单位")
        self._import("collective_unit", demo_sheets.save_rows(self.folder / "收款集体.xlsx", rows), new=9)

    def funds(self) -> None:
        """Money allocated and received."""
        hands = self.hands
        hands.page("资金")
        hands.click("fund.new.allocation")
        hands.fill("allocation", document="龙财农〔2025〕41号", source="县级", fund="工程移民资金", year="2025", issued_on="2025-12-10", project=PROJECT,
                   amount=ALLOCATED)  # fmt: skip
        hands.reads("已保存：资金下达")
        hands.picture("allocation")
        hands.key(hands.focus(), Qt.Key.Key_Escape)
        hands.tab("资金总览")
        hands.click("fund.new.receipt")
        hands.fill("receipt", allocation="龙财农〔2025〕41号", received_on="2025-12-26", amount=ALLOCATED)
        hands.reads("已保存：资金到位")
        hands.picture("receipt")
        hands.key(hands.focus(), Qt.Key.Key_Escape)
        hands.tab("资金总览")
        hands.picture("funds")

    def prices(self) -> None:
        """The price paper comes as a workbook."""
        self.hands.setting("补偿标准")
        self._import("price_item", demo_sheets.write_prices(self.folder / "补偿标准.xlsx"), new=len(demo_sheets.LAND) * 4 + len(demo_sheets.THINGS))

    # ---- workbooks --------------------------------------------------------------------------------------------------

    def workbooks(self) -> None:
        """Nine messy files; what is wrong comes back as a sheet, is put right and imported."""
        demo_sheets.write_workbooks(self.folder, self.truth)
        first = self.truth.homes[0]
        card = first.idcard[:14] + "88" + ("8" if first.idcard[16] != "8" else "6")
        card += check_digit(card)
        cures = {"李来有": {"身 份 证 号": card}, "D9001": {"亩": 4.5}, "W9001": {"工程量": "1口"}}
        for file in self.truth.files:
            self.hands.page({"household": "移民户", "parcel": "地块", "asset": "实物"}[file.register])
            self._import(file.register, file.path, new=file.good, file=file, cures=cures if file.path.name.startswith("柳树村") else None)
        self.truth.homes.append(Home("2019001", "李来有", card, VILLAGE, 1, "13800000001", ""))
        land = next(one for one in self.truth.lands if one.home.village == VILLAGE)
        thing = next(one for one in self.truth.things if one.home.village == VILLAGE)
        self.truth.lands.append(Land("D9001", land.home, "旱地", False, 300_000))
        self.truth.things.append(Thing("W9001", thing.home, ("附属设施", "水井", "", "口", "2600.00"), 100))

    def _import(self, register: str, path: Path, *, new: int, file: File | None = None, cures: dict[str, dict[str, object]] | None = None) -> None:
        hands = self.hands
        hands.click(f"{register}.import")
        hands.files.append(str(path))
        hands.click("import.pick")
        hands.reads(f"{path.name} · ")
        refused = file.refused if file else 0
        hands.reads(f"新增 {new:,}，变更 0，相同 0，有问题 {refused}")
        hands.picture(f"import-{path.stem}")
        problems = self.folder / f"{path.stem}（问题）.xlsx"
        if cures:
            hands.tab("有问题")
            hands.click("import.back")
            hands.picture(f"import-columns-{path.stem}")
            hands.click("import.back")
            hands.picture(f"import-head-{path.stem}")
            hands.click("import.next")
            hands.click("import.next")
            hands.files.append(str(problems))
            hands.click("import.problems")
            hands.reads(f"已把 {refused} 行存到")
        hands.click("import.next", f"入账 {new:,} 条")
        hands.reads(f"新增 {new:,} 条，变更 0 条")
        if cures:
            said = hands.find(QLabel, text="已导入")
            assert said.height() >= said.heightForWidth(said.width())  # no line of it is cut
            hands.picture(f"import-done-{path.stem}")
            cure(problems, cures)
            hands.click("import.again")
            hands.files.append(str(problems))
            hands.click("import.pick")
            hands.reads("新增 1，变更 0，相同 0，有问题 0")
            hands.picture(f"import-cured-{path.stem}")
            hands.click("import.next", "入账 1 条")
            hands.reads("新增 1 条，变更 0 条")

    def totals(self) -> None:
        """What stands in the bottom line is what the workbooks say."""
        hands = self.hands
        hands.page("移民户")
        hands.until(lambda: hands.total().startswith(f"{len(self.truth.homes)} 户"), "households")
        hands.picture("households")
        hands.page("地块")
        hands.until(lambda: hands.total().startswith(f"{len(self.truth.lands)} 块"), "parcels")
        assert mu_in(hands.total()) == Fraction(math.floor(self.truth.mu() * 100 + Fraction(1, 2)), 100)
        hands.picture("parcels")
        hands.page("实物")
        hands.until(lambda: hands.total().startswith(f"{len(self.truth.things)} 条"), "assets")
        hands.picture("assets")

    # ---- agreements -------------------------------------------------------------------------------------------------

    def confirm(self) -> None:
        """The village has signed its survey sheets."""
        hands = self.hands
        hands.setting("行政区划")
        hands.row_of("grid.place", "柳树村")
        hands.click("place.confirm")
        hands.write("asking.project", PROJECT)
        hands.picture("confirm")
        hands.click("asking.yes")
        hands.reads("签字确认")
        hands.settle()

    @property
    def village(self) -> Truth:
        """The part of the truth that is paid now."""
        return Truth([home for home in self.truth.homes if home.village == VILLAGE], [one for one in self.truth.lands if one.home.village == VILLAGE],
                     [one for one in self.truth.things if one.home.village == VILLAGE])  # fmt: skip

    def draft(self) -> None:
        """Everything of the village is drafted at once; one household has nothing and is told."""
        hands, village = self.hands, self.village
        hands.page("协议")
        self._only_village()
        hands.click(text="未起草 ")
        hands.settle()
        hands.picture("to-draft")
        hands.answers.append("知道了")
        hands.click("agreement_work.next", f"起草 {len(village.homes)} 户")
        hands.until(lambda: not hands.answers, "the honest list")
        assert "1 户没有起草" in hands.told[-1]
        hands.click(text="全部 ")
        hands.settle()
        hands.click("agreement_work.side.agreement")
        hands.settle()
        hands.picture("drafted-groups")
        hands.until(lambda: hands.total().endswith(f" {yuan(sum(village.collective().values()))} 元"), "what the groups get")
        hands.click("agreement_work.side.household")
        hands.settle()
        hands.until(lambda: hands.total().endswith(f" {yuan(sum(village.personal().values()))} 元"), "what the households get")
        hands.picture("drafted")

    def _only_village(self) -> None:
        hands = self.hands
        hands.write("agreement_work.place", "柳树村")
        hands.key(hands.focus(), Qt.Key.Key_Return)
        hands.settle()

    def review_and_print(self) -> None:
        """Reviewed and printed in batches into a PDF, seen before."""
        hands, village = self.hands, self.village
        for side, count in (("household", len(village.personal())), ("agreement", len(village.collective()))):
            hands.click(f"agreement_work.side.{side}")
            hands.settle()
            hands.click(text="草拟 ")
            hands.settle()
            hands.answers.append(f"审核 {count} 份")
            hands.click("agreement_work.next", f"审核 {count} ")
            hands.until(lambda: not hands.answers, "reviewed")
            hands.reads("审核协议完成")
            hands.click(text="审核 ")
            hands.settle()
            hands.click("agreement_work.next", f"打印 {count} ")
            hands.reads(f"可以打印 {count} 份")
            view = hands.find(PaperView, "print.paper")
            hands.until(lambda view=view: view.pages > 0, "the paper")  # type: ignore[misc]
            assert view.look_for("柳树村") > 0
            hands.picture(f"print-{side}")
            target = self.folder / f"协议-{side}.pdf"
            hands.files.append(str(target))
            hands.click("print.save")
            hands.reads(f"{count} 份，共")
        hands.picture("printed")

    def papers_back(self) -> None:
        """Each sheet comes back: its code is typed as it is printed."""
        hands = self.hands
        hands.tab("单据收回")
        view = hands.find(QAbstractItemView, "papers.rows")
        hands.until(lambda: view.model().rowCount() > 0, "the sheets that are out")
        codes = column(view, "短码")
        assert len(codes) == len(self.village.personal()) + len(self.village.collective())
        whole = text_of(self.folder / "协议-household.pdf") + text_of(self.folder / "协议-agreement.pdf")
        assert [code for code in codes if code not in whole] == []
        for code in codes:
            edit = hands.write("papers.code", code.lower())
            hands.key(edit, Qt.Key.Key_Return)
            hands.until(lambda edit=edit: edit.text() == "", f"{code} taken back")  # type: ignore[misc]
        hands.reads("已收回单据")
        hands.picture("papers-back")

    def sign(self) -> None:
        """The households in one batch, the groups from the table of agreements."""
        hands, village = self.hands, self.village
        hands.tab("批量办理")
        hands.click("agreement_work.side.household")
        hands.settle()
        hands.click(text="已打印 ")
        hands.settle()
        hands.picture("to-sign")
        count = len(village.personal())
        hands.click("agreement_work.next", f"签订 {count} ")
        hands.click("asking.yes", f"签订 {count} 份")
        hands.reads(f"签订协议完成 {count} 件")
        hands.tab("协议台账")
        hands.type(hands.write("agreement.search", ""), "村民小组")
        count = len(village.collective())
        hands.until(lambda: hands.total().startswith(f"{count} 份"), "the groups' agreements")
        grid = hands.find(QAbstractItemView, "grid.agreement")
        hands.row(grid, 0)
        hands.key(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        hands.click("agreement.sign")
        hands.picture("sign-groups")
        hands.click("asking.yes")
        hands.reads(f"签订协议完成 {count} 件")
        hands.picture("signed")

    # ---- payment ----------------------------------------------------------------------------------------------------

    def switch(self, name: str) -> None:
        """Somebody else sits down."""
        hands = self.hands
        before = self.program.shell
        hands.click("status_operator")
        menu = hands.find(QMenu, "operators")
        hands.picture(f"who-{name}")
        chosen = next(one for one in menu.actions() if one.data() == name)
        hands.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(chosen).center())
        hands.qtbot.waitUntil(lambda: self.program.shell not in (None, before), timeout=20_000)
        hands.settle()
        assert self.program.clerk().name == name

    def batch(self) -> None:
        """Drawn up, checked and approved by three people."""
        hands = self.hands
        self.switch("赵小兰")
        hands.page("兑付")
        hands.click("empty.action", "编制兑付批次")  # there is no batch yet
        hands.picture("new-batch")
        hands.click("asking.yes")
        hands.reads("待付")
        hands.settle()
        hands.picture("batch")
        for name, words in (("钱建军", "复核"), ("孙明", "审批")):
            self.switch(name)
            hands.page("兑付")
            hands.answers.append(words)
            hands.click("batch.next", words)
            hands.until(lambda: not hands.answers, words)
            hands.settle()
        hands.picture("approved")

    def bank(self) -> None:
        """The list goes to the bank; its answer has one that came back."""
        hands = self.hands
        self.switch("赵小兰")
        hands.page("兑付")
        sent = self.folder / "代发表.xlsx"
        hands.files.append(str(sent))
        hands.answers.append("登记送银行")
        hands.click("batch.next", "导出代发表")
        hands.click("asking.yes", "登记送银行")
        hands.until(lambda: hands.sees(QLabel, text="取回单后导入") is not None, "sent")
        answer, self.returned = bank_answer(sent, self.folder / "回盘.xlsx", bad=2)
        hands.files.append(str(answer))
        hands.click("batch.next", "收回盘")
        hands.reads(f"退回 1 笔 {yuan(self.returned)} 元")
        hands.reads("登记后批次还有待付 0.00 元")
        hands.picture("bank-answer")
        hands.click(text="登记 ")
        hands.reads("退回的请更正后重付")
        hands.picture("answered")

    def again(self) -> None:
        """What came back is paid again to another account, by the same three."""
        hands = self.hands
        hands.row_of("batch.lines", "退回")
        hands.click("batch.pay-again")
        hands.write("asking.account", People(Random(99)).account())
        hands.picture("pay-again")
        hands.click("asking.yes")
        hands.settle()
        hands.row_of("batch.list", "编制")
        for name, words in (("钱建军", "复核"), ("孙明", "审批")):
            self.switch(name)
            hands.page("兑付")
            hands.row_of("batch.list", yuan(self.returned))
            hands.answers.append(words)
            hands.click("batch.next", words)
            hands.until(lambda: not hands.answers, words)
        self.switch("赵小兰")
        hands.page("兑付")
        hands.row_of("batch.list", yuan(self.returned))
        sent = self.folder / "代发表2.xlsx"
        hands.files.append(str(sent))
        hands.answers.append("登记送银行")
        hands.click("batch.next", "导出代发表")
        hands.click("asking.yes", "登记送银行")
        hands.until(lambda: hands.sees(QLabel, text="取回单后导入") is not None, "sent")
        answer, _ = bank_answer(sent, self.folder / "回盘2.xlsx", bad=-1)
        hands.files.append(str(answer))
        hands.click("batch.next", "收回盘")
        hands.reads("登记后批次还有待付 0.00 元")
        hands.click(text="登记 ")
        hands.reads("批次已对账")
        hands.picture("paid-again")

    # ---- at the end -------------------------------------------------------------------------------------------------

    def sums(self) -> None:
        """The fund page and the bottom line are right to the 分."""
        hands, village = self.hands, self.village
        agreed = village.total()
        hands.tab("兑付明细")
        hands.until(lambda: hands.total().endswith(f" {yuan(agreed + self.returned)} 元"), "paid and returned")
        hands.page("资金")
        view = hands.find(QAbstractItemView, "fund.rows")
        hands.until(lambda: column(view, "已兑付（元）")[:1] == [yuan(agreed)], yuan(agreed))
        received = 2_000_000_000
        assert column(view, "到位（元）") == [yuan(received)] * 2 or column(view, "到位（元）")[0] == yuan(received)
        assert column(view, "结存（元）")[0] == yuan(received - agreed)
        assert column(view, "在途（元）")[0] == "0.00"
        hands.picture("fund-sums")
        hands.page("首页")
        hands.picture("home")

    def search_and_undo(self) -> None:
        """Ctrl+K finds by initials and by the last four digits; Ctrl+Z takes the last edit back."""
        hands = self.hands
        home = replace(self.truth.homes[4])
        for words in (initials(home.name), home.idcard[-4:]):
            hands.key(hands.shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
            hands.until(lambda: QApplication.focusWidget() is hands.shell.search, "the search box")
            hands.qtbot.keyClicks(hands.shell.search, words.lower())
            found = hands.find(QListView, "search.hits")
            hands.until(lambda found=found: any(home.name in one for one in rows_of(found)), f"{home.name} by {words}")  # type: ignore[misc]
            hands.picture(f"search-{words}")
            hands.key(hands.shell.search, Qt.Key.Key_Escape)
        hands.key(hands.shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        hands.qtbot.keyClicks(hands.shell.search, home.number)
        hands.until(lambda: any(home.name in one for one in rows_of(hands.find(QListView, "search.hits"))), home.number)
        hands.key(hands.shell.search, Qt.Key.Key_Down)
        hands.key(hands.shell.search, Qt.Key.Key_Return)
        hands.reads(f"{home.name}　{home.number}")
        hands.picture("household")
        hands.tab("移民户")
        hands.row_of("grid.household", home.number, twice=True)
        hands.fill("household", phone="13900001111")
        hands.reads("已保存")
        assert self._phone(home) == "13900001111"
        hands.answers.append("撤销")
        hands.key(hands.shell, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        hands.until(lambda: not hands.answers, "undo")
        hands.settle()
        assert "修改移民户" in hands.told[-1]
        assert self._phone(home) == home.phone
        hands.picture("undone")

    def _phone(self, home: Home) -> str:
        return self.hands.find(QLineEdit, "household.phone").text()

    # ---- typing -----------------------------------------------------------------------------------------------------

    def _next(self, register: str, **texts: str) -> None:
        """Fill the form and go on to the next record with Ctrl+Enter."""
        hands = self.hands
        for name, text in texts.items():
            edit = hands.write(f"{register}.{name}", text)
            hands.qtbot.wait(1)
            hands.key(edit, Qt.Key.Key_Return)
        hands.settle()
        hands.key(hands.focus(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        first = hands.find(QLineEdit, f"{register}.{next(iter(texts))}")
        hands.until(lambda: first.text() == "", f"{register} saved: {texts}")


# --- what the test itself knows --------------------------------------------------------------------------------------


def yuan(fen: int) -> str:
    """1,234.50"""
    return show_yuan(fen)


def mu_in(told: str) -> Fraction:
    """The 亩 that a line of totals says."""
    return Fraction(re.search(r"([\d,.]+) 亩", told)[1].replace(",", ""))  # type: ignore[index]  # a line without it fails


def rows_of(view: QAbstractItemView) -> list[str]:
    """The first column of a list."""
    model = view.model()
    return [str(model.index(row, 0).data() or "") for row in range(model.rowCount())]


def text_of(path: Path) -> str:
    """All the text of a PDF."""
    document = PdfDocument(path)
    try:
        return "".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    finally:
        document.close()


def cure(path: Path, cures: dict[str, dict[str, object]]) -> None:
    """Put right what the problem workbook complains of, by the titles of its columns."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    titles: dict[str, int] = {}
    for line in sheet.iter_rows():
        words = {str(cell.value).strip() for cell in line if cell.value is not None}
        for cell in line:
            titles.setdefault(str(cell.value).strip(), cell.column)
        for key in words & set(cures):
            for title, value in cures[key].items():
                at = next(column for told, column in titles.items() if told.replace("\n", "") == title)
                sheet.cell(line[0].row, at).value = value  # type: ignore[assignment]
    book.save(path)


def bank_answer(sent: Path, target: Path, *, bad: int) -> tuple[Path, int]:
    """The bank's workbook: all done but the line `bad`; and the 分 that came back."""
    sheet = openpyxl.load_workbook(sent).active
    assert sheet is not None
    rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
    head = next(n for n, line in enumerate(rows) if any("流水号" in str(cell) for cell in line))
    at = {str(cell): n for n, cell in enumerate(rows[head]) if cell}
    serial, name, account, amount = (next(n for title, n in at.items() if word in title) for word in ("流水号", "户名", "账号", "金额"))
    made: list[list[object]] = [["代发结果查询"], ["客户流水号", "收款人户名", "卡号", "交易金额", "处理状态", "错误信息", "交易日期"]]
    back = 0
    lines = [line for line in rows[head + 1 :] if line[serial] and line[account]]
    for n, line in enumerate(lines):
        fen = round(Fraction(str(line[amount]).replace(",", "")) * 100)
        back += fen if n == bad else 0
        made.append([line[serial], line[name], line[account], f"{fen / 100:,.2f}", "交易失败" if n == bad else "交易成功",
                     "账户已销户" if n == bad else None, None if n == bad else TODAY.replace("-", "")])  # fmt: skip
    return demo_sheets.save_rows(target, made), back
