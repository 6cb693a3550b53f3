/** A word that explains itself: a button, and beside it a popover that Escape and a click elsewhere close. */
import { html } from 'lit';

/** Pixels between a popover and what it stands beside. */
const GAP = 6;

/** @type {HTMLElement | null} the one that is open: the browser closes it when another one opens */
let opened = null;

/** @param {string} id of its own on the page @param {string} word */
export const explained = (id, word) => html`<button type="button" class="explained" popovertarget=${id}>${word}</button>`;

/** Stands behind the element that has the word. @param {string} id @param {unknown} words */
export const explanation = (id, words) => html`<div popover class="explanation" id=${id} @toggle=${toggled}>${words}</div>`;

/** @param {ToggleEvent} event */
function toggled({ currentTarget, newState }) {
  const popover = /** @type {HTMLElement} */ (currentTarget);
  if (newState === 'open') opened = popover;
  else if (opened === popover) opened = null;
  place();
}

/** Below its word and inside the pane: by itself a popover stands in the middle of the frame, which may be out of sight. */
function place() {
  const word = opened?.previousElementSibling?.getBoundingClientRect();
  if (!opened?.isConnected || !word) return;
  opened.style.top = `${inside(word.bottom + GAP, window.innerHeight - opened.offsetHeight)}px`;
  opened.style.left = `${inside(word.left, document.documentElement.clientWidth - opened.offsetWidth)}px`;
}

/** @param {number} wanted @param {number} room */
const inside = (wanted, room) => Math.max(GAP, Math.min(wanted, room - GAP));

window.addEventListener('resize', place);
/* A pane that scrolls takes the word away. */
window.addEventListener('scroll', () => opened?.hidePopover(), true);
