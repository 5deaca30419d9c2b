"""What Predict shows of one photo: its crop, what the network sees, its answers; and samples to try.

Labels, file names and messages come from strangers: `tag` escapes every one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import exact, percent

PHOTO_WIDTH, PHOTO_HEIGHT = 440, 440  # px, at most
VIEW_SIDE = 168  # px
LEAST_SIDE = 16  # px of a picture that is very thin: its other side keeps its scale
MOST_NAME = 48  # letters of a file's name; what is left out of a longer one is its middle
UNSURE_BELOW = 0.5  # the first answer's probability
LABEL_ROOM = (110, 34)  # px of a crop that has its label inside
MISSING = "–"


class ShownAnswer(Protocol):
    """One class and its probability, 0 to 1."""

    @property
    def label(self) -> str: ...

    @property
    def probability(self) -> float: ...


class CropBox(NamedTuple):
    """The crop, in pixels of the photo."""

    left: float
    top: float
    right: float
    bottom: float


class WithoutPaths(NamedTuple):
    """Which paths are off, and each answer's probability, 0 to 1, with all on and without those, by one computation."""

    words: str
    all_on: Sequence[float]
    some_off: Sequence[float]


def short_name(name: str) -> str:
    """A file's name, without its middle where it has more than `MOST_NAME` letters: its ends tell files apart."""
    half = MOST_NAME // 2
    return name if len(name) <= MOST_NAME else f"{name[: half - 1]}…{name[-half:]}"


def whole_name(name: str) -> str | None:
    """What a pointer that rests on a name is told: the whole of it where it is shortened."""
    return name if len(name) > MOST_NAME else None


def prediction(photo: str, view: str, answers: str) -> str:
    """The three columns: photo, what the network sees, answers; below one another where the page is narrow."""
    columns = [
        tag("div", Markup(column), class_=f"rx-p-{name}")
        for name, column in (("photo", photo), ("view", view), ("answers", answers))
    ]
    return tag("div", tag("div", *columns, class_="rx-p-columns"), class_="rx-p-frame")


def photo_with_crop(
    data_uri: str, width: int, height: int, crop_box: CropBox, name: str = "", whose: str = "Your photo"
) -> str:
    """HTML of the photo, dimmed outside the crop, with the crop's size as its label.

    Args:
        data_uri: the photo as it is shown, already turned upright.
        width: of the photo, in pixels.
        height: of the photo, in pixels.
        crop_box: what the network gets, in pixels of the photo; what lies outside the photo is cut off.
        name: of the file.
        whose: it is.
    """
    scale = min(PHOTO_WIDTH / width, PHOTO_HEIGHT / height)
    across, down = (max(LEAST_SIDE, side * scale) for side in (width, height))
    left, right = (min(max(edge, 0), width) for edge in (crop_box.left, crop_box.right))
    top, bottom = (min(max(edge, 0), height) for edge in (crop_box.top, crop_box.bottom))
    words = f"{exact(round(right - left))}×{exact(round(bottom - top))} crop"
    inside = (right - left) * scale >= LABEL_ROOM[0] and (bottom - top) * scale >= LABEL_ROOM[1]
    is_stretched = min(width, height) * scale < LEAST_SIDE
    stretched = f" Drawn {'higher' if width > height else 'wider'} than it is, so that it can be seen." * is_stretched
    label = tag("span", words, class_="rx-p-crop-label")
    shape = f"{across:.4g}/{down:.4g}" if is_stretched else f"{width}/{height}"
    crop = tag(
        "div",
        label if inside else markup(),
        class_="rx-p-crop",
        style=f"left:{_share(left, width)};top:{_share(top, height)};"
        f"width:{_share(right - left, width)};height:{_share(bottom - top, height)}",
    )
    size = f"{exact(width)}×{exact(height)} px"
    title = ", ".join(filter(None, (whose, short_name(name), size)))
    picture = tag(
        "div",
        tag("img", src=data_uri, alt=f"The photo {name}".strip()),
        crop,
        class_="rx-p-picture",
        style=f"width:{round(across)}px;aspect-ratio:{shape}",
    )
    below = markup() if inside else tag("p", f"{words}.{stretched}" if stretched else words, class_="rx-p-note")
    return markup(tag("p", title, class_="rx-p-title", title=whole_name(name)), picture, below)


def _share(length: float, whole: float) -> str:
    return f"{100 * length / whole:.4f}%"


def network_view(data_uri: str, words: str) -> str:
    """HTML of the crop at the network's own resolution, enlarged without smoothing; `words` say how it was made."""
    return markup(
        tag("p", "What the network sees", class_="rx-p-title"),
        tag(
            "img",
            src=data_uri,
            alt="The crop as the network gets it",
            width=VIEW_SIDE,
            height=VIEW_SIDE,
            class_="rx-p-pixels",
        ),
        tag("p", words, class_="rx-p-note"),
    )


def none_notice(words: str, rates: str) -> Markup:
    """HTML of what stands in the place of a first answer, where the photo shows none of the classes, probably."""
    return tag("div", tag("b", f"{words}."), tag("p", rates), class_="rx-p-none", role="note")


