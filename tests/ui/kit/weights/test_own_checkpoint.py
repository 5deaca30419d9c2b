"""A visitor's own checkpoint: two loads of one file at once, as where another of its networks is chosen quickly."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from resnext_viz.inference.predictor import by_name
from resnext_viz.inference.weights import checkpoint
from resnext_viz.ui.kit.weights.own_checkpoint import OwnCheckpoint


def test_a_load_gives_the_network_it_was_asked_for_whatever_another_reads_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = OwnCheckpoint("file", b"bytes")
    among: list[object] = []

    class Student:
        """Whoever asks which networks lie beside it is overtaken by a load of the other one."""

        name = "student"

        @property
        def part(self) -> Any:
            if not among:
                among.append("begun")
                among.append(own.predictor(None, "cpu", "teacher"))
            return SimpleNamespace(others=("teacher",))

    def load_checkpoint(_data: bytes, part: str | None) -> Any:
        return SimpleNamespace(name=part, part=SimpleNamespace(others=("student",))) if part else Student()

    def load_predictor(read: Any, _device: str, classes: object) -> str:
        assert classes is None
        return f"the {read.name}"

    monkeypatch.setattr(by_name, "load_predictor", load_predictor)
    monkeypatch.setattr(checkpoint, "load_checkpoint", load_checkpoint)
    assert own.predictor(None, "cpu") == "the student"
    assert among == ["begun", "the teacher"]
    assert own.predictor(None, "cpu", "teacher") == "the teacher"
