/** The bridge to Finesse's container and library; every part of them is reached with a guard, for releases differ. */
import { unescaped } from './parameters.js';
import { pause } from './poll.js';

/** The library's own names for its topics, where a release has no `Topics` (docs/cisco/finesse.md §3.4). */
const TOPICS = {
  ACTIVE_TAB: 'finesse.containerservices.activeTab',
  GADGET_VIEW_CHANGED_EVENT: 'finesse.containerservices.gadgetViewChangedEvent',
  MAX_AVAILABLE_HEIGHT_CHANGED_EVENT: 'finesse.containerservices.maxAvailableHeightChangedEvent',
};

/**
 * @typedef {object} Call
 * @property {string} id
 * @property {string} state of the dialog: ALERTING, ACTIVE, …
 * @property {string} part this person's own state in it: ACTIVE, HELD, WRAP_UP, …; empty where it is not known
 * @property {string} type Finesse's callType
 * @property {string} associated the id of the dialog that this one belongs to, as a consult to its call; else empty
 * @property {boolean} outgoing whether this person dialled
 * @property {number} parties how many are in it; 0 where that is not known
 * @property {string} variables what it carries, to see when that changes; nothing else is read from it
 * @property {string} facts all that says who the customer is, the variables too, to see when it changes
 */

/**
 * The header that Finesse itself would send; asked for each use, because an SSO token rotates. Empty where nobody is
 * signed in. Libraries of 10.5 have no getAuthHeaderString: there the configuration itself carries what is needed.
 *
 * @param {any} [library]
 * @returns {string}
 */
export function authHeader(library = window.finesse) {
  const config = library?.gadget?.Config ?? {};
  const utilities = library?.utilities?.Utilities;
  if (typeof utilities?.getAuthHeaderString === 'function') {
    return attempt(() => utilities.getAuthHeaderString(config)) ?? '';
  }
  if (config.authToken) return `Bearer ${config.authToken}`;
  return config.authorization ? `Basic ${config.authorization}` : '';
}

/** @param {any} dialog @param {string} [extension] this person's own @returns {Call} */
export function asCall(dialog, extension = '') {
  const data = dialog?._data ?? {};
  const media = data.mediaProperties ?? {};
  const parties = listOf(data.participants?.Participant);
  const own = parties.find((one) => extension && text(one?.mediaAddress) === extension);
  const variables = JSON.stringify(listOf(media.callvariables?.CallVariable).map((one) => [text(one?.name), text(one?.value)]).sort());
  const from = text(data.fromAddress);
  const type = text(media.callType);
  return {
    id: text(dialog?.getId?.() ?? data.id),
    state: text(dialog?.getState?.() ?? data.state),
    part: text(own?.state),
    type,
    associated: text(data.associatedDialogUri).split('/').at(-1) ?? '',
    outgoing: extension !== '' && from === extension,
    parties: parties.filter((one) => text(one?.state) !== 'DROPPED').length,
    variables,
    facts: JSON.stringify([type, from, text(data.toAddress), text(media.dialedNumber), variables]),
  };
}

/** @param {unknown} value an empty XML element is null */
const text = (value) => (value === null || value === undefined ? '' : String(value));

/** @param {any} value a list of one comes as that one itself, an empty one as null @returns {any[]} */
const listOf = (value) => (Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]);

export class Finesse {
  constructor() {
    const config = window.finesse?.gadget?.Config ?? {};
    const prefs = window.gadgets?.Prefs ? new window.gadgets.Prefs() : null;
    /** @param {string} name */
    this.getPref = (name) => unescaped(text(prefs?.getString(name)));
    this.config = config;
    this.user = text(config.id) || this.getPref('id');
    this.extension = text(config.extension);
    this.language = text(prefs?.getLang?.()) || 'en';
    this.country = text(prefs?.getCountry?.());
    /** @type {any} */
    this.container = null;
  }

  /** Whether Finesse's library has arrived: without it there are no calls and no credential. */
  get isThere() {
    return typeof window.finesse?.restservices?.User === 'function';
  }

  /** The library must be told of the container before anything else of it works. */
  start() {
    const services = window.finesse?.clientservices?.ClientServices;
    attempt(() => services?.init?.(this.config, false));
    this.container = attempt(() => window.finesse?.containerservices?.ContainerServices?.init?.()) ?? null;
  }

  /** Milliseconds by which Finesse's clock is ahead of this machine's. */
  get drift() {
    return Number(window.finesse?.gadget?.Config?.clientDriftInMillis) || 0;
  }

