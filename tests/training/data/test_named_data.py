"""Names stand for torchvision's downloads: found where they lie, fetched whole with their hashes, or told in words."""

import hashlib
import tarfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import torch
from torchvision.datasets import CIFAR100

from resnext_viz.training.data import named_data
from resnext_viz.training.data.data_error import DataError
from resnext_viz.training.data.labelled_images import read_splits
from resnext_viz.training.data.named_data import FOLDER_VARIABLE, data_title, find_data
from tests.support.pictures import cifar100_download, cifar_download


@pytest.fixture(autouse=True)
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing in the cache and nothing in the working folder; gives the folder `work`."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keeps the terminal clean."""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A made-up CIFAR-100 at an address of its own, its hashes in torchvision's records; gives the archive."""
    folder = cifar100_download(tmp_path / "source") / "cifar-100-python"
    archive = tmp_path / "server" / CIFAR100.filename
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as content:
        content.add(folder, folder.name)
    hashes = {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    monkeypatch.setattr(CIFAR100, "tgz_md5", hashlib.md5(archive.read_bytes()).hexdigest())
    monkeypatch.setattr(CIFAR100, "train_list", [["train", hashes["train"]]])
    monkeypatch.setattr(CIFAR100, "test_list", [["test", hashes["test"]]])
    monkeypatch.setattr(CIFAR100, "meta", {**CIFAR100.meta, "md5": hashes["meta"]})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(archive.parent))) as server:
        monkeypatch.setattr(CIFAR100, "url", f"http://127.0.0.1:{server.server_port}/{archive.name}")
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield archive
        server.shutdown()


def test_downloads_are_found_in_their_places_the_variables_first(
    tmp_path: Path, empty_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cifar_download(tmp_path / "hub" / "resnext_viz" / "data")
    assert find_data("cifar10") == tmp_path / "hub/resnext_viz/data/cifar-10-batches-py"
    cifar_download(empty_machine / "data")
    cifar100_download(empty_machine / "data")
    assert find_data("cifar10") == Path("data/cifar-10-batches-py")
    assert len(read_splits(find_data("cifar100"), 32)[0].classes) == 100  # though CIFAR-10 lies beside it
    monkeypatch.setenv(FOLDER_VARIABLE, str(cifar_download(tmp_path / "mine")))
    assert find_data("cifar10") == tmp_path / "mine" / "cifar-10-batches-py"
    (empty_machine / "cifar10").mkdir()
    assert find_data("cifar10") == find_data("cifar10/") == Path("cifar10")  # a folder of that name
    assert find_data(Path("elsewhere")) == Path("elsewhere")


def test_pictures_are_called_what_they_are(empty_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = empty_machine / "unpacked-0f3a"
    monkeypatch.setattr(named_data, "sample_folder", lambda: shipped)
    (empty_machine / "sample").mkdir()
    assert [find_data(name) for name in ("sample", "./sample")] == [shipped, Path("sample")]
    assert data_title("sample", shipped) == "CIFAR-10, a sample as JPEG copies"
    assert data_title("./sample", Path("sample")) == "sample"
    cifar100_download(empty_machine / "data")
    assert data_title("cifar100", find_data("cifar100")) == data_title("data", Path("data")) == "CIFAR-100"


@pytest.mark.usefixtures("published")
def test_a_data_set_is_fetched_whole_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "mine"
    monkeypatch.setenv(FOLDER_VARIABLE, str(place))
    (place / "cifar-100-python").mkdir(parents=True)
    (place / "cifar-100-python" / "half a file").write_bytes(b"")
    folder = find_data("cifar100")
    assert folder == place / "cifar-100-python"
    assert sorted(path.name for path in folder.iterdir()) == ["meta", "test", "train"]
    assert [path.name for path in place.iterdir() if not path.name.startswith(".")] == ["cifar-100-python"]
    assert len(read_splits(folder, 32)[0].labels) == 4
    monkeypatch.setattr(CIFAR100, "url", "http://127.0.0.1:1/nothing")
    assert find_data("cifar100") == folder


def damaged(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-9] + b"something")


@pytest.mark.parametrize(("harm", "words"), [(Path.unlink, "404"), (damaged, "not found or corrupted")])
def test_what_cannot_be_fetched_leaves_nothing_and_says_what_to_do(
    tmp_path: Path, published: Path, harm: object, words: str
) -> None:
    harm(published)  # type: ignore[operator]
    place = tmp_path / "hub/resnext_viz/data"
    with pytest.raises(DataError, match=f"cifar100 is not here and cannot be fetched .*{words}") as caught:
        find_data("cifar100")
    assert f"fetch {CIFAR100.url} elsewhere and unpack it so that there is a folder {place}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in place.iterdir() if not path.name.endswith(".lock")] == []
