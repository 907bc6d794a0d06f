"""Every theme: what is painted can be read, and what is different looks different to the eyes it is made for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from rich.color import Color
from rich.style import Style
from textual.strip import Strip

from backends.config.themes import THEMES, unknown_theme
from tests.support.colours import EYES, VGA, XTERM, contrast, distance, of_256, rgb_of
from tests.support.office import ROOT
from tests.support.screen import Opened, opened
from tui.terminal import Colours, Sight, Signs
from tui.themes import PAINTS
from widgets.card_view import CardView
from widgets.key_hints import KeyHints
from widgets.line_bar import LineBar
from widgets.live_table import LiveTable
from widgets.palette import TONE_CLASSES, Palette

SEVERITIES = ("critical", "high", "warning", "info", "ok", "unknown")

PALETTES = {"as it is": (VGA, False), "in 256 colours": (VGA, True), "on xterm": (XTERM, False)}


def shown_contrast(style: Style, palette: str) -> float:
    sixteen, few = PALETTES[palette]
    pair = (style.color, style.bgcolor)
    one, other = (rgb_of(of_256(part) if few else part, sixteen) for part in pair if part is not None)
    return contrast(one, other)


def least(theme: str) -> float:
    return 7.0 if theme == "contrast" else 4.5


def every_tone(screen: Opened) -> Iterator[tuple[str, Style]]:
    """Each tone on each ground that it is drawn on, as the widgets put them together."""
    for kind in (LiveTable, CardView, LineBar, KeyHints):
        for widget in screen.app.screen.query(kind):
            overs = {
                LiveTable: ("", "live-table--cursor", "live-table--cursor-blurred"),
                CardView: ("", "card-view--head"),
            }
            for tone in TONE_CLASSES:
                own = widget.rich_style + Palette(widget)[tone]
                for over in overs.get(kind, ("",)):
                    laid = own + Palette(widget)[over] if over else own
                    yield f"{tone} in {widget!r} {over}", laid


def every_text(strips: list[Strip]) -> Iterator[tuple[str, Style]]:
    """What can be read, with the style it is painted in."""
    for strip in strips:
        for text, style, _ in strip:
            if style is not None and any(char.isalnum() for char in text):
                yield text, style


@pytest.mark.parametrize("theme", THEMES)
async def test_every_tone_can_be_read_on_every_ground(theme: str) -> None:
    async with opened(theme=theme) as screen:
        pairs = list(every_tone(screen))
    assert len(pairs) > 100
    for palette in PALETTES:
        bad = [(what, str(style)) for what, style in pairs if shown_contrast(style, palette) < least(theme)]
        assert bad == [], palette


def within(screen: Opened, part: str) -> list[Strip]:
    """What is painted of one widget: behind a dialogue the screen is dimmed."""
    region = screen.app.screen.query_one(part).region
    strips = screen.app.screen._compositor.render_strips()[region.y : region.bottom]
    return [strip.crop(region.x, region.right) for strip in strips]


SCENES = ((("j",), "#body"), (("j", "1"), "#dialog"), (("z",), "#dialog"), (("question_mark",), "#help"))


@pytest.mark.parametrize("theme", THEMES)
async def test_whatever_is_painted_can_be_read(theme: str) -> None:
    async with opened((140, 44), theme=theme) as screen:
        painted = []
        for keys, part in SCENES:
            await screen.press(*keys)
            await screen.until(lambda part=part: bool(screen.app.screen.query(part)))
            painted += list(every_text(within(screen, part)))
            await screen.press("escape")
            await screen.until(lambda: screen.app.screen is screen.app.fleet)
    assert len(painted) > 100
    for palette in PALETTES:
        bad = [(text, str(style)) for text, style in painted if shown_contrast(style, palette) < least(theme)]
        assert bad == [], palette


def paint(theme: str, name: str) -> Color:
    return Color.parse(getattr(PAINTS[theme], name))


PROMISED = [
    ("colorblind-red-green", "normal"),
    ("colorblind-red-green", "protanopia"),
    ("colorblind-red-green", "deuteranopia"),
    ("colorblind-blue-yellow", "normal"),
    ("colorblind-blue-yellow", "tritanopia"),
]


@pytest.mark.parametrize(("theme", "eyes"), PROMISED)
def test_severities_stay_apart_for_the_eyes_that_the_theme_is_made_for(theme: str, eyes: str) -> None:
    close = {
        (one, other): distance(rgb_of(paint(theme, one)), rgb_of(paint(theme, other)), eyes)
        for one, other in combinations(SEVERITIES, 2)
    }
    assert min(close.values()) >= 20, close


def test_the_measure_sees_what_such_eyes_confuse() -> None:
    """The control: the default theme does not promise it."""
    high, warning = rgb_of(paint("dark", "high")), rgb_of(paint("dark", "warning"))
    assert distance(high, warning, "deuteranopia") < 10 < distance(high, warning, "normal")
    assert set(EYES) == {"normal", "protanopia", "deuteranopia", "tritanopia"}


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


async def test_the_sixteen_colours_are_all_that_the_theme_for_them_paints() -> None:
    async with opened(theme="ansi16") as screen:
        styles = {style for strip in screen.app.screen._compositor.render_strips() for _, style, _ in strip if style}
    colours = {colour for style in styles for colour in (style.color, style.bgcolor) if colour is not None}
    assert {colour for colour in colours if colour.number is None or colour.number > 15} == set()


# -- choosing one ---------------------------------------------------------------------------------------------------


async def test_the_configured_theme_is_worn_from_the_first_frame() -> None:
    async with opened(theme="light", live=False) as screen:
        assert screen.app.theme == "light"
        ground = screen.app.fleet.list.rich_style.bgcolor
    assert ground == paint("light", "ground")


async def test_a_key_goes_on_to_the_next_theme_and_says_its_name() -> None:
    async with opened() as screen:
        await screen.press("T")
        await screen.shows("Theme light.")
        assert screen.app.theme == "light"
        assert screen.app.fleet.list.rich_style.bgcolor == paint("light", "ground")


async def test_the_key_goes_through_all_themes_and_back_to_the_first() -> None:
    async with opened() as screen:
        worn = []
        for _ in THEMES:
            await screen.press("T")
            worn.append(screen.app.theme)
    assert [worn[-1], *worn[:-1]] == [*THEMES]


async def test_changing_to_a_theme_that_is_not_there_names_the_nearest_and_all() -> None:
    async with opened() as screen:
        said = screen.app.change_theme("ligth\x1b")
        assert screen.app.theme == "dark"
    assert said.startswith('There is no theme "ligth')
    assert 'did you mean "light"; possible are dark, light, contrast, ' in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("deuteranopia", "colorblind-red-green"), ("tritan", "colorblind-blue-yellow"), ("high-contrast", "contrast")],
)
def test_who_types_the_name_of_their_eyes_is_told_the_theme_for_them(typed: str, meant: str) -> None:
    assert f'did you mean "{meant}"' in unknown_theme(typed)


async def test_a_terminal_with_sixteen_colours_keeps_the_theme_for_them_and_says_so() -> None:
    async with opened(theme="light", sight=Sight(colours=Colours.SIXTEEN)) as screen:
        assert screen.app.theme == "ansi16"
        assert (
            screen.app.change_theme("dark")
            == "This terminal does not have more than 16 colours: the theme stays ansi16."
        )
        assert screen.app.theme == "ansi16"


# -- without colours, without glyphs --------------------------------------------------------------------------------


def reversed_texts(screen: Opened) -> list[str]:
    strips = screen.app.screen._compositor.render_strips()
    return [text for strip in strips for text, style, _ in strip if style is not None and style.reverse]


async def test_without_colours_only_weight_underlining_and_reverse_are_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-90."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(sight=Sight(colours=Colours.NONE)) as screen:
        styles = {style for strip in screen.app.screen._compositor.render_strips() for _, style, _ in strip if style}
        turned = reversed_texts(screen)
    assert {style for style in styles if style.color or style.bgcolor or style.italic} == set()
    assert any("critical" in text for text in turned), "the row of the cursor is turned over"
    assert not any("warning" in text for text in turned)
    assert any(style.bold and not style.reverse for style in styles)


async def test_without_colours_the_worst_are_bold_and_a_focused_button_is_turned_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F-90."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(sight=Sight(colours=Colours.NONE)) as screen:
        table = screen.app.fleet.list
        weights = {tone: Palette(table)[f"tone--{tone}"].bold for tone in SEVERITIES}
        await screen.press("j", "j", "1")
        await screen.shows("Cancel")
        assert any("Cancel" in text for text in reversed_texts(screen))
    assert [tone for tone, bold in weights.items() if bold] == ["critical", "high"]


async def test_in_ascii_every_severity_and_every_border_is_there_in_the_same_place() -> None:
    """F-90."""
    async with opened() as screen:
        full = screen.text
    async with opened(sight=Sight(signs=Signs.ASCII, charset="ascii")) as screen:
        plain = screen.text
    assert plain.isascii()
    assert [len(line) for line in plain.splitlines()] == [len(line) for line in full.splitlines()]
    assert all(word in plain for word in ("# critical", "! high", "^ warning"))


# -- the documentation ----------------------------------------------------------------------------------------------


def test_every_theme_is_in_the_documentation_with_a_picture_that_fetches_nothing() -> None:
    page = (ROOT / "docs" / "themes.md").read_text(encoding="utf-8")
    for theme in THEMES:
        assert f"| `{theme}` |" in page
        assert f"(pictures/theme-{theme}.svg)" in page
        svg = (ROOT / "docs" / "pictures" / f"theme-{theme}.svg").read_text(encoding="utf-8")
        assert svg.startswith("<svg")
        assert "url(http" not in svg
        assert "@font-face" not in svg
