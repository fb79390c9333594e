"""The only writers of staff: keyword-only, one transaction, permission checked, audit entry appended.

``actor`` is the agent who acts; None is the operator at the command line.
"""
