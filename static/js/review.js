// Reviewing by keyboard. A key presses what names it in aria-keyshortcuts, in the queue and on the page of a case.
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const ROWS = "[data-review-list] a.name";
const OFF = "review-keys-off"; // some people's software types for them: they can turn single keys off (WCAG 2.1.4)
const isOff = () => localStorage.getItem(OFF) !== null;
const shown = (what) => [...document.querySelectorAll(what)].find((each) => each.checkVisibility());

const press = (key) => {
  const target = shown(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (!target) return false;
  target.focus();
  if (target.matches("summary")) target.scrollIntoView({ block: "start" });
  else target.click();
  return true;
};

const checklist = () => [...document.querySelectorAll("[data-checks] [type=checkbox]")];

const check = () => {
  const boxes = checklist();
  const next = boxes.find((box) => !box.checked) || boxes[0];
  next?.focus();
  return Boolean(next);
};

const move = (by) => {
  const rows = [...document.querySelectorAll(ROWS)];
  if (!rows.length) return false;
  const here = rows.findIndex((row) => row.closest("tr").contains(document.activeElement));
  const current = here >= 0 ? here : rows.findIndex((row) => row.getAttribute("aria-current"));
  rows[Math.min(rows.length - 1, Math.max(0, current + by))].focus();
  return true;
};

const count = (checks) => {
  const boxes = [...checks.querySelectorAll("[type=checkbox]")];
  const words = checks.closest("section").querySelector("[data-ticked]");
  const ticked = boxes.filter((box) => box.checked).length;
  words.textContent = words.dataset.ticked.replace("{n}", ticked).replace("{all}", boxes.length);
};

const act = (key) => {
  if (key === "j" || key === "ArrowDown") return move(1);
  if (key === "k" || key === "ArrowUp") return move(-1);
  if (key === "c") return check();
  const box = /^[1-9]$/.test(key) && checklist()[key - 1];
  if (!box) return press(key);
  box.click();
  return true;
};

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  const dialog = target.closest?.("dialog");
  if (dialog && key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    dialog.querySelector("form")?.requestSubmit(dialog.querySelector(".actions button"));
  }
  if (event.defaultPrevented || (event.repeat && !"jk".includes(key)) || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || isOff()) return;
  if (document.querySelector("dialog[open]") || target.matches?.(TYPED)) return;
  if (key.startsWith("Arrow") && !target.matches?.(ROWS)) return; // else the page scrolls
  if (act(key.length === 1 ? key.toLowerCase() : key)) event.preventDefault();
});

// In hand: half an hour more now and then, while the person works; said when it is over.
const hold = (form, box) => {
  let worked = 0;
  let until = performance.now() + form.dataset.held * 1000;
  let kept = performance.now();
  const over = () => {
    box.querySelector("[data-expired]").hidden = false;
    clearInterval(timer);
  };
  const look = async () => {
    const now = performance.now();
    if (now >= until) return over();
    if (worked <= kept || now - kept < form.dataset.keep * 1000) return;
    kept = now;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (answer?.status === 204) until = now + 1800 * 1000;
    else if (answer?.status === 409) over();
  };
  for (const kind of ["keydown", "pointermove", "scroll"]) {
    document.addEventListener(kind, () => { worked = performance.now(); }, { passive: true, capture: true });
  }
  const timer = setInterval(look, 5000);
};

export const start = (box) => {
  box.dataset.listens = "";
  const form = box.querySelector("form[data-keep]");
  if (form) hold(form, box);
  const checks = box.querySelector("[data-checks]");
  if (checks) {
    count(checks);
    checks.addEventListener("change", () => count(checks));
  }
  const choice = box.querySelector("[data-keys-off]");
  if (choice) {
    choice.checked = !isOff();
    choice.addEventListener("change", () => {
      if (choice.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "");
    });
  }
};
