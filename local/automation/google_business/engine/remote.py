"""Reading what Google sends."""

ORIGINAL = "(Original)"
TRANSLATED = "(Translated by Google)"


def review_words(comment: str) -> str:
    """The customer's own words: Google may put its translation before or after them."""
    if ORIGINAL in comment:
        comment = comment.rpartition(ORIGINAL)[2]
    elif TRANSLATED in comment:
        comment = comment.partition(TRANSLATED)[0]
    return comment.strip()


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same but for spaces, which Google may trim."""
    return one.split() == other.split()
