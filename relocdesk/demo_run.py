"""The main job from messy workbooks to money paid, without a window, told step by step and proved to the 分 and 0.01 亩.

Every step goes through the same functions as the window and the command line. What should come out is added up in
relocdesk.demo_sheets, apart from the program's own rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import demo_sheets, entry
from relocdesk.actions import approval, bank, find_actions
from relocdesk.actions.agreement import sign
from relocdesk.actions.drafting import draft
from relocdesk.actions.payment import open_batch
from relocdesk.backup import backup
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.demo_people import People
from relocdesk.demo_sheets import GROUPS, PROJECT, VILLAGES, Truth
from relocdesk.errors import UserError
from relocdesk.excel import plan as plans
from relocdesk.excel.bank import bank_list, read_result
from relocdesk.excel.problem_sheet import problem_workbook
from relocdesk.excel.sheet import read_workbook
from relocdesk.founding import found_book, operator
from relocdesk.printing import find_form
from relocdesk.printing.press import print_papers
from relocdesk.queries.rows import Ask, Condition, Totals, ids, totals
from relocdesk.records import register
from relocdesk.records.agreement import Agreement
from relocdesk.records.payment import Payment, PaymentBatch
from relocdesk.records.reference import Place
from relocdesk.rules.area import show_mu
from relocdesk.rules.money import show_yuan
from relocdesk.verify import verify

DAY, SIGNED, PAID = "2026-03-02", "2026-03-10", "2026-03-20"
Pictures = Callable[[Path, Path], list[Path]]


def run(folder: Path, *, say: Callable[[str], None], pictures: Pictures | None = None, seed: int = 1) -> list[str]:
    """Does the whole job in an empty folder; returns what did not come out as it should, [] when all is right."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"“{folder}”不是空文件夹", hint="请给一个新的文件夹名")
    folder.mkdir(parents=True, exist_ok=True)
    job = _Job(folder, say, demo_sheets.invent(seed))
    with found_book(folder / "三坝乡.reloc", office="龙陵县三坝乡搬迁安置办公室", place="530523102", by="王建国", on=DAY) as job.book:
        for step in (job.ground, job.workbooks, job.prices, job.agreements, job.papers, job.signed, job.batch, job.answered, job.again, job.checked):
            step()
    if pictures is not None:
        made = pictures(job.book.path, folder)
        say(f"画面：{'、'.join(path.name for path in made)}")
    say("全部核对无误" if not job.wrong else f"有 {len(job.wrong)} 处对不上")
    return job.wrong


