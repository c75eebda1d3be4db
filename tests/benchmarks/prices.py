"""What AWS asks, in USD, in us-east-1: one table, as of the date below and to the authors' knowledge.

The list was not read from AWS by a program: before you decide by a figure, compare the rows that carry it with the
price pages of your region, and set what differs with `--price name=USD`. No free tier is taken off. A Lambda mapping is
not charged for reading the stream; what DynamoDB and SNS ask of KMS, cents a month, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

AS_OF = "2025-11"


@dataclass(frozen=True)
class Price:
    """USD for one `unit`. `sure` is False where a rule or a figure should be looked up before it is relied on."""

    usd: float
    unit: str
    sure: bool = True
    note: str = ""


MILLION = 1e-6
PRICES: dict[str, Price] = {
    "api_request": Price(1.00 * MILLION, "request to the HTTP API, to 512 KB"),
    "lambda_request": Price(0.20 * MILLION, "invocation"),
    "lambda_gb_second": Price(0.0000133334, "GB-second on arm64"),
    "dynamodb_write": Price(0.625 * MILLION, "write request unit, on demand", note="since November 2024"),
    "dynamodb_read": Price(0.125 * MILLION, "read request unit, on demand", note="since November 2024"),
    "dynamodb_gb_month": Price(0.25, "GB-month in the table and its indexes"),
    "dynamodb_backup_gb_month": Price(0.20, "GB-month under point-in-time recovery"),
    "sqs_request": Price(0.40 * MILLION, "request of 64 KB, standard queue"),
    "sns_publish": Price(0.50 * MILLION, "notice published", False, "each of a batch counted, which may be too many"),
    "sns_email": Price(20.0 * MILLION, "mail delivered"),
    "log_gb": Price(0.50, "GB of log lines taken in"),
    "log_gb_month": Price(0.03, "GB-month of logs kept", False, "charged compressed; counted whole"),
    "custom_metric": Price(0.30, "custom metric and month, by the hours it has data"),
    "route_metric": Price(0.30, "route's metric and month", False, "detailed metrics of the API, as custom metrics"),
    "alarm": Price(0.10, "alarm and month"),
    "dashboard": Price(3.00, "dashboard and month"),
    "secret": Price(0.40, "secret and month"),
    "secret_call": Price(5.0 * MILLION, "call of Secrets Manager"),
    "kms_request": Price(3.0 * MILLION, "request to KMS"),
    "schedule": Price(1.00 * MILLION, "run of a schedule"),
    "traffic_gb": Price(0.09, "GB out to the internet"),
    "small_server": Price(30.37, "t4g.medium and month", note="0.0416 an hour"),
    "server_disk_gb_month": Price(0.08, "GB-month of gp3"),
    "load_balancer": Price(22.27, "month of an ALB, with one capacity unit"),
}


def chosen(given: Iterable[str]) -> dict[str, float]:
    """USD by name, with what was given as `name=USD`. Raises ValueError for a name nobody knows or no number."""
    found = {name: price.usd for name, price in PRICES.items()}
    for text in given:
        name, equals, usd = text.partition("=")
        if name not in found or not equals:
            raise ValueError(f"{text}: give name=USD; names are {', '.join(PRICES)}")
        found[name] = float(usd)
        if not found[name] >= 0:
            raise ValueError(f"{text}: a price is zero or more")
    return found


def table(usd: dict[str, float]) -> str:
    lines = [f"prices, USD, us-east-1, as of {AS_OF}"]
    for name, price in PRICES.items():
        doubt = "" if price.sure else " (look it up)"
        note = f"; {price.note}" if price.note else ""
        lines.append(f"  {name:26}{usd[name]:>15.10f}  a {price.unit}{note}{doubt}")
    return "\n".join(lines)
