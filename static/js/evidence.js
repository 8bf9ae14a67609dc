// Evidence: chosen or dropped files go up one after the other, in parts; after a fault from where the server stands.
const TRIES = 3;
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const wait = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

// What the server says to a POST: its words, or null when it could not be asked.
const post = async (url, body) => {
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token() } });
    if (answer.status >= 500) return null;
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.status, ...(isJson ? await answer.json() : {}) };
  } catch {
    return null;
  }
};

export const start = (box) => {
  const at = (what) => box.querySelector(`[data-${what}]`);
  const input = box.querySelector("input[type=file]");
  if (!input) return;
  const size = Number(box.dataset.size);
  let last = Promise.resolve();
  at("plain").hidden = true;

  const say = (text) => { at("said").textContent = text; };

  const refresh = async () => {
    const answer = await fetch(box.dataset.list, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    at("files").replaceChildren(...page.querySelector("[data-files]").childNodes);
  };

  const row = (file) => {
    const item = box.querySelector("template").content.firstElementChild.cloneNode(true);
    item.querySelector("[data-name]").textContent = file.name;
    item.querySelector("progress").setAttribute("aria-label", box.dataset.sending.replace("{name}", file.name));
    at("uploads").append(item);
    return item;
  };

  const wrong = (item, text, again) => {
    const words = item.querySelector("[data-wrong]");
    words.firstElementChild.textContent = text;
    words.hidden = false;
    item.querySelector("progress").hidden = true;
    item.querySelector("[data-again]").hidden = !again;
    say(`${item.querySelector("[data-name]").textContent}: ${text}`);
  };

  const begin = (file) => {
    const form = new FormData();
    form.append("name", file.name);
    form.append("size", file.size);
    const program = input.form?.elements.program?.value;
    if (program) form.append("program", program);
    return post(box.dataset.start, form);
  };

  // `place`: the address for the parts and how much is there; kept, so that another try goes on from it.
  const send = async (file, item, place) => {
    const bar = item.querySelector("progress");
    for (let failed = 0; ;) {
      const said = place.url
        ? await post(`${place.url}?offset=${place.received}`, file.slice(place.received, place.received + size))
        : await begin(file);
      if (!said) {
        failed += 1;
        if (failed > TRIES) return wrong(item, box.dataset.failed, true);
        await wait(failed);
      } else if (said.whole) {
        item.remove();
        await refresh();
        return say(box.dataset.added.replace("{name}", said.name));
      } else if (said.received !== undefined) {
        failed = 0;
        place.url ||= said.url;
        place.received = said.received;
        bar.value = place.received / file.size;
      } else return wrong(item, said.words?.join(" ") || (said.status === 404 ? box.dataset.gone : box.dataset.failed), false);
    }
  };

  const take = (files) => {
    for (const file of files) {
      const item = row(file);
      const place = { url: "", received: 0 };
      const go = () => { last = last.then(() => send(file, item, place)).catch(() => wrong(item, box.dataset.failed, true)); };
      item.querySelector("[data-again]").addEventListener("click", () => {
        item.querySelector("[data-wrong]").hidden = true;
        item.querySelector("[data-again]").hidden = true;
        item.querySelector("progress").hidden = false;
        go();
      });
      go();
    }
  };

  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = ""; // so that the form around it does not send them again
  });
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  document.addEventListener("evidence", async () => {
    await refresh();
    say(box.dataset.removed);
    input.focus();
  });
};
