"""The grid keeps rowids, reads whole pages only, copies with heads, and stays quick at a million rows."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from relocdesk.field import Field
from relocdesk.queries import rows
from relocdesk.queries.rows import PAGE, Ask, Line
from relocdesk.records import register
from relocdesk.records.document import Override
from tests import make
from tests.effort import steps
from ui.access import Access
from ui.grid import CHIP_ROLE, PROBLEM_ROLE, CellDelegate, Grid, GridModel, columns_of

FIELDS = (Field("编号", "number"), Field("姓名", "name"), register("parcel")["area"])


def invented(wanted: Sequence[int], fields: Sequence[Field]) -> list[Line]:
    return [Line(n, f"id{n}", (f"N{n}", "王桂兰", n), (f"N{n}", "王桂兰", f"{n}.00"))
            for n in wanted]  # fmt: skip


def model_of(access: Access, name: str) -> GridModel:
    reg = register(name)
    model = GridModel(columns_of(reg), lambda wanted, fields: access.read(lambda session: rows.page(session, reg, wanted, fields)))
    model.set_rows(access.read(lambda session: rows.rowids(session, Ask(reg))))
    return model


def test_model_on_a_real_book(qtmodeltester: ModelTester, access: Access) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        for n in range(3):
            make.make_household(session, number=f"H{n}", head_name="王桂兰", head_idcard=make.idcard("19650315", n + 1), phone="13887560001")
    model = model_of(access, "household")
    qtmodeltester.check(model, force_py=True)
    texts = [model.index(0, column).data() for column in range(model.columnCount())]
    assert texts[:5] == ["H0", "王桂兰", "533024********001" + make.idcard("19650315", 1)[-1], "三坝乡 柳树村 一组", "138****0001"]
    model.set_unmasked(True)
    assert model.index(0, 2).data() == make.idcard("19650315", 1)


def test_an_overruled_number_is_masked_and_long_numbers_keep_their_end(access: Access) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        make.add(session, Override, line="A000001", register="household", record="x", rule="ID_CHECK", value=make.idcard("19650315", 1), reason="公安证明")
        make.make_agreement(session, number="三坝搬安〔2026〕综A0012")
    overrides, agreements = model_of(access, "override"), model_of(access, "agreement")
    value = [f.name for f in overrides.fields].index("value")
    assert overrides.index(0, value).data() == "533024********001" + make.idcard("19650315", 1)[-1]
    option = QStyleOptionViewItem()
    CellDelegate().initStyleOption(option, agreements.index(0, 0))
    assert option.textElideMode == Qt.TextElideMode.ElideMiddle  # type: ignore[attr-defined]  # missing in the stubs


def test_states_are_chips_figures_stand_right_and_problems_are_marked(access: Access) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        parcel = make.make_parcel(session).id
    people, parcels = model_of(access, "person"), model_of(access, "parcel")
    state = [f.name for f in people.fields].index("state")
    assert (people.index(0, state).data(), people.index(0, state).data(CHIP_ROLE)) == ("在户", "good")
    area = [f.name for f in parcels.fields].index("area")
    assert parcels.index(0, area).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert parcels.index(0, area).data(Qt.ItemDataRole.UserRole) == 1_500_000
    parcels.set_problems({parcel: {"area": "面积对不上；请核对"}})
    assert parcels.index(0, area).data(PROBLEM_ROLE) == "面积对不上；请核对"
    assert parcels.index(0, area).data(Qt.ItemDataRole.ToolTipRole) == "面积对不上；请核对"


def test_only_whole_pages_are_read_each_once() -> None:
    asked: list[tuple[int, int]] = []

    def fetch(wanted: Sequence[int], fields: Sequence[Field]) -> list[Line]:
        asked.append((wanted[0], len(wanted)))
        return invented(wanted, fields)

    model = GridModel(FIELDS, fetch)
    model.set_rows(array("q", range(1000)))
    for row in (0, 5, 255, 256, 999, 3):
        assert model.index(row, 0).data() == f"N{row}"
    assert asked == [(0, PAGE), (256, PAGE), (768, 232)]


def test_row_gone_meanwhile_is_empty() -> None:
    model = GridModel(FIELDS, lambda wanted, fields: invented([n for n in wanted if n != 1], fields))
    model.set_rows(array("q", [0, 1, 2]))
    assert [model.index(row, 0).data() for row in range(3)] == ["N0", None, "N2"]


def test_copy_gives_heads_plain_figures_and_text_cells(qtbot: QtBot) -> None:
    grid = Grid(GridModel(FIELDS, invented), choices=FIELDS)
    qtbot.addWidget(grid)
    grid.show_rows(array("q", [1_500_000, 2_000_000]))
    grid.selectAll()
    qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QApplication.clipboard().mimeData()
    assert data.text() == "编号\t姓名\t面积（亩）\r\nN1500000\t王桂兰\t1.50\r\nN2000000\t王桂兰\t2.00\r\n"
    assert data.html().count("mso-number-format") == 6


def test_head_click_asks_for_order_and_turns_it(qtbot: QtBot) -> None:
    grid = Grid(GridModel(FIELDS, invented), choices=FIELDS)
    qtbot.addWidget(grid)
    asked: list[tuple[str, bool]] = []
    grid.sort_asked.connect(lambda name, descending: asked.append((name, descending)))
    for _ in range(3):
        grid.horizontalHeader().sectionClicked.emit(1)
    assert asked == [("name", False), ("name", True), ("name", False)]


def test_columns_and_widths_are_remembered(qtbot: QtBot) -> None:
    memory: dict[str, object] = {}
    grid = Grid(GridModel(FIELDS, invented), choices=FIELDS, name="grid.x", memory=memory)
    qtbot.addWidget(grid)
    grid.choose_columns(["area"])
    assert memory == {"grid.x.columns": "number,area"}
    again = Grid(GridModel(FIELDS, invented), choices=FIELDS, name="grid.x", memory=memory)
    qtbot.addWidget(again)
    assert [f.name for f in again.grid_model.fields] == ["number", "area"]
    again.reset_columns()
    assert (memory, len(again.grid_model.fields)) == ({}, 3)


def test_the_same_row_stays_current_after_new_rows(qtbot: QtBot) -> None:
    grid = Grid(GridModel(FIELDS, invented), choices=FIELDS)
    qtbot.addWidget(grid)
    grid.show_rows(array("q", range(100)))
    grid.choose_rowid(40)
    grid.show_rows(array("q", range(30, 60)))
    assert (grid.current_rowid(), list(grid.chosen_rowids())) == (40, [40])


def test_a_million_rows_cost_no_more_than_a_screenful(qtbot: QtBot) -> None:
    """Showing, jumping, and going to fewer rows while far down (Qt paints phantom rows unless the view goes up first)."""

    def effort(rows: int) -> list[int]:
        grid = Grid(GridModel(FIELDS, invented), choices=FIELDS)
        qtbot.addWidget(grid)
        grid.resize(900, 600)
        grid.show()
        ids = array("q", range(rows))

        def jump(to: int) -> None:
            grid.scrollTo(grid.grid_model.index(to, 0))
            grid.grab()

        def show(what: array[int]) -> None:
            grid.show_rows(what)
            grid.grab()

        return [steps(partial(show, ids)), steps(partial(jump, rows - 1)), steps(partial(jump, rows // 2)), steps(partial(show, array("q", range(10))))]

    few, many = effort(5_000), effort(1_000_000)
    assert all(more < 2 * less for less, more in zip(few, many, strict=True)), (few, many)


def test_chosen_rows_of_a_million_are_one_slice(qtbot: QtBot) -> None:
    grid = Grid(GridModel(FIELDS, invented), choices=FIELDS)
    qtbot.addWidget(grid)
    grid.show_rows(array("q", range(1_000_000)))
    assert steps(grid.selectAll) < 10_000  # a slice, not a million looks
    assert (grid.chosen_count, len(grid.chosen_rowids())) == (1_000_000, 1_000_000)
    grid.clearSelection()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (3, 1):
        grid.selectionModel().select(grid.grid_model.index(row, 0), flags)
    assert list(grid.chosen_rowids()) == [1, 3]


def test_columns_fill_the_width_and_shrink_back(qtbot: QtBot) -> None:
    model = GridModel(FIELDS, invented)
    model.set_rows(array("q", range(3)))
    grid = Grid(model, memory={})
    qtbot.addWidget(grid)
    grid.resize(1200, 300)
    grid.show()
    assert sum(grid.columnWidth(n) for n in range(3)) == grid.viewport().width()
    wide = grid.columnWidth(1)  # the last text takes it, figures stay together
    grid.resize(700, 300)
    qtbot.waitUntil(lambda: sum(grid.columnWidth(n) for n in range(3)) == grid.viewport().width(), timeout=20_000)
    assert grid.columnWidth(1) < wide
    assert not grid._memory  # none of it is the user's wish
