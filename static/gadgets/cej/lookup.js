/** The questions that CEJ asks our backend: who is on a call, who was on the last one, and what they said earlier. */
import { asProblem } from '../api.js';
import { PAGE } from './state.js';

/** Finesse may tell the desktop of a call a moment before its API lists it: milliseconds between looks. */
const LISTED_SOON = [400, 800, 1600];

export class Lookup {
  /** @param {import('../session.js').Session} session */
  constructor(session) {
    this.session = session;
  }

  /** @param {string} id of a dialog @param {AbortSignal} [signal] @returns {Promise<Journey>} */
  async ofCall(id, signal) {
    for (const wait of LISTED_SOON) {
      try {
        return await this.ask(id, signal);
      } catch (error) {
        if (asProblem(error).code !== 'no_dialog') throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return this.ask(id, signal);
  }

  /**
   * The call is named in the body: at an address of its own each call would cost a preflight, a whole round trip.
   *
   * @param {string} id @param {AbortSignal} [signal] @returns {Promise<Journey>}
   */
  ask(id, signal) {
    const call = { method: 'POST', body: { dialogId: id }, signal };
    return this.session.withCredential((credential) =>
      this.journey({}, { ...call, headers: { 'X-Finesse-Authorization': credential } }),
    );
  }

  /** @param {string} reference to a customer whose call is over @returns {Promise<Journey>} */
  ofReference(reference) {
    return this.journey({ customerRef: reference });
  }

  /**
   * A journey with the next page of its answers. A reference lasts 30 minutes: where it has run out, a call that is
   * still up renews it.
   *
   * @param {Journey} journey
   * @param {string | null} call the dialog's id while it is up
   * @returns {Promise<Journey>}
   */
  async more(journey, call) {
    const fetchPage = (/** @type {string | null} */ reference) =>
      this.journey({ customerRef: String(reference), before: String(journey.next) });
    const page = await fetchPage(journey.customerRef).catch(async (error) => {
      if (asProblem(error).passing || call === null) throw error;
      const renewed = await this.ask(call);
      /* The call may be another customer's by now. */
      if (JSON.stringify(renewed.customer) !== JSON.stringify(journey.customer)) throw error;
      return fetchPage(renewed.customerRef);
    });
    const responses = [...journey.responses, ...page.responses];
    return { ...journey, responses, next: page.next, customerRef: page.customerRef ?? journey.customerRef };
  }

  /** @param {Record<string, string>} query @param {import('../api.js').Call} [call] @returns {Promise<Journey>} */
  async journey(query, call) {
    const response = await this.session.ask(`/gadgets/journey?${new URLSearchParams({ ...query, limit: String(PAGE) })}`, call);
    return response.json();
  }
}
