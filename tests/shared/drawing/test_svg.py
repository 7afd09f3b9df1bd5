from xml.etree import ElementTree as ET

import pytest

from shared.drawing import svg
from shared.drawing.palette import BLUE, INK, PAPER

SVG = "{http://www.w3.org/2000/svg}"


class TestElement:
    def test_name_of_an_attribute_is_written_with_hyphens(self) -> None:
        assert svg.element("g", stroke_width=2) == '<g stroke-width="2"/>'

    def test_name_that_python_reserves_ends_with_an_underscore(self) -> None:
        assert svg.element("g", class_="beat") == '<g class="beat"/>'

    def test_attribute_without_value_is_left_out(self) -> None:
        assert svg.element("g", fill=None) == "<g/>"

    def test_attribute_is_escaped(self) -> None:
        written = svg.element("g", aria_label='a "b" & <c>')

        assert ET.fromstring(written).get("aria-label") == 'a "b" & <c>'

    @pytest.mark.parametrize(
        ("number", "written"),
        [(1.0, "1"), (0.25, "0.25"), (1 / 3, "0.333"), (100.0, "100"), (7, "7")],
    )
    def test_number_has_no_needless_digits(self, number: float, written: str) -> None:
        assert svg.element("g", x=number) == f'<g x="{written}"/>'


class TestText:
    def test_words_are_escaped_and_in_ink(self) -> None:
        element = ET.fromstring(svg.text(1, 2, "QTc < 460 & > 390", 12))

        assert element.text == "QTc < 460 & > 390"
        assert element.get("fill") == INK
        assert element.get("font-size") == "12"

    def test_rim_is_painted_below_the_words(self) -> None:
        group = ET.fromstring(svg.on_paper(svg.text(0, 0, "N", 10), 2))

        assert group.get("stroke") == PAPER
        assert group.get("paint-order") == "stroke"
        assert [child.text for child in group] == ["N"]


class TestShapes:
    def test_line_leads_from_point_to_point(self) -> None:
        element = ET.fromstring(svg.line(0, 1.5, 10, 1.5, BLUE, 0.5))

        assert element.get("d") == "M0 1.5L10 1.5"
        assert element.get("stroke") == BLUE

    def test_polyline_has_each_point(self) -> None:
        element = ET.fromstring(svg.polyline([(0, 0), (1.26, 2)], BLUE, 1))

        assert element.get("points") == "0.0,0.0 1.3,2.0"

    def test_dot_says_what_it_is_to_a_pointer(self) -> None:
        said = ET.fromstring(svg.dot(1, 2, 3, BLUE, said="72 < 100"))
        silent = ET.fromstring(svg.dot(1, 2, 3, BLUE))

        assert said.findtext("title") == "72 < 100"
        assert list(silent) == []

    def test_children_move_together(self) -> None:
        group = ET.fromstring(svg.move(3, 4.5, svg.dot(0, 0, 1, BLUE), svg.dot(1, 1, 1, BLUE)))

        assert group.get("transform") == "translate(3 4.5)"
        assert len(group) == 2


class TestDocument:
    @pytest.fixture
    def drawing(self) -> svg.Drawing:
        return svg.document((360, 200), "Pulse & rhythm", "72 < 100", [svg.dot(1, 1, 1, BLUE)])

    def test_is_described_for_those_who_cannot_see_it(self, drawing: svg.Drawing) -> None:
        root = ET.fromstring(drawing.content)

        assert root.findtext(f"{SVG}title") == "Pulse & rhythm"
        assert root.findtext(f"{SVG}desc") == "72 < 100"
        assert (root.get("role"), root.get("aria-label")) == ("img", "Pulse & rhythm")

    def test_brings_its_own_paper_of_its_whole_size(self, drawing: svg.Drawing) -> None:
        root = ET.fromstring(drawing.content)
        paper = root.find(f"{SVG}rect")

        assert paper is not None
        assert [paper.get(name) for name in ("width", "height", "fill")] == ["360", "200", PAPER]
        assert root.get("viewBox") == "0 0 360 200"

    def test_shrinks_to_the_width_of_a_screen(self, drawing: svg.Drawing) -> None:
        assert ET.fromstring(drawing.content).get("style") == "max-width:100%;height:auto"

    def test_size_may_be_physical(self) -> None:
        root = ET.fromstring(svg.document((250, 60.5), "a", "b", [], unit="mm").content)

        assert (root.get("width"), root.get("height")) == ("250mm", "60.5mm")
        assert root.get("viewBox") == "0 0 250 60.5"

    def test_picture_of_an_assessment_has_its_words_as_alt(self, drawing: svg.Drawing) -> None:
        picture = drawing.picture("pulse")

        assert (picture.name, picture.media_type) == ("pulse", svg.MEDIA_TYPE)
        assert picture.alt == "Pulse & rhythm. 72 < 100"
        assert picture.content == drawing.content
