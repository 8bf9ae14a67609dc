"""Organizations, locations, people with their roles, solutions."""

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

from accounts.actions import create_organization
from accounts.enums import BizApps, OrganizationKind, Role, Scope, SolutionKind, SolutionStatus
from accounts.models import Location, Membership, Organization, RoutingRule, Solution, User
from accounts.taxonomy import load_taxonomy
from cosell.local.second_factors import SECRETS
from registrations.programs import load_programs

PASSWORD = "cosell-demo-2026"  # noqa: S105  printed by the demo, and worth nothing elsewhere

# e-mail, name, phone, language, time zone, organization, roles, locations ("" is the entire company), markets
PEOPLE = [
    (
        "ana.souza@contoso.example",
        "Ana Souza",
        "+55 11 5550 0101",
        "",
        "America/Sao_Paulo",
        "Contoso Data",
        [Role.REFERRALS_ADMIN],
        [],
        [],
    ),
    (
        "rui.prado@contoso.example",
        "Rui Prado",
        "+55 11 5550 0102",
        "pt-br",
        "America/Sao_Paulo",
        "Contoso Data",
        [Role.REFERRALS_USER],
        [],
        [],
    ),
    (
        "julia.campos@contoso.example",
        "Júlia Campos",
        "+55 11 5550 0103",
        "pt-br",
        "America/Sao_Paulo",
        "Contoso Data",
        [Role.REFERRALS_ADMIN],
        ["100201"],
        [],
    ),
    (
        "tom.fisher@contoso.example",
        "Tom Fisher",
        "+44 20 5550 0104",
        "en",
        "Europe/London",
        "Contoso Data",
        [Role.REFERRALS_USER],
        ["100202"],
        [],
    ),
    (
        "vera.novak@contoso.example",
        "Vera Novak",
        "+1 206 555 0105",
        "en",
        "America/Los_Angeles",
        "Contoso Data",
        [Role.REFERRALS_VIEWER],
        [],
        [],
    ),
    (
        "diego.reyes@contoso.example",
        "Diego Reyes",
        "+1 206 555 0106",
        "en",
        "America/Los_Angeles",
        "Contoso Data",
        [Role.ACCOUNT_ADMIN, Role.SOLUTION_ADMIN],
        [],
        [],
    ),
    (
        "priya.nair@northlake.example",
        "Priya Nair",
        "+91 80 5550 0201",
        "en",
        "Asia/Kolkata",
        "Northlake Services",
        [Role.REFERRALS_ADMIN],
        [],
        [],
    ),
    (
        "sam.okoro@northlake.example",
        "Sam Okoro",
        "+44 113 555 0202",
        "en",
        "Europe/London",
        "Northlake Services",
        [Role.REFERRALS_USER],
        [],
        [],
    ),
    (
        "mia.berg@relecloud.example",
        "Mia Berg",
        "+49 221 555 0301",
        "en",
        "Europe/Berlin",
        "Relecloud",
        [Role.REFERRALS_ADMIN, Role.ACCOUNT_ADMIN],
        [],
        [],
    ),
    (
        "lee.chan@microsoft.example",
        "Lee Chan",
        "+1 425 555 0401",
        "en",
        "America/Los_Angeles",
        "Microsoft",
        [Role.SELLER],
        [],
        ["US", "CA", "GB", "IN", "DE", "JP", "TR", "PL"],
    ),
    (
        "beatriz.lima@microsoft.example",
        "Beatriz Lima",
        "+55 11 5550 0402",
        "pt-br",
        "America/Sao_Paulo",
        "Microsoft",
        [Role.SELLER],
        [],
        ["BR", "PT", "MX", "AR", "CL"],
    ),
    (
        "noor.haddad@microsoft.example",
        "Noor Haddad",
        "+1 425 555 0403",
        "en",
        "America/Los_Angeles",
        "Microsoft",
        [Role.REVIEWER],
        [],
        [],
    ),
    (
        "erik.holm@microsoft.example",
        "Erik Holm",
        "+1 425 555 0404",
        "en",
        "Europe/Stockholm",
        "Microsoft",
        [Role.VENDOR_ADMIN],
        [],
        [],
    ),
]
# Sam also helps at Relecloud: a person in two organizations.
ALSO = [("sam.okoro@northlake.example", "Relecloud", Role.REFERRALS_VIEWER)]
OPERATOR = ("operator@cosell.example", "Olga Petrov")

