"""Words of the pages' pieces."""

import pytest

from resnext_viz.ui.kit.parts import sentence


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("no route to host", "No route to host."),
        ("the file’s end is missing.", "The file’s end is missing."),
        ("stopped, for it was full", "Stopped, for it was full."),
        ("resnext50_32x4d-7cdf4587.pth was not downloaded", "resnext50_32x4d-7cdf4587.pth was not downloaded."),
        ("image_size is 9", "image_size is 9."),
        ("3 files are missing", "3 files are missing."),
        ("", "."),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_with_a_name(words: str, said: str) -> None:
    assert sentence(words) == said
