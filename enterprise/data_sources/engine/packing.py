"""A draft's file as kept: text as it came, a spreadsheet as its rows, which read far faster."""

import json
import zlib

from enterprise.data_sources.engine.contracts import RawTable, Row
from enterprise.data_sources.engine.reading import read_table

MARK = b"rows1\n"


def packed(content: bytes, table: RawTable) -> bytes:
    if not content.startswith(b"PK"):
        return content
    rows = [[row.line, *row.cells] for row in table.rows]
    return MARK + zlib.compress(json.dumps(rows, ensure_ascii=False).encode("utf-8", "replace"), 1)


def unpacked(content: bytes) -> RawTable:
    """The table of what ``packed`` made, or of a file as it came."""
    if not content.startswith(MARK):
        return read_table(content)
    rows = json.loads(zlib.decompress(content[len(MARK) :]))
    return RawTable(tuple(Row(line, tuple(cells)) for line, *cells in rows), "xlsx", "")
