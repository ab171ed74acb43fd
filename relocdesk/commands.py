"""The command line: every subcommand with its arguments, once; errors in plain Chinese; exit codes.

0 done · 1 refused with one sentence · 2 wrong usage · 3 done in part · 70 a defect, noted in the log file. Only the
arguments of the called command are declared and only its module is loaded, so that --help is quick.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from relocdesk.errors import UserError

DEFECT = 70
Argument = tuple[tuple[str, ...], dict[str, Any]]


def _arg(*names: str, **words: Any) -> Argument:
    return names, words


def _book(**words: Any) -> Argument:
    return _arg("book", metavar="BOOK", help="台账文件", **words)


_REGISTER = _arg("register", metavar="REGISTER", help="台账的名称，如 household 或 移民户")
_KEY = _arg("key", metavar="KEY", help="编号，几部分之间用 / 隔开")
_FIELDS = _arg("fields", metavar="FIELD=VALUE", nargs="*", help="栏目=取值，可以写多个")
_WHERE = _arg("--where", metavar="FIELD=VALUE", nargs="+", action="extend", default=[], help="只要这些栏目等于这些取值的")
_OUT = _arg("out", metavar="OUT.xlsx", help="写到哪个文件")
_PUBLIC = _arg("--public", action="store_true", help="公开版，不带身份证号和账号")


@dataclass(frozen=True)
class Command:
    """A subcommand: its name, what it does, the module of relocdesk.command that does it, and its arguments."""

    name: str
    help: str
    subject: str
    arguments: tuple[Argument, ...]


COMMANDS: tuple[Command, ...] = (
    Command("new", "新建一本空台账", "books", (
        _book(), _arg("--office", metavar="名称", required=True, help="单位全称"),
        _arg("--place", metavar="代码", required=True, help="行政区划代码：县 6 位，乡镇 9 位"),
        _arg("--level", metavar="层级", default="", help="县级 或 乡镇，空着看代码"),
        _arg("--place-name", metavar="名称", default="", help="乡镇名称，空着从单位名称里取"))),
    Command("demo", "做一本虚构数据的演示台账", "books", (
        _book(), _arg("--scale", choices=("township", "county", "million"), default="township",
                      help="township 约 300 户；county 20 个乡镇约 1 万户、5 万后扶人口、200 万笔直补；million 400 万笔直补，试大表格用"),
        _arg("--seed", metavar="N", type=int, default=1, help="同样的数字做出同样的内容"))),
    Command("demo-run", "把主要业务从头到尾演示一遍，逐步报数并核对", "books", (_arg("folder", metavar="DIR", help="空文件夹，结果放在里面"),)),
    Command("registers", "列出各台账和栏目", "registers", ()),
    Command("list", "列出台账里的记录和合计", "registers", (
        _book(), _REGISTER, _WHERE, _arg("--search", metavar="TEXT", default="", help="姓名、编号、证件号或拼音首字母"))),
    Command("add", "登记一条记录", "registers", (_book(), _REGISTER, _FIELDS, _arg("--accept", metavar="CODE=理由", nargs="+", action="extend",
                                                                         default=[], help="放行某条规则并写明理由"))),
    Command("set", "修改一条记录", "registers", (_book(), _REGISTER, _KEY, _FIELDS, _arg("--accept", metavar="CODE=理由", nargs="+", action="extend",
                                                                               default=[], help="放行某条规则并写明理由"))),
    Command("delete", "删除一条记录（可恢复）", "registers", (_book(), _REGISTER, _KEY)),
    Command("undelete", "恢复删除的记录", "registers", (_book(), _REGISTER, _KEY)),
    Command("attach", "给记录加附件", "registers", (_book(), _REGISTER, _KEY, _arg("file", metavar="FILE", help="要附上的文件"),
                                              _arg("--remark", default="", help="备注；公示照片写“张榜时”或“期满时”"))),
    Command("template", "导出填报模板", "workbooks", (_REGISTER, _OUT)),
    Command("import", "导入工作簿：先核对，加 --apply 才入账", "workbooks", (
        _book(), _REGISTER, _arg("file", metavar="FILE", help="xlsx、xls 或 csv 文件"),
        _arg("--sheet", metavar="NAME", default="", help="工作表名称"), _arg("--apply", action="store_true", help="入账"),
        _arg("--mapping", metavar="FILE.json", help="列对应：{\"表头\": \"栏目\"}"),
        _arg("--problems", metavar="OUT.xlsx", help="把有问题的行连同说明写到这个文件"),
        _arg("--accept", metavar="CODE=理由", nargs="+", action="extend", default=[], help="放行某条规则并写明理由"),
        _arg("--default", metavar="FIELD=VALUE", nargs="+", action="extend", default=[], help="表里没有的栏目按这个取值，如 工程=某某灌区"),
        _arg("--create-places", action="store_true", help="村下没有的组自动建立"),
        _arg("--erase-empty", action="store_true", help="空白格清除台账里原有的内容"))),
    Command("withdraw", "撤回一次导入", "workbooks", (_book(), _arg("batch", metavar="BATCH", help="导入批次的流水号或编号"))),
    Command("export", "导出台账为工作簿", "workbooks", (
        _book(), _REGISTER, _OUT, _WHERE, _arg("--search", metavar="TEXT", default="", help="姓名、编号、证件号或拼音首字母"), _PUBLIC)),
    Command("match", "其他部门的名单与直补对象比对：先看结果，加 --apply-sure 核减确定的", "lists", (
        _book(), _arg("file", metavar="FILE", help="xlsx、xls 或 csv 文件"),
        _arg("--kind", metavar="KIND", required=True, help="deaths 死亡、payroll 财政供养、prison 服刑、hukou 转非"),
        _arg("--date", metavar="DATE", default="", help="名单里没有日期的，按这一天"),
        _arg("--apply-sure", action="store_true", help="核减身份证号和姓名都相同的人"),
        _arg("--rows", metavar="N", nargs="+", action="extend", default=[], help="核对过的“待核”行，也一并核减"),
        _arg("--problems", metavar="OUT.xlsx", help="把每一行的比对结果写到这个文件"))),
    Command("draft", "按已确认的实物起草协议", "doing", (
        _book(), _arg("--project", metavar="P", default="", help="工程"),
        _arg("--household", metavar="KEY", nargs="+", action="extend", default=[], help="户号，可以写多个"),
        _arg("--place", metavar="CODE", default="", help="村组的代码或名称，含下级"))),
    Command("do", "办理：签订、作废、开批次、审批等；do --list 列出全部", "doing", (
        _book(nargs="?"), _arg("action", metavar="ACTION", nargs="?", help="办理事项的名称"),
        _arg("words", metavar="KEY FIELD=VALUE", nargs="*", help="编号（可以多个），以及办理要填的内容"),
        _arg("--list", action="store_true", dest="list_actions", help="列出全部办理事项和要填的内容"))),
    Command("forms", "列出可以打印的单据", "papers", ()),
    Command("print", "打印单据为 PDF", "papers", (
        _book(), _arg("form", metavar="FORM", help="单据的名称"), _arg("out", metavar="OUT.pdf", help="写到哪个文件；清单和报告写成 .docx 就存为 Word"),
        _arg("--key", metavar="KEY", nargs="+", action="extend", default=[], help="编号，可以写多个"), _WHERE,
        _arg("--all", action="store_true", help="全部记录"), _PUBLIC,
        _arg("--only", metavar="TEXT", default="", help="一条记录打成几份的（如分村花名册），只打名称里有这些字的"),
        _arg("--allow-gaps", action="store_true", help="缺的内容留空，打印后手工补写"))),
    Command("bank-list", "把批次或直补发放期做成银行代发清单", "workbooks", (_book(), _arg("batch", metavar="BATCH", help="批次编号，或发放期 2026/3"), _OUT)),
    Command("history", "查变更记录：全部、某天（加 --on）或某一条", "looking", (
        _book(), _arg("register", metavar="REGISTER", nargs="?", help="台账的名称"), _arg("key", metavar="KEY", nargs="?", help="编号"),
        _arg("--limit", metavar="N", type=int, default=50, help="最多列多少次操作"))),
    Command("undo", "撤销最近一次操作", "looking", (_book(),)),
    Command("verify", "核对台账：文件、关联、勾稽、变更记录", "looking", (_book(),)),
    Command("setting", "查看或修改设置", "looking", (_book(), _arg("setting", metavar="KEY[=VALUE]", nargs="?", help="设置的名称"))),
    Command("backup", "备份台账并核对", "books", (_book(), _arg("folder", metavar="DIR", nargs="?", help="备份到哪个文件夹"))),
    Command("restore", "用备份恢复出一本台账", "books", (_arg("file", metavar="FILE", help="备份文件"), _book())),
    Command("capital", "金额写成大写", "looking", (_arg("amount", metavar="AMOUNT", help="金额，如 1234.50"),)),
    Command("selfcheck", "自检：程序是否装得完整", "books", ()),
)  # fmt: skip
_BY_NAME = {command.name: command for command in COMMANDS}
_COMMON: tuple[Argument, ...] = (
    _arg("--by", metavar="NAME", default="", help="谁在办理（操作员姓名）"),
    _arg("--on", metavar="DATE", default="", help="按哪一天办理，空着为今天"),
    _arg("--json", action="store_true", help="只输出一份 JSON"),
    _arg("-h", "--help", action="help", help="显示这份说明"),
)


def main(argv: list[str], *, stage: Callable[[], Any]) -> int:
    """Runs one subcommand and returns the exit code.

    `stage` loads what draws without a screen (selfcheck, pictures; see call.Stage); it comes from main.py, which alone may
    reach Qt, and is called by the few commands that draw.
    """
    json_wanted = "--json" in argv
    try:
        call = None
        command, args = _parse(argv)
        from relocdesk.command.call import Call  # noqa: PLC0415 -- slow import

        call = Call(args, stage)
        run: Callable[[Call], int] = getattr(_module(command.subject), command.name.replace("-", "_") + "_command")
        code = run(call)
        sys.stdout.flush()
        return code
    except _Asked as asked:
        return asked.code
    except _Usage as error:
        return _refuse(error.args[0], error.hint, "USAGE", json_wanted, 2)
    except UserError as error:
        return _refuse(error.text, error.hint, error.code, json_wanted and not (call and call.answered), 1)
    except KeyboardInterrupt:
        return _refuse("已停止", "没有办完的都没有保存", "", json_wanted, 1)
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # noqa: BLE001 -- the last stop of a defect: it goes to the log, people get a sentence
        return _refuse("程序出错，这次没有办成", f"请把记录文件 {_note_defect()} 发给维护人员", "DEFECT", json_wanted, DEFECT)


def _refuse(text: str, hint: str, code: str, json_wanted: bool, exit_code: int) -> int:
    from relocdesk.rules.identity import hide_idcards  # noqa: PLC0415 -- slow import

    text, hint = hide_idcards(text), hide_idcards(hint)  # what was typed may name a person by number
    if json_wanted:
        print(json.dumps({"error": {"text": text, "hint": hint, "code": code}}, ensure_ascii=False))
    else:
        print(str(UserError(text, hint=hint)), file=sys.stderr)
    return exit_code


def _note_defect() -> Path | str:
    """Appends the traceback to this installation's log; returns where it lies."""
    from datetime import UTC, datetime  # noqa: PLC0415 -- only for a defect

    from relocdesk.machine import home_folder  # noqa: PLC0415 -- only for a defect
    from relocdesk.rules.identity import masked  # noqa: PLC0415 -- only for a defect

    try:
        path = home_folder() / "relocdesk.log"
        with path.open("a", encoding="utf-8") as log:
            log.write(f"\n{datetime.now(UTC).isoformat()} command line\n{masked(traceback.format_exc())}")
    except OSError:
        print(masked(traceback.format_exc()), file=sys.stderr)
        return "（写不下来，见上面的文字）"
    return path


