"""The check of generated code finds what is wrong with it, wherever it is."""

from dataclasses import replace

import pytest

from resnext_viz.errors import UserError
from resnext_viz.names import parse
from resnext_viz.nn.code_check import check_code
from resnext_viz.source_code import Source, source_code

NETWORK = parse("resnext11_4x4d_b2-1")


def altered(*changes: tuple[str, str]) -> Source:
    source = source_code(NETWORK)
    for old, new in changes:
        assert old in source.code
        source = replace(source, code=source.code.replace(old, new))
    return source


def test_right_code_is_equal_and_says_what_was_compared() -> None:
    checked = check_code(source_code(NETWORK), 64)
    assert checked.equal
    assert checked.params == checked.our_params > 0
    assert checked.macs == checked.our_macs > 0
    assert (checked.shape, checked.max_abs) == ((2, 3, 64, 64), 0.0)
    assert checked.to_dict()["equal"] is True


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ([(", groups=4", "")], "differing"),
        ([("self.bn3 = ", "self.norm3 = self.bn3 = ")], "differing"),
        ([("width, 1, bias", "width, 1, stride, bias"), ("width, 3, stride", "width, 3, 1")], "macs"),
        ([("return torch.relu(y + shortcut)", "return y + shortcut")], "max_abs"),
        ([("x.mean((2, 3))", "x.amax((2, 3))")], "max_abs"),
    ],
)
def test_wrong_code_is_found_out(changes: list[tuple[str, str]], at: str) -> None:
    checked = check_code(altered(*changes), 32)
    assert not checked.equal
    if at == "differing":
        assert checked.differing.startswith("layer1.0.")
    elif at == "macs":
        assert (checked.macs < checked.our_macs, checked.differing) == (True, "")
    else:
        assert checked.macs == checked.our_macs
        assert checked.max_abs is not None
        assert checked.max_abs > 1e-3


def test_a_network_too_large_to_be_run_is_counted_all_the_same() -> None:
    checked = check_code(source_code(parse("resnext50_64x40d"), "torchvision"))
    assert checked.equal
    assert checked.params > 500_000_000
    assert (checked.shape, checked.max_abs) == (None, None)


def test_a_library_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match="no_such_library is not installed"):
        check_code(altered(("import torch\n", "import torch\nimport no_such_library\n")))
