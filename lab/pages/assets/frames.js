// Gadgets on the page: one panel with a title bar and a frame each, and what a gadget may ask of its container.
import * as hub from "./hub.js";
import * as multitab from "./multitab.js";
import { carry, network } from "./network.js";
import { accessToken } from "./session.js";
import { locale, word } from "./words.js";

const PREFIX = "finesse.containerservices.";
// OpenAjax shows no frame before its hub has connected, and waits so long for that.
const HUB_PATIENCE = 15_000;
const frames = new Map();
const asked = new URLSearchParams(location.search);
let activeTab = "";

export async function addGadget(panel, tab, placed) {
  const id = `gadget-${frames.size + 1}`;
  const frame = { id, tab, placed, view: "default", height: 200, hidden: false, query: null, facts: null };
  frames.set(id, frame);
  frame.element = make(frame);
  panel.append(frame.element);
  await fill(frame);
}

async function fill(frame) {
  frame.query = query(frame);
  const answer = await fetch(`/gadgets/metadata?${frame.query}`).catch(() => null);
  frame.facts = answer?.ok ? await answer.json() : { error: word("unreachable") };
  if (frame.facts.error) return refuse(frame);
  frame.height = frame.facts.height;
  title(frame, frame.facts.title);
  offer(frame);
  const { iframe } = frame;
  iframe.addEventListener("load", () => frame.facts.loading?.manualDismiss || loading(frame, false), { once: true });
  size(frame);
  if (frame.facts.loading) showLoading(frame);
  awaitHub(frame);
  iframe.src = `/gadgets/ifr?${frame.query}`;
}

function awaitHub(frame) {
  frame.gaveUp = false;
  frame.iframe.style.visibility = "hidden";
  clearTimeout(frame.hubPatience);
  frame.hubPatience = setTimeout(() => {
    frame.gaveUp = true;
    console.error(`LoadTimeout: the gadget ${frame.placed.key} did not connect to the hub`);
  }, HUB_PATIENCE);
}

function connect(frame) {
  if (frame.gaveUp) return null;
  clearTimeout(frame.hubPatience);
  frame.iframe.style.visibility = "";
  return hub.connect(frame.id);
}

function query({ id, placed }) {
  const kept = JSON.parse(sessionStorage.getItem(`prefs.${placed.key}`) ?? "{}");
  const own = {
    scheme: location.protocol.slice(0, -1), host: location.hostname, hostPort: location.port,
    externalServerHost: location.origin, id: finesseContainer.config.id,
  };
  // From 12.6(2) on, attributes of the gadget element override UserPrefs (docs/cisco/finesse.md §1.4).
  const prefs = { ...own, ...kept, ...placed.attributes, urlPrefs: new URL(placed.url).host };
  const up = Object.entries(prefs).map(([name, value]) => [`up_${name}`, value]);
  const { lang, country } = locale();
  return new URLSearchParams([
    ["container", "default"], ["mid", id], ["view", "default"], ["lang", lang], ["country", country], ...up,
    ...(asked.has("concat") ? [["concat", "1"]] : []), ["url", placed.url],
  ]).toString();
}

function make(frame) {
  const section = document.createElement("section");
  section.className = "gadget card";
  section.id = frame.id;
  const bar = section.appendChild(document.createElement("header"));
  frame.heading = bar.appendChild(document.createElement("h2"));
  frame.buttons = bar.appendChild(document.createElement("span"));
  frame.body = section.appendChild(document.createElement("div"));
  frame.body.className = "gadgetBody";
  frame.iframe = frame.body.appendChild(document.createElement("iframe"));
  frame.iframe.dataset.gadget = frame.placed.key;
  frame.cover = frame.body.appendChild(document.createElement("div"));
  frame.cover.className = "cover";
  frame.cover.hidden = true;
  return section;
}

function refuse(frame) {
  frame.heading.textContent = frame.placed.key;
  frame.iframe.remove();
  frame.cover.hidden = false;
  frame.cover.textContent = frame.facts.error;
}

function title(frame, text) {
  frame.heading.textContent = text;
  frame.iframe.title = text;
  multitab.name(frame.placed.key, text);
}

function offer(frame) {
  frame.buttons.replaceChildren();
  if (frame.facts.features.includes("collapsible")) frame.buttons.append(button("collapse", () => collapse(frame)));
  if (frame.facts.views.includes("canvas")) frame.buttons.append(button("maximise", () => setView(frame, other(frame))));
}

const other = (frame) => (frame.view === "canvas" ? "default" : "canvas");

