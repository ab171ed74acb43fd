"""首页: what is urgent today, what falls due, how far the work has come. Every number opens its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from relocdesk.rules.money import percent, show_yuan
from ui.flow import WrapRow
from ui.pages.section import open_rows, way_to_rows
from ui.parts import Card, Gauge, NumberLink, button, clear, label, line

if TYPE_CHECKING:  # the page is there before the registers are loaded
    from relocdesk.queries.dues import Standing
    from ui.access import Access, Session
    from ui.pages.home_figures import Figures
    from ui.shell import Shell

_WEEK = "一二三四五六日"
DAY_CHECK_MS = 60_000
_QUIET = 6  # kinds of dues named that there are none of


def read(session: Session, on: str) -> Figures:
    """Everything on the page, in one reading."""
    from ui.pages import home_figures  # noqa: PLC0415 -- loads the registers

    return home_figures.read(session, on)


def _left(one: Standing) -> str:
    """How the most urgent stands: 最早超期 12 天."""
    from relocdesk.queries.dues import left_words  # noqa: PLC0415 -- loaded by now

    words = left_words(one.left)
    return f"最早{words}" if words and one.count > 1 else words


class HomePage(QWidget):
    """The page a day begins with."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.home")
        self.setProperty("look", "page")
        self.access, self.shell = access, shell
        self._greeting = label("", "greeting")
        self._greeting.setObjectName("home.greeting")
        self._urgent = QHBoxLayout()
        self._urgent.setSpacing(12)
        todo = button("打印待办清单", "print", look="small", name="home.todo", tip="本人经办和本岗位等着办的，按紧急程度排列", on=self.print_todo)
        self._due = Card("到期与超期", corner=todo)
        self._due.setObjectName("home.due")
        self._due.body.addStretch(1)  # its heading stands above while the page is being read
        self._going = Card("进行中")
        self._going.setObjectName("home.going")
        self._next = Card("接下来")
        self._hand = Card("待交接")
        inside = QWidget()
        inside.setProperty("look", "page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._greeting)
        column.addLayout(self._urgent)
        cards = QGridLayout()
        cards.setSpacing(12)
        cards.addWidget(self._due, 0, 0, 3, 1)
        cards.addWidget(self._going, 0, 1)
        right = QHBoxLayout()
        right.setSpacing(12)
        right.addWidget(self._next, 1)
        right.addWidget(self._hand, 1)
        cards.addLayout(right, 1, 1)
        cards.setRowStretch(2, 1)  # a long list of dues does not stretch what stands beside it
        cards.setColumnStretch(0, 5)
        cards.setColumnStretch(1, 7)
        column.addLayout(cards)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        self._goals = QVBoxLayout()
        self._goals.setSpacing(8)
        self._going.body.addLayout(self._goals)
        self._gauges = {key: Gauge(words) for key, words in (("land", "永久征地移交"), ("signed", "协议签订（户）"), ("paid", "兑付金额"))}
        for gauge in self._gauges.values():
            self._going.body.addWidget(gauge)
        self._numbers = WrapRow()
        self._going.body.addLayout(self._numbers)
        self._on = ""
        self._midnight = QTimer(self)
        self._midnight.setInterval(DAY_CHECK_MS)
        self._midnight.timeout.connect(self.look_at_the_day)
        self._midnight.start()
        self.reload(None)

    def look_at_the_day(self) -> None:
        """Count anew when another day has begun."""
        if self.access.clerk.on != self._on:
            self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Count anew."""
        on = self.access.clerk.on
        day = date.fromisoformat(on)
        self._on = on
        name = self.access.clerk.name
        self._greeting.setText(f"{name}{'，' if name else ''}今天是 {day.year} 年 {day.month} 月 {day.day} 日，星期{_WEEK[day.weekday()]}")
        self.access.look(lambda session: read(session, on), self._show)

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _show(self, found: Figures) -> None:
        self._show_urgent([one for one in found.dues if one.count and self._opens(one)], found)
        self._show_dues(found)
        self._show_going(found)
        self._show_next(found)
        self._show_hand(found)

    def _opens(self, one: Standing) -> bool:
        """Whether this role has the page that shows the rows."""
        return way_to_rows(one.due.ask.register.name)[0] in self.shell.keys

    def print_todo(self) -> None:
        """What waits for whoever is at work, on paper."""
        from ui.print_dialog import print_records  # noqa: PLC0415 -- slow import

        if self.access.clerk.id:
            print_records(self.access, self.shell, "operator", [self.access.clerk.id], form="todo")

    def _show_urgent(self, present: list[Standing], found: Figures) -> None:
        clear(self._urgent)
        for one in present[:3]:
            card = Card()
            row = QHBoxLayout()
            number = NumberLink(f"{one.count:,} {one.due.counter}", one.kind, on=partial(open_rows, self.shell, one.due.ask))
            number.setObjectName(f"home.urgent.{one.due.key}")
            row.addWidget(label(one.due.words, "heading", wrap=True), 1)
            row.addWidget(number)
            card.body.addLayout(row)
            card.body.addWidget(label("，".join(filter(None, (_left(one), one.due.advice))), "muted", wrap=True))
            card.body.addStretch(1)
            self._urgent.addWidget(card, 1)
        if not present:
            card = Card()
            text = "今天没有到期和超期的事项。" if found.land.households else "台账还是空的：先登记工程，再导入补偿标准、移民户和地块。"
            card.body.addWidget(label(text, "heading", wrap=True))
            self._urgent.addWidget(card, 1)

    def _show_dues(self, found: Figures) -> None:
        clear(self._due.body)
        quiet = []
        for one in found.dues:
            if one.count and self._opens(one):
                self._line(self._due, one.due.words, f"{one.count:,} {one.due.counter}", one.kind, partial(open_rows, self.shell, one.due.ask),
                           f"home.due.{one.due.key}", one.due.advice, _left(one))  # fmt: skip
            elif not one.count:
                quiet.append(one.due.words)
        count, amount = found.unpaid
        if count and "payment" in self.shell.keys:
            self._line(self._due, "已签未付、没写原因的协议", f"{count:,} 份 · {show_yuan(amount)} 元", "warn",
                       lambda: self.shell.show_page("payment", tab="unpaid"), "home.due.unpaid", "列入批次，或登记未付原因")  # fmt: skip
        elif not count:
            quiet.append("已签未付、没写原因的协议")
        if quiet:
            some = label(f"没有：{'、'.join(quiet[:_QUIET])}" + (f" 等 {len(quiet)} 种事项" if len(quiet) > _QUIET else ""), "muted", wrap=True)
            some.setToolTip("没有：\n" + "\n".join(quiet))
            self._due.body.addWidget(some)
        self._due.body.addStretch(1)

    def _line(self, card: Card, words: str, number: str, kind: str, on: object, name: str, tip: str, left: str = "") -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(words))
        row.addStretch(1)
        if left:
            row.addWidget(label(left, "error" if kind == "error" and "超期" in left else "muted"))
        made = NumberLink(number, kind, tip=tip, on=on)  # type: ignore[arg-type]
        made.setObjectName(name)
        row.addWidget(made)
        card.body.addLayout(row)

    def _show_going(self, found: Figures) -> None:
        from relocdesk.queries.dues import ask  # noqa: PLC0415 -- loaded by now
        from relocdesk.queries.saying import mu_text  # noqa: PLC0415 -- loaded by now

        whole, moved = found.land.permanent, found.land.transferred
        self._gauges["land"].set_value(moved, whole, f"{mu_text(moved)} / {mu_text(whole)} 亩 · {percent(moved, whole, 1)}")
        households = found.land.households
        done = sum(count for step, count in found.steps.items() if step in ("已签", "已兑付"))
        self._gauges["signed"].set_value(done, households, f"{done:,} / {households:,} 户 · {percent(done, households, 1)}")
        money = f"{show_yuan(found.paid)} / {show_yuan(found.agreed)} 元 · {percent(found.paid, found.agreed, 1)}"
        self._gauges["paid"].set_value(found.paid, found.agreed, money)
        self._show_goals(found)
        clear(self._numbers)
        numbers = (
            (f"{households:,} 户 {found.land.people:,} 人", ask("household")),
            (f"永久 {mu_text(whole)} 亩", ask("parcel", ("nature", "=", "permanent"))),
            (f"临时 {mu_text(found.land.temporary)} 亩", ask("parcel", ("nature", "=", "temporary"))),
            (f"已签 {found.signed.count:,} 份", ask("agreement", ("state", "=", "signed"))),
        )
        for text, wanted in numbers:
            self._numbers.addWidget(NumberLink(text, on=partial(open_rows, self.shell, wanted)))

    def _show_goals(self, found: Figures) -> None:
        """This year's targets stand above the bars of the whole work."""
        clear(self._goals)
        for goal in found.goals:
            gauge = Gauge(goal.words)
            gauge.set_value(goal.reached, goal.wanted, goal.told)
            self._goals.addWidget(gauge)

    def _show_next(self, found: Figures) -> None:
        clear(self._next.body)
        for text, icon, on in self._steps(found)[:3]:
            made = button(text, icon, on=on)
            made.setObjectName("home.next")
            self._next.body.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        self._next.body.addStretch(1)

    def _steps(self, found: Figures) -> list[tuple[str, str, Callable[[], object]]]:
        """What comes next on the pages that this role has, the first thing first: never empty."""
        steps, stage = found.steps, found.stage

        def work(step: str) -> dict[str, object]:
            return {"tab": "work", "step": step}

        offers: list[tuple[object, str, str, str, dict[str, object]]] = [
            (not stage.projects, "登记工程", "add", "settings", {"tab": "project", "new": True}),
            (not stage.prices, "导入补偿标准", "import", "import", {"register": "price_item"}),
            (not found.land.households, "导入户表", "import", "import", {"register": "household"}),
            (found.land.households and not stage.survey, "导入地块和实物", "import", "import", {"register": "parcel"}),
            (found.land.confirmed and steps.get("未起草"), f"起草协议（{steps.get('未起草', 0):,} 户未起草）", "agreement", "agreement",
             work("未起草")),
            (steps.get("草拟"), f"审核协议（{steps.get('草拟', 0):,} 户）", "check", "agreement", work("草拟")),
            (steps.get("审核"), f"打印协议（{steps.get('审核', 0):,} 户）", "print", "agreement", work("审核")),
            (steps.get("已打印"), f"登记签订（{steps.get('已打印', 0):,} 户）", "edit", "agreement", work("已打印")),
            (found.unpaid[0], f"编制兑付批次（{show_yuan(found.unpaid[1])} 元）", "payment", "payment", {"tab": "batch"}),
            (stage.open_batches, f"复核、审批批次（{stage.open_batches:,} 批）", "check", "payment", {"tab": "batch"}),
            (stage.survey and not found.land.confirmed, "请户主签字确认实物", "asset", "parcel", {"tab": "parcel"}),
        ]
        if "household" not in self.shell.keys:  # the party worker
            offers = [(True, "登记信访件", "add", "petition", {"tab": "petition", "new": True}),
                      (True, "登记会议", "add", "party", {"tab": "meeting", "new": True})]  # fmt: skip
        wanted = [one for one in offers if one[0]]
        wanted = wanted or [(True, "备份台账", "backup", "settings", {"tab": "backup"}), (True, "登记交接", "handover", "settings", {"tab": "hand_over"})]
        return [(text, icon, partial(self.shell.show_page, page, **what)) for _, text, icon, page, what in wanted]

    def _show_hand(self, found: Figures) -> None:
        clear(self._hand.body)
        text = f"登记过 {found.handed.count:,} 次交接。" if found.handed.count else "还没有向上级交接过数据。"
        self._hand.body.addWidget(label(text, "muted", wrap=True))
        self._hand.body.addWidget(line())
        self._hand.body.addWidget(label("交接前请先备份，核对单据收回情况。", "muted", wrap=True))
        where = "agreement" if "agreement" in self.shell.keys else "party"
        papers = button("看单据收回", "scan", name="home.papers", on=partial(self.shell.show_page, where, tab="papers"))
        self._hand.body.addWidget(papers, 0, Qt.AlignmentFlag.AlignLeft)
        self._hand.body.addStretch(1)

