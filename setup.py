"""Builds the package; all else about it stands in pyproject.toml.

The app's own files stay at the top of the repository, where `streamlit run app.py` finds them. A build copies them into
the package, so that nothing lies beside it once it is installed; `resnext_viz/kit/app_files.py` finds them in either
place.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# `served` holds what Streamlit is started with: its settings lie beside the script, and no pages do.
COPIES = {
    "resnext_viz/served/app.py": "app.py",
    "resnext_viz/served/.streamlit/config.toml": ".streamlit/config.toml",
    **{f"resnext_viz/{page.as_posix()}": page.as_posix() for page in sorted(Path("pages").glob("*.py"))},
}


class BuildWithTheApp(build_py):
    """setuptools' `build_py`, with the app's files as parts of the package."""

    def run(self) -> None:
        if not self.editable_mode:
            # What an earlier build left would be packed again: a page or a study's results that are gone since.
            shutil.rmtree(Path(self.build_lib) / "resnext_viz", ignore_errors=True)
            for copy, source in self._copies().items():
                self.mkpath(str(Path(copy).parent))
                self.copy_file(source, copy)
        super().run()

    def get_source_files(self) -> list[str]:
        return [*super().get_source_files(), *COPIES.values()]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        outputs = super().get_outputs(include_bytecode)
        return outputs if self.editable_mode else [*outputs, *self._copies()]

    def get_output_mapping(self) -> dict[str, str]:
        return {**super().get_output_mapping(), **self._copies()}

    def _copies(self) -> dict[str, str]:
        return {str(Path(self.build_lib) / copy): source for copy, source in COPIES.items()}


setup(cmdclass={"build_py": BuildWithTheApp})
