"""Writes docs/glossary.md from the glossary: `python -m scripts.write_glossary`."""

from __future__ import annotations

from pathlib import Path

from resnext_viz.glossary import TERMS, GlossaryTerm

PAGE = Path(__file__).parents[1] / "docs" / "glossary.md"
_HEAD = """# Glossary

Every term that the pages use, as they explain it: behind the “?” beside a dial, a number or a field.
Sections, tables and figures are those of the paper, [arXiv 1611.05431](https://arxiv.org/abs/1611.05431).

| term | what it means | exactly | in the paper |
|---|---|---|---|
"""


def page() -> str:
    """The glossary as a page of the docs."""
    return _HEAD + "".join(map(_row, TERMS))


def _row(term: GlossaryTerm) -> str:
    cells = (f"**{term.name}**", term.sentence, term.exactly, term.source)
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
