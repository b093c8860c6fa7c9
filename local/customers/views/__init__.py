"""The pages of customers: the list, the counter, a person, files."""
