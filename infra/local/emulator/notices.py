"""SNS e-mail and SMS are delivered into a file, one JSON object a line, so that a demo or a test can read them."""

import json
import os
import time
from typing import Any

from ministack.services import sns  # type: ignore[import-not-found]


def deliver(subscription: dict[str, Any], subject: str | None, text: str) -> None:
    notice = {
        "to": subscription["endpoint"],
        "protocol": subscription["protocol"],
        "subject": subject,
        "text": text,
        "at": time.time(),
    }
    with open(os.environ["HEED_MAIL_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(notice) + "\n")


def install() -> None:
    fanout = sns._fanout

    def fanout_and_deliver(
        topic_arn: str,
        message_id: str,
        message: str,
        subject: str | None,
        structure: str = "",
        attributes: dict[str, Any] | None = None,
        **more: Any,
    ) -> Any:
        topic = sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
        for subscription in topic["subscriptions"]:
            text = sns._resolve_message_for_protocol(message, structure, subscription["protocol"])
            if subscription["protocol"] in ("email", "email-json", "sms") and sns._matches_filter_policy(
                subscription, attributes or {}, text
            ):
                deliver(subscription, subject, text)
        return fanout(topic_arn, message_id, message, subject, structure, attributes, **more)

    sns._fanout = fanout_and_deliver
