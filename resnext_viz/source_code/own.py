"""A network from this package: the spec written out, only what is not the default."""

from __future__ import annotations

from enum import StrEnum

from resnext_viz.names import name_of
from resnext_viz.source_code.source import Source, Target, counts_in_words, plain_title
from resnext_viz.spec import FIELDS, ImageSize, ResNeXtSpec


def own_code(spec: ResNeXtSpec, image_size: ImageSize | None = None) -> Source:
    """The network from `resnext_viz`."""
    usual = ResNeXtSpec()
    changed = {name: getattr(spec, name) for name in FIELDS if getattr(spec, name) != getattr(usual, name)}
    kinds = sorted({type(value).__name__ for value in changed.values() if isinstance(value, StrEnum)})
    imports = ["from resnext_viz import ResNeXtSpec", "from resnext_viz.nn import build"]
    if kinds:
        imports.append(f"from resnext_viz.spec import {', '.join(kinds)}")
    options = [f"    {name}={_written(value)}," for name, value in changed.items()]
    made = ["spec = ResNeXtSpec(", *options, ")"] if options else ["spec = ResNeXtSpec()"]
    code = "\n".join([
        f"# {plain_title(spec)}", f"# {counts_in_words(spec, image_size)}", "",
        *imports, "", *made, "model = build(spec)",
    ]) + "\n"  # fmt: skip
    notes = (f'The same by name: build(parse("{name_of(spec)}")), with parse from resnext_viz.',)
    return Source(Target.RESNEXT_VIZ, spec, code, notes=notes)


def _written(value: object) -> str:
    return f"{type(value).__name__}.{value.name}" if isinstance(value, StrEnum) else repr(value)
