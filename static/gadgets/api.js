/** Our backend over fetch: JSON in, JSON out, every failure a Problem with a code. */

/** Milliseconds. */
const DEADLINE = 20_000;

/** Refusals that end by themselves: a credential is replaced, a call is listed. Asking again sends no credential twice. */
const ENDING = new Set(['invalid_credentials', 'signed_out', 'no_dialog', 'unexpected']);

/** A request that did not give what was asked: `status` 0 where no answer came at all. */
export class Problem extends Error {
  /** @param {string} code @param {number} status @param {number | null} [retryAfter] seconds */
  constructor(code, status, retryAfter = null) {
    super(code);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later without anybody doing anything. */
  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }

  /** Whether it is asked again without anybody doing anything. */
  get again() {
    return this.passing || ENDING.has(this.code);
  }
}

export const unreachable = () => new Problem('unreachable', 0);

/** @param {unknown} error @returns {Problem} */
export const asProblem = (error) => (error instanceof Problem ? error : new Problem('unexpected', -1));

/**
 * @typedef {object} Call
 * @property {string} [method]
 * @property {Record<string, string>} [headers]
 * @property {unknown} [body] sent as JSON
 * @property {AbortSignal} [signal]
 */

/**
 * What may be kept, the answer's own headers say. A cache mode of ours, or a conditional header, would make Chromium
 * forget that it may ask: a preflight before each request.
 *
 * @param {string} url
 * @param {Call} [call]
 * @returns {Promise<Response>} an answer that is ok
 */
export async function request(url, { method = 'GET', headers = {}, body, signal } = {}) {
  /* The deadline is for the whole of it: a connection may die in the midst of an answer. */
  const deadline = AbortSignal.timeout(DEADLINE);
  try {
    const response = await fetch(url, {
      method,
      headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      credentials: 'omit',
    });
    if (!response.ok) throw await readProblem(response);
    return new Response(await response.blob(), response);
  } catch (error) {
    throw error instanceof Problem ? error : unreachable();
  }
}

/** @param {Response} response */
async function readProblem(response) {
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  const told = await response.json().catch(() => ({}));
  const code = typeof told?.code === 'string' ? told.code : response.status >= 500 ? 'unreachable' : 'unexpected';
  return new Problem(code, response.status, Number.isNaN(seconds) ? null : seconds);
}
