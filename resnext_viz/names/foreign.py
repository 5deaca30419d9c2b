"""Foreign names: whatever people call a network that is not its canonical name, as they write and paste it.

Family, layers and C×d in any order and spelling, amid words of weights; nothing else is taken from words, so no word of
a stranger sets what only canonical names set.
"""

from __future__ import annotations

import re
from contextlib import suppress

from resnext_viz.errors import SpecError
from resnext_viz.names.canonical import is_own_token
from resnext_viz.names.depths import CIFAR_STAGES, IMAGENET_SHAPES, usual_shape
from resnext_viz.names.makers import MAKERS, how_written_here, makes_the_same
from resnext_viz.names.neighbours import Additions, NeighbourError, other_family, plain_word, with_additions
from resnext_viz.names.pasted import plain, words_beside_settings
from resnext_viz.names.told import EXAMPLES, USUAL_LAYERS, Told
from resnext_viz.names.weights_words import names_weights, tells_nothing_of_the_network
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem

_FAMILY = re.compile(r"(cifar)?(wide)?(resnext|resnet)(\d{1,6})?")
_IMAGENET_LAYERS = "|".join(map(str, IMAGENET_SHAPES))
_SHORT_FAMILY = re.compile(rf"([xr])({_IMAGENET_LAYERS})")  # of Detectron
_WIDE = re.compile(r"wide|wrn(\d{1,6})?")
_CLASS = "resnetclass"
_SHORT = {"x": "resnext", "r": "resnet"}
_PATHS = re.compile(r"(\d{1,6})x(\d{1,6})(d?)")
_CIFAR = re.compile(r"cifar(100|10)?")
_BLOCKS = {"bottleneck": "bottleneck", "basicblock": "basic"}
_HAS_FAMILY = re.compile(rf"res(?:ne[xs]?t|2ne[xt])|wide|wrn|(?<![a-z0-9])[xr]-?(?:{_IMAGENET_LAYERS})(?!\d)")
_REPOSITORY = re.compile(  # before the name in torch.hub
    r"[\w.-]+/[\w.-]+(?:(?::[\w./-]+)?\s*,|:[\w./-]+\s|:(?=[\w-]*res))"
)
_TELLS = re.compile(r"ne[xs]?t-?\d|\d+x\d+d")  # a folder or a module called so is more than that
_SCHEME = re.compile(r"\b(?:[a-z][\w+-]*://|hf[_-]hub:)")
_BARE_CARDINALITIES, _MOST_BARE_WIDTH = (1, 2, 4, 8, 16, 32, 64), 64
_MOST_DIGITS = 6
_TWO_LAYERS_OF_2015 = (20, 32, 44, 56, 110, 1202)  # section 4.2
_BOTTLENECKS_OF_2016 = (164, 1001)
_TWO_LAYER_SHAPES = (None, *(shape for shape in IMAGENET_SHAPES.values() if shape[1] is BlockKind.BASIC))
_SCHEDULE = re.compile(r"[123]x")  # of a detector's training
_HOW_WIDE = "say how many times as wide it is, as in wide_resnet50_2"


def read_foreign(text: str) -> ResNeXtSpec:
    """The network that a foreign name stands for.

    Raises:
        SpecError: it is not understood, or is a neighbour's name (`NeighbourError`).
    """
    reader = _Words(text)
    left = words_beside_settings(_without_places(plain(text)), reader.told, reader.additions)
    left = re.sub(r"(?<![a-z0-9])resnet(?=\s?\()", _CLASS, left)
    for chunk in re.split(r"[\s,;:()\[\]{}|+]+", left):
        reader.take(chunk)
    return reader.spec()


def _without_places(flat: str) -> str:
    """The text without schemes and folders before a name; a repository of torch.hub goes too."""
    flat = re.sub(r"[_ ]?v1\.5\b|(?<=imagenet1k)_v[12]\b", "", _SCHEME.sub("", flat))
    flat = _REPOSITORY.sub(
        lambda found: found[0] if _HAS_FAMILY.search(found[0]) or _TELLS.search(found[0]) else "", flat
    )
    return re.sub(r"[^\s,()=]*/[^\s,()=]*", lambda found: _without_folders(found[0]), flat)


