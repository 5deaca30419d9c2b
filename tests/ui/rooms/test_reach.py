"""Where a class finds the app, and that the sign says what to do where nobody can."""

from __future__ import annotations

import pytest
from streamlit import config

from resnext_viz.ui.rooms import reach


@pytest.mark.parametrize(
    ("seen", "listens", "base", "found"),
    [
        ("http://192.168.1.20:8501/lessons?lesson=2", "0.0.0.0", "", "http://192.168.1.20:8501"),
        ("https://lab.example/viz/lessons", "127.0.0.1", "viz", "https://lab.example/viz"),
        ("http://localhost:8501/lessons", "0.0.0.0", "", "http://10.0.0.5:8501"),
        ("http://[::1]:8501/", "::", "/viz/", "http://10.0.0.5:8501/viz"),
        ("http://localhost:8501/", "10.0.0.7", "", "http://10.0.0.7:8501"),
        ("http://localhost:8501/", "127.0.0.1", "", None),
        ("http://127.0.0.1:8501/", "localhost", "", None),
        (None, "::1", "", None),
        (None, "fd00::5", "", "http://[fd00::5]:8501"),
    ],
)
def test_the_address_for_phones(
    monkeypatch: pytest.MonkeyPatch, seen: str | None, listens: str, base: str, found: str | None
) -> None:
    options = {"server.address": listens, "server.baseUrlPath": base, "server.port": 8501, "server.sslCertFile": ""}
    monkeypatch.setattr(reach, "get_option", options.__getitem__)
    monkeypatch.setattr(reach, "outward_address", lambda: "10.0.0.5")
    assert reach.class_address(seen) == found
    assert options.keys() <= config.get_config_options().keys()
