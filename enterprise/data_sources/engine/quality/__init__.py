"""What is wrong with the data, before anything is computed from it; plain Python and NumPy."""
