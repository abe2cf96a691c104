// Saves steps; nothing needs it. Fresh parts of a page, keys, dragging. No page is built here.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Fresh parts: the server says that something changed, the page is asked for again and its
  // marked parts are put in place, unless somebody is typing in them.
  async function refresh() {
    const response = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of all("[data-live][id]")) {
      const next = fresh.getElementById(part.id);
      if (!next || part.contains(document.activeElement) || part.innerHTML === next.innerHTML) continue;
      part.replaceChildren(...next.childNodes);
      part.classList.remove("fresh");
      requestAnimationFrame(() => part.classList.add("fresh"));
    }
  }
  if (document.body.hasAttribute("data-events") && one("[data-live]") && "EventSource" in window) {
    let planned = 0;
    const plan = () => { if (!planned) planned = setTimeout(() => { planned = 0; refresh().catch(() => {}); }, 200 + Math.random() * 1300); };
    let source = null;
    const listen = () => { source = new EventSource("/events?seen=" + document.body.dataset.events); source.addEventListener("change", plan); };
    const rest = () => { source?.close(); source = null; };
    document.addEventListener("visibilitychange", () => { if (document.hidden) rest(); else { listen(); plan(); } });
    addEventListener("pagehide", rest);
    if (!document.hidden) listen();
  }

  // On a telephone the places stand in a strip: the one we are at comes into view.
  one(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // In the editor, Alt and an arrow moves the row that holds the focus.
  document.addEventListener("keydown", (event) => {
    const way = event.altKey && { ArrowUp: "[data-up]", ArrowDown: "[data-down]" }[event.key];
    const button = way && event.target.closest?.("[data-item]") && one(way, event.target.closest("[data-item]"));
    if (button && !button.disabled) { event.preventDefault(); button.click(); }
  });

  // Keys: g and a letter goes somewhere, j and k walk through rows, / searches, ? explains.
  let going = false;
  const rows = () => all("[data-row]");
  function walk(step) {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.classList.contains("at"));
    const next = list[Math.min(Math.max(at + step, 0), list.length - 1)];
    list.forEach((row) => row.classList.toggle("at", row === next));
    (one("a", next) ?? next).focus();
    next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (going) {
      going = false;
      const place = one(`.side a[data-key="${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); place.click(); }
      return;
    }
    const keys = {
      g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
      j: () => walk(1),
      k: () => walk(-1),
      "/": () => { const field = one("[data-search]"); if (field) field.focus(); else location.href = "/search"; },
      "?": () => one("#keys")?.showModal(),
    };
    if (keys[event.key]) { if (event.key !== "g") event.preventDefault(); keys[event.key](); }
  });
  for (const button of all("[data-opens]")) {
    button.hidden = false;
    button.addEventListener("click", () => one(`#${button.dataset.opens}`)?.showModal());
  }

  // Grave buttons ask once more.
  document.addEventListener("submit", (event) => {
    const words = event.submitter?.dataset.confirm;
    if (words && !confirm(words)) event.preventDefault();
  });
  for (const form of all("form[data-auto]")) form.addEventListener("change", () => form.requestSubmit());

  // Dragging puts a row elsewhere and sends the same form its buttons send.
  for (const list of all("[data-drag]")) {
    let held = null;
    for (const row of all("[data-item]", list)) {
      row.draggable = true;
      row.addEventListener("dragstart", (event) => { held = row; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", row.dataset.item); });
      row.addEventListener("dragover", (event) => { if (held && held !== row) event.preventDefault(); });
      row.addEventListener("drop", (event) => {
        event.preventDefault();
        const form = one("form[data-place]", held);
        if (!form || held === row) return;
        form.elements.before.value = row.dataset.item;
        form.requestSubmit(one("[data-put]", form));
      });
    }
  }
})();
