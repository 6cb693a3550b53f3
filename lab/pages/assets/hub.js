// The OpenAjax hub of the desktop: topics, who listens, and delivery a moment later, each to its own frame.
const listeners = new Map();
let lastId = 0;

export function subscribe(topic, run, owner = "desktop") {
  const id = `${++lastId}`;
  listeners.set(id, { topic, run, owner });
  return id;
}

// Whoever has subscribed by then hears it: a gadget that meets a new dialog hears of its next change in the same batch.
export function publish(topic, data) {
  const text = JSON.stringify(data ?? null);
  setTimeout(() => {
    for (const each of [...listeners.values()]) if (covers(each.topic, topic)) deliver(each, topic, JSON.parse(text));
  }, 0);
}

function deliver({ run }, topic, data) {
  try {
    run(topic, data);
  } catch (fault) {
    reportError(fault);
  }
}

// "*" stands for one part of a topic, "**" at the end for all that follow.
function covers(pattern, topic) {
  if (pattern === topic) return true;
  if (!pattern.includes("*")) return false;
  const wanted = pattern.split(".");
  const parts = topic.split(".");
  if (wanted.at(-1) === "**") return wanted.slice(0, -1).every((part, at) => part === "*" || part === parts[at]);
  return wanted.length === parts.length && wanted.every((part, at) => part === "*" || part === parts[at]);
}

// One gadget's side of the hub; what a gadget that was there before has subscribed is gone with its page.
export function connect(owner) {
  for (const [id, each] of listeners) if (each.owner === owner) listeners.delete(id);
  return {
    subscribe: (topic, run) => subscribe(topic, run, owner),
    unsubscribe: (id) => listeners.delete(id),
    publish,
  };
}
