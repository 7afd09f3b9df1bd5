"""The one kit that pictures are drawn with: SVG, its palette, axes and lettering; no numpy."""
