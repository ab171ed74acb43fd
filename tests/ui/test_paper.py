"""The preview shows the PDF itself: pages, zoom, search; and what the printer's service answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from relocdesk.errors import UserError
from ui import paper
from ui.paper import PaperView


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """Three A4 pages with a word on each, and a black square on the first."""
    path = tmp_path / "three.pdf"
    canvas = Canvas(str(path), pagesize=(595, 842))
    for number in (1, 2, 3):
        canvas.drawString(72, 700, f"page {number} needle")
        if number == 1:
            canvas.rect(300, 400, 100, 100, fill=1)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot, pdf: Path) -> PaperView:
    """A view of it."""
    made = PaperView()
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    made.show_pdf(pdf.read_bytes())
    return made


def test_pages_are_turned_and_stay_within_the_file(view: PaperView) -> None:
    assert (view.page, view.pages) == (1, 3)
    view.turn(1)
    assert view.page == 2
    view.go_to(3)
    assert view.page == 3
    view.turn(1)
    assert view.page == 3


def test_zoom_steps_and_fit_return_to_the_width(view: PaperView) -> None:
    fitted = view._sheet.zoom
    view.step_zoom(1)
    assert view._sheet.zoom > fitted
    view.fit()
    assert view._sheet.zoom == pytest.approx(fitted)


def test_search_finds_every_place_and_goes_there(view: PaperView) -> None:
    assert view.look_for("needle") == 3
    assert view.look_for("page 3") == 1
    view.step_zoom(1)
    view.look_for("page 2")
    assert view.page == 2
    assert view.look_for("nothing like it") == 0


def test_the_picture_is_the_page(pdf: Path) -> None:
    import pypdfium2  # noqa: PLC0415 -- slow import

    document = pypdfium2.PdfDocument(pdf)
    image = paper.draw_page(document, 0, 1.0)
    document.close()
    assert (image.width(), image.height()) == (595, 842)
    assert isinstance(image, QImage)
    assert image.pixelColor(350, 842 - 450).lightness() == 0
    assert image.pixelColor(10, 10).lightness() == 255


def test_a_printer_that_is_not_there_is_refused_with_the_way_out(pdf: Path) -> None:
    with pytest.raises(UserError) as refused:
        paper.send(pdf, "no-such-printer")
    assert refused.value.hint in ("请换一台打印机，或先另存 PDF", "请检查打印机是否开机，或先另存 PDF")


def test_saving_a_copy(pdf: Path, tmp_path: Path) -> None:
    paper.save_copy(pdf, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == pdf.read_bytes()
    with pytest.raises(UserError):
        paper.save_copy(pdf, tmp_path / "no folder" / "again.pdf")
