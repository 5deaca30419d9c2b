import json

import pytest
import torchvision

from resnext_viz.cli import main


def test_code_is_printed_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "ResNeXt-50", "(32x4d)", "--num-classes", "10"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    compile(out, "network.py", "exec")
    assert "nn.Linear(2048, 10)" in out
    assert main(["code", "resnext50_32x4d", "--for", "torchvision"]) == 0
    space: dict[str, object] = {}
    exec(capsys.readouterr().out, space)
    assert isinstance(space["model"], torchvision.models.ResNet)


def test_a_json_document_holds_the_code_its_notes_and_what_the_check_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "resnet18_k3_in1", "--for", "timm", "--image-size", "40", "--check", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["for"], document["file"]) == ("timm", "resnet18_k3_in1_timm.py")
    assert 'timm.create_model("resnet18", num_classes=3, in_chans=1)' in document["code"]
    check = document["check"]
    # torchvision's 11,689,512, less 997 classes of 512 weights and a bias, less two of three channels of 7x7x64.
    assert check["params"] == check["our_params"] == 11_689_512 - 997 * 513 - 2 * 49 * 64
    assert (check["equal"], check["shape"], check["image_size"]) == (True, [2, 1, 40, 40], 40)


def test_a_difference_is_exit_status_1(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnext_viz.nn.code_check.TOLERANCE", -1)
    assert main(["code", "resnext11_4x4d_b2-1", "--check"]) == 1
    assert "NOT equal" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["resnet50_noshortcut", "--for", "timm"], "always add a shortcut"),
        (["resnet50", "--for", "keras"], "'keras' does not fit"),
        (["resnet50", "--image-size", "0"], "image_size is 0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(capsys: pytest.CaptureFixture[str], argv: list[str], words: str) -> None:
    try:
        status = main(["code", *argv])
    except SystemExit as stopped:  # argparse's own way
        status = int(stopped.code or 0)
    assert status == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err
