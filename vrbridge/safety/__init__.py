"""What is allowed: text in, verdict out."""
