"""Schedules are swept each second instead of every ten; delayed messages are seen within a tenth of a second."""

import threading
import time

from ministack.core.concurrency import esm_wake  # type: ignore[import-not-found]
from ministack.services import eventbridge, scheduler  # type: ignore[import-not-found]


def wake_the_pollers() -> None:
    while True:
        time.sleep(0.1)
        esm_wake.set()


def install() -> None:
    scheduler._SCHEDULE_TICK_INTERVAL = eventbridge._SCHEDULER_TICK_INTERVAL = 1
    threading.Thread(target=wake_the_pollers, daemon=True).start()
