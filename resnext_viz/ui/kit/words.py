"""The words that the browser components explain with, as JSON; they never change, so a browser gets them once."""

from __future__ import annotations

from functools import cache

from resnext_viz.glossary import TERMS
from resnext_viz.names import IDEAS
from resnext_viz.ui.kit.dialled import Dialled, compact_json


@cache
def words_text() -> str:
    """What terms mean, what is said of networks, and the address at which nothing is chosen yet, as JSON."""
    terms = {term.key: [term.question, term.sentence, term.exactly] for term in TERMS}
    ideas = {kind: ideas._asdict() for kind, ideas in IDEAS.items()}
    return compact_json({"terms": terms, "ideas": ideas, "start": Dialled().to_query()})
