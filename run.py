"""Set up RelocDesk and run the project's commands: start, test, bench, build. Standard library only.

Kept to the syntax of Python 3.7, so that an old Python can still say which version to install. What is installed
comes from the lock files alone; where it comes from (an index, a mirror, the folder wheels/) is the machine's affair.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
WHEELS = ROOT / "wheels"
LOCK, DEV_LOCK = "requirements.lock", "requirements-dev.lock"
SUPPORTED = ("3.11", "3.12", "3.13")  # PySide6 6.9 has no wheel for 3.14
WINDOWS = os.name == "nt"

USAGE = """用法：
  {me}          准备好运行环境，打开 RelocDesk（没有屏幕时改为在 demo 文件夹里做一遍演示）
  {me} test     做全部检查；后面的词交给 pytest，例如 {me} test -k 协议
  {me} bench    测量快慢
  {me} build    做成可以直接拷走使用的程序（在 dist 文件夹里）"""

# What Qt's window and off-screen plug-ins load from the system; the wheels bring everything else (Debian's names).
DESK_PACKAGES = (
    *("libgl1", "libegl1", "libglib2.0-0", "libx11-6", "libx11-xcb1", "libdbus-1-3", "libfontconfig1", "libfreetype6"),
    *("libxkbcommon0", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1"),
    *("libxcb-randr0", "libxcb-render-util0", "libxcb-shape0", "libxcb-xkb1"),
)
# What the tests use besides: reading PDFs back, a real screen, a real print queue; binutils is for the bundle.
PRINTER_PACKAGES = ("cups", "cups-client", "printer-driver-cups-pdf", "ghostscript")
TEST_PACKAGES = ("poppler-utils", "xvfb", "xauth", "binutils", *PRINTER_PACKAGES)

PROBE = "import sys, {}; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command as c; sys.argv[0] = 'lint-imports'; c()"


class Stop(Exception):
    """Ends run.py with exit code 1; the text is a whole Chinese sentence for whoever sits there."""


# --- Python and .venv ------------------------------------------------------------------------------------------------


def candidates() -> list[list[str]]:
    """The commands that may start a suitable Python, best first: this one, then 3.11, the version the tests ran on."""
    found = [[getattr(sys, "_base_executable", None) or sys.executable]]
    for version in SUPPORTED:
        found.append(["py", "-" + version] if WINDOWS else ["python" + version])
    return [command for command in found if shutil.which(command[0])]


def probe(command: list[str], needs: str) -> tuple[str, str] | None:
    """Version ('3.11') and path of the Python `command` starts; None when it does not start or import `needs`."""
    question = [*command, "-c", PROBE.format(needs)]
    try:
        answer = subprocess.run(question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return None
    lines = answer.stdout.decode("utf-8", "replace").split("\n")
    return (lines[0].strip(), lines[1].strip()) if answer.returncode == 0 and len(lines) > 1 else None


def choose(found: list[tuple[str, str] | None]) -> tuple[str, str] | None:
    """The first (version, path) whose version is supported."""
    return next((one for one in found if one and one[0] in SUPPORTED), None)


def find_python(commands: list[list[str]], running: str) -> str:
    """Path of a Python 3.11–3.13 that can make a .venv; Stop names the version to install.

    `commands` are tried in order; `running` is the version this file runs on.
    """
    for command in commands:
        chosen = choose([probe(command, "ensurepip")])
        if chosen:
            return chosen[1]
    if running in SUPPORTED and missing_packages([f"python{running}-venv"]):
        install_packages([f"python{running}-venv"])
        return sys.executable
    raise Stop(f"这里的 Python 是 {running}，RelocDesk 需要 Python 3.11、3.12 或 3.13：请安装 3.11 后再运行一次。")


def venv_python() -> Path:
    """Where .venv keeps its Python on this system."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def digest(path: Path) -> str:
    """SHA-256 of a lock file's lines; line ends do not count, so that a checkout on Windows gives the same."""
    return hashlib.sha256(b"\n".join(path.read_bytes().splitlines())).hexdigest()


def read_stamp(path: Path) -> dict[str, str] | None:
    """What was last installed: lock name → digest, 'python' → version; {} when nobody noted it; None when half made."""
    try:
        stamp = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        return None
    return stamp if isinstance(stamp, dict) and "unfinished" not in stamp else None


def write_stamp(path: Path, stamp: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stamp, indent=1), "utf-8")


def up_to_date(stamp: dict[str, str] | None, lock: str, wanted: str, version: str) -> bool:
    """Whether `lock` with digest `wanted` is what `stamp` says was installed, for the Python `version` of .venv."""
    return stamp is not None and stamp.get(lock) == wanted and stamp.get("python") == version


