/** What CEJ draws for a customer: the verdict of last time, then the answers, newest first. */
import { html, nothing, svg } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { message, shape } from '../pieces.js';
import { scoreChip, scoreWords, scoresOf } from '../scores.js';
import { verdictOf } from './verdict.js';

/** @typedef {import('../text.js').Text} Text */

/** @typedef {import('./state.js').MoreState} MoreState */

/**
 * @typedef {object} JourneyProps
 * @property {Text} text
 * @property {Journey} journey
 * @property {number} rows shown so far
 * @property {string} callState
 * @property {Map<string, string>} teams
 * @property {MoreState} moreState
 * @property {() => void} onMore
 * @property {(() => void) | null} onDecline null where the call is over
 */

/** @param {JourneyProps} props */
export function journeyView(props) {
  const { text, journey } = props;
  return html`${customerLine(props)} ${surveyLine(props)} ${journey.sharedBy ? shared(text, journey) : answersOf(props)}`;
}

/** @param {JourneyProps} props */
function answersOf(props) {
  const { text, journey } = props;
  const verdict = verdictOf(journey.responses, text.now());
  if (!verdict) return message({ kind: 'empty', title: text.t('journey.never'), more: text.t('journey.neverMore') });
  return html`${verdictLine(text, journey, verdict)} ${list(props)} ${earlier(props)}`;
}

/** @param {Text} text @param {Journey} journey */
function shared(text, journey) {
  const key = journey.customer?.knownBy === 'email' ? 'journey.sharedEmail' : 'journey.shared';
  return message({
    kind: 'shared',
    title: text.t(key, { count: Number(journey.sharedBy) }),
    more: text.t('journey.sharedMore'),
  });
}

/** @param {Text} text @param {Journey} journey */
export function customerName(text, { customer }) {
  if (customer?.customerId) return text.t('journey.customer', { id: customer.customerId });
  if (customer?.mobile) return text.t('journey.customerByMobile', { mobile: customer.mobile });
  return text.t('journey.customerByEmail', { email: customer?.email ?? '' });
}

/** What is read out of a customer who comes on the screen. @param {Text} text @param {Journey} journey */
export function announcementOf(text, journey) {
  const customer = customerName(text, journey);
  if (journey.sharedBy) return text.t('journey.announceShared', { customer });
  const verdict = verdictOf(journey.responses, text.now());
  if (!verdict) return text.t('journey.announceNone', { customer });
  const { band, worst, answer } = verdict;
  const mood = text.t(`journey.verdict.${band ?? 'none'}`);
  return text.t('journey.announce', {
    customer,
    verdict: worst ? text.t('journey.because', { verdict: mood, score: scoreWords(text, worst) }) : mood,
    when: text.since(new Date(answer.respondedAt)),
  });
}

/** Names of the teams that a person knows, by id. @param {Person | null} person */
export function teamNames(person) {
  const own = person?.team ? [person.team] : [];
  return new Map([...own, ...(person?.supervises ?? [])].map(({ id, name }) => [id, name]));
}

/** @param {JourneyProps} props */
function customerLine({ text, journey, callState }) {
  const { customer } = journey;
  const name = customerName(text, journey);
  const others = [customer?.email, customer?.mobile].filter((part) => part && !name.includes(part));
  const known = text.t(`journey.knownBy.${customer?.knownBy}`);
  return html`<header class="customer">
    <h2>${name}${others.map((part) => html`<span class="muted plain"> · <span class="whole">${part}</span></span>`)}</h2>
    <p class="muted small">${callLine(text, callState)}${known}</p>
  </header>`;
}

/** What happens after the call; that it is nothing, is not said. @param {JourneyProps} props */
function surveyLine({ text, journey: { survey }, onDecline }) {
  if (!survey || survey === 'no_rule') return nothing;
  const isDeclining = survey === 'declining';
  const words = text.t(isDeclining ? 'journey.loadingMore' : 'survey.decline');
  const isOpen = isDeclining || (survey === 'will_go_out' && onDecline);
  return html`<p class="earlier small" data-survey=${survey}>
    <span class="muted">${text.t(`survey.${isDeclining ? 'will_go_out' : survey}`)}</span>
    ${isOpen ? html`<button type="button" class="link" aria-disabled=${isDeclining} @click=${onDecline}>${words}</button>` : nothing}
  </p>`;
}

/** @param {Text} text @param {string} state */
function callLine(text, state) {
  if (!text.has(`call.${state}`)) return nothing;
  return html`<span class="call" data-call=${state}>${text.t(`call.${state}`)}</span> · `;
}

/** @param {Text} text @param {Journey} journey @param {import('./verdict.js').Verdict} verdict */
function verdictLine(text, journey, verdict) {
  const { band, worst, answer, isOld } = verdict;
  return html`<div class="verdict ${isOld ? 'old' : (band ?? 'none')}" data-band=${band ?? 'none'}>
    <p class="verdict-score">${shape(band)} ${worst ? scoreWords(text, worst) : '–'}</p>
    <div class="verdict-words">
      <p>
        <strong>${text.t(`journey.verdict.${band ?? 'none'}`)}</strong>
        <span class="muted">· ${when(text, answer)}</span>
      </p>
      <p class="muted small">${background(text, journey, verdict)}</p>
    </div>
    ${sparkline(text, verdict)}
  </div>`;
}

/** @param {Text} text @param {JourneyAnswer} answer */
function when(text, { respondedAt, channel }) {
  const ago = text.since(new Date(respondedAt));
  return channel ? text.t('journey.when', { ago, channel: channelName(text, channel) }) : text.t('journey.whenOnly', { ago });
}

/** @param {Text} text @param {string} channel */
const channelName = (text, channel) => (text.has(`channel.${channel}`) ? text.t(`channel.${channel}`) : channel);

