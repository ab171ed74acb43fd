"""A form for any register, from its declaration: sections in two columns, judged while one types, saved as one action.

Enter moves on, Shift+Enter back, Ctrl+S saves, Ctrl+Enter saves and begins the next one with the pinned values kept,
Ctrl+' repeats the last value, Esc asks only when something would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QMenu, QPlainTextEdit, QPushButton, QScrollArea, QTabWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from relocdesk import entry
from relocdesk.errors import UserError
from relocdesk.field import Field, Register, Value
from relocdesk.queries import choices
from relocdesk.queries.rows import Line
from relocdesk.records import register
from ui import icons, say, theme
from ui.access import Access, Session, while_there
from ui.asking import ask_reason
from ui.editors import Editor, PlaceEditor, RefEditor, editor
from ui.parts import button, field_label, label, line
from ui.shell import Shell

CHECK_MS = 350


def form_fields(reg: Register) -> tuple[Field, ...]:
    """The fields of a form in the declared order; a reference that other fields write through is left to them."""
    through = {f.via.split(".")[0] for f in reg if f.via}
    return tuple(f for f in reg if f.name not in through)


def editable(f: Field) -> bool:
    """Whether people type this field; what is computed or frozen by an action is only shown."""
    return f.computed in ("", "=?")


class RecordForm(QWidget):
    """One record of a register, new or existing.

    `saved(id)` after each saving, `closed` when the clerk leaves with Esc or 关闭, `title_changed(text)`.
    """

    saved = Signal(str)
    closed = Signal()
    title_changed = Signal(str)

    def __init__(self, access: Access, reg: Register, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"form.{reg.name}")
        self.access, self.reg, self.shell = access, reg, shell
        self.row_id = ""
        self.editors: dict[str, Editor] = {}
        self._labels: dict[str, QLabel] = {}
        self._shown: dict[str, QLabel] = {}
        self._loaded: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._fixed: dict[str, str] = {}  # preset of a record made inside another: field → id
        self._pins: set[str] = set(str(access.memory.get(f"form.{reg.name}.pins", "")).split(",")) - {""}
        self._pin_buttons: dict[str, QPushButton] = {}
        self._accept: dict[str, str] = {}
        self._touched: set[str] = set()
        self._all_shown = False  # problems of untouched fields too, once saving was tried
        self._asked = 0
        self._record = 0  # counts what is begun or loaded, so that nothing late is taken for what stands there now
        self._saving = self._locked = False
        self._problems: tuple[entry.Trouble, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self.check)
        self._build()
        self._keys()
        self.begin()

    # --- what the owner uses -----------------------------------------------------------------------------------------

    def begin(self, preset: Mapping[str, str] | None = None) -> None:
        """An empty form for a new record. `preset`: field → id or stored text that is given (the parent of a child)."""
        kept = {name: made.text() for name, made in self.editors.items() if name in self._pins}
        self.row_id = ""
        self._fixed = dict(preset or self._fixed)
        only = only_project(self.access, self.reg)
        self._reset()
        for name, made in self.editors.items():
            if name in self._fixed:
                made.set_value(self._fixed[name])
            elif kept.get(name):
                made.set_text(kept[name])
            else:
                made.set_value(_default(self.reg, made.field))
                if name in only:
                    made.set_text(only[name])
        for name, shown in self._shown.items():
            shown.setText("")
            shown.setVisible(False)
            self._labels[name].setVisible(False)
        self._settle(f"新增{self.reg.label}")
        self._lock()

    def load(self, row_id: str) -> bool:
        """Show a record; False when it is gone."""
        fields = form_fields(self.reg)
        found = self.access.read(lambda session: choices.record(session, self.reg, row_id, fields))
        if found is None:
            return False
        self.row_id = row_id
        self._fixed = {}
        self._reset()
        self._fill(fields, found)
        self._settle(self._name(fields, found))
        self._lock()
        return True

    @property
    def dirty(self) -> bool:
        """Whether something typed would be lost."""
        return {name: made.text() for name, made in self.editors.items()} != self._loaded

    def may_leave(self) -> bool:
        """True when nothing would be lost, or the clerk gives it up."""
        if not self.dirty:
            return True
        return say.ask(f"刚才填的“{self.title.text()}”还没有保存，要放弃吗？", yes="放弃修改", no="继续填写", danger=True, parent=self)

    def texts(self) -> dict[str, str]:
        """What would be saved: of a new record all that is filled in, of an existing one what was changed."""
        now = {name: made.text() for name, made in self.editors.items()}
        if self.row_id:
            return {name: text for name, text in now.items() if text != self._loaded.get(name, "")}
        return {name: text for name, text in now.items() if text.strip() or self.reg[name].required}

    def save(self, and_next: bool = False) -> None:
        """Save in the background; trouble is shown at its fields. Nothing to save closes or begins the next."""
        if self._saving:  # the same texts would be saved twice
            return
        self._all_shown = True
        texts = self.texts()
        if self.row_id and not texts:
            self.shell.notice("没有改动", "info")
            if and_next:
                self.begin()
            return
        row_id, accept, reg = self.row_id, dict(self._accept), self.reg
        record, before, called = self._record, {name: made.text() for name, made in self.editors.items()}, self._called()
        self._set_saving(True)
        why = f"修改{reg.label}" if row_id else f"新增{reg.label}"

        def job(session: Session, clerk: object, _tick: object) -> str | entry.Refused:
            try:
                return entry.save(session, self.access.clerk, reg, texts, row_id, accept)
            except entry.Refused as refused:  # judged before anything was written
                return refused

        def then(outcome: str | entry.Refused) -> None:
            if isValid(self) and record == self._record:
                self._was_saved(outcome, texts, before, and_next)
            elif isinstance(outcome, entry.Refused):  # where it was typed there is something else by now, or nothing
                self.shell.notice(f"没有存上：{called}。{outcome}", "warn")

        work = self.access.do(self.shell, why, job, source="typed", then=then,
                              said=lambda outcome: "" if isinstance(outcome, entry.Refused) else f"已保存：{called}")  # fmt: skip
        work.ended.connect(while_there(self, lambda _outcome: self._set_saving(False)))

    def check(self) -> None:
        """Judge what is typed so far, off the window's thread, and show it at the fields."""
        self._timer.stop()
        self._asked += 1
        asked, texts, row_id, accept, reg, clerk = self._asked, self.texts(), self.row_id, dict(self._accept), self.reg, self.access.clerk
        if not texts:
            self._judged(asked, None)
            return
        self.access.look(lambda session: entry.check(session, clerk, reg, texts, row_id, accept),
                         while_there(self, lambda judgement: self._judged(asked, judgement)),
                         while_there(self, lambda error: self._say_problem(str(error)) if asked == self._asked else None))  # fmt: skip

    def focus_first(self) -> None:
        """Put the keyboard into the first field that can be typed, the first empty one of a new record."""
        inputs = self._inputs()
        wanted = next((made for made in inputs if not made.text()), inputs[0] if inputs else None)
        if wanted is not None:
            wanted.input.setFocus()

    # --- building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.title = label("", "heading")
        self.title.setObjectName(f"{self.objectName()}.title")
        self._problem = label("", "error", wrap=True)
        self._overrule = button("放行…", look="link", name="form.overrule", on=self._ask_overrule, tip="写明理由，照原样登记")
        self._overrule.hide()
        self._save = button("保存", "save", look="primary", name="form.save", key="Ctrl+S", on=self.save)
        self._next = button("保存并新增", name="form.save_next", tip="保存，再填下一条，带图钉的栏目保留（Ctrl+回车）", on=lambda: self.save(True))
        self._for_existing: list[QWidget] = []
        self._corner = QHBoxLayout()
        self._corner.setContentsMargins(0, 0, 0, 1)
        self._corner.setSpacing(8)
        for one in (self._overrule, self._next, self._save, button("关闭", "close", look="icon", name="form.close", on=self.leave)):
            self._corner.addWidget(one)
        corner = QWidget()
        corner.setLayout(self._corner)
        self.tabs = QTabWidget()
        self.tabs.setObjectName(f"{self.objectName()}.tabs")
        self.tabs.setCornerWidget(corner, Qt.Corner.TopRightCorner)
        corner.setMinimumHeight(theme.current().size("control") + 6)
        self.tabs.addTab(self._basic(), "基本")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self._problem, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.tabs, 1)

    def add_corner(self, widget: QWidget) -> None:
        """Put something before the buttons at the right (what can be done to the record)."""
        self._corner.insertWidget(0, widget)
        self._for_existing.append(widget)

    def _basic(self) -> QWidget:
        inside = QWidget()
        inside.setProperty("look", "inside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 8, 12, 8)
        column.setSpacing(8)
        sections: dict[str, list[Field]] = {}
        for f in form_fields(self.reg):
            sections.setdefault(f.section, []).append(f)
        for name, fields in sections.items():
            if name != next(iter(sections)):  # the first one stands under the tab of its own name
                column.addWidget(label(name, "section"))
                column.addWidget(line())
            column.addLayout(self._section(fields))
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inside)
        self._area.viewport().setAutoFillBackground(False)
        return self._area

    def _section(self, fields: list[Field]) -> QGridLayout:
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(8)
        for column in (1, 3):
            form.setColumnStretch(column, 1)
        for column in (0, 2):
            form.setColumnMinimumWidth(column, 100)
        row, side = 0, 0
        for f in fields:
            wide = f.kind.name == "note"
            if wide and side:
                row, side = row + 1, 0
            made = self._shown_field(f) if not editable(f) else self._editor(f)
            words = field_label(f.title, f.required and editable(f))
            words.setToolTip(f.help)
            words.setMinimumHeight(32)
            self._labels[f.name] = words
            form.addWidget(words, row, side * 2, Qt.AlignmentFlag.AlignTop)
            form.addWidget(made, row, side * 2 + 1, 1, 3 if wide else 1)
            row, side = (row + 1, 0) if side or wide else (row, 1)
        return form

    def _shown_field(self, f: Field) -> QWidget:
        shown = label("", "", wrap=True)
        shown.setObjectName(f"{self.reg.name}.{f.name}")
        shown.setMinimumHeight(32)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shown.setToolTip("由程序算出" if f.computed == "=" else "办理时由程序填写")
        self._shown[f.name] = shown
        return shown

    def _editor(self, f: Field) -> Editor:
        made = editor(f, self.access)
        made.input.setObjectName(f"{self.reg.name}.{f.name}")
        tip = made.input.toolTip()
        made.input.setToolTip("。".join(piece for piece in (f.help, tip) if piece))
        made.accept = self._accept
        made.changed.connect(partial(self._changed, f.name))
        made.left.connect(partial(self._left, f.name))
        pin = button(f"下一条保留“{f.label}”", "pin", look="icon-small", name=f"{self.reg.name}.{f.name}.pin")
        pin.setCheckable(True)
        pin.setChecked(f.name in self._pins)
        pin.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        pin.toggled.connect(partial(self._pin, f.name))
        self._pin_buttons[f.name] = pin
        self._dress_pin(f.name)
        made.add_beside(pin)
        if isinstance(made.input, QLineEdit):
            made.input.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            made.input.customContextMenuRequested.connect(partial(self._menu_of, made))
        self.editors[f.name] = made
        return made

    def _menu_of(self, made: Editor, at: QPoint) -> QMenu:
        """The usual menu of a line with 照上一条填 on top."""
        assert isinstance(made.input, QLineEdit)
        menu = made.input.createStandardContextMenu()
        again = QAction("照上一条填（Ctrl+'）", menu)
        again.setEnabled(made.field.name in self._last and not made.input.isReadOnly())
        again.triggered.connect(lambda: self._repeat_in(made))
        menu.insertAction(menu.actions()[0] if menu.actions() else None, again)  # type: ignore[arg-type]  # no action: at the end
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(made.input.mapToGlobal(at))
        return menu

    def _keys(self) -> None:
        for keys, on in (("Ctrl+Return", lambda: self.save(True)), ("Ctrl+Enter", lambda: self.save(True)), ("Ctrl+'", self._repeat),
                         ("Esc", self.leave)):  # fmt: skip
            made = QShortcut(QKeySequence(keys), self)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(on)

    # --- showing a record --------------------------------------------------------------------------------------------

    def _reset(self) -> None:
        self._accept.clear()
        self._touched.clear()
        self._problems = ()
        self._all_shown = False
        self._asked += 1
        self._record += 1
        self._timer.stop()
        for made in self.editors.values():
            made.set_derived("")
            made.set_problem("")

    def _fill(self, fields: tuple[Field, ...], found: Line) -> None:
        for f, value, shown in zip(fields, found.values, found.shown, strict=True):
            if f.name in self.editors:
                made = self.editors[f.name]
                if f.words:
                    made.set_text(shown)
                else:
                    made.set_value(value)
            else:
                self._shown[f.name].setText(shown)
                visible = bool(shown) or f.computed == "="
                self._shown[f.name].setVisible(visible)
                self._labels[f.name].setVisible(visible)

    def _name(self, fields: tuple[Field, ...], found: Line) -> str:
        shown = dict(zip((f.name for f in fields), found.shown, strict=True))
        name = " ".join(shown[one] for one in self.reg.title if shown.get(one))
        return f"{self.reg.label} {name}" if name else self.reg.label

    def _settle(self, title: str) -> None:
        self._loaded = {name: made.text() for name, made in self.editors.items()}
        self.title.setText(title)
        self.title_changed.emit(title)
        self._say_problem("")
        self._next.setVisible(not self.row_id)
        for one in self._for_existing:
            one.setVisible(bool(self.row_id))
        for name, pin in self._pin_buttons.items():
            pin.setVisible(not self.row_id and name not in self._fixed)
        self._area.verticalScrollBar().setValue(0)

    def _lock(self) -> None:
        """Only shows what the clerk may not change: by role, or because an action froze the record."""
        reason = ""
        try:
            entry.refuse_reader(self.access.clerk, self.reg)
        except UserError as error:
            reason = str(error)
        row_id = self.row_id
        state = self.access.read(lambda session: entry.settled(session, self.reg, row_id)) if row_id and self.reg.frozen else ""
        if state:
            reason = f"{state}，不能直接修改；要改请办理相应的业务"
        for name, made in self.editors.items():
            made.set_locked(bool(reason) or name in self._fixed)
        self._locked = bool(reason)
        self._set_saving(self._saving)
        if reason:
            self._say_problem(reason)

    def _set_saving(self, saving: bool) -> None:
        self._saving = saving
        for one in (self._save, self._next):
            one.setEnabled(not saving and not self._locked)

    # --- while typing ------------------------------------------------------------------------------------------------

    def _changed(self, name: str) -> None:
        self._touched.add(name)
        made = self.editors[name]
        if name == "project" or isinstance(made, PlaceEditor | RefEditor):
            self._share_project()
        self._timer.start()

    def _share_project(self) -> None:
        made = self.editors.get("project")
        if made is None:
            return
        try:
            project = str(made.value() or "")
        except UserError:
            return
        for other in self.editors.values():
            if isinstance(other, RefEditor):
                other.project = project

    def _left(self, name: str) -> None:
        if self.editors[name].text() != self._loaded.get(name, ""):
            self._touched.add(name)
            self._timer.start()

    def _judged(self, asked: int, judgement: entry.Judgement | None) -> None:
        if asked != self._asked:
            return
        problems = judgement.problems if judgement else []
        warnings = judgement.warnings if judgement else []
        self._problems = tuple(problems)
        visible = {trouble.field: trouble.text for trouble in problems if self._all_shown or trouble.field in self._touched}
        for name, made in self.editors.items():
            if self._all_shown and made.field.required and not made.text().strip():
                visible.setdefault(name, "还没有填")  # a row with an unreadable cell is not judged as a whole
            made.set_problem(visible.get(name, ""))
        self._show_derived(judgement)
        self._tell(problems, [trouble.text for trouble in warnings], judgement)

    def _show_derived(self, judgement: entry.Judgement | None) -> None:
        values: dict[str, Value] = {}
        if judgement and judgement.new:
            values = judgement.new[0].values
        elif judgement and judgement.changed:
            values = {name: new for name, (_old, new) in judgement.changed[0].changes.items()}
        for name, made in self.editors.items():
            f = made.field
            value = values.get(name)
            shows = value is not None and not f.to and not made.text()
            made.set_derived(f"{f.show(value)}（由程序算出）" if shows else "")

    def _tell(self, problems: list[entry.Trouble], warnings: list[str], judgement: entry.Judgement | None) -> None:
        told = [f"{trouble.label}：{trouble.text}" for trouble in problems if trouble.field not in self.editors]
        exists = judgement is not None and not self.row_id and bool(judgement.changed or judgement.same)
        if exists:
            told.append(f"已经有这条{self.reg.label}，请打开原来的记录修改")
        elif self._all_shown and problems and not told:
            told.append(f"有 {len(problems)} 处要改：{'、'.join(dict.fromkeys(trouble.label for trouble in problems))}")
        self._say_problem("；".join(told), warning="；".join(dict.fromkeys(warnings)))
        self._overrule.setVisible(any(trouble.code in entry.OVERRULABLE for trouble in problems))

    def _say_problem(self, text: str, warning: str = "") -> None:
        shown = text or warning
        self._problem.setText(shown)
        self._problem.setToolTip(shown)
        wanted = "error" if text else "muted"
        if self._problem.property("look") != wanted:
            self._problem.setProperty("look", wanted)
            self._problem.style().unpolish(self._problem)
            self._problem.style().polish(self._problem)
        if not text:
            self._overrule.hide()

    def _ask_overrule(self) -> None:
        troubles = [trouble for trouble in self._problems if trouble.code in entry.OVERRULABLE]
        if troubles:
            names = "；".join(f"{trouble.label}：{trouble.text}" for trouble in troubles)
            record = self._record
            ask_reason("照原样登记，并记为放行", self.access, lambda reason: self._overruled(troubles, reason) if record == self._record else None, yes="放行",
                       label_="放行理由", hint=names, parent=self)  # fmt: skip

    def _overruled(self, troubles: list[entry.Trouble], reason: str) -> None:
        for trouble in troubles:
            self._accept[trouble.code] = reason
        for made in self.editors.values():
            made.check()
        self.check()

    # --- saving and leaving ------------------------------------------------------------------------------------------

    def _called(self) -> str:
        names = [self.editors[name].text() for name in self.reg.title if name in self.editors]
        return f"{self.reg.label} {' '.join(name for name in names if name)}".strip()

    def _was_saved(self, outcome: str | entry.Refused, texts: dict[str, str], before: Mapping[str, str], and_next: bool) -> None:
        """`before`: what stood in all fields when it was saved; what was typed into them since stays."""
        if isinstance(outcome, entry.Refused):
            self._judged(self._asked, entry.Judgement(self.reg, (), problems=list(outcome.problems)))
            wrong = next((self.editors[trouble.field] for trouble in outcome.problems if trouble.field in self.editors), None)
            if wrong is not None:
                wrong.input.setFocus()
                self._area.ensureWidgetVisible(wrong)
            return
        self._last |= {name: text for name, text in texts.items() if text}
        since = {name: made.text() for name, made in self.editors.items() if made.text() != before[name]}
        if and_next and not self.row_id:
            self.begin()
            if not since:
                self.focus_first()
        else:
            self.load(outcome)
        for name, text in since.items() if not self._locked else ():
            self.editors[name].set_text(text)
            self._changed(name)
        self.saved.emit(outcome)

    def leave(self) -> None:
        """Close the form, asking when something would be lost."""
        if self.may_leave():
            self._loaded = {name: made.text() for name, made in self.editors.items()}
            self.closed.emit()

    def _pin(self, name: str, on: bool) -> None:
        (self._pins.add if on else self._pins.discard)(name)
        self.access.memory[f"form.{self.reg.name}.pins"] = ",".join(sorted(self._pins))
        self._dress_pin(name)

    def _dress_pin(self, name: str) -> None:
        icons.dress(self._pin_buttons[name], "pin", "accent" if name in self._pins else "faint", 14)

    def _repeat(self) -> None:
        made = next((one for one in self.editors.values() if one.input.hasFocus()), None)
        if made is not None:
            self._repeat_in(made)

    def _repeat_in(self, made: Editor) -> None:
        if made.field.name in self._last:
            made.set_text(self._last[made.field.name])
            self._changed(made.field.name)

    # --- the keyboard ------------------------------------------------------------------------------------------------

    def _inputs(self) -> list[Editor]:
        return [made for made in self.editors.values() if made.input.isEnabled() and not _read_only(made.input)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter moves on (Ctrl+Enter is a shortcut), Shift+Enter back."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._move(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def _move(self, step: int) -> None:
        inputs = self._inputs()
        at = next((n for n, made in enumerate(inputs) if made.input.hasFocus()), -1)
        if 0 <= at + step < len(inputs):
            wanted = inputs[at + step]
            wanted.input.setFocus(Qt.FocusReason.TabFocusReason)
            self._area.ensureWidgetVisible(wanted)
        elif step > 0:
            self._save.setFocus()


def _read_only(widget: QWidget) -> bool:
    return isinstance(widget, QLineEdit | QPlainTextEdit) and widget.isReadOnly()


def only_project(access: Access, reg: Register) -> dict[str, str]:
    """{"project": its key} where a register wants one and the book knows only one; else empty."""
    if "project" not in reg or not reg["project"].required:
        return {}
    found = access.read(lambda session: choices.offers(session, register("project"), "", 2))
    return {"project": found[0].key} if len(found) == 1 else {}


def _default(reg: Register, f: Field) -> Value:
    """What a new record starts with by its declaration."""
    default = reg.cls.__table__.c[f.name].default if f.stored else None
    value = getattr(default, "arg", None)
    return value if isinstance(value, int | str) else None
