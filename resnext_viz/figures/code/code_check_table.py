"""What running generated code gave, beside our own network: counts, names, outputs, each with its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resnext_viz.figures.kit.svg import tag
from resnext_viz.kit.number_format import difference_text, exact
from resnext_viz.spec import check_image_size, map_size

_EQUAL, _DIFFERS = "= equal", "≠ differs"


def code_check_table(check: Mapping[str, Any], library: str) -> str:
    """The table of one check, as `code --check --json` prints it."""
    size = map_size(check_image_size(check["image_size"]))
    rows = [
        ("Params", exact(check["params"]), exact(check["our_params"]), check["params"] == check["our_params"]),
        (f"MACs, one image of {size}", exact(check["macs"]), exact(check["our_macs"]),
         check["macs"] == check["our_macs"]),
        ("Names and shapes in the state_dict", check["differing"] or "the same", "", not check["differing"]),
        _outputs(check),
    ]  # fmt: skip
    head = tag(
        "tr",
        tag("th", "", scope="col"),
        *(tag("th", each, scope="col") for each in (library, "resnext_viz")),
        tag("th", "", scope="col"),
    )
    body = [
        tag("tr", tag("th", what, scope="row"), tag("td", theirs), tag("td", ours), _verdict(equal))
        for what, theirs, ours, equal in rows
    ]
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="rx-code-table")
    return tag("div", table, class_="rx-code-check")


def _outputs(check: Mapping[str, Any]) -> tuple[str, str, str, bool | None]:
    if check["max_abs"] is None:
        return "Outputs", "not run: too large for this machine to run twice", "", None
    shape = "×".join(map(str, check["shape"]))
    return (f"Outputs, same weights, input {shape}", f"largest difference {difference_text(check['max_abs'])}",
            f"values up to {check['largest']:.2g}", _close(check))  # fmt: skip


def _close(check: Mapping[str, Any]) -> bool:
    """Whether outputs are equal up to rounding: the check's verdict, unless something else made it fail."""
    others = check["params"] == check["our_params"] and check["macs"] == check["our_macs"] and not check["differing"]
    return bool(check["equal"]) if others else check["max_abs"] == 0


def _verdict(equal: bool | None) -> str:
    if equal is None:
        return tag("td", "–")
    return tag("td", tag("b", _EQUAL if equal else _DIFFERS), class_="rx-code-equal" if equal else None)
