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
    /** @type {Promise<void> | null} */
    this.held = null;
    /** Let whoever is held ask at once: somebody needs it now. */
    this.hurry = () => {};
  }

  /** Whoever asks waits until it is this desktop's turn, or until `hurry`. @param {Promise<void>} turn */
  hold(turn) {
    const hurried = /** @type {Promise<void>} */ (new Promise((resolve) => {
      this.hurry = resolve;
    }));
    this.held = Promise.race([turn, hurried]);
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
    await this.held;
    try {
      await this.signIn();
    } catch (error) {
      const stillGood = this.token && this.now() < this.endsAt;
      /* A Bearer that rotates just now is refused for a moment. */
      const mayPass = error instanceof Problem && (error.passing || error.code === 'invalid_credentials');
      if (!stillGood || !mayPass) throw error;
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
    const asked = this.now();
    const response = await this.withCredential((credential) =>
      request(`${this.base}/gadgets/session`, {
        method: 'POST',
        headers: { Authorization: credential },
        body: { user: this.user },
      }),
    );
    this.keep(await response.json(), asked);
  }

  /**
   * Do something with Finesse's credential of this moment: one that rotated on its way is replaced, once; one that was
   * refused is not sent again.
   *
   * @template T
   * @param {(credential: string) => Promise<T>} use
   * @param {boolean} [mayRotate]
   * @returns {Promise<T>}
   */
  async withCredential(use, mayRotate = true) {
    const credential = this.getCredential();
    if (!credential) throw new Problem('signed_out', 401);
    if (this.refused?.credential === credential) throw this.refused.problem;
    try {
      return await use(credential);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'invalid_credentials') throw error;
      this.refused = { credential, problem: error };
    }
    if (!mayRotate || this.getCredential() === credential) throw this.refused.problem;
    return this.withCredential(use, false);
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
   * @param {import('./api.js').Call} [call]
   */
  async ask(path, { headers = {}, ...call } = {}) {
    let token = '';
    const send = async () => {
      token = await this.getToken();
      return request(this.base + path, { ...call, headers: { ...headers, Authorization: `Bearer ${token}` } });
    };
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'session_required') throw error;
      if (token === this.token) this.drop();
      return send();
    }
  }
}
