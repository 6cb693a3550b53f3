/** Bundle the gadgets: one ES module a language, for both, their styles within, under a content hash in static/dist/. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const manifestFile = join(dist, 'manifest.json');

/** Finesse caches the gadget XML, so desktops keep asking for earlier releases for a while. */
const EARLIER_RELEASES_KEPT = 2;

const target = ['es2022'];

/** @typedef {{ name: string, bytes: Uint8Array }} File */

/**
 * Read some files otherwise than they are; a plugin that no file matches any more stops the build.
 *
 * @param {string} name
 * @param {RegExp} filter
 * @param {(path: string) => Promise<import('esbuild').OnLoadResult>} load
 * @returns {import('esbuild').Plugin}
 */
const reading = (name, filter, load) => ({
  name,
  setup({ onLoad, onEnd }) {
    let files = 0;
    onLoad({ filter }, ({ path }) => {
      files += 1;
      return load(path);
    });
    onEnd(() => ({ errors: files ? [] : [{ text: `${name}: no file matches ${filter}` }] }));
  },
});

/** A style file is the text of the module that imports it: there is nothing beside the module that could hang. */
const styles = reading('styles', /\.css$/, async (path) => {
  const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true, charset: 'utf8', target });
  return { contents: code.trim().replaceAll(/(--[\w-]+): /g, '$1:'), loader: 'text' };
});

/** The words of one language instead of all, without those that the XML alone shows. @param {string} language */
const wordsOf = (language) =>
  reading('words', /gadgets.locales\.js$/, async (path) => {
    const words = JSON.parse(await readFile(join(dirname(path), 'locales', `${language}.json`), 'utf8'));
    for (const name of ['unavailable', 'retry']) delete words.shell[name];
    return { contents: `export const LOCALES = { '${language}': ${JSON.stringify(words)} };` };
  });

/** Neither gadget has a shadow tree, so what Lit does for the styles of one is left out. */
const withoutShadow = reading('shadow', /reactive-element.css-tag\.js$/, async () => ({
  contents: `export const supportsAdoptingStyleSheets = false, getCompatibleStyle = (style) => style, adoptStyles = () => {};
    export const css = adoptStyles, unsafeCSS = adoptStyles, CSSResult = adoptStyles;`,
}));

/** What Lit does for properties that are attributes or have defaults, for styles of its own, decorators and polyfills: none is here. */
const UNUSED = /** @type {Record<string, [RegExp, string][]>} */ ({
  'reactive-element.js': [
    [/\{toAttribute\(.*?return i\}\}/, '{}'],
    [/_\$ET\(t,s\)\{.*?\}requestUpdate\(/, '_$ET(){}_$AK(){}requestUpdate('],
    [/finalizeStyles\(s\)\{.*?return i\}/, 'finalizeStyles(){return[]}'],
    [/Symbol\.metadata\?\?=.*?;class/, ';class'],
    [/const t=this\[Symbol\.metadata\];.*?\}this\._\$Eh=/, 'this._$Eh='],
    [/createRenderRoot\(\)\{.*?\}connectedCallback/, 'connectedCallback'],
    [/\|\|i\.useDefault.*?\)\)\)\)return/, '))return'],
    [/C\(t,s,\{useDefault.*?\}async/, 'C(t,s){this._$AL.has(t)||this._$AL.set(t,this.hasUpdated?s:void 0)}async'],
    [/this\._\$Eq&&=.*?,this\._\$EM\(\)\}updated/, 'this._$EM()}updated'],
    [/,p\?\.\(.*?;export/, ';export'],
  ],
  'lit-element.js': [
    [/createRenderRoot\(\)\{.*?\}update/, 'update'],
    [/,s\.litElementHydrateSupport.*?const n=/, ';const n='],
  ],
  'lit-html.js': [[/,B=t\.litHtmlPolyfillSupport;.*?;const D/, ';const D']],
});

/** A release of Lit that is written otherwise ends the build: nothing else is left out. */
const withoutUnused = reading('unused', /(reactive-element|lit-element|lit-html)\.js$/, async (path) => ({
  contents: UNUSED[basename(path)].reduce((code, [part, rest]) => {
    if (!part.test(code)) throw new Error(`${path} has no ${part}`);
    return code.replace(part, () => rest);
  }, await readFile(path, 'utf8')),
}));

/** Templates are sent without the indentation of their source. */
const withoutIndentation = reading('indentation', /static.gadgets.*\.js$/, async (path) => ({
  contents: (await readFile(path, 'utf8')).replace(/\n\s+/g, '\n'),
}));

/** Both gadgets in one language: most desktops have the two, and a module that both name is fetched once. @param {string} language */
async function moduleOf(language) {
  const result = await build({
    entryPoints: { [`pulse.${language}`]: join(here, 'gadgets/main.js') },
    outdir: dist,
    bundle: true,
    minify: true,
    format: 'esm',
    target,
    plugins: [styles, wordsOf(language), withoutShadow, withoutUnused, withoutIndentation],
    legalComments: 'none',
    banner: { js: '/*! Lit: Copyright 2017 Google LLC, SPDX-License-Identifier: BSD-3-Clause */' },
    charset: 'utf8',
    write: false,
    logLevel: 'warning',
  });
  return result.outputFiles.map((file) => ({ name: file.path.slice(dist.length + 1), bytes: file.contents }));
}

/** @param {File[]} files */
function contentHash(files) {
  const hash = createHash('sha256');
  for (const { name, bytes } of files) hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  return hash.digest('hex').slice(0, 16);
}

async function keptBefore() {
  try {
    return JSON.parse(await readFile(manifestFile, 'utf8')).kept;
  } catch {
    return [];
  }
}

/** @param {string} folder @param {File[]} files */
async function write(folder, files) {
  await mkdir(folder, { recursive: true });
  for (const { name, bytes } of files) {
    await writeFile(join(folder, name), bytes);
    await writeFile(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    await writeFile(join(folder, `${name}.br`), brotliCompressSync(bytes));
  }
}

/** @param {string[]} kept */
async function dropOthers(kept) {
  for (const entry of await readdir(dist, { withFileTypes: true })) {
    if (entry.isDirectory() && !kept.includes(entry.name)) await rm(join(dist, entry.name), { recursive: true });
  }
}

const languages = (await readdir(join(here, 'gadgets/locales'))).map((name) => name.replace('.json', '')).sort();
const files = (await Promise.all(languages.map(moduleOf))).flat();
const current = contentHash(files);
const earlier = (await keptBefore()).filter((/** @type {string} */ hash) => hash !== current);
const kept = [current, ...earlier.slice(0, EARLIER_RELEASES_KEPT)];
await write(join(dist, current), files);
await writeFile(`${manifestFile}.new`, `${JSON.stringify({ current, kept }, null, 2)}\n`);
await rename(`${manifestFile}.new`, manifestFile);
await dropOthers(kept);
for (const { name, bytes } of files) {
  console.log(`${current}/${name}  ${bytes.length} bytes, ${brotliCompressSync(bytes).length} compressed`);
}
