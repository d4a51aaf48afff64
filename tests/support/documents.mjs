// Shared by the tests of documents: reads them from the repository.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from './server.mjs';

export const readDocument = (name) => readFile(path.join(repositoryRoot, name), 'utf8');

/// The texts between backquotes.
export const quoted = (text) => [...text.matchAll(/`([^`]+)`/g)].map(([, inner]) => inner);

/// The cells of each table row of a document, without headings and rules.
export function rowsOf(text) {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  const isRule = (line) => /^[|\s-]+$/.test(line);
  return rows
    .filter((line, i) => !isRule(line) && !(rows[i + 1] && isRule(rows[i + 1])))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

/// Finds the tests that a text names in backquotes, by their path or their file's name:
/// { named, missing }.
export async function testsNamedIn(text) {
  const inTests = await readdir(path.join(repositoryRoot, 'tests'), { recursive: true });
  const known = new Set(inTests.flatMap((file) => [path.basename(file), `tests/${file}`]));
  const named = quoted(text).filter((name) => /^[a-z0-9_./]+\.(mjs|cpp|chat)$/.test(name));
  return { named, missing: named.filter((name) => !known.has(name)) };
}
