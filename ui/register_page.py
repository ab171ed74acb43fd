"""The page of any register: state in one sentence, filters, grid, form, actions, recycle bin. Most registers need no more."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from relocdesk import entry
from relocdesk.actions import ACTIONS, Action
from relocdesk.clerk import Clerk
from relocdesk.field import Register, Value
from relocdesk.job import Tick
from relocdesk.queries import choices, rows
from relocdesk.queries.rows import Ask, Condition, Totals
from relocdesk.queries.saying import COUNTERS, totals_text
from ui import say
from ui.access import Access, Session
from ui.acting import Acting
from ui.filters import FilterBar, quick_fields, quick_values
from ui.grid import Grid, GridModel, columns_of
from ui.parts import Chip, EmptyState, StateSentence, button, label
from ui.record import RecordPanel
from ui.shell import Shell
from ui.staging import Staging, clipboard_block, dropped_file

_WARN, _GOOD = ("草拟", "未", "待", "退回"), ("已签订", "已签", "已兑付", "已完成", "已签字确认")
Extra = tuple[str, str, Callable[[list[str]], object]]
DIRECT_ACTIONS = 4  # as buttons; the rest in a menu


_FLAG_WORDS = {"集体访": "个人访", "主要领导参加": "主要领导没有参加", "班子成员": "其他人员", "需更正": "不用更正"}


def _flag_word(words: str, on: bool) -> str:
    """已签字确认 / 未签字确认; a label that says 已 itself only turns it: 内容已变 / 内容未变; 在用 / 不在用; nouns have their opposite."""
    if words in _FLAG_WORDS:
        return words if on else _FLAG_WORDS[words]
    if "已" in words:
        return words if on else words.replace("已", "未")
    if words.startswith("在"):
        return words if on else f"不{words}"
    return f"{'已' if on else '未'}{words}"


class RegisterPage(QWidget):
    """One register. `totals_changed(shown, chosen)` feeds the bottom line.

    `show_what(id=…)` opens a record, `show_what(conditions=…, search=…, place=…)` filters, `show_what(new=True)` begins one.
    """

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, reg: Register, shell: Shell, parent: QWidget | None = None, *, extra: Sequence[Extra] = ()) -> None:
        """`extra`: more buttons for chosen rows: words, icon, and what is called with their ids."""
        super().__init__(parent)
        self._extra = tuple(extra)
        self.setObjectName(f"page.{reg.name}")
        self.setProperty("look", "page")
        self.setAcceptDrops(True)
        self.access, self.reg, self.shell = access, reg, shell
        self.bin_shown = False
        self._asked = 0
        self._picked = 0  # counts the choices of rows, so that sums of an earlier one are not told
        self._shown_ask: Ask | None = None  # the question whose rows stand in the grid; what is typed since is not answered yet
        self._sort: tuple[tuple[str, bool], ...] = ()
        self._open_id = ""  # to open once the rows are there
        self._shown_totals, self._chosen_totals = "", ""
        self._actions = tuple(one for one in ACTIONS if one.register == reg.name and access.clerk.role in one.roles)
        self._build()
        self._keys()
        self.reload(None)

    # --- what the window uses ----------------------------------------------------------------------------------------

    def reload(self, tables: set[str] | None = None) -> None:
        """Read anew what is shown; a record being edited is left alone."""
        self.access.forget(tables)
        self._query()
        self.panel.reload(tables)

    def show_what(self, id: str = "", conditions: Sequence[Condition] | None = None, search: str = "", place: str = "", new: bool = False) -> None:
        """Open a record, or filter the rows; conditions without any show all of them."""
        if conditions is not None or search or place:
            self.filters.narrow(conditions or (), search, place)
        if id:
            self.open_record(id)
        elif new:
            self.new_record()

    def may_close(self) -> bool:
        """Asks when a record being edited would be lost."""
        return self.panel.may_leave()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A spreadsheet may be dropped to import it."""
        if self._may_add() and dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Goes to the import page with the file."""
        path = dropped_file(event)
        if path is not None:
            self.shell.show_page("import", register=self.reg.name, path=path)

    # --- building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.filters = FilterBar(self.access, self.reg)
        self.filters.changed.connect(self._query)
        self.filters.view_chosen.connect(lambda view: self._take_sort(view.sort))
        self.filters.keep_wanted.connect(self._keep)
        self.model = GridModel(columns_of(self.reg), self._fetch, self)
        self.grid = Grid(self.model, choices=self.reg.fields, name=f"grid.{self.reg.name}", memory=self.access.memory)
        self.grid.sort_asked.connect(lambda name, descending: self._take_sort(((name, descending),)))
        self.grid.selection_moved.connect(self._selection_moved)
        self.grid.opened.connect(self._open_row)
        self.grid.paste_asked.connect(self.paste)
        self.panel = RecordPanel(self.access, self.reg, self.shell)
        self.panel.closed.connect(self._close_panel)
        self.panel.saved.connect(self._was_saved)
        if self._actions:
            self.panel.form.add_corner(self._panel_actions())
        self.panel.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.grid)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._stack)
        self._split.addWidget(self.panel)
        self._split.setStretchFactor(0, 1)
        self._split.splitterMoved.connect(lambda *_: self._remember_split())
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(8)
        column.addLayout(self._head())
        column.addWidget(self.filters)
        column.addWidget(self._action_row())
        column.addWidget(self._split, 1)

    def _head(self) -> QHBoxLayout:
        self.title = label(self.reg.label, "title")
        self.sentence = StateSentence()
        self.sentence.chosen.connect(self._number_chosen)
        self._bin_chip = Chip("已删除的记录", "warn", removable=True)
        self._bin_chip.removed.connect(lambda: self.show_bin(False))
        self._bin_chip.hide()
        words = QVBoxLayout()
        words.setSpacing(0)
        top = QHBoxLayout()
        top.addWidget(self.title)
        top.addWidget(self._bin_chip)
        top.addStretch(1)
        words.addLayout(top)
        words.addWidget(self.sentence)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        may = self._may_add()
        name = self.reg.name
        if may:
            head.addWidget(button(f"新增{self.reg.label}", "add", look="primary", name=f"{name}.new", key="Ctrl+N", on=self.new_record))
            head.addWidget(button("导入", "import", name=f"{name}.import", tip="从 Excel 导入", on=self.open_import))
        head.addWidget(button("导出", "export", name=f"{name}.export", tip="把现在看到的记录存成 Excel", on=self.export))
        head.addWidget(button("打印", "print", name=f"{name}.print", key="Ctrl+P", on=self.print_rows))
        head.addWidget(self._more_button(may))
        return head

    def _more_button(self, may: bool) -> QToolButton:
        more = QToolButton()
        more.setText("更多")
        more.setObjectName(f"{self.reg.name}.more")
        more.setProperty("look", "button")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        menu = QMenu(more)
        menu.addAction("选择列…").triggered.connect(lambda: self.grid.column_menu().popup(more.mapToGlobal(QPoint(0, more.height()))))
        self._whole = menu.addAction("显示完整号码")
        self._whole.setCheckable(True)
        self._whole.setVisible(any(f.private for f in self.reg))
        self._whole.toggled.connect(self.model.set_unmasked)
        if may:
            menu.addAction("粘贴 Excel 表块（Ctrl+V）").triggered.connect(lambda: self.paste())
        menu.addSeparator()
        menu.addAction("历史").triggered.connect(lambda: self._open_tab("历史"))
        menu.addAction("附件").triggered.connect(lambda: self._open_tab("附件"))
        menu.addSeparator()
        menu.addAction("已删除的记录").triggered.connect(lambda: self.show_bin(True))
        more.setMenu(menu)
        return more

    def _action_row(self) -> QFrame:
        """The bar that appears with chosen rows: how many, and what can be done to them."""
        self._bar = QFrame()
        self._bar.setObjectName(f"{self.reg.name}.action_bar")
        self._bar.setProperty("look", "strip")
        self._bar.setProperty("kind", "good")
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(12, 3, 8, 3)
        row.setSpacing(8)
        self._count = label("")
        row.addWidget(self._count)
        self._for_living: list[QWidget] = [button(words, icon, look="small", name=f"{self.reg.name}.extra{n}", on=partial(self._use, on))
                                           for n, (words, icon, on) in enumerate(self._extra)]  # fmt: skip
        for one in self._actions[:DIRECT_ACTIONS]:
            self._for_living.append(button(one.label, look="small", name=f"{self.reg.name}.{one.name}", on=partial(self.ask_action, one)))
        if len(self._actions) > DIRECT_ACTIONS:
            self._for_living.append(self._action_menu(self._actions[DIRECT_ACTIONS:]))
        self._remove = button("删除", "trash", look="small", name=f"{self.reg.name}.remove", key="Ctrl+Delete", on=self.remove)
        self._restore = button("恢复", "restore", look="small", name=f"{self.reg.name}.restore", on=self.restore)
        self._copy = button("复制", "copy", look="small", name=f"{self.reg.name}.copy", tip="带表头复制，可贴到 Excel（Ctrl+C）", on=self.copy)
        for made in self._for_living:
            row.addWidget(made)
        row.addStretch(1)
        row.addWidget(self._copy)
        if self._may_change():
            row.addWidget(self._restore)
            if not self.reg.kept:
                row.addWidget(self._remove)
        self._bar.hide()
        return self._bar

    def _action_menu(self, rest: Sequence[Action]) -> QPushButton:
        more = button("更多办理", look="small", name=f"{self.reg.name}.more_actions")
        menu = QMenu(more)
        for one in rest:
            menu.addAction(one.label).triggered.connect(lambda _on=False, one=one: self.ask_action(one))
        more.setMenu(menu)
        return more

    def _panel_actions(self) -> QPushButton:
        """What can be done to the record in the form."""
        made = button("办理", look="menu", name=f"{self.reg.name}.act")
        menu = QMenu(made)
        for one in self._actions:
            menu.addAction(one.label).triggered.connect(lambda _on=False, one=one: self._act_on(one))
        made.setMenu(menu)
        return made

    def _act_on(self, action: Action) -> None:
        if self.panel.row_id and self.panel.may_leave():
            self._ask(action, [self.panel.row_id])

    def _keys(self) -> None:
        keys: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Ctrl+F", self.filters.search.setFocus), ("F2", lambda: self._open_row(self.grid.currentIndex().row())),
            ("Ctrl+Down", lambda: self._step(1)), ("Ctrl+Up", lambda: self._step(-1)),
        )  # fmt: skip
        for key, on in keys:
            made = QShortcut(QKeySequence(key), self)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(lambda on=on: on())

    # --- rows --------------------------------------------------------------------------------------------------------

    def ask(self) -> Ask:
        """The rows wanted now, in their order."""
        return self.filters.ask(self._sort, self.bin_shown)

    @property
    def in_sight(self) -> Ask:
        """The question whose rows stand in the grid: what is acted on, also while another one is being typed or read."""
        return self._shown_ask or self.ask()

    def _fetch(self, wanted: Sequence[int], fields: Sequence[object]) -> Sequence[rows.Line]:
        lines = self.access.read(lambda session: rows.page(session, self.reg, wanted, fields, named=True))  # type: ignore[arg-type]
        return self._as_tree(lines) if self.reg.name == "place" and not self._sort else lines

    def _as_tree(self, lines: Sequence[rows.Line]) -> Sequence[rows.Line]:
        """Places with their names set in by level; they come by code, each below its own."""
        depths = {node.id: depth for node, depth in self.access.tree()}
        return [replace(one, shown=("　" * 2 * depths.get(one.id, 0) + one.shown[0], *one.shown[1:])) for one in lines]

    def _query(self) -> None:
        self._asked += 1
        asked, ask = self._asked, self.ask()
        self.access.look(lambda session: rows.rowids(session, ask), lambda found: self._show(asked, ask, found), self._query_failed)

    def _query_failed(self, error: Exception) -> None:
        self.shell.notice(str(error), "warn")

    def _show(self, asked: int, ask: Ask, found: array[int]) -> None:
        if asked != self._asked:
            return
        self._shown_ask = ask
        self.grid.show_rows(found)
        self._empty(len(found) == 0)
        self.access.look(lambda session: (rows.totals(session, ask), self._count_states(session, ask)),
                         lambda told: self._tell(asked, told[0], told[1]), self._query_failed)  # fmt: skip
        if self._open_id:
            wanted, self._open_id = self._open_id, ""
            self._choose_id(wanted)

    def _count_states(self, session: Session, ask: Ask) -> tuple[str, dict[Value, int]]:
        """How many rows there are in each state, whatever the states filtered by."""
        quick = quick_fields(self.reg)
        if not quick or self.bin_shown:
            return "", {}
        f = quick[0]
        others = tuple(one for one in ask.conditions if one.field != f.name)
        return f.name, rows.counts(session, Ask(ask.register, others, ask.search, ask.place), f.name)

    def _tell(self, asked: int, totals: Totals, states: tuple[str, dict[Value, int]]) -> None:
        if asked != self._asked:
            return
        self._shown_totals = totals_text(self.reg, totals)
        self.totals_changed.emit(self._shown_totals, self._chosen_totals)
        name, found = states
        pieces: list[str | tuple[str, str] | tuple[str, str, str]] = []
        place = self.filters.place_name()
        counter = COUNTERS.get(self.reg.name, "条")
        pieces.append(f"{place} · " if place else "")
        pieces.append((f"{sum(found.values()) if found else totals.count:,}", "*"))
        pieces.append(f" {counter}")
        if name:
            f = self.reg[name]
            for value, shown in quick_values(self.reg, f):
                if found.get(value):
                    word = _flag_word(f.label, bool(value)) if f.kind.name == "flag" else shown
                    kind = "warn" if word.startswith(_WARN) else "good" if word in _GOOD else ""
                    pieces += [f"，{word} ", (f"{found[value]:,}", f"{name}={value}", kind)]
        self.sentence.say(*pieces)

    def _keep(self, why: str, what: Callable[[Session], object]) -> None:
        self.access.do(self.shell, why, lambda session, _clerk, _tick: what(session), then=lambda _done: self.filters.look_at_views())

    def _number_chosen(self, key: str) -> None:
        name, equals, value = key.partition("=")
        if equals:
            stored: Value = int(value) if self.reg[name].kind.name == "flag" else value
            self.filters.set_condition(Condition(name, "=", stored))
        else:
            self.filters.clear()

    def _empty(self, empty: bool) -> None:
        while self._stack.count() > 1:
            old = self._stack.widget(1)
            self._stack.removeWidget(old)
            old.deleteLater()
        if not empty:
            self._stack.setCurrentIndex(0)
            return
        if self.bin_shown:
            made = EmptyState("trash", "没有删除过的记录")
        elif self.filters.active:
            made = EmptyState("search", "没有符合条件的记录", "换个条件，或者清除筛选看全部", ("清除筛选", self.filters.clear))
        elif self._may_add():
            made = EmptyState("table", f"还没有{self.reg.label}", "可以从 Excel 导入，也可以一条一条录入；按 Ctrl+V 能直接粘贴表块",
                              ("从 Excel 导入", self.open_import))  # fmt: skip
        else:
            told = f"在办理“{self.reg.made_by}”时由程序登记" if self.reg.made_by else ""
            made = EmptyState("table", f"还没有{self.reg.label}", told)
        self._stack.addWidget(made)
        self._stack.setCurrentIndex(1)

    def _take_sort(self, sort: tuple[tuple[str, bool], ...]) -> None:
        self._sort = tuple(one for one in sort if one[0] in self.reg)
        self.grid.show_sort(self._sort[0] if self._sort else None)
        self._query()

    # --- chosen rows -------------------------------------------------------------------------------------------------

    def _selection_moved(self) -> None:
        self._picked += 1
        chosen, deleted = self.grid.chosen_rowids(), self.in_sight.deleted
        single = len(chosen) == 1 and not self.panel.isVisible()
        self._bar.setVisible(len(chosen) > 1 or (single and (bool(self._actions or self._extra) or deleted or self._may_change())))
        self._count.setText(f"已选 {len(chosen):,} {COUNTERS.get(self.reg.name, '条')}")
        for made in self._for_living:
            made.setVisible(not deleted)
        for made, wanted in ((self._remove, not deleted), (self._restore, deleted)):
            made.setVisible(wanted and made.parent() is not None)  # one that stands nowhere would be a window of its own
        if self.panel.isVisible() and len(chosen) == 1:
            line = self.grid.current_line()
            if line is not None and line.id != self.panel.row_id and not self.panel.dirty:
                self.panel.load(line.id)
        if len(chosen) < 2:
            self._chosen_totals = ""
            self.totals_changed.emit(self._shown_totals, "")
            return
        ask, picked = self.in_sight, self._picked
        self.access.look(lambda session: rows.totals(session, ask, chosen), lambda found: self._chosen(picked, found), self._query_failed)

    def _chosen(self, picked: int, found: Totals) -> None:
        if picked == self._picked:
            self._chosen_totals = f"已选 {totals_text(self.reg, found)}"
            self.totals_changed.emit(self._shown_totals, self._chosen_totals)

    def chosen_ids(self) -> list[str]:
        """The ids of the chosen rows in the order shown."""
        return [line.id for line in self.grid.chosen_lines(100_000)]

    def _use(self, extra: Callable[[list[str]], object]) -> None:
        if self.grid.chosen_count:
            extra(self.chosen_ids())

    def copy(self) -> None:
        """Copy the chosen rows with heads."""
        count = self.grid.copy()
        if count:
            self.shell.notice(f"已复制 {count:,} 行，可以贴到 Excel", "good")

    def ask_action(self, action: Action) -> None:
        """Ask what the action needs and do it to the chosen rows."""
        ids = self.chosen_ids()
        if ids:
            self._ask(action, ids)

    def _ask(self, action: Action, ids: list[str]) -> None:
        Acting(self.access, self.shell).ask(action.name, self.reg.name, ids)

    def remove(self) -> None:
        """Mark the chosen rows deleted, after asking; they can be brought back."""
        ids = self.chosen_ids()
        counter = COUNTERS.get(self.reg.name, "条")
        if ids and say.ask(f"删除已选的 {len(ids):,} {counter}{self.reg.label}吗？", yes=f"删除 {len(ids):,} {counter}", no="保留",
                           hint="可以撤销，也可以在“更多—已删除的记录”里恢复。", danger=True, parent=self):  # fmt: skip
            self._each("删除", ids, entry.remove)

    def restore(self) -> None:
        """Bring the chosen deleted rows back."""
        ids = self.chosen_ids()
        if ids:
            self._each("恢复", ids, entry.restore)

    def _each(self, verb: str, ids: list[str], what: Callable[[Session, Clerk, Register, str], None]) -> None:
        reg = self.reg

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            for n, row_id in enumerate(ids):
                tick(n, len(ids), verb)
                what(session, clerk, reg, row_id)
            return f"已{verb} {len(ids):,} {COUNTERS.get(reg.name, '条')}{reg.label}"

        self.access.do(self.shell, f"{verb}{reg.label}", job)

    # --- the bin, the form, other ways in and out ---------------------------------------------------------------------

    def show_bin(self, shown: bool) -> None:
        """Show the deleted rows instead of the living ones, or the living again."""
        self.bin_shown = shown
        self._bin_chip.setVisible(shown)
        self._close_panel()
        self._query()

    def new_record(self) -> None:
        """Begin a new record in the form."""
        if self._may_add() and self.panel.may_leave():
            self.panel.begin()
            self._no_row()
            self._show_panel()
            self.panel.form.focus_first()

    def _no_row(self) -> None:
        """Only a click on a row takes the place of a new record, not a row that the next reading chooses again: what is typed would go there."""
        self._open_id = ""
        self.grid.selectionModel().clear()

    def open_record(self, row_id: str) -> None:
        """Open a record in the form and choose its row when it is shown."""
        if self.panel.may_leave() and self.panel.load(row_id):
            self._show_panel()
            self._choose_id(row_id)

    def _choose_id(self, row_id: str) -> None:
        found = self.access.read(lambda session: choices.rowid_of(session, self.reg, row_id))
        if found is not None and not self.grid.choose_rowid(found):  # no row: one chosen before would take the form when all is read anew
            self._no_row()

    def _open_row(self, row: int) -> None:
        line = self.model.line(row) if 0 <= row < len(self.model.rowids) else None
        if line is not None and self.panel.may_leave() and self.panel.load(line.id):
            self._show_panel()
            self.panel.form.focus_first()

    def _open_tab(self, name: str) -> None:
        self._open_row(self.grid.currentIndex().row())
        if self.panel.isVisible():
            self.panel.show_tab(name)
        else:
            self.shell.notice("请先选一条记录", "info")

    def _step(self, step: int) -> None:
        row = self.grid.currentIndex().row() + step
        if 0 <= row < len(self.model.rowids) and self.panel.may_leave():
            self.grid.choose_rowid(self.model.rowids[row])

    def _show_panel(self) -> None:
        if not self.panel.isVisible():
            self.panel.show()
            high = self._split.height()
            kept = self.access.memory.get(f"page.{self.reg.name}.form")
            form = int(kept) if isinstance(kept, int) else max(300, round(high * 0.58))
            self._split.setSizes([max(120, high - form), min(form, high - 120)])
            self._bar.setVisible(self.grid.chosen_count > 1)
        QTimer.singleShot(0, self.grid, lambda: self.grid.scrollTo(self.grid.currentIndex()))

    def _remember_split(self) -> None:
        if self.panel.isVisible():
            self.access.memory[f"page.{self.reg.name}.form"] = self._split.sizes()[1]

    def _close_panel(self) -> None:
        self.panel.hide()
        self.grid.setFocus()

    def _was_saved(self, row_id: str) -> None:
        self._open_id = row_id
        if not self.panel.row_id:  # 保存并新增: the next one is begun already
            self._no_row()

    def _may_change(self) -> bool:
        return not self.access.book.read_only and entry.may_change(self.access.clerk, self.reg)

    def _may_add(self) -> bool:
        return self.access.may_add(self.reg)

    def paste(self) -> None:
        """Open the staging grid with the block on the clipboard."""
        block = clipboard_block()
        if not block:
            self.shell.notice("剪贴板里没有表格。请先在 Excel 里选中带表头的区域复制", "info")
        elif self._may_add():
            Staging(self.access, self.reg, self.shell, block, self.window()).open()
        elif self.reg.made_by:
            self.shell.notice(f"{self.reg.label}在办理“{self.reg.made_by}”时由程序登记，不能粘贴", "info")

    def open_import(self) -> None:
        """Go to the import page with this register chosen."""
        self.shell.show_page("import", register=self.reg.name)

    def export(self) -> None:
        """Save what is shown as a workbook."""
        path = say.pick_save("导出", "Excel 工作簿 (*.xlsx)", f"{self.reg.label}.xlsx", self)
        if path is None:
            return
        ask, reg, on = self.in_sight, self.reg, self.access.clerk.on

        def job(tick: Tick) -> int:
            from relocdesk.excel.write import export  # noqa: PLC0415 -- slow import

            return self.access.read(lambda session: export(session, reg, ask, path, on=on, tick=tick))

        self.shell.start_job(f"导出{reg.label}", job, lambda count: self._exported(path, count))

    def _exported(self, path: Path, count: int) -> None:
        self.shell.notice(f"已导出 {count:,} {COUNTERS.get(self.reg.name, '条')}到 {path.name}", "good",
                          ("打开", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))))  # fmt: skip

    def print_rows(self) -> None:
        """Offer the papers of the chosen rows, or of all that are shown: the register's own forms, its plain list last."""
        from ui.print_dialog import print_records  # noqa: PLC0415 -- slow import

        if self.grid.chosen_count:
            print_records(self.access, self.shell, self.reg.name, self.chosen_ids())
            return
        ask = self.in_sight
        self.access.look(lambda session: rows.ids(session, ask), lambda ids: print_records(self.access, self.shell, self.reg.name, ids), self._query_failed)
