"""The brief: claims made of words and traced numbers. Plain Python."""
