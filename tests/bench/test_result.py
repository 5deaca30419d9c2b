import json
from pathlib import Path

import pytest

from resnext_viz import bench
from resnext_viz.bench.result import OF_THE_APP, SUBJECTS, BenchError, BenchRow, rows_of
from resnext_viz.cli import main
from resnext_viz.kit.timing import in_turns, percentile, timed


def test_a_ratio_says_how_many_times_faster() -> None:
    rows = rows_of("count", {"ours": [2.0, 1.0, 9.0], "theirs": [30.0, 10.0, 20.0]}, "theirs", batch=4)
    assert rows == [
        BenchRow("count", "ours", 4, median_ms=2.0, p95_ms=9.0, ratio=10.0, against="theirs"),
        BenchRow("count", "theirs", 4, median_ms=20.0, p95_ms=30.0),
    ]


@pytest.mark.parametrize(("share", "value"), [(0.05, 1), (0.5, 10), (0.95, 19), (1, 20)])
def test_a_percentile_is_a_sample_that_so_many_do_not_exceed(share: float, value: int) -> None:
    assert percentile(range(20, 0, -1), share) == value


def test_engines_take_turns_and_the_first_round_does_not_count() -> None:
    calls: list[str] = []
    values = iter(range(100))

    def engine(name: str) -> float:
        calls.append(name)
        return next(values)

    samples = in_turns({"a": lambda: engine("a"), "b": lambda: engine("b")}, rounds=3)
    assert calls == ["a", "b"] * 4
    assert samples == {"a": [2, 4, 6], "b": [3, 5, 7]}


def test_a_slow_machine_gets_two_rounds() -> None:
    assert in_turns({"a": lambda: 1.0}, rounds=50, limit_s=0) == {"a": [1.0, 1.0]}


def test_a_timed_call_is_called_so_often() -> None:
    calls: list[int] = []
    assert timed(lambda: calls.append(1), repeats=7)() >= 0
    assert len(calls) == 7


def test_the_document_has_the_agreed_shape(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "measure", lambda _: rows_of("count", {"ours": [1.0], "fvcore": [4000.0]}, "fvcore"))
    assert main(["bench", "count", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"machine", "rows"}
    assert {"cpu", "threads", "gpu", "torch"} <= set(answer["machine"])
    assert all(set(row) >= {"subject", "engine", "batch", "median_ms", "ratio", "against"} for row in answer["rows"])
    assert main(["bench", "count"]) == 0
    assert "4,000 x faster than fvcore" in capsys.readouterr().out


def test_every_subject_is_a_module_with_a_measure() -> None:
    folder = Path(bench.__file__).parent
    rooms = {subject: folder / "app" if subject in OF_THE_APP else folder for subject in SUBJECTS}
    assert all((room / f"{subject}.py").is_file() for subject, room in rooms.items())
    with pytest.raises(BenchError, match="subject is 'speed'; use count, dial"):
        bench.measure("speed")
