"""Why can I (not) see this? In words, from the conditions that decide: `queries.WAYS` and `queries.needs`.

Product.md §10. A sentence about what lacks says nothing of the deal itself: it is read by people who may not open it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import VENDOR_ROLES, OrganizationKind, Role
from accounts.models import Location
from cosell.web.countries import country_name
from cosell.web.reasons import Reason
from deals import perms
from deals.enums import Action, Need, Way
from deals.models import Deal
from deals.queries import WAYS

if TYPE_CHECKING:
    from accounts.who import Reach, Who

ROLES = {
    Way.ADMIN: (Role.REFERRALS_ADMIN, Role.VENDOR_ADMIN),
    Way.VIEWER: (Role.REFERRALS_VIEWER, Role.REVIEWER),
    Way.TEAM: (Role.REFERRALS_USER, Role.SELLER),
    Way.MARKET: (Role.SELLER,),
    Way.ACCOUNT: (Role.SELLER,),
}
WIDE = (Way.ADMIN, Way.VIEWER)  # these see deals that they have no part in
SCOPES = (Need.ADMIN_SCOPE, Need.VIEWER_SCOPE, Need.USER_SCOPE, Need.ADMIN_OF_ALL, Need.VIEWER_OF_ALL)


@dataclass(frozen=True)
class Explanation:
    """`ways` by which the person sees the side, none if not at all; `lacks`: what is missing on each other way.

    Meeting any one of `lacks` would open the side. Both are empty for a side that is nothing to the organization.
    """

    ways: list[Reason]
    lacks: list[Reason]


def explain(who: Who, deal: Deal, *, to_self: bool = True) -> Explanation:
    """One question to the database; "you" where the reader is the person, else by name."""
    rows = Deal.objects.with_needs(who).select_related("organization", "engagement__customer", "engagement__creator")
    return explained(who, rows.get(pk=deal.pk), to_self=to_self)


def explained(who: Who, side: Deal, *, to_self: bool = True) -> Explanation:
    """The same for a side that was read `with_needs(who)`."""
    words, found = _Words(who, to_self), Explanation([], [])
    for ground, ways in WAYS.items():
        if not _meets(side, ground):
            continue
        for way, asked in ways.items():
            missing = [need for need in asked if not _meets(side, need)]
            if not missing:
                found.ways.append(Reason(way, words.opens(ground, way, side)))
            elif words.held(way):
                found.lacks.append(words.lack(way, missing))
        found.lacks.extend(words.roles_that_lack())
    return found


def cannot_change(who: Who, deal: Deal, *, to_self: bool = True) -> list[Reason]:
    """Why the person may read this side and not change it; empty for who may. Its stage is another matter."""
    reasons = perms.refusals(who, deal, Action.EDIT)
    return reasons if to_self else [_Words(who, to_self).reads_only(reason) for reason in reasons]


def _meets(side: Deal, need: Need) -> bool:
    return getattr(side, f"meets_{need}")


class _Words:
    """Sentences to the person, or to somebody else about the person."""

    def __init__(self, who: Who, to_self: bool) -> None:  # noqa: FBT001  told by the functions above, by name
        self.who, self.to_self = who, to_self
        self.in_vendor = who.organization.kind == OrganizationKind.VENDOR

    def held(self, *ways: Way) -> list[Role]:
        """Roles of the person that these ways ask for."""
        return [role for way in ways for role in ROLES[way] if role in self.who.roles]

    def opens(self, ground: Need, way: Way, side: Deal) -> str:
        if ground == Need.OWN:
            return self._opens(way, side)
        if way in WIDE:
            text = self._pick(
                _("As %(role)s you see every deal that partners show to %(organization)s."),
                _("As %(role)s, %(name)s sees every deal that partners show to %(organization)s."),
                way,
            )
        else:
            text = self._opens(way, side)
        shown = _("%(partner)s leads this deal and shows it to %(organization)s.")
        return f"{self._say(shown, partner=side.engagement.creator.name)} {text}"

    def _opens(self, way: Way, side: Deal) -> str:
        if way == Way.TEAM:
            return self._pick(
                _("You are on the team of this deal, and as %(role)s you reach its location."),
                _("%(name)s is on the team of this deal, and as %(role)s reaches its location."),
                way,
            )
        if way == Way.MARKET:
            return self._pick(
                _("As %(role)s you cover the customer's market: %(country)s."),
                _("As %(role)s, %(name)s covers the customer's market: %(country)s."),
                way,
                country=country_name(side.engagement.customer.country),
            )
        if way == Way.ACCOUNT:
            return self._pick(
                _("You are named on the customer's account."), _("%(name)s is named on the customer's account."), way
            )
        if self._reach(way).everything:
            return self._pick(
                _("As %(role)s you see every deal of %(organization)s."),
                _("As %(role)s, %(name)s sees every deal of %(organization)s."),
                way,
            )
        return self._pick(
            _("As %(role)s you see every deal of these locations: %(places)s."),
            _("As %(role)s, %(name)s sees every deal of these locations: %(places)s."),
            way,
        )

    def lack(self, way: Way, missing: list[Need]) -> Reason:
        """One way, with all that is missing on it."""
        told = [self._lack(way, need) for need in missing]
        return Reason(way, " ".join(text for text, _fix in told), " ".join(fix for _text, fix in told))

    def _lack(self, way: Way, need: Need) -> tuple[str, str]:
        """What lacks, and who can change it."""
        if need in SCOPES:
            text = self._pick(
                _("As %(role)s you reach only these locations: %(places)s. The deal is at another one."),
                _("As %(role)s, %(name)s reaches only these locations: %(places)s. The deal is at another one."),
                way,
            )
            return text, self._role_admin()
        if need == Need.TEAM:
            text = self._pick(
                _("You are not on the team of this deal."), _("%(name)s is not on the team of this deal."), way
            )
            return text, self._team_admin()
        if need == Need.MARKET:
            text = self._pick(
                _("The customer is in none of the markets that you cover."),
                _("The customer is in none of the markets that %(name)s covers."),
                way,
            )
            return text, self._role_admin()
        text = self._pick(
            _("You are not named on the customer's account."),
            _("%(name)s is not named on the customer's account."),
            way,
        )
        return text, self._say(_("Whoever keeps the customer accounts of %(organization)s can change that."))

    def roles_that_lack(self) -> list[Reason]:
        """The roles that would see the deal without a part in it; or that no role has to do with deals at all."""
        if self.held(*WIDE):
            return []
        if not self.held(Way.TEAM):
            text = self._say(_("None of your roles opens deals."), _("None of the roles of %(name)s opens deals."))
            return [Reason("role", text, self._role_admin())]
        text = self._say(
            _("You have none of the roles that see deals without being part of them: %(roles)s."),
            _("%(name)s has none of the roles that see deals without being part of them: %(roles)s."),
            roles=", ".join(
                str(role.label) for way in WIDE for role in ROLES[way] if (role in VENDOR_ROLES) == self.in_vendor
            ),
        )
        return [Reason("role", text, self._role_admin())]

    def reads_only(self, reason: Reason) -> Reason:
        """A refusal of `perms`, which speaks to the person, said about the person."""
        if reason.code != "read_only":
            return reason
        return Reason(reason.code, self._say(_("%(name)s can read this deal, not change it.")), self._team_admin())

    def _role_admin(self) -> str:
        if self.in_vendor:
            return self._say(_("A vendor admin of %(organization)s can change roles, their locations and markets."))
        return self._say(_("An account admin of %(organization)s can change roles and their locations."))

    def _team_admin(self) -> str:
        if self.in_vendor:
            return self._say(
                _("A vendor admin of %(organization)s can add you."),
                _("A vendor admin of %(organization)s can add %(name)s to the team."),
            )
        return self._say(
            _("A referrals admin of %(organization)s can add you."),
            _("A referrals admin of %(organization)s can add %(name)s to the team."),
        )

    def _reach(self, way: Way) -> Reach:
        who = self.who
        return {Way.ADMIN: who.admin_reach, Way.VIEWER: who.viewer_reach}.get(way, who.user_reach)

    def _pick(self, you: str, they: str, way: Way, **words: str) -> str:
        """With the role and, where it is said, the locations by which the person goes this way."""
        if "%(places)s" in you:
            reached = Location.objects.filter(pk__in=self._reach(way).location_ids).order_by("name")
            words["places"] = ", ".join(reached.values_list("name", flat=True)) or _("none")
        return self._say(you, they, role=", ".join(str(role.label) for role in self.held(way)), **words)

    def _say(self, you: str, they: str = "", **words: str) -> str:
        text = you if self.to_self or not they else they
        return text % {"name": str(self.who.user), "organization": self.who.organization.name, **words}
