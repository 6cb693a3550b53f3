/** Which of an agent's calls the gadget is about, and what is to be said of it; pure. */

/** @typedef {import('../finesse.js').Call} Call */

/** callType of a supervisor who listens in, and of a call to a colleague about another (docs/cisco/finesse.md §4.2). */
const MONITORING = 'SUPERVISOR_MONITOR';
const CONSULT = /^CONSULT/;
const OUTBOUND_CAMPAIGN = /^OUTBOUND/;

const OVER = new Set(['DROPPED', 'FAILED']);

/** How near a call is to the agent, by the agent's own part in it; one that is not here is not a call yet. */
const NEARNESS = new Map([
  ['ACTIVE', 5],
  ['ACCEPTED', 5],
  ['ALERTING', 4],
  ['INITIATED', 4],
  ['HELD', 3],
  ['WRAP_UP', 2],
]);
const LISTENING_IN = 1;
const STRANGER = 0;

/** @param {Call} call the agent's own state in it, else the dialog's */
const partOf = (call) => call.part || call.state;

/** @param {Call} call */
export const isMonitoring = (call) => call.type === MONITORING;

/** @param {Call} call whether its customer has gone */
export const isWrappingUp = (call) => partOf(call) === 'WRAP_UP';

/** @param {Call} call whether this person calls a colleague about another call */
export const isConsult = (call) => call.outgoing && CONSULT.test(call.type);

/** @param {Call} call whether it rings or is spoken in: INITIATING is the agent's own dialling */
export const isUp = (call) => !OVER.has(call.state) && !OVER.has(call.part) && NEARNESS.has(partOf(call));

/**
 * The call that a consult is about: of two that belong together the one that was there first, unless Finesse says
 * which of them is the consult.
 *
 * @param {Call} call
 * @param {readonly Call[]} calls in order of arrival
 */
function subjectOf(call, calls) {
  const others = calls.filter((one) => one.id !== call.id);
  const partner = others.find(({ id, associated }) => id === call.associated || associated === call.id);
  if (!partner) return isConsult(call) ? others.find((one) => partOf(one) === 'HELD') : undefined;
  if (isConsult(call) !== isConsult(partner)) return isConsult(call) ? partner : undefined;
  return calls.indexOf(partner) < calls.indexOf(call) ? partner : undefined;
}

/**
 * The one of an agent's calls that the gadget is about: the call that is spoken in before one that rings, before one
 * on hold, before one in wrap-up; the newest of equals. A consult is about the call it was made from. A call that is
 * known to have no customer gives way to any that may have one.
 *
 * @param {readonly Call[]} calls in order of arrival
 * @param {(call: Call) => boolean} [isStranger] whether it is known to have no customer
 * @returns {Call | undefined}
 */
export function choose(calls, isStranger = () => false) {
  const up = calls.filter(isUp);
  const subjects = up.filter((call) => !subjectOf(call, up));
  const nearness = (/** @type {Call} */ call) => {
    if (isStranger(call)) return STRANGER;
    if (isMonitoring(call)) return LISTENING_IN;
    /* Whoever is consulted about stays before the eyes, though on hold. */
    return isConsultedAbout(call, calls) ? 5 : (NEARNESS.get(partOf(call)) ?? 0);
  };
  return subjects.reduce(
    (/** @type {Call | undefined} */ best, call) => (best && nearness(best) > nearness(call) ? best : call),
    undefined,
  );
}

/**
 * Whether a colleague is being consulted about a call, from the dialling on; he may be the one on hold meanwhile.
 *
 * @param {Call} call
 * @param {readonly Call[]} calls in order of arrival
 */
export const isConsultedAbout = (call, calls) => calls.some((one) => subjectOf(one, calls)?.id === call.id);

/**
 * The word for how a call stands, a key of the locale's `call`.
 *
 * @param {Call} call
 * @param {readonly Call[]} calls
 */
export function standing(call, calls) {
  const part = partOf(call);
  if (part === 'HELD' && isConsultedAbout(call, calls)) return 'CONSULTING';
  if (part === 'ALERTING' && OUTBOUND_CAMPAIGN.test(call.type)) return 'PREVIEW';
  if (call.outgoing && (part === 'ALERTING' || call.state === 'INITIATED')) return 'INITIATED';
  /* Where but two are left, it is a talk again, though its type stays. */
  if (part === 'ACTIVE' && call.type === 'CONFERENCE' && call.parties !== 2) return 'CONFERENCE';
  return part;
}

/**
 * An agent's calls in order of arrival, after one was met: one that is over leaves.
 *
 * @param {readonly Call[]} calls
 * @param {Call} call as it is now
 * @returns {readonly Call[]}
 */
export function meet(calls, call) {
  if (OVER.has(call.state) || OVER.has(call.part)) return end(calls, call.id);
  if (!call.id) return calls;
  const isKnown = calls.some(({ id }) => id === call.id);
  return isKnown ? calls.map((one) => (one.id === call.id ? call : one)) : [...calls, call];
}

/** @param {readonly Call[]} calls @param {string} id @returns {readonly Call[]} */
export const end = (calls, id) => calls.filter((one) => one.id !== id);

/** Whether a call is among them, and up. @param {readonly Call[]} calls @param {string | null} id */
export const includes = (calls, id) => calls.some((one) => one.id === id && isUp(one));
