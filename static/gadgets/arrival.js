/**
 * When a gadget that was just loaded asks first. When a Finesse node fails, up to 2,000 desktops come back on the other
 * node within the same minute and a half (docs/cisco/finesse.md §8.1): then the first questions are spread, and those
 * that nobody waits for go last. A gadget that a person opens or reloads asks at once what that person waits for.
 */

/**
 * Seconds within which the first question is put: one that a person waits for, such as who is on the phone, and a
 * session that is opened ahead of a call.
 */
const WITHIN = {
  opened: { waitedFor: 0, ahead: 4 },
  reloaded: { waitedFor: 0, ahead: 90 },
  cameOver: { waitedFor: 15, ahead: 90 },
};

const NAME = 'desk';

/** Milliseconds: how often the desk is noted, and for how long a note counts as moments ago. */
const NOTED_EVERY = 300_000;
const MOMENTS = 2 * NOTED_EVERY;

/** Only when every gadget of this desktop has read where it was before, milliseconds. */
const NOTED_AFTER = 10_000;

/**
 * @typedef {object} Arrival seconds until the first question
 * @property {number} waitedFor that a person waits for: a call that is up, figures on the screen
 * @property {number} ahead that nobody waits for yet
 */

/**
 * How this desktop came here: whether it was there moments ago, and on which node.
 *
 * @param {any} noted where the desk was
 * @param {string} origin of the node it is on
 * @param {number} now milliseconds
 * @returns {keyof typeof WITHIN}
 */
export function wayOf(noted, origin, now) {
  if (typeof noted?.origin !== 'string' || !(now - Number(noted.at) < MOMENTS)) return 'opened';
  return noted.origin === origin ? 'reloaded' : 'cameOver';
}

/** @param {keyof typeof WITHIN} way @param {() => number} [random] @returns {Arrival} */
export function arrivalOf(way, random = Math.random) {
  const { waitedFor, ahead } = WITHIN[way];
  return { waitedFor: waitedFor * random(), ahead: ahead * random() };
}

/** @param {number} seconds @returns {Promise<void>} */
const after = (seconds) => new Promise((resolve) => (seconds > 0 ? setTimeout(resolve, seconds * 1000) : resolve()));

/**
 * When the turns of this desktop have come.
 *
 * @param {Promise<Arrival>} arrival
 * @returns {{ waitedFor: Promise<void>, ahead: Promise<void> }}
 */
export const turnsOf = (arrival) => ({
  waitedFor: arrival.then(({ waitedFor }) => after(waitedFor)),
  ahead: arrival.then(({ ahead }) => after(ahead)),
});

/** @param {import('./memory.js').Memory} memory @returns {Promise<Arrival>} and from now on keeps note of where the desk is */
export async function arrive(memory) {
  const { origin } = window.location;
  const way = wayOf(await memory.recall(NAME), origin, Date.now());
  const note = () => memory.keep(NAME, { origin, at: Date.now() });
  setTimeout(note, NOTED_AFTER);
  setInterval(note, NOTED_EVERY);
  return arrivalOf(way);
}