function button(name, run) {
  const made = document.createElement("button");
  made.className = `icon ${name}`;
  made.title = word(name);
  made.setAttribute("aria-label", word(name));
  made.addEventListener("click", run);
  return made;
}

function collapse(frame) {
  const folded = frame.element.classList.toggle("collapsed");
  const name = word(folded ? "expand" : "collapse");
  const fold = frame.buttons.querySelector(".collapse");
  fold.setAttribute("aria-expanded", String(!folded));
  fold.title = name;
  fold.setAttribute("aria-label", name);
}

function setView(frame, view) {
  if (!frame.facts.views.includes(view)) return;
  frame.view = view;
  frame.element.classList.remove("collapsed");
  frame.element.classList.toggle("canvas", view === "canvas");
  document.getElementById("panels").scrollTop = 0;
  const name = word(view === "canvas" ? "restore" : "maximise");
  const switcher = frame.buttons.querySelector(".maximise");
  switcher.title = name;
  switcher.setAttribute("aria-label", name);
  size(frame);
  const about = { gadgetId: frame.id, tabId: frame.tab, view, maxAvailableHeight: room(frame) };
  hub.publish(`${PREFIX}gadgetViewChangedEvent`, about);
  tellRoom(frame);
}

const BORDERS = 2;
const room = (frame) =>
  document.getElementById("panels").clientHeight - frame.heading.parentElement.offsetHeight - BORDERS;
const tellRoom = (frame) =>
  hub.publish(`${PREFIX}maxAvailableHeightChangedEvent`, { gadgetId: frame.id, maxAvailableHeight: room(frame) });

function size(frame) {
  frame.iframe.style.height = frame.view === "canvas" ? `${room(frame)}px` : `${frame.height}px`;
}

function showLoading(frame) {
  loading(frame, true);
  const seconds = frame.facts.loading.timeout;
  clearTimeout(frame.patience);
  if (seconds) frame.patience = setTimeout(() => loading(frame, false), seconds * 1000);
}

function loading(frame, on) {
  frame.cover.textContent = on ? word("loading") : "";
  frame.cover.hidden = !on;
}

export function activate(tab) {
  activeTab = tab;
  announce();
}

const announce = () => hub.publish(`${PREFIX}activeTab`, { tabId: activeTab });

window.addEventListener("resize", () => {
  for (const frame of frames.values()) if (frame.view === "canvas") size(frame), tellRoom(frame);
});
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const frame of frames.values()) if (frame.view === "canvas") setView(frame, "default");
});

// What the gadgets' scripts reach through window.parent; each call names its gadget.
export const finesseContainer = (window.finesseContainer = {
  config: {},
  library: asked.get("library") ?? "",
  get token() {
    return accessToken();
  },
  hubDelay: Number(asked.get("hubDelay")) || 0,
  carry,
  network,
  connect: (id) => connect(frames.get(id)),
  adjustHeight(id, pixels) {
    const frame = frames.get(id);
    // Finesse ignores it while the tab is hidden (docs/cisco/finesse.md §1.2); and so behind a Multi-Tab gadget (§9).
    if (frame.tab !== activeTab || frame.element.closest(".behind")) return;
    frame.height = Math.max(0, Math.min(pixels, 10000));
    size(frame);
  },
  setTitle: (id, text) => title(frames.get(id), text),
  setLoading: (id, on) => (on ? showLoading(frames.get(id)) : loading(frames.get(id), false)),
  setPref(id, name, value) {
    const place = `prefs.${frames.get(id).placed.key}`;
    sessionStorage.setItem(place, JSON.stringify({ ...JSON.parse(sessionStorage.getItem(place) ?? "{}"), [name]: value }));
  },
  viewOf: (id) => frames.get(id).view,
  setView: (id, view) => setView(frames.get(id), view),
  tabOf: (id) => frames.get(id).tab,
  isVisible: (id) => frames.get(id).tab === activeTab,
  activateTab: (tab) => document.querySelector(`#tabs [data-tab="${CSS.escape(tab)}"]`)?.click(),
  announceActiveTab: announce,
  setHidden: (id, hidden) => (frames.get(id).element.hidden = hidden),
  enableTitleBar: (id) => (frames.get(id).heading.parentElement.hidden = false),
  reload: (id) => fill(frames.get(id)),
  showDialog({ title: heading = "", message = "" } = {}) {
    const dialog = document.getElementById("gadgetDialog");
    dialog.querySelector("h2").textContent = heading;
    dialog.querySelector("p").textContent = message;
    dialog.showModal();
  },
  hideDialog: () => document.getElementById("gadgetDialog").close(),
});
