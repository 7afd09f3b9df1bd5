"""The pages of the local server say what there is, and nothing of it runs."""

from local.pages import docs_page, link, start_page

EVIL = '<script>alert("x")</script>'


def document(path: str, **operations: str) -> dict[str, object]:
    return {"paths": {path: {method: {"summary": words} for method, words in operations.items()}}}


def test_every_function_is_named_with_its_words_and_its_ways_in() -> None:
    page = start_page({"records": "What is stored.", "audit": "What was done."})
    assert page.index("What is stored.") < page.index("What was done.")
    assert 'href="/api/records/docs"' in page
    assert 'href="/api/audit/health"' in page


def test_without_functions_the_page_says_so() -> None:
    assert "There is no function yet." in start_page({})
    assert "There is no function yet." not in start_page({"records": ""})


def test_words_of_functions_are_no_markup() -> None:
    assert "<script" not in start_page({EVIL: EVIL})
    assert "<script" not in docs_page({EVIL: document(EVIL, get=EVIL)})


def test_each_method_of_a_path_is_listed() -> None:
    page = docs_page({"records": document("/api/records/a", get="Read it", delete="Hide it")})
    assert "<b>GET</b> /api/records/a</code><p>Read it</p>" in page
    assert "<b>DELETE</b> /api/records/a</code><p>Hide it</p>" in page


def test_function_that_could_not_be_imported_is_told_apart() -> None:
    page = docs_page({"broken": None, "records": document("/api/records/a", get="")})
    assert page.count("could not be imported") == 1
    assert 'href="/api/records/docs"' in page
    assert 'href="/api/broken/docs"' not in page


def test_address_cannot_leave_its_quotes() -> None:
    assert link('/a" onclick="x', "a") == '<a href="/a&quot; onclick=&quot;x">a</a>'