  /**
   * This person's calls, those that were up before the gadget loaded too: onCollectionAdd does not fire for them
   * (docs/cisco/finesse.md §3.2).
   *
   * @param {object} handlers
   * @param {(calls: Call[]) => void} handlers.onStart those that are up already
   * @param {(call: Call) => void} handlers.onCall a new one, or a change of one
   * @param {(id: string) => void} handlers.onEnd
   */
  watchCalls({ onStart, onCall, onEnd }) {
    const { User } = window.finesse.restservices;
    const read = (/** @type {any} */ dialog) => asCall(dialog, this.extension);
    const tell = (/** @type {any} */ dialog) => onCall(read(dialog));
    const listen = (/** @type {any} */ dialog) => attempt(() => dialog?.addHandler?.('change', tell));
    let isLoaded = false;
    let failures = 0;
    let isWaiting = false;
    /** @type {any} what could be asked for anew: the user, then their calls */
    let source = null;
    const start = (/** @type {any} */ dialogs) => {
      if (isLoaded) return;
      isLoaded = true;
      const all = Object.values(dialogs?.getCollection?.() ?? {});
      all.forEach(listen);
      onStart(all.map(read));
    };
    const meet = (/** @type {any} */ dialog) => {
      listen(dialog);
      tell(dialog);
    };
    const end = (/** @type {any} */ dialog) => onEnd(read(dialog).id);
    /*
     * A node that has just taken over may not answer yet, and the library tells of a failure as often as it likes. A
     * second object of the same id would be refused: the one that failed is asked again (docs/cisco/finesse.md §3.2).
     * A call that arrives meanwhile loads the collection with that call alone, so the others are still asked for.
     */
    const onError = () => {
      if (isWaiting) return;
      isWaiting = true;
      failures += 1;
      setTimeout(() => {
        isWaiting = false;
        attempt(() => source?.refresh?.());
      }, pause(failures, null) * 1000);
    };
    const onLoad = (/** @type {any} */ user) => {
      failures = 0;
      source = user.getDialogs({ onLoad: start, onCollectionAdd: meet, onCollectionDelete: end, onError });
    };
    const user = new User({ id: this.user, onLoad, onError });
    source ??= user;
  }

  /**
   * Whether the gadget can be seen, now and from now on: its desktop tab is the active one, and its frame has a size,
   * which a Multi-Tab gadget takes from those behind, and the desktop from one that is collapsed. A browser window that
   * is not in front counts as seen: it may be on another screen.
   *
   * @param {(visible: boolean) => void} onChange
   */
  watchVisibility(onChange) {
    /* Its offsetWidth is none where the frame is not drawn; with a doctype, clientWidth stays the frame's own. */
    const page = document.documentElement;
    const seen = new TabWatch();
    let hadHeight = false;
    const tell = () => {
      hadHeight ||= window.innerHeight > 0;
      onChange(seen.isInFront && page.offsetWidth > 0 && (window.innerHeight > 0 || !hadHeight));
    };
    const look = (/** @type {unknown} */ event) => {
      seen.hear(event, attempt(() => this.container?.getMyTabId?.()));
      tell();
    };
    new ResizeObserver(tell).observe(page);
    window.addEventListener('resize', tell);
    /* The library tells a gadget of its own tab alone; the hub tells of every tab, so of its leaving too. */
    this.listen('ACTIVE_TAB', look);
    attempt(() => window.gadgets?.Hub?.subscribe?.(TOPICS.ACTIVE_TAB, (/** @type {any} */ _topic, /** @type {unknown} */ event) => look(event)));
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

  /** @param {number} pixels ignored by Finesse while the tab is hidden (docs/cisco/finesse.md §1.2) */
  adjustHeight(pixels) {
    attempt(() => window.gadgets?.window?.adjustHeight?.(pixels));
  }
}

/**
 * Whether the gadget's tab is in front, from what is told of tabs. A wrong "hidden" would stop the gadget for good, so
 * it is believed only of a tab that was told to be in front before, in the same words.
 */
export class TabWatch {
  constructor() {
    this.isKnown = false;
    this.isInFront = true;
  }

  /** @param {any} event a tab's id, or an object that holds it @param {string | undefined} own the gadget's tab */
  hear(event, own) {
    const shown = typeof event === 'object' && event !== null ? (event.tabId ?? event.id) : event;
    const isOwn = !own || !shown || shown === own;
    this.isKnown ||= Boolean(own) && shown === own;
    this.isInFront = isOwn || !this.isKnown;
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
