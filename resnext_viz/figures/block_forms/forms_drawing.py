"""Fig. 3 for a dialled block: its three forms side by side with their weight tensors, and the stepper for path i.

The same markup serves every width: three columns, or one form behind tabs where the page is narrow (`forms.css`).
Source: arXiv 1611.05431, Fig. 3, section 3.3 and footnote 6.
"""

from __future__ import annotations

from typing import get_args

from resnext_viz.block_forms.terms import FORM_NAMES, FormLetter
from resnext_viz.complexity import Complexity
from resnext_viz.figures.block_forms.form_block import FormBlock, convolutions
from resnext_viz.figures.block_forms.form_diagrams import diagram
from resnext_viz.figures.block_forms.weight_tensors import slices_per_mark, tensors
from resnext_viz.figures.kit.choice import block_at, within
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import MINUS, exact
from resnext_viz.names import title_of
from resnext_viz.spec import BlockKind

FORMS: tuple[FormLetter, ...] = get_args(FormLetter)


def forms_drawing(network: Complexity, stage: int, block: int, path: int, form: str = "a") -> str:
    """HTML of one block in forms (a), (b) and (c), or a sentence where the block has only one form.

    Args:
        network: the counted network.
        stage: number of the stage, 1 for the paper's conv2.
        block: number of the block in its stage, from 1.
        path: the path to follow, from 1.
        form: the one that is shown where there is room for one only.

    A stage, block or path that this network has not is moved to the nearest that it has.
    """
    walk = network.walk
    if walk.spec.block is BlockKind.BASIC:
        return _one_form_only()
    stage, block = within(walk, (stage, block))
    shown = FormBlock(block_at(walk, (stage, block)), followed_path(path, walk.spec.cardinality))
    where = f"Stage {stage}, block {block} of {title_of(walk.spec)}"
    return tag("div", _head(shown, where), _three(shown, form), _caption(shown), class_="rx-forms")


def followed_path(path: int, cardinality: int) -> int:
    """`path` if there is such a path, otherwise the nearest one."""
    return min(max(path, 1), cardinality)


def _one_form_only() -> Markup:
    return tag(
        "div",
        tag(
            "p",
            tag("b", "A two-layer block has only one form. "),
            "Between its two 3×3 nothing can be split: C paths add up to one wide block with the same weights, dense "
            "from end to end. Fig. 3 needs at least three layers (paper, section 3.3 and Fig. 4).",
        ),
        tag("p", "Choose a bottleneck network, such as ResNeXt-50, to see its three forms."),
        class_="rx-f-instead",
    )


def _head(shown: FormBlock, where: str) -> Markup:
    sentence = f"The same {exact(shown.weights)} weights, wired three ways. {where}."
    return tag("div", tag("p", sentence, class_="rx-f-lead"), _stepper(shown), class_="rx-f-head")


def _stepper(shown: FormBlock) -> Markup:
    """The row “Follow path i − 3 +”; a button at the end of the range is disabled."""

    def button(sign: str, word: str, target: int) -> Markup:
        reachable = 1 <= target <= shown.paths
        return tag(
            "button",
            sign,
            type="button",
            class_="rx-f-step",
            aria_label=f"Follow the {word} path",
            data_choose=f"path:{target}" if reachable else None,
            disabled=not reachable,
        )

    return tag(
        "div",
        tag("span", "Follow path ", tag("i", "i"), class_="rx-f-follow"),
        button(MINUS, "previous", shown.followed - 1),
        tag(
            "output", exact(shown.followed), class_="rx-f-current", aria_label=f"path {shown.followed} of {shown.paths}"
        ),
        button("+", "next", shown.followed + 1),
        class_="rx-f-stepper",
        role="group",
        aria_label="Path to follow",
    )


def _three(shown: FormBlock, alone: str) -> Markup:
    tabs: list[Markup] = []
    figures: list[Markup] = []
    for form in FORMS:
        title = f"({form}) {FORM_NAMES[form]}"
        count = convolutions(form, shown.paths)
        tabs += [
            tag(
                "input",
                type="radio",
                name_="rx-form",
                id=f"rx-form-{form}",
                class_="rx-f-radio",
                data_choose=f"form:{form}",
                checked=form == alone,
            ),
            tag("label", title, for_=f"rx-form-{form}", class_="rx-f-tab"),
        ]
        figures.append(
            tag(
                "figure",
                tag("figcaption", tag("b", title), tag("span", f"{exact(count)} convolutions")),
                tag("div", diagram(form, shown), tensors(form, shown), class_="rx-f-pair"),
                class_=f"rx-f-form rx-f-form-{form}",
            )
        )
    return tag(
        "div", tag("div", *tabs, class_="rx-f-tabs"), tag("div", *figures, class_="rx-f-three"), class_="rx-f-views"
    )


def _caption(shown: FormBlock) -> Markup:
    slices = "one slice" if shown.paths == 1 else f"{exact(shown.paths)} slices"
    channels = "channel" if shown.path_width == 1 else "channels"
    sentences = [
        f"Weight tensors: rows are output channels, columns are input channels, {slices} of "
        f"{exact(shown.path_width)} {channels}; sizes are not to scale. "
        "Gaps separate tensors; path i has its own outline."
    ]
    bundle = slices_per_mark(shown.paths)
    if bundle > 1:
        sentences.append(f"One slice drawn stands for {bundle} paths.")
    if shown.paths == 1:
        sentences.append("With C = 1 there is one path, and the three forms are one and the same.")
    last = "before the shortcut is added" if shown.has_shortcut else "before the last ReLU"
    sentences.append(
        f"BN and ReLU follow every reduce and transform; behind expand, BN stands once, {last}, "
        "and in (a) after the sum (footnote 6)."
    )
    return markup(tag("p", " ".join(sentences), class_="rx-f-caption"))
