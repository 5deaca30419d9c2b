"""How far each output channel is off, as bars from zero."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from math import ceil

from resnext_viz.figures.kit.svg import Markup, document, line, markup, rect, tag, text, variants
from resnext_viz.kit.number_format import difference_text, exact, short

MOST_BARS = 256  # above, several channels share a bar
WIDE, NARROW, HEIGHT = 1040, 736, 128
LEFT, TOP, BASE = 44, 12, 100  # of the bars
MOST_STEPS = 4  # of the axis


def channel_bars(channels: Sequence[float]) -> Markup:
    """A chart of the largest difference in each channel; not all of them zero."""
    shared = ceil(len(channels) / MOST_BARS)
    words = f"; each bar is the worst of {shared} channels" if shared > 1 else ""
    title = tag("p", f"Largest output difference, by channel{words}", class_="rx-fault-label")
    return markup(title, variants(_chart(channels, shared, WIDE), _chart(channels, shared, NARROW)))


def axis_step(largest: float) -> float:
    """1, 2 or 5 times a power of ten: the smallest that divides the axis into at most `MOST_STEPS`."""
    powers = (10.0**power for power in count(-20))
    return next(step * power for power in powers for step in (1, 2, 5) if step * power * MOST_STEPS >= largest)


def _chart(channels: Sequence[float], shared: int, width: int) -> Markup:
    bars = [max(channels[at : at + shared]) for at in range(0, len(channels), shared)]
    largest, pitch = max(bars), (width - LEFT) / len(bars)
    scale = (BASE - TOP) / largest
    marks: list[Markup] = []
    for tick in range(int(largest / axis_step(largest)) + 1):
        value = tick * axis_step(largest)
        y = BASE - value * scale
        marks += [
            line(LEFT - 4, y, width, y, class_="rx-fault-grid"),
            text(LEFT - 10, y + 4, short(value, 0), "rx-m rx-s", "end"),
        ]
    gap = min(1.0, pitch / 4)
    for index, value in enumerate(bars):
        marks.append(
            rect(
                LEFT + index * pitch,
                BASE - value * scale,
                pitch - gap,
                value * scale,
                class_="rx-fault-bar",
                data_tip=f"{_name(index, shared, len(channels))}|off by up to {difference_text(value)}",
            )
        )
    off = sum(value > 0 for value in channels)
    finding = f"{exact(off)} of {exact(len(channels))} channels differ, by up to {difference_text(largest)}."
    return document(
        width, HEIGHT, "Largest output difference by channel", finding, [*marks, *_channel_axis(len(channels), width)]
    )


def _name(index: int, shared: int, channels: int) -> str:
    first, last = index * shared + 1, min((index + 1) * shared, channels)
    return f"channel {exact(first)}" if first == last else f"channels {exact(first)} to {exact(last)}"


def _channel_axis(channels: int, width: int) -> list[Markup]:
    y, small = BASE + 20, "rx-m rx-s"
    marks = [text(LEFT, y, "channel 1", small), text(width, y, exact(channels), small, "end")]
    for channel in sorted({channels * quarter // 4 for quarter in (1, 2, 3)} - {0, 1, channels}):
        x = LEFT + (width - LEFT) * (channel - 0.5) / channels
        marks.append(text(x, y, exact(channel), small, "middle"))
    return marks
