"""The page of words: each said once, each used on the pages."""

import re
from pathlib import Path

from churnlab.reports.glossary import glossary, glossary_page

ROOT = Path(__file__).parents[2]


def test_every_word_is_used_by_pages_or_their_sentences():
    texts = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "src/churnlab/answers").glob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in texts).lower()
    unused = [word for word in glossary() if word.lower().split(" and ")[0] not in text]
    assert unused == []


def test_the_page_has_every_word_as_text(site):
    page = glossary_page(site)
    assert page.count("<tr") == len(glossary()) + 1
    assert not [word for word in glossary() if word not in re.sub(r"<[^>]+>", "", page)]
