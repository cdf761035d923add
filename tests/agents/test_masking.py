"""Secrets and terminal tricks in what agents say."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.agents.masking import EXCERPT_BYTES, Mask, cut

SECRET = 'p/ss "wörd"'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        'p/ss \\"wörd\\"',
        'p/ss \\"w\\u00f6rd\\"',
    ],
)
def test_a_secret_is_hidden_in_every_form_it_travels_in(form: str) -> None:
    assert Mask([SECRET]).text(f"before {form} after").startswith("before ***")
    assert form not in Mask([SECRET]).text(f"before {form} after")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        ('{"password": "hunter22"}', '{"password": "***"}'),
        ("api_key=abcd1234&x=1", "api_key=***&x=1"),
        ("postgres://ana:hunter22@db/x", "postgres://ana:***@db/x"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_what_looks_like_a_credential_is_hidden_too(said: str, shown: str) -> None:
    assert Mask().text(said) == shown


def test_a_secret_cut_in_two_at_the_end_of_what_is_kept_is_not_shown() -> None:
    secret = "abcdefghij" * 300
    body = b"x" * 7000 + secret.encode()
    shown = Mask([secret]).excerpt(b"y" * 100 + body) or ""
    assert "abcdefghij" not in shown
    early = Mask([secret]).excerpt(b"z" * 6000 + secret.encode()[:2100] + b"w" * 5000) or ""
    assert len(early.encode()) <= EXCERPT_BYTES


def test_nothing_has_no_excerpt() -> None:
    assert Mask().excerpt(b"") is None


@given(st.text(), st.integers(3, 50))
def test_cutting_keeps_to_the_bytes_and_to_whole_characters(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short.encode("utf-8", "replace")) <= most
    assert short == text or short.endswith("…")


@given(st.binary(max_size=9000), st.text(alphabet="abcXYZ0189-_/+", min_size=4, max_size=40))
def test_no_excerpt_is_long_or_holds_the_secret(noise: bytes, secret: str) -> None:
    body = noise + secret.encode() + noise
    shown = Mask([secret]).excerpt(body) or ""
    assert len(shown.encode()) <= EXCERPT_BYTES
    assert secret not in shown or secret in "***"
    assert not any(letter < " " and letter not in "\t\n" for letter in shown)
