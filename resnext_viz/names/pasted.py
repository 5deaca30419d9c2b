"""Code and settings as people paste them: keywords of calls, flags and lines of config files, told apart from words.

`ResNet(Bottleneck, [3, 4, 6, 3], groups=32, width_per_group=4)`, `type='ResNeXt', depth=101`, `--arch resnext50_32x4d`,
`MODEL.RESNETS.NUM_GROUPS 32`.
"""

from __future__ import annotations

import re
import unicodedata

from resnext_viz.names.neighbours import Additions, addition_of_setting
from resnext_viz.names.told import Told
from resnext_viz.spec import StrideOn

_OPTIONS = {
    "c": "cardinality", "groups": "cardinality", "num_groups": "cardinality", "cardinality": "cardinality",
    "d": "base_width", "width_per_group": "base_width", "base_width": "base_width", "basewidth": "base_width",
    "bottleneck_width": "base_width",
    "expansion": "expansion", "widen_factor": "expansion",
    "num_classes": "num_classes", "nb_classes": "num_classes", "nlabels": "num_classes", "class_num": "num_classes",
    "in_channels": "in_channels", "in_chans": "in_channels",
    "layers": "layers", "depth": "layers", "depths": "layers", "num_blocks": "layers", "stage_blocks": "layers",
    "stem": "stem", "block": "block", "style": "stride_on", "stride_in_1x1": "stride_on",
}  # fmt: skip
# A keyword whose value names the network, in Python, in flags and in JSON.
_NAMING = frozenset((
    "a", "arch", "backbone", "backbone_name", "encoder", "encoder_name", "model", "model_name", "name", "net",
    "network", "type",
))  # fmt: skip
# Keywords that change no count.
_HARMLESS = frozenset(
    word
    for words in (
        "pretrained weights progress checkpoint checkpoint_path cache_dir device map_location force_reload trust_repo",
        "encoder_weights out_indices out_features frozen_stages freeze_at norm_eval with_cp zero_init_residual",
        "drop_rate drop_path_rate init_cfg",
    )
    for word in words.split()
)
_KEYS = _NAMING | _HARMLESS | _OPTIONS.keys()
_WORDS = {
    ("stride_on", "pytorch"): StrideOn.CONV3X3, ("stride_on", "caffe"): StrideOn.CONV1X1,
    ("stride_on", "false"): StrideOn.CONV3X3, ("stride_on", "true"): StrideOn.CONV1X1,
    ("block", "basicblock"): "basic",
}  # fmt: skip
_HINTS = dict.fromkeys(
    ("features_only", "include_top"), "a network without its linear layer is written resnext50_32x4d_features"
)

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_TIMES = dict.fromkeys(map(ord, "\u00d7\u2715\u2716\u2a2f\u2217"), "x")
_QUOTES = dict.fromkeys(map(ord, "\"'`\u2018\u2019\u201c\u201d"))
_TIMES_BETWEEN = re.compile(r"(?<![a-z0-9.])(\d{1,6})\s*[x*]\s*(\d{1,6})(?:\s*(d))?(?![a-z0-9])")
_ASSIGNED = re.compile(r"^([\w.]+)\s*=\s*(?=[\w.]+\s*\()")
_FLAG = re.compile(r"(?<!\S)(?:--([a-z][\w-]*)|-(a))(?:\s+|=)")
_LAYERS_BEHIND = re.compile(r"(?<![\w.])(\d{1,6})[\s-]*layers?\b")
_COUNT_BEFORE = re.compile(r"(?<![\w.])(\d{1,6})[\s-]*(groups|class(?:es)?)\b(?!\s*[=:\d])")
_VALUE_BEHIND = re.compile(
    r"(?<![\w.])(?:\w+\.)*(depth|num_groups|groups|cardinality|base_width|width_per_group|bottleneck_width|widen_factor"
    r"|num_classes|stride_in_1x1)\s+(?:of\s+)?(\d{1,6}d?|true|false)(?![\w.])"
)
_WIDTH_IN_WORDS = re.compile(r"\b(base|bottleneck)[\s-]+width\b|\bwidth[\s-]+per[\s-]+group\b")
_SECTION = re.compile(r"(?<![\w.])([a-z_]\w*)\s*:\s")
_NESTED = re.compile(r"(?<![\w.])(\w+)\s*[=:]\s*(?:dict\(|\{)([^(){}]*)[)}]")
_PAIR = re.compile(r"(?<![\w.])(?:\w+\.)*([a-z_]\w*)\s*(=|:(?![/:]))\s*([\[(][^\[\]()]*[\])]|[\w.+@/-]*)")
_BLOCKS = re.compile(r"\[(\s*\d{1,6}(?:\s*,\s*\d{1,6})*\s*)\]|\((\s*\d{1,6}(?:\s*,\s*\d{1,6}){2,}\s*)\)")


