"""Who is talking: sockets, sessions, web pages and tokens."""
