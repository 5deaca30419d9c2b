"""A sentence of the paper's beside a figure."""

from __future__ import annotations

from resnext_viz.figures.kit.svg import Markup, tag


def quote(words: str, source: str) -> Markup:
    """The words in quotation marks, and below them where they stand, with what is to be said of them."""
    return tag("blockquote", tag("p", f"“{words}”"), tag("footer", source), class_="rx-quote")
