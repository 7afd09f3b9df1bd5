"""What only a laptop needs: never part of a deployed function."""
