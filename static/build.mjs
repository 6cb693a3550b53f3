/** Bundle the gadgets: one ES module each, its styles within, under a content hash in static/dist/. */
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

const target = ['es2021'];

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

/** @returns {Promise<{ name: string, bytes: Uint8Array }[]>} */
async function bundle() {
  const result = await build({
    entryPoints: { cej: join(here, 'gadgets/cej/main.js'), cea: join(here, 'gadgets/cea/main.js') },
    outdir: dist,
    bundle: true,
    minify: true,
    format: 'esm',
    target,
    plugins: [styles],
    legalComments: 'eof',
    charset: 'utf8',
    write: false,
    logLevel: 'warning',
  });
  return result.outputFiles.map((file) => ({ name: file.path.slice(dist.length + 1), bytes: file.contents }));
}

/** @param {{ name: string, bytes: Uint8Array }[]} files */
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

/** @param {string} folder @param {{ name: string, bytes: Uint8Array }[]} files */
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

const files = await bundle();
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
