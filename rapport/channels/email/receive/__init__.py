"""Receivers: each stores a mail as a raw row and only then tells anybody that it was accepted."""
