"""COCO instances (Lin et al. 2014) with Fashionpedia's attributes (Jia et al. 2020): one JSON file a split.

Carries everything a table has. What COCO has no field for (split, group, source, labels, tags, masks) stands under the
key "meot" of the file, its images and its annotations, where other readers pass over it. Two things change on the
way: an object with polygons and no box gets the box around them, and run-length masks become polygons along the
pixels' edges that fill to the same mask. Categories are renumbered from 1; their names are kept.

Not read: key points, captions, panoptic segments.
"""

from meot.data.sources.coco.incoming import read
from meot.data.sources.coco.outgoing import CARRIES, write

__all__ = ["CARRIES", "read", "write"]
