// The tabs on the side: a click, the arrow keys or the address choose one; frames of the others stay, hidden.
import { activate, addGadget } from "./frames.js";
import { isMultiTab, multiTab } from "./multitab.js";
import { word } from "./words.js";

const buttons = () => [...document.querySelectorAll("#tabs button")];

export function showTabs(tabs) {
  const bar = document.getElementById("tabs");
  for (const tab of tabs) bar.append(button(tab));
  bar.addEventListener("keydown", move);
  const panels = tabs.map((tab) => [tab, panel(tab)]);
  const asked = new URLSearchParams(location.search).get("tab");
  choose(tabs.some((tab) => tab.id === asked) ? asked : tabs[0].id);
  for (const [tab, place] of panels) {
    const inner = isMultiTab() ? multiTab(place, tab.gadgets.map((placed) => placed.key)) : new Map();
    for (const placed of tab.gadgets) addGadget(inner.get(placed.key) ?? place, tab.id, placed);
  }
}

function button({ id }) {
  const made = document.createElement("button");
  made.dataset.tab = id;
  made.id = `tab-${id}`;
  made.setAttribute("role", "tab");
  made.setAttribute("aria-controls", `panel-${id}`);
  made.textContent = word(id);
  made.addEventListener("click", () => choose(id));
  return made;
}

function panel({ id }) {
  const made = document.createElement("div");
  made.className = "panel";
  made.id = `panel-${id}`;
  made.setAttribute("role", "tabpanel");
  made.setAttribute("aria-labelledby", `tab-${id}`);
  document.getElementById("panels").append(made);
  return made;
}

function choose(id) {
  for (const each of buttons()) {
    const chosen = each.dataset.tab === id;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    document.getElementById(`panel-${each.dataset.tab}`).hidden = !chosen;
  }
  const address = new URL(location.href);
  address.searchParams.set("tab", id);
  history.replaceState(null, "", address);
  activate(id);
}

function move(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = buttons();
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  next.focus();
  next.click();
  event.preventDefault();
}
