"""What `vrbridge doctor` says about where conversations are kept."""

from vrbridge.cli.finding import Finding
from vrbridge.errors import SettingsError
from vrbridge.memory import conversation_choice
from vrbridge.settings import Settings

_NAME = "conversations"


def check_memory(settings: Settings) -> Finding:
    """Return whether they can be kept where the settings say; makes what the server would make there."""
    if settings.memory.url is None:
        return Finding(_NAME, True, "in the data folder")
    try:
        memory = conversation_choice.chosen(settings.memory, settings.data_dir)
        memory.open()
    except SettingsError as error:
        fix = "Without `memory.url` they are kept in the data folder, for this server alone."
        return Finding(_NAME, False, error.message, fix)
    memory.close()
    return Finding(_NAME, True, f"in PostgreSQL, over {settings.memory.connections} connections at most")
