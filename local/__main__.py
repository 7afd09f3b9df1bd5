"""`python -m local` is the `medilens` command."""

from local.cli import main

main()
