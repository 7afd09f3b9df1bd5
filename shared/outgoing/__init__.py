"""Calls to addresses that organizations name: checked, bounded and signed."""
