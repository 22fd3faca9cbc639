"""`make autobahn`: the WebSocket layer against the Autobahn test suite."""

import sys

from tests.autobahn import suite, table

PAGE = suite.ROOT / "tests" / "integration" / "autobahn.md"


def main() -> None:
    """Run the suite, write the page, and fail where something fails that is not explained there."""
    python = suite.interpreter()
    suite.install(python)
    outcomes = suite.run(python)
    PAGE.write_text(table.page(outcomes))
    print(PAGE.read_text())
    for outcome in table.unexplained(outcomes):
        print(f"{outcome.case} {outcome.behaviour} {outcome.closing}: {outcome.result}", file=sys.stderr)
    sys.exit(bool(table.unexplained(outcomes)))


if __name__ == "__main__":
    main()
