"""Many players at once: what a server stands, measured through the real wire."""