def doubt_words(rightly: float, wrongly: float) -> str:
    """How far a doubt can be trusted, in pictures of a hundred; both shares, 0 to 1, are measured."""
    return (
        f"Of 100 pictures of other things it notices {_of_hundred(rightly)}; of 100 of its own classes it doubts "
        f"{_of_hundred(wrongly)}."
    )


def _of_hundred(share: float) -> str:
    count = round(100 * share)
    return f"about {count}" if count else "fewer than 1"


def more_classes(offer: str, asked: str = "Something else?") -> Markup:
    """HTML of what offers another network: when it is wanted, and what it knows or costs."""
    return tag("p", tag("b", asked), f" {offer}", class_="rx-more-classes")


def top_answers(
    answers: Sequence[ShownAnswer],
    total_classes: int,
    without: WithoutPaths | None = None,
    doubt: str = "",
    which: str = "",
) -> str:
    """HTML of the best answers as bars from 0 to 100 %.

    Args:
        answers: best first.
        total_classes: that the network knows.
        without: what each of them becomes with some paths off, as a second number and a thin bar.
        doubt: HTML that is told first, where none of the classes is meant, probably; the answers then stand back.
        which: HTML of which photo it is, where there are several.
    """
    title = f"Top {len(answers)} of {exact(total_classes)} classes"
    beside = tag("span", tag("b", without.words), " all paths", class_="rx-p-legend") if without else markup()
    said = [answer.probability for answer in answers]
    shown = without.all_on if without else said
    is_unsure = not doubt and bool(shown) and shown[0] < UNSURE_BELOW
    bars = [
        _answer(answer.label, shown[place], without.some_off[place] if without else None, is_unsure and not place)
        for place, answer in enumerate(answers)
    ]
    differs = [*map(percent, shown)] != [*map(percent, said)]
    return markup(
        Markup(which),
        Markup(doubt),
        tag("p", tag("span", title), beside, class_="rx-p-title rx-p-answers-title"),
        tag("ol", *bars, class_="rx-p-bars rx-p-doubted" if doubt else "rx-p-bars", aria_label=title),
        tag("p", _EXACTLY, class_="rx-p-note rx-p-exactly") if differs else markup(),
    )


_EXACTLY = "Both numbers are computed by the exact network, in float32; the engine’s differ in their last digits."


def _answer(label: str, probability: float, without: float | None, is_unsure: bool) -> Markup:
    thin = markup() if without is None else probability_bar(without, "rx-p-bar rx-p-off-bar")
    number = markup() if without is None else tag("span", percent(without), class_="rx-p-off")
    said = tag("span", label, class_="rx-p-label")
    if is_unsure:
        said = tag("span", said, tag("small", f" unsure: below {percent(UNSURE_BELOW, 0)}"), class_="rx-p-unsure")
    return tag(
        "li",
        said,
        number,
        tag("span", percent(probability), class_="rx-p-share"),
        probability_bar(probability),
        thin,
    )


def which_photo(name: str, place: int, count: int) -> Markup:
    """HTML of which of several photos an answer is of; `place` counts from 1."""
    words = f", photo {exact(place)} of {exact(count)}"
    return tag("p", tag("b", short_name(name)), words, class_="rx-p-which", title=whole_name(name))


def probability_bar(probability: float, class_: str = "rx-p-bar") -> Markup:
    """A bar from 0 to 100 %; the number stands beside it."""
    width = 100 * min(max(probability, 0.0), 1.0)
    return tag("span", tag("i", style=f"width:{width:.2f}%"), class_=class_, aria_hidden="true")


def latency_pill(median_ms: float, runs: int, batch: int, device: str, engine: str) -> str:
    """HTML of a latency with all that it depends on: `6.6 ms median of 60, batch 1 · CPU, 2 cores · torch, float32`."""
    how = f"median of {exact(runs)}" if runs > 1 else "one run"
    return tag(
        "p",
        tag("b", latency_text(median_ms)),
        f" {how}, batch {exact(batch)} · {device} · {engine}",
        class_="rx-p-pill",
    )


def latency_text(latency_ms: float) -> str:
    """A time with its unit: `0.42 ms`, `6.6 ms`, `843 ms`, `1.24 s`."""
    if latency_ms < 0.995:
        return f"{latency_ms:.2f} ms"
    if latency_ms < 99.95:
        return f"{latency_ms:.1f} ms"
    return f"{latency_ms:.0f} ms" if latency_ms < 999.5 else f"{latency_ms / 1000:.2f} s"


class SampleButton(NamedTuple):
    """A photo to try: its value when chosen, its title, a thumbnail as a data URI, and a word on it."""

    value: str
    title: str
    uri: str
    note: str = ""


def sample_buttons(samples: Sequence[SampleButton], chosen: str = "") -> str:
    """HTML of photos to try; the one whose value is `chosen` is shown."""
    buttons = [
        tag(
            "button",
            tag("img", src=sample.uri, alt=""),
            tag("span", sample.title, tag("small", sample.note) if sample.note else markup()),
            type="button",
            class_="rx-p-sample",
            data_choose=sample.value,
            aria_current="true" if sample.value == chosen else None,
        )
        for sample in samples
    ]
    return markup(
        tag("p", "Or try a sample", class_="rx-p-title"),
        tag("div", *buttons, class_="rx-p-samples", data_group="samples"),
    )
