"""Reports of every sample as pages: as many as promised, nothing cut, nothing over another."""

from dataclasses import replace
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import typst

from functions.fhir.people.queries import Identifier, Person
from functions.fhir.reports import figures, html, record, typesetting
from functions.fhir.reports.content import NO_DIAGNOSIS, Head, Report
from functions.fhir.reports.record import Setting
from shared.database.repositories.pictures import PictureContent
from shared.record import SignOff
from shared.vocabulary import AssessmentStatus
from tests.factories.samples import MEASURABLE, as_stored, examined
from tests.functions.fhir.layout import Page, pages, place_of
from tests.nonempty import nonempty

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhg"
    "GAWjR9awAAAABJRU5ErkJggg=="
)
CLINIC = Head("Example Clinic", ("Department of Diagnostics", "1 Example Street, 10000 Example"))
SOMEBODY = Person(UUID(int=1), "Maria Antonina", "Kowalska-Lewandowska")
STANDARDS = (b"pdfuaid:part", b"pdfaid:part", b"/StructTreeRoot", b"/Alt")
# A person's name may be any of these, and longer than its line.
NAMES = {
    "long": ("Wolfeschlegelsteinhausenbergerdorff-" * 3, "Hubert Blaine"),
    "Arabic": ("عبد الرحمن", "محمد بن سلمان"),
    "Hebrew": ("כהן", "דוד"),
    "Chinese": ("王", "小明"),
    "Japanese": ("山田", "太郎"),
    "Korean": ("김", "철수"),
    "Thai": ("ศรีสุข", "สมชาย"),
    "Devanagari": ("शर्मा", "मोहन"),
    "Cyrillic": ("Щербаков", "Юрий"),
    "markup": ("#panic()", "*bold* <script>alert(1)</script> \\ $x$"),
}


def report_of(
    name: str, person: Person = SOMEBODY, head: Head = CLINIC, **columns: object
) -> Report:
    """The report of a sample, as it would be made of its stored record."""
    examination, pictures = examined(name)
    stored = {picture.name: picture for picture in pictures}
    shown = figures.shown(examination.pipeline, examination.pictures)
    setting = Setting(
        person=person,
        head=head,
        zone=ZoneInfo("Europe/Berlin"),
        record_url=f"https://api.example.org/api/records/assessments/{examination.id}",
        figures=tuple(
            figures.figure(
                picture,
                PictureContent(picture.media_type, "identity", stored[picture.name].content),
            )
            for picture in shown
        ),
    )
    return record.report(as_stored(examination, **columns), setting)


def printed(report: Report, paper: typesetting.Paper = "a4") -> list[Page]:
    return pages(typesetting.pdf(report, paper))


def check(drawn: list[Page]) -> None:
    for page in nonempty(drawn):
        assert page.boxes
        assert page.cut() == []
        assert page.overlaps() == []
        for left, bottom, right, top in page.drawn:
            assert left > -1
            assert bottom > -1
            assert right < page.width + 1
            assert top < page.height + 1


@pytest.mark.parametrize(("name", "paper"), [*product(MEASURABLE, typesetting.PAPERS.values())])
def test_a_sample_fits_its_page(name: str, paper: typesetting.Paper) -> None:
    report = report_of(name)
    drawn = printed(report, paper)

    assert len(drawn) == 1 + any(figure.is_sheet for figure in report.figures)
    check(drawn)
    text = " ".join(page.text for page in drawn)
    assert text.count(NO_DIAGNOSIS) == 1
    for row in nonempty([*report.rows, *report.absent]):
        assert getattr(row, "value", "") in text


def test_twelve_leads_are_drawn_at_true_scale_on_a_page_of_their_own() -> None:
    """25 mm/s, whatever the paper."""
    for paper in nonempty(typesetting.PAPERS.values()):
        written = typesetting.pdf(report_of("cardiology-twelve-leads"), paper)
        _, sheet = pages(written)
        assert sheet.width > sheet.height
        apart_mm = place_of(written, 1, "V4") - place_of(written, 1, "aVR")
        assert apart_mm == pytest.approx(2 * 2.5 * 25, abs=0.5)  # two columns of 2.5 s


@pytest.mark.parametrize("script", NAMES)
def test_any_name_is_printed_whole(script: str) -> None:
    last, first = NAMES[script]
    person = Person(UUID(int=1), first, last, identifiers=(Identifier("urn:mrn", "4711" * 25),))
    report = report_of("cardiology-sinus-rhythm", person)
    written = typesetting.pdf(report, "a4")
    drawn = pages(written)

    assert all(word in written for word in STANDARDS)
    check(drawn)
    assert "<script>" not in html.html(report)
    if script == "markup":
        assert "#panic()" in drawn[0].text


def test_a_character_of_no_font_gives_a_page_all_the_same() -> None:
    report = report_of("cardiology-sinus-rhythm", Person(UUID(int=1), "A\u0378B", "X"))
    written = typesetting.pdf(report, "a4")

    assert b"pdfuaid:part" not in written
    assert b"/StructTreeRoot" in written
    check(pages(written))


def test_a_long_head_a_logo_and_signatures_fit() -> None:
    head = Head("Universitätsklinikum " * 4, tuple(f"Line {n} " * 12 for n in range(6)), PIXEL)
    examination, _ = examined("cardiology-sinus-rhythm")
    made_at = examination.completed_at
    assert made_at is not None
    signed = tuple(
        SignOff(UUID(int=2), made_at, AssessmentStatus.COMPLETED, number, "Read by hand. " * 20)
        for number in (1, 2)
    )
    report = report_of("cardiology-sinus-rhythm", head=head, sign_offs=signed)

    assert report.status == "Amended"
    check(printed(report))


def test_the_same_record_gives_the_same_bytes() -> None:
    report = report_of("cardiology-sinus-rhythm")
    assert typesetting.pdf(report, "a4") == typesetting.pdf(report, "a4")


def test_two_hundred_values_go_on_over_pages_with_their_heads() -> None:
    report = report_of("cardiology-sinus-rhythm")
    (group, *_) = report.groups
    long = replace(report, groups=(replace(group, rows=group.rows[:1] * 200),))
    drawn = printed(long)

    assert len(drawn) > 1
    assert all("Page" in page.text for page in drawn)
    check(drawn)


def test_overlaps_and_cuts_are_noticed() -> None:
    """The tests above, tested."""
    source = b"#set page(width: 80mm, height: 40mm)\n#place(dx: 1mm)[Measured]#place[Value]"
    (page,) = pages(typst.compile(source, format="pdf"))
    assert page.overlaps()
    source = b"#set page(width: 80mm, height: 40mm)\n#place(dx: 50mm)[Measured value]"
    (page,) = pages(typst.compile(source, format="pdf"))
    assert page.cut()
