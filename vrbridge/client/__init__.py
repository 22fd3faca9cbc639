"""The Python client and the headless scene."""
