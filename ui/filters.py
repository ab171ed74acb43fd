"""The filter row of a register's page: search, place, quick filters, further conditions, saved views; all removable."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from relocdesk.actions.action import Arg
from relocdesk.errors import UserError
from relocdesk.field import Field, Register, Value
from relocdesk.queries import views
from relocdesk.queries.computed import STEPS
from relocdesk.queries.computed_support import STATES
from relocdesk.queries.rows import Ask, Condition
from relocdesk.queries.views import View
from relocdesk.rules.petition import STATES as CASE_STATES
from ui import say, theme
from ui.access import Access
from ui.asking import Asking
from ui.editors import Editor, PlaceEditor, editor
from ui.parts import Chip, button, dress_search, label

QUICK = 3
SEARCH_ROOM, PLACE_ROOM = 190, 130  # pixels in ordinary print
TOLD_VALUES = 3  # of a condition that takes many
VIEW_CHIPS = 5  # saved views shown below the filters; the menu has all
_WORDS: dict[tuple[str, str], tuple[str, ...]] = {("household", "step"): STEPS, ("recipient", "state"): STATES,
                                            ("petition", "state"): CASE_STATES}  # fmt: skip
_FIRST = ("state", "status", "step", "result")
_PLACED = ("place", "household", "collective_unit", "parcel", "agreement")
_NO_VALUE = ("空", "不空")
_OTHER_END = {op: ends for ops, ends in (((">", "≥"), ("<", "≤")), (("<", "≤"), (">", "≥"))) for op in ops}


def ops_of(f: Field) -> tuple[str, ...]:
    """The conditions that make sense for a field, the usual one first."""
    if f.to == "place":
        return ("在", "空", "不空")
    if f.choices is not None or f.to or f.kind.name == "flag":
        return ("=", "≠", "空", "不空")
    if f.kind.scale is not None or f.kind.name in ("date", "month", "year"):
        return ("≥", "≤", "=", ">", "<", "≠", "空", "不空")
    return ("含", "=", "≠", "空", "不空")


def quick_fields(reg: Register) -> list[Field]:
    """The fields filtered most: states first, then other short lists of the grid."""
    fields = [f for f in reg if f.choices is not None or f.kind.name == "flag" or (reg.name, f.name) in _WORDS]
    fields.sort(key=lambda f: (f.name not in _FIRST, f.kind.name != "flag", not f.grid))
    return [f for f in fields if f.grid or f.name in _FIRST][:QUICK]


def quick_values(reg: Register, f: Field) -> list[tuple[Value, str]]:
    """The values of a quick filter with the words people read, in order."""
    if f.kind.name == "flag":
        return [(1, "是"), (0, "否")]
    words = _WORDS.get((reg.name, f.name))
    return [(word, word) for word in words] if words else [(one.value, one.label) for one in f.choices or ()]


class FilterBar(QWidget):
    """What narrows the rows. `changed` says that `ask()` is another now; `view_chosen` carries the View taken.

    `keep_wanted(title, f(session))`: something to be written by the page (a saved view).
    """

    changed = Signal()
    keep_wanted = Signal(str, object)
    view_chosen = Signal(object)
    PAUSE_MS = 250

    def __init__(self, access: Access, reg: Register, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"filters.{reg.name}")
        self.access, self.reg = access, reg
        self.conditions: list[Condition] = []
        self._kept: list[View] = []
        self._told: dict[str, str] = {}  # field and op and value → how the chip says it, when the caller knows better
        self._quick: dict[str, QComboBox] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(self.PAUSE_MS)
        self._timer.timeout.connect(self.changed)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.search = QLineEdit()
        self.search.setObjectName(f"{reg.name}.search")
        self.search.setPlaceholderText("名称、编号、首字母、号码后几位")
        self.search.setToolTip("在这个台账里查找（Ctrl+F）")
        dress_search(self.search)
        self.search.textChanged.connect(lambda _text: self._timer.start())
        row.addWidget(self.search, 3)
        self.place = PlaceEditor(Field("村组", "place"), access)
        self.place.input.setObjectName(f"{reg.name}.place_filter")
        self.place.set_derived("全部村组")
        self.place.changed.connect(self._place_changed)
        self.place.left.connect(self._place_changed)
        self.place.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(self.place, 2)
        if not any(f.to in _PLACED for f in reg):  # never shown before it has a parent: it would be a window of its own
            self.place.hide()
        for f in quick_fields(reg):
            row.addWidget(self._combo(f), 1)
        self._more = button("更多条件", "filter", name=f"{reg.name}.more_conditions", on=self.open_more)
        row.addWidget(self._more)
        self._views = QToolButton()
        self._views.setText("视图")
        self._views.setObjectName(f"{reg.name}.views")
        self._views.setToolTip("保存好的筛选")
        self._views.setProperty("look", "button")
        self._views.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._views.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._views)
        self._menu.aboutToShow.connect(self._fill_views)
        self._views.setMenu(self._menu)
        row.addWidget(self._views)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        self._chip_room = QWidget()
        self._chip_room.setLayout(self._chips)
        self._chips.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._chip_room)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # its filters give way, the page is not widened
        self.look_at_views()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many quick filters as leave the search its room; the others stand under 更多条件."""
        super().resizeEvent(event)
        scale = theme.current().scale
        taken = round(SEARCH_ROOM * scale) + sum(one.sizeHint().width() + 8 for one in (self._more, self._views))
        taken += 0 if self.place.isHidden() else round(PLACE_ROOM * scale) + 8
        for made in self._quick.values():
            taken += made.sizeHint().width() + 8
            made.setVisible(taken <= self.width())

    # --- what the page uses ------------------------------------------------------------------------------------------

    def ask(self, sort: tuple[tuple[str, bool], ...] = (), deleted: bool = False) -> Ask:
        """The rows wanted now."""
        return Ask(self.reg, tuple(self.conditions), self.search.text().strip(), self._place_id(), sort, deleted)

    @property
    def active(self) -> bool:
        """Whether anything narrows the rows."""
        return bool(self.conditions or self.search.text().strip() or self._place_id())

    def place_name(self) -> str:
        """The place filtered by, or ""."""
        found = self._place_id()
        return self.access.places().full(found) if found else ""

    def set_condition(self, condition: Condition, told: str = "") -> None:
        """Filter by one more condition in place of others on its field, save the other end of a span; `told` is how its chip says it."""
        other = _OTHER_END.get(condition.op, ())
        self.conditions = [one for one in self.conditions if one.field != condition.field or one.op in other]
        self.conditions.append(condition)
        self._told[_name(condition)] = told
        self._tell()

    def narrow(self, conditions: Sequence[Condition], search: str = "", place: str = "") -> None:
        """Filter by exactly this."""
        self.conditions = list(conditions)
        self.search.blockSignals(True)
        self.search.setText(search)
        self.search.blockSignals(False)
        self._place_before = place if place in self.access.places().nodes else ""
        self.place.set_value(self._place_before or None)
        self._tell()

    def clear(self) -> None:
        """Show everything again."""
        self.conditions.clear()
        for made, empty in ((self.search, ""), (self.place.line, "")):
            made.blockSignals(True)
            made.setText(empty)
            made.blockSignals(False)
        self.place.check()
        self._tell()

    def take_view(self, view: View) -> None:
        """Filter as a saved view says; fields that are no more are left out."""
        conditions = [Condition(name, op, tuple(value) if isinstance(value, list) else value) for name, op, value in view.conditions if name in self.reg]
        self.narrow(conditions, view.search, view.place or "")
        self.view_chosen.emit(view)

    def look_at_views(self) -> None:
        """Read the saved views anew; the first few stand below the filters."""
        self._kept = self.access.read(lambda session: views.list_views(session, self.reg.name))
        self._show_chips()

    def save_view(self, name: str, sort: tuple[tuple[str, bool], ...] = (), columns: tuple[str, ...] = ()) -> None:
        """Keep what is filtered now under a name."""
        view = View(name, self.search.text().strip(), self._place_id(), tuple((c.field, c.op, c.value) for c in self.conditions), sort, columns)
        self.keep_wanted.emit("保存视图", lambda session: views.save_view(session, self.reg.name, view))

    def open_more(self) -> None:
        """Ask for a further condition."""
        dialog = MoreConditions(self.access, self.reg, self.window())
        dialog.made.connect(lambda condition: self.set_condition(condition))
        dialog.open()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _place_id(self) -> str:
        try:
            return str(self.place.value() or "")
        except UserError:
            return ""

    def _place_changed(self) -> None:
        try:
            now = str(self.place.value() or "")
        except UserError:
            return
        if now != getattr(self, "_place_before", ""):
            self._place_before = now
            self._tell()

    def _combo(self, f: Field) -> QComboBox:
        made = QComboBox()
        made.setObjectName(f"{self.reg.name}.{f.name}_filter")
        made.setToolTip(f"按{f.label}筛选")
        made.setAccessibleName(f"按{f.label}筛选")
        made.addItem(f"{f.label}：全部", None)
        for value, text in quick_values(self.reg, f):
            made.addItem(text, value)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        made.setMinimumContentsLength(2 * len(f.label) + 6)
        made.activated.connect(lambda _n, f=f, made=made: self._quick_chosen(f, made))
        self._quick[f.name] = made
        return made

    def _quick_chosen(self, f: Field, made: QComboBox) -> None:
        self.conditions = [one for one in self.conditions if one.field != f.name]
        if made.currentData() is not None:
            self.conditions.append(Condition(f.name, "=", made.currentData()))
        self._tell()

    def _tell(self) -> None:
        self._timer.stop()
        self._show_chips()
        self.changed.emit()

    def _show_chips(self) -> None:
        while self._chips.count():
            old = self._chips.takeAt(0).widget()
            if old is not None:
                old.deleteLater()
        for condition in self.conditions:
            chip = Chip(self._told.get(_name(condition)) or self._says(condition), "info", removable=True)
            chip.removed.connect(partial(self._remove, condition))
            self._chips.addWidget(chip)
        if self._place_id():
            chip = Chip(self.place_name(), "info", removable=True)
            chip.removed.connect(self._remove_place)
            self._chips.addWidget(chip)
        if self._chips.count():
            self._chips.addWidget(button("全部清除", look="link", name=f"{self.reg.name}.clear_filters", on=self.clear))
        for n, view in enumerate(self._kept[:VIEW_CHIPS]):
            self._chips.addWidget(button(view.name, look="small", name=f"{self.reg.name}.view{n}", tip=f"视图：{view.name}",
                                         on=partial(self.take_view, view)))  # fmt: skip
        self._chips.addStretch(1)
        self._chip_room.setVisible(self._chips.count() > 1)
        for name, made in self._quick.items():
            value = next((one.value for one in self.conditions if one.field == name and one.op == "="), None)
            made.setCurrentIndex(max(0, made.findData(value)) if value is not None else 0)

    def _says(self, condition: Condition) -> str:
        f = self.reg[condition.field]
        if condition.op in _NO_VALUE:
            return f"{f.label} 为空" if condition.op == "空" else f"{f.label} 不为空"
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        shown = "、".join(self._shown(f, value) for value in values[:TOLD_VALUES])
        if len(values) > TOLD_VALUES:
            shown += f" 等 {len(values)} 个"
        return f"{f.label}：{shown}" if condition.op in ("=", "在") else f"{f.label} {condition.op} {shown}"

    def _shown(self, f: Field, value: Value) -> str:
        if f.to == "place":
            return self.access.places().full(str(value))
        return f.show(value)

    def _remove(self, condition: Condition) -> None:
        self.conditions.remove(condition)
        self._tell()

    def _remove_place(self) -> None:
        self.place.set_value(None)
        self._place_before = ""
        self._tell()

    def _fill_views(self) -> None:
        self._menu.clear()
        self.look_at_views()
        kept = self._kept
        for view in kept:
            self._menu.addAction(view.name).triggered.connect(lambda _on=False, view=view: self.take_view(view))
        if kept:
            self._menu.addSeparator()
            drop = self._menu.addMenu("删除视图")
            for view in kept:
                drop.addAction(view.name).triggered.connect(lambda _on=False, view=view: self._drop(view))
        self._menu.addAction("把现在的筛选存为视图…").triggered.connect(lambda: self._ask_name())

    def _ask_name(self) -> None:
        Asking("保存视图", [Arg("name", "名称", required=True)], self.access, yes="保存", parent=self.window(),
               then=lambda values: self.save_view(str(values["name"]))).open()  # fmt: skip

    def _drop(self, view: View) -> None:
        if say.ask(f"删除视图“{view.name}”吗？", yes="删除视图", no="保留", hint="只删除这个筛选，记录不受影响。", parent=self):
            self.keep_wanted.emit("删除视图", lambda session: views.drop_view(session, self.reg.name, view.name))


