"""The short code on an error: read out on the telephone, it finds the request."""

import hashlib

# Without 0, 1, I, L, O and U: nothing that is misheard or misread.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def support_code(request_id: str) -> str:
    """Eight letters as XXXX-XXXX, the same for the same request; needs no database."""
    number = int.from_bytes(hashlib.sha256(f"support:{request_id}".encode()).digest()[:8], "big")
    letters = ""
    for _place in range(8):
        number, left = divmod(number, len(LETTERS))
        letters += LETTERS[left]
    return f"{letters[:4]}-{letters[4:]}"


def support_code_read(typed: str) -> str:
    """What somebody typed, as it is stored: 'abcd efgh' becomes 'ABCD-EFGH'."""
    letters = "".join(each for each in typed.upper() if each in LETTERS)
    return f"{letters[:4]}-{letters[4:8]}" if len(letters) == 8 else ""
