"""Readable colours from whatever two colours an owner likes.

Contrast is WCAG 2.2 (relative luminance, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
Lightening and darkening happen in OKLCH, which keeps the hue
(https://bottosson.github.io/posts/oklab/).
"""

import math
import re
from dataclasses import asdict, dataclass

READABLE = 4.5
VISIBLE = 3.0
DECORATIVE = 1.25  # ornament that carries no meaning
MOST_CHROMA = 0.19  # beyond this a large field glares on a phone
MOST_DARKENING = 0.3  # yellow darkened further is olive, pink is brown
HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\Z")

Lch = tuple[float, float, float]  # lightness 0-1, chroma 0-0.4, hue in radians


@dataclass(frozen=True)
class Palette:
    """Colours of one poster, '#rrggbb'. `x_on_y` reads on `y` with at least 4.5:1.

    field: the owner's colour, tamed for a large area; its two shades, for shapes under text,
    move away from the text colour. paper: a near-white tint. ink: a near-black shade. hush: a
    muted dark ground for solemn days. accent: the second colour, visible (3:1) on the field;
    `accent_on_paper` is for ornament only.
    """

    field: str
    field_shade: str
    field_shade_more: str
    on_field: str
    accent: str
    on_accent: str
    accent_on_field: str
    paper: str
    paper_deep: str
    ink: str
    ink_soft: str
    field_on_paper: str
    accent_on_paper: str
    hush: str
    hush_light: str
    on_hush: str


def palette(primary: str, accent: str) -> Palette:
    """The poster colours for two owner's colours; an unreadable value counts as our indigo."""
    base = _lch(_hex_or(primary, "#3f3d9b"))
    second = _lch(_hex_or(accent, "#f2a516"))
    lightness, chroma, hue = base
    field_lch = (min(max(lightness, 0.24), 0.93), min(chroma, MOST_CHROMA), hue)
    field = _hex(field_lch)
    paper = _hex((0.975, min(chroma, 0.012), hue))
    ink = _hex((0.2, min(chroma, 0.045), hue))
    on_field = readable_on(field, ink)
    away = -1 if on_field == "#ffffff" else 1
    hush = _hex((0.27, min(chroma, 0.035), hue))
    accent_lch = (min(max(second[0], 0.3), 0.95), min(second[1], MOST_CHROMA), second[2])
    accent_colour = contrasting(_hex(accent_lch), field, VISIBLE)
    return Palette(
        field=field,
        field_shade=_hex((field_lch[0] + away * 0.05, field_lch[1], hue)),
        field_shade_more=_hex((field_lch[0] + away * 0.1, field_lch[1], hue)),
        on_field=on_field,
        accent=accent_colour,
        on_accent=readable_on(accent_colour, ink),
        accent_on_field=contrasting(accent_colour, field, READABLE),
        paper=paper,
        paper_deep=_hex((0.93, min(chroma, 0.03), hue)),
        ink=ink,
        ink_soft=_hex((0.42, min(chroma, 0.04), hue)),
        field_on_paper=_lettering(field, paper, ink),
        accent_on_paper=contrasting(_hex(accent_lch), paper, DECORATIVE),
        hush=hush,
        hush_light=_hex((0.4, min(chroma, 0.04), hue)),
        on_hush=_hex((0.95, min(chroma, 0.012), hue)),
    )


def palette_fields(primary: str, accent: str) -> dict[str, str]:
    return asdict(palette(primary, accent))


def contrast_ratio(one: str, other: str) -> float:
    """1.0 (equal) to 21.0 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(background: str, ink: str = "#000000") -> str:
    """White where it reads, else the ink, else black; black or white always reaches 4.5:1."""
    for text in ("#ffffff", ink):
        if contrast_ratio(text, background) >= READABLE:
            return text
    return "#000000"


def contrasting(colour: str, background: str, ratio: float) -> str:
    """The colour nearest to `colour`, of its hue, with at least that contrast to `background`."""
    if contrast_ratio(colour, background) >= ratio:
        return colour
    lightness, chroma, hue = _lch(colour)
    for step in range(1, 51):
        for moved in (lightness + step * 0.02, lightness - step * 0.02):
            if 0 <= moved <= 1:
                candidate = _hex((moved, chroma * (1 - step / 100), hue))
                if contrast_ratio(candidate, background) >= ratio:
                    return candidate
    return readable_on(background)


def _lettering(colour: str, paper: str, ink: str) -> str:
    """The colour made dark enough for words on paper; ink where that would turn it to mud."""
    darkened = contrasting(colour, paper, READABLE)
    return ink if _lch(colour)[0] - _lch(darkened)[0] > MOST_DARKENING else darkened


def _hex_or(colour: str, fallback: str) -> str:
    found = HEX.match((colour or "").strip())
    if not found:
        return fallback
    digits = found.group(1)
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits)).lower()


def _channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lch(colour: str) -> Lch:
    red, green, blue = map(_linear, _channels(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _hex(lch: Lch) -> str:
    """The sRGB colour; chroma is reduced until the colour exists on a screen."""
    lightness, chroma, hue = lch
    lightness = min(max(lightness, 0.0), 1.0)
    for step in range(21):
        channels = _rgb(lightness, chroma * (1 - step / 20), hue)
        if all(-0.0005 <= channel <= 1.0005 for channel in channels):
            break
    return "#" + "".join(
        f"{round(255 * _encoded(min(max(channel, 0.0), 1.0))):02x}" for channel in channels
    )


def _rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
