// A button that makes a passkey or proves one: components/passkey_button.html.
//   data-begin: where the question comes from, data-finish: where the answer goes,
//   data-failed: the sentence when the device did not do it. A device without passkeys sees nothing.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

function decoded(options) {
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const name of ["excludeCredentials", "allowCredentials"]) {
    for (const each of options[name] ?? []) each.id = toBytes(each.id);
  }
  return options;
}

function encoded(credential) {
  const response = {};
  for (const name of [
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
  ]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response,
  };
}

export function passkeyButton() {
  return {
    isOffered: false,
    isBusy: false,
    problem: "",
    init() {
      this.isOffered = window.isSecureContext && "PublicKeyCredential" in window;
    },
    async post(address, body) {
      const token = this.$root.querySelector("[name=csrfmiddlewaretoken]").value;
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify(body),
      });
      const said = await answer.json();
      if (said.problem) throw new Error(said.problem, { cause: "server" });
      return said;
    },
    async go() {
      const { begin, finish, failed } = this.$root.dataset;
      this.isBusy = true;
      this.problem = "";
      try {
        const question = await this.post(begin, {});
        if (question.url) {
          window.location.assign(question.url);
          return;
        }
        const options = { publicKey: decoded(question.publicKey) };
        const credential = options.publicKey.rp
          ? await navigator.credentials.create(options)
          : await navigator.credentials.get(options);
        window.location.assign((await this.post(finish, encoded(credential))).url);
      } catch (error) {
        this.problem = error.cause === "server" ? error.message : failed;
        this.isBusy = false;
      }
    },
  };
}
