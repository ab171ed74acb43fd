"""Every kind has an editor that gives back what it was given; typing is judged and completed."""

from __future__ import annotations

import doctest

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from relocdesk import field as kinds
from relocdesk.errors import UserError
from relocdesk.field import Field, Value
from relocdesk.records import REGISTERS, register
from relocdesk.records.survey import AssetKind
from tests import make
from ui import editors
from ui.access import Access
from ui.editors import EDITORS, DayEditor, LineEditor, PickEditor, PlaceEditor, RefEditor, WordEditor, editor
from ui.tags import TagsEditor

SAMPLES: dict[str, Value] = {
    "text": "大坪子", "note": "第一行\n第二行", "date": "2023-06-01", "month": "2023-06", "year": 2023, "int": 12, "money": 1_234_550,
    "m2": 66_667, "mu": 1_500_000, "quantity": 12_500_000, "rate": 3_650_000, "flag": 1, "idcard": make.idcard("19650315", 123),
    "account": "6228480868421234567", "credit": "91530523MA6K12345X", "phone": "13887560001", "choice": "house", "choice+": "旱地",
}  # fmt: skip


def shown(qtbot: QtBot, f: Field, access: Access) -> editors.Editor:
    made = editor(f, access)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    made.input.setFocus()
    qtbot.waitUntil(made.input.hasFocus, timeout=20_000)
    return made


def test_every_kind_has_an_editor_and_no_other() -> None:
    assert set(EDITORS) == {kind.name for kind in kinds.KINDS}


def test_unknown_kind_is_a_key_error(access: Access) -> None:
    with pytest.raises(KeyError):
        editor(Field("新", "new", kinds.Kind("hologram", str)), access)


@pytest.mark.parametrize("kind", [kind for kind in kinds.KINDS if kind.name in SAMPLES and kind.name not in ("account", "credit")], ids=lambda kind: kind.name)
def test_editor_gives_back_the_value_it_shows(qtbot: QtBot, access: Access, kind: kinds.Kind) -> None:
    f = Field("栏目", "x", kind, choices=AssetKind if kind.name == "choice" else None)
    made = shown(qtbot, f, access)
    value = SAMPLES[kind.name]
    made.set_value(value)
    assert made.value() == value
    made.set_value(None)
    assert made.value() is None


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)
def test_nothing_typed_is_nothing_wrong(qtbot: QtBot, access: Access, kind: kinds.Kind) -> None:
    choices = AssetKind if kind.name == "choice" else None
    to = {"ref": "household", "place": "place"}.get(kind.name, "")
    made = shown(qtbot, Field("栏目", "x", kind, choices=choices, to=to), access)
    made.set_text("")
    assert made.check() == ""


@pytest.mark.parametrize("reg", REGISTERS, ids=lambda reg: reg.label)
def test_every_field_of_every_register_has_an_editor(reg: kinds.Register, access: Access, qtbot: QtBot) -> None:
    for f in reg:
        qtbot.addWidget(editor(f, access))


def test_doctests_of_completing() -> None:
    found = doctest.testmod(editors)
    assert (found.failed, found.attempted) == (0, 3)


def test_idcard_shows_birth_sex_and_age_and_errors_while_typing(qtbot: QtBot, access: Access) -> None:
    made = shown(qtbot, register("person")["idcard"], access)
    number = make.idcard("19650315", 123)
    qtbot.keyClicks(made.input, number)
    assert made.note.text() == "出生 1965-03-15 · 男 · 61 岁"
    qtbot.keyClick(made.input, Qt.Key.Key_Backspace)
    assert "位" in made.note.text()
    assert made.note.property("look") == "error"
    with pytest.raises(UserError):
        made.value()


def test_money_shows_capitals_while_typing(qtbot: QtBot, access: Access) -> None:
    made = shown(qtbot, Field("金额", "amount", kinds.MONEY), access)
    qtbot.keyClicks(made.input, "1234.5")
    assert made.note.text() == "壹仟贰佰叁拾肆元伍角"
    qtbot.keyClicks(made.input, "678")
    assert "位小数" in made.note.text()


def test_area_typed_in_hectares_becomes_mu(qtbot: QtBot, access: Access) -> None:
    made = shown(qtbot, register("parcel")["area"], access)
    assert isinstance(made, LineEditor)
    made.line.setText("0.1公顷")
    made.finish()
    assert (made.text(), made.value()) == ("1.50", 1_500_000)
    assert made.note.text() == "合 1000.00 ㎡ · 0.1000 公顷"


