"""Why the network said so, on the Predict page: what each path adds, where it looks, what each stage sees."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.figures.kit.svg import markup, tag
from resnext_viz.figures.predict.feature_maps import MapRow, feature_maps
from resnext_viz.figures.predict.heat import ClassChoice, class_choices, heat_view, short_label
from resnext_viz.figures.predict.path_tiles import (
    Moved,
    PathTile,
    change_bars,
    off_sentence,
    path_tiles,
    paths_off_words,
)
from resnext_viz.figures.predict.predictions import WithoutPaths
from resnext_viz.kit.number_format import percent
from resnext_viz.spec import BlockKind
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.acts import pressed, uncut
from resnext_viz.ui.kit.admission import is_crowded, waiting
from resnext_viz.ui.kit.components import drawing
from resnext_viz.ui.kit.jobs.refreshing import part, refreshed
from resnext_viz.ui.kit.jobs.shown_job import Standing, pace, so_far, stop_button
from resnext_viz.ui.kit.parts import complaint, heading, heading_text, prose
from resnext_viz.ui.predict.why.why_job import TURN, PathsJob
from resnext_viz.ui.predict.why.why_pictures import heat_uri, map_uri
from resnext_viz.ui.predict.why.why_state import HEAT, PATHS, Questions, Subject, asked_about

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from resnext_viz.inference.predictor.prediction import Prediction
    from resnext_viz.inference.predictor.predictor import Predictor
    from resnext_viz.ui.predict.shown_picture import Photo

_LATER_S = 3.0


def read_link(predictor: Predictor) -> None:
    """Looks at what a link asks of the network's blocks and paths, before there is a photo."""
    asked_about(predictor).read_link()


def explain(predictor: Predictor, photo: Photo, prediction: Prediction | None) -> Why | Later | Folded | None:
    """The explanations of one photo, or what stands in for them; None where there is no answer to explain."""
    if prediction is None or not prediction.top:
        return None
    if prediction.none_of_these and not _is_asked():
        return Folded()
    if is_crowded() and not asked_about(predictor).knows(photo):
        return Later()
    try:
        return Why(predictor, photo, prediction)
    except UserError as error:
        complaint("The answer cannot be explained now.", str(error))
        return None


_ASKS = ("class", "within", "off", "stage", "maps")  # keys of a link that asks for an explanation


def _is_asked() -> bool:
    return bool(link.chosen("why", _link_asks()))


def _link_asks() -> bool:
    return any(map(link.said, _ASKS))


def _section() -> DeltaGenerator:
    """What holds the explanations of an answer in doubt."""
    return st.expander("Explain the nearest class all the same", **link.bound("why", usual=_link_asks()))


class Folded:
    """What stands in for explanations of an answer that is in doubt: none of the classes, probably."""

    without: WithoutPaths | None = None

    def show(self) -> None:
        """Offers them."""
        _section()


class Later:
    """What stands in for explanations while many visitors wait for their answers."""

    without: WithoutPaths | None = None

    def show(self) -> None:
        """Says so, and looks now and then whether it is quiet again."""
        heading("Why?")
        st.caption("Many people ask at this moment. Explanations follow when it is quieter.")
        part(_look_again, _LATER_S)


def _look_again() -> None:
    if not is_crowded():
        link.run_again()