def _name(condition: Condition) -> str:
    return f"{condition.field} {condition.op} {condition.value}"


class MoreConditions(QDialog):
    """Asks for one condition on any field. `made` carries it."""

    made = Signal(object)

    def __init__(self, access: Access, reg: Register, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("more_conditions")
        self.setWindowTitle("更多条件")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self.access, self.reg = access, reg
        self.field_box, self.op_box = QComboBox(), QComboBox()
        self.field_box.setObjectName("more.field")
        self.op_box.setObjectName("more.op")
        for f in reg:
            self.field_box.addItem(f.title, f.name)
        self.field_box.setMaxVisibleItems(16)
        self._editor: Editor | None = None
        self._row = QHBoxLayout()
        self._row.addWidget(self.field_box, 2)
        self._row.addWidget(self.op_box, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("取消", name="more.no", on=self.reject))
        foot.addWidget(button("加上这个条件", look="primary", name="more.yes", on=self.finish))
        page = QVBoxLayout(self)
        page.setContentsMargins(20, 16, 20, 16)
        page.setSpacing(12)
        page.addWidget(label("只看符合条件的记录", "heading"))
        page.addLayout(self._row)
        page.addLayout(foot)
        self.field_box.currentIndexChanged.connect(lambda _n: self._field_chosen())
        self.op_box.currentTextChanged.connect(lambda op: self._editor.setEnabled(op not in _NO_VALUE) if self._editor else None)
        self._field_chosen()

    @property
    def field(self) -> Field:
        """The field chosen."""
        return self.reg[self.field_box.currentData()]

    def _field_chosen(self) -> None:
        self.op_box.clear()
        self.op_box.addItems(ops_of(self.field))
        if self._editor is not None:
            self._row.removeWidget(self._editor)
            self._editor.deleteLater()
        self._editor = editor(self.field, self.access)
        self._editor.input.setObjectName("more.value")
        self._row.addWidget(self._editor, 3)

    def finish(self) -> None:
        """Give the condition when its value can be read."""
        op = self.op_box.currentText()
        assert self._editor is not None
        if op in _NO_VALUE:
            self._give(Condition(self.field.name, op))
        elif op == "含":
            if self._editor.text().strip():
                self._give(Condition(self.field.name, op, self._editor.text().strip()))
        elif not self._editor.check():
            value = self._editor.value()
            if value is not None:
                self._give(Condition(self.field.name, op, (value,) if op == "在" else value))

    def _give(self, condition: Condition) -> None:
        self.accept()
        self.made.emit(condition)
