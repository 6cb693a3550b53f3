// The Multi-Tab gadget of 12.6, with ?frame=multitab: tabs around the gadgets it manages. Those behind have no width.
// [I] They are told nothing of it: ACTIVE_TAB is about the desktop's own tabs. "Notes" is there to be in front.
import { word } from "./words.js";

const NOTES = "notes";
const asked = () => new URLSearchParams(location.search);
export const isMultiTab = () => asked().get("frame") === "multitab";

// Places for the gadgets of one desktop tab, by their keys.
export function multiTab(panel, keys) {
  const frame = panel.appendChild(document.createElement("section"));
  frame.className = "multiTab card";
  const bar = frame.appendChild(document.createElement("div"));
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", word("multiTab"));
  const places = new Map([...keys, NOTES].map((key) => [key, place(frame, panel.id, key)]));
  const choose = (key) => {
    for (const button of bar.children) {
      const chosen = button.dataset.inner === key;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
      places.get(button.dataset.inner).classList.toggle("behind", !chosen);
    }
  };
  for (const key of places.keys()) bar.append(tab(panel.id, key, choose));
  bar.addEventListener("keydown", (event) => move(event, [...bar.children]));
  places.get(NOTES).textContent = word("noNotes");
  choose(asked().get("front") === NOTES ? NOTES : keys[0]);
  return places;
}

function place(frame, panel, key) {
  const made = frame.appendChild(document.createElement("div"));
  made.id = `${panel}-${key}`;
  made.className = "inner";
  made.setAttribute("role", "tabpanel");
  made.setAttribute("aria-labelledby", `${made.id}-tab`);
  return made;
}

function tab(panel, key, choose) {
  const made = document.createElement("button");
  made.id = `${panel}-${key}-tab`;
  made.dataset.inner = key;
  made.setAttribute("role", "tab");
  made.setAttribute("aria-controls", `${panel}-${key}`);
  made.textContent = word(key);
  made.addEventListener("click", () => choose(key));
  return made;
}

function move(event, all) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  next.focus();
  next.click();
  event.preventDefault();
}

export function name(key, title) {
  for (const each of document.querySelectorAll(`[data-inner="${CSS.escape(key)}"]`)) each.textContent = title;
}
