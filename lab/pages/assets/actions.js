// What a person may do with a call, as buttons on its row, and the desktop's own controls beside them.
import { at } from "./page.js";
import { word } from "./words.js";

// Of the dialog, the own part in it and whether another call waits for this one.
const OFFERS = [
  ["answer", ({ state }) => state === "ALERTING"],
  ["hold", ({ state, monitors }) => state === "ACTIVE" && !monitors],
  ["retrieve", ({ state }) => state === "HELD"],
  ["consult", ({ state, consults, monitors, associated }) =>
    ["ACTIVE", "HELD"].includes(state) && !consults && !monitors && !associated],
  ["transfer", ({ state, consults, dialled }) => consults && dialled && state === "ACTIVE"],
  ["conference", ({ state, consults, dialled }) => consults && dialled && state === "ACTIVE"],
  ["barge", ({ monitors }) => monitors],
  ["wrapup", ({ state, monitors, consults }) => state === "ACTIVE" && !monitors && !consults],
];

export const offersOf = (part) => OFFERS.filter(([, may]) => may(part)).map(([name]) => name);

export const post = (path, body = {}) =>
  fetch(`/lab/${path}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  }).catch(() => null);

const DO = {
  consult: (id) => post(`calls/${id}/consult`, { to: at("colleague").value, ringSeconds: 2 }),
  barge: async (id, session) => {
    const calls = await standing();
    const { talk } = calls.find((call) => call.dialogId === id);
    const heard = calls.find((call) => call.dialogId === talk);
    return heard && post(`calls/${heard.dialogId}/barge`, { by: session.id });
  },
};

// Rewritten only when other actions are offered, so that the focus stays.
export function offerActions(place, id, names, session) {
  if (place.dataset.offers === names.join()) return;
  const had = place.contains(document.activeElement);
  place.dataset.offers = names.join();
  place.replaceChildren(...names.map((name) => action(name, id, session)));
  if (had) (place.firstElementChild ?? place.parentElement.querySelector("[data-hang-up]")).focus();
}

function action(name, id, session) {
  const made = document.createElement("button");
  made.dataset.action = name;
  made.textContent = word(name);
  nameFor(made, name, id);
  made.addEventListener("click", () => (DO[name] ?? (() => post(`calls/${id}/${name}`, { by: session.id })))(id, session));
  return made;
}

// A button of a row says for the ear which call it is for; its own word is enough for the eye.
export function nameFor(button, name, id) {
  button.id = `${name}-${id}`;
  button.setAttribute("aria-labelledby", `${button.id} caller-${id}`);
}

export function startControls(session) {
  at("colleague").replaceChildren(...session.colleagues.map(({ id, name }) => new Option(`${id} ${name}`, id)));
  at("monitor").hidden = !session.supervisor;
  at("monitor").addEventListener("click", () => monitor(session));
  at("failOver").hidden = session.nodes < 2;
  at("failOver").addEventListener("click", () => post("failover"));
}

async function monitor(session) {
  const agent = at("colleague").value;
  at("callNote").textContent = "";
  const call = (await standing()).find(({ agents, callType }) => agents.includes(agent) && callType !== "SUPERVISOR_MONITOR");
  if (call) return post(`calls/${call.dialogId}/monitor`, { by: session.id });
  at("callNote").textContent = word("noCallToHear");
}

async function standing() {
  const answer = await fetch("/lab/calls", { cache: "no-store" }).catch(() => null);
  return answer?.ok ? answer.json() : [];
}
