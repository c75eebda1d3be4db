"""What HTML says: no tag, no script, lines where a person sees lines, and never slowly."""

import time
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heed.model import AttachmentKind
from heed.platforms import fields, markup


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (None, ""),
        ("", ""),
        ("<p>still broken</p>", "still broken"),
        ("<P>a</P>\n<p>b</p>", "a\nb"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
        ("<p></p><p> </p>a", "a"),
        ("in<b>si</b>de  and\nout", "inside and out"),
        ("a&nbsp;&amp;&#32;&lt;b&gt; &#x1F600; &notit;", "a & <b> 😀 ¬it;"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ("<script>alert(1)</script>hi<style>p{}</style>", "hi"),
        ("<SCRIPT src=x>alert('</p>')</SCRIPT >hi", "hi"),
        ("hi<script>never closed", "hi"),
        ("<title>t</title><template><p>u</p></template>hi", "hi"),
        ("a<!-- <b>x</b> -->b<!-- never closed", "ab"),
        ("<!DOCTYPE html><?php x ?>a", "a"),
        ('<a href="x" title="1 > 2">link</a> 5 < 6 > 4', "link 5 < 6 > 4"),
        ("<scripture>a</scripture>", "a"),
        ("&#0;&#xD800;&#99999999;", "\ufffd\ufffd\ufffd9;"),
        ("&#" + "9" * 5000 + ";", "\ufffd" + "9" * 4993 + ";"),
    ],
)
def test_a_piece_of_html_says(html, text):
    assert markup.read(html).text == text


@pytest.mark.parametrize(
    ("attributes", "address"),
    [
        (' src="https://q.example/?a=1&amp;b=2"', "https://q.example/?a=1&b=2"),
        (" alt='a > b' src='http://q.example/a'", "http://q.example/a"),
        (" SRC=https://q.example/a alt=x", "https://q.example/a"),
        (' data-src="https://q.example/a"', None),
        (' src="javascript:alert(1)"', None),
        (' src="data:image/png;base64,AA"', None),
        (" src", None),
        ("", None),
    ],
)
def test_an_image_is_an_attachment_if_its_address_is_one(attributes, address):
    said = markup.read(f"<p>a<img{attributes}>b</p>")
    assert said.text == "ab"
    assert [(one.kind, one.reference) for one in said.images] == ([(AttachmentKind.IMAGE, address)] if address else [])


def test_there_are_only_so_many_images_and_words():
    said = markup.read('<img src="https://q.example/a">' * 99 + "x" * 99_999)
    assert len(said.images) == fields.ATTACHMENT_LIMIT
    assert len(said.text) == fields.TEXT_LIMIT


def test_what_is_no_text_is_misread():
    with pytest.raises(fields.Misread, match="text"):
        markup.read(["<p>"])


@given(st.text(max_size=300))
def test_what_was_escaped_comes_back_as_it_was_said(text):
    assert markup.read(f"<p>{escape(text)}</p>").text.split() == fields.text(text).split()


@given(st.lists(st.sampled_from(["<", ">", "</", "<p", "<script", "&", "&#", "9", "x", '"', "'", "<!--", "-->", " "])))
def test_whatever_the_pieces_no_whole_tag_of_a_script_is_left(pieces):
    assert "<script>" not in markup.read("".join(pieces)).text


HOSTILE = [
    "<",
    "<a ",
    "<!--",
    "<!",
    "<?",
    "&",
    "&#",
    "</",
    "<a b='",
    "<script>",
    "<title ",
    "<a \"'",
    "<img src=",
    "<div>",
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("end", ["", ">", "'>", "-->", "</title "])
def test_no_page_takes_long(piece, end):
    started = time.process_time()
    markup.read(piece * (markup.LIMIT // len(piece)) + end)
    assert time.process_time() - started < 2
