"""The process of one crawl: a plan as a line on standard input, events as lines on standard output.

Twisted's reactor can run once in a process, so each crawl has its own. SIGINT ends it after what is under way.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from meot.data.crawl.collection import STATE, Collection, alone
from meot.data.crawl.plan import Plan
from meot.data.crawl.trail import Trail
from meot.errors import DataError


def say(event: dict[str, Any]) -> None:
    """Tell the process that waits; when it is gone, end at once."""
    try:
        print(json.dumps(event), flush=True)
    except OSError:
        os._exit(1)


def crawl(plan: Plan) -> None:
    """Run a plan to its end, or until it is stopped, and write the table. OSError for a full disk."""
    collection = Collection(plan=plan)
    say({"begin": collection.count})
    finished = collection.full or _asked(plan, collection)
    say({"end": finished, "photos": collection.count, "table": str(collection.write_table())})


def _asked(plan: Plan, collection: Collection) -> bool:
    """Ask the web; whether all was asked that the plan wants. What broke a callback is raised here."""
    from scrapy import Spider, signals
    from scrapy.crawler import CrawlerProcess
    from twisted.python.failure import Failure

    from meot.data.crawl.spider import PhotoSpider, settings_for

    trail = Trail(file=plan.folder / STATE / f"{plan.digest}.jsonl")
    process = CrawlerProcess(settings_for(plan))
    crawler = process.create_crawler(PhotoSpider)
    reasons: list[str] = []
    broken: list[BaseException] = []

    def stop(failure: Failure, spider: Spider) -> None:
        broken.append(failure.value or RuntimeError("the crawl broke"))
        crawler.engine.close_spider(spider, "broken")

    crawler.signals.connect(stop, signals.spider_error, weak=False)
    crawler.signals.connect(lambda reason: reasons.append(reason), signals.spider_closed, weak=False)
    process.crawl(crawler, plan=plan, collection=collection, trail=trail, say=say)
    process.start()
    if broken:
        raise broken[0]
    finished = reasons in (["finished"], ["enough"])
    if finished:
        trail.finish()
    return finished


def main() -> int:
    """The exit status: 0 when all went well; else an event says in one sentence what did not."""
    plan = Plan.from_json(sys.stdin.readline())
    try:
        with alone(plan.folder):
            crawl(plan)
    except KeyboardInterrupt:
        return 130
    except DataError as error:
        say({"broken": str(error)})
        return 2
    except OSError as error:
        where = error.filename or plan.folder
        say({"broken": f"{where}: {error.strerror or error}; mend that and run it again: it goes on where it was"})
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
