"""`audit`: which network a file or a module holds, and what is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from resnext_viz.auditing.audit import Audit, left_over_words
from resnext_viz.auditing.checks.mistakes import Finding
from resnext_viz.auditing.stage_rows import StageCell, stage_rows
from resnext_viz.commands.options.network_options import add_image_size, given_square
from resnext_viz.commands.options.parser import USER_MISTAKE, Parser, add_json, complain
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.commands.options.weights_options import add_part
from resnext_viz.kit.number_format import exact, signed
from resnext_viz.names import parse, title_of
from resnext_viz.reading.reader import in_words
from resnext_viz.spec import ResNeXtSpec

WRONG = 1  # exit status
_SHORT = ("blocks", "1st 1x1", "3x3 (C)", "last 1x1", "d", "C x d", "output", "stride", "projections", "params")

_DESCRIPTION = """Reads C, d, groups, widths, outputs, strides, shortcuts, bias and batch norm of a network from its
layers, whatever they are called, says which network it is, and names what is wrong: groups on the wrong convolution,
C and d swapped, groups forgotten, outputs that follow 2 x C x d, stride on the 1x1 and more, each with its cost and how
to mend it. Of a safetensors file only the header is read. Nothing is run or changed."""
_EPILOG = """exit status: 0 if nothing is wrong, 1 if something is, or if it is no network of the family or a relative

examples:
  python -m resnext_viz audit model.safetensors
  python -m resnext_viz audit model.pth --claims resnext50_32x4d
  python -m resnext_viz audit --torchvision wide_resnet50_2 --claims "ResNeXt-50 (32x4d)"
  python -m resnext_viz audit --timm seresnext50_32x4d --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `audit` into the parser."""
    parser = commands.add_parser(
        "audit",
        help="which network a file or a module holds, and what is wrong",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="a .safetensors or .pth file of your own, or the index of one in several files",
    )
    parser.add_argument("--torchvision", metavar="NAME", help="one of torchvision's networks, without weights")
    parser.add_argument("--timm", metavar="NAME", help="one of timm's networks, without weights; needs timm")
    parser.add_argument(
        "--claims",
        metavar="NAME",
        help="what the network is said to be, such as resnext50_32x4d; "
        "default: what a file says of itself, else the paper's rules",
    )
    add_part(parser)
    add_image_size(parser, "of MACs: ")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the audit; exit status 1 if something is wrong."""
    given = [what for what in (arguments.file, arguments.torchvision, arguments.timm) if what is not None]
    if len(given) != 1:
        complain("give one of FILE, --torchvision NAME and --timm NAME")
        return USER_MISTAKE
    claimed = None if arguments.claims is None else parse(arguments.claims)
    size = given_square(arguments)
    audit = _audited(arguments, claimed, size)
    if arguments.json:
        print_json(audit.to_dict())
    else:
        print("\n".join(_in_words(audit, str(given[0]))))
    return 0 if (audit.is_family or audit.reading.kin) and not audit.mistakes else WRONG


def _audited(arguments: argparse.Namespace, claimed: ResNeXtSpec | None, size: int | None) -> Audit:
    if arguments.file is not None:
        from resnext_viz.inference.weights.file_audit import audit_file

        return audit_file(arguments.file, claimed, size, allow_pickle_files=True, part=arguments.part)
    from resnext_viz.inference.weights.published_modules import timm_module, torchvision_module
    from resnext_viz.nn import audit

    module = torchvision_module(arguments.torchvision) if arguments.timm is None else timm_module(arguments.timm)
    return audit(module, claimed=claimed, image_size=size, part=arguments.part)


def _in_words(audit: Audit, name: str) -> Iterator[str]:
    yield f"{name}: {audit.verdict}"
    yield from _counts(audit)
    if audit.is_family:
        yield ""
        yield _table(audit)
        if any(cell.there is not None for row in stage_rows(audit) for cell in row.cells):
            yield "[ ]: what it should be"
    for number, finding in enumerate(audit.mistakes, start=1):
        yield ""
        yield from _finding(finding, f"{number}.")
    for finding in audit.remarks:
        yield ""
        yield from _finding(finding, "remark:")
    yield ""
    yield from _rest(audit)


def _counts(audit: Audit) -> Iterator[str]:
    params = "params unknown" if audit.params is None else f"{exact(audit.params)} params, counted on its tensors"
    if audit.counted is None:
        yield f"{params}."
        return
    side = audit.image_size
    if audit.claimed:
        yield f"Compared with {title_of(audit.claimed)}, as it is said to be."
    yield f"{params}; {exact(audit.counted.macs)} MACs on one image of {side}x{side} pixels."
    if audit.unaccounted:
        yield f"{exact(audit.counted.params)} of these params are in the layers whose MACs are counted."


def _table(audit: Audit) -> str:
    rows = [(row.name, *map(_cell, row.cells)) for row in stage_rows(audit)]
    return aligned(("stage", *_SHORT), rows)


def _cell(cell: StageCell) -> str:
    return cell.here if cell.there is None else f"{cell.here} [{cell.there}]"


def _finding(finding: Finding, mark: str) -> Iterator[str]:
    yield (
        f"{mark} {finding.mistake.value}, at {in_words(finding.where)}"
        if finding.where
        else f"{mark} {finding.mistake.value}"
    )
    yield f"   has {finding.here}; should be: {finding.there}"
    if finding.effect:
        yield f"   costs {signed(finding.effect.params)} params, {signed(finding.effect.macs)} MACs"
    yield f"   mend: {finding.remedy}"
    yield f"   source: {finding.source}"


def _rest(audit: Audit) -> Iterator[str]:
    if audit.difference is not None and audit.mistakes:
        yield (
            f"Together: {signed(audit.difference.params)} params, {signed(audit.difference.macs)} MACs; "
            "each is mended in turn, so they add up."
        )
    if audit.nearest:
        name, differences = audit.nearest
        words = "; ".join(f"{each.option} {each.here}, there {each.there}" for each in differences)
        yield f"Closest: {name}{f' ({words})' if words else ', with no difference'}."
    if left_over_words(audit):
        yield left_over_words(audit)
    yield from (f"Not read: {words}" for words in audit.reading.unread)
