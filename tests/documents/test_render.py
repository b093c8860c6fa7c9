"""Pictures and documents: shaping, sameness, safety."""

import io
import threading

import pytest
from PIL import Image, ImageChops, ImageStat

from marketing_platform.documents.errors import DocumentError, UnreadablePhoto
from marketing_platform.documents.render import render_pdf, render_png

WORD = """
#set page(width: 1080pt, height: 1080pt, margin: 100pt, fill: white)
#set text(font: ("Noto Sans", "Noto Sans Devanagari"), size: 160pt, fallback: false)
#json(bytes(sys.inputs.data)).word
"""


@pytest.fixture
def word_picture(tmp_path, font_dir):
    source = tmp_path / "word.typ"
    source.write_text(WORD)

    def draw(word: str) -> Image.Image:
        png = render_png(source, payload={"word": word}, font_dir=font_dir)
        drawn = ImageChops.invert(Image.open(io.BytesIO(png)).convert("L"))
        return drawn.crop(drawn.getbbox())

    return draw


@pytest.mark.parametrize("conjunct", ["क्ष", "ज्ञ", "त्र", "श्र", "द्ध", "ट्र"])
def test_conjuncts_are_joined(word_picture, conjunct):
    first, halant, last = conjunct
    apart = f"{first}{halant}\u200c{last}"
    assert word_picture(conjunct).width < word_picture(apart).width


def test_short_i_stands_before_its_consonant(word_picture):
    alone, with_vowel = word_picture("प"), word_picture("पि")
    below_the_bar = with_vowel.height - alone.height + 40
    stem = with_vowel.crop((0, below_the_bar, with_vowel.width // 4, with_vowel.height))
    consonant = with_vowel.crop(
        (with_vowel.width - alone.width, below_the_bar, with_vowel.width, with_vowel.height)
    )
    difference = ImageChops.difference(consonant, alone.crop((0, 40, alone.width, alone.height)))
    assert ImageStat.Stat(difference).mean[0] < 8
    assert ImageStat.Stat(stem).mean[0] > 40


def test_markup_in_text_stays_text(word_picture):
    assert word_picture("#x").width > word_picture("x").width
    assert word_picture("*x*").width > word_picture("x").width


def test_other_sizes_are_drawn_at_that_size(tmp_path, font_dir):
    source = tmp_path / "word.typ"
    source.write_text(WORD)
    png = render_png(source, payload={"word": "a"}, pixels=360, font_dir=font_dir)
    assert Image.open(io.BytesIO(png)).size == (360, 360)


def test_threads_draw_what_one_thread_draws(tmp_path, font_dir):
    source = tmp_path / "word.typ"
    source.write_text(WORD)
    words = [f"शब्द {number}" for number in range(6)]

    def draw(word: str) -> bytes:
        return render_png(source, payload={"word": word}, font_dir=font_dir)

    alone = [draw(word) for word in words]
    together: dict[str, bytes] = {}
    threads = [
        threading.Thread(target=lambda word=word: together.setdefault(word, draw(word)))
        for word in words
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[word] for word in words] == alone


def test_a_pdf_repeats_byte_for_byte(tmp_path, font_dir):
    source = tmp_path / "word.typ"
    source.write_text(WORD)
    first = render_pdf(source, payload={"word": "पावती"}, font_dir=font_dir)
    assert first.startswith(b"%PDF-")
    assert render_pdf(source, payload={"word": "पावती"}, font_dir=font_dir) == first


def test_a_template_cannot_read_outside_its_folder(tmp_path, font_dir):
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "templates"
    folder.mkdir()
    source = folder / "nosy.typ"
    source.write_text('#read("../secret.txt")')
    with pytest.raises(DocumentError, match=r"nosy\.typ"):
        render_pdf(source, payload={}, font_dir=font_dir)


def test_two_pages_are_no_picture(tmp_path, font_dir):
    source = tmp_path / "long.typ"
    source.write_text("a #pagebreak() b")
    with pytest.raises(DocumentError, match="2 pages"):
        render_png(source, payload={}, font_dir=font_dir)


@pytest.mark.parametrize("name", ["../photo.jpg", "photo.typ", "a/b.jpg", ".jpg", "photo.jpg\n"])
def test_a_file_name_that_could_leave_the_folder_is_refused(tmp_path, font_dir, owner_photo, name):
    source = tmp_path / "word.typ"
    source.write_text(WORD)
    with pytest.raises(DocumentError, match="may not be called"):
        render_png(source, payload={"word": "a"}, files={name: owner_photo}, font_dir=font_dir)


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='x'/>", b"\xff\xd8\xff\xe0 not really"])
def test_what_is_no_photo_is_refused_by_field(tmp_path, font_dir, content):
    source = tmp_path / "word.typ"
    source.write_text(WORD)
    with pytest.raises(UnreadablePhoto) as caught:
        render_png(source, payload={"word": "a"}, files={"photo.jpg": content}, font_dir=font_dir)
    assert caught.value.field == "photo"
