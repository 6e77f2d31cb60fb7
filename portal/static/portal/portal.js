/* Makes pages quicker; every one of them works without it. */
"use strict";

const YEAR = 31536000;
const root = document.documentElement;

function remember(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
}

const LOOKS = {
  theme: {
    dark: { next: "light", icon: "sun", text: "浅色" },
    light: { next: "dark", icon: "moon", text: "深色" },
    apply(value) {
      root.dataset.bsTheme = value;
      if (root.dataset.theme) root.dataset.theme = value;
    },
  },
  size: {
    large: { next: "normal", icon: "text", text: "标准字号" },
    normal: { next: "large", icon: "text", text: "大字版" },
    apply(value) {
      if (value === "large") root.dataset.size = value;
      else delete root.dataset.size;
    },
  },
};

/* Light or dark, large or normal: switched in place, no reload. */
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const look = button && LOOKS[button.dataset.cookie];
  if (!look) return;
  event.preventDefault();
  const chosen = look[button.value];
  look.apply(button.value);
  remember(button.dataset.cookie, button.value);
  const use = button.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${chosen.icon}`));
  button.value = chosen.next;
  button.lastChild.nodeValue = chosen.text;
});

/* A step that moves money is sent once, however often the button is tapped. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

/* A form that came back with errors is read from its summary. */
function toErrors(within) {
  within.querySelector(".error-summary")?.focus();
}
document.addEventListener("htmx:afterSwap", (event) => toErrors(event.detail.elt));
toErrors(document);

/* Buttons that only a script can serve appear with it. */
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
