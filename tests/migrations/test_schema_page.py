from local.schema_page import PAGE, page
from tests.conftest import Addresses


async def test_page_of_the_schema_is_what_the_database_says(addresses: Addresses) -> None:
    assert await page(addresses.superuser) == PAGE.read_text(encoding="utf-8"), (
        "docs/schema.md is not the schema that the migrations build: run"
        " `uv run python -m local.schema_page`"
    )
