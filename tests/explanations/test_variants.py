"""What one walk tells of many variants is what each one's own walk gives."""

from hypothesis import given, settings

from resnext_viz.complexity import complexity
from resnext_viz.conventions import tallies
from resnext_viz.explanations.variants import SizedSpec, tallies_of
from resnext_viz.layers import walk
from resnext_viz.spec import ResNeXtSpec
from tests.support.specs import image_sizes, specs


@settings(max_examples=60, deadline=None)
@given(specs(), image_sizes())
def test_a_variants_tallies_are_those_of_its_own_walk(spec: ResNeXtSpec, image_size: int) -> None:
    counted, counts = tallies_of(SizedSpec(spec, image_size)), complexity(spec, image_size)
    assert counted == tallies(walk(spec, image_size))
    assert (counted.params, counted.macs, counted.acts) == (counts.params, counts.macs, counts.acts)
    assert counted.norms == sum(layer.norm for layer in counts.layers)
    assert counted.conv_weights + counted.linear_weights == sum(layer.weights for layer in counts.layers)
