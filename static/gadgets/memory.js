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
  }

  /** @param {string} name */
  key(name) {
    return `finessePulse.${this.owner}.${name}`;
  }

  /** @param {string} name @param {unknown} data as JSON has it; null forgets it */
  keep(name, data) {
    const key = this.key(name);
    attempt(() => this.cache?.saveOrUpdateData?.([{ key, data }], () => undefined));
    attempt(() => (data === null ? this.storage?.removeItem(key) : this.storage?.setItem(key, JSON.stringify(data))));
  }

  /** @param {string} name @returns {Promise<any>} null where nothing is kept */
  async recall(name) {
    return (await this.fetch(name)) ?? attempt(() => JSON.parse(this.storage?.getItem(this.key(name)) ?? 'null')) ?? null;
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
