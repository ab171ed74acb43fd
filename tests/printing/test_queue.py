"""A real agreement through a real print queue: CUPS of our own on a socket, in a folder of our own, whose printer writes PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtWidgets import QApplication

from relocdesk.book import Book
from relocdesk.printing import find_form
from relocdesk.printing.press import print_papers
from tests.printing.township import CLERK
from tests.ui.conftest import qapp, qapp_args
from ui import paper

pytestmark = pytest.mark.printer
__all__ = ["qapp", "qapp_args"]

QUEUE = "RelocDesk-PDF"
PATIENCE_S = 30.0
# The scheduler's own files, in our folder; nobody listens on the network and nothing of the system's is read or written.
FILES = """ServerRoot {root}
StateDir {root}/run
CacheDir {root}/cache
RequestRoot {root}/spool
TempDir {root}/spool/tmp
DataDir /usr/share/cups
ServerBin {bin}
AccessLog {root}/access_log
ErrorLog {root}/error_log
PageLog {root}/page_log
Printcap
SystemGroup root
"""
SCHEDULER = """Listen {root}/cups.sock
Browsing Off
WebInterface No
LogLevel warn
DefaultAuthType None
<Location />
Order allow,deny
Allow all
</Location>
<Policy default>
JobPrivateAccess all
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""
# A printer that takes PDF, as today's do, and keeps it: its model, and what carries the job to it.
MODEL = """*PPD-Adobe: "4.3"
*FormatVersion: "4.3"
*FileVersion: "1.0"
*LanguageVersion: English
*LanguageEncoding: ISOLatin1
*PCFileName: "PAPER.PPD"
*Manufacturer: "Test"
*Product: "(Paper)"
*ModelName: "Paper"
*ShortNickName: "Paper"
*NickName: "Paper"
*PSVersion: "(3010.000) 0"
*LanguageLevel: "3"
*ColorDevice: True
*cupsManualCopies: True
*cupsFilter: "application/vnd.cups-pdf 0 -"
*OpenUI *PageSize/Media Size: PickOne
*DefaultPageSize: A4
*PageSize A4/A4: "<</PageSize[595 842]>>setpagedevice"
*CloseUI: *PageSize
*OpenUI *PageRegion/Media Size: PickOne
*DefaultPageRegion: A4
*PageRegion A4/A4: "<</PageSize[595 842]>>setpagedevice"
*CloseUI: *PageRegion
*DefaultImageableArea: A4
*ImageableArea A4/A4: "0 0 595 842"
*DefaultPaperDimension: A4
*PaperDimension A4/A4: "595 842"
"""
CARRIER = """#!/bin/sh
[ $# -eq 0 ] && echo 'direct paper:/ "Unknown" "PDF writer"' && exit 0
[ $# -ge 6 ] && exec < "$6"
cat > {out}/$1.part && mv {out}/$1.part {out}/$1.pdf
"""


@pytest.fixture(scope="module")
def queue() -> Iterator[Path]:
    """The folder into which the queue writes; the scheduler lives as long as this module's tests."""
    root = Path(tempfile.mkdtemp(prefix="rd-cups-"))  # short: a socket's path may not be longer than 107 bytes
    out = root / "out"
    for name in ("run/certs", "cache", "spool/tmp", "ppd", "ssl", "bin", "out"):
        (root / name).mkdir(parents=True)
    for folder in (root, root / "spool"):
        folder.chmod(0o755)  # the scheduler's filters run as another user
    for folder in (out, root / "spool/tmp"):
        folder.chmod(0o1777)
    binaries = own_binaries(root, out)
    (root / "cups-files.conf").write_text(FILES.format(root=root, bin=binaries), "utf-8")
    (root / "paper.ppd").write_text(MODEL, "ascii")
    (root / "cupsd.conf").write_text(SCHEDULER.format(root=root), "utf-8")
    command = ["/usr/sbin/cupsd", "-f", "-c", str(root / "cupsd.conf"), "-s", str(root / "cups-files.conf")]
    before = os.environ.get("CUPS_SERVER")
    os.environ["CUPS_SERVER"] = str(root / "cups.sock")
    scheduler = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(lambda: (root / "cups.sock").exists(), "the scheduler", root)
        subprocess.run(["/usr/sbin/lpadmin", "-p", QUEUE, "-v", "paper:/", "-P", str(root / "paper.ppd"), "-E"], check=True, capture_output=True, timeout=30)
        yield out
    finally:
        scheduler.terminate()
        scheduler.wait(timeout=20)
        if before is None:
            del os.environ["CUPS_SERVER"]
        else:
            os.environ["CUPS_SERVER"] = before
        shutil.rmtree(root, ignore_errors=True)


