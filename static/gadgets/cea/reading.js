/** Whether somebody reads a part of the page: nothing in it moves then; a controller of the element. */

/** Milliseconds after which a pointer that does not move reads no more. */
const PATIENCE = 60_000;

const EVENTS = ['pointermove', 'pointerleave', 'focusout'];

export class ReadingGuard {
  /**
   * @param {import('lit').ReactiveControllerHost & Element} host
   * @param {string} part its selector
   * @param {() => void} onLeave what had to wait comes now
   */
  constructor(host, part, onLeave) {
    this.host = host;
    this.part = part;
    this.onLeave = onLeave;
    /** When the pointer last moved over it; 0 while it is elsewhere. */
    this.pointedAt = 0;
    host.addController(this);
  }

  hostConnected() {
    for (const type of EVENTS) this.host.addEventListener(type, this);
  }

  hostDisconnected() {
    for (const type of EVENTS) this.host.removeEventListener(type, this);
  }

  /** @param {Event & { relatedTarget?: EventTarget | null }} event of the pointer or the focus */
  handleEvent({ type, target, relatedTarget }) {
    if (type === 'focusout') return this.isInside(relatedTarget) || !this.isInside(target) || this.leave();
    if (type === 'pointermove' && this.isInside(target)) this.pointedAt = Date.now();
    else if (this.pointedAt) this.leave();
  }

  /** @param {EventTarget | null | undefined} target */
  isInside(target) {
    return target instanceof Element && target.closest(this.part) !== null;
  }

  /** Whether somebody points at it, or is in it with the keyboard. */
  get isRead() {
    return Date.now() - this.pointedAt < PATIENCE || this.host.querySelector(`${this.part} :focus-visible`) !== null;
  }

  leave() {
    this.pointedAt = 0;
    if (!this.isRead) this.onLeave();
  }
}
