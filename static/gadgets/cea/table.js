/** The agents of a supervisor's teams: sorted by any column, each opened in place by its name. */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { changeOf } from '../pieces.js';
import { isFew, ranked } from './ranking.js';
import { figure, spreadBar } from './view.js';

/** @typedef {import('../text.js').Text} Text */
/** @typedef {import('./ranking.js').Column} Column */

/**
 * @typedef {object} TableProps
 * @property {Text} text
 * @property {Row[]} agents
 * @property {import('./ranking.js').Order} order
 * @property {string | null} opened
 * @property {unknown} detail of the agent that is opened
 * @property {(column: Column) => void} onOrder
 * @property {(id: string) => void} onOpen
 */

/** Column, its word, and whether it can be sorted. @type {readonly [Column | 'spread', string][]} */
const COLUMNS = [
  ['name', 'pulse.agent'],
  ['responses', 'pulse.responses'],
  ['nps', 'metric.nps'],
  ['spread', 'pulse.spreadHead'],
  ['csat', 'metric.csat'],
  ['ces', 'metric.ces'],
  ['change', 'pulse.change'],
];

/** @param {TableProps} props */
export function agentTable(props) {
  const { text, agents, order } = props;
  if (!agents.length) return html`<p class="message muted">${text.t('pulse.noAgents')}</p>`;
  return html`<div class="agents" role="region" tabindex="0" aria-label=${text.t('pulse.agents')}>
    <table>
      <thead>
        <tr>${COLUMNS.map(([column, word]) => head(props, column, word))}</tr>
      </thead>
      <tbody>
        ${repeat(ranked(agents, order, text.tag), ({ id }) => id, (agent) => rows(props, agent))}
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
  const hidden = row.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom;
  if (hidden > 0) box.scrollTop += hidden;
}

/** @param {TableProps} props @param {Column | 'spread'} column @param {string} word */
function head({ text, order, onOrder }, column, word) {
  if (column === 'spread') return html`<th scope="col" class="spread-cell">${text.t(word)}</th>`;
  const sorted = order.column === column;
  const way = order.descending ? 'descending' : 'ascending';
  return html`<th scope="col" class=${`${column}-cell`} aria-sort=${sorted ? way : 'none'}>
    <button type="button" @click=${() => onOrder(column)} title=${column === 'change' ? text.t('pulse.changeMore') : nothing}>
      ${text.t(word)}<span class="sort" aria-hidden="true">${sorted ? (order.descending ? '▾' : '▴') : ''}</span>
    </button>
  </th>`;
}

/** @param {TableProps} props @param {Row} agent */
function rows(props, agent) {
  const { text, opened, detail, onOpen } = props;
  const isOpen = opened === agent.id;
  return html`<tr class=${isFew(agent) ? 'few' : ''} data-agent=${agent.id}>
      <th scope="row" class="name-cell">
        <button type="button" class="link" aria-expanded=${isOpen} @click=${() => onOpen(agent.id)}>${agent.name}</button>
      </th>
      <td class="responses-cell">${text.number(agent.responses)}</td>
      ${isFew(agent) ? fewCells(text, agent) : cells(text, agent)}
    </tr>
    ${isOpen ? html`<tr class="detail" data-detail=${agent.id}><td colspan=${COLUMNS.length}>${detail}</td></tr>` : nothing}`;
}

/** @param {Text} text @param {Row} agent */
function cells(text, agent) {
  return html`<td class="nps-cell">${figure(text, 'nps', agent.nps)}</td>
    <td class="spread-cell">${agent.counts ? spreadBar(text, agent.counts) : nothing}</td>
    <td class="csat-cell">${figure(text, 'csat', agent.csat)}</td>
    <td class="ces-cell">${figure(text, 'ces', agent.ces)}</td>
    <td class="change-cell">${changeOf(text, agent.change.nps)}</td>`;
}

/** @param {Text} text @param {Row} agent */
function fewCells(text, agent) {
  const few = text.t('pulse.few');
  const why = text.t('pulse.fewMore', { count: agent.responses });
  return html`<td class="nps-cell" title=${why}>${few}</td>
    <td class="spread-cell"></td>
    <td class="csat-cell">${few}</td>
    <td class="ces-cell">${few}</td>
    <td class="change-cell"></td>`;
}