class Why:
    """The explanations of one photo; its paths are begun when it is made, so that the answers can tell of them."""

    def __init__(self, predictor: Predictor, photo: Photo, prediction: Prediction) -> None:
        self._predictor = predictor
        self._asked = asked_about(predictor)
        self._subject = self._asked.subject(photo, prediction)
        self._job = self._asked.job(self._subject) if self.has_paths else None
        self._is_doubted = bool(prediction.none_of_these)

    @property
    def without(self) -> WithoutPaths | None:
        """What the photo's answers become with the paths off that are, if any is."""
        off = self._asked.off_paths()
        if not (self._job and self._job.opened and off):
            return None
        before, after = self._job.probabilities(), self._job.without(frozenset(off))
        indices = [each.class_index for each in self._subject.classes]
        return WithoutPaths(paths_off_words(off), [before[each] for each in indices], [after[each] for each in indices])

    @property
    def _classes(self) -> tuple[ClassChoice, ...]:
        """The classes to ask about, with the numbers that stand beside the answers above."""
        classes, without = self._subject.classes, self.without
        shown = without.all_on if without else [each.probability for each in classes]
        return tuple(each._replace(probability=one) for each, one in zip(classes, shown, strict=True))

    @property
    def has_paths(self) -> bool:
        spec = self._predictor.spec
        return spec.block is BlockKind.BOTTLENECK and spec.cardinality > 1

    def show(self) -> None:
        """The three sections, within one of their own where the answer is in doubt."""
        with _section() if self._is_doubted else nullcontext():
            self._show_paths()
            self._show_heat()
            self._show_maps()

    def _show_paths(self) -> None:
        title = f"Which paths say “{self._subject.label}”?"
        job = self._job
        if job is None:
            heading(title)
            prose(_no_paths(self._predictor))
            return
        asked = self._asked
        count = self._predictor.spec.cardinality
        with st.container(horizontal=True, vertical_alignment="center", key="heading-paths"):
            heading_text(title, f"{count:,} paths in this block")
            names = asked.block_names()
            st.selectbox(
                "Block",
                list(names),
                format_func=names.__getitem__,
                label_visibility="collapsed",
                width=210,
                **link.bound("within", asked.block_key, asked.usual_block, among=names),
            )
            if pressed("Switch all on", "all_paths_on", disabled=not asked.off_paths()):
                with uncut():
                    asked.switch_all_on()
                st.rerun()
        prose(
            f"In each block of this network {count:,} small paths work side by side, and what they put out is added "
            f"up. Each is switched off in turn, to see what that does to “{self._subject.label}” for this photo. A "
            "tile is one path, named by its number."
        )
        refreshed(partial(_wait, job), job)
        if job.stopped_early and pressed("Go on", "go_on_paths"):
            self._subject.job = job.go_on()
            st.rerun()
        if job.opened and job.done and not job.running:
            self._subject.draw(
                (job, self._subject.class_index, self._subject.classes, asked.off_paths(), asked.turn),
                lambda: _paths_drawing(job, self._subject, asked, self._classes),
            )
            drawing(self._subject.drawn, key=PATHS, sheet="paths")

    def _show_heat(self) -> None:
        subject, stages = self._subject, range(len(self._predictor.spec.depths), 0, -1)
        with st.container(horizontal=True, vertical_alignment="center", key="heading-heat"):
            heading_text("Where it looks", "Grad-CAM, at the end of a stage")
            names = {number: f"Stage {number}" + " (last)" * (number == stages[0]) for number in stages}
            stage = st.selectbox(
                "Stage",
                stages,
                format_func=names.__getitem__,
                label_visibility="collapsed",
                width=210,
                **link.bound("stage", f"why_stage_{len(stages)}", len(stages), among=stages),
            )
        try:
            with st.spinner("Tracing the score back to the picture"):
                uri, nothing = subject.heat(stage, lambda: _heat(self._predictor, subject, stage))
        except UserError as error:
            complaint("There is no map of where it looks.", str(error))
            return
        words = (
            "Each channel of the stage’s map counts as much as the score rises with it. The sum is shown where it "
            "is above zero, in colours over the crop in grey."
        )
        drawing(
            heat_view(subject.crop, uri, self._classes, subject.class_index, self._asked.turn, words, nothing),
            key=HEAT,
            sheet="heat",
        )

    def _show_maps(self) -> None:
        with st.container(horizontal=True, vertical_alignment="center", key="heading-maps"):
            heading_text("What each stage sees", "Maps behind the stem and each stage")
            shown = st.toggle("Show", **link.bound("maps", "show_stage_maps"))
        if shown:
            with st.spinner("Running the photo through the stages"):
                html = self._subject.maps(lambda: _maps(self._predictor, self._subject))
            drawing(html, key="stage-maps", sheet="maps")


