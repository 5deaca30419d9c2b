"""Names put together at random from pieces that people use: read as what they were made of, or refused, never else."""

from typing import NamedTuple

from hypothesis import assume, given
from hypothesis import strategies as st

from resnext_viz import parse
from resnext_viz.errors import SpecError
from resnext_viz.spec import BlockKind, ResNeXtSpec

# He et al. 2015, Table 1.
DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
TWO_LAYERS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
PREFIXES = ("", "ig_", "swsl_", "ssl_", "gluon_", "tv_", "timm/", "hf_hub:timm/", "torchvision://", "models.", "zoo/")
SUFFIXES = ("", "_wsl", ".a1h_in1k", ".fb_swsl_ig1b_ft_in1k", "-FPN", "-7cdf4075.pth", "_8xb32_in1k", "(weights=None)")
TIMES = ("x", "×", " x ", " × ", "*", "X")
SEPARATORS = ("_", "-", " ", ", ", " - ")
# What makes another network of it, or says two things.
STRANGE = (
    "se", "SK", "d8", "gn", "v2", "vd", "bias", "out2cd", "features", "k10", "x2", "in1", "b3-4-6-3", "noshortcut",
    "224", "224x224", "7x7", "64x40d", "resnet34", "regnetx_032", "densenet", "banana", "dilation=2", "deep_stem=True",
    "C=3", "num_stages=3", "include_top=False", "1", "2x", "ResNeXt", "resnet", "wide", "cifar",
)  # fmt: skip


class Made(NamedTuple):
    """A name in pieces, and the network that they make."""

    prefix: str
    pieces: tuple[str, ...]
    separator: str
    suffix: str
    spec: ResNeXtSpec

    def text(self, *more: str) -> str:
        return self.prefix + self.separator.join((*self.pieces, *more)) + self.suffix


@st.composite
def grouped(draw: st.DrawFn) -> Made:
    """A ResNeXt: family and layers together or apart, C×d before or behind."""
    layers = draw(st.sampled_from(list(DEPTHS)))
    cardinality, width = draw(st.integers(1, 64)), draw(st.integers(1, 64))
    separator = draw(st.sampled_from(SEPARATORS))
    family = draw(st.sampled_from(("resnext", "ResNeXt", "ResNext", "RESNEXT")))
    paths = f"{cardinality}{draw(st.sampled_from(TIMES))}{width}{draw(st.sampled_from(('d', ' d', 'D')))}"
    together = draw(st.sampled_from(((f"{family}{layers}",), (family, str(layers)), (f"{'xX'[layers % 2]}{layers}",))))
    pieces = draw(st.sampled_from(((*together, paths), (paths, *together), (*together[:1], paths, *together[1:]))))
    # Words before a name without letters are a folder's: begin with the family there.
    prefix = draw(st.sampled_from(PREFIXES)) if pieces[0][0].isalpha() else ""
    suffix = draw(st.sampled_from(SUFFIXES))
    return Made(prefix, pieces, separator, suffix, ResNeXtSpec(DEPTHS[layers], cardinality, width))


@st.composite
def ungrouped(draw: st.DrawFn) -> Made:
    """A ResNet, plain or wide."""
    layers = draw(st.sampled_from([*DEPTHS, *TWO_LAYERS]))
    separator, suffix = draw(st.sampled_from(SEPARATORS)), draw(st.sampled_from(SUFFIXES))
    prefix = draw(st.sampled_from(PREFIXES))
    if layers in TWO_LAYERS:
        spec = ResNeXtSpec(TWO_LAYERS[layers], block=BlockKind.BASIC, expansion=1)
        return Made(prefix, (f"ResNet{layers}",), separator, suffix, spec)
    times = draw(st.sampled_from((None, 2, 3)))
    if times is None:
        return Made(prefix, ("resnet", str(layers)), separator, suffix, ResNeXtSpec(DEPTHS[layers]))
    pieces = draw(st.sampled_from((("WRN", str(layers), str(times)), ("wide", f"resnet{layers}", str(times)))))
    return Made(prefix, pieces, separator, suffix, ResNeXtSpec(DEPTHS[layers], base_width=64 * times))


@st.composite
def called(draw: st.DrawFn) -> Made:
    """A call or settings, in any order."""
    layers = draw(st.sampled_from(list(DEPTHS)))
    cardinality, width = draw(st.integers(1, 64)), draw(st.integers(1, 64))
    groups = draw(st.sampled_from(("groups", "cardinality", "C", "num_groups")))
    per_group = draw(st.sampled_from(("width_per_group", "base_width", "d", "bottleneck_width")))
    equals = draw(st.sampled_from(("=", " = ", ": ")))
    settings = [f"{groups}{equals}{cardinality}", f"{per_group}{equals}{width}", "pretrained=True"]
    blocks = "[" + ", ".join(map(str, DEPTHS[layers])) + "]"
    name, more = draw(
        st.sampled_from(
            (
                ("ResNet", [f"layers={blocks}", "block=Bottleneck"]),
                ("models.ResNet", [f"depth={layers}"]),
                (f"resnet{layers}", []),
            )
        )
    )
    inside = draw(st.permutations(settings + more))
    return Made("", (f"{name}({', '.join(inside)})",), " ", "", ResNeXtSpec(DEPTHS[layers], cardinality, width))


@given(grouped() | ungrouped() | called())
def test_an_assembled_name_is_read_as_what_it_was_made_of(made: Made) -> None:
    assert parse(made.text()) == made.spec


@given(grouped() | ungrouped(), st.sampled_from(STRANGE), st.booleans())
def test_with_a_strange_piece_it_is_the_same_network_or_refused(made: Made, strange: str, behind: bool) -> None:
    assume(made.separator != "_" or made.prefix or made.suffix)  # else it can be a canonical name, whose tokens count
    text = made.text(strange) if behind else f"{strange}{made.separator}{made.text()}"
    try:
        spec = parse(text)
    except SpecError:
        return
    # What tells an option, as the shell's would, and what a plain ResNet had left open.
    told = {"C=3": {"cardinality": 3}, "64x40d": {"cardinality": 64, "base_width": 40}}
    assert spec == made.spec.with_options(**told.get(strange, {}))
