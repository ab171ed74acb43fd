"""One editor for every kind of cell. EDITORS has no fallback: a kind without an editor is a KeyError in a test.

An editor takes and gives text as a person types it; beside it stands what follows from the value (大写, 出生, 换算) or,
while typing already, what is wrong with it. It decides nothing: reading is the field's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from relocdesk.errors import UserError
from relocdesk.field import MU, SQUARE, Field, Value, half_width
from relocdesk.pinyin import initials
from relocdesk.queries import choices, rows
from relocdesk.queries.keys import Keys
from relocdesk.records import register
from relocdesk.records.reference import Role
from relocdesk.rules import area, identity, money
from relocdesk.words import regions
from ui import theme
from ui.access import Access, Session
from ui.parts import label, set_look
from ui.picker import Offered, Picker

_WEEK = "一二三四五六日"
_HINTS = {"date": "如 2023-06-01 或 6.1", "month": "如 2023-06", "year": "如 2023", "place": "村组名称、首字母或代码",
          "ref": "编号、姓名或首字母", "idcard": "18 位", "phone": "手机或带区号的座机"}  # fmt: skip


# --- completing what was typed ---------------------------------------------------------------------------------------


def complete_day(text: str, today: str) -> str:
    """A short date made whole: 3.5 is this year's 5 March, 12 is the 12th of this month, 23.6.1 is in 2023.

    >>> complete_day("3.5", "2026-11-22"), complete_day("12", "2026-11-22"), complete_day("23.6.1", "2026-11-22")
    ('2026-3-5', '2026-11-12', '2023-6-1')
    """
    plain = half_width(text)
    pieces = re.findall(r"\d+", plain)
    if re.fullmatch(r"\d{1,2}日?", plain):
        return f"{today[:8]}{pieces[0]}"
    if re.fullmatch(r"\d{1,2}[-./月]\d{1,2}日?", plain):
        return f"{today[:4]}-{pieces[0]}-{pieces[1]}"
    if re.fullmatch(r"\d{2}[-./年]\d{1,2}[-./月]\d{1,2}日?", plain):
        return f"{today[:2]}{pieces[0]}-{pieces[1]}-{pieces[2]}"
    return text


def step_day(day: str, key: str) -> str:
    """The day that a key leads to: + - a day, ] [ a month, m h first and last of the month, y r of the year.

    >>> step_day("2026-01-31", "]"), step_day("2026-01-31", "-"), step_day("2026-02-05", "h"), step_day("2026-02-05", "r")
    ('2026-02-28', '2026-01-30', '2026-02-28', '2026-12-31')
    """
    at = date.fromisoformat(day)
    if key in "+=-":
        return (at + timedelta(days=-1 if key == "-" else 1)).isoformat()
    if key in "[]":
        months = at.year * 12 + at.month - 1 + (1 if key == "]" else -1)
        first = date(months // 12, months % 12 + 1, 1)
        return first.replace(day=min(at.day, _month_end(first).day)).isoformat()
    ends = {"m": at.replace(day=1), "h": _month_end(at), "y": at.replace(month=1, day=1), "r": at.replace(month=12, day=31)}
    return ends[key].isoformat()


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def complete_area(text: str, kind: str) -> str:
    """An area typed in another unit (公顷, ㎡, 亩) brought to the unit of the kind (mu or m2); else the text unchanged.

    >>> complete_area("0.1公顷", "mu"), complete_area("666.67㎡", "mu"), complete_area("1.5亩", "m2")
    ('1.50', '1.000005', '1000.00')
    """
    plain = half_width(text).replace(",", "").replace(" ", "")
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(公顷|ha|平方米|㎡|m²|m2|亩)", plain)
    if not found or (found[2] == "亩") == (kind == "mu"):
        return text
    try:
        if found[2] == "亩":
            return SQUARE.plain(area.m2_of_mu(int(MU.read(found[1]) or 0)))
        scale = 2 if found[2] not in ("公顷", "ha") else 6
        m2 = int(SQUARE.read(found[1]) or 0) if scale == 2 else int(MU.read(found[1]) or 0)  # 10⁻⁶ 公顷 are 0.01 ㎡
    except UserError:
        return text
    return MU.plain(area.mu_of_m2(m2)) if kind == "mu" else SQUARE.plain(m2)


# --- what follows from a value ---------------------------------------------------------------------------------------


def beside(f: Field, text: str, value: Value, today: str) -> str:
    """What is shown beside an editor for a value that can be read: capitals, birth and age, other units, doubts."""
    if value is None:  # nothing was typed: there is nothing to tell or to doubt
        return ""
    told = _BESIDE.get(f.kind.name)
    found = told(value, today) if told is not None else ""
    return "；".join(piece for piece in (found, f.kind.doubt(text)) if piece)


def _beside_idcard(value: Value, today: str) -> str:
    number = str(value)
    try:
        card = identity.idcard(number, regions())
    except UserError:
        return ""
    if not card.born_on:
        return ""
    age = int(today[:4]) - int(card.born_on[:4]) - (today[5:] < card.born_on[5:])
    return f"出生 {card.born_on} · {'男' if card.sex == '1' else '女'} · {age} 岁"


def _beside_mu(value: Value, today: str) -> str:
    mu = int(value or 0)
    return f"合 {area.show_m2(area.m2_of_mu(mu))} ㎡ · {area.hectares_of_mu(mu)} 公顷"


def _beside_m2(value: Value, today: str) -> str:
    m2 = int(value or 0)
    return f"合 {area.show_mu(area.mu_of_m2(m2), 4)} 亩 · {area.hectares(m2)} 公顷"


def _beside_day(value: Value, today: str) -> str:
    return f"星期{_WEEK[date.fromisoformat(str(value)).weekday()]}"


def _beside_money(value: Value, today: str) -> str:
    return money.capital(int(value or 0), prefix=False) if int(value or 0) >= 0 else ""


def _beside_account(value: Value, today: str) -> str:
    number = str(value)
    return "；".join(identity.bank_account(number)[1]) or f"{len(number)} 位：{' '.join(re.findall('.{1,4}', number))}"


_BESIDE: dict[str, Callable[[Value, str], str]] = {
    "idcard": _beside_idcard, "mu": _beside_mu, "m2": _beside_m2, "date": _beside_day, "money": _beside_money,
    "account": _beside_account,
}  # fmt: skip


# --- editors ---------------------------------------------------------------------------------------------------------


class Editor(QWidget):
    """An input with a line below for what is wrong or what follows. `changed` is emitted when the clerk changes it.

    `input` is the widget that takes the keyboard; its object name is "<register>.<field>" when the form sets it.
    """

    changed = Signal()
    left = Signal()  # the keyboard went elsewhere: what was typed is complete

    def __init__(self, f: Field, access: Access, made: QWidget) -> None:
        super().__init__()
        self.field = f
        self.access = access
        self.input = made
        self.accept: dict[str, str] = {}  # codes of overruled rules → reasons
        self._outside = ""  # what the whole record finds wrong with this field
        self.note = label("", "derived", wrap=True)
        self.note.hide()
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        self._row.addWidget(made, 1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._row)
        column.addWidget(self.note)
        column.addStretch(1)
        self.setFocusProxy(made)
        made.setAccessibleName(f.label)
        made.installEventFilter(self)

    def text(self) -> str:
        """What would be saved, as typed text."""
        raise NotImplementedError  # every input says it itself; Qt's metaclass does not go with ABC

    def set_text(self, text: str) -> None:
        """Show a text without saying `changed`."""
        raise NotImplementedError  # as above

    def value(self) -> Value:
        """The stored value of the text; raises UserError when it cannot be read."""
        return self.field.read(self.text())

    def set_value(self, value: Value) -> None:
        """Show a stored value."""
        self.set_text(self.field.plain(value))

    def set_locked(self, locked: bool) -> None:
        """Only show, do not take."""
        self.input.setEnabled(not locked)

    def add_beside(self, widget: QWidget) -> None:
        """Put something small at the right of the input (a pin, a button)."""
        self._row.addWidget(widget)

    def add_below(self, widget: QWidget) -> None:
        """Put a word about the input under it, above what is wrong."""
        self._column.insertWidget(1, widget)

    def set_problem(self, text: str) -> None:
        """What the record as a whole finds wrong with this field; "" takes it away."""
        self._outside = text
        self.check()

    def check(self) -> str:
        """Look at the text, say what is wrong or what follows, and return what is wrong."""
        wrong, told = self._outside, ""
        try:
            value = self.value()
            told = self.told(value)
        except UserError as error:
            if error.code and error.code in self.accept:
                wrong, told = "", f"{error.text}（已放行）"
            else:
                wrong = str(error)
        self._say(wrong, told)
        return wrong

    def set_derived(self, text: str) -> None:
        """What would be stored while this stays empty, shown in grey inside the input."""

    def told(self, value: Value) -> str:
        """What is shown beside a readable value."""
        return beside(self.field, self.text(), value, self.access.clerk.on)

    def _say(self, wrong: str, told: str) -> None:
        self.note.setText(wrong or told)
        self.note.setVisible(bool(wrong or told))
        if self.note.property("look") != ("error" if wrong else "derived"):
            set_look(self.note, look="error" if wrong else "derived")
        if bool(self.input.property("wrong")) != bool(wrong):
            set_look(self.input, wrong=bool(wrong))

    def _touched(self) -> None:
        self._outside = ""
        self.check()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What was typed is completed when the keyboard leaves."""
        if watched is self.input and event.type() == QEvent.Type.FocusOut:
            self.finish()
            self.left.emit()
        return False

    def finish(self) -> None:
        """Complete what was typed (3.5 → 2026-03-05, x → X)."""


class LineEditor(Editor):
    """One line: text and figures. Figures stand at the right."""

    def __init__(self, f: Field, access: Access, line: QLineEdit | None = None) -> None:
        self.line = line or QLineEdit()
        super().__init__(f, access, self.line)
        self.line.setPlaceholderText(_HINTS.get(f.kind.name, ""))
        if f.kind.right:
            self.line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.line.textEdited.connect(lambda _text: self._touched())

    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        with QSignalBlocker(self.line):
            self.line.setText(text)
            self.line.setCursorPosition(0)
        self._outside = ""
        self.check()

    def set_locked(self, locked: bool) -> None:
        self.line.setReadOnly(locked)

    def set_derived(self, text: str) -> None:
        self.line.setPlaceholderText(text or _HINTS.get(self.field.kind.name, ""))

    def finish(self) -> None:
        if self.line.isReadOnly():
            return
        text = complete_area(self.text(), self.field.kind.name) if self.field.kind.name in ("mu", "m2") else self.text()
        try:
            text = self.field.plain(self.field.read(text))
        except UserError:
            return
        self._replace(text)

    def _replace(self, text: str) -> None:
        if text != self.line.text():
            self.line.setText(text)
            self.check()
            self.changed.emit()


class DayEditor(LineEditor):
    """A date: typed short or whole; + - a day, [ ] a month, t today, m h of the month, y r of the year."""

    def __init__(self, f: Field, access: Access) -> None:
        super().__init__(f, access)
        self.line.setInputMethodHints(Qt.InputMethodHint.ImhPreferNumbers)
        self.line.setToolTip("+ - 加减一天，[ ] 加减一月，t 今天，m h 月初月末，y r 年初年末；3.5 就是今年 3 月 5 日")

    def value(self) -> Value:
        return self.field.read(complete_day(self.text(), self.access.clerk.on))

    def text(self) -> str:
        """A short form counts as the whole date even before the keyboard leaves."""
        return complete_day(self.line.text(), self.access.clerk.on)

    def told(self, value: Value) -> str:
        told = super().told(value)
        return told if value is None or self.line.text() == value else f"{value} {told}".strip()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keys that step; a minus inside an unfinished date stays a minus."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if watched is self.line and isinstance(event, QKeyEvent) and pressed and not self.line.isReadOnly():
            key = event.text().lower()
            if key == "t" and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._replace(self.access.clerk.on)
                return True
            if key and key in "+=-[]mhyr" and (stepped := self._stepped(key)):
                self._replace(stepped)
                return True
        return super().eventFilter(watched, event)

    def _stepped(self, key: str) -> str:
        typed = self.line.text().strip()
        if not typed:
            return step_day(self.access.clerk.on, key)
        whole = re.fullmatch(r"\d{4}-\d\d-\d\d", typed)
        try:
            day = str(self.field.read(typed if key == "-" else complete_day(typed, self.access.clerk.on)))
        except UserError:
            return ""
        return step_day(day, key) if whole or key != "-" else ""


class NoteEditor(Editor):
    """Several lines. Tab leaves, Enter breaks the line."""

    def __init__(self, f: Field, access: Access) -> None:
        self.box = QPlainTextEdit()
        super().__init__(f, access, self.box)
        self.box.setTabChangesFocus(True)
        self.box.setFixedHeight(theme.current().size("control") * 2 + 12)
        self.box.textChanged.connect(self._touched)

    def text(self) -> str:
        return self.box.toPlainText()

    def set_text(self, text: str) -> None:
        with QSignalBlocker(self.box):
            self.box.setPlainText(text)
        self.check()

    def set_locked(self, locked: bool) -> None:
        self.box.setReadOnly(locked)


class FlagEditor(Editor):
    """A check box. What nobody has said stays empty until it is clicked."""

    def __init__(self, f: Field, access: Access) -> None:
        self.box = QCheckBox("是")
        super().__init__(f, access, self.box)
        self._said = False
        self.box.clicked.connect(self._click)

    def _click(self) -> None:
        self._said = True
        self._touched()

    def text(self) -> str:
        return ("是" if self.box.isChecked() else "否") if self._said else ""

    def set_text(self, text: str) -> None:
        value = self.field.read(text)
        self._said = value is not None
        self.box.setChecked(bool(value))
        self.check()


class PickEditor(LineEditor):
    """A line with a list: closed choices by label, open lists by word."""

    def __init__(self, f: Field, access: Access, *, lazy: bool = False) -> None:
        self.picker = Picker(self.offer, lazy=lazy)
        super().__init__(f, access, self.picker)
        self.picker.chosen.connect(self._taken)

    def offer(self, typed: str) -> list[Offered]:
        """What fits the typed text: by a part of the word, or by initials."""
        words = [member.label for member in self.field.choices] if self.field.choices else self.words()
        plain = half_width(typed).lower()
        return [Offered(word) for word in words if not plain or plain in word.lower() or initials(word).startswith(plain)]

    def words(self) -> list[str]:
        """The words of the open list."""
        return self.access.words(self.field.words) if self.field.words else []

    def _taken(self, _row: Offered) -> None:
        self._touched()


class WordEditor(PickEditor):
    """An open list. A word that is not in it may be typed; those who only enter are asked to take one of the list."""

    def value(self) -> Value:
        value = super().value()
        words = self.words()
        if value is not None and words and value not in words and self.access.clerk.role == Role.ENTRY:
            raise UserError(f"“{value}”不在词表里", hint="请选一个，或请审核人员在“设置—字典”里加上")
        return value

    def told(self, value: Value) -> str:
        words = self.words()
        return "词表里没有，将照写登记" if value is not None and words and value not in words else ""


class RefEditor(PickEditor):
    """A record of another register, by number, name or initials; its title stands below."""

    def __init__(self, f: Field, access: Access) -> None:
        self._known: dict[str, tuple[str, str]] = {}  # key typed or taken → (id, title)
        self.project = ""  # id of the project that decides between equal numbers
        super().__init__(f, access, lazy=True)

    def offer(self, typed: str) -> list[Offered]:
        reg = register(self.field.to)
        found = self.access.read(lambda session: choices.offers(session, reg, typed))
        for one in found:
            self._known[one.key] = (one.id, one.title)
        return [Offered(one.key, one.title, one.id) for one in found]

    def value(self) -> Value:
        return self._find()[0]

    def told(self, value: Value) -> str:
        title = self._find()[1]
        return title if title and title != self.text() else ""

    def set_value(self, value: Value) -> None:
        if value is None:
            self.set_text("")
            return
        reg = register(self.field.to)
        key = self.access.read(lambda session: Keys(session).texts(reg, [str(value)]))[str(value)]
        title = self.access.read(lambda session: rows.titles(session, reg, [str(value)]))
        self._known[key] = (str(value), title.get(str(value), ""))
        self.set_text(key)

    def _find(self) -> tuple[str | None, str]:
        typed = self.text().strip()
        if not typed:
            return None, ""
        if typed not in self._known:
            if self.picker.hasFocus():
                return None, ""  # not finished: judged when the keyboard leaves
            self._known[typed] = self.access.read(lambda session: self._resolve(session, typed))
        return self._known[typed]

    def _resolve(self, session: Session, typed: str) -> tuple[str, str]:
        reg = register(self.field.to)
        found = Keys(session).resolve(reg, typed, {"project": self.project or None})
        return found, rows.titles(session, reg, [found]).get(found, "")

    def finish(self) -> None:
        self.check()


class PlaceEditor(PickEditor):
    """A place: choose in the tree or type its name, initials or code. Saved by code."""

    def offer(self, typed: str) -> list[Offered]:
        places = self.access.places()
        if not typed.strip():
            return [Offered(node.name, node.code, node.id, depth) for node, depth in self.access.tree()]
        plain = half_width(typed).replace(" ", "").lower()
        fits = [node for node, _depth in self.access.tree()
                if plain in places.full(node.id).replace(" ", "") or node.code.startswith(plain) or initials(node.name).startswith(plain)]  # fmt: skip
        return [Offered(places.full(node.id), node.code, node.id) for node in fits[:50]]

    def value(self) -> Value:
        typed = self.line.text().strip()
        return self.access.places().resolve(typed) if typed else None

    def text(self) -> str:
        try:
            value = self.value()
        except UserError:
            return self.line.text()
        return self.access.places().code(str(value)) if value else ""

    def set_value(self, value: Value) -> None:
        self.set_text(self.access.places().full(str(value)) if value else "")

    def told(self, value: Value) -> str:
        return ""

    def finish(self) -> None:
        try:
            value = self.value()
        except UserError:
            return
        if value:
            self._replace(self.access.places().full(str(value)))

    def _taken(self, row: Offered) -> None:
        self.line.setText(self.access.places().full(row.value))
        super()._taken(row)


def _tags(f: Field, access: Access) -> Editor:
    from ui.tags import TagsEditor  # noqa: PLC0415 -- it is made of the editors here

    return TagsEditor(f, access)


EDITORS: dict[str, Callable[[Field, Access], Editor]] = {
    "text": LineEditor, "note": NoteEditor, "date": DayEditor, "month": LineEditor, "year": LineEditor, "int": LineEditor,
    "money": LineEditor, "m2": LineEditor, "mu": LineEditor, "quantity": LineEditor, "rate": LineEditor, "flag": FlagEditor,
    "idcard": LineEditor, "account": LineEditor, "credit": LineEditor, "phone": LineEditor, "choice": PickEditor,
    "choice+": WordEditor, "tags": _tags, "ref": RefEditor, "place": PlaceEditor,
}  # fmt: skip


def editor(f: Field, access: Access) -> Editor:
    """The editor of a field, also of an action's argument; KeyError for a kind without one."""
    kind = f.kind.name
    if f.to == "place":
        kind = "place"
    elif f.to:
        kind = "ref"
    elif f.choices is not None and kind != "tags":
        kind = "choice"
    return EDITORS[kind](f, access)
