"""An ONNX graph for an older runtime: the same graph under an older operator set (opset), and what reads that.

The graphs of these networks hold a handful of operators that have meant the same for years; one keeps its axes aside.
Every node is then checked against the older set, and the file is run as any other.
"""

from __future__ import annotations

from typing import Any

OLDEST, NEWEST = 9, 22  # 9 is the first whose files need not name their weights among the inputs
_AXES_ARE_INPUT = 18  # of ReduceMean, from this set on; before it they are an attribute
_POOLS_HAVE_MORE = 10  # from this set on MaxPool has attributes that mean nothing new at these values
_NOTHING_NEW = {"dilations": [1, 1], "ceil_mode": 0}


def set_opset(model: Any, opset: int) -> None:
    """Puts a model of onnx's under that opset, in place, with the oldest IR version that goes with it.

    Raises:
        ValueError: the older set does not have what the graph needs.
    """
    import onnx

    if opset < _AXES_ARE_INPUT:
        _axes_as_attributes(model.graph)
    if opset < _POOLS_HAVE_MORE:
        _plain_pools(model.graph)
    own = next(each for each in model.opset_import if each.domain in ("", "ai.onnx"))
    own.version = opset
    model.ir_version = onnx.helper.find_min_ir_version_for([own])
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise ValueError(str(error).strip().splitlines()[0]) from None


def needs_of(model: Any) -> str:
    """What a runtime must know to read the model, in words; the releases are those of ONNX's own table."""
    import onnx

    opset = max(each.version for each in model.opset_import if each.domain in ("", "ai.onnx"))
    releases = (row for row in onnx.helper.VERSION_TABLE if row[1] >= model.ir_version and row[2] >= opset)
    release = next((f", as of ONNX {row[0]}" for row in releases), "")
    return f"opset {opset} and IR {model.ir_version}{release}"


def _plain_pools(graph: Any) -> None:
    """Leaves out of every MaxPool what is as it would be without."""
    import onnx

    for node in (node for node in graph.node if node.op_type == "MaxPool"):
        kept = [each for each in node.attribute if onnx.helper.get_attribute_value(each) != _NOTHING_NEW.get(each.name)]
        del node.attribute[:]
        node.attribute.extend(kept)


def _axes_as_attributes(graph: Any) -> None:
    """Moves the axes of every ReduceMean from an input with constant values to where they were before opset 18."""
    import onnx

    constants = {each.name: each for each in graph.initializer}
    moved = set()
    for node in graph.node:
        if node.op_type != "ReduceMean" or len(node.input) < 2:
            continue
        name = node.input[1]
        axes = onnx.numpy_helper.to_array(constants[name]).tolist()
        del node.input[1:]
        kept = [each for each in node.attribute if each.name != "noop_with_empty_axes"]
        del node.attribute[:]
        node.attribute.extend([*kept, onnx.helper.make_attribute("axes", axes)])
        moved.add(name)
    used = {name for node in graph.node for name in node.input}
    rest = [each for each in graph.initializer if each.name in used or each.name not in moved]
    del graph.initializer[:]
    graph.initializer.extend(rest)
