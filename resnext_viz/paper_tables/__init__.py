"""The paper's tables recomputed cell by cell: printed beside computed, with a sign for how they agree.

`paper_table("4")` is one of them, `paper_tables()` all nine in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from resnext_viz.errors import UserError
from resnext_viz.paper_tables import costs, error_rates
from resnext_viz.paper_tables.cells import PaperTable, Tally

_TABLES: Mapping[str, Callable[[], PaperTable]] = {
    "1": costs.table_1,
    "2": costs.table_2,
    "3": error_rates.table_3,
    "4": error_rates.table_4,
    "5": error_rates.table_5,
    "6": error_rates.table_6,
    "7": error_rates.table_7,
    "8": error_rates.table_8,
    "shortcuts": error_rates.table_shortcuts,
}
KEYS = tuple(_TABLES)


@lru_cache(maxsize=len(KEYS))
def paper_table(key: str) -> PaperTable:
    """The table of that number, "1" to "8", or "shortcuts".

    Raises:
        UserError: there is none.
    """
    if key not in _TABLES:
        raise UserError(f"table is {key[:40]!r}; use {', '.join(KEYS[:-1])} or {KEYS[-1]}")
    return _TABLES[key]()


def paper_tables() -> tuple[PaperTable, ...]:
    """All nine, in order."""
    return tuple(map(paper_table, KEYS))


def tally(tables: Iterable[PaperTable]) -> Tally:
    """The marked cells of several tables together."""
    return Tally(*map(sum, zip(*(table.tally for table in tables), strict=True)))
