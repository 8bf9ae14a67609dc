from django.urls import reverse
from registrations.models import Registration, ExceptionRequest


def test_look(deals, person):
    noor = person("noor.haddad")
    def go(name, then=None, shot=""):
        r = Registration.objects.get(deal__name=name)
        noor.goto(reverse("registrations:case", args=[r.uid]))
        noor.wait_for_timeout(400)
        if then:
            then()
        noor.screenshot(path=f"/tmp/notes/g_{shot}.png", full_page=not then)
    go("Vale crédito rural", shot="vale")
    go("Phone Company store signals", shot="change")
    go("Consolidated parcels lake", shot="decided")
    def fail():
        noor.keyboard.press("f"); noor.wait_for_timeout(500)
    def ask():
        noor.locator("a[href*='field=ends_on']").click(); noor.wait_for_timeout(500)
    go("Northwind depot lake", fail, "fail")
    go("Northwind depot lake", ask, "ask")
    erik = person("erik.holm")
    r = Registration.objects.get(deal__name="Woodgrove card vault")
    erik.goto(reverse("registrations:case", args=[r.uid])); erik.wait_for_timeout(300)
    erik.emulate_media(color_scheme="dark")
    erik.screenshot(path="/tmp/notes/g_dark.png", full_page=True)
    erik.emulate_media(color_scheme="light")
    erik.set_viewport_size({"width": 320, "height": 800})
    print("W", erik.evaluate("document.documentElement.scrollWidth"))
    erik.screenshot(path="/tmp/notes/g_phone.png", full_page=True)
    e = ExceptionRequest.objects.get()
    noor.goto(reverse("registrations:exception_case", args=[e.uid]))
    noor.screenshot(path="/tmp/notes/g_exc.png", full_page=True)
