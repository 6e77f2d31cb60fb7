/* The telephone desk: keeps what is typed while somebody talks. Without it the button saves. */
"use strict";

const form = document.querySelector("form[data-autosave]");
const said = form.querySelector("[data-saved]");
const other = form.querySelector("[data-other]");
const version = form.elements.version;
const PAUSE = 1200;
let timer = 0;
let sending = false;
let dirty = false;
let leaving = false;

/* One saving at a time: each answers with the number of the next. */
async function save(last = false) {
  clearTimeout(timer);
  if (sending || !dirty) return;
  sending = true;
  dirty = false;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      keepalive: last,
    });
    const told = await answer.json();
    if (answer.ok) {
      version.value = told.version;
      said.textContent = told.saved;
      if (told.other_number) other.hidden = false;
    } else {
      said.textContent = `没有存上：${told.message}`;
    }
  } catch {
    dirty = true;
    said.textContent = "没有连上，还没存。写的都在，连上后自动再存";
    timer = setTimeout(save, 5 * PAUSE);
  }
  sending = false;
  if (dirty && !leaving) timer = setTimeout(save, PAUSE);
}

form.addEventListener("input", () => {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
});

/* The form itself saves: nothing may overtake it. A saving under way is waited for. */
form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (!sending) {
    leaving = true;
    dirty = false;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  setTimeout(() => form.requestSubmit(button), 100);
}, { capture: true });

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && !leaving) save(true);
});
