"""Where the app's own files lie: at the top of the repository, or as copies within an installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
# What `setup.py` copies into the package is there only once it is built.
_IS_BUILT = (_PACKAGE / "served").is_dir()

# What `streamlit run` starts.
APP = (_PACKAGE / "served" if _IS_BUILT else _PACKAGE.parent) / "app.py"
# Streamlit's settings, which it reads because they lie beside the script it starts.
SETTINGS = APP.parent / ".streamlit" / "config.toml"
PAGES = (_PACKAGE if _IS_BUILT else _PACKAGE.parent) / "pages"
# The script that Streamlit runs for every page; no folder of pages may lie beside it.
FRAME = _PACKAGE / "ui" / "frame.py"
