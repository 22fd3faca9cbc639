"""The command line."""

from vrbridge.cli.application import main

__all__ = ["main"]
