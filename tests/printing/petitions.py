"""Invented petitions, one for each letter."""

from __future__ import annotations

from typing import Any

from relocdesk.records.petition import Petition
from tests.printing.township import Sample

LONG = """\
经查，您户承包的大沟边地块2026年3月1日实物调查登记面积为3.20亩。接到您的信访后，本单位会同三坝乡自然资源所、柳树村委会和监理单位于2026年4月2日到现场复测，您户和相邻农户到场指界。
复测结果为4.40亩，少登记1.20亩，原因是调查时把沟埂外侧的旱地误划入相邻地块。复测成果已由您户和相邻农户签字确认，并在柳树村公示7天，无异议。
决定补登1.20亩旱地，按龙川灌区工程补偿标准补签协议、补付补偿费。"""
BASIS = "《大中型水利水电工程建设征地补偿和移民安置条例》第七条、第二十二条；龙川灌区工程建设征地移民安置实施办法第十二条。"


def furnish_petitions(sample: Sample) -> None:
    """Accepted, refused, extended, answered, mediated, passed on, assigned, guided, and one not yet looked at."""

    def one(word: str, serial: int, **values: Any) -> None:
        given = {
            "number": f"XF2026-A{serial:03d}", "received_on": "2026-03-02", "channel": "visit", "purpose": "claim", "petitioner": "张大明",
            "place": sample.ids["53052310220101"], "address": "柳树坝12号", "phone": "13808750001", "persons": 1, "bypass": "none", "category": "面积",
            "summary": "大沟边的旱地少登记了一亩多", "unreachable": 0, "remedy_told": 0, "handler": "李小红", **values,
        }  # fmt: skip
        sample.add(Petition, word, **given)

    taken: dict[str, Any] = {"jurisdiction": "accept", "judged_on": "2026-03-05", "accepted_on": "2026-03-05", "notice_no": "搬安信告〔2026〕A1号"}
    one("受理件", 1, **taken)
    one("不受理件", 2, jurisdiction="refuse", judged_on="2026-03-06", judged_reason="该事项已由龙陵县人民法院立案审理", notice_no="搬安信不〔2026〕A1号")
    one("延期件", 3, **taken, extension_days=30, extension_approver="尹世文", extension_reason="需要重新测绘，测绘单位五月上旬才能进场",
        extension_no="搬安信延〔2026〕A1号", extension_told_on="2026-04-28", persons=6)  # fmt: skip
    one("办结件", 4, **taken, opinion="support", opinion_no="搬安信意〔2026〕A1号", opinion_text=LONG, basis=BASIS, remedy_told=1, closed_on="2026-04-20")
    one("调解件", 5, **taken, opinion="mediate", opinion_no="三坝调〔2026〕3号", opinion_text="双方和解", closed_on="2026-04-20")
    one("转送件", 6, jurisdiction="transfer", judged_on="2026-03-06", judged_reason="龙陵县自然资源局", notice_no="搬安信告〔2026〕A3号",
        transfer_no="搬安信转〔2026〕A1号")  # fmt: skip
    one("交办件", 7, jurisdiction="assign", judged_on="2026-03-06", judged_reason="三坝乡人民政府", notice_no="搬安信告〔2026〕A4号",
        transfer_no="搬安信转〔2026〕A2号")  # fmt: skip
    one("引导件", 8, jurisdiction="guide", judged_on="2026-03-06", judged_reason="龙陵县人民法院", notice_no="搬安信告〔2026〕A2号")
    one("未审查件", 9)
