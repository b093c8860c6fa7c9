// A second tap on a button whose form is already on its way does nothing; coming back by the
// back button frees the form again. data-repeatable is for forms that answer a download. The server
// still answers the same result once by itself.
function holdForm(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.matches("[hx-post], [data-repeatable]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
}

function freeForms() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
}

// After an error the first field that needs a look gets the focus.
function focusFirstError() {
  document.querySelector("form [aria-invalid=true]")?.focus();
}

export function guardForms() {
  document.addEventListener("submit", holdForm);
  window.addEventListener("pageshow", freeForms);
  focusFirstError();
}
