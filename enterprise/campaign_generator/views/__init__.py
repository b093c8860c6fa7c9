"""Campaigns: the board, a document, a new one, its changes and its files."""

from enterprise.campaign_generator.views.changing import approve, edit, export, move
from enterprise.campaign_generator.views.reading import board, create, document

__all__ = ["approve", "board", "create", "document", "edit", "export", "move"]
