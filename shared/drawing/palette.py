"""The colors of every picture: told apart by every kind of color vision, and never alone.

The four kinds are Okabe and Ito's (2008), the blue and the red darkened until text in them is
readable on white (WCAG 2.2, contrast 4.5).
"""

PAPER = "#ffffff"
INK = "#15181c"
MUTED = "#5b626b"
FAINT = "#d5d9de"

BLUE = "#0b5fa5"
RED = "#b3380c"
GREEN = "#007a5a"
ORANGE = "#b86e00"
KINDS = (BLUE, ORANGE, GREEN, RED)

RANGE = "#dff2e3"  # a reference range, filled behind values
RANGE_INK = "#2d6a3a"
PART = "#fff4d6"  # the part of a recording that was measured
NOISE = "#56699a"  # the outline of what may be chance
