"""Make a virtual environment, and say what to do where the system's Python can't.

Runs on the system's Python, so it uses the standard library alone.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

OLDEST = (3, 11)


def main(folder: Path) -> None:
    """Create the environment, installing Debian's venv module first if that is what is missing."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"vrbridge needs Python 3.11 or newer; this is {found}. Try `make PYTHON=python3.12 …`.")
    if not _has_venv():
        _install_venv()
    venv.create(folder, with_pip=True)
    # Older pips can't report a download's progress to another program.
    subprocess.run(
        [folder / "bin" / "python", "-m", "pip", "install", "-q", "--upgrade", "pip>=24.1"], check=True
    )


def _has_venv() -> bool:
    # Debian's `python3` comes without ensurepip; then `venv` exists but can't bring pip.
    return (
        subprocess.run([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL).returncode == 0
    )


def _install_venv() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    command = ["apt-get", "install", "-y", package]
    if os.geteuid() != 0:
        command = ["sudo", "-n", *command]
    if shutil.which(command[0]) is None or subprocess.run(command).returncode != 0:
        sys.exit(
            f"Python's venv module is missing. Install it (Debian, Ubuntu: `apt-get install {package}`)."
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