def sound(stamp: dict[str, str] | None, version: str) -> bool:
    """Whether .venv can be kept: made to the end, a supported Python in it, and the same one as when it was made."""
    return stamp is not None and version in SUPPORTED and stamp.get("python", version) == version


def prepare(lock: str) -> None:
    """.venv holds the versions of `lock`; made anew when half made or broken, untouched when nothing changed."""
    wanted = digest(ROOT / lock)
    stamp = read_stamp(STAMP)
    version = venv_version()
    if up_to_date(stamp, lock, wanted, version):
        return
    if not sound(stamp, version):
        make_venv(find_python(candidates(), "{}.{}".format(*sys.version_info)), lock)
    write_stamp(STAMP, {"unfinished": lock})
    install(lock)
    done = {"python": venv_version(), lock: wanted}
    if lock == DEV_LOCK:  # it holds everything of the other one; tests/delivery proves it
        done[LOCK] = digest(ROOT / LOCK)
    write_stamp(STAMP, done)


def venv_version() -> str:
    """The version of the Python in .venv; '' when there is none that starts and has pip."""
    found = probe([str(venv_python())], "pip") if os.path.isfile(venv_python()) else None
    return found[0] if found else ""


def make_venv(python: str, lock: str) -> None:
    """An empty .venv with pip, marked as unfinished until the components are in."""
    say("正在准备运行环境（只在第一次和更新后需要）……")
    remove_venv()
    write_stamp(STAMP, {"unfinished": lock})
    if patiently([python, "-m", "venv", str(VENV)]):
        raise Stop("运行环境没有建成：请查看上面的提示，确认磁盘有 1 GB 空间后再运行一次。")


def remove_venv() -> None:
    if not VENV.exists():
        return
    try:
        shutil.rmtree(VENV)
    except OSError as error:
        raise Stop(f"旧的运行环境删不掉：请先关闭 RelocDesk，再运行一次（{error.filename}）。") from error


