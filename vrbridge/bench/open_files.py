"""Whether the system allows as many sockets as a load test needs."""

import resource

from vrbridge.errors import SettingsError

_SPARE = 256
"""For files, pipes and workers."""


def allow_sockets(n_sockets: int) -> None:
    """Raise this process's limit of open files, which the processes that it starts inherit.

    Raises:
        SettingsError: If the system does not allow so many.
    """
    needed = n_sockets + _SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SettingsError(
            f"{n_sockets} players need {needed} open files in one process, and the system allows {hard}: "
            f"raise it with `ulimit -Hn {needed}` as root, or take fewer --players."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
