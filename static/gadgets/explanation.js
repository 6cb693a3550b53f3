/** A word that explains itself: a button, and beside it a popover that Escape and a click elsewhere close. */
import { html } from 'lit';

/** Pixels between a popover and what it stands beside. */
const GAP = 6;

/** @type {HTMLElement | null} the one that is open: the browser closes it when another one opens */
let opened = null;

/** @param {string} id of its own on the page @param {string} word @param {unknown} explanation */
export const explained = (id, word, explanation) => html`<button type="button" class="explained" popovertarget=${id}>${word}</button>
  <div popover class="explanation" id=${id} @toggle=${toggled}>${explanation}</div>`;

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
  if (!opened || !word) return;
  const rightmost = document.documentElement.clientWidth - opened.offsetWidth - GAP;
  opened.style.top = `${word.bottom + GAP}px`;
  opened.style.left = `${Math.max(GAP, Math.min(word.left, rightmost))}px`;
}

window.addEventListener('resize', place);