def own_binaries(root: Path, out: Path) -> Path:
    """The system's filters, and a backend of our own that writes into `out`."""
    made = root / "bin"
    for one in Path("/usr/lib/cups").iterdir():
        if one.name != "backend":
            (made / one.name).symlink_to(one)
    (made / "backend").mkdir()
    backend = made / "backend" / "paper"
    backend.write_text(CARRIER.format(out=out), "utf-8")
    backend.chmod(0o755)
    return made


def wait(holds: object, what: str, root: Path) -> None:
    """Until it holds, at most PATIENCE_S seconds."""
    assert callable(holds)
    until = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            log = root / "error_log"
            pytest.fail(f"{what} did not come: {log.read_text('utf-8', 'replace')[-1500:] if log.exists() else 'no log'}")
        time.sleep(0.1)


def printed(out: Path, before: set[Path]) -> Path:
    """The PDF that came out of the queue since, once it is whole."""
    def whole() -> bool:
        found = set(out.rglob("*.pdf")) - before
        return len(found) == 1 and next(iter(found)).read_bytes().rstrip().endswith(b"%%EOF")

    wait(whole, "the print", out.parent)
    return next(iter(set(out.rglob("*.pdf")) - before))


def pages_of(path: Path) -> tuple[int, str, tuple[float, float]]:
    """How many pages, their text without blanks, and the size of the first in points."""
    document = pypdfium2.PdfDocument(path)
    try:
        text = "".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
        return len(document), "".join(text.split()), document[0].get_size()
    finally:
        document.close()


@pytest.fixture
def agreement(papers: tuple[Book, dict[str, str]], tmp_path: Path) -> Path:
    """The PDF of a real agreement."""
    book, ids = papers
    out = tmp_path / "协议.pdf"
    done = print_papers(book, CLERK, find_form("agreement"), [ids["搬安〔2026〕房A0001"]], out)
    assert len(done.done) == 1
    return out


def test_the_window_finds_the_queue(queue: Path) -> None:
    assert paper.queues() == [QUEUE]


def test_an_agreement_comes_out_of_the_queue_with_its_text(queue: Path, agreement: Path) -> None:
    count, text, _ = pages_of(agreement)
    before = set(queue.rglob("*.pdf"))
    paper.send(agreement, QUEUE)
    came, came_text, size = pages_of(printed(queue, before))
    assert came == count
    assert [round(side) for side in size] == [595, 842]
    assert came_text == text


def test_two_copies_are_twice_the_pages(queue: Path, agreement: Path) -> None:
    count, _, _ = pages_of(agreement)
    before = set(queue.rglob("*.pdf"))
    paper.send(agreement, QUEUE, copies=2)
    assert pages_of(printed(queue, before))[0] == 2 * count


def test_the_way_of_windows_prints_the_same_pages_as_pictures(qapp: QApplication, queue: Path, agreement: Path) -> None:
    count, _, _ = pages_of(agreement)
    before = set(queue.rglob("*.pdf"))
    paper._send_raster(agreement, QUEUE, 1)
    came = printed(queue, before)
    pages, _, size = pages_of(came)
    assert pages == count
    assert [round(side) for side in size] == [595, 842]
    assert darkness(came) == pytest.approx(darkness(agreement), rel=0.2)


def darkness(path: Path) -> float:
    """How much of the first page is ink, 0 to 1."""
    document = pypdfium2.PdfDocument(path)
    try:
        bitmap = document[0].render(scale=1, grayscale=True)
        grey = bytes(bitmap.buffer)
        return sum(255 - value for value in grey) / (255 * len(grey))
    finally:
        document.close()


def test_a_queue_that_is_not_there_is_said_so(queue: Path, agreement: Path) -> None:
    from relocdesk.errors import UserError  # noqa: PLC0415 -- only here

    with pytest.raises(UserError, match=r"没有这台|没有接收"):
        paper.send(agreement, "没有这台")
