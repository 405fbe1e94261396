"""The demonstration: a catalogue drawn by code, and a page that shows what was read and found."""

from meot.demo.catalogue import draw_catalogue as draw_catalogue
from meot.demo.catalogue import draw_query as draw_query
