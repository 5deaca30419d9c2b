"""The glossary: whole sentences, each term once, and the page of the docs that says the same."""

import re
from pathlib import Path

import pytest

import resnext_viz
from resnext_viz.glossary import TERMS, GlossaryTerm, term
from scripts.write_glossary import PAGE, page

PACKAGE = Path(resnext_viz.__file__).parent
UI = [*sorted((PACKAGE / "ui").rglob("*.py")), *sorted((PACKAGE.parent / "pages").glob("*.py"))]


@pytest.mark.parametrize("each", TERMS, ids=lambda each: each.key)
def test_a_term_is_one_short_sentence_and_what_is_meant_exactly(each: GlossaryTerm) -> None:
    assert re.fullmatch(r"[A-Z][^\n]{20,170}\.", each.sentence)
    assert not re.search(r"\. [A-Z]", each.sentence)
    assert each.question.endswith("?")
    assert not each.exactly or each.exactly.endswith(".")
    assert each.help.startswith(each.sentence)
    assert each.help.endswith(each.exactly)


def test_a_term_has_its_name_and_its_words_for_itself() -> None:
    for words in ("key", "name", "question", "sentence"):
        assert len({getattr(each, words) for each in TERMS}) == len(TERMS)


def test_the_page_of_the_docs_is_the_glossary() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m scripts.write_glossary"


def test_every_term_that_is_asked_for_is_there() -> None:
    asked = [key for path in UI for key in re.findall(r'\bterm\("(\w+)"\)', path.read_text(encoding="utf-8"))]
    assert len(asked) > 5
    assert [key for key in asked if term(key).key != key] == []
