"""What all functions share; imports neither `functions` nor any numeric library."""
