"""A person without a mouse: Tab, Enter, Space, arrows, and typing."""

from playwright.sync_api import Page

FOCUSED = "(what) => document.activeElement.matches(what)"
FAR = 150  # a page whose controls are further apart than that is a page one gets lost in


class Keys:
    def __init__(self, page: Page) -> None:
        self.page, self.keyboard = page, page.keyboard

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keyboard.press(key)

    def to(self, what: str) -> None:
        """Tab until the focus is on `what`, which must be visible there."""
        for _count in range(FAR):
            self.press("Tab")
            if self.page.evaluate(FOCUSED, what):
                self._is_seen(what)
                return
        raise AssertionError(f"Tab does not reach {what}")

    def _is_seen(self, what: str) -> None:
        """Focus not obscured (WCAG 2.4.11): the middle of what has the focus is on the screen and on top."""
        seen = self.page.evaluate("""() => {
          const it = document.activeElement, box = it.getBoundingClientRect();
          const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
          return !!top && (it.contains(top) || top.contains(it) || top.closest("label")?.contains(it) || false);
        }""")
        assert seen, f"the focus on {what} is hidden"

    def type(self, what: str, text: str) -> None:
        self.to(what)
        self.press("Control+a")
        self.keyboard.type(text)

    def push(self, what: str) -> None:
        self.to(what)
        self.press("Enter")

    def tick(self, what: str) -> None:
        """A box that is not ticked yet."""
        self.to(what)
        self.press("Space")

    def choose(self, name: str, value: str) -> None:
        """A radio button: Tab to the group, arrows to the value."""
        self.to(f"[type=radio][name={name}]")
        self.press("Space")
        for _count in range(20):
            if self.page.evaluate(FOCUSED, f"[value='{value}']"):
                return
            self.press("ArrowDown")
        raise AssertionError(f"no {value} in {name}")

    def date(self, what: str, month_day_year: str) -> None:
        self.to(what)
        self.keyboard.type(month_day_year)
