/**
 * What a gadget knows again after its desktop was loaded anew: in Finesse's DesktopCache, which outlives a failover to
 * the other node, and in the browser tab's own storage for releases that have none. Other gadgets can read both, so no
 * token, no name and no answer is ever kept there.
 */

/** Milliseconds to wait for a cache that may never call back. */
const PATIENCE = 500;

export class Memory {
  /**
   * @param {string} owner whose gadget it is: nobody gets what another left behind
   * @param {{ cache?: any, storage?: Storage | null }} [places]
   */
  constructor(owner, { cache = window.finesse?.utilities?.DesktopCache, storage = tabStorage() } = {}) {
    this.owner = owner;
    this.cache = cache;
    this.storage = storage;
    /** @type {Map<string, unknown>} what to save next, by key */
    this.waiting = new Map();
    /** @type {Set<string>} keys of which a save is on its way */
    this.saving = new Set();
  }

  /** @param {string} name */
  key(name) {
    return `finessePulse.${this.owner}.${name}`;
  }

  /** @param {string} name @param {unknown} data as JSON has it; null forgets it */
  keep(name, data) {
    const key = this.key(name);
    this.waiting.set(key, data);
    this.save(key);
    attempt(() => (data === null ? this.storage?.removeItem(key) : this.storage?.setItem(key, JSON.stringify(data))));
  }

  /**
   * One save of a key at a time, the newest last: of two on their way at once the older could arrive last.
   * @param {string} key
   */
  async save(key) {
    if (this.saving.has(key)) return;
    this.saving.add(key);
    while (this.waiting.has(key)) {
      const data = this.waiting.get(key);
      this.waiting.delete(key);
      await this.send(key, data);
    }
    this.saving.delete(key);
  }

  /** @param {string} key @param {unknown} data @returns {Promise<void>} when it is saved, or could not be */
  send(key, data) {
    return new Promise((resolve) => {
      setTimeout(resolve, PATIENCE);
      if (typeof this.cache?.saveOrUpdateData !== 'function') return resolve();
      if (attempt(() => (this.cache.saveOrUpdateData([{ key, data }], () => resolve()), true)) === undefined) resolve();
    });
  }

  /** @param {string} name @returns {Promise<any>} null where nothing is kept */
  async recall(name) {
    const key = this.key(name);
    if (this.waiting.has(key)) return this.waiting.get(key);
    return (await this.fetch(name)) ?? attempt(() => JSON.parse(this.storage?.getItem(key) ?? 'null')) ?? null;
  }

  /** @param {string} name @returns {Promise<any>} */
  fetch(name) {
    const { cache } = this;
    if (typeof cache?.fetchData !== 'function') return Promise.resolve(null);
    return new Promise((resolve) => {
      setTimeout(resolve, PATIENCE, null);
      const take = (/** @type {unknown} */ fault, /** @type {any} */ entry) => resolve(fault ? null : (entry?.data ?? null));
      if (attempt(() => (cache.fetchData(this.key(name), take), true)) === undefined) resolve(null);
    });
  }
}

/** A browser may refuse it. @returns {Storage | null} */
const tabStorage = () => attempt(() => window.sessionStorage) ?? null;

/**
 * @template T
 * @param {() => T} action
 * @returns {T | undefined}
 */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
