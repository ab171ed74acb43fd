"""How everything looks: one table of colours, one of sizes, and the style sheet, palette and fonts made from them.

No other module of the window holds a colour. Widgets that paint themselves ask `current()`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from zlib import crc32

import PySide6
from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from relocdesk import machine, resource

# name: (light, dark). Text colours keep a contrast of 4.5 on every ground they stand on (tests/ui/test_shell.py).
COLOURS: dict[str, tuple[str, str]] = {
    "ground": ("#f3f6f4", "#141a17"),  # behind the cards
    "surface": ("#ffffff", "#1c2420"),  # cards, fields, table
    "surface_alt": ("#f8faf9", "#202924"),  # every second row
    "head": ("#edf2ef", "#26312b"),  # table heads, pressed flat buttons
    "hover": ("#e9f0ec", "#2a3630"),
    "line": ("#dfe6e2", "#303d36"),  # hairlines
    "edge": ("#b9c6bf", "#4b5d53"),  # borders of fields and buttons
    "text": ("#17231d", "#e6eee9"),
    "muted": ("#55645c", "#aebdb4"),
    "faint": ("#84938b", "#74857b"),  # placeholders and what is switched off
    "accent": ("#1b6e49", "#4fb384"),
    "accent_hover": ("#155c3c", "#66c497"),
    "accent_down": ("#104b30", "#3f9c71"),
    "accent_soft": ("#e2f1e8", "#20392d"),
    "on_accent": ("#ffffff", "#0c1a13"),
    "select": ("#d5eade", "#27503c"),
    "focus": ("#0d4a2e", "#a9e6c7"),
    "rail": ("#16332a", "#0f1613"),
    "rail_hover": ("#1f443a", "#1b2622"),
    "rail_active": ("#1f6b4a", "#22503b"),
    "rail_text": ("#d8e6de", "#c3d1c9"),
    "rail_active_text": ("#ffffff", "#ffffff"),
    "rail_muted": ("#8fb0a1", "#80968b"),
    "rail_mark": ("#f0bd4a", "#f0bd4a"),
    "good": ("#1b6e49", "#63c495"),
    "good_soft": ("#e2f1e8", "#1f382c"),
    "info": ("#245b8c", "#82b6e6"),
    "info_soft": ("#e5eff8", "#1d3042"),
    "warn": ("#8a5300", "#e6b455"),
    "warn_soft": ("#fdf0d5", "#3c3017"),
    "bad": ("#b0261d", "#f08b82"),
    "bad_soft": ("#fbe8e6", "#43211e"),
    "bad_hover": ("#941d15", "#f5a59e"),
    "plain_soft": ("#e8edea", "#2c3832"),
    "bubble": ("#17231d", "#e6eee9"),  # tooltips
    "on_bubble": ("#ffffff", "#17231d"),
}

# name: (ordinary, large print). Pixels, but *_pt in points.
SIZES: dict[str, tuple[float, float]] = {
    "text_pt": (10.5, 14),
    "small_pt": (9, 12),
    "heading_pt": (11.5, 15),
    "title_pt": (14, 18),
    "greeting_pt": (18, 22),
    "gap": (8, 10),
    "page": (16, 20),
    "control": (30, 40),  # inside its border: 32 on the screen
    "control_in": (28, 38),  # the same under the thicker border of the focus
    "button_small": (24, 32),
    "row": (30, 40),
    "row_dense": (24, 34),
    "head_row": (34, 44),
    "rail": (184, 232),
    "rail_folded": (56, 68),
    "rail_item": (36, 46),
    "rail_focus": (34, 44),
    "header": (52, 64),
    "status": (30, 38),
    "icon": (18, 24),
    "mark": (16, 22),  # check boxes and radio buttons
    "arrow": (14, 18),
    "drop": (26, 34),
    "chip": (22, 30),
    "big": (134, 186),
    "big_focus": (132, 184),
    "search": (300, 380),
}

THEMES: dict[str, tuple[int, int, str]] = {  # column of COLOURS, column of SIZES, label
    "light": (0, 0, "浅色"),
    "dark": (1, 0, "深色"),
    "large": (0, 1, "大字"),
}
FONT_FILES = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf", "NotoSerifSC-Regular.ttf")
FAMILIES = ["Noto Sans SC", "Noto Serif SC"]  # the second one has the rare characters of names


class Theme:
    """The look in force: colours, sizes, fonts and tinted pictures. Made by `apply`."""

    def __init__(self, name: str, dense: bool = False) -> None:
        self.name = name
        self.dense = dense
        self._colours, self._sizes, self.label = THEMES[name]
        self._icons: dict[tuple[str, str], QIcon] = {}

    def hex(self, token: str) -> str:
        """The colour as '#rrggbb'."""
        return COLOURS[token][self._colours]

    def colour(self, token: str) -> QColor:
        """The colour to paint with."""
        return QColor(self.hex(token))

    def size(self, token: str) -> int:
        """Pixels; `row` is already the row of the chosen density."""
        if token == "row" and self.dense:
            token = "row_dense"
        return round(SIZES[token][self._sizes])

    @property
    def scale(self) -> float:
        """How much larger than ordinary the text is."""
        return SIZES["text_pt"][self._sizes] / SIZES["text_pt"][0]

    def points(self, token: str) -> float:
        """Points of a *_pt size."""
        return SIZES[token][self._sizes]

    def font(self, size: str = "text_pt", bold: bool = False) -> QFont:
        """A font of the program, with the serif face behind it for rare characters."""
        font = QFont()
        font.setFamilies(FAMILIES)
        font.setPointSizeF(self.points(size))
        font.setBold(bold)
        return font

    def tinted(self, name: str, token: str) -> str:
        """Path of the icon drawn in a colour; the file is kept for the next start."""
        colour, drawing = self.hex(token), _drawing(name)
        path = _tinted_folder() / f"{name}-{colour[1:]}-{crc32(drawing.encode()):08x}.svg"  # another drawing, another name
        if not path.exists():
            part = path.with_name(f"{path.name}.{os.getpid()}")
            part.write_text(drawing.replace("currentColor", colour), encoding="utf-8")
            part.replace(path)
        return path.as_posix()

    def icon(self, name: str, token: str) -> QIcon:
        """The icon in a colour, faint when its button is disabled."""
        made = self._icons.get((name, token))
        if made is None:
            made = QIcon(self.tinted(name, token))
            if not token.startswith("rail"):  # the rail is never disabled
                made.addFile(self.tinted(name, "faint"), mode=QIcon.Mode.Disabled)
            self._icons[name, token] = made
        return made

    def style_sheet(self) -> str:
        """`resources/style.qss` with every @colour, @size and @icon(name, colour) filled in; unknown ones: KeyError."""
        text = resource("style.qss").read_text(encoding="utf-8")
        return re.sub(r"@icon\(([\w-]+), (\w+)\)|@(\w+)", self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        drawing, colour, token = found.groups()
        if drawing:
            return f'url("{self.tinted(drawing, colour)}")'
        if token in COLOURS:
            return self.hex(token)
        return f"{self.points(token)}pt" if token.endswith("_pt") else f"{self.size(token)}px"

    def palette(self) -> QPalette:
        """For what the style sheet does not reach: item views, text cursors, links."""
        palette = QPalette()
        for role, token in _PALETTE.items():
            palette.setColor(role, self.colour(token))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("faint"))
        return palette


_PALETTE = {
    QPalette.ColorRole.Window: "ground",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "surface_alt",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "faint",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.Highlight: "select",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.ToolTipBase: "bubble",
    QPalette.ColorRole.ToolTipText: "on_bubble",
    QPalette.ColorRole.Light: "surface",
    QPalette.ColorRole.Midlight: "head",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "edge",
    QPalette.ColorRole.Shadow: "edge",
    QPalette.ColorRole.Accent: "accent",
}

_in_force: list[Theme] = []  # a process has one look, as it has one QApplication.palette()


def current() -> Theme:
    """The theme in force; light until `apply` was called."""
    if not _in_force:
        _in_force.append(Theme("light"))
    return _in_force[0]


def apply(app: QApplication, name: str = "light", dense: bool = False) -> Theme:
    """Put 'light', 'dark' or 'large' in force (others: KeyError). Icons follow with `icons.redress()`."""
    chosen = Theme(name, dense)
    _in_force[:] = [chosen]
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(chosen.palette())
    app.setFont(chosen.font())
    app.setStyleSheet(chosen.style_sheet())
    return chosen


def prepare(app: QApplication, name: str = "light", dense: bool = False) -> Theme:
    """Once at the start: our fonts, Chinese for Qt's own texts, and the theme."""
    load_fonts()
    speak_chinese(app)
    return apply(app, name, dense)


