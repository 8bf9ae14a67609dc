"""Who decides about an invitation, and who is told too the nearer its end comes (product.md §8, §11; fact sheet 2.1).

Pure from `Post` to `Told`: the rules stand here, the rows come from `posts_of`. What is asked of a person here is the
same as in `perms.is_editor` (docs/decisions/0012-who-is-told.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from accounts.enums import HEADS, Role, Scope
from accounts.models import CustomerAccount, Membership, Organization, User
from deals.enums import Step

ADMINS = frozenset({Role.REFERRALS_ADMIN, Role.VENDOR_ADMIN})  # the roles of `Who.admin_reach`
ANSWERING = ADMINS | HEADS | {Role.SELLER}


@dataclass(frozen=True)
class Post:
    """An active role of an active person in the invited organization, in the light of one opportunity.

    `covers`: a seller of the customer's market; `named`: on the customer's account.
    """

    user: User
    role: str
    everywhere: bool = True
    location_ids: frozenset[int] = frozenset()
    covers: bool = False
    named: bool = False


@dataclass(frozen=True)
class Spot:
    """Where the opportunity lies, and which location of that organization is the global one."""

    location_id: int
    global_id: int


@dataclass(frozen=True)
class Told:
    """Who is told, on which step of the chain, and whether they can answer: else they must make somebody able to."""

    user: User
    step: Step
    can_answer: bool


def _is_admin(post: Post) -> bool:
    return post.role in ADMINS


def _is_local(post: Post) -> bool:
    return _is_admin(post) and not post.everywhere


STANDS_ON: dict[Step, Callable[[Post, Spot], bool]] = {
    Step.ACCOUNT: lambda post, spot: post.role == Role.SELLER and post.named,
    Step.MARKET: lambda post, spot: post.role == Role.SELLER and post.covers,
    Step.LOCATION: lambda post, spot: _is_local(post) and spot.location_id in post.location_ids,
    Step.COMPANY: lambda post, spot: _is_admin(post) and (post.everywhere or spot.global_id in post.location_ids),
    Step.OTHERS: lambda post, spot: _is_local(post),
    Step.KEEPERS: lambda post, spot: post.role in HEADS,
    Step.ANYBODY: lambda post, spot: True,
}
# Where nobody can answer: who looks after the company or gives out its roles; else the other admins; else anybody.
WITHOUT_ANSWER: tuple[tuple[Step, ...], ...] = ((Step.COMPANY, Step.KEEPERS), (Step.OTHERS,), (Step.ANYBODY,))

# With so many hours left these are told as well (product.md §10): the others who look after the location or the
# market, those who look after the company, who gives out the roles.
ESCALATION: Mapping[int, tuple[Step, ...]] = {
    168: (Step.MARKET, Step.LOCATION, Step.OTHERS),
    72: (Step.COMPANY,),
    24: (Step.KEEPERS,),
}


def can_answer(post: Post, spot: Spot) -> bool:
    """Could the person answer by this role? As `perms.is_editor`, but for who is on the team."""
    if post.role == Role.SELLER:
        return post.named or post.covers
    reached = post.location_ids | {spot.global_id} if post.location_ids else post.location_ids
    return _is_admin(post) and (post.everywhere or spot.location_id in reached)


def told(posts: Sequence[Post], spot: Spot, hours_left: int | None = None) -> list[Told]:
    """Who is told when the invitation comes (None), and with `hours_left` until its end. Each person once.

    Down the chain to the first step with somebody who can answer. Where nobody can, everybody on the way is told, who
    could make somebody able to; where there is nobody at all, whoever works there.
    """
    able = {post.user.pk for post in posts if can_answer(post, spot)}
    found: dict[int, Told] = {}

    def add(*steps: Step, unable: bool = False) -> None:
        for step in steps:
            for post in posts:
                if STANDS_ON[step](post, spot) and (unable or post.user.pk in able):
                    found.setdefault(post.user.pk, Told(post.user, step, post.user.pk in able))

    for step in Step:
        if not found:
            add(step)
    for steps in WITHOUT_ANSWER:
        if not found:
            add(*steps, unable=True)
    for mark, steps in ESCALATION.items():
        if hours_left is not None and hours_left <= mark:
            add(*steps, unable=Step.KEEPERS in steps)
    return list(found.values())


def posts_of(organization_id: int, country: str, customer_id: int | None) -> list[Post]:
    """The posts there that matter for a customer in `country`: who may answer or gives out roles.

    Whoever works there, where nobody may or does. Two questions to the database, however many work there.
    """
    on_account = CustomerAccount.team.through.objects.filter(customeraccount_id=customer_id or 0)
    here = (
        Membership.objects.filter(organization=organization_id, is_active=True, user__is_active=True)
        .annotate(named=Exists(on_account.filter(user_id=OuterRef("user_id"))))
        .select_related("user")
        .prefetch_related("locations")
        .order_by("user_id", "pk")
    )
    concerned = Q(role=Role.SELLER) & (Q(markets__contains=[country]) | Q(named=True))
    rows = list(here.filter(Q(role__in=ADMINS | HEADS) | concerned)) or list(here)
    return [_post(row, country) for row in rows]


def _post(row: Membership, country: str) -> Post:
    own = (place.pk for place in row.locations.all() if place.organization_id == row.organization_id)
    return Post(row.user, row.role, row.scope == Scope.COMPANY, frozenset(own), country in row.markets, row.named)  # type: ignore[attr-defined]


def is_anybody_there(organization: Organization) -> bool:
    """Is there anybody active who could answer what is sent, or make somebody able to?"""
    return Membership.objects.filter(
        organization=organization, is_active=True, user__is_active=True, role__in=ANSWERING
    ).exists()
