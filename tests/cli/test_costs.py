"""`training-cost` and `compare` from the shell: one JSON document, tables in words, mistakes in one line."""

import json

import pytest

from resnext_viz.cli import main


def document(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, object]:
    assert main([*argv, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    answer: dict[str, object] = json.loads(out)
    return answer


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(list(argv)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_training_cost_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    answer = document(capsys, "training-cost", "resnext50_32x4d", "--batch", "1")
    # 4,230,479,872 forward; the 7x7 on 224 pixels, 118,013,952, has no gradient of its input.
    assert answer["macs"] == {
        "forward": 4_230_479_872,
        "grad_input": 4_112_465_920,
        "grad_weight": 4_230_479_872,
        "total": 12_573_425_664,
    }
    assert answer["operations"] == 25_146_851_328
    counter = answer["flop_counter_mode"]
    assert isinstance(counter, dict)
    assert counter["operations"] - counter["miscounted"] == answer["operations"]
    assert round(counter["operations"] / 1e9, 2) == 39.48
    memory = answer["memory_bytes"]
    assert isinstance(memory, dict)
    assert sum(size for name, size in memory.items() if name != "total") == memory["total"]
    assert memory["weights"] == memory["gradients"] == memory["optimizer_state"] == 4 * 25_028_904


def test_training_cost_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(
        capsys,
        "training-cost",
        "ResNeXt-50",
        "(32x4d)",
        "--batch",
        "1",
        "--precision",
        "mixed-bfloat16",
        "--optimizer",
        "adam",
    )
    for words in ("12,573,425,664", "39,481,933,824", "Master weights", "Adam or AdamW", "1.57 times", "16.11 P MACs"):
        assert words in out


def test_compare_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    answer = document(capsys, "compare", "resnext50_32x4d", "resnet50")
    assert answer["difference"] == {"params": -528_128, "macs": 141_295_616, "acts": 14_401_512 - 11_114_984}
    for key in ("places", "kinds", "terms"):
        rows = answer[key]
        assert isinstance(rows, list)
        assert sum(row["difference"]["params"] for row in rows) == -528_128
        assert sum(row["difference"]["macs"] for row in rows) == 141_295_616


def test_compare_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "compare", "resnext50_32x4d", "ResNet-50", "--batch", "8", "--precision", "bfloat16")
    for words in ("−528,128", "+141,295,616", "−36,929,536", "−89,915,392", "8 images, bfloat16", "33,843,838,976"):
        assert words in out


@pytest.mark.parametrize(("argv", "words"), [
    (("training-cost", "vgg16"), "name is 'vgg16'"),
    (("training-cost", "resnet50", "--batch", "0"), "'0' does not fit"),
    (("training-cost", "resnet50", "--optimizer", "lion"), "use sgd, momentum, adam"),
    (("training-cost", "resnet50", "--precision", "int8"), "use float32, mixed-bfloat16, mixed-float16, bfloat16"),
    (("training-cost", "resnet50", "--image-size", "0"), "image_size is 0"),
    (("compare", "resnet50"), "NAME"),
    (("compare", "resnet50", "vgg16"), "name is 'vgg16'"),
    (("compare", "resnet50", "resnet18", "--image-size", "9999"), "image_size is 9999"),
    (("bench", "pair", "resnet50"), "give two networks"),
])  # fmt: skip
def test_a_mistake_takes_one_line(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], words: str) -> None:
    try:
        status = main(argv)
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err
