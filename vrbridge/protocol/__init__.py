"""What is said: messages, codec, session stream and outbox, without I/O."""
