"""The areas, plays and programs that are public (fact sheet 5.13, 7.4): what the vendor's admins start from."""

from typing import Any

from accounts import models

PLAYS = {
    "AI Business Solutions": (
        "Copilot and Agents at Work",
        "Data Security",
        "Innovate with Low Code AI and Agents",
        "Scale Business Operations with AI",
        "Secure AI Productivity",
    ),
    "Cloud and AI Platforms": ("Innovate with Azure AI Apps and Agents",),
}
PROGRAMS = (
    "Azure Expert MSP",
    "Co-sell deployment services",
    "Solutions Partner designations",
    "Specializations",
)


def load_taxonomy(apps: Any = models) -> None:
    """Add what is not there yet; `apps` holds the three models as a migration sees them, or as they are."""
    for area, plays in PLAYS.items():
        row, _new = apps.SolutionArea.objects.get_or_create(name=area)
        for play in plays:
            apps.SolutionPlay.objects.get_or_create(area=row, name=play)
    for program in PROGRAMS:
        apps.PartnerProgram.objects.get_or_create(name=program)
