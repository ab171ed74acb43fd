"""A small dialog that asks for a few values with the editors of their kinds: arguments of an action, a reason, a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from relocdesk.actions.action import Arg
from relocdesk.errors import UserError
from relocdesk.field import Value
from ui import say, theme
from ui.access import Access
from ui.editors import Editor, LineEditor, editor
from ui.parts import button, field_label, label

Answers = dict[str, "Value | list[str]"]
MOST_IN_FIELD = 22  # characters of help that an empty field has room for


class FileEditor(LineEditor):
    """The path of a file to read, typed or chosen."""

    def __init__(self, arg: Arg, access: Access) -> None:
        super().__init__(arg.field, access)
        self.add_beside(button("选择…", "open", name=f"{arg.name}.pick", on=self._pick))

    def _pick(self) -> None:
        path = say.pick_open(f"选择{self.field.label}", "所有文件 (*)", parent=self)
        if path is not None:
            self.set_text(str(path))
            self.changed.emit()


class Asking(QDialog):
    """Asks for `args`; `yes` names what the button does. `open` it; `then` gets the values as stored when all are right.

    Several values of one argument are separated by 、 or a blank. `about` names the record that it is asked for.
    """

    def __init__(self, title: str, args: Sequence[Arg], access: Access, *, yes: str, then: Callable[[Answers], object], hint: str = "",
                 preset: Mapping[str, Value] | None = None, danger: bool = False, about: str = "",
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("asking")
        self.setWindowTitle(title)
        self.setMinimumWidth(440)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._args = {arg.name: arg for arg in args}
        self._then = then
        self.editors: dict[str, Editor] = {}
        page = QVBoxLayout(self)
        page.setContentsMargins(20, 16, 20, 16)
        page.setSpacing(12)
        page.addWidget(label(title, "heading", wrap=True))
        if about:
            named = label(about, wrap=True)
            named.setObjectName("asking.about")
            page.addWidget(named)
        if hint:
            page.addWidget(label(hint, "muted", wrap=True))
        page.addLayout(self._form(args, access, dict(preset or {})))
        self.trouble = label("", "error", wrap=True)
        self.trouble.hide()
        page.addWidget(self.trouble)
        page.addLayout(self._foot(yes, danger))

    def _form(self, args: Sequence[Arg], access: Access, preset: dict[str, Value]) -> QGridLayout:
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(8)
        form.setColumnStretch(1, 1)
        for row, arg in enumerate(args):
            made = FileEditor(arg, access) if arg.file else editor(arg.field, access)
            made.input.setObjectName(f"asking.{arg.name}")
            made.input.setToolTip(arg.help or made.input.toolTip())
            told = self._tell_help(made, arg.help)
            if arg.name in preset:
                made.set_value(preset[arg.name])
            words = field_label(arg.label, arg.required)
            words.setMinimumHeight(theme.current().size("control"))  # beside the first line of several
            form.addWidget(words, row, 0, Qt.AlignmentFlag.AlignTop)
            form.addWidget(made, row, 1)
            if told:
                made.add_below(told)
            self.editors[arg.name] = made
        return form

    @staticmethod
    def _tell_help(made: Editor, help: str) -> QLabel | None:
        """What a field means stands in it while it is empty; below it where that would be too long."""
        if help and len(help) <= MOST_IN_FIELD and isinstance(made.input, QLineEdit | QPlainTextEdit):
            made.input.setPlaceholderText(help)
            return None
        return label(help, "small", wrap=True) if help else None

    def _foot(self, yes: str, danger: bool) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("取消", name="asking.no", on=self.reject))
        self.yes: QPushButton = button(yes, look="danger-primary" if danger else "primary", name="asking.yes", on=self.finish)
        self.yes.setDefault(True)
        foot.addWidget(self.yes)
        return foot

    def finish(self) -> None:
        """Take the values when all can be read and nothing required is missing."""
        missing = [arg.label for name, arg in self._args.items() if arg.required and not self.editors[name].text().strip()]
        wrong = [made.field.label for made in self.editors.values() if not self._is_many(made) and made.check()]
        if missing or wrong:
            self.trouble.setText("；".join([*(f"还缺{name}" for name in missing), *(f"{name}填得不对" for name in wrong)]))
            self.trouble.show()
            return
        try:
            values = {name: self._value(name, made) for name, made in self.editors.items()}
        except UserError as error:
            self.trouble.setText(str(error))
            self.trouble.show()
            return
        self.accept()
        self._then(values)

    def _is_many(self, made: Editor) -> bool:
        return self._args[made.field.name].many

    def _value(self, name: str, made: Editor) -> Value | list[str]:
        if self._args[name].many:
            return [word for word in made.text().replace("、", " ").replace("，", " ").split() if word]
        return made.value()


def ask_reason(title: str, access: Access, then: Callable[[str], object], *, yes: str, label_: str = "理由", hint: str = "",
               parent: QWidget | None = None) -> Asking:  # fmt: skip
    """Asks for one text that may not be empty and opens the dialog."""
    made = Asking(title, [Arg("reason", label_, required=True)], access, yes=yes, hint=hint, parent=parent,
                  then=lambda values: then(str(values["reason"])))  # fmt: skip
    made.open()
    return made
