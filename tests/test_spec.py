"""What a spec allows, refuses and how it travels as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given

from resnext_viz import ResNeXtSpec
from resnext_viz.errors import SpecError
from tests.support.specs import specs


@given(specs())
def test_a_spec_comes_back_from_json(spec: ResNeXtSpec) -> None:
    assert ResNeXtSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"cardinality": 0}, "cardinality", "whole number from 1 to 1024"),
        ({"cardinality": 1025}, "cardinality", "whole number from 1 to 1024"),
        ({"cardinality": 2.5}, "cardinality", "whole number"),
        ({"cardinality": True}, "cardinality", "whole number"),
        ({"base_width": -4}, "base_width", "whole number from 1 to 1024"),
        ({"base_width": "9" * 5000}, "base_width", "whole number"),
        ({"depths": ()}, "depths", "one to 4 whole numbers from 1 to 200"),
        ({"depths": (3, 4, 6, 3, 3)}, "depths", "one to 4"),
        ({"depths": (3, 0, 6, 3)}, "depths", "from 1 to 200"),
        ({"depths": "three"}, "depths", "such as 3,4,6,3"),
        ({"num_classes": 0}, "num_classes", "from 1 to 100000"),
        ({"in_channels": 0}, "in_channels", "from 1 to"),
        ({"expansion": 0}, "expansion", "from 1 to 64"),
        ({"stem": "vgg"}, "stem", "'imagenet' or 'cifar' or 'cifarpool'"),
        ({"stride_on": "5x5"}, "stride_on", "'3x3' or '1x1'"),
        ({"shortcut": "maybe"}, "shortcut", "true or false"),
        ({"banana": 1}, "option", "use one of depths, cardinality"),
        ({"block": "basic", "cardinality": 2}, "cardinality", "collapse to one wide block"),
        ({"block": "basic", "stride_on": "1x1"}, "stride_on", "no 1x1"),
        ({"block": "basic", "output_rule": "width"}, "output_rule", "only 'planes'"),
        ({"output_rule": "width", "expansion": 2}, "expansion", "leave it at 4"),
    ],
)
def test_an_impossible_spec_is_refused_with_field_value_and_what_is_allowed(
    options: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(SpecError) as caught:
        ResNeXtSpec().with_options(**options)
    assert caught.value.field == field
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("document", [[], "resnet50", 5, None, {"depths": {"a": 1}}, {"stem": ["cifar"]}])
def test_json_that_is_no_spec_is_refused(document: Any) -> None:
    with pytest.raises(SpecError):
        ResNeXtSpec.from_dict(document)


def test_text_from_a_shell_or_a_link_is_understood() -> None:
    spec = ResNeXtSpec().with_options(depths="3-4-23-3", cardinality="64", shortcut="false", stem="cifar")
    assert spec == ResNeXtSpec(depths=(3, 4, 23, 3), cardinality=64, shortcut=False, stem="cifar")  # type: ignore[arg-type]
    assert spec.layer_count == 101
