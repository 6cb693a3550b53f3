/**
 * What the journey gadget is about, step by step: a pure function from a state and an event to the next state. What is
 * to be asked, remembered and said follows from the state; the element does it.
 */
import { choose, end, includes, isConsult, isMonitoring, isWrappingUp, meet } from './calls.js';

/** Rows shown before somebody asks for more, and how many more then. */
export const ROWS = 5;
export const PAGE = 20;

/** @typedef {import('../finesse.js').Call} Call */
/** @typedef {import('../api.js').Problem} Problem */

/** @typedef {Readonly<Pick<Call, 'id' | 'facts' | 'variables'>>} Question who is on this call? Each asking is an object of its own */

/**
 * @typedef {object} Customer what was answered for a call
 * @property {string | null} id of the dialog; null where the last customer was recalled without a call
 * @property {string} facts
 * @property {string} variables
 * @property {Journey} journey
 * @property {number} rows shown of it
 */

/** @typedef {'ready' | 'loading' | 'failed' | 'over'} MoreState of earlier answers; `over`: they are out of reach since the call ended */

/**
 * What the gadget shows. A customer can be shown with a call and while another answer is awaited for the same
 * conversation, or as the last one after it; while a new one is looked up, there is none.
 *
 * @typedef {(
 *   | { kind: 'idle', mayRecall: boolean }
 *   | { kind: 'loading', call: Call, question: Question, isLate: boolean }
 *   | { kind: 'shown', call: Call, customer: Customer, question: Question | null, more: MoreState }
 *   | { kind: 'ended', call: Call | null, customer: Customer, more: MoreState }
 *   | { kind: 'unknown', call: Call }
 *   | { kind: 'monitoring', call: Call }
 *   | { kind: 'problem', call: Call, question: Question, problem: Problem }
 * )} View
 */

/**
 * @typedef {object} State
 * @property {readonly Call[]} calls of this agent, in order of arrival
 * @property {ReadonlyMap<string, Customer>} known what was learnt of the calls that are up, by dialog
 * @property {boolean} isNew whether a customer who is found now may bring the tab to the front: no call was on before
 * @property {View} view
 */

/**
 * @typedef {(
 *   | { type: 'started', calls: Call[] }
 *   | { type: 'called', call: Call }
 *   | { type: 'hungUp', id: string }
 *   | { type: 'answered', question: Question, journey: Journey }
 *   | { type: 'refused', question: Question, problem: Problem }
 *   | { type: 'late', question: Question }
 *   | { type: 'retried' }
 *   | { type: 'recalled', journey: Journey }
 *   | { type: 'forgotten' }
 *   | { type: 'wantsMore' }
 *   | { type: 'gotMore', customer: Customer, journey: Journey }
 *   | { type: 'gotNoMore', customer: Customer, problem: Problem }
 *   | { type: 'surveyed', id: string, survey: Survey }
 * )} Event
 */

/** @type {State} before anything is known of any call */
export const BEGIN = { calls: [], known: new Map(), isNew: false, view: { kind: 'idle', mayRecall: true } };

/** @type {{ [type in Event['type']]: (state: State, event: Extract<Event, { type: type }>) => State }} */
const STEPS = {
  started: (state, { calls }) => ({ ...follow({ ...state, calls: calls.reduce(meet, state.calls) }), isNew: false }),
  called: (state, { call }) => follow({ ...state, calls: meet(state.calls, call) }),
  hungUp: (state, { id }) => follow({ ...state, calls: end(state.calls, id) }),
  answered,
  refused,
  late,
  retried: (state) => (state.view.kind === 'problem' ? ask(state, state.view.call) : state),
  recalled: (state, { journey }) =>
    mayRecall(state.view)
      ? show(state, { kind: 'ended', call: null, customer: { id: null, facts: '', variables: '', journey, rows: ROWS }, more: 'ready' })
      : state,
  forgotten: (state) => (mayRecall(state.view) ? show(state, { kind: 'idle', mayRecall: false }) : state),
  wantsMore,
  gotMore: (state, { customer, journey }) => (customerOf(state.view) === customer ? grow(state, customer, journey) : state),
  gotNoMore: (state, { customer, problem }) =>
    customerOf(state.view) === customer ? showMore(state, problem.passing ? 'failed' : 'over') : state,
  surveyed,
};

