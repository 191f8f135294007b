"use strict";
// Each .entry is shown where its text, with the headings of all that it stands in, has every word that is looked for.
const field = document.getElementById("search"), status = document.getElementById("found");
const holders = [...document.querySelectorAll("main section, main .holder")];
const entries = [...document.querySelectorAll("main .entry")].map((element) => {
  const heads = holders.filter((holder) => holder.contains(element) && !holder.matches("section"));
  const named = heads.map((holder) => holder.querySelector("h3, summary, caption")?.textContent ?? "");
  return { element, text: [...named, element.textContent].join(" ").replace(/\u200b/g, "").toLowerCase() };
});
const opened = new Set();
function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { element, text } of entries) {
    element.hidden = !words.every((word) => text.includes(word));
    count += element.hidden ? 0 : 1;
  }
  for (const holder of holders) {
    const own = [...holder.querySelectorAll(".entry")], some = own.some((element) => !element.hidden);
    holder.hidden = words.length > 0 && !some;
    if (words.length && some && holder.matches("details:not([open])")) {
      holder.open = true;
      opened.add(holder);
    }
  }
  if (!words.length) {
    opened.forEach((holder) => { holder.open = false; });
    opened.clear();
  }
  status.textContent = words.length ? `${count} of ${entries.length} found` : "";
}
field.addEventListener("input", search);
field.addEventListener("keydown", (event) => {
  const first = entries.find(({ element }) => !element.hidden && field.value.trim());
  if (event.key === "Escape") {
    field.value = "";
    search();
  } else if (event.key === "Enter" && first) {
    first.element.tabIndex = -1;
    first.element.focus();
  }
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=radio]), textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
  }
});
document.getElementById("tools").hidden = false;
search();
