"""One number of the paper beside what is computed here, and a sign for how they agree.

"=" is the paper's figure exactly, "≈" rounds to it, "~" differs, "○" is a measurement of the paper's, cited. The sign
follows from the two numbers; only the reason of a difference is written by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from resnext_viz.complexity import complexity
from resnext_viz.names import name_of
from resnext_viz.spec import ResNeXtSpec

Sign = Literal["=", "≈", "~", "○"]
VERDICTS: dict[Sign, str] = {"=": "equal", "≈": "rounds to it", "~": "differs", "○": "cited"}
MILLION, BILLION = 1_000_000, 1_000_000_000


class Agreement(NamedTuple):
    """How a computed number agrees with the printed one, as a sign and in words."""

    sign: Sign
    words: str


def whole_agreement(computed: int, printed: int) -> Agreement:
    """Of a number that the paper prints in full."""
    return Agreement("=", "") if computed == printed else Agreement("~", f"{printed:,} in the paper")


def rounded_agreement(computed: float, printed: float, unit: int, places: int, name: str) -> Agreement:
    """Of a number that the paper prints in `unit`s with so many places, behind a "∼"."""
    here, there = f"{computed / unit:,.{places}f}", f"{printed:,.{places}f}"
    if here == there:
        return Agreement("≈", f"rounds to {there} {name}")
    return Agreement("~", f"{there} {name}; {here} {name} here")


@dataclass(frozen=True)
class Cell:
    """What stands at one place of a table.

    Attributes:
        printed: the paper's text; empty where it prints nothing.
        computed: the exact value here; None where nothing can be computed.
        sign: how they agree; None for a name, an empty place, and what only we compute.
        why: one sentence where they differ, empty otherwise.
    """

    printed: str = ""
    computed: int | float | str | None = None
    sign: Sign | None = None
    why: str = ""

    @property
    def computed_text(self) -> str:
        """The computed value as people read it: `25,557,032`, `1.958`."""
        match self.computed:
            case None:
                return ""
            case int():
                return f"{self.computed:,}"
            case float():
                return f"{self.computed:,.3f}"
        return self.computed

    @property
    def verdict(self) -> str:
        """The sign in words; empty without one."""
        return VERDICTS[self.sign] if self.sign else ""


def cited(printed: float | None, places: int = 1) -> Cell:
    """A measurement of the paper's: an error rate or an average precision."""
    return Cell() if printed is None else Cell(f"{printed:.{places}f}", None, "○")


def whole(printed: int, computed: int, why: str = "") -> Cell:
    """A number that the paper prints in full."""
    return _judged(f"{printed}", computed, whole_agreement(computed, printed).sign, why)


def words(printed: str, computed: str, why: str = "") -> Cell:
    """Several numbers in a row, such as a size or a block, written alike on both sides."""
    return _judged(printed, computed, "=" if printed == computed else "~", why)


def rounded(text: str, printed: float, unit: int, computed: float, why: str = "", places: int = 1) -> Cell:
    """A number that the paper prints in `unit`s with so many places; `text` is how it stands there."""
    return _judged(text, computed, rounded_agreement(computed, printed, unit, places, "").sign, why)


def _judged(printed: str, computed: float | str, sign: Sign, why: str) -> Cell:
    return Cell(printed, computed, sign, why if sign == "~" else "")


def network_name(printed: str, spec: ResNeXtSpec) -> Cell:
    """A network of this family, whose layers are counted."""
    layers = f"{spec.layer_count} layers"
    return Cell(printed, layers, "=" if f"-{spec.layer_count}" in printed else "~")


def setting(cardinality: int, base_width: int, spec: ResNeXtSpec) -> Cell:
    """C×d as printed, and as the grouped 3x3 of the walk's first stage has them."""
    transform = complexity(spec).walk.stages[0].first.main[1]
    return words(f"{cardinality}×{base_width}d", f"{transform.groups}×{transform.c_out // transform.groups}d")


@dataclass(frozen=True)
class Column:
    """Heading of a column, with its unit.

    Attributes:
        name: such as "Top-1 error".
        unit: such as "%"; empty for words and bare numbers.
        is_words: whether its cells are read as words, from the left.
        is_ours: whether the paper has no such column.
    """

    name: str
    unit: str = ""
    is_words: bool = False
    is_ours: bool = False

    @property
    def heading(self) -> str:
        return f"{self.name}, {self.unit}" if self.unit else self.name


class TableRow(NamedTuple):
    """Cells in the order of the columns, and the network they are about, where it is one of this family."""

    cells: tuple[Cell, ...]
    network: ResNeXtSpec | None = None

    @property
    def network_name(self) -> str | None:
        return name_of(self.network) if self.network else None


class Tally(NamedTuple):
    """How many marked cells there are of each kind."""

    equal: int
    rounds: int
    differ: int
    cited: int

    @property
    def words(self) -> str:
        """`42 cells: 10 equal, 8 round to it, 4 differ, 20 cited`."""
        return (
            f"{sum(self)} cells: {self.equal} equal, {self.rounds} {'rounds' if self.rounds == 1 else 'round'} "
            f"to it, {self.differ} {'differs' if self.differ == 1 else 'differ'}, {self.cited} cited"
        )


@dataclass(frozen=True)
class PaperTable:
    """One table of the paper, recomputed.

    Attributes:
        key: "1" to "8", or "shortcuts".
        subject: what it shows.
        columns: the paper's, and behind them those that only we compute.
        rows: one for each network, or for each stage in Table 1.
        notes: sentences about the whole, the paper's own slips among them.
    """

    key: str
    subject: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"Table {self.key}" if self.key.isdecimal() else self.key.capitalize()

    @property
    def tally(self) -> Tally:
        signs = [cell.sign for row in self.rows for cell in row.cells]
        return Tally(*(signs.count(sign) for sign in VERDICTS))

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of all differences, each once, in the order of the cells."""
        return tuple(dict.fromkeys(cell.why for row in self.rows for cell in row.cells if cell.sign == "~"))
