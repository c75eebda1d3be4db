"""One incident is one page: which notices go out at once, which are withheld, and when a digest tells those. Pure.

A notice passes `gates`. Each gate has a bundle in the table, which lets the first few of a window pass and gathers the
rest; when the window is over, its digest tells them together. `bundles` is how a bundle lives, `porter` who decides.
"""

from heed.noise.bundles import due_at, key_of, lived, to_announce, told
from heed.noise.gates import Gate, gates
from heed.noise.porter import Porter, Verdict, Way

__all__ = ["Gate", "Porter", "Verdict", "Way", "due_at", "gates", "key_of", "lived", "to_announce", "told"]