@cache
def load_fonts() -> tuple[str, ...]:
    """The font files that could not be loaded; an empty tuple is good."""
    folder = resource("fonts")
    return tuple(name for name in FONT_FILES if QFontDatabase.addApplicationFont(str(folder / name)) < 0)


def speak_chinese(app: QApplication) -> bool:
    """Chinese buttons, menus and calendars from Qt itself; False when the translation is not there."""
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    if app.findChild(QTranslator, "qtbase") is not None:
        return True
    translator = QTranslator(app)
    translator.setObjectName("qtbase")
    return any(translator.load("qtbase_zh_CN", folder) for folder in _translation_folders()) and app.installTranslator(
        translator
    )


def _translation_folders() -> list[str]:
    """Where Qt's translations lie: from source, in a bundle on Linux, in a bundle on Windows."""
    inside = Path(PySide6.__file__).resolve().parent
    folders = [inside / "Qt" / "translations", inside / "translations"]
    return [QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), *map(str, folders)]


@cache
def _tinted_folder() -> Path:
    """Qt's style sheets take pictures only from files, and a drawing has one colour.

    They are drawn once per installation: some fifty small files at each start are slow where every one is looked at for viruses.
    """
    with contextlib.suppress(OSError):
        folder = machine.home_folder() / "look"
        folder.mkdir(exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    passing = tempfile.mkdtemp(prefix="relocdesk-look-")
    atexit.register(shutil.rmtree, passing, ignore_errors=True)
    return Path(passing)


@cache
def _drawing(name: str) -> str:
    path = resource("icons") / f"{name}.svg"
    if not path.is_file():
        raise KeyError(name)
    return path.read_text(encoding="utf-8")
