"""Who acts: a person in the current organization, with what the roles there reach (product.md §3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from accounts.enums import KEEPERS, Role, Scope
from accounts.models import Location, Membership, Organization, User


@dataclass(frozen=True)
class Reach:
    """Where a role holds: at every location, or at some (which always include the global one)."""

    everything: bool = False
    location_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Who:
    user: User
    organization: Organization
    memberships: tuple[Membership, ...]

    @classmethod
    def everywhere(cls, user: User) -> list[Who]:
        """`user` in each organization with an active role, by name; a query for the roles, one for their locations."""
        held = (
            user.memberships.filter(is_active=True)
            .select_related("organization")
            .prefetch_related("locations")
            .order_by("organization__name", "pk")
        )
        by_organization: dict[Organization, list[Membership]] = {}
        for membership in held:
            by_organization.setdefault(membership.organization, []).append(membership)
        return [cls(user, organization, tuple(roles)) for organization, roles in by_organization.items()]

    @classmethod
    def of(cls, user: User, organization: Organization) -> Who | None:
        """`user` acting in `organization`; None without an active role there."""
        return next((who for who in cls.everywhere(user) if who.organization == organization), None)

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(membership.role for membership in self.memberships)

    def has_role(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def keeps_room(self) -> bool:
        """May open the admin for this organization."""
        return self.has_role(*KEEPERS)

    @cached_property
    def admin_reach(self) -> Reach:
        return self._reach(Role.REFERRALS_ADMIN, Role.VENDOR_ADMIN)

    @cached_property
    def viewer_reach(self) -> Reach:
        return self._reach(Role.REFERRALS_VIEWER, Role.REVIEWER)

    @cached_property
    def user_reach(self) -> Reach:
        return self._reach(Role.REFERRALS_USER, Role.SELLER)

    @cached_property
    def markets(self) -> frozenset[str]:
        """Countries that the person's seller roles cover, ISO alpha-2."""
        return frozenset(c for m in self.memberships if m.role == Role.SELLER for c in m.markets)

    @cached_property
    def _global_location_id(self) -> int | None:
        return (
            Location.objects.filter(organization=self.organization, is_global=True)
            .values_list("pk", flat=True)
            .first()
        )

    def _reach(self, *roles: Role) -> Reach:
        held = [membership for membership in self.memberships if membership.role in roles]
        if any(membership.scope == Scope.COMPANY for membership in held):
            return Reach(everything=True)
        ids = {
            location.pk
            for membership in held
            for location in membership.locations.all()
            if location.organization_id == self.organization.pk
        }
        if ids and self._global_location_id:
            ids.add(self._global_location_id)
        return Reach(location_ids=frozenset(ids))

    def creation_locations(self) -> QuerySet[Location]:
        """Locations for which the person may create deals: those in scope; the global one is only seen."""
        own = Location.objects.filter(organization=self.organization)
        creators = (Role.REFERRALS_ADMIN, Role.REFERRALS_USER, Role.SELLER)
        held = [membership for membership in self.memberships if membership.role in creators]
        if any(membership.scope == Scope.COMPANY for membership in held):
            return own
        return own.filter(pk__in=[loc.pk for membership in held for loc in membership.locations.all()])

    def can_create_at(self, location: Location) -> bool:
        return self.creation_locations().filter(pk=location.pk).exists()

    @cached_property
    def scope_label(self) -> str:
        """The widest scope in words, for the header."""
        if any(membership.scope == Scope.COMPANY for membership in self.memberships):
            return str(Scope.COMPANY.label)
        names: Iterable[str] = {loc.name for membership in self.memberships for loc in membership.locations.all()}
        return ", ".join(sorted(names))
