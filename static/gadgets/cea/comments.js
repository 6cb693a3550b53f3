/** Comments beside the figures: what was written, with its scores, newest first. */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { problemMessage, shape } from '../pieces.js';
import { scoreChip, scoresOf } from '../scores.js';
import { agentName } from './numbers.js';

/** @typedef {import('../text.js').Text} Text */
/** @typedef {import('./verbatims.js').Comment} Comment */

/**
 * @typedef {object} CommentsProps
 * @property {Text} text
 * @property {import('./verbatims.js').Verbatims} verbatims
 * @property {Band | ''} band
 * @property {string} about the agent that is opened, or empty
 * @property {string | null} opened
 * @property {boolean} named whether agents are told, and open by a click
 * @property {(band: Band | '') => void} onBand
 * @property {(id: string) => void} onOpen
 * @property {() => void} onEarlier
 * @property {() => void} onNew
 * @property {() => void} onRetry
 */

const CHOICES = /** @type {const} */ (['', 'detractor', 'passive', 'promoter']);

/** @param {CommentsProps} props */
export function commentsView(props) {
  const { text, about } = props;
  return html`<aside class="comments" aria-label=${text.t('comments.title')}>
    <header class="comments-head">
      <h3>${text.t('comments.title')}${about ? html`<span class="muted plain"> · ${about}</span>` : nothing}</h3>
      ${bandPicker(props)} ${arrivals(props)}
    </header>
    <div class="comments-scroll" tabindex="0" role="region" aria-label=${text.t('comments.list')}>${content(props)}</div>
  </aside>`;
}

/** @param {CommentsProps} props */
function bandPicker({ text, band, onBand }) {
  return html`<div class="segments bands" role="group" aria-label=${text.t('comments.band')}>
    ${CHOICES.map((one) => {
      const name = one ? text.t(`bands.${one}`, { count: 2 }) : text.t('comments.all');
      return html`<button
        type="button"
        class=${one}
        data-band=${one || 'all'}
        aria-pressed=${one === band}
        @click=${() => onBand(one)}
      >
        ${one ? shape(one) : nothing} ${name}
      </button>`;
    })}
  </div>`;
}

/** Comments that came while somebody was reading wait behind a button; they push nothing away. @param {CommentsProps} props */
function arrivals({ text, verbatims, onNew }) {
  const count = verbatims.waiting.length;
  return html`<p class="arrivals" role="status">
    ${count ? html`<button type="button" class="button" @click=${onNew}>${text.t('comments.new', { count })}</button>` : nothing}
  </p>`;
}

/** @param {CommentsProps} props */
function content(props) {
  const { text, verbatims, band, onRetry } = props;
  const { list, problem } = verbatims;
  if (!list) return problem ? problemMessage(text, problem, onRetry) : outline();
  const shown = band ? list.filter((comment) => comment.band === band) : list;
  return html`${shown.length
      ? html`<ol class="comment-list" data-stale=${verbatims.stale}>${repeat(shown, ({ id }) => id, (comment) => item(props, comment))}</ol>`
      : html`<p class="message muted">${none(props)}</p>`}
    ${earlier(props)}`;
}

/** @param {CommentsProps} props */
function none({ text, verbatims, band }) {
  if (!band) return text.t('comments.none');
  const who = text.t(`bands.${band}`, { count: 2 });
  return verbatims.next ? text.t('comments.noneOfBandYet', { who }) : text.t('comments.noneOfBand', { who });
}

/** @param {CommentsProps} props @param {Comment} comment */
function item({ text, named, opened, onOpen }, { id, respondedAt, scores, scales, comment, agentId, agentName: name }) {
  const date = new Date(respondedAt);
  const who = agentName(text, agentId, name);
  return html`<li class="comment-item" data-comment=${id}>
    <p class="comment-head">
      ${scoresOf({ scores, scales }).map((score) => scoreChip(text, score))}
      <span class="comment-by muted small">
        <time datetime=${respondedAt} title=${text.moment(date)}>${text.since(date)}</time>
        ${named && agentId && agentId !== opened
          ? html`· <button type="button" class="link" @click=${() => onOpen(agentId)}>${who}</button>`
          : nothing}
      </span>
    </p>
    <pulse-comment .text=${text} .comment=${comment}></pulse-comment>
  </li>`;
}

/** @param {CommentsProps} props */
function earlier({ text, verbatims, onEarlier }) {
  const { next, loadingMore, problem } = verbatims;
  if (!next) return nothing;
  return html`<p class="earlier">
    <button type="button" class="link" aria-disabled=${loadingMore} @click=${onEarlier}>
      ${text.t(loadingMore ? 'comments.loading' : 'comments.earlier')}
    </button>
    <span class="muted small" role="status">${problem ? text.t('problem.unreachable') : ''}</span>
  </p>`;
}

const outline = () => html`<ol class="comment-list" aria-hidden="true">
  ${[60, 40, 60].map((width) => html`<li class="comment-item"><p class="comment-head"><i class="bone w20"></i></p><p><i class="bone w${width}"></i></p></li>`)}
</ol>`;