def _module(subject: str) -> ModuleType:
    """The module of a subject, named in full so that a frozen program finds it."""
    if subject == "books":
        from relocdesk.command import books  # noqa: PLC0415 -- slow import

        return books
    if subject == "registers":
        from relocdesk.command import registers  # noqa: PLC0415 -- slow import

        return registers
    if subject == "workbooks":
        from relocdesk.command import workbooks  # noqa: PLC0415 -- slow import

        return workbooks
    if subject == "doing":
        from relocdesk.command import doing  # noqa: PLC0415 -- slow import

        return doing
    if subject == "lists":
        from relocdesk.command import lists  # noqa: PLC0415 -- slow import

        return lists
    if subject == "papers":
        from relocdesk.command import papers  # noqa: PLC0415 -- slow import

        return papers
    from relocdesk.command import looking  # noqa: PLC0415 -- slow import

    return looking


# --- reading the command ---------------------------------------------------------------------------------------------


class _Usage(Exception):
    """The command was written wrongly; `hint` shows how it is written."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.hint = hint


class _Asked(Exception):
    """Only help was wanted, and it has been shown."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Layout(argparse.RawDescriptionHelpFormatter):
    """Help with Chinese heads."""

    def start_section(self, heading: str | None) -> None:
        super().start_section({"positional arguments": "参数", "options": "选项"}.get(heading or "", heading))

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Usage(_in_chinese(message), " ".join(self.format_usage().split()))

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _Asked(status)


