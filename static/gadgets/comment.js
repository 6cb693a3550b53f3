/** What a customer wrote: its first lines, and the rest for whoever wants it. */
import { LitElement, html, nothing } from 'lit';

/** As many lines as the style sheet leaves of it. */
const LINES = 3;

export class CommentText extends LitElement {
  /** @override */
  static properties = { comment: { attribute: false }, isOpen: { state: true }, isLong: { state: true } };

  constructor() {
    super();
    /** @type {import('./text.js').Text | undefined} */
    this.text = undefined;
    this.comment = '';
    this.isOpen = false;
    this.isLong = false;
    /* The button stands below the paragraph that is watched, and does not change its size. */
    this.sizes = new ResizeObserver(([{ target }]) => this.measure(target));
  }

  /** The gadget's one stylesheet styles it. @override */
  createRenderRoot() {
    return this;
  }

  /** @override */
  firstUpdated() {
    this.sizes.observe(/** @type {Element} */ (this.firstElementChild));
  }

  /** @param {Element} words as wide as they are now; on a hidden tab they have no size */
  measure(words) {
    const { scrollHeight, clientHeight } = words;
    if (clientHeight === 0) return;
    const room = this.isOpen ? LINES * Number.parseFloat(getComputedStyle(words).lineHeight) : clientHeight;
    this.isLong = scrollHeight > room + 1;
  }

  toggle() {
    this.isOpen = !this.isOpen;
  }

  /** @override */
  render() {
    const { comment, isOpen, isLong } = this;
    return html`<p class="comment ${isOpen ? '' : 'clamped'}">${comment}</p>
      ${isLong ? html`<button type="button" class="link small" aria-expanded=${isOpen} aria-label=${`${this.word()}: ${comment.slice(0, 40)}…`} @click=${this.toggle}>${this.word()}</button>` : nothing}`;
  }

  word() {
    return this.text?.t(this.isOpen ? 'comment.less' : 'comment.more');
  }
}
