/** Whether somebody reads a part of the page: nothing in it moves then; a controller of the element. */

/** Milliseconds after which a pointer that does not move reads no more. */
const PATIENCE = 60_000;

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
    this.host.addEventListener('pointermove', this);
    this.host.addEventListener('pointerleave', this);
  }

  hostDisconnected() {
    this.host.removeEventListener('pointermove', this);
    this.host.removeEventListener('pointerleave', this);
  }

  /** @param {Event} event of the pointer */
  handleEvent({ type, target }) {
    const isOver = type === 'pointermove' && target instanceof Element && target.closest(this.part) !== null;
    if (isOver) this.pointedAt = Date.now();
    else if (this.pointedAt) this.leave();
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
