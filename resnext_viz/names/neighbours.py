"""Neighbours: networks that are a ResNeXt or ResNet with something more or other, and networks of other families.

None of them is counted as something that it is not: it is named, with what the plain network costs.
"""

from __future__ import annotations

import re

from resnext_viz.errors import SpecError
from resnext_viz.kit.number_format import exact
from resnext_viz.layers import walk
from resnext_viz.names.canonical import name_of
from resnext_viz.names.titles import title_of
from resnext_viz.spec import ResNeXtSpec

Additions = list[str]  # what a neighbour has that the plain network has not, in words

_DEEP_STEM = "a stem of three 3×3 convolutions"
_POOLED = f"{_DEEP_STEM} and shortcuts that pool before they project"
_DILATED = "dilated convolutions in place of strides"
_GROUP_NORM = "group norm"
_PREACTIVATED = "norms before the convolutions (ResNet v2)"
_TIERED = "a tiered stem and other activations"

# In front of the family or as a word of its own.
_FRONTS = {
    "se": "squeeze-and-excitation", "sk": "selective kernels", "eca": "efficient channel attention",
    "gc": "global context blocks", "cbam": "attention (CBAM)", "ca": "coordinate attention", "ge": "gather-excite",
    "bat": "bilinear attention", "fca": "frequency channel attention", "nl": "non-local blocks",
    "csp": "cross-stage partial connections", "nf": "scaled weights in place of norms", "bot": "self-attention",
    "cot": "contextual attention", "lambda": "lambda layers", "halo": "halo attention", "ibn": "instance norm",
    "preact": _PREACTIVATED, "pre": _PREACTIVATED, "dilated": _DILATED, "d": _DILATED,
    "i": "another order of its layers", "t": "the blocks and the stem of TResNet",
    "deform": "deformable convolutions", "slow": "a third dimension",
}  # fmt: skip
# Between the family and its layers.
_INFIXES = {
    "aa": "anti-aliased downsampling", "blur": "anti-aliased downsampling", "v2": _PREACTIVATED,
    "rs": "the stem, attention and scaling of ResNet-RS", "3d": "a third dimension",
}  # fmt: skip
# Behind the layers, or as a word behind them.
_BACKS = {
    "d": _POOLED, "c": _DEEP_STEM, "s": _DEEP_STEM, "e": _POOLED, "t": _TIERED, "tn": _TIERED, "ts": _TIERED,
    "q": _TIERED, "vd": _POOLED, "vc": _DEEP_STEM, "v1c": _DEEP_STEM, "v1d": _POOLED, "v1s": _DEEP_STEM,
    "v1e": _POOLED, "v2": _PREACTIVATED,
}  # fmt: skip
_WORDS = {
    "gn": _GROUP_NORM, "ws": "standardised weights", "evos": "other norms", "bit": _PREACTIVATED,
    "d8": _DILATED, "d16": _DILATED, "os8": _DILATED, "os16": _DILATED, "dc5": _DILATED,
    "dcn": "deformable convolutions", "dcnv2": "deformable convolutions", "clip": "CLIP's stem and attention pooling",
    "gap": "another pooling", "pruned": "pruned channels", "3d": "a third dimension", "iabn": "in-place norms",
    "gcb": "global context blocks", "attention": "attention", "nonlocal": "non-local blocks",
}  # fmt: skip
_SETTINGS: dict[str, tuple[str, str]] = {  # keyword -> (what it adds, the values with which it adds nothing)
    "replace_stride_with_dilation": (_DILATED, r"none|[\[(]?(false[,\s]*)*[\])]?"),
    "output_stride": (_DILATED, "32"),
    "dilation": (_DILATED, "1|false"),
    "dilations": (_DILATED, r"[\[(][1,\s]*[\])]"),
    "strides": (_DILATED, r"[\[(]1,\s*2,\s*2,\s*2,?[\])]"),
    "norm_layer": ("other norms", r"none|([\w.]*\.)?\w*batchnorm2?d?"),
    "norm_cfg": ("other norms", r".*type\s*=\s*(sync|mm)?bn\b.*"),
    "norm": ("other norms", "|frozenbn|syncbn|naivesyncbn|bn"),
    "deep_stem": (_DEEP_STEM, "false"),
    "stem_type": (_DEEP_STEM, "|default"),
    "avg_down": (_POOLED, "false"),
    "attn_layer": ("attention", "none"),
    "dcn": ("deformable convolutions", "none|false"),
    "plugins": ("plugins in its blocks", "none"),
    "num_stages": ("another number of stages", "4"),
}

