"""Audit a network: a stranger's file, or a classic mistake made in the dialled network, read from its shapes."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import BinaryIO

import streamlit as st

from resnext_viz.auditing.examples import example, example_names
from resnext_viz.errors import UserError
from resnext_viz.figures.audit import audit_drawing
from resnext_viz.inference.file_audit import audit_file
from resnext_viz.inference.metadata import header_bytes
from resnext_viz.names import title_of
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.parts import complaint, heading
from resnext_viz.ui.state import Dialled

HEAD_LINE = "head -c 1000000 model.safetensors > head.safetensors"
_FILES = 4  # drawings of files that the process keeps: a header may have megabytes
_OWN, _DIALLED = "Its own C and d", "The dialled network"


def show_audit(dialled: Dialled) -> None:
    """A file, or one of the classic mistakes made in the dialled network: what it is, and what is wrong with it."""
    heading(
        "Audit a network",
        "C, d, groups, outputs and shortcuts, read from the shapes of the layers, whatever they are called.",
    )
    left, right = st.columns(2, gap="medium")
    limit = st.get_option("server.maxUploadSize")
    with left:
        file = st.file_uploader(f"Your network, .safetensors up to {limit} MB; only its header is read",
                                type=["safetensors"], key="audit_file")
    with right:
        if file is not None:
            against = st.segmented_control("Judge it by", [_OWN, _DIALLED], default=_OWN, required=True,
                                           key="audit_against")
        else:
            names = example_names(dialled.spec)
            name = st.selectbox(f"Or a classic mistake, made in {title_of(dialled.spec)}", names, key="audit_example")
    st.html(f'<p class="rx-caption">A larger file? Its first megabyte is enough: <code>{escape(HEAD_LINE)}</code></p>')
    if file is None:
        drawing(_example(name, dialled.spec, dialled.image_size), key="audit", sheet="audit")
        return
    try:
        claimed = dialled.spec if against == _DIALLED else None
        size = dialled.image_size if claimed else None
        drawing(_file(_header_of(file), file.name, claimed, size), key="audit", sheet="audit")
    except UserError as error:
        complaint("This file cannot be audited.", str(error))


@lru_cache(maxsize=REMEMBERED)
def _example(name: str, spec: ResNeXtSpec, image_size: int) -> bytes:
    subject = f"Made of {title_of(spec)}: {name}"
    return audit_drawing(example(name, spec, image_size), subject).encode()


@lru_cache(maxsize=_FILES)
def _file(header: bytes, name: str, claimed: ResNeXtSpec | None, image_size: int | None) -> bytes:
    return audit_drawing(audit_file(header, claimed, image_size), name[:120]).encode()


def _header_of(file: BinaryIO) -> bytes:
    """The beginning of the file, its header and no more."""
    file.seek(0)
    return header_bytes(file)
