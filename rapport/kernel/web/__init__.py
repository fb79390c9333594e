"""What every page needs: rendering with Jinja2, doors (who may use a route), security headers.

Writes to no timeline; may import kernel.
"""
