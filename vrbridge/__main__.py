"""`python -m vrbridge` is the `vrbridge` command."""

from vrbridge.cli import main

if __name__ == "__main__":
    main()
