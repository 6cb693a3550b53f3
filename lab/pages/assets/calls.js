// The call strip: calls that stand, with their timers; placing and ending them.
import { nameFor, offerActions, offersOf, post, startControls } from "./actions.js";
import { now } from "./clock.js";
import { publish, subscribe } from "./hub.js";
import { header } from "./session.js";
import { word } from "./words.js";

const CALL_STATUS = "finesse.containerservices.activeCallStatusEvent";
const shown = new Map();
let session = null;
const list = () => document.getElementById("calls");

export function startCalls(signedIn) {
  session = signedIn;
  document.getElementById("callStrip").setAttribute("aria-label", word("calls"));
  startControls(session);
  offer(session.customers);
  const own = `finesse.api.User.${session.id}.Dialogs`;
  subscribe(own, (_topic, { content }) => heard(parse(content)));
  subscribe("finesse.info.connectionstatus", (_topic, { status }) => status === "recovered" && load(session.id));
  document.getElementById("placeCall").addEventListener("click", place);
  setInterval(tick, 1000);
  load(session.id);
}

const parse = (text) => new DOMParser().parseFromString(text, "text/xml");

async function load(id) {
  const headers = { ...header(), "X-Requested-With": "finesse.js" };
  const answer = await fetch(`/finesse/api/User/${id}/Dialogs`, { headers, cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const standing = [...parse(await answer.text()).querySelectorAll("Dialog")];
  const ids = standing.map((dialog) => textOf(dialog, ":scope > id"));
  for (const gone of [...shown.keys()].filter((each) => !ids.includes(each))) remove(gone);
  for (const dialog of standing) show(dialog);
}

function heard(update) {
  const event = textOf(update, "Update > event");
  for (const dialog of update.querySelectorAll("Dialog, dialog")) {
    const id = textOf(dialog, ":scope > id");
    if (event === "DELETE") remove(id);
    else show(dialog);
    publish(CALL_STATUS, { status: event, type: textOf(dialog, ":scope > mediaType") });
  }
}

const textOf = (node, path) => node.querySelector(path)?.textContent ?? "";

function show(dialog) {
  const id = textOf(dialog, ":scope > id");
  const row = shown.get(id) ?? make(id);
  const part = partIn(dialog);
  const pod = [...dialog.querySelectorAll("CallVariable")].find((each) => textOf(each, "name") === "POD.ID");
  const customer = /cc_CustomerId=([^;]+)/i.exec(pod ? textOf(pod, "value") : "")?.[1] ?? "";
  const other = part.dialled ? "toAddress" : "fromAddress";
  row.dataset.state = part.state;
  row.querySelector(".caller").textContent = [customer, textOf(dialog, `:scope > ${other}`)].filter(Boolean).join(" · ");
  row.querySelector(".callState").textContent = word(part.monitors ? "monitoring" : part.state);
  offerActions(row.querySelector(".actions"), id, offersOf(part), session);
  row.dataset.since = textOf(dialog, "participants > Participant > startTime");
  tick();
}

// The own part in a dialog: a call is shared by all who take part in it.
function partIn(dialog) {
  const own = [...dialog.querySelectorAll("Participant")].find((each) => textOf(each, "mediaAddress") === session.extension);
  const callType = textOf(dialog, "callType");
  return {
    state: own ? textOf(own, "state") : textOf(dialog, ":scope > state"),
    monitors: callType === "SUPERVISOR_MONITOR", consults: callType === "CONSULT",
    dialled: textOf(dialog, ":scope > fromAddress") === session.extension,
    associated: textOf(dialog, ":scope > associatedDialogUri") !== "",
  };
}

function make(id) {
  const row = document.createElement("li");
  row.dataset.dialog = id;
  for (const name of ["callState", "caller", "timer", "actions"]) {
    const part = document.createElement("span");
    part.className = name;
    if (name === "caller") part.id = `caller-${id}`;
    row.append(part);
  }
  const end = document.createElement("button");
  end.className = "danger";
  end.dataset.hangUp = id;
  end.textContent = word("hangUp");
  nameFor(end, "hangUp", id);
  end.addEventListener("click", () => fetch(`/lab/calls/${id}`, { method: "DELETE" }).catch(() => null));
  row.append(end);
  shown.set(id, row);
  list().append(row);
  document.getElementById("noCall").hidden = true;
  return row;
}

function remove(id) {
  shown.get(id)?.remove();
  shown.delete(id);
  document.getElementById("noCall").hidden = shown.size > 0;
}

function tick() {
  for (const row of shown.values()) {
    const seconds = Math.max(0, Math.floor((now() - Date.parse(row.dataset.since)) / 1000));
    row.querySelector(".timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

function offer(customers) {
  const callee = document.getElementById("callee");
  for (const [at, { name, fromAddress }] of customers.entries()) {
    const note = name === "" ? word("numberAlone") : name === "C-99999" ? word("stranger") : "";
    callee.append(new Option([name || fromAddress, note].filter(Boolean).join(" – "), String(at)));
  }
}

function place() {
  const { podId, fromAddress } = session.customers[Number(document.getElementById("callee").value)];
  document.getElementById("callNote").textContent = "";
  post("calls", { agent: session.id, podId, fromAddress, ringSeconds: 2 });
}
