"""WeChat's envelope, which its whole family uses: a body of XML or JSON, sealed in an `Encrypt` field.

`msg_signature` is the sorted SHA-1 of token, timestamp, nonce and the sealed text. Sealed is
random(16), length(4, big-endian), message, receiver, padded by PKCS7 to 32, under AES-256-CBC with iv = key[:16]; the
key is the base64 of EncodingAESKey and "=". The receiver is whom the message is for: an appid, a corp's id.

Rules: WeChat's document 消息加解密说明, WeCom's 回调和回复的加解密方案.
"""

from __future__ import annotations

from heed.platforms import Forged, Secret, Unreadable, fields, signatures

_BLOCK = 32


def opened_body(query: dict[str, str], body: bytes, secret: Secret, receiver: str) -> bytes:
    """The message inside a body that nothing vouches for yet. Raises Forged as `opened` does, and for a clear body."""
    if "msg_signature" not in query:
        raise Forged("unencrypted")
    try:
        sealed = read(body).get("encrypt")
    except Unreadable as error:
        raise Forged("malformed") from error
    if not isinstance(sealed, str):
        raise Forged("unencrypted")
    return opened(query, sealed, secret, receiver)


def opened(query: dict[str, str], sealed: str, secret: Secret, receiver: str) -> bytes:
    """The message in a sealed text: msg_signature first, then the key, then whom it is for.

    `receiver` names the secret's field for that. Raises Forged: unconfigured, signature, encryption, or `receiver`.
    """
    key = signatures.from_base64(secret["encoding_aes_key"] + "=")
    if key is None or len(key) != 32 or receiver not in secret:
        raise Forged("unconfigured")
    expected = signatures.sorted_sha1(secret["token"], query.get("timestamp", ""), query.get("nonce", ""), sealed)
    if not signatures.same(expected, query.get("msg_signature", "")):
        raise Forged("signature")
    message, found = _parts(sealed, key)
    if not signatures.same(found.decode("utf-8", "replace"), secret[receiver]):
        raise Forged(receiver)
    return message


def _parts(sealed: str, key: bytes) -> tuple[bytes, bytes]:
    """The message and its receiver."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    secret_text = signatures.from_base64(sealed)
    if not secret_text or len(secret_text) % 16:
        raise Forged("encryption")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(secret_text) + decryptor.finalize()
    pad = padded[-1]
    # A sealed text signed with our token, so a wrong pad means a wrong key and tells a stranger nothing.
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise Forged("encryption")
    plain = padded[16:-pad]
    end = 4 + int.from_bytes(plain[:4], "big")
    return plain[4:end], plain[end:]


def read(content: bytes) -> dict[str, object]:
    """A body's fields by lower-case name (the documents spell both MsgId and MsgID), from XML or JSON.

    The first byte decides, since the Content-Type does not. Raises Unreadable.
    """
    if content.lstrip()[:1] == b"<":
        return _xml(content)
    return {name.lower(): value for name, value in fields.json_object(content).items()}


def _xml(content: bytes) -> dict[str, object]:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        # As str: a declared encoding other than UTF-8 is then without effect.
        root = fromstring(content.decode(), forbid_dtd=True)
    except UnicodeDecodeError as error:
        raise Unreadable("encoding") from error
    except DefusedXmlException as error:
        raise Unreadable("dtd") from error
    except (ParseError, ValueError) as error:
        raise Unreadable("xml") from error
    found: dict[str, object] = {}
    for child in root:
        found.setdefault(child.tag.lower(), child.text or "")
    return found