_ANY_FRONT = "|".join(sorted(_FRONTS, key=len, reverse=True))
_ANY_BACK = "|".join(sorted(_BACKS, key=len, reverse=True)) + r"|x\d{1,2}"
_FAMILY = re.compile(
    rf"(?P<fronts>(?:{_ANY_FRONT})*)(?P<wide>wide)?"
    rf"(?P<family>resnext|resnet)(?P<infixes>(?:{'|'.join(_INFIXES)})*)(?:(?P<layers>\d{{1,6}})"
    rf"(?P<back>{_ANY_BACK})?)?"
)
# Blocks of their own, at a place in the family: word -> (plain family, what is other).
_KIN = {
    "resnest": ("resnet", "split attention (ResNeSt)"),
    "res2net": ("resnet", "several scales inside its 3×3 convolutions (Res2Net)"),
    "res2next": ("resnext", "several scales inside its 3×3 convolutions (Res2NeXt)"),
    "senet": ("resnext", "squeeze-and-excitation (SENet)"),
}  # fmt: skip
_LAYERS = re.compile(rf"(?P<layers>18|26|34|50|101|152|200)(?P<back>{_ANY_BACK})")
_KIN_NAME = re.compile(rf"(?P<kin>{'|'.join(_KIN)})(?P<layers>\d{{0,6}})[a-z]{{0,2}}")
# Other families, with a letter, a version or a size behind: what each is.
_STRANGERS = (
    ("regnet", "a RegNet (blocks of ResNeXt's form, in widths of their own)"),
    ("densenet", "a DenseNet (it concatenates where ResNeXt adds)"),
    ("vgg", "a VGG network (it has no shortcuts)"),
    ("alexnet", "AlexNet"), ("googlenet", "GoogLeNet"), ("inception", "an Inception network"),
    ("xception", "an Xception"), ("squeezenet", "a SqueezeNet"), ("shufflenet", "a ShuffleNet"),
    ("mobilenet", "a MobileNet"), ("mnasnet", "an MnasNet"), ("efficientnet", "an EfficientNet"),
    ("ghostnet", "a GhostNet"), ("nasnet", "a NASNet"), ("pnasnet", "a PNASNet"), ("repvgg", "a RepVGG"),
    ("convnext", "a ConvNeXt (its 3×3s are depthwise 7×7s)"), ("dpn", "a dual path network"),
    ("hrnet", "an HRNet"), ("darknet", "a Darknet"), ("cspdarknet", "a Darknet"), ("yolo", "a YOLO detector"),
    ("dla", "a deep layer aggregation network"), ("gernet", "a GENet"), ("selecsls", "a SelecSLS"),
    ("vit", "a vision transformer"), ("deit", "a vision transformer"), ("beit", "a vision transformer"),
    ("eva", "a vision transformer"), ("dino", "a vision transformer"), ("swin", "a Swin transformer"),
    ("maxvit", "a MaxViT"), ("coatnet", "a CoAtNet"), ("mixer", "an MLP-Mixer"), ("resmlp", "a ResMLP"),
    ("lenet", "LeNet"), ("r2plus1d", "a network for video"), ("r3d", "a network for video"),
    ("slowfast", "a network for video"), ("i3d", "a network for video"), ("bert", "a language model"),
)  # fmt: skip
# Whole systems that stand on a network: what is counted here is that network.
_AROUND = {
    "faster": "a detector", "mask": "a detector", "cascade": "a detector", "retinanet": "a detector",
    "rcnn": "a detector", "detr": "a detector", "ssd": "a detector", "fcos": "a detector", "unet": "a segmenter",
    "unetplusplus": "a segmenter", "deeplabv3": "a segmenter", "deeplabv3plus": "a segmenter", "deeplab": "a segmenter",
    "fcn": "a segmenter", "pspnet": "a segmenter", "linknet": "a segmenter", "upernet": "a segmenter",
}  # fmt: skip


class NeighbourError(SpecError):
    """A network that is no ResNeXt or ResNet of this program's, but next to one.

    Attributes:
        plain: the nearest network of the family; where that was not named, the one that stands for it.
    """

    def __init__(self, text: str, what: str, plain: ResNeXtSpec, is_of_the_family: bool) -> None:
        self.plain = plain
        layers = walk(plain).layers
        params, macs = sum(layer.params for layer in layers), sum(layer.macs for layer in layers)
        cost = f"{exact(params)} params and {exact(macs)} MACs"
        known = "the plain" if is_of_the_family else "for comparison,"
        super().__init__("name", text, f"that is {what}; {known} {title_of(plain)}, {name_of(plain)}, has {cost}")


def with_additions(family: str | None, additions: Additions) -> str:
    """What a neighbour with these additions is, in words."""
    words = ", ".join(dict.fromkeys(additions))
    return f"a {'ResNet' if family == 'resnet' else 'ResNeXt'} with {words}, which this program does not count"


def other_family(word: str) -> str | None:
    """What a network of another family is, or a system around a network, in words; None if that word is none."""
    if word in _AROUND:
        return f"{_AROUND[word]}, of which this program counts the network that it stands on only"
    for family, what in _STRANGERS:
        if re.fullmatch(rf"{family}[a-z]?(v?\d+\w*)?", word):
            return f"{what}, which this program does not count"
    return None


def addition_of_setting(key: str, value: str) -> str | None:
    """What a setting adds to the plain network, "" if nothing; None if it is no setting of neighbours."""
    if key not in _SETTINGS:
        return None
    addition, nothing = _SETTINGS[key]
    return "" if re.fullmatch(nothing, value) else addition


def plain_word(word: str, additions: Additions, is_behind: bool) -> str:
    """The word without what it says of a neighbour, which goes to `additions`; `is_behind` a family or not."""
    alone = _WORDS | (_FRONTS | _BACKS if is_behind else _BACKS | _FRONTS)
    if word in alone:
        additions.append(alone[word])
        return ""
    kin, layers, family = _KIN_NAME.fullmatch(word), _LAYERS.fullmatch(word), _FAMILY.fullmatch(word)
    if kin:
        name, addition = _KIN[kin["kin"]]
        additions.append(addition)
        return name + kin["layers"]
    if layers:
        additions.append(_back(layers["back"]))
        return layers["layers"]
    if family is None:
        return word
    additions += [_FRONTS[front] for front in re.findall(_ANY_FRONT, family["fronts"])]
    additions += [_INFIXES[infix] for infix in re.findall("|".join(_INFIXES), family["infixes"])]
    if family["back"]:
        additions.append(_back(family["back"]))
    return f"{family['wide'] or ''}{family['family']}{family['layers'] or ''}"


def _back(letters: str) -> str:
    return _BACKS.get(letters, "more channels everywhere")
