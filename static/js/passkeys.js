// Passkeys: the browser asks for the finger, the face or the PIN; its answer goes to the server with the form.
const options = async (form) => {
  const here = document.getElementById("passkey-options");
  if (here) return JSON.parse(here.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
};

const create = (key, alone) => {
  const chosen = { ...key.authenticatorSelection, residentKey: alone ? "required" : "discouraged", requireResidentKey: alone };
  if (alone) chosen.userVerification = "required";
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON({ ...key, authenticatorSelection: chosen });
  return navigator.credentials.create({ publicKey });
};

const get = (key) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(key) });

export const start = (form) => {
  const note = form.querySelector("[role=alert]");
  const say = (text) => {
    note.textContent = text;
    note.hidden = false;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    note.hidden = true;
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return say(note.dataset.unknown);
    try {
      const asked = await options(form);
      const credential = form.dataset.ask === "create"
        ? await create(asked.creation_options.publicKey, form.elements.passwordless.checked)
        : await get(asked.request_options.publicKey);
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      say(error.name === "SecurityError" ? note.dataset.unknown : note.dataset.failed);
    }
  });
};
