"""The day's plan and the life of an action. Plain Python."""