@dataclass
class _Job:
    folder: Path
    say: Callable[[str], None]
    truth: Truth
    wrong: list[str] = field(default_factory=list)
    batch_id: str = ""

    def __post_init__(self) -> None:
        self.book: Any = None  # opened by `run`
        self.step = 0

    def _clerk(self, name: str = "王建国", on: str = DAY) -> Clerk:
        with self.book.read() as session:
            return operator(session, name, on)

    def _tell(self, text: str) -> None:
        self.step += 1
        self.say(f"{self.step:2d}. {text}")

    def _prove(self, what: str, got: object, expected: object) -> None:
        """Says a proof; keeps what does not hold."""
        if got == expected:
            self.say(f"    ✓ {what}" + (f"：{got}" if isinstance(got, (int, tuple)) else ""))
        else:
            self.wrong.append(f"{what}：应为 {expected}，实为 {got}")
            self.say(f"    ✗ {self.wrong[-1]}")

    def _add(self, name: str, /, **texts: str) -> None:
        clerk = self._clerk()
        with self.book.change(f"登记{register(name).label}", by=clerk) as (session, _):
            entry.save(session, clerk, register(name), texts)

    def _totals(self, name: str, *conditions: Condition) -> Totals:
        with self.book.read() as session:
            return totals(session, Ask(register(name), conditions))

    # --- steps -------------------------------------------------------------------------------------------------------

    def ground(self) -> None:
        """Places, people of the office, the project and who is paid for land."""
        for name, role in (("赵小兰", "录入"), ("钱建军", "审核"), ("孙明", "负责人")):
            self._add("operator", name=name, role=role)
        self._add("project", name=PROJECT, freeze_on="2025-06-01")
        for code, village in VILLAGES.items():
            self._add("place", code=code, name=village, parent="530523102")
            for n, group in enumerate(GROUPS, 1):
                self._add("place", code=f"{code}{n:02d}", name=group, parent=code)
                unit = f"{village}{group}村民小组"
                self._add("collective_unit", name=unit, place=f"{code}{n:02d}", kind="村民小组", account_name=unit, account=f"5300{code[9:]}{n}00018",
                          bank=demo_sheets.BANK)  # fmt: skip
        self._add("allocation", document="龙财农〔2025〕41号", source="县级", fund="project", year="2025", issued_on="2025-12-10", project=PROJECT,
                  amount="20000000.00")  # fmt: skip
        self._add("receipt", allocation="龙财农〔2025〕41号", received_on="2025-12-26", amount="20000000.00")
        self._tell(f"建账：三坝乡，{len(VILLAGES)} 个村 {len(VILLAGES) * 3} 个组，工程“{PROJECT}”，操作员 4 人")

    def workbooks(self) -> None:
        """Nine messy workbooks: plan, problems back, apply, and once more to see that nothing changes."""
        demo_sheets.write_workbooks(self.folder, self.truth)
        for file in self.truth.files:
            found = self._import(file.path, file.register)
            self._tell(f"导入 {file.path.name}（{file.shape}）")
            hidden = f"，隐藏的行 {found.hidden_rows}" if file.hidden else ""
            self._prove("新增、退回" + hidden, (len(found.new), len(found.problem_rows), found.hidden_rows), (file.good, file.refused, file.hidden))
            for problem in found.problem_list():
                self.say(f"      退回：{problem}")
            with self.book.read() as session:
                again = plans.plan(session, self._clerk("赵小兰"), register(file.register), file.path)
            self._prove("再导一遍，新增和变更", (len(again.new), len(again.changed)), (0, 0))
        land, parcels = self.truth.mu(), self._totals("parcel")
        self._prove("移民户", self._totals("household").count, len(self.truth.homes))
        self._prove("地块", parcels.count, len(self.truth.lands))
        self._prove(f"总面积 {show_mu(parcels.mu or 0)} 亩，一分不差", Fraction(parcels.mu or 0, 1_000_000), land)
        self._prove("实物", self._totals("asset").count, len(self.truth.things))

    def _import(self, path: Path, name: str) -> plans.Plan:
        clerk = self._clerk("赵小兰" if name != "price_item" else "钱建军")
        with self.book.change(f"导入{register(name).label}：{path.name}", by=clerk, source="import") as (session, _):
            found = plans.plan(session, clerk, register(name), path)
            plans.apply(session, clerk, found)
        if found.problem_rows:
            problem_workbook(found, path.with_name(f"{path.stem}（退回）.xlsx"))
        return found

    def prices(self) -> None:
        """The price paper, and the survey confirmed by the villages."""
        found = self._import(demo_sheets.write_prices(self.folder / "补偿标准.xlsx"), "price_item")
        self._tell(f"补偿标准 {len(found.new)} 条")
        clerk = self._clerk("钱建军")
        confirm = next(one for one in find_actions("confirm") if one.register == "place")
        with self.book.change("签字确认", by=clerk, source="action") as (session, _):
            said = confirm(session, clerk, session.scalars(select(Place).where(Place.code == "530523102")).one(), {})
        self._tell(said)

    def agreements(self) -> None:
        """One agreement for each household with crops or things, one for each group with land."""
        clerk = self._clerk("赵小兰")
        with self.book.change("起草协议", by=clerk, source="action") as (session, _):
            outcome = draft(session, clerk)
        found = self._totals("agreement")
        self._tell(f"起草协议 {len(outcome.done)} 份，{show_yuan(found.money or 0)} 元")
        self._prove("没有起草不了的", outcome.refused, [])
        self._prove("份数", found.count, len(self.truth.personal()) + len(self.truth.collective()))
        self._prove("协议总额（分）", found.money, self.truth.total())
        with self.book.read() as session:
            self._prove("每户每组的金额都对", _amounts(session), self._expected())

    def _expected(self) -> dict[str, int]:
        groups = {f"{VILLAGES[code]}{GROUPS[group - 1]}村民小组": fen for (code, group), fen in self.truth.collective().items()}
        return self.truth.personal() | groups

    def papers(self) -> None:
        """All agreements in one PDF, in codes that are read back when they return signed."""
        clerk = self._clerk("赵小兰")
        with self.book.read() as session:
            wanted = ids(session, Ask(register("agreement")))
        printed = print_papers(self.book, clerk, find_form("agreement"), wanted, self.folder / "协议.pdf")
        self._tell(f"打印协议 {len(printed.done)} 份 {printed.pages} 页：协议.pdf")
        self._prove("没有打印不了的，没有缺字", [*printed.refused, *((key, gap) for key, gap in printed.gaps)], [])

    def signed(self) -> None:
        """Each agreement is signed from its printed sheet."""
        clerk = self._clerk("钱建军", SIGNED)
        with self.book.read() as session:
            wanted = ids(session, Ask(register("agreement")))
        for row_id in wanted:
            with self.book.change("签订协议", by=clerk, source="action") as (session, _):
                sign(session, clerk, session.get_one(Agreement, row_id))
        self._tell(f"签订 {len(wanted)} 份")
        self._prove("已签订", self._totals("agreement", Condition("state", "=", "signed")).count, len(wanted))

    def batch(self) -> None:
        """One batch of everything, drawn up, checked and approved by three people, and its list for the bank."""
        maker, checker, head = (self._clerk(name, PAID) for name in ("赵小兰", "钱建军", "孙明"))
        with self.book.change("开兑付批次", by=maker, source="action") as (session, _):
            opened = open_batch(session, maker)
            self.batch_id = opened.batch.id
            self._tell(opened.sentence)
        for who, step in ((checker, approval.check_batch), (head, approval.approve_batch), (maker, approval.send_batch)):
            with self.book.change("批次办理", by=who, source="action") as (session, _):
                self.say(f"      {who.name}：{step(session, who, session.get_one(PaymentBatch, self.batch_id))}")
        with self.book.read() as session:
            count = bank_list(session, session.get_one(PaymentBatch, self.batch_id), self.folder / "银行代发清单.xlsx")
            form = find_form("payment_list")
        print_papers(self.book, maker, form, [self.batch_id], self.folder / "兑付明细表.pdf")
        paid = self._totals("payment")
        self._prove("代发笔数", count, len(self._expected()))
        self._prove("批次金额（分）", paid.money, self.truth.total())

    def answered(self) -> None:
        """The bank answers in its own workbook: two came back."""
        path = self.folder / "银行回单.xlsx"
        returned = self._write_answer(path)
        clerk = self._clerk("赵小兰", PAID)
        with self.book.change("登记银行结果", by=clerk, source="action") as (session, _):
            batch = session.get_one(PaymentBatch, self.batch_id)
            self._tell(bank.bank_result(session, clerk, batch, read_result(path)).sentence(batch))
        back = self._totals("payment", Condition("result", "=", "returned"))
        self._prove("退回（笔，分）", (back.count, back.money), (2, returned))
        self._prove("成功（分）", self._totals("payment", Condition("result", "=", "paid")).money, self.truth.total() - returned)

    def _write_answer(self, path: Path) -> int:
        """Takes the list that was sent and adds what a bank adds, under other titles; 分 of what came back."""
        sheet = next(one for one in read_workbook(self.folder / "银行代发清单.xlsx").sheets)
        with self.book.read() as session:
            lines = session.scalars(select(Payment).where(Payment.batch == self.batch_id, Payment.deleted == 0).order_by(Payment.serial)).all()
            known = {str(cell) for row in sheet.cells for cell in row}
            self._prove("清单上的流水号都在", [line.serial for line in lines if line.serial not in known], [])
            rows: list[list[Any]] = [["代发结果查询"], ["客户流水号", "收款人户名", "卡号", "交易金额", "处理状态", "错误信息", "交易日期"]]
            back = 0
            for n, line in enumerate(lines):
                ok = n not in (3, 7)
                back += 0 if ok else line.amount
                rows.append([line.serial, line.payee_name, line.account, f"{line.amount / 100:,.2f}", "交易成功" if ok else "交易失败",
                             None if ok else "户名不符", PAID.replace("-", "") if ok else None])  # fmt: skip
        demo_sheets.save_rows(path, rows)
        return back

    def again(self) -> None:
        """What came back is paid again, and this time it arrives."""
        clerk, fresh = self._clerk("赵小兰", PAID), People(Random(99))
        with self.book.change("退回后重付", by=clerk, source="action") as (session, _):
            lines = session.scalars(select(Payment).where(Payment.result == "returned", Payment.deleted == 0).order_by(Payment.serial)).all()
            first = bank.reissue(session, clerk, lines[0], account_name=lines[0].payee_name or "", account=fresh.account(), bank=demo_sheets.BANK)
            batch = session.get_one(PaymentBatch, first.batch)
            bank.reissue(session, clerk, lines[1], batch=batch, account_name=lines[1].payee_name or "", account=fresh.account(),
                         bank=demo_sheets.BANK)  # fmt: skip
            batch_id = batch.id
        steps = (("钱建军", approval.check_batch), ("孙明", approval.approve_batch), ("赵小兰", approval.send_batch))
        for name, step in steps:
            who = self._clerk(name, PAID)
            with self.book.change("批次办理", by=who, source="action") as (session, _):
                step(session, who, session.get_one(PaymentBatch, batch_id))
        with self.book.change("登记银行结果", by=clerk, source="action") as (session, _):
            batch = session.get_one(PaymentBatch, batch_id)
            rows = [bank.BankRow(n, line.serial or "", line.payee_name or "", line.account or "", line.amount, True, "", PAID)
                    for n, line in enumerate(session.scalars(select(Payment).where(Payment.batch == batch_id, Payment.deleted == 0)), 1)]  # fmt: skip
            self._tell(f"重付：{bank.bank_result(session, clerk, batch, rows).sentence(batch)}")

    def checked(self) -> None:
        """The sums at the end, the book's own check, and a backup."""
        paid = self._totals("payment", Condition("result", "=", "paid"))
        self._tell(f"付清：{paid.count} 笔，{show_yuan(paid.money or 0)} 元")
        self._prove("已兑付总额（分）", paid.money, self.truth.total())
        self._prove("台账核对", [f"{part.label}：{problem}" for part in verify(self.book) for problem in part.problems], [])
        copy = backup(self.book.path, self.folder / "备份")
        self._prove("备份里的协议总额（分）", _agreed(copy), self.truth.total())


def _amounts(session: Session) -> dict[str, int]:
    """Household number or collective name → 分 of its agreements."""
    household, unit, line = register("household").cls, register("collective_unit").cls, register("agreement_line").cls
    query = (
        select(household.number, unit.name, line.amount)
        .select_from(line)
        .join(Agreement, line.agreement == Agreement.id)
        .outerjoin(household, Agreement.household == household.id)
        .outerjoin(unit, Agreement.collective == unit.id)
        .where(line.deleted == 0, Agreement.deleted == 0)
    )
    found: dict[str, int] = {}
    for number, name, amount in session.execute(query):
        found[number or name] = found.get(number or name, 0) + amount
    return found


def _agreed(path: Path) -> int | None:
    with Book.open(path, write=False) as book, book.read() as session:
        return totals(session, Ask(register("agreement"))).money
