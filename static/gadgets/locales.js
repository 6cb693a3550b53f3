/** The words of every language, by its tag; a built module has those of its own language alone (static/build.mjs). */
import en from './locales/en.json' with { type: 'json' };
import zhTW from './locales/zh-TW.json' with { type: 'json' };

/** @type {Record<string, any>} */
export const LOCALES = { en, 'zh-TW': zhTW };