_MESSAGES = (
    (r"the following arguments are required: (.*)", r"还缺：\1"),
    (r"unrecognized arguments: (.*)", r"不认识：\1"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 不明确，可能是 \2"),
    (r"argument (\S+): expected (one argument|at least one argument)", r"\1 后面要写取值"),
    (r"argument (\S+): invalid choice: (\S+) \(choose from (.*)\)", r"\1 不能是 \2，可以是 \3"),
    (r"argument (\S+): invalid int value: (.*)", r"\1 要写整数，不能是 \2"),
    (r"argument (\S+): ignored explicit argument (.*)", r"\1 后面不写取值 \2"),
    (r"argument (\S+): not allowed with argument (\S+)", r"\1 和 \2 不能同时用"),
)  # fmt: skip


def _in_chinese(message: str) -> str:
    for pattern, text in _MESSAGES:
        if re.fullmatch(pattern, message):
            return re.sub(pattern, text, message)
    return f"命令写得不对（{message}）"


def _parse(argv: list[str]) -> tuple[Command, argparse.Namespace]:
    """The command and its arguments; options may stand anywhere, before the command's name too."""
    argv, early = _from_its_name(argv)
    if (argv and argv[0] in ("-h", "--help")) or "-h" in early or "--help" in early:
        print("\n".join(_overview()))
        raise _Asked(0)
    command = _BY_NAME.get(argv[0]) if argv else None
    if command is None:
        said = f"没有“{argv[0]}”这个命令" if argv else "没有写命令"
        raise _Usage(said, f"可用：{'、'.join(_BY_NAME)}；main.py --help 看说明")
    parser = _Parser(prog=f"main.py {command.name}", description=command.help, add_help=False, formatter_class=_Layout, allow_abbrev=False)
    for names, words in (*command.arguments, *_COMMON):
        parser.add_argument(*names, **words)
    parser.usage = parser.format_usage().removeprefix("用法：").strip()  # or argparse cuts off its own English prefix
    return command, parser.parse_intermixed_args([*early, *_one_by_one(command, argv[1:])])


def _from_its_name(argv: list[str]) -> tuple[list[str], list[str]]:
    """The words from the command's name on, and the common options that stand before it."""
    takes_value = {name for names, words in _COMMON if "action" not in words for name in names}
    start = 0
    while start < len(argv) and argv[start].startswith("-") and argv[start] not in ("-h", "--help"):
        start += 2 if argv[start] in takes_value else 1
    return argv[start:], argv[: min(start, len(argv))]


def _one_by_one(command: Command, argv: list[str]) -> list[str]:
    """`--where A=1 B=2 BOOK` as `--where=A=1 --where=B=2 BOOK`: after its first value, such an option takes only what has a =."""
    lists = {name for names, words in command.arguments if words.get("nargs") == "+" and "=" in str(words.get("metavar")) for name in names}
    found: list[str] = []
    option = ""
    for word in argv:
        if word in lists:
            found.append(option := word)
        elif option and not word.startswith("--") and (found[-1] == option or "=" in word):
            found[-1:] = [f"{option}={word}"] if found[-1] == option else [found[-1], f"{option}={word}"]
        else:
            option = ""
            found.append(word)
    return found


def _overview() -> Iterator[str]:
    yield "搬迁安置工作台"
    yield ""
    yield "用法：main.py [BOOK]                打开窗口"
    yield "      main.py 命令 …                不开窗口，办完就退出；main.py 命令 --help 看怎么写"
    yield ""
    yield "命令："
    longest = max(map(len, _BY_NAME))
    for command in COMMANDS:
        yield f"  {command.name:<{longest}}  {command.help}"
    yield ""
    yield "各命令都可以加：--by 操作员  --on 日期  --json"
    yield "退出码：0 办完  1 不能办，说明原因  2 命令写得不对  3 办了一部分"
