/** Bundle the gadgets: one ES module a language, for both, their styles within, under a content hash in static/dist/. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const manifestFile = join(dist, 'manifest.json');

/** Finesse caches the gadget XML, so desktops keep asking for earlier releases for a while. */
const EARLIER_RELEASES_KEPT = 2;

const target = ['es2022'];

/** A style file is the text of the module that imports it: there is nothing beside the module that could hang. */
const styles = {
  name: 'styles',
  /** @param {import('esbuild').PluginBuild} build */
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true, charset: 'utf8', target });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

/** @typedef {{ name: string, bytes: Uint8Array }} File */

/** The words of one language instead of all. @param {string} language @returns {import('esbuild').Plugin} */
const speaking = (language) => ({
  name: 'language',
  setup({ onLoad }) {
    const contents = `import words from './locales/${language}.json'; export const LOCALES = { '${language}': words };`;
    onLoad({ filter: /gadgets.locales\.js$/ }, ({ path }) => ({ contents, resolveDir: dirname(path) }));
  },
});

/** Neither gadget has a shadow tree, so what Lit does for the styles of one is left out. @type {import('esbuild').Plugin} */
const withoutShadow = {
  name: 'shadow',
  setup({ onLoad }) {
    const contents = `export const supportsAdoptingStyleSheets = false, getCompatibleStyle = (style) => style, adoptStyles = () => {};
      export const css = adoptStyles, unsafeCSS = adoptStyles, CSSResult = adoptStyles;`;
    onLoad({ filter: /reactive-element.css-tag\.js$/ }, () => ({ contents }));
  },
};

/** Templates are sent without the indentation of their source. @type {import('esbuild').Plugin} */
const withoutIndentation = {
  name: 'indentation',
  setup({ onLoad }) {
    onLoad({ filter: /static.gadgets.*\.js$/ }, async ({ path }) => ({ contents: (await readFile(path, 'utf8')).replace(/\n\s+/g, '\n') }));
  },
};

/** Both gadgets in one language: most desktops have the two, and a module that both name is fetched once. @param {string} language */
async function moduleOf(language) {
  const result = await build({
    entryPoints: { [`pulse.${language}`]: join(here, 'gadgets/main.js') },
    outdir: dist,
    bundle: true,
    minify: true,
    format: 'esm',
    target,
    plugins: [styles, speaking(language), withoutShadow, withoutIndentation],
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
