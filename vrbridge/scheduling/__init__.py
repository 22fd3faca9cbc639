"""When work runs: the backlog and the processes that carry it out."""
