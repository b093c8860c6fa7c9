"""Documents and pictures from typst templates (https://typst.app/docs/).

A template reads its data with `json(bytes(sys.inputs.data))`, so that what people typed is
never markup. Only our own font folder is used and nothing is fetched: a template cannot reach
outside its folder, and the package path is an empty one.
"""

import functools
import json
import re
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import typst

from marketing_platform.documents.errors import DocumentError
from marketing_platform.documents.fonts import code_points, default_font_dir
from marketing_platform.documents.payload import prepared
from marketing_platform.documents.preview import poster_photo

PAGE_POINTS = 1080  # every picture template is 1080 pt wide: one point is one pixel at 72 ppi
FILE_NAME = re.compile(r"[a-z0-9_-]+\.jpg\Z")
READING_FONTS = threading.Lock()


def render_png(
    source: Path,
    *,
    payload: Mapping[str, Any],
    pixels: int = 1080,
    files: Mapping[str, bytes] | None = None,
    font_dir: Path | None = None,
) -> bytes:
    """A square PNG of `pixels` from the template; the same input gives the same bytes.

    `files` are photos by name ('photo.jpg'), reduced before use; the template finds their names
    in `data.files`. Raises DocumentError, FontsMissing or UnreadablePhoto. Safe in threads.
    """
    photos = {name: poster_photo(photo, pixels=pixels) for name, photo in (files or {}).items()}
    return _render(source, payload, photos, font_dir, output="png", ppi=72.0 * pixels / PAGE_POINTS)


def render_pdf(
    source: Path,
    *,
    payload: Mapping[str, Any],
    files: Mapping[str, bytes] | None = None,
    font_dir: Path | None = None,
) -> bytes:
    """A tagged PDF from the template, without a creation time, so that bytes repeat."""
    photos = {name: poster_photo(photo, pixels=1600) for name, photo in (files or {}).items()}
    return _render(source, payload, photos, font_dir, output="pdf", ppi=None)


def _render(
    source: Path,
    payload: Mapping[str, Any],
    photos: Mapping[str, bytes],
    font_dir: Path | None,
    *,
    output: Literal["png", "pdf"],
    ppi: float | None,
) -> bytes:
    font_dir = font_dir or default_font_dir()
    code_points(font_dir)  # raises FontsMissing before typst would draw nothing
    content = prepared(payload, file_names=sorted(photos), font_dir=font_dir)
    options = {"output": output, "ppi": ppi, "inputs": {"data": json.dumps(content)}}
    if not photos:
        return _compile(source, font_dir, **options)
    with tempfile.TemporaryDirectory(prefix="poster-") as folder:
        copied = _copied(source, photos, Path(folder))
        return _compile(copied, font_dir, **options)


def _copied(source: Path, photos: Mapping[str, bytes], folder: Path) -> Path:
    """Templates and photos side by side in a folder that is the template's whole world."""
    for template in source.parent.glob("*.typ"):
        (folder / template.name).write_bytes(template.read_bytes())
    for name, photo in photos.items():
        if not FILE_NAME.match(name):
            raise DocumentError(f"a file may not be called {name!r}")
        (folder / name).write_bytes(photo)
    return folder / source.name


def _compile(
    source: Path, font_dir: Path, *, output: str, ppi: float | None, inputs: dict[str, str]
) -> bytes:
    try:
        made = typst.compile(
            str(source),
            root=str(source.parent),
            font_paths=_fonts(font_dir),
            ignore_system_fonts=True,
            format=output,
            ppi=ppi,
            sys_inputs=inputs,
            package_path=str(font_dir / "no-packages"),
            package_cache_path=str(font_dir / "no-packages"),
            timestamp=0,
        )
    except (typst.TypstError, RuntimeError, OSError) as error:
        raise DocumentError(f"{source.name}: {error}") from error
    if isinstance(made, list):
        raise DocumentError(f"{source.name} has {len(made)} pages, a picture has one")
    return made


def _fonts(font_dir: Path) -> typst.Fonts:
    """Read once per process; sharing it brings a poster from 60 ms to 20 ms."""
    with READING_FONTS:  # the first two posters come together
        return _fonts_read(font_dir)


@functools.lru_cache(maxsize=4)
def _fonts_read(font_dir: Path) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_dir)]
    )
