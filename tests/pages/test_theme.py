"""The theme: what it says can be read in light and dark, and everything it names is there."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

PAGES = Path(__file__).parents[2] / "pages"
THEME: dict[str, Any] = tomllib.loads(
    (PAGES.parent / ".streamlit" / "config.toml").read_text("utf-8")
)["theme"]
FAMILIES = ("blue", "orange", "green", "violet", "yellow", "red", "gray")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_counted_as_the_standard_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_texts_can_be_read(name: str) -> None:
    theme = THEME[name]
    page, panel = theme["backgroundColor"], theme["secondaryBackgroundColor"]
    for ground in (page, panel, theme["sidebar"]["backgroundColor"]):
        assert contrast(theme["textColor"], ground) >= 12
        assert contrast(theme["dataframeHeaderTextColor"], ground) >= 5.5
    assert contrast(theme["linkColor"], page) >= 5.5
    assert contrast("#ffffff", theme["primaryColor"]) >= 4.5
    for family in FAMILIES:
        ground, text = theme[f"{family}BackgroundColor"], theme[f"{family}TextColor"]
        assert contrast(text, ground) >= 5.6, family
        assert contrast(text, page) >= 5.6, family


@pytest.mark.parametrize("name", ["light", "dark"])
def test_marks_can_be_seen_and_badges_read(name: str) -> None:
    theme = THEME[name]
    page = theme["backgroundColor"]
    for family in FAMILIES:
        assert contrast(theme[f"{family}Color"], page) >= 4, family
    for colour in theme["chartDivergingColors"]:
        assert contrast(colour, page) >= 4  # the page's colour is that of the letters on a badge
    for colour in theme["chartCategoricalColors"]:
        assert contrast(colour, page) >= 3


@pytest.mark.parametrize("name", ["light", "dark"])
def test_steps_and_verdicts_are_the_same_colours_in_charts_and_in_texts(name: str) -> None:
    theme = THEME[name]
    steps = theme["chartDivergingColors"]
    families = ["blue", "orange", "green", "violet", None, None, "green", "yellow", "red", "gray"]
    for colour, family in zip(steps, families, strict=True):
        assert family is None or colour == theme[f"{family}Color"]
    for colours in ("chartCategoricalColors", "chartSequentialColors", "chartDivergingColors"):
        assert len(theme[colours]) == 10  # fewer, and charts keep their placeholders
    assert len(set(theme["chartCategoricalColors"])) == 10
    assert len(set(steps)) == 9  # "yes" and the whole chain are one


def test_both_themes_say_the_same_things() -> None:
    assert THEME["light"].keys() == THEME["dark"].keys()
    assert THEME["light"]["sidebar"].keys() == THEME["dark"]["sidebar"].keys()


def test_fonts_are_our_own_and_their_licences_stand_beside() -> None:
    fonts = THEME["fontFaces"]
    assert {font["family"] for font in fonts} == {"Inter", "JetBrains Mono"}
    for font in fonts:
        file = PAGES / font["url"].removeprefix("app/")
        assert file.read_bytes()[:4] == b"wOF2"
        licence = file.with_name(f"{font['family'].split()[0].lower()}-OFL.txt")
        if not licence.exists():
            licence = file.with_name("jetbrains-mono-OFL.txt")
        assert "SIL OPEN FONT LICENSE" in licence.read_text("utf-8")


@pytest.mark.parametrize("name", ["logo_light", "logo_dark", "logo_mark"])
def test_logos_need_no_font_and_nothing_from_elsewhere(name: str) -> None:
    drawn = (PAGES / "static" / f"{name}.svg").read_text("utf-8")
    assert "<text" not in drawn
    assert re.findall(r'https?://[^"]+', drawn) == ["http://www.w3.org/2000/svg"]
    if name != "logo_mark":
        theme = THEME[name.removeprefix("logo_")]
        for colour in ("blueColor", "orangeColor", "greenColor", "textColor"):
            assert theme[colour] in drawn


def test_no_component_makes_markup_of_texts() -> None:
    scripts = [*PAGES.rglob("*.js")]
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write"
    assert scripts
    for script in scripts:
        code = re.sub(r"//[^\n]*", "", script.read_text("utf-8"))
        assert not re.search(markup, code), script
