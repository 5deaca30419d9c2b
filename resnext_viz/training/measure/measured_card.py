"""The part of a model card that is measured: classes, confusions, calibration, larger photos, pictures of other things.

Everything in it comes from `Measured`; a card that has that part already gets it anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resnext_viz.inference.calibration import BINS
from resnext_viz.inference.none_of_these import WORDS, NoneRule
from resnext_viz.inference.predictor.measured import Measured
from resnext_viz.kit.number_format import exact, percent
from resnext_viz.training.measure.calibrate import WRONGLY

_BEGINS = "\n## Measured\n"
_ACCURACY = re.compile(r"(\| accuracy on the test pictures \| )[^|]*\|")
_DIGEST = re.compile(r"(\| SHA-256 of the weights \| )`[0-9a-f]*`")


def whole_card(card: str, measured: Measured) -> str:
    """The card of a training run, about the file of the measured weights, with what was measured of them.

    Args:
        card: Markdown that says what the network is and where it comes from; empty if nobody wrote one.
        measured: of the file that the card goes with.
    """
    origin = card.partition(_BEGINS)[0].rstrip() or f"# {measured.network}\n\n{_facts(measured)}"
    about_this_file = _DIGEST.sub(rf"\g<1>`{measured.weights}`", origin)
    share = percent(measured.right / measured.pictures, 2)
    about_this_file = _ACCURACY.sub(rf"\g<1>{share}, one view of each picture; see below |", about_this_file)
    return f"{about_this_file}\n{_BEGINS}\n{measured_part(measured)}"


def measured_part(measured: Measured) -> str:
    """The sections, each with its table."""
    sections = [_how(measured), _by_class(measured), _confusion(measured), _calibration(measured)]
    if measured.larger:
        sections.append(_larger(measured))
    sections.append(_none_of_these(measured, measured.rule) if measured.rule else _knows_nothing_else(measured))
    return "\n\n".join(sections) + "\n"


def _facts(measured: Measured) -> str:
    return table(("", ""), [("SHA-256 of the weights", f"`{measured.weights}`")])


def _how(measured: Measured) -> str:
    return (
        f"On {exact(measured.pictures)} test pictures ({measured.data}), decoded and prepared as `predict` does, one "
        f"view of each, by {measured.engine}: {exact(measured.right)} right, "
        f"{percent(measured.right / measured.pictures, 2)}. The same again, to the last picture:\n\n"
        "    python -m resnext_viz evaluate --data DATA --weights FILE"
    )


def _by_class(measured: Measured) -> str:
    rows = [
        (name, exact(sum(row)), exact(row[place]), percent(row[place] / sum(row), 1))
        for place, (name, row) in enumerate(zip(measured.classes, measured.confusion, strict=True))
        if any(row)
    ]
    return "### Class by class\n\n" + table(("class", "pictures", "right", "accuracy"), rows)


def _confusion(measured: Measured) -> str:
    rows = [(name, *map(exact, row)) for name, row in zip(measured.classes, measured.confusion, strict=True)]
    return "### Which classes are taken for which\n\nRows are the true classes, columns the first answers.\n\n" + table(
        ("true class", *measured.classes), rows
    )


def _calibration(measured: Measured) -> str:
    before, after = measured.before, measured.after
    heads = ("", "before", f"after, logits divided by {measured.temperature:.3f}")
    errors = [
        ("expected calibration error", percent(before.ece, 2), percent(after.ece, 2)),
        ("negative log-likelihood, nats", f"{before.nll:.4f}", f"{after.nll:.4f}"),
    ]
    bins = [
        (f"{percent(each.low, 0)} to {percent(each.high, 0)}", exact(each.pictures), percent(each.confidence, 1),
         percent(each.accuracy, 1))
        for each in after.bins
    ]  # fmt: skip
    return (
        "### How far its probabilities can be believed\n\n"
        f"The temperature was fitted on {exact(measured.fitted_on)} pictures of train/ that the network was not "
        f"trained on; both columns are of the test pictures. {BINS} bins of equal width.\n\n{table(heads, errors)}\n\n"
        "After it, by the probability of the first answer:\n\n"
        f"{table(('probability', 'pictures', 'mean probability', 'right'), bins)}"
    )


def _larger(measured: Measured) -> str:
    total = measured.pictures
    rule = measured.rule if all(each.called_none is not None for each in measured.larger) else None
    rows = [("as they are", percent(measured.right / total, 2), "", percent(rule.wrongly) if rule else "")]
    rows += [(each.words, percent(each.right / each.pictures, 2), percent(each.same / each.pictures, 2),
              "" if each.called_none is None else percent(each.called_none / each.pictures))
             for each in measured.larger]  # fmt: skip
    heads = ("test pictures", "right", "same first answer", *(["called none of these"] if rule else []))
    return (
        "### Photos larger than the network's own pictures\n\n"
        "A photo's centre square is made smaller with Pillow's bicubic filter, which averages over all pixels that "
        "become one. The test pictures, enlarged and saved as photos are:\n\n"
        + table(heads, rows if rule else [row[:-1] for row in rows])
    )


def _none_of_these(measured: Measured, rule: NoneRule) -> str:
    compared = [
        (each.score.words, percent(each.rightly), f"{each.area:.3f}", "chosen" if each.score is rule.score else "")
        for each in measured.compared
    ]
    sources = [(each.name, exact(each.pictures), exact(each.called_none), percent(each.called_none / each.pictures),
                "" if each.unseen is None else percent(each.unseen / each.pictures))
               for each in measured.sources]  # fmt: skip
    heads = ("score", "other things below", "area under the ROC curve", "")
    return (
        f"### {WORDS}\n\n"
        f"A picture is said to show none of the classes when {rule.score.words} is below {rule.threshold:.4g}. Chosen "
        f"so that {percent(WRONGLY, 0)} of one half of the held-out pictures of train/ are below it, by the score that "
        f"then tells most of one third of the pictures of other things.{_how_fitted(rule)} Measured on pictures that "
        "had no part in it:\n\n"
        + table(("pictures", "how many", "called none of these"), [
            ("test pictures of the classes, wrongly", exact(rule.class_pictures), percent(rule.wrongly)),
            ("pictures of other things, rightly", exact(rule.other_pictures), percent(rule.rightly)),
        ])
        + "\n\nThe scores that were compared, on the third that chose:\n\n" + table(heads, compared)
        + "\n\nWhere the pictures of other things come from; this third judged, the others were drawn at random from "
        "the same folders." + _unseen(measured) + "\n\n"
        + table(("source", "pictures", "called none of these", "share", "share as a stranger"), sources)
        + "\n\nThe shares hold for pictures like these; of other kinds nothing is known."
    )  # fmt: skip


def _how_fitted(rule: NoneRule) -> str:
    if rule.probe is None:
        return ""
    return (
        " The probe, a logistic regression on the network's last features, was fitted on the other half of the "
        "held-out pictures and on another third of other things. It is one more output of the linear layer: "
        f"{exact(len(rule.probe.weights) + 1)} numbers, kept with the weights."
    )


def _unseen(measured: Measured) -> str:
    """How the rule does on pictures from a place that it has never seen."""
    told = [(each.unseen, each.pictures) for each in measured.sources if each.unseen is not None]
    if not told:
        return ""
    called, pictures = map(sum, zip(*told, strict=True))
    return (
        " The last column: where no picture of that source had a part in fitting and choosing, "
        f"{percent(called / pictures)} in all."
    )


def _knows_nothing_else(measured: Measured) -> str:
    return (
        "### Pictures of other things\n\nNot measured. The network knows its "
        f"{exact(len(measured.classes))} classes only and puts every picture into one of them."
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; names of classes and folders come from elsewhere, and may hold what would end a cell."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(" ".join(cell.split()).replace("|", "/") for cell in line) + " |"
                     for line in lines)  # fmt: skip
