"""Processes that decode: whatever happens in one, the picture is refused in words and the next one is read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos import decode as decode_module
from resnext_viz.inference.photos import decoder as decoder_module
from resnext_viz.inference.photos.decode import DECODER, MAX_PIXELS, decode_here, decode_image
from resnext_viz.inference.photos.decoder import Decoder
from tests.fuzz.seeds import as_file, png, seeds

ROOT = Path(__file__).parents[3]
WORKER = Path(__file__).parent / "hostile" / "worker.py"
RED = as_file(Image.new("RGB", (5, 4), (255, 0, 0)), "PNG")
posix = pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX")

MakeDecoder = Callable[..., Decoder]


@pytest.fixture
def make_decoder() -> Iterator[MakeDecoder]:
    """Decoders whose worker misbehaves when a file asks for it; they are closed at the end."""
    made: list[Decoder] = []

    def make(more_mb: int = 0, cpu_s: int = 0, **options: object) -> Decoder:
        command = (sys.executable, str(WORKER), str(more_mb), str(cpu_s))
        made.append(Decoder(MAX_PIXELS, **{"workers": 1, "wall_s": 60.0, "command": command} | options))
        return made[-1]

    yield make
    for decoder in made:
        decoder.close()


def red_is_read(decoder: Decoder) -> bool:
    image, _, notes = decoder.decode(RED)
    return image.size == (5, 4) and image.getpixel((2, 2)) == (255, 0, 0) and notes == ()


def gone(process: int) -> bool:
    """Whether a process that is nobody's child here any more ends within a minute."""
    for _ in range(600):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").exists() and ") Z " in Path(f"/proc/{process}/stat").read_text():
            return True  # ended; whoever adopted it has not looked yet
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("name", seeds())
def test_a_worker_answers_as_the_same_code_does_here(name: str) -> None:
    there, here = decode_image(seeds()[name], name), decode_here(seeds()[name], name)
    assert np.array_equal(np.asarray(there.image), np.asarray(here.image))
    assert (there.notes, there.width, there.height, there.name) == (here.notes, here.width, here.height, name)
    assert there.image.mode == "RGB"


def test_a_refusal_comes_in_the_same_words() -> None:
    for data in (b"%PDF-1.7", RED[:40], png((15_000, 15_000, 8, 0), b"")):
        with pytest.raises(ImageError) as there:
            decode_image(data)
        with pytest.raises(ImageError) as here:
            decode_here(data)
        assert str(there.value) == str(here.value)


@posix
@pytest.mark.parametrize(
    ("word", "what"), [(b"crash", "ended the process that decodes it"), (b"spin", "takes too long to decode")]
)
def test_a_worker_that_ends_is_replaced(make_decoder: MakeDecoder, word: bytes, what: str) -> None:
    decoder = make_decoder(cpu_s=1)
    assert red_is_read(decoder)
    with pytest.raises(ImageError, match=rf"{what}\. Save it anew"):
        decoder.decode(word)
    assert decoder.replaced == 1
    assert red_is_read(decoder)


def test_an_error_that_nobody_foresaw_is_a_damaged_picture(make_decoder: MakeDecoder) -> None:
    decoder = make_decoder()
    with pytest.raises(ImageError, match=r"The picture is damaged\. Copy it again"):
        decoder.decode(b"raise")
    assert decoder.replaced == 0


def test_a_worker_killed_while_it_decodes_is_replaced(make_decoder: MakeDecoder) -> None:
    decoder = make_decoder()
    assert red_is_read(decoder)
    (process,) = decoder.process_ids
    timer = threading.Timer(0.2, os.kill, (process, signal.SIGTERM if os.name == "nt" else signal.SIGKILL))
    timer.start()
    with pytest.raises(ImageError, match="ended the process"):
        decoder.decode(b"sleep")
    timer.join()
    assert red_is_read(decoder)
    assert decoder.process_ids != (process,)


@posix
def test_a_worker_killed_while_it_rests_costs_no_picture(make_decoder: MakeDecoder) -> None:
    decoder = make_decoder()
    assert red_is_read(decoder)
    os.kill(decoder.process_ids[0], signal.SIGKILL)
    os.waitid(os.P_PID, decoder.process_ids[0], os.WEXITED | os.WNOWAIT)
    assert red_is_read(decoder)
    assert decoder.replaced == 0


