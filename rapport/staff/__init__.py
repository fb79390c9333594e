"""Accounts, agents, brands, teams, roles, permissions and the audit stream.

Writes AuditEntry; may import ui and kernel.
"""
