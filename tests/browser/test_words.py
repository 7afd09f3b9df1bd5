"""Names and numbers stand on the console's pages as on the report."""

import re

from functions.console.files import site as site_files
from shared.words import label, number
from tests.browser.conftest import Console
from tests.conftest import ROOT
from tests.nonempty import nonempty

FUNCTIONS = ROOT / "tests" / "functions"
# Said in plainer words, because people read them beside their own voice.
PLAINER = {"f0_mean", "f0_range_st", "f0_sd"}
NUMBERS: list[list[float]] = [
    *([72.08], [659.7], [35261.4], [0.27029], [0.0], [-3.25], [1.0], [1234.0]),
    *([110.4, 110.0], [99.99, 100.0], [0.6951, 0.68], [6.951e-7]),
]
SAID = """async ([version, names, numbers]) => {
  const words = await import(`./console/${version}/format.js`);
  return [names.map(words.label), numbers.map((numbers) => words.number(...numbers))];
}"""


def measured() -> list[str]:
    """Names of what all pipelines measured of the samples."""
    lists = sorted(FUNCTIONS.glob("*/golden/records.json"))
    texts = "".join(path.read_text() for path in nonempty(lists))
    return sorted(set(re.findall(r'"name": "([a-z][a-z0-9_]+)"', texts)) - PLAINER)


async def test_names_and_numbers_are_those_of_the_report(console: Console) -> None:
    await console.page.goto(f"{console.url}/console")
    names = nonempty(measured())
    labels, numbers = await console.page.evaluate(SAID, [site_files().version, names, NUMBERS])
    assert dict(zip(names, labels, strict=True)) == {name: label(name) for name in names}
    assert numbers == [number(*numbers) for numbers in NUMBERS]
