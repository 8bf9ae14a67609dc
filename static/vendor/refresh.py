"""Writes fluent-tokens.css, ../icons.svg and manifest.json anew from two npm packages.

    npm install --prefix /tmp/fluent @fluentui/tokens @fluentui/svg-icons
    python static/vendor/refresh.py /tmp/fluent/node_modules/@fluentui

Only what our CSS and templates use is taken: add a name to TOKENS or ICONS, run, commit the result.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
TOKENS = [
    "colorNeutralBackground1",
    "colorNeutralBackground2",
    "colorNeutralBackground3",
    "colorSubtleBackgroundHover",
    "colorNeutralForeground1",
    "colorNeutralForeground2",
    "colorNeutralForeground3",
    "colorNeutralForegroundOnBrand",
    "colorNeutralStroke1",
    "colorNeutralStroke2",
    "colorNeutralStroke3",
    "colorNeutralStrokeAccessible",
    "colorBackgroundOverlay",
    "colorBrandBackground",
    "colorBrandBackgroundHover",
    "colorBrandBackgroundPressed",
    "colorBrandBackground2",
    "colorBrandBackground2Hover",
    "colorBrandForegroundLink",
    "colorBrandForeground2",
    "colorCompoundBrandStroke",
    "colorStatusSuccessForeground1",
    "colorStatusDangerForeground1",
    "colorStatusDangerBackground3",
    "colorStatusDangerBackground3Hover",
    "colorPaletteRedForeground1",
    "colorPaletteMarigoldForeground1",
    "colorPaletteMarigoldForeground2",
    "colorPaletteLavenderForeground2",
    "colorPaletteLavenderBorderActive",
    "colorStatusSuccessBackground2",
    "colorStatusDangerBackground2",
    "colorPaletteMarigoldBackground2",
    "colorPaletteLavenderBackground2",
    "shadow16",
    "shadow28",
]
ICONS = {
    "add": "add_20_regular",
    "arrow-down": "arrow_down_20_regular",
    "arrow-left": "arrow_left_20_regular",
    "arrow-right": "arrow_right_20_regular",
    "arrow-up": "arrow_up_20_regular",
    "bad": "dismiss_circle_20_filled",
    "bell": "alert_20_regular",
    "briefcase": "briefcase_20_regular",
    "building": "building_20_regular",
    "calendar": "calendar_20_regular",
    "chat": "chat_20_regular",
    "check": "checkmark_20_filled",
    "chevron-down": "chevron_down_20_regular",
    "chevron-left": "chevron_left_20_regular",
    "chevron-right": "chevron_right_20_regular",
    "chevron-up": "chevron_up_20_regular",
    "clock": "clock_20_regular",
    "contrast": "dark_theme_20_regular",
    "copy": "copy_20_regular",
    "delete": "delete_20_regular",
    "dismiss": "dismiss_20_regular",
    "document": "document_20_regular",
    "download": "arrow_download_20_regular",
    "draft": "document_edit_20_regular",
    "edit": "edit_20_regular",
    "eye": "eye_20_regular",
    "filter": "filter_20_regular",
    "handshake": "handshake_20_regular",
    "heart": "heart_20_regular",
    "heart-filled": "heart_20_filled",
    "home": "home_20_regular",
    "inbound": "mail_inbox_20_regular",
    "info": "info_20_regular",
    "language": "local_language_20_regular",
    "link": "link_20_regular",
    "location": "location_20_regular",
    "lock": "lock_closed_20_regular",
    "mail": "mail_20_regular",
    "menu": "navigation_20_regular",
    "money": "money_20_regular",
    "moon": "weather_moon_20_regular",
    "more": "more_horizontal_20_regular",
    "note": "note_20_regular",
    "ok": "checkmark_circle_20_filled",
    "open": "open_20_regular",
    "outbound": "send_20_regular",
    "people": "people_20_regular",
    "person": "person_20_regular",
    "person-add": "person_add_20_regular",
    "question": "question_circle_20_regular",
    "search": "search_20_regular",
    "send": "send_20_regular",
    "settings": "settings_20_regular",
    "sign-out": "sign_out_20_regular",
    "sort": "arrow_sort_20_regular",
    "star": "star_20_regular",
    "sun": "weather_sunny_20_regular",
    "undo": "arrow_undo_20_regular",
    "warning": "warning_20_regular",
}
READ_THEMES = "const t = require(process.argv[1]); console.log(JSON.stringify([t.webLightTheme, t.webDarkTheme]))"
COLOUR = re.compile(r"#[0-9a-f]{6,8}|rgba\([^)]*\)")


def themed(light: str, dark: str) -> str:
    """One value for both themes: each colour that differs becomes a light-dark() pair."""
    others = iter(COLOUR.findall(dark))

    def pair(found: re.Match[str]) -> str:
        other = next(others)
        return found[0] if found[0] == other else f"light-dark({found[0]}, {other})"

    return COLOUR.sub(pair, light)


def tokens(package: Path) -> str:
    command = ["node", "-e", READ_THEMES, str(package)]  # its package.json says where the module is
    light, dark = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    lines = [f"    --{name}: {themed(light[name], dark[name])};" for name in TOKENS]
    return (
        "/* Fluent 2 design tokens, MIT licence. Written by refresh.py. */\n@layer tokens {\n  :root {\n"
        + "\n".join(lines)
        + "\n  }\n}\n"
    )


def sprite(package: Path) -> str:
    symbols = []
    for name, file in sorted(ICONS.items()):
        inside = re.search(r"<svg[^>]*>(.*)</svg>", (package / "icons" / f"{file}.svg").read_text())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 20 20">{inside[1]}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main(folder: Path) -> None:
    manifest = []
    for file, package, write in (("fluent-tokens.css", "tokens", tokens), ("../icons.svg", "svg-icons", sprite)):
        about = json.loads((folder / package / "package.json").read_text())
        text = write(folder / package)
        (HERE / file).write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        manifest.append(
            {
                "file": file,
                "name": about["name"],
                "version": about["version"],
                "license": about["license"],
                "sha256": digest,
            }
        )
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
