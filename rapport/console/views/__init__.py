"""Thin views: read the form, call the action, show one page."""
