from pathlib import Path
from tests.browser import places
import os
def test_pics(deals, person):
    out = Path("/tmp/look"); out.mkdir(exist_ok=True)
    browsers = {}
    want = os.environ.get("WANT", "")
    width = int(os.environ.get("WIDTH", "1360"))
    lang = os.environ.get("LANG_", "en")
    for group in os.environ.get("GROUP", "registrations").split(","):
        for place in getattr(places, group)():
            if want and not any(w in place.name for w in want.split(",")): continue
            if place.person not in browsers: browsers[place.person] = person(place.person, lang, width=width)
            page = browsers[place.person]
            page.emulate_media(color_scheme=os.environ.get("SCHEME","light"), reduced_motion="reduce")
            r = page.goto(place.url); place.then(page)
            print(place.name, r.status)
            page.screenshot(path=out / f"{place.name}-{width}.png", full_page=True)
