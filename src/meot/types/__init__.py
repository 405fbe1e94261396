"""The values that travel between the steps. All frozen; arrays are never changed after they are put in.

Conventions, stated once: photos are RGB ``(H, W, 3) uint8``, upright. Boxes are ``xyxy`` in float pixels of
``Photo.pixels``; what leaves the product (JSON, region map files) is in pixels of the upright original. Region maps
are ``(H, W) uint8`` of the taxonomy's region values. Vectors are ``(D,) float32`` of unit length. Scores are
calibrated probabilities in 0..1.
"""

from __future__ import annotations

from meot.types.look import LOOK_SCHEMA, Box, Garment, Label, Look, Photo, Shade, category_names, kind_json
from meot.types.product import Filters, Match, Offer, Price, Product
from meot.types.reading import Own, Reader, Taught

__all__ = [
    "LOOK_SCHEMA",
    "Box",
    "Filters",
    "Garment",
    "Label",
    "Look",
    "Match",
    "Offer",
    "Own",
    "Photo",
    "Price",
    "Product",
    "Reader",
    "Shade",
    "Taught",
    "category_names",
    "kind_json",
]