def plain(text: str) -> str:
    """The text in small letters, with one kind of dash, of multiplication sign and of blank, and without quotes."""
    flat = unicodedata.normalize("NFKC", text).lower().translate(_DASHES | _TIMES | _QUOTES)
    flat = " ".join(flat.replace("\\", "/").replace("**", " ").split())
    flat = re.sub(r"\bres[\s_-]+(?=ne[xs]?t)", "res", flat)
    return _TIMES_BETWEEN.sub(lambda found: f"{found[1]}x{found[2]}{found[3] or ''}", flat)


def words_beside_settings(flat: str, told: Told, additions: Additions) -> str:
    """What is left of a `plain` text when `told` has taken its settings: the words that name the network.

    Raises:
        SpecError: a setting that is none of a ResNeXt's.
    """
    flat = _ASSIGNED.sub(lambda found: found[0] if found[1] in _OPTIONS else "", flat)
    flat = _FLAG.sub(lambda found: f"{(found[1] or found[2]).replace('-', '_')}=", flat)
    flat = _LAYERS_BEHIND.sub(r" layers=\1 ", flat)
    flat = _WIDTH_IN_WORDS.sub("base_width", flat)
    flat = _COUNT_BEFORE.sub(lambda found: f" {'groups' if found[2] == 'groups' else 'num_classes'}={found[1]} ", flat)
    flat = _VALUE_BEHIND.sub(r" \1=\2 ", flat)
    flat = _SECTION.sub(lambda found: found[0] if found[1] in _KEYS else f"{found[1]} ", flat)
    reader = _Settings(told, additions)
    flat = _PAIR.sub(reader.take, _NESTED.sub(reader.take_nested, flat))
    return _BLOCKS.sub(reader.take_blocks, flat)


class _Settings:
    """Hands each setting to what a name has told; each method gives back the words in its place."""

    def __init__(self, told: Told, additions: Additions) -> None:
        self.told, self.additions = told, additions

    def take_nested(self, found: re.Match[str]) -> str:
        key, settings = found.groups()
        if key in _HARMLESS or self._adds(key, settings):
            return " "
        return f" {settings} " if key in _NAMING else found[0]

    def take(self, found: re.Match[str]) -> str:
        key, sign, value = found.groups()
        if key in _OPTIONS:
            self._tell(_OPTIONS[key], value)
            return " "
        if key in _HARMLESS or self._adds(key, value):
            return " "
        if key in _NAMING:
            return f" {value}"
        if sign == ":":
            return found[0]
        raise self.told.refusal(_HINTS.get(key, f"{key[:40]!r} is no option; use one of {', '.join(sorted(_OPTIONS))}"))

    def take_blocks(self, found: re.Match[str]) -> str:
        self._tell("layers", found[0])
        return " "

    def _tell(self, option: str, value: str) -> None:
        if option == "layers" and not value.startswith(("[", "(")):
            self.told.tell_layers(value)
        elif option == "layers":
            self.told.tell("depths", re.sub(r"[\[\]()\s]", "", value).strip(","))
        elif option in ("cardinality", "base_width"):
            self.told.override(option, value.removesuffix("d"))
        else:
            self.told.tell(option, _WORDS.get((option, value), value))

    def _adds(self, key: str, value: str) -> bool:
        """Whether that is a setting of neighbours, noted unless it is at what a plain network has."""
        addition = addition_of_setting(key, value)
        self.additions += [addition] if addition else []
        return addition is not None
