"""Finds void terms in the wording of a contract: which words, which article, what to write instead. Pure and fast."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from prepaid.clause_rules import RULES, Rule

MAX_CHARS = 5000
TRADITIONAL = str.maketrans(
    "款預儲備贈餘額轉讓遺補辦經營權變調價漲終釋歸責擔訴訟費無論還給過時賬帳戶單優惠際銷當為爲會員顧與棄請聲購買賣產業務處"
    "貨員課師學顯質換寫據條規則約個們門後發從開關體驗續約訂達應須許禁損壞盜竊丟失險傷賠償濟連帶風負承於內號張現滿餘逾總"
    "審議協簽標準項種類東車專屬獨決對間圖記錄臺統較難確認誤說話誰證書貼報舉擇併並係來幾億萬實點麼將減滅歲場館術極護復複鑑"
    "廢嚴遲隨舊維雙閱覽髮膚養療樂團獲頭臉醫禮幣銀電話網線絕滿戲遊飲飯餐廳樓層區縣鄉親屬幫優買",
    "款预储备赠余额转让遗补办经营权变调价涨终释归责担诉讼费无论还给过时账账户单优惠际销当为为会员顾与弃请声购买卖产业务处"
    "货员课师学显质换写据条规则约个们门后发从开关体验续约订达应须许禁损坏盗窃丢失险伤赔偿济连带风负承于内号张现满余逾总"
    "审议协签标准项种类东车专属独决对间图记录台统较难确认误说话谁证书贴报举择并并系来几亿万实点么将减灭岁场馆术极护复复鉴"
    "废严迟随旧维双阅览发肤养疗乐团获头脸医礼币银电话网线绝满戏游饮饭餐厅楼层区县乡亲属帮优买",
)
STOPS = frozenset("。;!?\n")
COMMAS = frozenset(",、:")
NOT_BEFORE = re.compile(
    "(?:不得|不能|不可|不会|不应|不该|不许|不准|禁止|严禁|杜绝|绝不|从不|决不|并非|并不|不是|不存在|不设|不保留|不享有|不属于|没有"
    "|无权|无需|不必|不用|不以|不约定|不含|废除|删除|取消了|不再|反对|拒不承认)[^,。;!?]{0,12}$"
)
# 「不可取消不可退」 lists two refusals; the first does not deny the second.
LISTED_BEFORE = re.compile("(?:不可|不能|不予|不得)[^,。;以不]{2,3}$")
# 「商家不退款的，您可以投诉」 speaks of a breach and promises nothing of the kind.
IF_AFTER = re.compile("^(?:的话|的情况下?|的情形|的|时)[,:]")
IF_BEFORE = re.compile("(?:如果?|若|倘若|一旦|假如|凡|遇到?|发现)[^,。;!?]{0,10}$")
BREACH_AFTER = re.compile(
    "^[^。;!?]{0,6}?(?:的条款|条款|的约定|约定|字样|的做法|之类)[^。;!?]{0,8}(?:无效|违法|违规|不成立|作废)"
    "|^(?:的)?(?:,|是|属于?|构成)*(?:违约|违法|违规|无效)"
)


@dataclass(frozen=True)
class Mark:
    """Words of a text that make a void term: ``text[start:end]``."""

    start: int
    end: int
    text: str
    rule: Rule

    @property
    def said(self) -> str:
        """One sentence for the merchant: which words, why, by which article, and what to write instead."""
        return f"「{self.text}」{self.rule.title}：{self.rule.why}（{self.rule.article}）可以改为：{self.rule.instead}"


@dataclass(frozen=True)
class Piece:
    """A run of text, marked or plain, so that a page shows the marks without building HTML."""

    text: str
    mark: Mark | None = None


def check(text: str) -> list[Mark]:
    """The void terms of a text, in order, none inside another (法释〔2025〕4号第9条, 条例第22条).

    Spaces, punctuation between characters, full-width and traditional writing make no difference; a sentence that
    forbids or denies such a term is not marked. At most 5,000 characters are read.
    """
    plain, origin = _normal(text[:MAX_CHARS])
    commas = [i for i, char in enumerate(plain) if char in STOPS or char in COMMAS]
    stops = [i for i, char in enumerate(plain) if char in STOPS]
    found: list[Mark] = []
    for rule in RULES:
        for pattern in rule.compiled:
            for hit in pattern.finditer(plain):
                start, end = hit.span()
                clause = plain[_after(commas, start) : start]
                sentence = plain[_after(stops, start) : start]
                denied = _denied(clause, hit.group())
                if start < end and not denied and not _excused(rule, clause, sentence, plain[end : end + 24]):
                    first, last = origin[start], origin[end - 1] + 1
                    found.append(Mark(first, last, text[first:last], rule))
    return _outermost(found)


def check_fields(fields: Mapping[str, str]) -> dict[str, list[Mark]]:
    """The void terms of several texts; fields without any are left out."""
    marked = {name: check(text) for name, text in fields.items() if text}
    return {name: marks for name, marks in marked.items() if marks}


def pieces(text: str, marks: list[Mark]) -> list[Piece]:
    """The text cut at its marks, to be shown in a row."""
    out, at = [], 0
    for mark in marks:
        if mark.start > at:
            out.append(Piece(text[at : mark.start]))
        out.append(Piece(text[mark.start : mark.end], mark))
        at = mark.end
    if at < len(text):
        out.append(Piece(text[at:]))
    return out


def _normal(text: str) -> tuple[str, list[int]]:
    """The text as the rules read it, and where each character of it stood."""
    chars: list[str] = []
    origin: list[int] = []
    for place, raw in enumerate(text):
        for char in unicodedata.normalize("NFKC", raw).translate(TRADITIONAL):
            kept = _kept(char)
            if kept:
                chars.append(kept)
                origin.append(place)
    # 「不，退，款」: a comma that cuts off a single character is noise as well.
    keep = [i for i, char in enumerate(chars) if char not in COMMAS or not _lone(chars, i)]
    return "".join(chars[i] for i in keep), [origin[i] for i in keep]


def _kept(char: str) -> str:
    """A character as it counts: letters, digits, % and the marks that end a clause."""
    if char in "。;!?\n" or char.isalnum() or char == "%":
        return char.lower()
    if char in ",、，:：":
        return ","
    return ""


def _lone(chars: list[str], comma: int) -> bool:
    """Whether one character stands alone before or after a comma."""

    def cut(i: int) -> bool:
        return not 0 <= i < len(chars) or chars[i] in COMMAS or chars[i] in STOPS

    return (not cut(comma - 1) and cut(comma - 2)) or (not cut(comma + 1) and cut(comma + 2))


def _after(places: list[int], start: int) -> int:
    """Where the clause begins that holds ``start``."""
    at = bisect_right(places, start - 1)
    return places[at - 1] + 1 if at else 0


def _denied(clause: str, words: str) -> bool:
    """Whether a word of denial stands before the hit: 「不得拒绝退款」."""
    if words.startswith("不") and LISTED_BEFORE.search(clause):
        return False
    return bool(NOT_BEFORE.search(clause))


def _excused(rule: Rule, clause: str, sentence: str, after: str) -> bool:
    """Whether the words around a hit only suppose it, call it void, or make it lawful."""
    if IF_AFTER.search(after) or IF_BEFORE.search(clause):
        return True
    if BREACH_AFTER.search(after):
        return True
    if rule.code == "liability" and re.search("不可抗力|自然灾害|政府", sentence):
        return True
    return bool(rule.allowed_after and re.search(f"(?:{rule.allowed_after})[^,。;]{{0,6}}$", clause))


def _outermost(found: list[Mark]) -> list[Mark]:
    """Marks in order; of two that overlap, the longer one."""
    out: list[Mark] = []
    for mark in sorted(found, key=lambda mark: (mark.start - mark.end, mark.start)):
        if all(mark.end <= other.start or mark.start >= other.end for other in out):
            out.append(mark)
    return sorted(out, key=lambda mark: mark.start)
