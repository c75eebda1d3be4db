"""WeChat Official Accounts."""

from __future__ import annotations

import base64
import json
import secrets as randomness
import string
from datetime import datetime
from html import escape
from urllib.parse import urlencode

from heed.platforms import Request, Secret, signatures
from infra.heedctl.senders.common import compact, number, post

written = compact


def secret(safe: bool = True) -> Secret:
    """A fresh token and, `safe`, the key and appid of the encrypted mode."""
    letters = string.ascii_letters + string.digits
    key = base64.b64encode(randomness.token_bytes(32)).decode().rstrip("=")
    sealed = {"encoding_aes_key": key, "appid": f"wx{randomness.token_hex(8)}"}
    return {"token": "".join(randomness.choice(letters) for _ in range(24)), **(sealed if safe else {})}


def handshake(platform: str, secret: Secret, challenge: str, *, at: datetime, nonce: str = "4150707") -> Request:
    timestamp = str(int(at.timestamp()))
    query = {
        "signature": signatures.sorted_sha1(secret["token"], timestamp, nonce),
        "echostr": challenge,
        "timestamp": timestamp,
        "nonce": nonce,
    }
    return Request("GET", urlencode(query), {}, b"")


def text(platform: str, secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    return wechat_text(secret, text, customer=customer, at=at, id=id)


def wechat_text(secret: Secret, text: str, *, customer: str, at: datetime, id: str | None = None) -> Request:
    """A customer's text, as XML."""
    return sign("wechat", secret, wechat_xml(customer, at, "text", Content=text, MsgId=id or number()), at=at)


def wechat_xml(customer: str, at: datetime, kind: str, **extra: str) -> bytes:
    """A WeChat body of any MsgType; `extra` fields are written as they are named."""
    named = {"ToUserName": "gh_heed00000001", "FromUserName": customer, "CreateTime": str(int(at.timestamp()))}
    every = {**named, "MsgType": kind, **extra}
    return (
        "<xml>" + "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in every.items()) + "</xml>"
    ).encode()


def sign(platform: str, secret: Secret, body: bytes, *, at: datetime, delivery_id: str = "") -> Request:
    """Signed, and in safe mode if the secret holds an encoding_aes_key; `delivery_id` is the nonce."""
    nonce = delivery_id or str(randomness.randbelow(10**9))
    timestamp = str(int(at.timestamp()))
    query = {
        "signature": signatures.sorted_sha1(secret["token"], timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    content_type = "text/xml" if body.startswith(b"<") else "application/json"
    if "encoding_aes_key" not in secret:
        return post(body, urlencode(query), {}, content_type)
    sealed = seal(body, secret["encoding_aes_key"], secret["appid"])
    query["encrypt_type"] = "aes"
    query["msg_signature"] = signatures.sorted_sha1(secret["token"], timestamp, nonce, sealed)
    if content_type == "text/xml":
        envelope = f"<xml><ToUserName>gh_heed00000001</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
    else:
        envelope = json.dumps({"ToUserName": "gh_heed00000001", "Encrypt": sealed})
    return post(envelope.encode(), urlencode(query), {}, content_type)


def seal(body: bytes, encoding_aes_key: str, appid: str) -> str:
    """WeChat's encryption: random(16), length(4), body, appid, PKCS7 to 32; AES-256-CBC, iv = key[:16]; base64."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = base64.b64decode(encoding_aes_key + "=")
    plain = randomness.token_bytes(16) + len(body).to_bytes(4, "big") + body + appid.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()
