"""The table of the link's keys: what each chooses and where, what may stand under it, and what it is when left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resnext_viz.kit.link_values import Values, flag, number, option, pair, paths_off, slug, text, whole
from resnext_viz.names import MAX_NAME_LENGTH

RESERVED = ("room", "present", "dials", "lang")  # what no key may be called
_ALWAYS = ("",)  # every value begins so


@dataclass(frozen=True)
class Key:
    """One key of the link.

    Attributes:
        pages: where it changes what is shown.
        meaning: what it chooses.
        values: what may stand under it.
        default: the value where it is left out; None where that depends on others, as `usual` says.
        usual: the default in words.
        goes_with: keys whose change sets this one back.
        private: beginnings of values that are left out of a copied link.
        named: whether its value always stands in the link, because machines differ in the default.
    """

    name: str
    pages: str
    meaning: str
    values: Values
    default: Any = None
    usual: str = ""
    goes_with: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    named: bool = False


_MODE = option("train, eval")
_NAME = MAX_NAME_LENGTH + 1  # so that a longer one is refused, and never read in part
_FORMS, _SPACE, _BOTH = "Block forms", "Design space", "Anatomy, Block forms"
_ROWS = (
    Key("net", "all", "the dialled network", text("any name of a network", _NAME), usual="resnext50_32x4d"),
    Key("size", "all", "the image in pixels", text("1 to 4,096, or height x width, as 224x320"), usual="the network’s"),
    Key("vs", "all", "the baseline", text("any name of a network", _NAME), usual="resnet50"),
    Key("lock", "all", "what stays near the baseline’s while C moves", text("macs, params"), usual="nothing"),
    Key("lesson", "all", "the lesson that runs", whole(1, 999), None, "none"),
    Key("step", "all", "its step", option("vote, reveal, take, more"), None, "vote", ("lesson",)),
    Key("block", _BOTH, "the block that is drawn", pair("stage.block, as 3.2"), (1, 2)),
    Key("path", _BOTH, "the path i that is followed", whole(1, 9999), 3),
    Key("hold", _SPACE, "what is held equal", option("block_params, params, macs"), "block_params"),
    Key("budget", _SPACE, "how much of it, for the solver", whole(1), None, "the baseline’s",
        ("hold", "vs", "size")),
    Key("number", "Counting", "a number that somebody got", text("as people write it, or a tool prints it", 200), ""),
    Key("of", "Counting", "the network meant by it", text("dialled, or any name of a network", _NAME), ""),
    Key("rows", "Counting", "rows of the comparison", option("places, kinds, terms"), "places"),
    Key("stride", "Counting", "where the stride sits in it", option("dialled, 3x3, 1x1"), "dialled"),
    Key("moved", "Counting", "precision of what is moved", option("float32, bfloat16"), "float32"),
    Key("batch", "Counting", "images of a training step", whole(1, 1_000_000), 32),
    Key("epoch", "Counting", "images of an epoch", whole(1, 10_000_000_000), None, "the data set’s"),
    Key("optimizer", "Counting", "optimizer of a training step", option("sgd, momentum, adam"), "momentum"),
    Key("precision", "Counting", "its precision", option("float32, mixed-bfloat16, mixed-float16, bfloat16"),
        "float32"),
    Key("mistake", "Counting", "the mistake that is audited", option("its name, as groups-forgotten", slug), None,
        "the first"),
    Key("judge", "Counting", "what a file is judged by", option("own, dialled"), "own"),
    Key("form", _FORMS, "the form shown where there is room for one", option("a, b, c"), "a"),
    Key("mode", _FORMS, "mode of batch norm in the check of a block", _MODE, "train"),
    Key("fault", _FORMS, "the mistake made on purpose", option("its name, as bn-in-paths"), None, "none"),
    Key("faultmode", _FORMS, "mode of batch norm in it", _MODE, "train"),
    Key("netmode", _FORMS, "mode of batch norm in the check of the network", _MODE, "train"),
    Key("image", _FORMS, "what the network gets", option("a sample’s name, own, random"), None, "the first sample",
        private=("own",)),
    Key("side", _FORMS, "its side in pixels", option("8, 16, 32, 64, 96, 128, 160, 224"), None, "64, or the network’s"),
    Key("sgd", _FORMS, "steps of SGD", option("0, 1, 3, 5, 10"), "3"),
    Key("dtypes", _FORMS, "dtypes of the check", option("both, float64, float32"), "both"),
    Key("neuron", _FORMS, "the output channel and the place that are summed up", pair("channel.place"), (1, 1)),
    Key("table", "Paper", "the table of the paper", option("1 to 8, Shortcuts", str.capitalize), "1"),
    Key("study", "Study", "the study", option("its name"), None, "the first"),
    Key("library", "Code", "what the code is for", option("torchvision, timm, torch, resnext_viz"), "torchvision"),
    Key("files", "Code", "the weights in the files", option("fresh, trained"), "trained"),
    Key("seed", "Code", "the seed of fresh weights", whole(0, 2**31 - 1), 0),
    Key("runs", "all", "the training runs that the visitor holds", text("their ids", 2000), "", "none",
        private=_ALWAYS),
    Key("data", "Train", "what is trained on", option("sample, own"), "sample", private=("own",)),
    Key("epochs", "Train", "epochs of a new run", whole(1, 100), 20),
    Key("rate", "Train", "its peak rate", number(0.001, 2.0), None, "fits the data"),
    Key("pictures", "Train", "pictures of a step", whole(8, 512), None, "fits the data"),
    Key("runseed", "Train", "its seed", whole(0, 999_999), 0),
    Key("run", "Train", "the run that is shown", whole(1, 99), None, "the newest", private=_ALWAYS),
    Key("against", "Train", "the run beside it", whole(1, 99), None, "none", ("run",), _ALWAYS),
    Key("weights", "Predict", "the weights", option("their name"), None, "ImageNet’s, where they are; else cifar10",
        private=("run:", "own"), named=True),
    Key("part", "Predict", "the network of a file of one’s own that holds several", option("its folder"), None,
        "the proposed one", ("weights",), _ALWAYS),
    Key("device", "Predict", "where they run", option("cuda, mps, cpu"), None, "the fastest"),
    Key("engine", "Predict", "how they run", option("auto, exact, int8"), "auto"),
    Key("top", "Predict", "answers shown", whole(1, 10), 5),
    Key("beside", "Predict", "weights whose answers stand beside", option("their name"), None, "none",
        private=("run:",)),
    Key("way", "Predict", "what can be dropped", option("photos, folder"), "photos"),
    Key("camera", "Predict", "the camera", flag(), False, "off", private=_ALWAYS),
    Key("photo", "Predict", "the sample photo", option("its name"), None, "none"),
    Key("why", "Predict", "explanations of an answer in doubt", flag(), None, "folded, unless the link asks for one"),
    Key("class", "Predict", "the class that is asked about", whole(0, 999_999), None, "the first answer",
        ("weights", "photo")),
    Key("within", "Predict", "the block whose paths are told apart", pair("stage.block"), None,
        "the last; 3.1 for cifar10", ("weights",)),
    Key("off", "Predict", "paths that are switched off, by block", paths_off(), None, "none",
        ("weights", "photo")),
    Key("stage", "Predict", "where it is asked where the network looks", whole(1, 99), None, "the last", ("weights",)),
    Key("maps", "Predict", "what each stage sees", flag(), False, "folded"),
    Key("cardinality", "Predict", "the section What cardinality changes", flag(), False, "folded"),
    Key("quality", "Predict", "the section How good is this network?", flag(), False, "folded"),
)  # fmt: skip
KEYS: Mapping[str, Key] = {key.name: key for key in _ROWS}
PRIVATE = {key.name: key.private for key in _ROWS if key.private}  # what a copied link leaves out: beginnings of values
