"""Every page, as a list: what axe reads, what must fit a phone, what is photographed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import CustomerAccount, Location, Organization, User
from accounts.who import Who
from cosell import clock
from cosell.events import unsubscribing
from cosell.events.enums import Channel
from cosell.events.models import Delivery
from deals import mail_links
from deals.enums import Direction, Stage
from deals.models import Deal, Draft, MatchCase
from registrations.models import Registration
from tests.browser import steps

ANA, RUI, MIA, LEE, VERA, NOBODY = "ana.souza", "rui.prado", "mia.berg", "lee.chan", "vera.novak", ""
NOOR, ERIK, PRIYA = "noor.haddad", "erik.holm", "priya.nair"


@dataclass(frozen=True)
class Place:
    """A page that `person` sees at `url`, after `then`."""

    name: str
    person: str
    url: str
    then: Callable[[Page], None] = lambda page: None


def doors() -> list[Place]:
    return [
        Place("sign-in", NOBODY, reverse("account_login")),
        Place("sign-in-wrong", NOBODY, reverse("account_login"), wrong_password),
        Place("password-reset", NOBODY, reverse("account_reset_password")),
        Place("company-sign-in", NOBODY, reverse("company_sign_in")),
        Place("sessions", ANA, reverse("accounts:sessions")),
    ]


def lists() -> list[Place]:
    tabs = ("inbound", "outbound", "favorites")
    return [
        *(Place(f"list-{tab}", ANA, reverse("deals:list", args=[tab])) for tab in tabs),
        *(Place(f"list-{tab}-empty", MIA, reverse("deals:list", args=[tab])) for tab in tabs),
        Place("list-inbound-host", LEE, reverse("deals:list", args=["inbound"])),
        Place("list-partner-led", LEE, reverse("deals:list", args=["partner-led"])),
        Place(
            "list-found",
            ANA,
            reverse("deals:list", args=["outbound"]) + "?q=lake&status=active&country=US&sort=-value",
        ),
        Place("list-nothing-found", ANA, reverse("deals:list", args=["outbound"]) + "?q=zzzzzz"),
        Place("list-all", ANA, reverse("deals:list", args=["all"]) + "?q=lake"),
        Place("list-filters", ANA, reverse("deals:list", args=["outbound"]), open_filters),
        Place("columns", ANA, reverse("deals:columns")),
        Place("menus", LEE, reverse("deals:list", args=["inbound"]), open_menu),
    ]


def deal(name: str, organization: str = "Contoso Data") -> Deal:
    return Deal.objects.filter(name=name, organization__name=organization).get()


def page_of(found: Deal) -> str:
    return reverse("deals:detail", args=[found.uid])


def waiting() -> Deal:
    """An invitation that Ana may answer."""
    own = Deal.objects.filter(direction=Direction.INBOUND, organization__name="Contoso Data", stage=Stage.RECEIVED)
    return own.filter(expires_at__gt=clock.now()).earliest("pk")


def answer_link() -> str:
    """In the mail about it."""
    mails = Delivery.objects.filter(channel=Channel.MAIL, message="opportunity_received")
    return mail_links.link(mails.filter(event__deal_id=waiting().pk).earliest("pk"))


def deal_pages() -> list[Place]:
    adatum, metering = deal("Adatum lakehouse"), deal("City Power metering")
    ends = {stage: Deal.objects.filter(organization__name="Contoso Data", stage=stage).first() for stage in Stage}
    names = (Stage.WON, Stage.LOST, Stage.DECLINED, Stage.EXPIRED, Stage.ERROR, Stage.CREATED, Stage.ACCEPTED)
    return [
        Place("deal-developed", ANA, page_of(adatum)),
        Place("deal-received", ANA, page_of(waiting())),
        Place("deal-viewer", VERA, page_of(adatum)),
        Place("deal-portuguese", RUI, page_of(deal("Lamna triage"))),
        Place("deal-host-side", LEE, page_of(deal("Adatum lakehouse", "Microsoft"))),
        Place("deal-partner-led-read", LEE, page_of(metering)),
        Place("deal-not-mine", RUI, page_of(adatum)),
        Place(
            "why",
            ANA,
            f"{reverse('deals:why', args=[adatum.uid])}?person={User.objects.get(full_name='Tom Fisher').pk}",
        ),
        Place("deal-services", PRIYA, page_of(deal("Litware plants to the cloud", "Northlake Services"))),
        Place("deal-assessment", PRIYA, page_of(deal("Tailspin data centre exit", "Northlake Services"))),
        *(Place(f"deal-{stage}", ANA, page_of(found)) for stage in names if (found := ends[stage])),
    ]


def dialogs() -> list[Place]:
    own, private, received = deal("Adatum lakehouse"), deal("Proseware field app"), waiting()
    given = [
        (received, ("accept", "decline", "hand_over")),
        (own, ("propose", "win", "lose", "close_as_error")),
        (private, ("share",)),
    ]
    return [
        *(
            Place(f"dialog-{action}", ANA, page_of(about), dialog(action))
            for about, actions in given
            for action in actions
        ),
        Place("dialog-share-again", ANA, page_of(deal("Northwind cold chain")), dialog("share")),
        Place("dialog-decline-wrong", ANA, page_of(received), dialog("decline", wrong=True)),
        Place("ask-win-page", ANA, reverse("deals:act", args=[own.uid, "win"])),
        Place("ask-refused", ANA, reverse("deals:act", args=[deal("Humongous claims scoring").uid, "win"])),
    ]


def edits() -> list[Place]:
    own = deal("Adatum lakehouse")
    sections = [
        Place(f"edit-{section}", ANA, reverse("deals:edit", args=[own.uid, section]))
        for section in ("details", "team", "solutions")
    ]
    invite = reverse("deals:invite", args=[own.uid])
    partner = Organization.objects.get(name="Northlake Services")
    invited = deal("Adatum lakehouse", "Northlake Services")
    open_one = Deal.objects.filter(invited_from=deal("Proseware field app"), stage=Stage.RECEIVED).get()
    withdraw = reverse("deals:withdraw", args=[deal("Proseware field app").uid, open_one.pk])
    return [
        *sections,
        Place("edit-contact", ANA, reverse("deals:edit", args=[deal("Proseware field app").uid, "contact"])),
        Place("edit-wrong", ANA, reverse("deals:edit", args=[own.uid, "details"]), save_nothing),
        Place("invite", ANA, invite),
        Place("invite-partner", ANA, f"{invite}?add={partner.uid}"),
        Place("withdraw", ANA, withdraw),
        Place("sides", ANA, reverse("deals:sides", args=[own.uid])),
        Place("invite-refused", PRIYA, reverse("deals:invite", args=[invited.uid])),
    ]


def wizard() -> list[Place]:
    fresh, full = draft_of(ANA, {}), draft_of(ANA, answers())
    host = draft_of(LEE, {})
    services, assessment = (draft_of(PRIYA, {"details": {"kind": [kind]}}) for kind in ("services", "assessment"))
    names = ("customer", "details", "solutions", "help", "partners", "review")
    places = [Place(f"step-{slug}", ANA, reverse("deals:draft", args=[fresh.uid, slug])) for slug in names]
    places += [Place(f"step-{slug}-full", ANA, reverse("deals:draft", args=[full.uid, slug])) for slug in names]
    places += [
        Place(f"step-{slug}-wrong", ANA, reverse("deals:draft", args=[draft_of(ANA, {}).uid, slug]), next_step)
        for slug in ("customer", "details", "solutions", "help")
    ]
    partner = Organization.objects.get(name="Northlake Services")
    partners = reverse("deals:draft", args=[fresh.uid, "partners"])
    return [
        *places,
        Place("step-details-services", PRIYA, reverse("deals:draft", args=[services.uid, "details"]), next_step),
        Place(
            "step-solutions-assessment", PRIYA, reverse("deals:draft", args=[assessment.uid, "solutions"]), next_step
        ),
        Place("new", ANA, reverse("deals:new")),
        Place("new-refused", MIA, reverse("deals:new")),
        Place("step-customer-found", ANA, reverse("deals:draft", args=[draft_of(ANA, {}).uid, "customer"]), search),
        Place("step-help-drafted", ANA, reverse("deals:draft", args=[full.uid, "help"]), draft_notes),
        Place("step-partners-invitation", ANA, f"{partners}?add={partner.uid}"),
        Place("step-partners-host", LEE, reverse("deals:draft", args=[host.uid, "partners"]), next_step),
        Place("drafts", ANA, reverse("deals:drafts")),
        Place("drafts-empty", MIA, reverse("deals:drafts")),
    ]


def matching() -> list[Place]:
    def case(name: str) -> MatchCase:
        return MatchCase.objects.get(typed__name=name)

    def page(name: str, decision: str = "") -> str:
        uid = case(name).uid
        return (
            reverse("deals:match_decide", args=[uid, decision])
            if decision
            else reverse("deals:match_case", args=[uid])
        )

    tabs = ("waiting", "asked", "decided")
    account = CustomerAccount.objects.get(name="Fabrikam Seguros S.A.")
    twins = CustomerAccount.objects.filter(name__startswith="A. Datum Corp").order_by("pk")
    pair = "&".join(f"same={each.uid}" for each in twins)
    fabrikam = "Fabrikam Seguro SA"
    return [
        *(Place(f"matching-{tab}", NOOR, reverse("deals:matching", args=[tab])) for tab in tabs),
        Place("matching-case", NOOR, page(fabrikam)),
        Place("matching-case-answered", NOOR, page("Coho Wines")),
        Place("matching-case-held", NOOR, page("Northwind Trader")),
        Place("matching-case-search", NOOR, page(fabrikam) + "?name=fabrikam"),
        Place("matching-case-automatic", NOOR, page("Woodgrove Bank, S.A.")),
        Place("matching-match", NOOR, page(fabrikam, "match") + f"?account={account.uid}"),
        Place("matching-no-match", NOOR, page(fabrikam, "no-match")),
        Place("matching-ask", NOOR, page(fabrikam, "ask")),
        Place("matching-undo", NOOR, page("Woodgrove Bank, S.A.", "undo")),
        Place("matching-refused", NOOR, page("Trey Reserch", "no-match")),
        Place("matching-merge", NOOR, reverse("deals:merge_accounts") + f"?{pair}"),
        Place("deal-asked-about", ANA, page_of(deal("Alpine season passes"))),
        Place("deal-matched", ANA, page_of(deal("Trey sample tracking"))),
        Place("deal-no-match", ANA, page_of(deal("Bakery counters"))),
    ]


def rest() -> list[Place]:
    return [
        Place("home", ANA, reverse("deals:home")),
        Place("home-empty", MIA, reverse("deals:home")),
        Place("home-reviewer", NOOR, reverse("deals:home")),
        Place("preferences", ANA, reverse("events:preferences")),
        Place("away", ANA, reverse("accounts:away")),
        Place("bell", ANA, reverse("events:bell")),
        Place("bell-empty", VERA, reverse("events:bell")),
        Place("messages", ANA, reverse("events:preview_list")),
        Place("message", ANA, reverse("events:preview", args=["opportunity_received"])),
        Place("unsubscribe", NOBODY, unsubscribing.path_for(Delivery(message="deal_won", recipient_key="user:1"))),
        Place("profile", ANA, reverse("accounts:profile")),
        Place("second-factor", NOOR, reverse("mfa_index")),
        Place("second-factor-code", NOOR, reverse("mfa_reauthenticate")),
        Place("calendar", ANA, reverse("accounts:calendar"), make_address),
        Place("from-mail", NOBODY, answer_link()),
        Place("from-mail-wrong", NOBODY, answer_link(), accept_without_a_name),
        Place("password-change", ANA, reverse("account_change_password")),
        Place("sign-out", ANA, reverse("account_logout")),
        Place("404", ANA, "/deals/00000000-0000-0000-0000-000000000000/"),
        Place("403", VERA, reverse("deals:new")),
    ]


def registrations() -> list[Place]:
    """The partner's pages by state, then the reviewers'."""
    won = {
        "form": "Humongous claims scoring",
        "asked": "Adventure media lake",
        "in-review": "Northwind depot lake",
        "changed": "Phone Company store signals",
        "failed": "Wide World claims desk",
        "passed": "Consolidated parcels lake",
    }
    cases = {"second": "Woodgrove card vault", "again": "Vale crédito rural", "market": "Humongous renewals"}
    found = {each.deal.name: each for each in Registration.objects.select_related("deal", "deal__exception_request")}
    exception = found["Wide World claims desk"].deal.exception_request
    return [
        Place("know-why", ANA, reverse("registrations:why", args=[deal("Adatum lakehouse").uid])),
        *(
            Place(f"registration-{name}", ANA, reverse("registrations:registration", args=[deal(title).uid]))
            for name, title in won.items()
        ),
        Place("review-queue", NOOR, reverse("registrations:review", args=["waiting"])),
        Place(
            "review-queue-filters",
            NOOR,
            reverse("registrations:review", args=["waiting"]) + "?reason=payg",
            open_filters,
        ),
        *(
            Place(f"review-queue-{tab}", NOOR, reverse("registrations:review", args=[tab]))
            for tab in ("mine", "exceptions")
        ),
        Place("review-keys", NOOR, reverse("registrations:review_keys")),
        Place("review-keep-filter", NOOR, reverse("registrations:review_filters")),
        Place("review-queue-decided", ERIK, reverse("registrations:review", args=["decided"])),
        Place("review-numbers", ERIK, reverse("registrations:numbers") + "?span=90"),
        *(
            Place(f"review-{name}", NOOR, reverse("registrations:case", args=[found[title].uid]))
            for name, title in cases.items()
        ),
        Place("review-changed", NOOR, reverse("registrations:case", args=[found[won["changed"]].uid])),
        Place("exception", NOOR, reverse("registrations:exception_case", args=[exception.uid])),
        Place("numbers", ERIK, reverse("registrations:numbers")),
    ]


def draft_of(name: str, given: dict[str, object]) -> Draft:
    user = User.objects.get(email__startswith=f"{name}@")
    organization = Who.everywhere(user)[0].organization
    now = clock.now()
    return Draft.objects.create(organization=organization, owner=user, answers=given, created_at=now, updated_at=now)


def answers() -> dict[str, object]:
    longest = CustomerAccount.objects.get(name__startswith="International Manufacturing")
    return {
        "customer": {
            "customer": [str(longest.uid)],
            "contact_name": ["Chris Gray"],
            "contact_phone": ["+1 555 0199"],
            "contact_email": ["c@imlh.example"],
            "consent": ["on"],
        },
        "details": {
            "kind": ["ip"],
            "name": ["A lakehouse for nine hundred plants of International Manufacturing on three continents"],
            "location": [str(Location.objects.get(partner_id="999999").pk)],
            "value": ["123456789012.34"],
            "currency": ["USD"],
            "close_on": [steps.CLOSES.isoformat()],
            "intent": ["yes"],
            "notes": ["They asked for a follow-up."],
            "team-TOTAL_FORMS": ["1"],
            "team-INITIAL_FORMS": ["0"],
            "team-0-name": ["Ana Souza"],
            "team-0-phone": ["+55 11 5550 0101"],
            "team-0-email": ["ana.souza@contoso.example"],
        },
        "solutions": {"own": [steps.LAKEHOUSE]},
        "help": {"help": ["architecture"], "customer_problem": ["A licence ends."], "help_needed": ["A review."]},
        "partners": {},
    }


# what is done before looking


def wrong_password(page: Page) -> None:
    page.locator("[name=login]").fill("nobody@nowhere.example")
    page.locator("[name=password]").fill("wrong")
    page.locator("[name=password]").press("Enter")
    expect(page.locator(".errorlist, [role=alert]").first).to_be_visible()


def make_address(page: Page) -> None:
    page.locator("button[name=make]").click()
    expect(page.locator("#address")).to_be_visible()


def accept_without_a_name(page: Page) -> None:
    page.locator("[name=accept-name]").fill("")
    page.locator("details[open] button.primary").click()
    expect(page.locator("[role=alert]")).to_be_visible()


def open_filters(page: Page) -> None:
    page.locator("main form details > summary").first.click()


def open_menu(page: Page) -> None:
    page.locator("header.top details > summary").last.click()


def dialog(action: str, *, wrong: bool = False) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        form = steps.ask(page, action)
        expect(page.locator("dialog[open]")).to_be_visible()
        if wrong:
            steps.confirm(form)
            expect(page.locator("dialog .errorlist, dialog [role=alert]").first).to_be_visible()
        page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")

    return then


def save_nothing(page: Page) -> None:
    page.locator("main [name=name]").fill("")
    page.locator("main [name=value]").fill("-1")
    page.locator("main form button.primary").last.click()
    expect(page.locator(".errorlist").first).to_be_visible()


def next_step(page: Page) -> None:
    steps.go(page, "next")
    expect(page.locator("main [role=alert], main .errorlist").first).to_be_visible()


def search(page: Page) -> None:
    page.locator("[name=name]").press_sequentially("a datum corp")
    expect(page.locator("#customer-results label").first).to_be_visible()


def draft_notes(page: Page) -> None:
    page.locator("[data-go=draft]").click()
    expect(page.locator("[data-go=use]")).to_be_visible()
