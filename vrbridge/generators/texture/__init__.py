"""Seamless materials."""
