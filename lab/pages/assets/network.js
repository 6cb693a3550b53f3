// The network between browser and servers, as bad as the lab is asked to make it: what is lost, and what takes long.
import { pause } from "./page.js";

const ASK_AGAIN = 500;
const plain = window.fetch.bind(window);
export const network = { latencyMs: 0, loss: 0 };

// From a frame, the desktop's or a gadget's, all requests go this way. The lab itself delays what it serves.
export function carry(frame) {
  const send = frame.fetch.bind(frame);
  frame.fetch = (resource, options) => {
    const { latencyMs, loss } = network;
    const isLost = Math.random() < loss;
    const isNear = new URL(resource.url ?? resource, frame.location.href).origin === frame.location.origin;
    if (!isLost && (isNear || latencyMs === 0)) return send(resource, options);
    return far(frame, () => send(resource, options), latencyMs / 2, isLost);
  };
}

async function far(frame, send, way, isLost) {
  await pause(way);
  if (isLost) throw new frame.TypeError("Failed to fetch");
  const answer = await send();
  await pause(way);
  return answer;
}

// Told with every answer of the stream; where that is lost too, the lab is asked past it all.
export function settle(told) {
  Object.assign(network, told);
  if (network.loss > 0) setTimeout(ask, ASK_AGAIN);
}

async function ask() {
  const answer = await plain("/lab/network").catch(() => null);
  settle(answer?.ok ? await answer.json() : network);
}

carry(window);
