"""The process that watches over those that answer: it starts them, and replaces one that dies."""

from __future__ import annotations

from uvicorn.supervisors import Multiprocess


class Processes(Multiprocess):
    """uvicorn's own, that sees at once when a process dies which was just asked whether it lives.

    uvicorn keeps the far end of its pipe to a process open, so that a process that dies owing an answer looks like one
    that is slow to give it: ``timeout_worker_healthcheck`` long it is not replaced, and a request to stop is not heard.
    """

    def keep_subprocess_alive(self) -> None:
        """Replace what has died or is silent; called every half second."""
        for process in self.processes:
            process.child_conn.close()  # the started process has its own; once it is gone, so is the pipe's far end
        super().keep_subprocess_alive()