/** @param {State} state @param {Event} event @returns {State} the same object where the event changes nothing */
export const step = (state, event) => /** @type {(state: State, event: Event) => State} */ (STEPS[event.type])(state, event);

/** @param {View} view @returns {Call | null} the call that the gadget is about */
export const callOf = (view) => ('call' in view ? view.call : null);

/** @param {View} view @returns {Question | null} what an answer is awaited to */
export const questionOf = (view) => ('question' in view ? view.question : null);

/** @param {View} view @returns {Customer | null} who is on the screen */
export const customerOf = (view) => ('customer' in view ? view.customer : null);

/** @param {View} view @returns {Survey | undefined} what happens after the call */
export const surveyOf = (view) => customerOf(view)?.journey.survey;

/** @param {View} view whether earlier answers are awaited */
export const isExtending = (view) => 'more' in view && view.more === 'loading';

/** @param {View} view whether nothing has happened that the last customer, from before a reload, would push away */
export const mayRecall = (view) => view.kind === 'idle' && view.mayRecall;

/**
 * @param {View} view
 * @returns {string | null | undefined} the reference of the customer to come back to after a reload, null for nobody,
 *   undefined while that of before the last reload holds
 */
export const lastOf = (view) => (mayRecall(view) ? undefined : (customerOf(view)?.journey.customerRef ?? null));

/** @param {State} state @param {View} view @returns {State} */
const show = (state, view) => ({ ...state, view });

/** Turn to the call that the gadget is about now. @param {State} state @returns {State} */
function follow(state) {
  const known = new Map([...state.known].filter(([id]) => includes(state.calls, id)));
  const call = choose(state.calls, (one) => isStranger(known, one));
  if (!call) return finish({ ...state, known });
  const before = callOf(state.view);
  if (before?.id === call.id && before.facts === call.facts) return { ...state, known, view: withCall(state.view, call) };
  return turnTo({ ...state, known, isNew: state.isNew || !before || isWrappingUp(before) }, call);
}

/** @param {View} view @param {Call} call the same one as it stands now @returns {View} */
const withCall = (view, call) => (view.kind === 'idle' ? view : { ...view, call });

/** @param {State['known']} known @param {Call} call whether it is known to bring no customer */
function isStranger(known, { id, facts }) {
  const found = known.get(id);
  return found?.facts === facts && !isCustomer(found.journey);
}

/** @param {Journey} journey */
const isCustomer = ({ customer }) => Boolean(customer?.knownBy);

/** The last call is over: its customer stays, marked, until the next one comes. @param {State} state @returns {State} */
function finish(state) {
  const { view } = state;
  if (!callOf(view)) return state;
  if (view.kind !== 'shown' && view.kind !== 'ended') return show(state, { kind: 'idle', mayRecall: false });
  return show(state, { kind: 'ended', call: null, customer: view.customer, more: view.more });
}

/** @param {State} state @param {Call} call its customer takes the place of the one before @returns {State} */
function turnTo(state, call) {
  const found = state.known.get(call.id);
  if (isMonitoring(call)) return show(state, { kind: 'monitoring', call });
  return found?.facts === call.facts ? present(state, call, found) : ask(state, call);
}

/**
 * Where a call becomes another, as a consult becomes a conference, its customer stays until the answer is there.
 *
 * @param {State} state
 * @param {Call} call
 * @returns {State}
 */
function ask(state, call) {
  const question = { id: call.id, facts: call.facts, variables: call.variables };
  const customer = customerOf(state.view);
  const isSameConversation = customer !== null && customer.id !== null && [call.id, call.associated].includes(customer.id);
  if (isSameConversation) return show(state, { kind: 'shown', call, customer, question, more: 'ready' });
  return show(state, { kind: 'loading', call, question, isLate: false });
}

/** @param {State} state @param {Call} call @param {Customer} customer what was answered for it @returns {State} */
function present(state, call, customer) {
  if (!isCustomer(customer.journey)) return show(state, { kind: 'unknown', call });
  return { ...state, isNew: false, view: { kind: 'shown', call, customer, question: null, more: 'ready' } };
}

