"""Photos for training, gathered from web pages that allow it, with where each came from and what is said of its rights.

``run`` starts the crawl in a process of its own (``__main__``); there ``spider`` asks for pages and pictures with
Scrapy, ``hosts`` and ``manners`` decide what is asked and when, ``page`` and ``notes`` read what came, ``collection``
keeps what is new, and ``trail`` remembers how far an unfinished run got. Needs the collect extra.
"""
