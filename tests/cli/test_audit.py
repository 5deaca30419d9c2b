import json
import sys
from pathlib import Path

import pytest
from safetensors.torch import save_file

from resnext_viz.cli import main
from tests.nn.strangers import Handmade


def test_a_published_network_is_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--torchvision", "resnext50_32x4d", "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert (document["name"], document["params"], document["macs"]) == ("resnext50_32x4d", 25_028_904, 4_230_479_872)
    assert document["findings"] == []


def test_a_wide_resnet_is_a_resnext_without_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--torchvision", "wide_resnet50_2", "--claims", "ResNeXt-50 (32x4d)"]) == 1
    out = capsys.readouterr().out
    assert "1. groups forgotten, at layer1.0.conv2, layer1.1.conv2, layer1.2.conv2 and 13 more" in out
    # 68,883,240 - 25,028,904, torchvision's documented params; 11.398 - 4.230 G MACs.
    assert "costs +43,854,336 params, +7,167,541,248 MACs" in out
    assert "1 [32]" in out
    assert main(["audit", "--torchvision", "wide_resnet50_2"]) == 0
    assert "remark: groups forgotten" in capsys.readouterr().out


def test_timms_names_may_have_tags(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--timm", "seresnext26d_32x4d.bt_in1k"]) == 0
    out = capsys.readouterr().out
    assert "A relative of ResNeXt-26 (32×4d)" in out
    assert "16,809,512 params" in out  # 16.8 M in timm's table of results


def test_a_file_with_mistakes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    save_file(Handmade(depths=(1, 1, 1, 1), groups_on="squeeze", classes=5).state_dict(), path)
    assert main(["audit", str(path), "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["mistake"] == "groups on the 1×1"
    assert finding["where"][0] == "trunk.0.0.squeeze"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "give one of FILE, --torchvision NAME and --timm NAME"),
        (["a.pth", "--timm", "resnet50"], "give one of FILE"),
        (["none.safetensors"], "cannot be read"),
        (["--torchvision", "resnext50_32x5d"], "torchvision has no network 'resnext50_32x5d'; use resnext50_32x4d"),
        (["--timm", "nothing like it"], "timm has no network 'nothing like it'; use one of its names"),
        (["--timm", ""], "timm has no network ''"),
        (["--timm", "../models"], "timm has no network '../models'"),
        (["--torchvision", "resnet18", "--claims", ""], "name is ''"),
        (["--torchvision", "resnet18", "--claims", "resnext50_0x4d"], "cardinality is"),
        (["--torchvision", "resnet18", "--image-size", "0"], "image_size is 0"),
    ],
)
def test_mistakes_take_one_line(argv: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert words in err


def test_without_timm_it_says_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    assert main(["audit", "--timm", "resnet50"]) == 2
    assert "timm is not installed; install it with: pip install timm" in capsys.readouterr().err


def test_of_two_networks_in_a_file_the_one_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    both = {
        f"{name}.{key}": value.clone()
        for name, classes in (("student", 5), ("teacher", 9))
        for key, value in Handmade(depths=(1, 1), c=2, d=8, classes=classes).state_dict().items()
    }
    save_file(both, tmp_path / "both.safetensors")
    assert main(["audit", str(tmp_path / "both.safetensors"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["part"], document["other_parts"], document["spec"]["num_classes"]) == ("student", ["teacher"], 5)
    assert main(["audit", str(tmp_path / "both.safetensors"), "--part", "teacher"]) == 0
    assert "9 classes" in capsys.readouterr().out
    assert main(["audit", str(tmp_path / "both.safetensors"), "--part", "aunt"]) == 2
    assert "no network called 'aunt'; use one of student, teacher." in capsys.readouterr().err