@posix
def test_ctrl_c_in_a_terminal_is_left_to_the_parent(make_decoder: MakeDecoder) -> None:
    decoder = make_decoder()
    assert red_is_read(decoder)
    (process,) = decoder.process_ids
    os.kill(process, signal.SIGINT)
    assert red_is_read(decoder)
    assert decoder.process_ids == (process,)


def test_a_picture_that_takes_too_long_is_refused_and_the_next_is_read(make_decoder: MakeDecoder) -> None:
    decoder = make_decoder(wall_s=0.5)
    with pytest.raises(ImageError, match=r"takes longer than 0\.5 seconds to decode\. Save it anew"):
        decoder.decode(b"sleep")
    assert decoder.replaced == 1
    # A second decoder with time enough: this one's next picture could be late on a busy machine.
    assert red_is_read(make_decoder())


@pytest.mark.skipif(sys.platform != "linux", reason="reads its size from /proc")
def test_memory_is_bounded(make_decoder: MakeDecoder) -> None:
    large = as_file(Image.new("RGB", (4000, 4000)), "PNG")
    decoder = make_decoder(more_mb=40)
    with pytest.raises(ImageError, match=r"takes more memory to decode than a picture may\. Save it anew"):
        decoder.decode(large)
    assert red_is_read(decoder)
    assert decoder.replaced == 0
    assert make_decoder(more_mb=400).decode(large)[0].size == (4000, 4000)


@posix
def test_what_a_worker_sets_itself_is_enough_for_the_largest_picture_and_no_more(make_decoder: MakeDecoder) -> None:
    grey = Image.fromarray(np.full((4096, 4096), -1, dtype=np.float32))
    assert decode_image(as_file(grey, "TIFF", compression="tiff_adobe_deflate")).image.size == (4096, 4096)
    with pytest.raises(ImageError, match="more memory"):
        make_decoder().decode(b"eat")


def test_no_memory_in_this_process_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def use_up(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decode_module, "srgb_of", use_up)
    with pytest.raises(ImageError, match="takes more memory"):
        decode_here(RED)


@posix
def test_a_worker_writes_no_file(make_decoder: MakeDecoder, tmp_path: Path) -> None:
    with pytest.raises(ImageError):
        make_decoder().decode(b"write " + bytes(tmp_path / "written"))
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0


def test_what_a_worker_prints_goes_nowhere(make_decoder: MakeDecoder, capfd: pytest.CaptureFixture[str]) -> None:
    decoder = make_decoder()
    assert decoder.decode(b"print")[0].size == (3, 2)
    assert red_is_read(decoder)
    assert capfd.readouterr() == ("", "")


@posix
@pytest.mark.parametrize(
    "reply",
    [
        b'{"size": [4, 4], "full_size": [4, 4], "notes": []}\nshort',
        b'{"size": [-1, -1], "full_size": [1, 1], "notes": []}\nabc',
        b'{"size": [0, 7], "full_size": [1, 7], "notes": []}\n',
        b'{"size": [1, 1], "full_size": [1, 1], "notes": []}\nabcabc',
        b'{"size": [1, 1], "full_size": [1, 1]}\nabc',
        b'{"size": [1, 1], "full_size": [0, 1], "notes": []}\nabc',
        b'{"size": [1, 1], "notes": []}\nabc',
        b'{"size": 7, "full_size": [7, 7], "notes": []}\nabc',
        b"[1, 2]\n",
        b"not JSON\n",
        b"\xff\xfe\n",
        b'{"size": [8000, 8000], "full_size": [8000, 8000], "notes": []}\n' + bytes(192_000_000),
    ],
    ids=[
        "short",
        "negative",
        "empty",
        "long",
        "no notes",
        "larger than full",
        "no full size",
        "no size",
        "a list",
        "no JSON",
        "no text",
        "too large",
    ],
)
def test_a_reply_that_does_not_add_up_is_not_believed(make_decoder: MakeDecoder, reply: bytes) -> None:
    decoder = make_decoder()
    with pytest.raises(ImageError, match="ended the process"):
        decoder.decode(b"lie " + reply)
    assert red_is_read(decoder)


def test_twenty_threads_at_once_are_all_answered_rightly() -> None:
    files = [as_file(Image.new("RGB", (number + 1, 7), (number, 0, 0)), "PNG") for number in range(20)]
    together = threading.Barrier(20)

    def decode(number: int) -> bool:
        together.wait()
        image = decode_image(files[number]).image
        return image.size == (number + 1, 7) and image.getpixel((0, 0)) == (number, 0, 0)

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(decode, range(20)))
    assert 1 <= len(DECODER.process_ids) <= 2


