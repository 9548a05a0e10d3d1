"""How a complete reply looks."""

from __future__ import annotations

import pytest

from chatapp.markdown import render
from tests.chatapp.markdown_dom import parse

LINK = 'target="_blank" rel="noopener noreferrer nofollow ugc"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one  \ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo\n", "<p>one</p><p>two</p>"),
        ("**b** *i* ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>"),
        ("# One\n###### Six ##", "<h3>One</h3><h6>Six</h6>"),
        ("para\n---\n", "<p>para</p><hr>"),
        ("para\n===\n", "<p>para<br>\n===</p>"),
        ("From $5 to $9 and $x$", "<p>From $5 to $9 and $x$</p>"),
        ('"quotes" -- and ... (c)', '<p>"quotes" -- and ... (c)</p>'),
        ("<b>bold</b> &amp; &copy;", "<p>&lt;b&gt;bold&lt;/b&gt; &amp; ©</p>"),
        ("[ref]\n\n[ref]: http://a.b", f'<p>[ref]</p><p>[ref]: <a href="http://a.b" {LINK}>http://a.b</a></p>'),
        ("see www.a.com or a@b.com", "<p>see www.a.com or a@b.com</p>"),
        ("[a](/b) [c](ftp://d) [e](//f)", "<p>a c e</p>"),
        ("[m](mailto:a@b.c)", f'<p><a href="mailto:a@b.c" {LINK}>m</a></p>'),
        ("![alt *t*](http://a/b.png)", f'<p><a href="http://a/b.png" {LINK}>alt t</a></p>'),
        ("[![alt](http://a/b.png)](http://c)", f'<p><a href="http://c" {LINK}>alt</a></p>'),
        ("![](http://a/b.png)", f'<p><a href="http://a/b.png" {LINK}>http://a/b.png</a></p>'),
        ("> one\nlazy\n>\n> two", "<blockquote><p>one<br>\nlazy</p>\n<p>two</p></blockquote>"),
        ("- a\n- b\n\nafter", "<ul><li>a</li><li>b</li></ul><p>after</p>"),
        ("- a\n\n- b\n\n  c", "<ul><li>a</li><li><p>b</p>\n<p>c</p></li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("- a\n* b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("1. a\n  - b\n2. c", "<ol><li>a\n<ul>\n<li>b</li>\n</ul></li><li>c</li></ol>"),
        ("* * *", "<hr>"),
        ("- [ ] task", "<ul><li>[ ] task</li></ul>"),
        ("1. one\nlazy\n2. two", "<ol><li>one<br>\nlazy</li><li>two</li></ol>"),
        ("text\n2. no list", "<p>text<br>\n2. no list</p>"),
        ("2024. Year", '<ol start="2024"><li>Year</li></ol>'),
        ("text\r\nmore\rlast", "<p>text<br>\nmore<br>\nlast</p>"),
    ],
)
def test_markdown_becomes(text: str, html: str) -> None:
    assert render(text) == html


def test_explicit_web_addresses_are_links() -> None:
    assert render("at https://a.b/c?d=e&f=(g).") == (
        f'<p>at <a href="https://a.b/c?d=e&amp;f=(g)" {LINK}>https://a.b/c?d=e&amp;f=(g)</a>.</p>'
    )


def test_a_table_scrolls_in_a_region_of_its_own() -> None:
    assert render("| a | b |\n|:-:|--:|\n| **1** | 2 |\n| x \\| y\n") == (
        '<div class="table" tabindex="0" role="region" aria-label="Table"><table><thead><tr>'
        '<th class="align-center">a</th><th class="align-right">b</th></tr></thead><tbody>'
        '<tr><td class="align-center"><strong>1</strong></td><td class="align-right">2</td></tr>'
        '<tr><td class="align-center">x | y</td></tr></tbody></table></div>'
    )


def test_a_table_may_follow_a_paragraph_without_a_blank_line() -> None:
    html = render(
        "Compare what this long first line says, with words enough to be cut somewhere.\n" * 5 + "a|b\n-|-\n1|2"
    )
    assert html.index("</p>") < html.index("<table>")
    assert "<th>a</th><th>b</th>" in html


def test_a_table_without_rows_is_a_table() -> None:
    assert "<tbody></tbody>" in render("| a |\n|---|\n\nafter")


def test_code_has_its_language_a_copy_button_and_colours() -> None:
    assert render("```Python title=x\ndef f():\n    return 1 < x\n```\n") == (
        '<div class="code" data-lang="python"><div class="code__bar"><span>python</span>'
        '<button type="button" class="code__copy" data-copy="">Copy</button></div>'
        '<pre tabindex="0"><code class="language-python"><span>'
        '<span class="k">def</span> <span class="nf">f</span>():\n'
        '    <span class="k">return</span> <span class="m">1</span> <span class="o">&lt;</span> x\n'
        "</span></code></pre></div>"
    )


def test_code_in_an_unknown_language_is_plain_text() -> None:
    assert '<code class="language-nosuch"><span>a &lt; b\n</span></code>' in render("```nosuch\na < b\n```")


def test_code_that_is_not_closed_is_code() -> None:
    assert "<span>x\n</span>" in render("~~~\nx")


def test_indented_text_is_code_without_the_blank_lines_around_it() -> None:
    assert "<code><span>a\n\n  b\n</span></code>" in render("    a\n\n      b\n\n\nafter")


def test_the_words_of_long_code_survive_its_chunks() -> None:
    code = "".join(f"def f{number}():\n    return {number}\n\n" for number in range(60))
    page = parse(render(f"```python\n{code}```"))
    pre = next(node for node in page.elements() if node.tag == "pre")
    assert pre.text() == code
    assert len([node for node in pre.elements() if node.tag == "span" and not node.attributes]) > 3


def test_code_in_a_list_item_looks_like_any_other() -> None:
    html = render("1. Run:\n\n   ```sh\n   ls\n   ```\n2. Done")
    assert html.count("<li>") == 2
    assert '<code class="language-sh"><span>ls\n</span></code>' in html


def test_the_words_of_a_long_paragraph_survive_its_cuts() -> None:
    text = "Some **bold words** and `code` and [a link](http://a.b), as always. " * 100
    page = parse(render(text))
    assert page.text() == ("Some bold words and code and a link, as always. " * 100).strip()
    assert [node.tag for node in page.children if not isinstance(node, str)] == ["p"]
    assert len([node for node in page.elements() if node.tag == "a"]) == 100


def test_bold_text_longer_than_a_cut_stays_bold() -> None:
    assert render("**" + "word " * 150 + "end** rest").startswith("<p><strong>word word")


def test_a_long_quote_stays_one_quote() -> None:
    html = render("\n".join("> " + "word " * 30 + "\n>" for _ in range(40)))
    assert html.count("<blockquote>") == 1
    assert html.count("<p>") == 40
