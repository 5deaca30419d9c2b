"""Where a number comes from, as HTML: a sentence, the sum that adds up to the exact value, and other readings.

Where nothing gives the number: what is nearest, each with its distance, drawn from the number in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence

from resnext_viz.explanations import Explanation, SearchResult
from resnext_viz.explanations.stated import Fit
from resnext_viz.figures.kit.svg import Markup, circle, document, line, tag
from resnext_viz.kit.number_format import exact

_SIGNS = {Fit.EXACT: "=", Fit.ROUNDS: "≈", Fit.CUT_OFF: "~"}
_TRACK_WIDTH, _TRACK_HEIGHT, _DOT = 168, 18, 4.5  # of a drawn distance, in pixels
_WIDEST = 0.25  # distances beyond this share end at the edge; their words tell how far they are


def explanation_view(answer: SearchResult) -> str:
    """The whole answer."""
    return tag(
        "section",
        *(_explained(answer) if answer.found else _unexplained(answer)),
        class_="rx-e",
        aria_label=f"Where {answer.number.text} comes from",
    )


def _explained(answer: SearchResult) -> list[Markup]:
    first, *others = answer.matches
    parts = [tag("p", f"{_whole(first.stated)} is {first.subject}.", class_="rx-e-finding"), _sum(first)]
    parts += [tag("p", words, class_="rx-e-note") for words in (first.note, answer.remark) if words]
    if others:
        parts.append(_table("Other readings, less plausible", [(each, _fit(each)) for each in others]))
    if answer.more:
        parts.append(tag("p", f"and {answer.more} more", class_="rx-e-more"))
    return parts


def _whole(number: str) -> str:
    """The number with its unit on one line."""
    return number.replace(" ", "\u00a0")


def _sum(explanation: Explanation) -> Markup:
    """The terms under each other, with their total under a rule."""
    rows = [
        tag(
            "tr",
            tag("th", term.name[:1].upper() + term.name[1:], scope="row"),
            tag("td", exact(term.amount)),
            tag("td", f"× {term.times:g}", class_="rx-e-times"),
            tag("td", exact(term.value)),
        )
        for term in explanation.terms
    ]
    total = tag(
        "tr",
        tag("th", explanation.unit, scope="row"),
        tag("td", _fit(explanation), colspan="2"),
        tag("td", exact(explanation.value)),
    )
    caption = tag("caption", f"{explanation.subject}: the sum")
    return tag("table", caption, tag("tbody", *rows), tag("tfoot", total), class_="rx-e-sum")


def _unexplained(answer: SearchResult) -> list[Markup]:
    verdict = answer.verdict.replace(answer.number.text, _whole(answer.number.text))
    parts = [tag("p", verdict, class_="rx-e-finding")]
    if answer.remark:
        parts.append(tag("p", answer.remark, class_="rx-e-note"))
    if answer.nearest:
        parts.append(_table("Nearest", [(each, _distance(each)) for each in answer.nearest]))
    if answer.elsewhere:
        parts.append(_table("Other networks that have it", [(each, _fit(each)) for each in answer.elsewhere]))
    return parts


def _table(title: str, rows: Sequence[tuple[Explanation, Markup]]) -> Markup:
    """Explanations in short: what, how much, and how that stands to the number."""
    body = [
        tag(
            "tr",
            tag("th", each.subject, scope="row"),
            tag("td", exact(each.value), tag("small", f" {each.unit}")),
            tag("td", beside, class_="rx-e-beside"),
        )
        for each, beside in rows
    ]
    return tag("table", tag("caption", title), tag("tbody", *body), class_="rx-e-list")


def _fit(explanation: Explanation) -> Markup:
    """How the exact value agrees with the number."""
    if explanation.fit is None:
        return tag("span")
    words = "to the unit" if explanation.fit is Fit.EXACT else f"{explanation.fit.value} {explanation.stated}"
    good = "" if explanation.fit is Fit.CUT_OFF else " rx-e-good"
    return tag(
        "span",
        tag("b", _SIGNS[explanation.fit], class_=f"rx-e-sign{good}", aria_hidden="true"),
        f" {words}",
        class_="rx-e-fit",
    )


def _distance(explanation: Explanation) -> Markup:
    """The value's distance, as a line from the number in the middle, and in words."""
    words = explanation.distance.removesuffix(" than")
    middle = _TRACK_WIDTH / 2
    there = middle + max(-1.0, min(1.0, explanation.off / _WIDEST)) * (middle - _DOT - 1)
    y = _TRACK_HEIGHT / 2
    drawn = document(
        _TRACK_WIDTH,
        _TRACK_HEIGHT,
        "Distance",
        f"{words} than {explanation.stated}",
        [
            line(0, y, _TRACK_WIDTH, y, class_="rx-e-axis"),
            line(middle, 2, middle, _TRACK_HEIGHT - 2, class_="rx-e-tick"),
            line(middle, y, there, y, class_="rx-e-line"),
            circle(there, y, _DOT, class_="rx-e-dot"),
        ],
    )
    return tag("span", drawn, tag("span", words), class_="rx-e-distance")
