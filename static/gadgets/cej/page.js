/** The page of CEJ: the customer, or why there is none. */
import { html, nothing } from 'lit';
import { message, problemMessage } from '../pieces.js';
import { standing } from './calls.js';
import { journeyView, skeleton, teamNames } from './view.js';

/** @typedef {import('./journey.js').JourneyGadget} Gadget */

/** @param {Gadget} gadget */
export function page(gadget) {
  const { text, state, announced } = gadget;
  return html`<section class="gadget" tabindex="-1" aria-label=${text.t('shell.journey')} data-state=${state.view.kind}>
    <p class="unseen" role="status">${announced}</p>
    ${content(gadget)}
  </section>`;
}

/** @param {Gadget} gadget */
function content(gadget) {
  const { text, state } = gadget;
  const { view, calls } = state;
  switch (view.kind) {
    case 'loading':
      return view.isLate ? skeleton(text, standing(view.call, calls)) : nothing;
    case 'problem':
      return problemMessage(text, view.problem, () => gadget.retry());
    case 'shown':
      return customer(gadget, view, standing(view.call, calls), view.call.id);
    case 'ended':
      return customer(gadget, view, 'ended');
    default:
      return message({ kind: view.kind, title: text.t(`journey.${view.kind}`), more: text.t(`journey.${view.kind}More`) });
  }
}

/**
 * @param {Gadget} gadget
 * @param {{ customer: import('./state.js').Customer, more: import('./state.js').MoreState }} shown
 * @param {string} callState
 * @param {string | null} [call] the dialog's id while it is there
 */
function customer(gadget, { customer: { id, journey, rows }, more }, callState, call = null) {
  const { text, session } = gadget;
  const teams = teamNames(session.person);
  const onDecline = call !== null && call === id ? () => void gadget.decline(call) : null;
  return journeyView({ text, journey, rows, callState, teams, moreState: more, onMore: () => gadget.more(), onDecline });
}
