"""Reading numbers, amounts, dates and files; segments; wordings. Plain Python."""
