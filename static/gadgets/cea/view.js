/** The choices on top of the figures, and the outline while the figures are on their way. */
import { html, nothing } from 'lit';
import { tilesOutline } from './tiles.js';

/** @typedef {import('../text.js').Text} Text */
/** @typedef {{ id: string, name: string }} Choice */

/** More than these do not fit a row of buttons. */
const MOST_BUTTONS = 5;
const MOST_LETTERS = 48;

/**
 * @typedef {object} HeaderProps
 * @property {Text} text
 * @property {string} title
 * @property {Team[]} teams
 * @property {string} team
 * @property {Choice[]} periods
 * @property {string} period
 * @property {(choice: { period?: string, team?: string }) => void} onChoose
 * @property {() => void} onCsv
 */

/** @param {HeaderProps} props */
export function header(props) {
  const { text, title, teams, periods, period, onChoose, onCsv } = props;
  return html`<header class="head">
    <h2>${title}</h2>
    ${teams.length > 1 ? teamPicker(props) : teams.length ? html`<span class="muted">${teams[0].name}</span>` : nothing}
    <span class="gap"></span>
    <div class="head-end">
      ${picker(text.t('pulse.period'), periods, period, (id) => onChoose({ period: id }))}
      <button type="button" class="link" title=${text.t('pulse.csvMore')} @click=${onCsv}>${text.t('pulse.csv')}</button>
    </div>
  </header>`;
}

/** @param {HeaderProps} props */
function teamPicker({ text, teams, team, onChoose }) {
  const choices = [{ id: '', name: text.t('pulse.allTeams') }, ...teams];
  return picker(text.t('pulse.team'), choices, team, (id) => onChoose({ team: id }));
}

/** Buttons where there are few choices, a list where there are many. @param {string} label @param {Choice[]} choices @param {string} chosen @param {(id: string) => void} onChoose */
function picker(label, choices, chosen, onChoose) {
  const letters = choices.reduce((sum, { name }) => sum + name.length, 0);
  if (choices.length <= MOST_BUTTONS && letters <= MOST_LETTERS) return segments(label, choices, chosen, onChoose);
  return html`<select
    class="picker"
    aria-label=${label}
    .value=${chosen}
    @change=${(/** @type {Event} */ event) => onChoose(/** @type {HTMLSelectElement} */ (event.target).value)}
  >
    ${choices.map(({ id, name }) => html`<option value=${id} ?selected=${id === chosen}>${name}</option>`)}
  </select>`;
}

/** @param {string} label @param {Choice[]} choices @param {string} chosen @param {(id: string) => void} onChoose */
function segments(label, choices, chosen, onChoose) {
  return html`<div class="segments" role="group" aria-label=${label}>
    ${choices.map(
      ({ id, name }) => html`<button type="button" data-choice=${id} aria-pressed=${id === chosen} @click=${() => onChoose(id)}>${name}</button>`,
    )}
  </div>`;
}

/** The outline of figures, as high as they will be. @param {Text} text */
export const figuresOutline = (text) => html`${tilesOutline(text)}
  <div class="trend">
    <p class="trend-head small muted" role="status">${text.t('pulse.loading')}</p>
    <div class="trend-box"></div>
    <p class="trend-ends small">&nbsp;</p>
  </div>`;

/** @param {Text} text */
export const skeleton = (text) => html`<div class="skeleton"><header class="head"></header>${figuresOutline(text)}</div>`;
