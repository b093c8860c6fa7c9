"""The five designs hold every name, language and colour that comes."""

import io
import re

import pytest
from PIL import Image

from marketing_platform.documents.fonts import ROOT
from marketing_platform.documents.preview import webp_preview
from marketing_platform.documents.render import render_png

POSTERS = ROOT / "local" / "automation" / "social_media" / "content" / "posters"
DESIGNS = ("bold", "split", "festive", "calm", "notice")
LONGEST_NAME = (
    "श्री सिद्धिविनायक ज्ञानप्रकाश मिष्टान्न भांडार, नमकीन, ड्रायफ्रूट्स आणि उपाहार केंद्र "
    "(शनिवार पेठ शाखा) प्रा. लि."
)
LONG = {
    "language": "mr",
    "name": LONGEST_NAME,
    "headline": "आपल्या सर्वांना मकर संक्रांतीच्या गोड गोड हार्दिक शुभेच्छा",
    "line": "तिळगुळ घ्या, गोड गोड बोला. आमच्या दुकानात या आणि चव घ्या.",
    "call_to_action": "आजच तुमची ऑर्डर व्हॉट्सॲपवर नोंदवा आणि घेऊन जा",
    "date_text": "बुधवार, १४ जानेवारी २०२७",
    "licence_number": "11521034000123",
}
ONE_WORD = {
    "name": "N" * 120,
    "headline": "Donaudampfschifffahrtsgesellschaftskapitaenswitwenrente",
}
EMPTY = {"name": "محمد", "line": "", "call_to_action": "", "city": "", "phone": None, "motif": None}


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("case", [{}, LONG, ONE_WORD, EMPTY], ids=["usual", "long", "word", "bare"])
def test_every_design_is_a_square_with_a_light_preview(design, case, payload, font_dir):
    png = render_png(POSTERS / f"{design}.typ", payload={**payload, **case}, font_dir=font_dir)
    assert picture(png).size == (1080, 1080)
    preview = webp_preview(png)
    assert len(preview) <= 15_000
    assert Image.open(io.BytesIO(preview)).size == (360, 360)


@pytest.mark.parametrize(
    "design", ["bold", *(pytest.param(each, marks=pytest.mark.slow) for each in DESIGNS[1:])]
)
def test_the_same_payload_gives_the_same_bytes(design, payload, font_dir):
    source = POSTERS / f"{design}.typ"
    assert render_png(source, payload=payload, font_dir=font_dir) == render_png(
        source, payload=payload, font_dir=font_dir
    )


@pytest.mark.parametrize("design", ["bold", "split", "festive", "notice"])
def test_the_owners_photo_is_on_the_poster(design, payload, owner_photo, font_dir):
    source = POSTERS / f"{design}.typ"
    without = render_png(source, payload=payload, font_dir=font_dir)
    with_photo = render_png(
        source,
        payload={**payload, "photo": True},
        files={"photo.jpg": owner_photo},
        font_dir=font_dir,
    )
    assert with_photo != without
    assert len(webp_preview(with_photo)) <= 15_000


@pytest.mark.parametrize("case", [LONG, ONE_WORD, {"name": "क" * 10_000, "headline": "ab " * 900}])
def test_words_stay_inside_the_calm_frame(case, payload, font_dir):
    png = render_png(POSTERS / "calm.typ", payload={**payload, **case}, font_dir=font_dir)
    drawn = picture(png)
    ground = drawn.getpixel((20, 20))
    for strip in ((60, 60, 110, 1020), (970, 60, 1020, 1020), (60, 60, 1020, 110)):
        assert drawn.crop(strip).getcolors() == [
            ((strip[2] - strip[0]) * (strip[3] - strip[1]), ground)
        ]


@pytest.mark.parametrize("case", [LONG, ONE_WORD, {"name": "abc " * 2500}])
def test_words_stay_inside_the_margins_of_the_strip(case, payload, font_dir):
    png = render_png(POSTERS / "bold.typ", payload={**payload, **case}, font_dir=font_dir)
    drawn = picture(png)
    paper = drawn.getpixel((4, 1070))
    for strip in ((0, 890, 70, 1080), (1010, 890, 1080, 1080), (0, 1070, 1080, 1080)):
        colours = drawn.crop(strip).getcolors()
        assert [colour for _, colour in colours] == [paper]


def test_the_food_licence_is_shown_when_given(payload, font_dir):
    source = POSTERS / "notice.typ"
    without = render_png(source, payload=payload, font_dir=font_dir)
    given = {**payload, "licence_number": "11521034000123"}
    assert render_png(source, payload=given, font_dir=font_dir) != without


def test_a_solemn_day_has_no_call_to_action(payload, font_dir):
    source = POSTERS / "calm.typ"
    quiet = {**payload, "call_to_action": "", "motif": None}
    assert render_png(source, payload=payload, font_dir=font_dir) == render_png(
        source, payload=quiet, font_dir=font_dir
    )


def test_every_motif_can_be_drawn(payload, font_dir):
    names = re.findall(r"(\w+): (?:festive|trade)\.", (POSTERS / "ornaments.typ").read_text())
    assert len(names) == 25
    drawn = {
        render_png(POSTERS / "bold.typ", payload={**payload, "motif": name}, font_dir=font_dir)
        for name in names
    }
    assert len(drawn) == 25


def test_an_unknown_motif_is_left_out(payload, font_dir):
    source = POSTERS / "bold.typ"
    unknown = {**payload, "motif": "dragon"}
    assert render_png(source, payload=unknown, font_dir=font_dir) == render_png(
        source, payload={**payload, "motif": None}, font_dir=font_dir
    )


def test_templates_fetch_nothing():
    sources = {path.name: path.read_text() for path in POSTERS.glob("*.typ")}
    assert set(sources) >= {f"{design}.typ" for design in DESIGNS}
    assert [name for name, source in sources.items() if "@preview" in source] == []
