"""Finding products by words: Korean and English, whole words and parts, other names, slips of the keyboard."""

from meot.catalogue.words.follow import sync
from meot.catalogue.words.index import MOST_HITS, WordIndex
from meot.catalogue.words.ranking import Hits
from meot.catalogue.words.tokens import Fields

__all__ = ["MOST_HITS", "Fields", "Hits", "WordIndex", "sync"]
