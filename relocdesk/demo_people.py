"""Invented people for the demo and for tests of size: names as they occur in Yunnan, ID numbers and accounts that check.

Nobody here exists. The same Random gives the same people.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from relocdesk.rules.identity import check_digit

SURNAMES = ("李王张刘陈杨赵黄周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜"
            "范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚")  # fmt: skip
GIVEN_MEN = "建国 志明 文华 正荣 光明 开富 朝阳 德林 绍文 兴旺 国强 永昌 家和 云峰 大山 发有 贵生 世平 天佑 学军 成林 忠 勇 刚 伟 平"
GIVEN_WOMEN = "桂兰 秀英 菊芬 玉珍 美仙 丽华 琼芝 凤仙 红梅 小琴 春燕 桂香 秋菊 从珍 自芬 家秀 艳 芳 敏 娟"
LONG_NAMES = ("阿的木呷日古", "岩温罕勐", "扎西次仁·央金拉姆", "吉克阿妞嫫·尔扎", "买买提·阿不都热合曼", "玉香罕囡", "木帕·司腊玛")
RARE_NAMES = ("李䶮", "王㛃", "张堃喆", "陈犇犇", "杨昇翀", "赵禤瑀", "刘赟垚", "段彧翾")
NATIONS = ("汉族",) * 6 + ("彝族", "傣族", "傈僳族", "白族", "阿昌族", "德昂族")
# Codes printed on the cards of older people: 龙陵县 before 2001, and the codes of neighbours.
REGIONS = ("530523",) * 4 + ("533024",) * 3 + ("530521", "533022", "530502")


@dataclass(frozen=True, slots=True)
class Being:
    """One invented person."""

    name: str
    idcard: str
    relation: str
    nation: str


@dataclass
class People:
    """Makes people and accounts, no number twice."""

    random: Random
    _used: set[str] = field(default_factory=set)

    def being(self, year: int, *, man: bool, relation: str, surname: str = "") -> Being:
        """One person born about that year."""
        dice = self.random.random()
        if dice < 0.012:
            name, nation = self.random.choice(LONG_NAMES), self.random.choice(NATIONS[6:])
        elif dice < 0.03:
            name, nation = self.random.choice(RARE_NAMES), "汉族"
        else:
            given = (GIVEN_MEN if man else GIVEN_WOMEN).split()
            name, nation = (surname or self.random.choice(SURNAMES)) + self.random.choice(given), self.random.choice(NATIONS)
        return Being(name, self.idcard(year, man=man), relation, nation)

    def idcard(self, year: int, *, man: bool) -> str:
        """A number nobody else here has, with its check digit; the odd sequence is a man's."""
        while True:
            born = f"{year:04d}{self.random.randint(1, 12):02d}{self.random.randint(1, 28):02d}"
            region = self.random.choice(REGIONS) if year < 2000 else "530523"
            first = f"{region}{born}{self.random.randint(0, 498) * 2 + (1 if man else 2):03d}"
            if first not in self._used:
                self._used.add(first)
                return first + check_digit(first)

    def account(self) -> str:
        """A bank account with its check digit (GB/T 17969, the Luhn rule)."""
        while True:
            first = "6223" + "".join(str(self.random.randint(0, 9)) for _ in range(14))
            if first not in self._used:
                self._used.add(first)
                return first + luhn_digit(first)

    def family(self) -> list[Being]:
        """A household's people, its head first."""
        born = self.random.randint(1948, 1988)
        man = self.random.random() < 0.82
        head = self.being(born, man=man, relation="户主")
        found = [head]
        if self.random.random() < 0.8:
            found.append(self.being(born + self.random.randint(-3, 4), man=not man, relation="妻" if man else "夫"))
        surname = head.name[0]
        for _ in range(self.random.choice((0, 1, 1, 2, 2, 3))):
            son = self.random.random() < 0.52
            found.append(self.being(min(2024, born + self.random.randint(21, 34)), man=son, relation="子" if son else "女", surname=surname))
        if self.random.random() < 0.2 and born > 1965:
            found.append(self.being(born - self.random.randint(21, 30), man=False, relation="母亲"))
        return [replace(one, name=f"{one.name}{'二三四五六七'[n - 1]}") if n and one.name in {other.name for other in found[:n]} else one
                for n, one in enumerate(found)]  # fmt: skip


def luhn_digit(digits: str) -> str:
    """The digit that makes an account number check.

    >>> luhn_digit("7992739871")
    '3'
    """
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
