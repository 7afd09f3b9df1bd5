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

# Okabe and Ito's own, for marks on a dark photo and for areas: too light for text on white.
AMBER = "#e69f00"
SKY = "#56b4e9"
TEAL = "#009e73"
YELLOW = "#f0e442"
PINK = "#cc79a7"
# Without BLUE and RED, for areas beside marks of these two.
AREAS = (AMBER, SKY, TEAL, PINK, "#e0d21f", "#8a8f98", "#6b4e9b", INK)

RANGE = "#dff2e3"  # a reference range, filled behind values
RANGE_INK = "#2d6a3a"
PART = "#fff4d6"  # the part of a recording that was measured
STRIP = "#fff0b3"  # the part of a recording that is drawn large elsewhere
PRACTICE = "#f2f2f2"  # behind what does not count
RIM = "#000000"  # around marks on a photo
QUIET = "#9aa5b1"  # what was recorded and not measured
GRID_MINOR, GRID_MAJOR = "#f8dcd8", "#eeb0a8"  # of ECG paper
NOISE = "#56699a"  # the outline of what may be chance
