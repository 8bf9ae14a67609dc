// Notes for sellers: a draft streams in beside the fields. Only a button that the person presses writes into them.
const AREAS = { problem: "customer_problem", help: "help_needed" };
const parts = Object.keys(AREAS);

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
  }
}

export const start = (box) => {
  const form = box.closest("form");
  const at = (what) => box.querySelector(`[data-${what}]`);
  const button = (name) => at(`go="${name}"`);
  const shown = (part) => at(`part="${part}"`);
  const field = (name) => form.elements[name];
  const say = (text) => { at("label").textContent = text; };
  let asking = null;

  const fill = (name, text) => {
    if (field(name).value === text) return;
    field(name).value = text;
    field(name).dispatchEvent(new Event("input", { bubbles: true }));
  };

  const showOriginals = () => {
    for (const part of parts) at(`original="${part}"`).textContent = field(`original_${part}`).value;
    at("originals").hidden = !parts.some((part) => field(`original_${part}`).value);
  };

  const begin = () => {
    at("panel").hidden = false;
    at("panel").setAttribute("aria-busy", "true");
    for (const part of parts) shown(part).textContent = "";
    for (const each of [at("message"), at("inputs"), button("use"), button("draft")]) each.hidden = true;
    button("stop").hidden = false;
    field("drafted").value = "";
    say(box.dataset.writing);
  };

  const end = (offer) => {
    for (const part of parts) shown(part).textContent = offer[part];
    say(offer.label);
    at("message").textContent = offer.message;
    at("message").hidden = !offer.message;
    const list = at("inputs").querySelector("dl");
    list.replaceChildren(...offer.inputs.flatMap((pair) => pair.map((text, index) => {
      const entry = document.createElement(index ? "dd" : "dt");
      entry.textContent = text;
      return entry;
    })));
    field("drafted").value = offer.drafted;
    button("use").dataset.used = offer.used;
    for (const each of [at("inputs"), button("use")]) each.hidden = false;
  };

  const draft = async () => {
    const mine = asking = new AbortController();
    begin();
    let over = false;
    try {
      const options = { method: "POST", body: new FormData(form), headers: { Accept: "application/x-ndjson" }, signal: mine.signal };
      const answer = await fetch(box.dataset.url, options);
      if (!answer.ok || !answer.headers.get("Content-Type").startsWith("application/x-ndjson")) throw new Error(answer.status);
      for await (const line of linesOf(answer.body)) {
        if (line.part) shown(line.part).append(line.text);
        if (line.end) end(line.end);
        over ||= Boolean(line.end);
      }
      if (!over) throw new Error("cut off");
    } catch {
      if (!over) say(mine.signal.aborted ? box.dataset.stopped : box.dataset.failed);
    } finally {
      at("panel").removeAttribute("aria-busy");
      const had = document.activeElement === button("stop");
      button("stop").hidden = true;
      button("draft").hidden = false;
      if (had) button("draft").focus();
    }
  };

  const use = () => {
    for (const part of parts) {
      const text = field(AREAS[part]).value.trim();
      const before = field(`original_${part}`).value;
      if (!before.includes(text) && text !== shown(part).textContent) field(`original_${part}`).value = `${before}\n\n${text}`.trim();
      fill(AREAS[part], shown(part).textContent);
    }
    field("drafted_by").value = button("use").dataset.used;
    showOriginals();
    field(AREAS.problem).focus();
  };

  const putBack = () => {
    for (const part of parts) {
      const text = field(AREAS[part]).value.trim();
      fill(AREAS[part], field(`original_${part}`).value);
      field(`original_${part}`).value = text === shown(part).textContent ? "" : text;
    }
    field("drafted_by").value = "";
    showOriginals();
    field(AREAS.problem).focus();
  };

  const discard = () => {
    asking?.abort();
    field("drafted").value = "";
    at("panel").hidden = true;
    button("draft").focus();
  };

  const does = { draft, stop: () => asking?.abort(), use, put_back: putBack, discard };
  box.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-go]");
    if (!pressed) return;
    event.preventDefault();
    does[pressed.dataset.go]();
  });
};
