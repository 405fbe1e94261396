"""Listings for sellers: photos come back as drafts that a shop can import.

``group`` says which photos show one product, ``reading`` keeps what was read from each, ``evidence`` makes one answer
of several photos, ``facts`` takes what the seller says, ``draft`` puts them together, ``wording`` writes, ``item`` and
``outgoing`` hand over to ``catalogue.export``; ``desk`` does it for many products, ``correct`` takes corrections.
"""