@pytest.mark.parametrize(
    ("typed", "keys", "wanted"),
    [("3.5", "", "2026-03-05"), ("2023-6-1", "+", "2023-06-02"), ("2023-06-01", "-", "2023-05-31"), ("", "t", "2026-11-22"),
     ("2023-06-15", "mh", "2023-06-30"), ("2023-06-15", "yr]", "2024-01-31"), ("23.6.1", "", "2023-06-01")],
)  # fmt: skip
def test_date_keys(qtbot: QtBot, access: Access, typed: str, keys: str, wanted: str) -> None:
    made = shown(qtbot, Field("日期", "on", kinds.DAY), access)
    assert isinstance(made, DayEditor)
    qtbot.keyClicks(made.line, typed)
    assert made.line.text() == typed  # a minus inside a date stays a minus
    qtbot.keyClicks(made.line, keys)
    made.finish()
    assert made.value() == wanted
    assert made.line.text() == wanted


def test_choice_narrows_by_initials_and_enter_takes(qtbot: QtBot, access: Access) -> None:
    made = shown(qtbot, register("asset")["kind"], access)
    assert isinstance(made, PickEditor)
    qtbot.keyClicks(made.picker, "fm")
    made.picker.offer("fm")
    assert [row.text for row in made.picker.model_offered.rows] == ["坟墓"]
    made.picker.take(made.picker.model_offered.rows[0])
    assert made.value() == "grave"


def test_input_method_keeps_its_first_letter(qtbot: QtBot, access: Access) -> None:
    made = shown(qtbot, register("asset")["kind"], access)
    assert isinstance(made, PickEditor)
    QApplication.sendEvent(made.picker, QInputMethodEvent("f", []))
    QApplication.sendEvent(made.picker, QInputMethodEvent("fw", []))
    event = QInputMethodEvent("", [])
    event.setCommitString("房屋")
    QApplication.sendEvent(made.picker, event)
    assert (made.text(), made.value()) == ("房屋", "house")


def test_words_outside_the_list_are_for_reviewers(qtbot: QtBot, access: Access) -> None:
    made = shown(qtbot, register("person")["relation"], access)
    assert isinstance(made, WordEditor)
    made.set_text("表侄孙")
    assert made.note.text() == "词表里没有，将照写登记"
    entering = Access(access.book, lambda: make.clerk("李四", "entry"), {})
    other = shown(qtbot, register("person")["relation"], entering)
    other.set_text("表侄孙")
    with pytest.raises(UserError):
        other.value()
    entering.close()


def test_enter_takes_what_was_typed_and_not_what_was_offered_for_less(qtbot: QtBot, access: Access) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        make.make_household(session, number="H0007", head_name="王建国")
        wanted = make.make_household(session, number="H0008", head_name="王国强").id
    made = shown(qtbot, register("parcel")["household"], access)
    assert isinstance(made, RefEditor)
    made.picker._timer.setInterval(3_600_000)  # the list is not brought up to it by itself
    qtbot.keyClicks(made.picker, "w")
    made.picker.offer("w")
    assert made.picker.is_open
    qtbot.keyClicks(made.picker, "gq")
    qtbot.keyClick(made.picker, Qt.Key.Key_Return)
    assert made.value() == wanted


def test_reference_is_found_by_initials_and_shows_its_title(qtbot: QtBot, access: Access) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        wanted = make.make_household(session, number="H0007", head_name="王建国").id
        make.make_household(session, number="H0008", head_name="李国强")
    made = shown(qtbot, register("parcel")["household"], access)
    assert isinstance(made, RefEditor)
    assert [(row.text, row.value) for row in made.offer("wjg")] == [("H0007", wanted)]
    made.picker.take(made.offer("wjg")[0])
    assert made.value() == wanted
    assert "王建国" in made.note.text()
    made.set_text("H9999")
    made.input.clearFocus()
    assert "没有" in made.check()


def test_place_is_chosen_from_the_tree_or_typed(qtbot: QtBot, access: Access) -> None:
    made = shown(qtbot, register("household")["place"], access)
    assert isinstance(made, PlaceEditor)
    names = [row.text for row in made.offer("")]
    assert names.index("柳树村") < names.index("一组") < names.index("石桥村")
    made.line.setText("柳树村2组")
    made.finish()
    assert made.line.text().endswith("柳树村 二组")
    assert made.text() == "53052310220102"


def test_tags_are_typed_or_ticked_in_a_list_that_stays_open(qtbot: QtBot, access: Access) -> None:
    made = shown(qtbot, register("meeting")["tags"], access)
    assert isinstance(made, TagsEditor)
    made.set_value("party_lecture")
    said: list[str] = []
    made.changed.connect(lambda: said.append(made.text()))
    made.open_list()
    assert made.menu is not None
    boxes = {box.text(): box for box in made.menu.findChildren(QCheckBox)}
    assert [name for name, box in boxes.items() if box.isChecked()] == ["党课"]
    boxes["主题党日"].setChecked(True)
    boxes["党员大会"].setChecked(True)
    boxes["党课"].setChecked(False)
    assert made.value() == "party_meeting,theme_day"
    assert said[-1] == "党员大会、主题党日"
    made.menu.close()
    made.line.setText("没有的会")
    assert "不在可选项里" in made.check()
    made.set_locked(True)
    made.menu = None
    made.open_list()
    assert made.menu is None
