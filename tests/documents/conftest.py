"""Fonts for the document tests: the set-up's, or made once for this session."""

import io
from pathlib import Path

import pytest
from PIL import Image

from marketing_platform.documents.fonts import ROOT, STAMP, default_font_dir, make_fonts


@pytest.fixture(scope="session")
def font_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ready = default_font_dir()
    if (ready / STAMP).exists():
        return ready
    made = tmp_path_factory.mktemp("fonts")
    make_fonts(source=ROOT / "node_modules", target=made)
    return made


@pytest.fixture
def payload() -> dict:
    return {
        "design": "bold",
        "language": "en",
        "name": "Asha Beauty Salon",
        "city": "Nagpur",
        "headline": "Frizz in the rains?",
        "line": "A little care before you step out saves the whole day.",
        "call_to_action": "Message us to pick a time",
        "primary_colour": "#7b1e5a",
        "accent_colour": "#f2a516",
        "motif": "salon",
        "licence_number": None,
        "phone": "98765 43210",
        "date_text": None,
        "photo": False,
    }


@pytest.fixture
def owner_photo() -> bytes:
    encoded = io.BytesIO()
    Image.linear_gradient("L").resize((1600, 1200)).convert("RGB").save(encoded, "JPEG")
    return encoded.getvalue()
