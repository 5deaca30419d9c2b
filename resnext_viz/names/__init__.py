"""Names of networks: a canonical one for every spec, titles for people, and a reader of what people write and paste.

Canonical names are strict: `parse(name_of(spec)) == spec` for every spec. Everything else is read tolerantly and can
say less. The grammar for people: docs/names.md.
"""

from resnext_viz.names.canonical import name_of
from resnext_viz.names.ideas import IDEAS, idea_kind, idea_of
from resnext_viz.names.neighbours import NeighbourError
from resnext_viz.names.presets import PRESET_GROUPS, PRESETS, listed_titles, preset
from resnext_viz.names.reader import MAX_NAME_LENGTH, parse
from resnext_viz.names.titles import TITLES, remarks_of, title_of

__all__ = [
    "IDEAS",
    "MAX_NAME_LENGTH",
    "PRESETS",
    "PRESET_GROUPS",
    "TITLES",
    "NeighbourError",
    "idea_kind",
    "idea_of",
    "listed_titles",
    "name_of",
    "parse",
    "preset",
    "remarks_of",
    "title_of",
]
