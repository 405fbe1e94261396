"""The workshop's data: from other people's data sets to tables, and from tables to what nets are shown.

Into a table: ``collect`` and ``crawl`` fetch, ``sources`` reads and writes formats, ``table`` is what all become.
Of a table: ``check``, ``mend``, ``stats``, ``split``, ``duplicates``, ``oversample``, ``sampling``, ``view``.
Of photos: ``images`` reads, ``augment``, ``detection``, ``mix`` and ``prepare`` vary them. Drawn by code: ``paint`` on
real cloth; ``negatives``, of ``pages``, ``surfaces``, ``creatures`` and ``studio``.
"""