SIGN_INS = [
    ("ana.souza@contoso.example", "Ana Souza", "Contoso Data", "referrals admin, entire company"),
    ("rui.prado@contoso.example", "Rui Prado", "Contoso Data", "referrals user (portuguese)"),
    ("julia.campos@contoso.example", "Júlia Campos", "Contoso Data", "referrals admin, São Paulo"),
    ("tom.fisher@contoso.example", "Tom Fisher", "Contoso Data", "referrals user, London"),
    ("vera.novak@contoso.example", "Vera Novak", "Contoso Data", "viewer"),
    ("diego.reyes@contoso.example", "Diego Reyes", "Contoso Data", "account and solution admin"),
    ("priya.nair@northlake.example", "Priya Nair", "Northlake Services", "referrals admin"),
    ("sam.okoro@northlake.example", "Sam Okoro", "Northlake Services, Relecloud", "referrals user, viewer"),
    ("mia.berg@relecloud.example", "Mia Berg", "Relecloud", "referrals and account admin, no co-sell ready solution"),
    ("lee.chan@microsoft.example", "Lee Chan", "Microsoft", "seller: US, CA, GB, IN, DE, JP, TR, PL"),
    ("beatriz.lima@microsoft.example", "Beatriz Lima", "Microsoft", "seller: BR, PT, MX, AR, CL (portuguese)"),
    ("noor.haddad@microsoft.example", "Noor Haddad", "Microsoft", "reviewer; is asked for a code"),
    ("erik.holm@microsoft.example", "Erik Holm", "Microsoft", "vendor admin; is asked for a code"),
    ("operator@cosell.example", "Olga Petrov", "–", "operator, Django admin; is asked for a code"),
]

SOLUTIONS = [
    # organization, code, name, kind, status, bizapps, MACC, incentivized
    ("Contoso Data", "SOL-10471-CLH", "Contoso Lakehouse", SolutionKind.IP, SolutionStatus.AZURE_IP_ELIGIBLE, "", True, True),
    ("Contoso Data", "SOL-10472-CFR", "Contoso Fraud Signals", SolutionKind.IP, SolutionStatus.AZURE_IP_ELIGIBLE, "", True, False),
    ("Contoso Data", "SOL-10473-CFS", "Contoso Field Service", SolutionKind.IP, SolutionStatus.COSELL_READY, BizApps.PREMIUM, False, False),
    ("Contoso Data", "SOL-10474-CPT", "Contoso Plant Twin", SolutionKind.IP, SolutionStatus.IN_MARKET, "", False, False),
    ("Northlake Services", "SOL-20110-NMG", "Northlake Migration Factory", SolutionKind.SERVICE, SolutionStatus.COSELL_READY, "", False, False),
    ("Northlake Services", "SOL-20111-NFC", "Northlake Forecasting", SolutionKind.IP, SolutionStatus.COSELL_READY, BizApps.STANDARD, False, False),
    ("Relecloud", "SOL-30207-RFA", "Relecloud Field App", SolutionKind.IP, SolutionStatus.IN_MARKET, "", False, False),
    ("Microsoft", "SOL-00001-DBX", "Azure Databricks", SolutionKind.FIRST_PARTY, SolutionStatus.COSELL_READY, "", True, False),
    ("Microsoft", "SOL-00002-AVM", "Azure Virtual Machines", SolutionKind.FIRST_PARTY, SolutionStatus.COSELL_READY, "", True, False),
    ("Microsoft", "SOL-00003-D3S", "Dynamics 365 Sales", SolutionKind.FIRST_PARTY, SolutionStatus.COSELL_READY, "", False, False),
    ("Microsoft", "SOL-00004-AIF", "Azure AI Foundry", SolutionKind.FIRST_PARTY, SolutionStatus.COSELL_READY, "", True, False),
    ("Microsoft", "SOL-00101-DIM", "Data & Infrastructure Migration", SolutionKind.ASSESSMENT, SolutionStatus.COSELL_READY, "", False, False),
    ("Microsoft", "SOL-00102-APM", "Application Modernization", SolutionKind.ASSESSMENT, SolutionStatus.COSELL_READY, "", False, False),
    ("Microsoft", "SOL-00103-AZF", "Azure Foundations", SolutionKind.ASSESSMENT, SolutionStatus.COSELL_READY, "", False, False),
    ("Microsoft", "SOL-00104-AZE", "Azure Express", SolutionKind.ASSESSMENT, SolutionStatus.COSELL_READY, "", False, False),
    ("Microsoft", "SOL-00105-ACO", "Azure Cost Optimization", SolutionKind.ASSESSMENT, SolutionStatus.COSELL_READY, "", False, False),
    ("Microsoft", "SOL-00106-HBC", "Holistic Business Case", SolutionKind.ASSESSMENT, SolutionStatus.COSELL_READY, "", False, False),
]  # fmt: skip