def _no_paths(predictor: Predictor) -> str:
    if predictor.spec.block is BlockKind.BASIC:
        return (
            "None: the blocks of this network have two layers, which are not split into paths. Choose weights with "
            "blocks of three layers, such as the bundled CIFAR-10 network."
        )
    return (
        "There is only one: this network has cardinality 1, as a ResNet does, so nothing in a block can be told "
        "apart. Choose weights with more paths, such as the bundled CIFAR-10 network."
    )


def _wait(job: PathsJob) -> None:
    job.watch()
    _PATHS.show(job)
    if job.running:
        stop_button(job, "stop_paths")


def _doing(job: PathsJob) -> str:
    if job.opened is None:
        return f"Running the photo through the block, {pace(job)}"
    return f"Switching off one path after another: {so_far(job)}, {pace(job)}"


_PATHS = Standing[PathsJob](
    failed="The paths could not be told apart.",
    doing=_doing,
    stopped=lambda job: f"Stopped after {so_far(job)} paths.{' Those are shown.' * (job.done > 0)}",
)


def _paths_drawing(job: PathsJob, subject: Subject, asked: Questions, classes: Sequence[ClassChoice]) -> str:
    index, off = subject.class_index, asked.off_paths()
    made = job.contributions(index)
    before, after = job.probabilities(), job.without(frozenset(off))
    cells = made.cells.tolist()
    tiles = [
        PathTile(number, changed - before[index], cells[number - 1], job.shares[number - 1], number in off)
        for number, changed in enumerate(job.alone(index), start=1)
    ]
    sentence = off_sentence(off, Moved(subject.label, before[index], after[index]), _most_moved(subject, before, after))
    bars = tag(
        "div",
        tag("p", "The largest changes, in percentage points", class_="rx-w-ranked"),
        change_bars(tiles, subject.label),
        class_="rx-w-changes",
    )
    height, width = made.map_size
    places = "A cell is one place of" if made.side == 1 else f"A cell adds up {made.side}×{made.side} places of"
    words = (
        f"{places} the block’s {height}×{width} map. The amount is what the path puts out there, before batch "
        f"norm and ReLU, times the slope of the score. {_exactly(subject, before[index])}"
    )
    return markup(
        class_choices(classes, index, asked.turn),
        sentence,
        path_tiles(tiles, subject.label, asked.turn, words),
        bars,
    )


def _exactly(subject: Subject, exact: float) -> str:
    """What the numbers are computed with, and how that differs from the answer above."""
    said = next(each.probability for each in subject.classes if each.class_index == subject.class_index)
    same = percent(said) == percent(exact)
    differs = "" if same else f", {percent(exact)} where the engine says {percent(said)}"
    return f"All of it is computed with the exact network in float32{differs}."


def _most_moved(subject: Subject, before: list[float], after: list[float]) -> Moved | None:
    """The other class that gains most where the one asked about loses, or loses most where that gains."""
    index = subject.class_index
    sign = 1 if after[index] <= before[index] else -1
    others = [each for each in range(len(before)) if each != index]
    if not others:
        return None
    most = max(others, key=lambda each: sign * (after[each] - before[each]))
    return Moved(short_label(subject.names[most]), before[most], after[most])


def _heat(predictor: Predictor, subject: Subject, stage: int) -> tuple[str, bool]:
    from resnext_viz.inference.attribution.where import grad_cam

    with waiting(), TURN:
        heat = grad_cam(predictor.model, subject.image, subject.class_index, stage)
    return heat_uri(heat.values), heat.largest <= 0


def _maps(predictor: Predictor, subject: Subject) -> bytes:
    from resnext_viz.inference.attribution.stages import stage_maps

    with waiting(), TURN:
        stages = stage_maps(predictor.model, subject.image)
    rows = [
        MapRow(
            each.name,
            each.channels,
            each.side,
            each.numbers,
            [map_uri(one, each.largest) for one in each.maps],
            each.largest,
            map_uri(each.mean, float(each.mean.max())),
            float(each.mean.max()),
        )
        for each in stages
    ]
    return feature_maps(rows).encode()
