"""Promises: business calendars and the clocks that run on them."""

from heed.sla.calendars import Calendar, Unbounded

__all__ = ["Calendar", "Unbounded"]
