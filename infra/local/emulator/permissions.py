"""Batch calls need the permission of their single call, as in AWS; ministack asks for one that AWS does not have."""

from typing import Any

from ministack.core import iam_actions  # type: ignore[import-not-found]

# Service Authorization Reference: these operations have no action of their own.
BATCHES = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
}


def install() -> None:
    extract = iam_actions.extract_iam_action

    def extract_single(*args: Any, **more: Any) -> Any:
        action = extract(*args, **more)
        return BATCHES.get(action, action)

    iam_actions.extract_iam_action = extract_single
