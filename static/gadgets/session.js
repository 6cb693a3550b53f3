/** Our session with the backend: Finesse's credential is exchanged for a short token, which is renewed ahead of its end. */
import { Problem, request } from './api.js';

/** The part of a token's life after which the next use renews it. */
const RENEW_AT = 0.8;

export class Session {
  /**
   * @param {object} options
   * @param {string} options.base where the backend is
   * @param {string} options.user Finesse's user id
   * @param {() => string} options.getCredential asked anew for each use: an SSO token rotates
   * @param {() => number} [options.now] milliseconds
   */
  constructor({ base, user, getCredential, now = Date.now }) {
    this.base = base;
    this.user = user;
    this.getCredential = getCredential;
    this.now = now;
    /** @type {Person | null} */
    this.person = null;
    this.token = '';
    this.renewFrom = 0;
    this.endsAt = 0;
    /** @type {Promise<void> | null} */
    this.exchange = null;
    /** @type {{ credential: string, problem: Problem } | null} */
    this.refused = null;
  }

  /** Forget a refusal, so that a person who asks for it makes the same credential be tried again. */
  retry() {
    this.refused = null;
  }

  /** Drop the token; the next use exchanges anew. */
  drop() {
    this.token = '';
    this.renewFrom = 0;
  }

  /** @returns {Promise<string>} a token that is still good */
  async getToken() {
    if (this.now() < this.renewFrom) return this.token;
    try {
      await this.signIn();
    } catch (error) {
      const stillGood = this.token && this.now() < this.endsAt;
      if (!stillGood || !(error instanceof Problem && error.passing)) throw error;
    }
    return this.token;
  }

  /** One exchange at a time: all who ask meanwhile wait for the same. */
  signIn() {
    this.exchange ??= this.exchangeOnce().finally(() => {
      this.exchange = null;
    });
    return this.exchange;
  }

  async exchangeOnce() {
    const credential = this.getCredential();
    if (this.refused && this.refused.credential === credential) throw this.refused.problem;
    const asked = this.now();
    try {
      const response = await request(`${this.base}/gadgets/session`, {
        method: 'POST',
        headers: { Authorization: credential },
        body: { user: this.user },
      });
      this.keep(await response.json(), asked);
    } catch (error) {
      if (error instanceof Problem && error.code === 'invalid_credentials') this.refused = { credential, problem: error };
      throw error;
    }
  }

  /** @param {{ access_token: string, expires_in: number, person: Person }} answer @param {number} asked */
  keep(answer, asked) {
    this.token = answer.access_token;
    this.person = answer.person;
    this.renewFrom = asked + answer.expires_in * 1000 * RENEW_AT;
    this.endsAt = asked + answer.expires_in * 1000;
    this.refused = null;
  }

  /**
   * A request to one of our routes; a token that the backend no longer takes is renewed once.
   *
   * @param {string} path
   * @param {{ headers?: Record<string, string>, signal?: AbortSignal }} [call]
   */
  async get(path, { headers = {}, signal } = {}) {
    const send = async () =>
      request(this.base + path, { headers: { ...headers, Authorization: `Bearer ${await this.getToken()}` }, signal });
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'session_required') throw error;
      this.drop();
      return send();
    }
  }
}
