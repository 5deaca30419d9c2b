"""A line as a tool prints it, pasted whole: "Total mult-adds (G): 4.23" is 4.23 G mult-adds.

Of all numbers in it the first one counts that has a word for what it counts, before it, in a label, or behind it. What
stands in brackets behind another number says the same once more, and is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from resnext_viz.explanations.written import NUMBER

_ALONE = re.compile(rf"(?<![\w.,/^±-])(?:{NUMBER})(?![\d/%^±]|[.,x×]\d)", re.IGNORECASE)
_SHARE = re.compile(r",?\s*\d[\d.,]*\s*%")  # "25.03 M, 100.000% Params" of ptflops
_PREFIX = r"[kmgtb]i?|bn|kilo|mega|giga|tera|thousand|million|billion|trillion"
_RULE = re.compile(r":?-+:?")  # between the head of a table and its rows
_COLUMNS = ("module", "params", "flops", "acts")  # of fvcore's tables, for a row without its head
_COUNTED = re.compile(rf"{NUMBER}\s*[kmg]", re.IGNORECASE)
_KINDS = {
    "bytes": r"(?:size|memory|storage|disk)\b",
    "params": r"(?:params?|parameters?|weights?)\b",
    "acts": r"(?:acts?|activations?)\b",
    "mult-adds": r"(?:mult(?:iply|i)?-?adds?|multiply-?accumulates?|madds?)\b",
    "MACs": r"(?:macs?|maccs?)\b|complexity\b",
    "FLOPs": r"(?:flops?|operations?|ops)\b",
}
_FILLERS = (
    r"(?:total|estimated|trainable|non-trainable|learnable|learned|trained|training|model|network|of|in|the|number)"
)
_BYTES = r"[kmg]i?b|bytes"
_LABELLED = r"\s*(?:[(\[][^)\]]*[)\]])?\s*[:=]"  # behind a word: it is a label of the number that follows it
_BEHIND = re.compile(
    rf"\s*(?:(?P<bytes>{_BYTES})(?!\w)|(?:(?P<prefix>{_PREFIX})(?![a-z]))?"
    rf"(?:\s*(?:{_FILLERS}\s+)*(?P<word>[a-z#-]++)(?!{_LABELLED}))?)",
    re.IGNORECASE,
)
_ENDS_A_LABEL = re.compile(r"\s*(?:[(\[][^)\]]*[)\]])?\s*[:=\d]")
_IN_BRACKETS = re.compile(r"[(\[](?:units\.|in )?([a-z#-]+)[)\]]", re.IGNORECASE)
_WORDED = {"gigabytes": "G", "megabytes": "M", "terabytes": "T", "billions": "G", "millions": "M", "none": ""}
# Words of a label that tell who printed it: keys of conventions.
_PRINTERS = {
    r"total mult-adds": ("torchinfo",),
    r"computational complexity": ("ptflops-pytorch", "ptflops-aten"),
    r"forward/backward pass": ("torchinfo-pass", "torchsummary-pass"),
    r"estimated total size": ("torchinfo-total", "torchsummary-total"),
    r"\bbflops?\b|\bbn ops\b": ("darknet", "darknet-map"),
    r"non-trainable": ("statistics",),
    r"parameters or shape": ("fvcore",),
}


class PastedNumber(NamedTuple):
    """What a line says.

    Attributes:
        text: the number with its unit, as people write it.
        printers: keys of the conventions that print such lines.
        left_out: other numbers of the line with theirs, each once.
    """

    text: str
    printers: frozenset[str]
    left_out: tuple[str, ...]


def number_in(line: str) -> PastedNumber | None:
    """What a line of a tool says; None where no number in it has a word for what it counts."""
    found = list(dict.fromkeys(_numbers_in_columns(line) or _numbers(_SHARE.sub("", line))))
    if not found:
        return None
    first, *others = found
    return PastedNumber(first, printers_of(line), tuple(others))


def printers_of(line: str) -> frozenset[str]:
    """Keys of the conventions of those who print such lines."""
    low = line.lower()
    return frozenset(key for words, keys in _PRINTERS.items() if re.search(words, low) for key in keys)


def _numbers_in_columns(line: str) -> list[str]:
    """Those of a table's first row between bars; what they count tells its head, or else the order of fvcore's."""
    cells = [cell for cell in map(str.strip, line.split("|")) if cell]
    rules = [place for place, cell in enumerate(cells) if _RULE.fullmatch(cell)]
    if rules:
        heads, row = cells[: rules[0]], cells[rules[-1] + 1 :]
    elif len(cells) > 2 and all(map(_COUNTED.fullmatch, cells[1:])):
        heads, row = list(_COLUMNS), cells
    else:
        return []
    labelled = (f"{head}: {cell}" for head, cell in zip(heads, row, strict=False) if cell[0].isdecimal())
    return [number for text in labelled for number in _numbers(text)]


def _numbers(line: str) -> Iterator[str]:
    end = 0
    numbers = list(_ALONE.finditer(line))
    for place, match in enumerate(numbers):
        label, behind = line[end : match.start()], line[match.end() :]
        end = match.end()
        says_it_again = place > 0 and label.rstrip().endswith("(")
        if not says_it_again and re.search("[1-9]", match[0]):
            unit = _unit(label, behind, is_labelled=place == 0 or re.search("[:=]", label) is not None)
            if unit:
                yield f"{match[0]} {unit}"


def _unit(label: str, behind: str, is_labelled: bool) -> str:
    """Prefix and kind, from what stands behind a number first, and else from what stands before it.

    Where a label stands before it (`is_labelled`), what follows may be the next one: "Params(M): 25.03 FLOPs(G): 4.26".
    """
    told = _BEHIND.match(behind)
    size = re.search(rf"size\s*[(\[]({_BYTES})[)\]]", behind.split(":", maxsplit=1)[0], re.IGNORECASE)
    bracket = _IN_BRACKETS.search(label)
    inside = bracket[1] if bracket else ""
    kind = _kind_in(label)
    if size and kind is None:
        return size[1]
    if told and told["bytes"]:
        return told["bytes"] if kind == "bytes" else ""
    if kind == "bytes":
        return inside if re.fullmatch(_BYTES, inside, re.IGNORECASE) else ""
    prefix, word = (told["prefix"] or "", told["word"] or "") if told else ("", "")
    own, kind_behind = _prefixed(word)
    if told and is_labelled and kind and kind_behind != kind and _ENDS_A_LABEL.match(behind[told.end() :]):
        own, kind_behind = "", None
    kind = kind_behind or kind
    if kind in {None, "bytes"}:
        return ""
    return f"{prefix or own or _prefix_of(inside) or _prefix_in(label)} {kind}".strip()


def _kind_in(label: str) -> str | None:
    """What the last word for it in a label says; "size" wins over "params size"."""
    if re.search(_KINDS["bytes"], label, re.IGNORECASE):
        return "bytes"
    kinds = [_prefixed(word)[1] for word in re.findall(r"[A-Za-z-]+", label.replace("#", ""))]
    return next((kind for kind in reversed(kinds) if kind), None)


def _prefixed(word: str) -> tuple[str, str | None]:
    """A word such as "GFLOPs", apart; None where it does not say what is counted."""
    match = re.fullmatch(rf"({_PREFIX})?-?(?:{'|'.join(f'(?P<k{i}>{p})' for i, p in enumerate(_KINDS.values()))})",
                         word, re.IGNORECASE)  # fmt: skip
    if not match:
        return "", None
    return match[1] or "", next(kind for i, kind in enumerate(_KINDS) if match[f"k{i}"])


def _prefix_of(inside: str) -> str:
    return _WORDED.get(inside.lower(), inside if re.fullmatch(_PREFIX, inside, re.IGNORECASE) else _prefixed(inside)[0])


def _prefix_in(label: str) -> str:
    """Of a word such as "GFLOPs" in a label."""
    return next((own for word in re.findall(r"[A-Za-z-]+", label) if (own := _prefixed(word)[0])), "")
