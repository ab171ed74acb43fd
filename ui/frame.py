"""The pieces of the window around the pages: rail, search box, status line, panel of running work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui import icons, theme
from ui.parts import button, dress_search, label
from ui.work import Work


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page of the rail: its key, words, icon, what makes it, and who may see it (empty = everybody)."""

    key: str
    label: str
    group: str
    icon: str
    factory: Callable[[], QWidget]
    roles: frozenset[str] = frozenset()
    foot: bool = False  # stands at the bottom of the rail
    hidden: bool = False  # reached from other pages only


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found by the search box; choosing it opens `page` with `what`."""

    group: str
    title: str
    detail: str
    page: str
    what: Mapping[str, object] = field(default_factory=dict)


Search = Callable[[str], Sequence[Hit]]
# The rail in a low window, in pixels of ordinary print: a group's title, the same set tighter, a folded group's line, the lowest line.
HEAD, LOW_HEAD, FOLD_LINE, LEAST = 31, 19, 15, 21
_LOW = """QPushButton[look="rail"] {{ min-height: {line}px; max-height: {line}px; }}
QPushButton[look="rail"]:focus {{ min-height: {focus}px; max-height: {focus}px; }}
QLabel[look="rail-group"] {{ padding-top: 2px; padding-bottom: 0; }}"""


class Rail(QFrame):
    """The dark list of pages at the left. `chosen` carries a page's key, `folded` the new state."""

    chosen = Signal(str)
    folded = Signal(bool)

    def __init__(self, name: str, pages: Sequence[PageSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.is_folded = False
        self._buttons: dict[str, QPushButton] = {}
        self._labels: dict[str, str] = {}
        self._only_wide: list[QWidget] = []
        self._only_folded: list[QWidget] = []
        self._group = QButtonGroup(self)
        self._listed = sum(not page.foot for page in pages)
        self._heads = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(0)
        column.addWidget(self._head(name))
        column.addWidget(self._list([page for page in pages if not page.foot]), 1)
        for page in pages:
            if page.foot:
                column.addWidget(self._item(page))
        self._fold = self._plain_item("rail.fold", "fold", "收起", lambda: self.set_folded(not self.is_folded))
        column.addWidget(self._fold)
        self.fit()

    def set_current(self, key: str) -> None:
        """Mark a page as the one shown; one that is not in the rail leaves none marked."""
        self._group.setExclusive(False)
        for name, made in self._buttons.items():
            made.setChecked(name == key)
        self._group.setExclusive(True)

    def set_folded(self, folded: bool) -> None:
        """Show only icons, or icons and words."""
        self.is_folded = folded
        for key, made in self._buttons.items():
            made.setText("" if folded else self._labels[key])
        self._fold.setText("" if folded else "收起")
        icons.dress(self._fold, "unfold" if folded else "fold", "on-rail", 20)
        self._fold.setToolTip("展开菜单" if folded else "收起菜单，只留图标")
        self.fit()
        self.folded.emit(folded)

    def fit(self) -> None:
        """Take the width of the theme in force."""
        self.setFixedWidth(theme.current().size("rail_folded" if self.is_folded else "rail"))
        for one in self._only_wide:
            one.setVisible(not self.is_folded)
        for one in self._only_folded:
            one.setVisible(self.is_folded)
        if self.isVisible():  # before, its height is not known and a style costs time
            self._squeeze()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A lower window has lower lines, so that no page hides behind the end of the list."""
        super().resizeEvent(event)
        self._squeeze()

    def _squeeze(self) -> None:
        look = theme.current()
        line = look.size("rail_item")
        room = self.height() - look.size("header") - (len(self._buttons) - self._listed + 1) * line - 6  # what the list will get
        high, low_head = (FOLD_LINE, FOLD_LINE) if self.is_folded else (round(HEAD * look.scale), round(LOW_HEAD * look.scale))
        style = ""
        if self._listed * (line + 1) + self._heads * high > room > 0:
            low = max(round(LEAST * look.scale), (room - self._heads * low_head) // max(1, self._listed) - 1)
            style = _LOW.format(line=min(low, line), focus=min(low, line) - 2)
        if style != self._inside.styleSheet():
            self._inside.setStyleSheet(style)

    def _head(self, name: str) -> QWidget:
        head = QWidget()
        head.setFixedHeight(theme.current().size("header"))
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 8, 0)
        words = QLabel(name)
        words.setObjectName("rail_name")
        sign = QLabel()
        sign.setObjectName("rail_name")
        sign.setPixmap(icons.icon("household", "on-rail-active").pixmap(22, 22))
        row.addWidget(sign)
        row.addSpacing(6)
        row.addWidget(words, 1)
        self._only_wide.append(words)
        return head

    def _list(self, pages: Sequence[PageSpec]) -> QScrollArea:
        inside = self._inside = QWidget()
        inside.setProperty("look", "inside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        group = ""
        for page in pages:
            if page.group != group:
                group = page.group
                self._begin_group(column, group)
            column.addWidget(self._item(page))
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _begin_group(self, column: QVBoxLayout, name: str) -> None:
        cut = QFrame()
        cut.setProperty("look", "rail-line")
        column.addWidget(cut)
        self._only_folded.append(cut)
        if name:
            self._heads += 1
            words = label(name, "rail-group")
            column.addWidget(words)
            self._only_wide.append(words)

    def _item(self, page: PageSpec) -> QPushButton:
        made = self._plain_item(f"rail.{page.key}", page.icon, page.label, lambda: self.chosen.emit(page.key))
        made.setCheckable(True)
        self._group.addButton(made)
        self._buttons[page.key] = made
        self._labels[page.key] = page.label
        number = len(self._buttons)
        made.setToolTip(f"{page.label}（Ctrl+{number}）" if number <= 9 else page.label)
        return made

    def _plain_item(self, name: str, icon: str, text: str, on: Callable[[], object]) -> QPushButton:
        made = QPushButton(text)
        made.setObjectName(name)
        made.setProperty("look", "rail")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard in the page
        made.setAccessibleName(text)
        icons.dress(made, icon, "on-rail", 20)
        made.clicked.connect(lambda: on())
        return made


class HitModel(QAbstractListModel):
    """What was found, with a heading row before each group."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[str | Hit] = []

    def set_hits(self, hits: Sequence[Hit]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self.rows = []
        group = None
        for hit in hits:
            if hit.group != group:
                group = hit.group
                self.rows.append(group)
            self.rows.append(hit)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row if isinstance(row, str) else row.title
        return row if role == Qt.ItemDataRole.UserRole else None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self.rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class HitDelegate(QStyledItemDelegate):
    """A hit is its title with the detail in grey at the right; a group is a small grey heading."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem,
              index: QModelIndex | QPersistentModelIndex) -> None:  # fmt: skip
        """The row as usual, then the detail."""
        row = index.data(Qt.ItemDataRole.UserRole)
        box = option.rect.adjusted(10, 0, -10, 0)  # type: ignore[attr-defined]  # missing in the stubs
        painter.save()
        look = theme.current()
        side = Qt.AlignmentFlag.AlignLeft
        if isinstance(row, Hit):
            super().paint(painter, option, index)
            title = painter.fontMetrics().horizontalAdvance(row.title) + 16
            painter.setFont(look.font("small_pt"))
            box = box.adjusted(title, 0, 0, 0)
            row, side = row.detail, Qt.AlignmentFlag.AlignRight
        else:
            painter.setFont(look.font("small_pt", bold=True))
        painter.setPen(look.colour("muted"))
        told = painter.fontMetrics().elidedText(row, Qt.TextElideMode.ElideMiddle, box.width())
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, told)
        painter.restore()


class SearchBox(QLineEdit):
    """One box for everything. Typing asks `search`; arrows and Enter choose, Esc leaves. `hit_chosen` carries a Hit."""

    hit_chosen = Signal(object)
    PAUSE_MS = 150

    def __init__(self, search: Search | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("search")
        self.setPlaceholderText("姓名、首字母、证号后四位、编号")
        self.setToolTip("搜索整本台账（Ctrl+K）")
        dress_search(self)
        self._search = search
        self._model = HitModel(self)
        self._room = parent
        self._popup = QFrame(parent)
        self._popup.setObjectName("popup")
        self._popup.hide()
        self._list = QListView(self._popup)
        self._list.setObjectName("search.hits")
        self._list.setModel(self._model)
        self._list.setItemDelegate(HitDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.clicked.connect(self._choose)
        self._none = label("没有找到。可以只输姓、拼音首字母或证号后四位。", "muted", wrap=True)
        column = QVBoxLayout(self._popup)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self._list)
        column.addWidget(self._none)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(self.PAUSE_MS)
        self._timer.timeout.connect(self.look_up)
        self.textEdited.connect(lambda: self._timer.start())
        self.textChanged.connect(lambda text: None if text else self.leave())

    def set_search(self, search: Search | None) -> None:
        """Ask this callable from now on."""
        self._search = search

    def look_up(self) -> None:
        """Ask now and show what was found."""
        self._timer.stop()
        words = self.text().strip()
        if not words or self._search is None:
            self.leave()
            return
        hits = self._search(words)
        self._model.set_hits(hits)
        self._list.setVisible(bool(hits))
        self._none.setVisible(not hits)
        if hits:
            self._list.setCurrentIndex(self._model.index(1))
        self._place()

    def leave(self) -> None:
        """Close the results."""
        self._popup.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move in the results, Enter opens, Esc closes."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
            self.clear()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._popup.isVisible():
            if self._timer.isActive():
                self.look_up()
            self._move(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._popup.isVisible() or self._timer.isActive():  # what is shown was found for less than stands there now
                self.look_up()
            elif self._list.currentIndex().isValid():
                self._choose(self._list.currentIndex())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The results go when the keyboard goes elsewhere."""
        if event.type() == QEvent.Type.FocusOut:
            self.leave()
        return super().event(event)

    def _move(self, step: int) -> None:
        row = self._list.currentIndex().row() + step
        while 0 <= row < len(self._model.rows) and isinstance(self._model.rows[row], str):
            row += step
        if 0 <= row < len(self._model.rows):
            self._list.setCurrentIndex(self._model.index(row))

    def _choose(self, index: QModelIndex) -> None:
        hit = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(hit, Hit):
            self.leave()
            self.clear()
            self.hit_chosen.emit(hit)

    def _place(self) -> None:
        window = self._room
        corner = self.mapTo(window, self.rect().bottomLeft())
        shown = min(len(self._model.rows), 14)
        high = shown * self._list.sizeHintForRow(0) + 14 if shown else 64
        wide = max(self.width(), 420)
        left = min(corner.x(), window.width() - wide - 8)
        self._popup.setGeometry(left, corner.y() + 4, wide, min(high, window.height() - corner.y() - 40))
        self._popup.raise_()
        self._popup.show()


class StatusLine(QFrame):
    """The bottom line: totals of what is shown and chosen, running work, last backup, operator. `stopped` = 停止.

    `operator_wanted`: the name was clicked, somebody else sits down.
    """

    stopped = Signal()
    operator_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # words never widen the window
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(16)
        self._cells: dict[str, QLabel | QPushButton] = {}
        for name in ("shown", "selected"):
            row.addWidget(self._cell(name))
        row.addStretch(1)
        self._doing = QWidget()
        doing = QHBoxLayout(self._doing)
        doing.setContentsMargins(0, 0, 0, 0)
        doing.setSpacing(8)
        self._words = label("", "small")
        self._words.setObjectName("status.work")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(120)
        self._bar.setTextVisible(False)
        stop = button("停止", "stop", look="icon-small", name="status.stop", on=self.stopped.emit)
        for one in (self._words, self._bar, stop):
            doing.addWidget(one)
        self._doing.hide()
        row.addWidget(self._doing)
        for name in ("handover", "backup"):
            row.addWidget(self._cell(name))
        self.operator = self._cells["operator"] = button("", look="status", name="status_operator", tip="换人操作（Ctrl+L）", on=self.operator_wanted.emit)
        self.operator.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+L reaches it; a click leaves the keyboard in the page
        self.operator.hide()
        row.addWidget(self.operator)

    def set_text(self, name: str, text: str) -> None:
        """Fill one of shown, selected, backup, operator, handover; '' hides it."""
        self._cells[name].setText(text)
        self._fit()

    def text(self, name: str) -> str:
        """What one of them says."""
        return self._cells[name].text()

    def show_work(self, work: Work | None, waiting: int = 0) -> None:
        """Show how far a work is, or nothing."""
        self._doing.setVisible(work is not None)
        if work is not None:
            more = f"（还有 {waiting} 项等待）" if waiting else ""
            self._words.setText(f"{'正在停止' if work.stopping else work.title}{more}")
            show_progress(self._bar, work)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What matters less makes room for the figures, which are never cut."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        spacing = self._row.spacing()
        wide = {name: cell.sizeHint().width() + spacing for name, cell in self._cells.items() if cell.text()}
        doing = 0 if self._doing.isHidden() else self._doing.sizeHint().width() + spacing
        room = self.width() - 2 * spacing - doing
        for name in ("handover", "backup", "operator", "selected"):
            if sum(wide.values()) > room:
                wide.pop(name, None)
        for name, cell in self._cells.items():
            cell.setVisible(name in wide)

    def _cell(self, name: str) -> QLabel:
        made = label("")
        made.setObjectName(f"status_{name}")
        made.hide()
        self._cells[name] = made
        return made


class WorkPanel(QFrame):
    """A small card over the page while work runs long; the page below stays usable. `stopped` = 停止."""

    stopped = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("work_panel")
        self.setFixedWidth(360)
        self._title = label("", "heading")
        self._words = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._stop = button("停止", "stop", name="work.stop", on=self.stopped.emit)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("收起", look="flat", name="work.hide", on=self.hide))
        foot.addWidget(self._stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        for one in (self._title, self._words, self._bar):
            column.addWidget(one)
        column.addLayout(foot)
        self.hide()

    def show_work(self, work: Work) -> None:
        """Say what runs and how far it is."""
        done, total, text = work.progress
        count = f"{done:,} / {total:,}" if total else (f"{done:,}" if done else "")
        self._title.setText(work.title)
        told = "正在停止，请稍等" if work.stopping else "　".join(piece for piece in (text, count) if piece)
        self._words.setText(told or "正在进行")
        self._stop.setEnabled(not work.stopping)
        show_progress(self._bar, work)
        self.adjustSize()


def show_progress(bar: QProgressBar, work: Work) -> None:
    """Set a bar to a work's progress; without a total it moves to and fro."""
    done, total, _text = work.progress
    bar.setRange(0, 1000 if total else 0)
    if total:
        bar.setValue(min(1000, done * 1000 // total))
