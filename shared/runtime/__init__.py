"""The process: its log, its start, its snapshot."""
