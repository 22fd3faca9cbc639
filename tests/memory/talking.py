"""What tests of every memory of conversations do."""

from typing import Final

from vrbridge.memory.postgres_pool import Bounds

PATIENCE_S: Final = 100.0
PATIENT: Final = Bounds(statement_s=60, answer_s=60, start_s=60)
"""What is slow on a busy machine is not wrong."""
