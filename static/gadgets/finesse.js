/** The bridge to Finesse's container and library; every part of them is reached with a guard, for releases differ. */

/** The library's own names for its topics, where a release has no `Topics` (contract/finesse.md §3.5). */
const TOPICS = {
  ACTIVE_TAB: 'finesse.containerservices.activeTab',
  GADGET_VIEW_CHANGED_EVENT: 'finesse.containerservices.gadgetViewChangedEvent',
  MAX_AVAILABLE_HEIGHT_CHANGED_EVENT: 'finesse.containerservices.maxAvailableHeightChangedEvent',
};

/**
 * @typedef {object} Call
 * @property {string} id
 * @property {string} state of the dialog: ALERTING, ACTIVE, …
 */

/**
 * The header that Finesse itself would send; asked for each use, because an SSO token rotates.
 * Libraries of 10.5 have no getAuthHeaderString: there the configuration itself carries what is needed.
 *
 * @param {any} [library]
 * @returns {string}
 */
export function authHeader(library = window.finesse) {
  const config = library?.gadget?.Config ?? {};
  const utilities = library?.utilities?.Utilities;
  if (typeof utilities?.getAuthHeaderString === 'function') return utilities.getAuthHeaderString(config) ?? '';
  if (config.authToken) return `Bearer ${config.authToken}`;
  return config.authorization ? `Basic ${config.authorization}` : '';
}

/** @param {any} dialog @returns {Call} */
export function asCall(dialog) {
  const data = dialog?._data ?? {};
  return { id: text(dialog?.getId?.() ?? data.id), state: text(dialog?.getState?.() ?? data.state) };
}

/** @param {unknown} value an empty XML element is null */
const text = (value) => (value === null || value === undefined ? '' : String(value));

export class Finesse {
  constructor() {
    const config = window.finesse?.gadget?.Config ?? {};
    const prefs = window.gadgets?.Prefs ? new window.gadgets.Prefs() : null;
    this.config = config;
    this.user = text(config.id || prefs?.getString('id'));
    this.language = text(prefs?.getLang?.()) || 'en';
    this.country = text(prefs?.getCountry?.());
    /** @param {string} name */
    this.getPref = (name) => text(prefs?.getString(name));
    /** @type {any} */
    this.container = null;
  }

  /** The library must be told of the container before anything else of it works. */
  start() {
    const services = window.finesse?.clientservices?.ClientServices;
    attempt(() => services?.init?.(this.config, false));
    this.container = attempt(() => window.finesse?.containerservices?.ContainerServices?.init?.()) ?? null;
  }

  /**
   * This person's calls, those that were up before the gadget loaded too: onCollectionAdd does not fire for them
   * (contract/finesse.md §3.2).
   *
   * @param {{ onCall: (call: Call) => void, onEnd: (id: string) => void }} handlers
   */
  watchCalls({ onCall, onEnd }) {
    const User = window.finesse?.restservices?.User;
    if (typeof User !== 'function') return;
    const tell = (/** @type {any} */ dialog) => {
      const call = asCall(dialog);
      if (call.id) onCall(call);
    };
    const meet = (/** @type {any} */ dialog) => {
      attempt(() => dialog?.addHandler?.('change', tell));
      tell(dialog);
    };
    const user = new User({
      id: this.user,
      onLoad: () => {
        user.getDialogs({
          onLoad: (/** @type {any} */ dialogs) => Object.values(dialogs?.getCollection?.() ?? {}).forEach(meet),
          onCollectionAdd: meet,
          onCollectionDelete: (/** @type {any} */ dialog) => onEnd(asCall(dialog).id),
        });
      },
    });
  }

  /**
   * Whether the gadget can be seen, now and from now on: its desktop tab is the active one, its browser tab is in
   * front, and its frame has a width, which a Multi-Tab gadget takes from those behind.
   *
   * @param {(visible: boolean) => void} onChange
   */
  watchVisibility(onChange) {
    const page = document.documentElement;
    let tab = true;
    const tell = () => onChange(tab && !document.hidden && page.clientWidth > 0);
    document.addEventListener('visibilitychange', tell);
    new ResizeObserver(tell).observe(page);
    this.listen('ACTIVE_TAB', (active) => {
      const own = attempt(() => this.container?.getMyTabId?.());
      const shown = typeof active === 'object' && active !== null ? active.id : active;
      tab = !own || !shown || own === shown;
      tell();
    });
    attempt(() => this.container?.makeActiveTabReq?.());
    tell();
  }

  /** @param {(canvas: boolean, height: number | null) => void} onChange the maximised view, and how high it may be */
  watchCanvas(onChange) {
    let canvas = false;
    /** @type {number | null} */
    let height = null;
    const own = () => attempt(() => this.container?.getMyGadgetId?.());
    this.listen('GADGET_VIEW_CHANGED_EVENT', (event) => {
      if (own() !== undefined && event?.getGadgetId?.() !== own()) return;
      canvas = event?.getView?.() === 'canvas';
      onChange(canvas, height);
    });
    this.listen('MAX_AVAILABLE_HEIGHT_CHANGED_EVENT', (event) => {
      height = Number(event?.getMaxAvailableHeight?.()) || null;
      onChange(canvas, height);
    });
  }

  /** @param {keyof typeof TOPICS} name @param {(event: any) => void} handler */
  listen(name, handler) {
    const topic = window.finesse?.containerservices?.ContainerServices?.Topics?.[name] ?? TOPICS[name];
    attempt(() => this.container?.addHandler?.(topic, handler));
  }

  /** Bring the gadget's tab to the front. */
  activate() {
    attempt(() => this.container?.activateMyTab?.());
  }

  /** @param {number} pixels ignored by Finesse while the tab is hidden (contract/finesse.md §1.3) */
  adjustHeight(pixels) {
    attempt(() => window.gadgets?.window?.adjustHeight?.(pixels));
  }
}

/**
 * Finesse's library throws where a release lacks something or a state does not suit; the gadget goes on without it.
 *
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
