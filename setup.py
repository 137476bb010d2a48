"""The wheel's second package, ``sit_app``: the app, its pages and the data that comes with it.

All else is declared in pyproject.toml. In a checkout these files lie side by side at the top, where
``streamlit run app.py`` finds them; among other installed packages nothing may be called ``pages``
or ``data``, so the wheel has them in a folder of their own (see `sit_core.settings.app_folder`).
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

APP = ("app.py", "pages", "data", ".streamlit/config.toml")
UNWANTED = shutil.ignore_patterns("__pycache__", "*.pyc", ".DS_Store")


class BuildWithApp(build_py):
    """Copies the app too, except where an editable installation runs it from its checkout."""

    def run(self) -> None:
        """Build the modules, then put the app beside them."""
        super().run()
        if self.editable_mode:
            return
        root = Path(__file__).parent
        into = Path(self.build_lib) / "sit_app"
        shutil.rmtree(into, ignore_errors=True)  # what an earlier build left is not to be shipped
        for name in APP:
            source, target = root / name, into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=UNWANTED)
            else:
                shutil.copy2(source, target)


setup(cmdclass={"build_py": BuildWithApp})