def install(lock: str) -> None:
    """pip puts the lock file's wheels into .venv, each checked by its hash."""
    say("正在安装所需组件，第一次约需一两分钟……")
    command = [str(venv_python()), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    if WHEELS.is_dir():  # an office without network: the wheels came along on a stick
        command += ["--no-index", "--find-links", str(WHEELS)]
    if patiently([*command, "--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / lock)]):
        raise Stop("所需组件没有装成：请检查网络（或 wheels 文件夹是否齐全）后再运行一次，装好的部分不会重复下载。")


# --- system packages -------------------------------------------------------------------------------------------------


def installed_packages(listing: str) -> set[str]:
    """The installed ones in the answer of `dpkg-query -W -f '${Package} ${db:Status-Status}\\n'`."""
    rows = (line.split() for line in listing.splitlines())
    return {row[0] for row in rows if len(row) == 2 and row[1] == "installed"}


def missing_packages(names: list[str] | tuple[str, ...]) -> list[str]:
    """Which of these Debian packages are not installed; none on a system without dpkg."""
    if WINDOWS or not shutil.which("dpkg-query"):
        return []
    # Since 2024 Debian and Ubuntu carry some of them as name + "t64"; apt-get finds those by the old name.
    asked = [*names, *(name + "t64" for name in names)]
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *asked],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    there = installed_packages(answer.stdout.decode("utf-8", "replace"))
    return [name for name in names if name not in there and name + "t64" not in there]


def is_root() -> bool:
    return not WINDOWS and os.geteuid() == 0


def as_root() -> list[str] | None:
    """What to put before a command that root must run: nothing, sudo without a question, or None when we may not."""
    if is_root():
        return []
    if shutil.which("sudo") and call(["sudo", "-n", "true"], quiet=True) == 0:
        return ["sudo", "-n"]
    return None


def by_hand(names: list[str]) -> str:
    """The line to type in a terminal."""
    return " ".join(["sudo apt-get install -y --no-install-recommends", *names])


def install_packages(names: list[str]) -> None:
    """apt-get installs these packages when it may; Stop carries the one line to type when it may not or fails."""
    before = as_root()
    if before is None:
        raise Stop(f"还缺几个系统组件，请在终端里执行下面一行，然后再运行一次：\n    {by_hand(names)}")
    say("正在安装系统组件：" + "、".join(names))
    apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    arguments = ["install", "-y", "--no-install-recommends", *names]
    if call([*apt, *arguments], quiet=True) == 0:
        return
    call([*apt, "update"], quiet=True)  # a fresh system has no lists, an old one has stale ones
    if call([*apt, *arguments], quiet=True) != 0:
        raise Stop(f"系统组件没有装成，请在终端里执行下面一行，看它的提示：\n    {by_hand(names)}")


def library_of_python(config: str, version: str) -> list[str]:
    """The package with Python's own shared library, which the bundle needs; [] unless .venv stands on Debian's Python.

    `config` is the text of .venv/pyvenv.cfg. Other builds of Python bring the library with them.
    """
    lines = [line.replace(" ", "") for line in config.splitlines()]
    return ["libpython" + version] if "home=/usr/bin" in lines else []


# --- commands --------------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    print(text, flush=True)


def call(command: list[str], quiet: bool = False, env: dict[str, str] | None = None) -> int:
    """Exit code of a command run in the project's folder."""
    out = subprocess.DEVNULL if quiet else None
    return subprocess.call(command, cwd=str(ROOT), env=env, stdout=out, stderr=out)


def patiently(command: list[str]) -> int:
    """Exit code of a silent command that may take minutes; a line every half minute shows that it lives."""
    over = threading.Event()

    def tell() -> None:
        seconds = 0
        while not over.wait(30):
            seconds += 30
            say(f"……还在进行，已用 {seconds} 秒")

    threading.Thread(target=tell, daemon=True).start()
    try:
        return call(command)
    finally:
        over.set()


def has_screen() -> bool:
    """Whether a window can be shown: always outside Linux, there only with X or Wayland (or a chosen Qt platform)."""
    known = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in known)


def start() -> int:
    """The desk; where there is no screen, the whole demonstration without a window."""
    lacking = missing_packages(DESK_PACKAGES)
    if lacking:
        install_packages(lacking)
    prepare(LOCK)
    if has_screen():
        return call([str(venv_python()), "main.py"])
    say("这台电脑没有屏幕，打不开窗口：改为在 demo 文件夹里把主要工作演示一遍。")
    return call([str(venv_python()), "main.py", "demo-run", "./demo"])


def python_library() -> list[str]:
    """What PyInstaller needs of the system for the Python in .venv."""
    return library_of_python((VENV / "pyvenv.cfg").read_text("utf-8"), (read_stamp(STAMP) or {}).get("python", ""))


def prepare_tests() -> list[str]:
    """The dev lock and, where we are root on Debian, the test tools; what to tell pytest about what is missing."""
    lacking = missing_packages(DESK_PACKAGES)
    if lacking:
        install_packages(lacking)
    prepare(DEV_LOCK)
    lacking = missing_packages([*TEST_PACKAGES, *python_library()])
    if lacking and is_root():
        install_packages(lacking)
    if is_root() and shutil.which("lpadmin"):
        return []
    say("没有管理员权限或没有打印服务，真实打印队列的检查这次不做；其余检查照常。")
    needed = [name for name in lacking if name not in PRINTER_PACKAGES]
    if needed and not is_root():
        say(f"还缺几个测试工具，用到它们的检查会失败，可先执行：{by_hand(needed)}")
    return ["--without-printer"]


def test(extra: list[str]) -> int:
    """Every check, stopping at the first that fails; pytest's own closing line comes last."""
    options = prepare_tests()
    python = str(venv_python())
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    for name, arguments in (
        ("ruff", ["-m", "ruff", "check", "."]),
        ("mypy", ["-m", "mypy"]),
        ("lint-imports", ["-c", LINT_IMPORTS]),
    ):
        say(f"—— {name}")
        if call([python, *arguments], env=env):
            say(f"检查没有通过，停在 {name}：请先改好上面列出的地方。")
            return 1
    say("—— pytest")
    spread = [] if extra else ["-n", str(os.cpu_count() or 1), "--dist", "loadfile"]  # chosen tests are few: one process shows them better
    return call([python, "-m", "pytest", *options, *spread, *extra], env=env)


def bench(extra: list[str]) -> int:
    prepare(DEV_LOCK)
    return call([str(venv_python()), "-m", "tests.bench", *extra], env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})


def build() -> int:
    """The bundle in dist/RelocDesk, made for the system this runs on."""
    prepare(DEV_LOCK)
    lacking = missing_packages([*DESK_PACKAGES, "binutils", *python_library()])
    if lacking:
        install_packages(lacking)
    say("正在打包，约需一分钟……")
    command = [str(venv_python()), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "build.spec"]
    code = call(command)
    if code:
        say("打包没有成功：请看上面的提示。")
    else:
        say(f"打包完成：{ROOT / 'dist' / 'RelocDesk'}，把整个文件夹拷到同类系统上即可使用。")
    return code


def main(argv: list[str]) -> int:
    """Exit code of `run.py argv…`."""
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(encoding="utf-8", errors="replace")
    command, extra = (argv[0], argv[1:]) if argv else ("", [])
    try:
        if command == "test":
            return test(extra)
        if command == "bench":
            return bench(extra)
        if command == "build" and not extra:
            return build()
        if not argv:
            return start()
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        say("已停止。")
        return 130
    say(USAGE.format(me="py run.py" if WINDOWS else "python3 run.py"))
    return 0 if command in ("-h", "--help", "help") else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
