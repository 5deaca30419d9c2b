"""Rows of maps: what they are and their scale in words, a text for every picture."""

from resnext_viz.figures.predict.feature_maps import MapRow, feature_maps
from tests.figures.drawings import parsed

PIXEL = "data:image/png;base64,AAAA"


def test_a_row_of_maps_says_its_channels_and_its_scale() -> None:
    row = MapRow("stage 1", 1024, 32, (17, 3), (PIXEL, PIXEL), 12.345, PIXEL, 0.0456)
    tree = parsed(feature_maps([row]))
    said = "".join(tree.itertext())
    assert "Stage 1" in said
    assert "1,024 channels of 32×32 places" in said
    assert "12.3" in said
    assert "0.0456" in said
    assert [picture.attrib["alt"] for picture in tree.iter("img")] == [
        "Stage 1, mean of all channels, 32×32",
        "Stage 1, channel 17, 32×32",
        "Stage 1, channel 3, 32×32",
    ]
