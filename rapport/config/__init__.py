"""Wires everything: settings, URLs, processes and the command line. Imported by nothing."""
