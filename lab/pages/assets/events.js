// Events from the lab's Finesse, by long polling, published on the hub under Finesse's topics.
import { publish } from "./hub.js";
import { header } from "./session.js";

const STATUS = "finesse.info.connectionstatus";
const PAUSE = 1000;
const WAIT = 3;

export async function follow(from, { onConnection, onRefused }) {
  let number = from;
  let lost = false;
  for (;;) {
    // After a loss the lab is to answer at once, so that the desktop knows that it is back.
    const answer = await ask(number, lost ? 0 : WAIT);
    if (answer === "refused") return onRefused();
    if (!answer) {
      if (!lost) tell("reconnecting", (lost = true));
      await new Promise((done) => setTimeout(done, PAUSE));
      continue;
    }
    number = answer.number;
    for (const { topic, content } of answer.events) publish(topic.slice(1).replaceAll("/", "."), { content });
    if (lost || answer.restarted) tell("recovered", (lost = false));
  }

  function tell(status, isLost) {
    onConnection(isLost);
    publish(STATUS, { status });
  }
}

async function ask(after, wait) {
  try {
    const answer = await fetch(`/desktop/events?after=${after}&wait=${wait}`, { headers: header(), cache: "no-store" });
    if (answer.status === 401) return "refused";
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
