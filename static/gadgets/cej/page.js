/** The page of CEJ: the customer, or why there is none. */
import { html } from 'lit';
import { message, problemMessage } from '../pieces.js';
import { standing } from './calls.js';
import { journeyView, skeleton, teamNames } from './view.js';

/** @typedef {import('./journey.js').JourneyGadget} Gadget */

/** @param {Gadget} gadget */
export function page(gadget) {
  const { text, state, announced } = gadget;
  return html`<section class="gadget" tabindex="-1" aria-label=${text.t('shell.journey')} data-state=${state}>
    <p class="unseen" role="status">${announced}</p>
    ${content(gadget)}
  </section>`;
}

/** @param {Gadget} gadget */
function content(gadget) {
  const { text, state, call, calls, problem, shown } = gadget;
  if (state === 'loading' && call) return skeleton(text, standing(call, calls.list));
  if (state === 'problem' && problem) return problemMessage(text, problem, () => gadget.retry());
  if (state === 'journey' && shown) return customer(gadget, shown);
  return message({ kind: state, title: text.t(`journey.${state}`), more: text.t(`journey.${state}More`) });
}

/** @param {Gadget} gadget @param {import('./journey.js').Shown} shown */
function customer(gadget, { journey, rows }) {
  const { text, session, call, calls, ended, moreState } = gadget;
  return journeyView({
    text,
    journey,
    rows,
    callState: ended || !call ? 'ended' : standing(call, calls.list),
    teams: teamNames(session.person),
    moreState,
    onMore: () => void gadget.more(),
  });
}
