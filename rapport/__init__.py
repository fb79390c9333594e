"""Rapport: the software that a customer service department runs on."""

__version__ = "0.1.0"
