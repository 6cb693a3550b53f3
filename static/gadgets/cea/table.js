/** The agents of a supervisor's teams: sorted by any column, each opened in place by its name. */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { changeOf } from '../pieces.js';
import { DIGITS, METRICS, agentName, figure } from './numbers.js';
import { COLUMNS, isFew } from './ranking.js';
import { spreadBar } from './tiles.js';

/** @typedef {import('../text.js').Text} Text */
/** @typedef {import('./ranking.js').Column} Column */

/**
 * @typedef {object} TableProps
 * @property {Text} text
 * @property {Row[]} rows in the order that they are shown in
 * @property {import('./ranking.js').Order} order
 * @property {Metric} metric whose change is shown, and which alone is shown where there is no room for three
 * @property {string | null} opened
 * @property {unknown} detail of the agent that is opened
 * @property {boolean} isDetailAwaited whether other figures of that agent are on their way
 * @property {(column: Column) => void} onOrder
 * @property {(id: string) => void} onOpen
 * @property {() => void} onClose
 */

/** @type {Record<Exclude<Column, 'change'>, string>} */
const WORDS = {
  name: 'pulse.agent',
  responses: 'pulse.responses',
  nps: 'metric.nps',
  spread: 'pulse.spreadHead',
  csat: 'metric.csat',
  ces: 'metric.ces',
};

/** @param {TableProps} props */
export function agentTable(props) {
  const { text, rows, metric, onClose } = props;
  if (!rows.length) return html`<p class="message muted">${text.t('pulse.noAgents')}</p>`;
  const close = (/** @type {KeyboardEvent} */ { key }) => key === 'Escape' && onClose();
  return html`<div class="agents" role="region" tabindex="0" aria-label=${text.t('pulse.agents')} data-metric=${metric} @keydown=${close}>
    <table>
      <thead>
        <tr>${COLUMNS.map((column) => head(props, column))}</tr>
      </thead>
      <tbody>
        ${repeat(rows, ({ id }) => id, (agent) => row(props, agent))}
      </tbody>
    </table>
  </div>`;
}

/**
 * Scroll the table, never the desktop around it, until a row is seen whole.
 *
 * @param {Element | null} box
 * @param {Element | null} row
 */
export function reveal(box, row) {
  if (!box || !row) return;
  const [inside, outside] = [row.getBoundingClientRect(), box.getBoundingClientRect()];
  const head = box.querySelector('thead')?.getBoundingClientRect().height ?? 0;
  if (inside.bottom > outside.bottom) box.scrollTop += inside.bottom - outside.bottom;
  else if (inside.top < outside.top + head) box.scrollTop -= outside.top + head - inside.top;
}

/** @param {TableProps} props @param {Column} column */
function head({ text, order, metric, onOrder }, column) {
  const sorted = order.column === column;
  const way = order.descending ? 'descending' : 'ascending';
  const more = { change: text.t('pulse.changeMore', { metric: text.t(`metric.${metric}`) }), spread: text.t('pulse.spreadMore') };
  return html`<th scope="col" class="${column}-cell" aria-sort=${sorted ? way : 'none'}>
    <button type="button" data-column=${column} @click=${() => onOrder(column)} title=${more[/** @type {'change'} */ (column)] ?? nothing}>
      ${column === 'change' ? changeHead(text, metric) : text.t(WORDS[column])}<span class="sort" aria-hidden="true">${sorted ? (order.descending ? '▾' : '▴') : ''}</span>
    </button>
  </th>`;
}

/** Of which metric, but where that metric alone is shown. @param {Text} text @param {Metric} metric */
const changeHead = (text, metric) => html`<span class="roomy">${text.t('pulse.changeHead', { metric: text.t(`metric.${metric}`) })}</span
  ><span class="tight">${text.t('pulse.change')}</span>`;

/** @param {TableProps} props @param {Row} agent */
function row(props, agent) {
  const { text, metric, opened, detail, isDetailAwaited, onOpen } = props;
  const isOpen = opened === agent.id;
  const name = agentName(text, agent.id, agent.name);
  return html`<tr class=${METRICS.every((each) => isFew(agent, each)) ? 'few' : ''} data-agent=${agent.id}>
      <th scope="row" class="name-cell">
        <button type="button" class="link" aria-expanded=${isOpen} @click=${() => onOpen(agent.id)}>${name}</button>
      </th>
      <td class="responses-cell">${text.number(agent.responses)}</td>
      ${cells(text, agent, metric)}
    </tr>
    ${isOpen ? html`<tr class="detail" data-detail=${agent.id} aria-busy=${isDetailAwaited}><td colspan=${COLUMNS.length}>${detail}</td></tr>` : nothing}`;
}

/** @param {Text} text @param {Row} agent @param {Metric} metric */
function cells(text, agent, metric) {
  const { counts, change, margin } = agent;
  return html`${score(text, agent, 'nps')}
    <td class="spread-cell">${counts && !isFew(agent, 'nps') ? spreadBar(text, counts) : nothing}</td>
    ${score(text, agent, 'csat')} ${score(text, agent, 'ces')}
    <td class="change-cell">${isFew(agent, metric) ? nothing : changeOf(text, change[metric], margin[metric], DIGITS[metric])}</td>`;
}

/** A score with its base; of too few answers it is none. @param {Text} text @param {Row} agent @param {Metric} metric */
function score(text, agent, metric) {
  const count = agent.bases[metric];
  if (!isFew(agent, metric)) return html`<td class="${metric}-cell" title=${text.t('pulse.answers', { count })}>${figure(text, metric, agent[metric])}</td>`;
  return html`<td class="${metric}-cell" title=${text.t('pulse.fewMore', { count })}>${count ? text.t('pulse.few') : figure(text, metric, null)}</td>`;
}
