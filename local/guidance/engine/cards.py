"""QR cards for the counter: a link as a scalable picture (ISO/IEC 18004)."""

import segno

QUIET_MODULES = 4
ERROR_CORRECTION = "q"  # a quarter of the code may be scratched or covered


def qr_svg(link: str) -> str:
    """An inline SVG without a size of its own; presentation attributes only, as the CSP wants."""
    code = segno.make(link, error=ERROR_CORRECTION, micro=False)
    return code.svg_inline(
        border=QUIET_MODULES,
        light="#fff",
        dark="#000",
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