/** "7 answers since March · mean NPS 7.1, falling". @param {Text} text @param {Journey} journey @param {import('./verdict.js').Verdict} verdict */
function background(text, { summary }, { worst, course }) {
  const metric = worst?.metric;
  const base = text.t('journey.base', {
    count: summary.responses,
    month: text.day(new Date(summary.first ?? 0), { month: true }),
  });
  const mean = metric && summary[metric]?.mean;
  if (typeof mean !== 'number') return base;
  const words = text.t('journey.mean', { metric: text.t(`metric.${metric}`), value: text.number(mean, 1) });
  const way = metric === 'nps' && course;
  return `${base} · ${way ? text.t('journey.join', { first: words, second: text.t(`journey.course.${way}`) }) : words}`;
}

const SPARK = { width: 140, height: 36, edge: 5 };

/** @param {Text} text @param {import('./verdict.js').Verdict} verdict a line of NPS, 0 to 10, oldest first */
function sparkline(text, { nps, band }) {
  if (nps.length < 2) return nothing;
  const step = (SPARK.width - 2 * SPARK.edge) / (nps.length - 1);
  const points = nps.map((value, place) => [
    SPARK.edge + place * step,
    SPARK.edge + (1 - value / 10) * (SPARK.height - 2 * SPARK.edge),
  ]);
  const [x, y] = points[points.length - 1];
  return html`<svg
    class="sparkline ${band ?? 'none'}"
    viewBox="0 0 ${SPARK.width} ${SPARK.height}"
    role="img"
    aria-label=${text.t('journey.sparkline', { values: nps.join(', ') })}
  >
    ${svg`<polyline points=${points.map((point) => point.map((part) => part.toFixed(1)).join(',')).join(' ')} />
      <circle cx=${x.toFixed(1)} cy=${y.toFixed(1)} r="3.5" />`}
  </svg>`;
}

/** @param {JourneyProps} props */
function list(props) {
  const answers = props.journey.responses.slice(0, props.rows);
  return html`<ol class="answers" aria-label=${props.text.t('journey.list')}>
    ${repeat(answers, ({ id }) => id, (answer) => row(props, answer))}
  </ol>`;
}

/** @param {JourneyProps} props @param {JourneyAnswer} answer */
function row({ text, teams }, answer) {
  const date = new Date(answer.respondedAt);
  const { channel, comment } = answer;
  return html`<li class="answer" tabindex="-1" data-answer=${answer.id}>
    <p class="answer-when muted small">
      <time datetime=${answer.respondedAt} title=${text.moment(date)}>${text.day(date)}</time>
      ${channel ? html`<span>${channelName(text, channel)}</span>` : nothing}
    </p>
    <div class="answer-said">
      <p class="chips">${scoresOf(answer).map((score) => scoreChip(text, score))}</p>
      ${comment ? html`<pulse-comment .text=${text} .comment=${comment}></pulse-comment>` : nothing} ${further(answer)} ${by(text, teams, answer)}
    </div>
  </li>`;
}

/** Answers that are neither a score nor the comment. @param {JourneyAnswer} answer */
function further({ answers }) {
  const rest = answers.filter(({ metric, comment }) => !metric && !comment);
  return rest.map(({ question, value }) => {
    const words = Array.isArray(value) ? value.join(', ') : String(value);
    return html`<p class="small"><span class="muted">${question}</span> ${words}</p>`;
  });
}

/** @param {Text} text @param {Map<string, string>} teams @param {JourneyAnswer} answer */
function by(text, teams, { teamId, teamName, agentName, agentId }) {
  const team = teamName ?? teams.get(teamId ?? '') ?? '';
  const agent = agentName ?? (agentId ? text.t('pulse.unknownAgent', { id: agentId }) : '');
  if (!team && !agent) return nothing;
  const words = team && agent ? text.t('journey.by', { team, agent }) : team || agent;
  return html`<p class="muted small">${words}</p>`;
}

/** @param {JourneyProps} props */
function earlier({ text, journey, rows, moreState, onMore }) {
  const left = journey.summary.responses - Math.min(rows, journey.responses.length);
  if (left <= 0 || (rows >= journey.responses.length && !journey.next)) return nothing;
  const words = moreState === 'loading' ? text.t('journey.loadingMore') : text.t('journey.earlier', { count: left });
  return html`<footer class="earlier">
    <button type="button" class="link" aria-disabled=${moreState === 'loading'} @click=${onMore}>${words}</button>
    <span class="muted small" role="status">${moreTrouble(text, moreState)}</span>
  </footer>`;
}

/** @param {Text} text @param {MoreState} state */
function moreTrouble(text, state) {
  if (state === 'over') return text.t('journey.moreOver');
  return state === 'failed' ? text.t('problem.unreachable') : nothing;
}

/** The outline of a customer while the answer is on its way; as high as the usual one, so that nothing jumps. @param {Text} text @param {string} callState */
export function skeleton(text, callState) {
  return html`<div class="skeleton" aria-hidden="true">
    <header class="customer">
      <h2><i class="bone w40"></i></h2>
      <p class="muted small">${callLine(text, callState)}${text.t('journey.loading')}</p>
    </header>
    <div class="verdict none"><i class="bone w20"></i><div class="verdict-words"><p><i class="bone w60"></i></p><p><i class="bone w40"></i></p></div></div>
    <ol class="answers">
      ${[60, 40, 60].map(
        (width) => html`<li class="answer">
          <p class="answer-when"><i class="bone w60"></i></p>
          <div class="answer-said"><p><i class="bone w20"></i></p><p><i class="bone w${width}"></i></p></div>
        </li>`,
      )}
    </ol>
  </div>`;
}
