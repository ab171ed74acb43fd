"""A form judges while one types, saves as one action, keeps what is pinned, and never loses anything unasked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from relocdesk.field import Register
from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import REGISTERS, register
from tests import make
from tests.ui.conftest import busy, held
from ui import say
from ui.access import Access
from ui.asking import Asking
from ui.form import RecordForm
from ui.record import RecordDialog, RecordPanel
from ui.shell import Shell


def form_of(qtbot: QtBot, access: Access, window: Shell, name: str) -> RecordForm:
    made = RecordForm(access, register(name), window)
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    made.activateWindow()
    return made


def typed(form: RecordForm, **texts: str) -> None:
    for name, text in texts.items():
        made = form.editors[name]
        assert isinstance(made.input, QLineEdit)
        made.input.setText(text)
        made.input.textEdited.emit(text)


def saved(qtbot: QtBot, form: RecordForm, and_next: bool = False) -> str:
    with qtbot.waitSignal(form.saved, timeout=20_000) as blocker:
        form.save(and_next)
    return str(blocker.args[0])


def count(access: Access, name: str, *conditions: Condition) -> int:
    return len(access.read(lambda session: rows.rowids(session, Ask(register(name), conditions))))


@pytest.mark.parametrize("reg", REGISTERS, ids=lambda reg: reg.label)
def test_every_register_has_a_form_that_starts_clean(qtbot: QtBot, access: Access, window: Shell, reg: Register) -> None:
    form = RecordForm(access, reg, window)
    qtbot.addWidget(form)
    assert not form.dirty
    assert form.title.text() == f"新增{reg.label}"


def test_new_household_is_saved_with_its_head_in_one_action(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "household")
    number = make.idcard("19650315", 123)
    typed(form, number="0001", head_name="张桂兰", head_idcard=number, place="柳树村一组")
    row_id = saved(qtbot, form)
    assert (form.row_id, form.dirty, form.title.text()) == (row_id, False, "移民户 0001 张桂兰")
    assert count(access, "household", Condition("head_idcard", "=", number)) == 1
    assert window.strip.text() == "已保存：移民户 0001 张桂兰"


def test_refusal_stands_at_the_field_and_nothing_is_written(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "household")
    typed(form, number="0001", head_name="张桂兰", head_idcard="530523196503151230")
    form.save()
    qtbot.waitUntil(lambda: bool(form._problems), timeout=20_000)
    assert "校验位" in form.editors["head_idcard"].note.text()
    assert form.editors["place"].input.property("wrong")
    assert count(access, "household") == 0


def test_other_fields_are_judged_while_typing(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "parcel")
    typed(form, area="1.5", area_m2="2000")
    form.check()
    qtbot.waitUntil(lambda: "对不上" in form.editors["area"].note.text(), timeout=20_000)
    typed(form, area_m2="")
    form.check()
    qtbot.waitUntil(lambda: "对不上" not in form.editors["area"].note.text(), timeout=20_000)


def test_overruled_number_is_saved_with_its_reason(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "household")
    typed(form, number="0001", head_name="张桂兰", head_idcard="530523196503151230", place="柳树村一组")
    form.check()
    qtbot.waitUntil(lambda: form._overrule.isVisible(), timeout=20_000)
    form._overrule.click()
    dialog = form.findChild(Asking)
    assert dialog is not None
    dialog.editors["reason"].set_text("户口册就是这样写的")
    dialog.finish()
    saved(qtbot, form)
    assert count(access, "override", Condition("reason", "=", "户口册就是这样写的")) == 1


def test_only_what_changed_is_written_and_emptied_is_erased(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        row_id = make.make_parcel(session, site="大坪子", price_zone="一区片").id
    form = form_of(qtbot, access, window, "parcel")
    assert form.load(row_id)
    typed(form, site="", north="河")
    assert form.texts() == {"site": "", "north": "河"}
    saved(qtbot, form)
    assert count(access, "parcel", Condition("site", "空"), Condition("north", "=", "河"), Condition("price_zone", "=", "一区片")) == 1


def test_pinned_values_stay_for_the_next_and_the_last_can_be_repeated(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "household")
    form._pin_buttons["place"].setChecked(True)
    typed(form, number="0001", head_name="张桂兰", place="柳树村一组", bank="信用社")
    saved(qtbot, form, and_next=True)
    qtbot.waitUntil(lambda: form.editors["place"].text() == "53052310220101", timeout=20_000)
    assert (form.row_id, form.editors["number"].text(), form.editors["bank"].text()) == ("", "", "")
    form.editors["bank"].input.setFocus()
    qtbot.waitUntil(form.editors["bank"].input.hasFocus, timeout=20_000)
    form._repeat()
    assert form.editors["bank"].text() == "信用社"
    assert access.memory["form.household.pins"] == "place"


def test_enter_moves_on_and_back(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "household")
    first, second = form._inputs()[:2]
    first.input.setFocus()
    qtbot.waitUntil(first.input.hasFocus, timeout=20_000)
    qtbot.keyClick(first.input, Qt.Key.Key_Return)
    assert second.input.hasFocus()
    qtbot.keyClick(second.input, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert first.input.hasFocus()


def test_leaving_asks_only_when_something_would_be_lost(qtbot: QtBot, access: Access, window: Shell, shown: say.Recorder) -> None:
    form = form_of(qtbot, access, window, "household")
    closed: list[bool] = []
    form.closed.connect(lambda: closed.append(True))
    form.leave()
    assert (closed, list(shown)) == ([True], [])
    typed(form, number="0001")
    shown.answers.append(1)
    form.leave()
    assert (closed, len(shown)) == ([True], 1)
    shown.answers.append(0)
    form.leave()
    assert closed == [True, True]


def test_frozen_record_is_only_shown(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        project, household = make.make_project(session), make.make_household(session)
        row_id = make.add(session, register("agreement").cls, number="A1", project=project.id, household=household.id, kind="permanent",
                          state="signed", copies=4, signed_on="2026-01-01").id  # fmt: skip
    form = form_of(qtbot, access, window, "agreement")
    form.load(row_id)
    assert form._inputs() == [] or all(made.field.kind.name in ("choice", "flag") for made in form._inputs())
    assert "已经已签订" in form._problem.text() or "已签订" in form._problem.text()


def test_related_attachments_and_history_are_told(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        household = make.make_household(session, number="H1", head_idcard=make.idcard("19650315", 123))
        make.make_parcel(session, household=household.id, number="P1")
        row_id = household.id
    panel = RecordPanel(access, register("household"), window)
    qtbot.addWidget(panel)
    panel.show()
    panel.load(row_id)
    panel.show_tab("关联")
    qtbot.waitUntil(lambda: panel.related.findChild(object, "related.parcel.household") is not None, timeout=20_000)
    panel.show_tab("历史")
    qtbot.waitUntil(lambda: "新增 移民户 H1" in "".join(one.text() for one in panel.history.findChildren(type(panel.form.title))), timeout=20_000)
    assert make.idcard("19650315", 123) not in "".join(one.text() for one in panel.history.findChildren(type(panel.form.title)))
    panel.show_tab("附件")
    assert not panel.attachments.grid.isVisible()


def test_a_line_of_a_sent_batch_is_only_shown(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        sent = make.make_payment(session, batch=make.make_batch(session, state="sent").id, result="paid", paid_on="2026-11-21").id
        still = make.make_payment(session).id
    form = form_of(qtbot, access, window, "payment")
    form.load(sent)
    locked = form.editors["amount"].input
    assert isinstance(locked, QLineEdit)
    assert locked.isReadOnly() or not locked.isEnabled()
    assert "已送银行" in form._problem.text()
    form.load(still)
    assert locked.isEnabled()
    assert not locked.isReadOnly()


def test_the_menu_of_a_line_repeats_the_last_value(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "household")
    made = form.editors["phone"]
    menu = form._menu_of(made, made.input.rect().center())
    again = menu.actions()[0]
    assert again.text().startswith("照上一条填")
    assert not again.isEnabled()
    menu.close()
    form._last["phone"] = "13887560001"
    menu = form._menu_of(made, made.input.rect().center())
    menu.actions()[0].trigger()
    menu.close()
    assert made.text() == "13887560001"


HOUSEHOLD = {"number": "H9", "place": "柳树村一组", "head_name": "王桂兰"}


def settled(qtbot: QtBot, window: Shell) -> None:
    qtbot.waitUntil(lambda: not window.desk.works, timeout=20_000)


def test_what_is_typed_while_a_record_is_being_saved_stays(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "household")
    typed(form, **HOUSEHOLD)
    with busy(window):
        form.save()
        form.save(True)  # Ctrl+Enter once more, or held down
        typed(form, phone="13887560001")
    settled(qtbot, window)
    assert (bool(form.row_id), form.texts(), form._save.isEnabled()) == (True, {"phone": "13887560001"}, True)
    assert count(access, "household") == 1


def test_a_record_saved_late_does_not_take_the_place_of_another(qtbot: QtBot, access: Access, window: Shell) -> None:
    form = form_of(qtbot, access, window, "household")
    typed(form, **HOUSEHOLD)
    with busy(window):
        form.save()
        form.begin()
        typed(form, number="H10")
    settled(qtbot, window)
    assert (form.row_id, form.texts()["number"], window.strip.text()) == ("", "H10", "已保存：移民户 H9 王桂兰")
    typed(form, head_name="李春生", head_idcard="530523196503151230", place="柳树村一组")
    with busy(window):
        form.save()
        form.begin()
    settled(qtbot, window)
    assert window.strip.text().startswith("没有存上：移民户 H10 李春生。")
    assert not form._problems


def test_a_window_closed_before_its_record_is_saved_or_judged(qtbot: QtBot, access: Access, window: Shell, shown: say.Recorder) -> None:
    dialog = RecordDialog.begin(access, register("household"), window, {})
    typed(dialog.panel.form, **HOUSEHOLD)
    with busy(window), held(access):
        dialog.panel.form.check()
        dialog.panel.form.save()
        with qtbot.waitSignal(dialog.destroyed, timeout=20_000):
            shown.answers.append(0)
            dialog.reject()
    settled(qtbot, window)
    assert count(access, "household") == 1
