"""The core of the Unity package and its tests, compiled."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.engine_clients.unity.compiler import PACKAGE, Assembly, built
from tests.engine_clients.unity.nunit import nunit

CORE: Final = sorted(PACKAGE.glob("Runtime/Core/**/*.cs"))
CORE_TESTS: Final = sorted(PACKAGE.glob("Tests/Core/**/*.cs"))


def core(*, is_for_mono: bool = False, defines: Sequence[str] = ()) -> Path:
    """Return the assembly of the core.

    Args:
        is_for_mono: Compile it against Mono's class library, which lacks what is newer than Unity's.
        defines: Preprocessor symbols.
    """
    # Comments are judged once.
    return built(
        Assembly(
            "VRBridge.Core", CORE, defines=defines, is_documented=not is_for_mono, is_for_mono=is_for_mono
        )
    )


def core_tests(*, is_for_mono: bool = False) -> Path:
    """Return the assembly of the core's tests."""
    references = [core(is_for_mono=is_for_mono), nunit(is_for_mono=is_for_mono)]
    return built(Assembly("VRBridge.Core.Tests", CORE_TESTS, references, is_for_mono=is_for_mono))
