"""A picture file as a PDF whose pages are pictures, so that a photographed letter is read as a scanned one is."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from index.errors import ReadError

if TYPE_CHECKING:
    from PIL.Image import Image

WORDLESS = "a picture with hardly any words on it"
SMALL = "a picture too small for a text"
SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp")
_SMALLEST = 40, 120  # pixels, the shorter and the longer side: what is smaller is an icon
_QUALITY = 90


def to_pdf(data: bytes) -> bytes:
    """Turn a picture into a PDF of one page; a TIFF with several into as many.

    Raises ReadError when it is damaged, or too small or too large for a page of text.
    """
    from PIL import Image, ImageSequence, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(BytesIO(data)) as picture:
                shorter, longer = sorted(picture.size)
                if shorter < _SMALLEST[0] or longer < _SMALLEST[1]:
                    raise ReadError(SMALL)
                frames = ImageSequence.Iterator(picture) if picture.format == "TIFF" else iter([picture])
                file = BytesIO()
                _plain(next(frames)).save(
                    file, "PDF", save_all=True, append_images=map(_plain, frames), quality=_QUALITY
                )
                return file.getvalue()
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise ReadError("too large a picture: save it smaller") from None
        except UnidentifiedImageError:
            raise ReadError("damaged, or not a picture") from None
        except (OSError, SyntaxError, ValueError) as error:
            raise ReadError(f"damaged picture: {error}") from None


def _plain(picture: Image) -> Image:
    """Turn a picture as its camera was turned, and put what can be seen through on white."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(picture)
    if turned.mode.startswith("I"):  # 16 bits a pixel, which converting would cut off
        return turned.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if not turned.has_transparency_data:
        return turned.convert("L" if turned.mode in ("1", "L") else "RGB")
    seen = turned.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
