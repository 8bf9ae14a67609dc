from tests.browser import places
from tests.browser.test_shots import shoot
def test_dbg(deals, person):
    for lang, w in (("pt-br",1360),("en",1360),("pt-br",1024)):
        for place in places.lists():
            if place.name in ("list-outbound","list-inbound-host","list-found"):
                p = person(place.person, lang, width=w)
                shoot(p, place, f"zz-{place.name}-{lang}-{w}")
                print(place.name, lang, w, p.evaluate("[document.querySelector('table').scrollWidth, document.querySelector('table').parentElement.clientWidth]"))
