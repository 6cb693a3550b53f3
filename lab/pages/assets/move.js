// To the other node, which is another origin: who is signed in goes along by a ticket, the address keeps its parameters.
import { at, pause } from "./page.js";
import { publish } from "./hub.js";
import { movedItems, unpack } from "./session.js";
import { word } from "./words.js";

const JSON_HEADERS = { "Content-Type": "application/json" };
let leaving = false;

// Desktops do not all come at once: each waits a while of its own first.
export async function moveTo({ elsewhere, jitterSeconds }) {
  if (leaving) return;
  leaving = true;
  at("connection").textContent = word("moving");
  publish("finesse.info.connectionstatus", { status: "disconnected" });
  await pause(Math.random() * jitterSeconds * 1000);
  const body = JSON.stringify(movedItems());
  const answer = await fetch("/desktop/leave", { method: "POST", headers: JSON_HEADERS, body }).catch(() => null);
  if (!answer?.ok) return (leaving = false);
  publish("finesse.info.connectionstatus", { status: "unloading" });
  const { ticket } = await answer.json();
  location.replace(`${elsewhere}/desktop${location.search}#ticket=${ticket}`);
}

// Whoever came with a ticket is signed in as before.
export async function arrive() {
  const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
  if (!ticket) return;
  history.replaceState(null, "", location.pathname + location.search);
  const body = JSON.stringify({ ticket });
  const answer = await fetch("/desktop/arrive", { method: "POST", headers: JSON_HEADERS, body }).catch(() => null);
  if (answer?.ok) unpack(await answer.json());
}
