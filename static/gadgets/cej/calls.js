/** Which of an agent's calls the gadget is about: the newest that can have a customer. */

/** A dialog that rings or is spoken in; INITIATING and INITIATED are the agent's own dialling. */
const LIVE = new Set(['ALERTING', 'ACTIVE', 'ACCEPTED']);
const OVER = new Set(['DROPPED', 'FAILED']);

export class Calls {
  constructor() {
    /** @type {Map<string, import('../finesse.js').Call>} in order of arrival */
    this.live = new Map();
  }

  /** @param {import('../finesse.js').Call} call @returns {boolean} whether it is new among the live ones */
  meet(call) {
    if (OVER.has(call.state)) return this.end(call.id), false;
    if (!LIVE.has(call.state)) return false;
    const isNew = !this.live.has(call.id);
    this.live.set(call.id, call);
    return isNew;
  }

  /** @param {string} id */
  end(id) {
    this.live.delete(id);
  }

  /** @param {string} id */
  get(id) {
    return this.live.get(id);
  }

  /** The call that came last among those still up. */
  newest() {
    return [...this.live.values()].at(-1);
  }
}
