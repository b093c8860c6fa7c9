// <button data-dialog-open="id"> opens a native <dialog id="…">, which traps focus and closes on
// Escape by itself. A tap on the backdrop, or a button inside <form method="dialog">, closes it.
function openFrom(event) {
  const opener = event.target.closest("[data-dialog-open]");
  if (!opener) return;
  event.preventDefault();
  document.getElementById(opener.dataset.dialogOpen)?.showModal();
}

// Small menus (<details class="dropdown">) close on a tap elsewhere and on Escape.
function closeMenus(event) {
  if (event.type === "keydown" && event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.dropdown[open]")) {
    if (event.type === "click" && menu.contains(event.target)) continue;
    menu.open = false;
    if (event.type === "keydown") menu.querySelector("summary")?.focus();
  }
}

function closeOnBackdrop(event) {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.hasAttribute("data-dialog-light")) return;
  const box = dialog.getBoundingClientRect();
  const isInside =
    event.clientX >= box.left &&
    event.clientX <= box.right &&
    event.clientY >= box.top &&
    event.clientY <= box.bottom;
  if (!isInside) dialog.close();
}

export function openDialogs() {
  document.addEventListener("click", openFrom);
  document.addEventListener("click", closeOnBackdrop);
  document.addEventListener("click", closeMenus);
  document.addEventListener("keydown", closeMenus);
}
