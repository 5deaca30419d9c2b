"""Explain my number: from a count that somebody got to the reason for it."""

from resnext_viz.explanations.answer import Explanation, SearchResult
from resnext_viz.explanations.search import explain_number, remember_networks

__all__ = ["Explanation", "SearchResult", "explain_number", "remember_networks"]
