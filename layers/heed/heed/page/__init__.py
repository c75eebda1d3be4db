"""The small page behind the link of a notice: a case's state and two buttons. Pure, standard library only.

It holds no word and no id of a customer, no script and nothing from elsewhere, so it may be opened by whoever holds a
link, and by the scanners and previews that mail and chat programs send ahead of them.
"""

from heed.page.html import POLICY as CONTENT_SECURITY_POLICY
from heed.page.html import Trouble, page, trouble_page
from heed.page.languages import language_of
from heed.page.shown import Shown, shown

__all__ = ["CONTENT_SECURITY_POLICY", "Shown", "Trouble", "language_of", "page", "shown", "trouble_page"]