# where a solution is at home (else at the global location), and Contoso's rules: market, solution, PartnerID
AT_HOME = {"SOL-10472-CFR": "100202", "SOL-10473-CFS": "100201"}
ROUTING = [("GB", "SOL-10471-CLH", "100202"), ("BR", "", "100201"), ("", "", "999999")]


def load_people() -> None:
    """Write organizations, people and solutions into empty tables."""
    load_taxonomy()
    load_programs()
    create_organization(
        name="Microsoft",
        kind=OrganizationKind.VENDOR,
        country="US",
        partner_id="1",
        city="Redmond",
        matches_accounts=True,
    )
    contoso = create_organization(name="Contoso Data", country="US", partner_id="999999", city="Seattle")
    Location.objects.create(
        organization=contoso, name="Contoso São Paulo", partner_id="100201", country="BR", city="São Paulo"
    )
    Location.objects.create(
        organization=contoso, name="Contoso London", partner_id="100202", country="GB", city="London"
    )
    create_organization(
        name="Northlake Services",
        country="GB",
        partner_id="200100",
        city="Leeds",
        solutions_partner=True,
        assessment_vetted=True,
    )
    create_organization(name="Relecloud", country="DE", partner_id="300100", city="Köln")
    organizations = {organization.name: organization for organization in Organization.objects.all()}
    for email, name, phone, language, zone, organization, roles, locations, markets in PEOPLE:
        user = User.objects.create_user(
            email, PASSWORD, full_name=name, phone=phone, language=language, time_zone=zone
        )
        for role in roles:
            membership = Membership.objects.create(
                user=user,
                organization=organizations[organization],
                role=role,
                scope=Scope.LOCATIONS if locations else Scope.COMPANY,
                markets=markets,
            )
            membership.locations.set(Location.objects.filter(partner_id__in=locations))
    for email, organization, role in ALSO:
        Membership.objects.create(
            user=User.objects.get(email=email), organization=organizations[organization], role=role
        )
    User.objects.create_superuser(OPERATOR[0], PASSWORD, full_name=OPERATOR[1])
    for email, secret in SECRETS.items():
        user = User.objects.get(email=email)
        TOTP.activate(user, secret)
        RecoveryCodes.activate(user)
    Solution.objects.bulk_create(
        Solution(
            organization=organizations[organization],
            code=code,
            name=name,
            kind=kind,
            status=status,
            bizapps=bizapps,
            macc_eligible=macc,
            incentivized=incentivized,
        )
        for organization, code, name, kind, status, bizapps, macc, incentivized in SOLUTIONS
    )
    _load_routing(contoso)


def _load_routing(organization: Organization) -> None:
    """Solutions at home, and the rules of Contoso."""
    places = {location.partner_id: location for location in organization.locations.all()}
    for code, partner_id in AT_HOME.items():
        Solution.objects.filter(code=code).update(location=places[partner_id])
    RoutingRule.objects.bulk_create(
        RoutingRule(
            organization=organization,
            market=market,
            solution=Solution.objects.get(code=code) if code else None,
            location=places[partner_id],
        )
        for market, code, partner_id in ROUTING
    )