def _tells_of_a_network(words: str) -> bool:
    return bool(_HAS_FAMILY.search(words) or _TELLS.search(words))


def _without_folders(path: str) -> str:
    folders, _, last = path.rpartition("/")
    alone_tells = _HAS_FAMILY.search(folders) and not _HAS_FAMILY.search(last)  # X-101/64x4d
    return path if alone_tells or _TELLS.search(folders) else last


class _Words:
    """The words of one foreign name, read from left to right."""

    def __init__(self, text: str) -> None:
        self.told = Told(text)
        self.additions: Additions = []
        self.words: list[str] = []
        self.numbers: list[int] = []  # that stand for themselves
        self.is_wide = False
        self.is_class = False  # torchvision's ResNet(...), which builds both families
        self.other: str | None = None  # family, or a system around a network
        self.unknown: list[str] = []

    def take(self, chunk: str) -> None:
        """Takes what has no blanks in it: a word or several, without the modules before a name and the tags behind."""
        parts = chunk.split(".")
        named = [place for place, part in enumerate(parts) if _HAS_FAMILY.search(part)]
        if named:
            name, behind = parts[named[-1]], parts[named[-1] + 1 :]
            is_enum = name.endswith("_weights")  # ResNeXt50_32X4D_Weights.IMAGENET1K_V2
            self.unknown += [] if is_enum else [part for part in behind if not names_weights(part)]
            telling = [part for part in parts[: named[-1]] if part in MAKERS or _TELLS.search(part)]
            parts = [*telling, name.removesuffix("_weights")]
        elif all(map(names_weights, parts[1:])):
            parts = parts[:1]
        self.words += [word for part in parts for word in re.split(r"[_/-]+", part) if word]

    def spec(self) -> ResNeXtSpec:
        """The network.

        Raises:
            SpecError: it is not understood, or none of the family.
        """
        told = self.told
        self.seen = frozenset(self.words)
        while self.words:
            word = self.words.pop(0)
            if not self._is_read(word):
                self.unknown.append(word)
        if told.family is None and self.is_class:
            told.tell_family("resnet")
        self._place_numbers()
        self._look_for_old_networks()
        if self.other or self.additions:
            what = self.other or with_additions(told.family, self.additions)
            raise NeighbourError(told.text, what, self._plain(), told.family is not None)
        told_of = (self.seen, told.family, told.layers)
        self.unknown = [word for word in self.unknown if not makes_the_same(word, *told_of)]
        if self.unknown:
            raise told.refusal(self._not_understood(self.unknown[0]))
        if told.options.get("stem") is Stem.CIFAR and told.layers in IMAGENET_SHAPES:
            blocks = "-".join(map(str, IMAGENET_SHAPES[told.layers][0]))
            raise told.refusal(f"with a stem for CIFAR, {told.layers} layers are told as blocks: _cifar10_b{blocks}")
        if str(told.options.get("depths", "")).count(",") == CIFAR_STAGES - 1:
            told.options.setdefault("stem", Stem.CIFAR)
        return told.spec()

    def _is_read(self, word: str) -> bool:
        """Takes one word; whether it is understood."""
        return (
            self._is_family(word)
            or self._is_number(word)
            or self._is_data(word)
            or tells_nothing_of_the_network(word)
            or self._is_other(word)
            or self._is_neighbour(word)
        )

    def _is_family(self, word: str) -> bool:
        family, short, wide = _FAMILY.fullmatch(word), _SHORT_FAMILY.fullmatch(word), _WIDE.fullmatch(word)
        if word in _SHORT and self.words and self.words[0].isdecimal():
            self.told.tell_family(_SHORT[word])
        elif word == _CLASS:
            self.is_class = True
        elif family:
            self._tell_family(family[3], family[4])
            self.is_wide = self.is_wide or bool(family[2])
            if family[1]:
                self.told.tell("stem", Stem.CIFAR)
        elif short:
            self._tell_family(_SHORT[short[1]], short[2])
        elif wide:
            self._tell_family("resnet", wide[1])
            self.is_wide = True
        else:
            return False
        return True

    def _tell_family(self, family: str, layers: str | None) -> None:
        self.told.tell_family(family)
        if layers:
            self.told.tell_layers(layers)

    def _is_number(self, word: str) -> bool:
        paths = _PATHS.fullmatch(word)
        if paths and "bit" in self.seen:  # of BiT: layers, and how many times as wide
            self.told.tell_layers(paths[1])
        elif paths and (paths[3] or (self._may_omit_d() and _are_paths(int(paths[1]), int(paths[2])))):
            self.told.tell_paths(paths[1], paths[2])
        elif word.isdecimal() and len(word) <= _MOST_DIGITS:
            self.numbers.append(int(word))
        else:
            return False
        return True

    def _may_omit_d(self) -> bool:
        """Whether 32x4 is C×d: of a ResNeXt; beside a ResNet, wide or not, it is another multiple."""
        return not any(word.startswith(("resnet", "wide", "wrn")) for word in self.seen)

    def _is_data(self, word: str) -> bool:
        cifar = _CIFAR.fullmatch(word)
        if cifar:
            classes = cifar[1]
            if classes is None and self.words and self.words[0] in ("10", "100"):
                classes = self.words.pop(0)
            self.told.tell("stem", Stem.CIFAR)
            if classes:
                self.told.tell("num_classes", classes)
        elif word in _BLOCKS:
            self.told.tell("block", _BLOCKS[word])
        else:
            return _SCHEDULE.fullmatch(word) is not None and bool({"fpn", "coco"} & self.seen)
        return True

    def _is_other(self, word: str) -> bool:
        self.other = self.other or other_family(word)
        return other_family(word) is not None

    def _is_neighbour(self, word: str) -> bool:
        known = plain_word(word, self.additions, is_behind=self.told.family is not None)
        if known and known != word:
            self.words.insert(0, known)
        return known != word

    def _place_numbers(self) -> None:
        """Gives the numbers that stand for themselves their places: layers, then a widening or C and d."""
        told, numbers = self.told, self.numbers
        if numbers and told.layers is None and "depths" not in told.options:
            told.tell_layers(numbers.pop(0))
        if self.is_wide and not {"cardinality", "base_width"} & told.options.keys():
            if numbers:
                told.tell_paths(1, 64 * numbers.pop(0))
            else:
                self.unknown.append("wide")
        if len(numbers) == 2 and told.family == "resnext" and _are_paths(*numbers):
            told.tell_paths(*numbers)
        else:
            self.unknown += map(str, numbers)

    def _look_for_old_networks(self) -> None:
        """Names that mean other blocks than bottlenecks of 64 channels and more, whoever writes them."""
        told = self.told
        if self.is_wide and usual_shape(told.layers or USUAL_LAYERS, False) in _TWO_LAYER_SHAPES:
            self.additions.append("wider two-layer blocks (Wide ResNet)")
            told.options = {}
        elif told.family == "resnet" and not {"cardinality", "depths"} & told.options.keys():
            if told.layers in _TWO_LAYERS_OF_2015:
                self.additions.append("two-layer blocks of 16, 32 and 64 channels (He et al. 2015, for CIFAR)")
            elif told.layers in _BOTTLENECKS_OF_2016:
                self.additions.append("norms before convolutions of 16, 32 and 64 channels (He et al. 2016, for CIFAR)")

    def _not_understood(self, word: str) -> str:
        if is_own_token(word):
            return f"{word[:40]!r} is read in canonical names only, such as resnext50_32x4d_{word[:40]}"
        if word in MAKERS:
            return how_written_here(word, self._plain())
        return _HOW_WIDE if word == "wide" else f"{word[:40]!r} in it is not understood; {EXAMPLES}"

    def _plain(self) -> ResNeXtSpec:
        """The nearest network of the family: what the rest of the name says, if it says one."""
        with suppress(SpecError):
            return self.told.spec()
        usual = Told(self.told.text)
        usual.tell_family(self.told.family or "resnext")
        return usual.spec()


def _are_paths(cardinality: int, base_width: int) -> bool:
    """Whether two numbers without a letter can be C and d: what was ever published, and no side of an image."""
    return cardinality in _BARE_CARDINALITIES and base_width <= _MOST_BARE_WIDTH
