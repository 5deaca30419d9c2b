"""The Code page's files: what each format is for, how large it gets, and the file made while the page stays usable."""

from __future__ import annotations

from functools import lru_cache, partial
from html import escape

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.glossary import term
from resnext_viz.inference.predictor.network_file import ExportError, FileFormat, about_bytes, check_writable
from resnext_viz.inference.weights.catalogue import BUNDLED_NAME, bundled_metadata
from resnext_viz.kit.number_format import percent
from resnext_viz.names import name_of
from resnext_viz.spec import ImageSize, ResNeXtSpec, map_size, size_text
from resnext_viz.ui.code.file_job import MAX_PARAMS, FileJob
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import ShownJob, told
from resnext_viz.ui.kit.parts import heading_text

MAX_SEED = 2**31 - 1
_FRESH, _TRAINED = "fresh", "trained"
_ROWS = {  # title, what it is for
    FileFormat.ONNX: (
        "ONNX",
        "A graph for ONNX Runtime, OpenVINO and others: any batch, images of {size}. Batch norm is folded into "
        "the convolutions.",
    ),
    FileFormat.PT2: (
        "torch.export, .pt2",
        "A program for torch alone: torch.export.load(file).module()(images), any batch, images of {size}.",
    ),
    FileFormat.SAFETENSORS: (
        "state_dict, .safetensors",
        "Weights alone, under torchvision’s names, for any of the code above. Predict reads it too.",
    ),
}
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_FILES = {
    file_format: ShownJob(
        kind=FileJob, key=f"file_job_{file_format}", start_key=f"make_{file_format}", stop_key=f"stop_{file_format}",
        start="Make", again="Make", failed="The file could not be made.",
        doing=told,
        stopped=lambda _: "Stopped; nothing is left of it.",
        is_primary=False,
    )
    for file_format in FileFormat
}  # fmt: skip
Jobs = dict[FileFormat, FileJob | None]


def show_files(dialled: Dialled) -> None:
    """The three files, with the seed of their weights, or trained weights where there are some."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading-files"):
        heading_text("Files", "Made on this machine, read back and run before you get them.")
        weights = _ask_weights(dialled.spec)
        seed = _ask_seed() if weights is None else 0
    st.html(f'<p class="rx-prose">{escape(_about_weights(weights))}</p>')
    about = (dialled.spec, dialled.image_size, seed, weights)
    jobs = {file_format: shown.current(about) for file_format, shown in _FILES.items()}
    refreshed(partial(_rows, dialled, seed, weights, jobs), *jobs.values())
    st.html(
        f'<p class="rx-caption">From a shell, up to 1.6 GB: <code>{escape(_command(dialled, seed, weights))}</code></p>'
    )


def _ask_seed() -> int:
    return int(
        st.number_input("Seed", 0, MAX_SEED, width=196, help=term("seed").help, **link.bound("seed", "file_seed"))
    )


def _ask_weights(spec: ResNeXtSpec) -> str | None:
    """The name of trained weights of this very network; None for fresh ones."""
    if spec != _bundled():
        return None
    chosen = st.segmented_control(
        "Weights",
        (_FRESH, _TRAINED),
        required=True,
        format_func=str.capitalize,
        width="content",
        label_visibility="collapsed",
        **link.bound("files", "file_weights", among=(_FRESH, _TRAINED)),
    )
    return None if chosen == _FRESH else BUNDLED_NAME


@lru_cache(maxsize=1)
def _bundled() -> ResNeXtSpec | None:
    try:
        return bundled_metadata().spec
    except UserError:
        return None


def _about_weights(weights: str | None) -> str:
    if weights is None:
        return (
            "The weights are random: freshly initialised, untrained, and they follow from the seed. The same seed "
            "gives the same file, bit for bit."
        )
    accuracy = bundled_metadata().test_accuracy
    how_good = f", {percent(accuracy)} right on its test pictures" if accuracy is not None else ""
    return f"The weights are those that Predict uses: trained on CIFAR-10{how_good}."


def _rows(dialled: Dialled, seed: int, weights: str | None, jobs: Jobs) -> None:
    for file_format in FileFormat:
        _row(dialled, file_format, seed, weights, jobs[file_format])


def _row(dialled: Dialled, file_format: FileFormat, seed: int, weights: str | None, job: FileJob | None) -> None:
    spec, side = dialled.spec, dialled.image_size
    refused = _refusal(spec, file_format, side)
    with st.container(key=f"file-{file_format}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(_row_words(spec, file_format, side))
            if job and job.finished:
                st.download_button(
                    f"Download {_size(job.path.stat().st_size)}", job.path.read_bytes, job.path.name,
                    "application/octet-stream", on_click="ignore", type="primary", key=f"download_{file_format}",
                )  # fmt: skip
            else:
                _FILES[file_format].button(
                    job, lambda: FileJob(spec, file_format, side, seed, weights), is_refused=bool(refused)
                )
        if refused:
            st.html(f'<p class="rx-caption">Not made here: {escape(refused)}.</p>')
        elif job and job.finished:
            st.html(f'<p class="rx-caption">{escape(job.lines[-1])}</p>')
        else:
            _FILES[file_format].show(job)


@lru_cache(maxsize=64)
def _refusal(spec: ResNeXtSpec, file_format: FileFormat, image_size: ImageSize) -> str:
    """Why this network is not written here; empty if it is."""
    try:
        check_writable(spec, file_format, image_size, MAX_PARAMS)
    except ExportError as error:
        return str(error)
    return ""


@lru_cache(maxsize=64)
def _row_words(spec: ResNeXtSpec, file_format: FileFormat, side: ImageSize) -> str:
    title, words = _ROWS[file_format]
    about = about_bytes(spec, file_format, side)
    return (
        f'<div class="rx-file"><b>{escape(title)}</b><p>{escape(words.format(size=map_size(side)))}</p>'
        f"<span>about {escape(_size(about))}</span></div>"
    )


def _size(number: int) -> str:
    """`100 MB`, three digits."""
    scale, unit = next(row for row in _UNITS if number >= row[0])
    return f"{number / scale:,.0f} {unit}" if number >= 100 * scale else f"{number / scale:.3g} {unit}"


def _command(dialled: Dialled, seed: int, weights: str | None) -> str:
    name = name_of(dialled.spec)
    more = f" --weights {weights}" if weights else f" --seed {seed}" if seed else ""
    size = (
        f" --image-size {size_text(dialled.image_size)}"
        if dialled.image_size != dialled.spec.default_image_size
        else ""
    )
    return f"python -m resnext_viz export {name} --format onnx --out {name}.onnx{size}{more}"
