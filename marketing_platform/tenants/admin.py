"""Workspaces in the staff admin: every client of both tiers in one list."""
