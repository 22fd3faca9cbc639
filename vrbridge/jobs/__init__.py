"""What a request means: one module a kind."""
