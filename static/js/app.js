// Progressive enhancement only: every page works without this file.
(() => {
  const root = document.documentElement;
  const all = (where, what) => where.querySelectorAll(what);
  const words = document.body.dataset;
  const bell = document.getElementById("bell");

  // --- said to screen readers
  const announce = (text) => {
    const live = document.getElementById("live");
    live.textContent = "";
    setTimeout(() => { live.textContent = text.trim(); }, 100);
  };

  // --- questions: a page of its own, shown in a dialog
  const dialog = document.getElementById("dialog");
  let opener = null;
  let asked = "";

  const show = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    dialog.replaceChildren(...page.body.childNodes);
    prepare(dialog);
    if (window.htmx) window.htmx.process(dialog);
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector("[autofocus]") || dialog.querySelector("input:not([type=hidden]), select, textarea, .actions .btn"))?.focus();
  };

  const load = async (url, options = {}) => {
    dialog.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { ...options, headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
      const next = answer.headers.get("HX-Redirect");
      if (next || answer.headers.get("HX-Refresh")) {
        leaving = true;
        if (next && new URL(next, location).href.split("#")[0] !== location.href.split("#")[0]) location.assign(next);
        else location.reload();
      } else if (answer.status >= 500) throw new Error(answer.status);
      else if (answer.status === 204) { // done, and the page stays: its own script draws anew what has changed
        close();
        document.dispatchEvent(new Event(answer.headers.get("HX-Trigger")));
      } else show(await answer.text());
    } catch {
      if (options.method) alertIn(dialog);
      else location.assign(url);
    } finally {
      dialog.removeAttribute("aria-busy");
    }
  };

  const alertIn = (where) => {
    const note = document.createElement("p");
    note.className = "note bad";
    note.setAttribute("role", "alert");
    note.textContent = words.failed;
    (where.querySelector(".in") || where).prepend(note);
  };

  const close = () => { if (dialog.open) dialog.close(); };
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    opener?.focus();
  });

  // --- unsaved input
  let leaving = false;
  const unsaved = new WeakSet();
  addEventListener("beforeunload", (event) => {
    const lost = [...all(document, "form[data-warn]")].some((form) => unsaved.has(form));
    if (lost && !leaving) event.preventDefault();
  });
  document.addEventListener("input", ({ target }) => { if (target.form) unsaved.add(target.form); });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.themeForm !== undefined && event.submitter) return setTheme(event, form);
    leaving = true;
    if (!dialog.contains(form) || form.method !== "post" || form.hasAttribute("hx-post")) return;
    event.preventDefault();
    leaving = false;
    if (dialog.hasAttribute("aria-busy")) return;
    load(form.action, { method: "POST", body: new FormData(form, event.submitter) });
  });

  const setTheme = (event, form) => {
    event.preventDefault();
    const chosen = event.submitter.value;
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    for (const button of all(document, "[data-theme-form] button")) button.setAttribute("aria-pressed", button.value === chosen);
    fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
  };

  // --- clicks
  const closeMenus = (but) => {
    for (const menu of all(document, "details.menu[open]")) if (!but || !menu.contains(but)) menu.open = false;
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    closeMenus(target);
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (target === dialog) return close();
    const link = target.closest("a[data-dialog], [data-close], [data-dismiss], [data-add-row], [data-copy]");
    if (!link) return;
    if (link.matches("[data-close]") && !dialog.contains(link)) return;
    event.preventDefault();
    if (link.matches("[data-dialog]")) {
      if (!dialog.open) opener = link;
      asked = link.href;
      load(asked);
    } else if (link.matches("[data-close]")) close();
    else if (link.matches("[data-copy]")) copy(link);
    else if (link.matches("[data-dismiss]")) link.closest("[data-note]").remove();
    else addRow(link.dataset.addRow);
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      document.querySelector("[data-search]")?.focus();
    }
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // --- a field's text to the clipboard: <button data-copy="its id" data-copied="Copied">
  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard?.writeText(field.value).catch(() => {}); // else it stands selected
    announce(button.textContent = button.dataset.copied);
  };

  // --- one more row of a formset
  const addRow = (prefix) => {
    const rows = document.querySelector(`[data-rows="${prefix}"]`);
    const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
    const most = document.getElementById(`id_${prefix}-MAX_NUM_FORMS`);
    if (most?.value && Number(total.value) >= Number(most.value)) return;
    const template = rows.querySelector("template");
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.content.firstElementChild;
    template.before(row);
    total.value = Number(total.value) + 1;
    row.querySelector("input:not([type=hidden]), select, textarea").focus();
  };

  // --- time that runs
  const ends = new WeakMap();
  const left = (element, seconds) => {
    if (!ends.has(element)) ends.set(element, performance.now() + seconds * 1000);
    return Math.max(0, Math.round((ends.get(element) - performance.now()) / 1000));
  };

  const tick = () => {
    for (const element of all(document, "[data-countdown]")) {
      const seconds = left(element, element.dataset.countdown);
      const d = Math.floor(seconds / 86400), h = Math.floor((seconds % 86400) / 3600), m = Math.floor((seconds % 3600) / 60);
      const form = !seconds ? words.over : d ? words.days : h ? words.hours : words.minutes;
      const text = form.replace("{d}", d).replace("{h}", h).replace("{m}", m);
      if (element.textContent !== text) element.textContent = text;
      element.classList.toggle("bad", seconds <= 86400);
      element.classList.toggle("warn", seconds > 86400 && seconds <= 259200);
    }
    for (const element of all(document, "[data-seconds]")) {
      const seconds = left(element, element.dataset.seconds);
      element.textContent = seconds;
      if (!seconds) element.closest("[data-vanish]")?.remove();
    }
  };

  // --- searching while one types: <… data-live data-found="id of the list">; links in a list name their search
  const inputs = "input:not([type=radio], [type=checkbox], [type=hidden])";
  const searchOf = (element) => {
    const near = element.closest?.("[data-live]");
    return near?.dataset.live ? document.getElementById(near.dataset.live) : near;
  };
  const what = (search, data) => [...all(search, "[name]:not(button)")].map(({ name }) => data.get(name) || "").join("\n");
  const standing = (search) => what(search, new FormData(search.closest("form") || search));
  const lastAsked = new WeakMap();

  // Typing asks nothing anew that was asked in the meantime, by the button or by "Search more".
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, triggeringEvent } = event.detail;
    if (triggeringEvent?.type === "input" && elt.matches("[data-live]") && lastAsked.get(elt) === standing(elt)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const search = searchOf(detail.elt);
    if (search) lastAsked.set(search, standing(search));
  });

  // An answer is shown only while what it was asked with still stands there; a request that was given up may answer, too.
  const isOld = ({ elt, formData }) => {
    const search = elt && formData && searchOf(elt);
    return Boolean(search) && what(search, formData) !== standing(search);
  };

  // The choice outlives the list that it was made in: it moves to the new list, or into a box of its own.
  let chosen = null;
  const keepChoice = (list) => {
    const was = chosen;
    chosen = null;
    if (!was || was.matches("[value=manual]")) return;
    const same = [...all(list, "input[name=customer]")].find((each) => each !== was && (each.value === was.value || (was.dataset.entry && each.dataset.entry === was.dataset.entry)));
    if (same) {
      was.closest(".kept")?.remove();
      same.checked = true;
    } else if (!list.contains(was)) {
      const box = list.querySelector("template").content.cloneNode(true);
      was.removeAttribute("aria-describedby");
      box.querySelector("div > div").append(was.closest("label"));
      list.prepend(box);
    }
  };

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (isOld(detail.requestConfig)) detail.shouldSwap = false;
    else if (detail.shouldSwap && detail.target.closest("#customer-results")) chosen = document.querySelector("#customer-results input[name=customer]:checked");
  });
  document.addEventListener("htmx:afterSwap", () => {
    const list = document.getElementById("customer-results");
    if (chosen && list) keepChoice(list);
  });

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = target.matches?.(inputs) && target.closest("[data-found]");
    const radio = target.matches?.("#customer-results [type=radio]");
    if (field && key === "ArrowDown") {
      const list = document.getElementById(field.dataset.found);
      const to = list.querySelector("tbody [type=radio]:checked") || list.querySelector("tbody [type=radio], li a");
      if (!to) return;
      event.preventDefault();
      to.focus();
    } else if (field && key === "Enter" && field.querySelector("button[hx-get]")) {
      event.preventDefault(); // the form goes nowhere
      field.querySelector("button[hx-get]").click();
    } else if (radio && key === "Enter") {
      event.preventDefault();
      target.click();
    } else if (key === "Escape" && target.closest?.("#customer-results, #partners-found")) {
      const search = document.querySelector(`[data-found="${target.closest("#customer-results, #partners-found").id}"]`);
      [...all(search, inputs)].find((each) => each.checkVisibility())?.focus();
    }
  });

  // --- entering by hand: begins with what was searched for, and typing there is choosing it
  const byHand = document.getElementById("by-hand");
  const manual = byHand?.querySelector("[value=manual]");
  byHand?.addEventListener("input", ({ target }) => { if (target.closest("#customer-typed")) manual.checked = true; });
  byHand?.addEventListener("toggle", () => {
    if (!byHand.open || byHand.querySelector("[name=manual_name]").value) return;
    for (const name of ["name", "city", "country"]) {
      const from = document.querySelector(`#customer-search [name=${name}]`);
      const to = byHand.querySelector(`[name=manual_${name}]`);
      if (from && !to.value) to.value = from.value;
    }
    window.htmx?.trigger("#customer-typed", "look");
  });

  // --- how much more can be typed: <… data-left="id of the field" data-words="{n} characters left">
  document.addEventListener("input", ({ target }) => {
    const left = target.maxLength > 0 && document.querySelector(`[data-left="${target.id}"]`);
    if (left) left.textContent = left.dataset.words.replace("{n}", target.maxLength - target.value.length);
  });

  // --- what new content needs
  const prepare = (where) => {
    tick();
    for (const form of all(where, "form[data-auto-post]")) {
      fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true, redirect: "manual" }).catch(() => {});
      form.removeAttribute("data-auto-post");
    }
    for (const part of ["drafting", "evidence", "passkey", "review"]) { // scripts of their own, by what they belong to
      for (const box of all(where, `[data-${part}]:not([data-ready])`)) {
        box.dataset.ready = "";
        import(box.dataset[part]).then(({ start }) => start(box));
      }
    }
  };

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    prepare(detail.elt);
    const said = detail.elt.matches("[data-announce]") ? detail.elt : detail.elt.querySelector("[data-announce]");
    if (said) announce(said.dataset.announce || said.textContent);
  });
  const failed = ({ detail }) => { if (detail.elt !== bell) announce(words.failed); }; // the bell just asks again
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);

  // --- while somebody looks: the bell asks how many are unread, and a sign of life is given once an hour
  const unread = () => parseInt(bell?.querySelector(".badge")?.textContent, 10) || 0;
  let known = unread();
  const look = () => {
    if (document.visibilityState !== "visible") return;
    bell?.dispatchEvent(new Event("look"));
    if (words.seen !== "old") return;
    delete words.seen;
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    fetch(words.here, { method: "POST", headers, keepalive: true, redirect: "manual" }).catch(() => {});
  };
  bell?.addEventListener("htmx:afterSwap", () => {
    if (unread() > known) announce(bell.querySelector(".visually-hidden").textContent);
    known = unread();
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, 30_000);
  if (words.seen) setTimeout(look);

  // --- <details open data-fold>: folded where there is little room
  if (matchMedia("(max-width: 720px)").matches) for (const folded of all(document, "details[data-fold]")) folded.open = false;

  // --- between here and a company's sign-in: a form may not lead off this site, and a GET changes nothing
  const onwards = document.querySelector("a[data-follow]");
  if (onwards) location.replace(onwards.href);
  document.querySelector("form[data-submit]")?.requestSubmit();

  prepare(document);
  setInterval(tick, 1000);
})();
