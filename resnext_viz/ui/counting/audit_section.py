"""Audit a network: a stranger's file, or a classic mistake made in the dialled network, read from its shapes."""

from __future__ import annotations

from functools import lru_cache
from typing import BinaryIO

import streamlit as st

from resnext_viz.auditing.examples import example, example_names
from resnext_viz.errors import UserError
from resnext_viz.figures.counting.audit_drawing import audit_drawing
from resnext_viz.figures.counting.setting_fields import mistake_fields
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.inference.weights.file_audit import audit_file
from resnext_viz.inference.weights.metadata import header_bytes
from resnext_viz.kit.link_values import slug
from resnext_viz.names import title_of
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.choices import take_fields
from resnext_viz.ui.kit.components import REMEMBERED, drawing, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.parts import complaint, heading

HEAD_LINE = "head -c 1000000 model.safetensors > head.safetensors"
_FILES = 4  # drawings of files that the process keeps: a header may have megabytes
_DIALLED = "dialled"
_JUDGES = {"own": "Its own C and d", _DIALLED: "The dialled network"}


def show_audit(dialled: Dialled) -> None:
    """A file, or one of the classic mistakes made in the dialled network: what it is, and what is wrong with it."""
    heading(
        "Audit a network",
        "What a network really is: C, d, groups, outputs and shortcuts, read from the shapes of its weights, whatever "
        "they are called.",
    )
    limit = st.get_option("server.maxUploadSize")
    file = st.file_uploader(
        f"Your network, .safetensors up to {limit} MB; only its header is read",
        key="audit_file",
        width=520,
    )
    if file is None:
        names = _names(dialled.spec)
        take_fields("audit", {"mistake": slug(names[0])})
        name = link.chosen("mistake", names[0], names)
        drawn(_example, name, dialled.spec, dialled.side or dialled.spec.default_image_size, key="audit", sheet="audit")
        return
    against = st.segmented_control(
        "Judge it by",
        list(_JUDGES),
        required=True,
        format_func=_JUDGES.__getitem__,
        **link.bound("judge", "audit_against", among=_JUDGES),
    )
    st.html(_larger_file())
    try:
        claimed = dialled.spec if against == _DIALLED else None
        size = dialled.side if claimed else None
        header = _header_of(file)
        networks = _networks(header)
        part = st.selectbox("Network in the file", networks, key="audit_part") if networks else None
        drawing(_file(header, file.name, claimed, size, part), key="audit", sheet="audit")
    except UserError as error:
        complaint("This file cannot be audited.", str(error))


@lru_cache(maxsize=REMEMBERED)
def _names(spec: ResNeXtSpec) -> tuple[str, ...]:
    return tuple(example_names(spec))


def _example(name: str, spec: ResNeXtSpec, image_size: int) -> str:
    title = title_of(spec)
    mistakes = {slug(each): each for each in _names(spec)}
    return markup(
        _larger_file(),
        mistake_fields(f"Or a classic mistake, made in {title}", mistakes, slug(name)),
        Markup(audit_drawing(example(name, spec, image_size), f"Made of {title}: {name}")),
    )


def _larger_file() -> Markup:
    """What to do with a file that is larger than what may be sent."""
    return tag("p", "A larger file? Its first megabyte is enough: ", tag("code", HEAD_LINE), class_="rx-caption")


@lru_cache(maxsize=_FILES)
def _networks(header: bytes) -> tuple[str, ...]:
    """The networks in a file of several, the one that is proposed first; else none."""
    part = audit_file(header).reading.part
    return (part.name, *part.others) if part.others else ()


@lru_cache(maxsize=_FILES)
def _file(header: bytes, name: str, claimed: ResNeXtSpec | None, image_size: int | None, part: str | None) -> bytes:
    return audit_drawing(audit_file(header, claimed, image_size, part=part), name[:120]).encode()


def _header_of(file: BinaryIO) -> bytes:
    """The beginning of the file, its header and no more."""
    file.seek(0)
    return header_bytes(file)
