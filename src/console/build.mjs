// Bundles the console: node build.mjs FOLDER. A file's name carries the hash of its bytes.
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) throw new Error('node build.mjs FOLDER');

// The codes of docs/errors.md, as { code: { meaning, retry } }.
async function errorTexts() {
  const page = await readFile(join(here, '../../docs/errors.md'), 'utf8');
  const texts = {};
  for (const line of page.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const code = /^`([a-z_]+)`$/.exec(cells[1] ?? '')?.[1];
    if (code) texts[code] = { retry: cells[3] === 'yes', meaning: cells[4] };
  }
  return texts;
}

// What to do about the checks and warnings of docs/operations/readiness.md, by their names.
async function readyTexts() {
  const page = await readFile(join(here, '../../docs/operations/readiness.md'), 'utf8');
  return Object.fromEntries(
    page.split('\n').flatMap((line) => {
      const [, name, , whatToDo] = line.split('|').map((cell) => cell.trim());
      return /^`[a-z_]+`$/.test(name ?? '') ? [[name.slice(1, -1), whatToDo.replaceAll('`', '')]] : [];
    }),
  );
}

// Makes `import texts from 'error-texts'` and `'ready-texts'` the texts of these pages.
function addTexts({ onResolve, onLoad }) {
  const texts = { 'error-texts': errorTexts, 'ready-texts': readyTexts };
  onResolve({ filter: /^(error|ready)-texts$/ }, ({ path }) => ({ path, namespace: 'texts' }));
  onLoad({ filter: /.*/, namespace: 'texts' }, async ({ path }) => ({
    contents: JSON.stringify(await texts[path]()),
    loader: 'json',
  }));
}

// socket.io-client brings a transport that the server does not speak, and attachments of bytes,
// which no event of the server has.
function dropUnused({ onLoad }) {
  const unused = [
    [/transports[\\/]webtransport\.js$/, 'export class WT {}'],
    [/socket\.io-parser[\\/].*[\\/]is-binary\.js$/, 'export const isBinary = () => false, hasBinary = isBinary;'],
    [/socket\.io-parser[\\/].*[\\/]binary\.js$/, 'export const deconstructPacket = (packet) => ({ packet, buffers: [] }), reconstructPacket = (packet) => packet;'],
  ];
  for (const [filter, contents] of unused) onLoad({ filter }, () => ({ contents }));
}

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: 'src/app/main.tsx', style: 'styles/console.css' },
  outdir: out,
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  splitting: true,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  plugins: [
    { name: 'texts', setup: addTexts },
    { name: 'unused', setup: dropUnused },
  ],
  metafile: true,
  logLevel: 'warning',
});

// The file with main.tsx, which is not the entry's own: see views/later.ts.
const outputs = Object.entries(result.metafile.outputs);
const script = outputs.find(([, { inputs }]) => inputs['src/app/main.tsx'])[0];
const style = outputs.find(([path]) => path.endsWith('.css'))[0];
const page = (await readFile(join(here, 'src/index.html'), 'utf8'))
  .replace('@SCRIPT@', basename(script))
  .replace('@STYLE@', basename(style));
await writeFile(join(out, 'index.html'), page);
await writeFile(join(out, 'favicon.svg'), await readFile(join(here, 'src/favicon.svg')));
