"""The quick check of the portal's own tokens decides as PyJWT does; run by the assistant's interpreter."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import jwt
from rekey_assistant.tokens import AUDIENCE, Refused, Replayed, TokenCheck

KEY, OTHER, BODY, NOW = "k" * 43, "o" * 43, b"{}", 1_000_000
CLAIMS: dict[str, Any] = {
    "iat": NOW,
    "exp": NOW + 60,
    "jti": "one~?>",
    "sub": "conversation",
    "aud": AUDIENCE,
    "bh": hashlib.sha256(BODY).hexdigest(),
}
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"aud": "other"},
    {"aud": [AUDIENCE, "other"]},
    {"aud": None},
    {"sub": 1},
    {"sub": None},
    {"jti": 1},
    {"bh": "0" * 64},
    {"bh": None},
    {"iat": NOW - 61},
    {"iat": NOW + 61, "exp": NOW + 121},
    {"iat": "x"},
    {"exp": NOW},
    {"exp": NOW + 61},
    {"exp": float("nan")},
    {"nbf": NOW + 10**10},
    {"nbf": 1},
    {"more": "密"},
)


class ByPyJwt(TokenCheck):
    """Asks PyJWT for every token."""

    def _usual(self, token: str) -> None:  # noqa: ARG002  the method that is replaced
        return None


def _said(check: TokenCheck, header: str) -> str:
    try:
        return check.check(header, BODY)
    except (Refused, Replayed) as refused:
        return type(refused).__name__


def _checks() -> tuple[TokenCheck, TokenCheck]:
    return TokenCheck(KEY, lambda: NOW), ByPyJwt(KEY, lambda: NOW)


def _part(value: object, separators: tuple[str, str] | None = None) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=separators).encode()).rstrip(b"=").decode()


def _signed(words: str, key: str = KEY) -> str:
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        words.encode(), key.encode()
    )
    return f"{words}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def tokens() -> list[str]:
    """Return good and bad tokens: claims, headers, signatures and forms of every kind."""
    good = jwt.encode(CLAIMS, KEY, algorithm="HS256")
    head, payload, signature = good.split(".")
    none = _part({"alg": "none", "typ": "JWT"})
    return [
        *(jwt.encode(CLAIMS | change, KEY, algorithm="HS256") for change in CHANGES),
        *(
            jwt.encode({k: v for k, v in CLAIMS.items() if k != name}, KEY, algorithm="HS256")
            for name in CLAIMS
        ),
        jwt.encode(CLAIMS, OTHER, algorithm="HS256"),
        jwt.encode(CLAIMS, KEY, algorithm="HS512"),
        jwt.encode(CLAIMS, KEY, algorithm="HS256", headers={"kid": "1"}),
        _signed(f"{_part({'typ': 'JWT', 'alg': 'HS256'}, separators=(', ', ': '))}.{payload}"),
        _signed(f"{head}.{_part([1])}"),
        _signed(f"{head}.{_part('x')}"),
        _signed(f"{head}.{payload}=="),
        _signed(f"{head}.{payload[:9]}.{payload[9:]}"),
        _signed(f"{head}.{payload[:9]}+{payload[9:]}"),
        _signed(f"{head}.{payload}x"),
        _signed(f"{head}."),
        _signed(f"{none}.{payload}"),
        f"{none}.{payload}.",
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature}=",
        f"{head}.{payload}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        f"{head}.{payload}.{signature[:20]}密",
        f"{head}.{payload}",
        f"{head}..{signature}",
        "",
        "..",
        good,
    ]


def both_decide_the_same() -> None:
    """Accepted, refused and replayed are the same tokens, and both kinds of answer occur."""
    quick, slow = _checks()
    said = [[_said(check, f"Bearer {token}") for token in tokens()] for check in (quick, slow)]
    assert said[0] == said[1], [each for each in zip(tokens(), *said, strict=True) if each[1] != each[2]]
    assert set(said[0]) == {"conversation", "Refused", "Replayed"}
    assert said[0][-1] == "Replayed"  # the first of the list, again


def only_the_usual_token_is_taken_quickly() -> None:
    """The portal's token needs no PyJWT; another key, algorithm or claim goes to it."""
    check = _checks()[0]
    assert check._usual(jwt.encode(CLAIMS, KEY, algorithm="HS256")) == CLAIMS
    for token in tokens()[1:-1]:
        claims = check._usual(token)
        assert claims is None or claims.keys() == CLAIMS.keys()
    for odd in (
        jwt.encode(CLAIMS, OTHER, algorithm="HS256"),
        jwt.encode(CLAIMS | {"nbf": 1}, KEY, algorithm="HS256"),
    ):
        assert check._usual(odd) is None


if __name__ == "__main__":
    both_decide_the_same()
    only_the_usual_token_is_taken_quickly()