def test_others_are_answered_while_one_picture_breaks_its_worker(make_decoder: MakeDecoder) -> None:
    decoder = make_decoder(workers=2)

    def decode(number: int) -> bool:
        if number % 4:
            return red_is_read(decoder)
        with pytest.raises(ImageError, match="ended the process"):
            decoder.decode(b'lie {"size": 7}\n')
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(decode, range(16)))
    assert decoder.replaced == 4


@pytest.mark.parametrize(("wait_s", "places"), [(0.2, 128), (600, 0)], ids=["too long", "too many"])
def test_who_would_wait_too_long_is_told(
    make_decoder: MakeDecoder, monkeypatch: pytest.MonkeyPatch, wait_s: float, places: int
) -> None:
    monkeypatch.setattr(decoder_module, "MAX_WAITING", places)
    decoder = make_decoder(wait_s=wait_s)
    assert red_is_read(decoder)
    with ThreadPoolExecutor(1) as pool:
        sleeping = pool.submit(decoder.decode, b"sleep")
        while decoder.has_room:
            time.sleep(0.01)
        with pytest.raises(ImageError, match=r"Too many pictures wait to be decoded\. Try again"):
            decoder.decode(RED)
        decoder.close()
        with pytest.raises(ImageError):  # wherever it was when the end came
            sleeping.result()


def test_a_worker_gives_way_to_a_fresh_one(make_decoder: MakeDecoder) -> None:
    decoder = make_decoder(pictures_each=3)
    processes = []
    for _ in range(7):
        assert red_is_read(decoder)
        processes.append(decoder.process_ids[0])
    # The next process starts as soon as the last picture is answered.
    assert len(set(processes)) == 3
    assert decoder.replaced == 0


@posix
def test_a_closed_decoder_leaves_no_process(make_decoder: MakeDecoder) -> None:
    decoder = make_decoder()
    assert red_is_read(decoder)
    (process,) = decoder.process_ids
    decoder.close()
    assert decoder.process_ids == ()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(ImageError, match="does not start"):
        decoder.decode(RED)


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "pass")])
def test_a_worker_that_does_not_start_is_said(command: tuple[str, ...]) -> None:
    decoder = Decoder(MAX_PIXELS, command=command)
    for _ in range(3):
        with pytest.raises(ImageError, match=r"does not start\. Free some memory"):
            decoder.decode(RED)
    decoder.close()


_DECODE_AND = """
import os, sys
from resnext_viz.inference.photos import decode as decode_module
from resnext_viz.inference.photos import decoder as decoder_module
from resnext_viz.inference.photos.decode import DECODER, decode_image
assert decode_image(bytes.fromhex(sys.argv[1])).width == 5
print(*DECODER.process_ids, flush=True)
"""


@posix
@pytest.mark.parametrize("end", ["pass", "sys.exit(3)", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_workers_end_with_their_parent(end: str) -> None:
    command = [sys.executable, "-c", _DECODE_AND + end, RED.hex()]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert gone(int(run.stdout))


@posix
def test_a_fork_has_workers_of_its_own() -> None:
    fork = """
child = os.fork()
if child == 0:
    assert DECODER.process_ids == ()
    assert decode_image(bytes.fromhex(sys.argv[1])).width == 5
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert decode_image(bytes.fromhex(sys.argv[1])).width == 5
print(*DECODER.process_ids, DECODER.replaced)
"""
    run = subprocess.run(
        [sys.executable, "-c", _DECODE_AND + fork, RED.hex()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    first, second = run.stdout.splitlines()
    assert second == f"{first} 0"


def test_a_worker_is_found_from_any_folder_and_imports_nothing_from_it(tmp_path: Path) -> None:
    (tmp_path / "PIL.py").write_text("raise SystemExit('a stranger’s file was imported')")
    code = f"import sys; sys.path[:] = [p for p in sys.path if p] + [{str(ROOT)!r}]\n{_DECODE_AND}"
    run = subprocess.run(
        [sys.executable, "-c", code, RED.hex()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_a_worker_starts_light() -> None:
    code = "import sys, json, resnext_viz.inference.photos.decode_worker; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"torch", "torchvision", "streamlit", "numpy"} & set(json.loads(run.stdout))


def test_a_picture_keeps_nothing_of_its_files_metadata() -> None:
    data = seeds()["jpeg RGB icc_profile"]
    assert decode_image(data).image.info == {} == decode_here(data).image.info
