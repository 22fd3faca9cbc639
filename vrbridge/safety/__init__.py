"""What is allowed, and where content came from."""
