"""Prices, the life of a subscription and the access it gives. No Django, no network, no clock."""
