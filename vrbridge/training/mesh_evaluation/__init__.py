"""How good generated shapes are, in numbers and pictures."""