/** @param {State} state @param {Extract<Event, { type: 'answered' }>} event @returns {State} */
function answered(state, { question, journey }) {
  const call = callOf(state.view);
  if (!call || question !== questionOf(state.view)) return state;
  const found = { ...question, journey, rows: ROWS };
  const next = { ...state, known: new Map(state.known).set(found.id, found) };
  return isCustomer(journey) ? present(next, call, found) : answeredNobody(next, found);
}

/**
 * A call without a customer, such as one to a colleague, does not push away the customer of a call that is still up.
 * Where that very call carried somebody and now carries nobody, they go.
 *
 * @param {State} state
 * @param {Customer} found
 * @returns {State}
 */
function answeredNobody(state, found) {
  const next = follow(state);
  const { view } = next;
  const call = callOf(view);
  if (!call || call.id !== found.id) return next;
  const losesCustomer = view.kind === 'shown' && view.customer.id === found.id && view.customer.variables !== found.variables;
  if (view.kind !== 'shown' || losesCustomer) return present(next, call, found);
  const { customer, more } = view;
  if (isConsult(call)) return show(next, { kind: 'ended', call, customer, more });
  const known = new Map(next.known).set(found.id, { ...found, journey: customer.journey, rows: customer.rows });
  return { ...next, known, view: { ...view, question: null } };
}

/**
 * The answer takes long. Where the call's own variables changed, whoever they named before goes: they may name another.
 *
 * @param {State} state
 * @param {Extract<Event, { type: 'late' }>} event
 * @returns {State}
 */
function late(state, { question }) {
  const { view } = state;
  if (questionOf(view) !== question) return state;
  if (view.kind === 'loading') return show(state, { ...view, isLate: true });
  const mayBeAnother = view.kind === 'shown' && view.customer.id === question.id && view.customer.variables !== question.variables;
  return mayBeAnother ? show(state, { kind: 'loading', call: view.call, question, isLate: true }) : state;
}

/**
 * The customer of a conversation that goes on stays while nobody can be reached.
 *
 * @param {State} state
 * @param {Extract<Event, { type: 'refused' }>} event
 * @returns {State}
 */
function refused(state, { question, problem }) {
  const call = callOf(state.view);
  if (!call || question !== questionOf(state.view)) return state;
  if (problem.code === 'monitoring') return show(state, { kind: 'monitoring', call });
  if (problem.passing && state.view.kind === 'shown') return late(state, { type: 'late', question });
  return show(state, { kind: 'problem', call, question, problem });
}

/** @param {State} state @returns {State} */
function wantsMore(state) {
  const { view } = state;
  if ((view.kind !== 'shown' && view.kind !== 'ended') || view.more === 'loading') return state;
  const { customer } = view;
  const isThere = customer.journey.responses.length >= customer.rows + PAGE || !customer.journey.next;
  return isThere ? grow(state, customer, customer.journey) : showMore(state, 'loading');
}

/** @param {State} state @param {MoreState} more @returns {State} */
function showMore(state, more) {
  const { view } = state;
  return view.kind === 'shown' || view.kind === 'ended' ? show(state, { ...view, more }) : state;
}

/** @param {State} state @param {Customer} before @param {Journey} journey as long as it is now @returns {State} */
function grow(state, before, journey) {
  const { view } = state;
  if (view.kind !== 'shown' && view.kind !== 'ended') return state;
  const customer = { ...before, journey, rows: before.rows + PAGE };
  const { id } = customer;
  const known = id !== null && includes(state.calls, id) ? new Map(state.known).set(id, customer) : state.known;
  return { ...state, known, view: { ...view, customer, more: 'ready' } };
}

/** What becomes of the survey after a call is another now. @param {State} state @param {Extract<Event, { type: 'surveyed' }>} event @returns {State} */
function surveyed(state, { id, survey }) {
  const { view, known } = state;
  const change = (/** @type {Customer} */ customer) => ({ ...customer, journey: { ...customer.journey, survey } });
  const found = known.get(id);
  const next = found ? { ...state, known: new Map(known).set(id, change(found)) } : state;
  const isShown = (view.kind === 'shown' || view.kind === 'ended') && view.customer.id === id;
  return isShown ? show(next, { ...view, customer: change(view.customer) }) : next;
}
