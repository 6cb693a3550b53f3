// Events from the lab's Finesse, by long polling, published on the hub under Finesse's topics.
import { publish } from "./hub.js";
import { settle } from "./network.js";
import { pause } from "./page.js";
import { accessToken, header, renew } from "./session.js";

const STATUS = "finesse.info.connectionstatus";
const PAUSE = 1000;
const WAIT = 3;

export async function follow(from, { onConnection, onRefused, onElsewhere, onSurveys }) {
  let number = from;
  let lost = false;
  for (;;) {
    // After a loss the lab is to answer at once, so that the desktop knows that it is back.
    const answer = await ask(number, lost ? 0 : WAIT);
    if (answer === "refused") return onRefused();
    if (answer?.elsewhere) {
      await onElsewhere(answer);
      await pause(PAUSE);
      continue;
    }
    if (!answer) {
      if (!lost) tell("reconnecting", (lost = true));
      await pause(PAUSE);
      continue;
    }
    number = answer.number;
    if (answer.network) settle(answer.network);
    if (answer.surveys) onSurveys(answer.surveys);
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
    if (answer.status === 401) return await again(after);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// Refused: perhaps only the token is too old, or single sign-on has just been switched on.
async function again(after) {
  const refused = await renew();
  if (refused?.fault === "unreachable") return null;
  if (refused?.fault === "elsewhere") return refused.way;
  return refused || !accessToken() ? "refused" : { number: after, events: [] };
}
