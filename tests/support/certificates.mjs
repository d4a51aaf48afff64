// Certificates for tests, made by openssl's command line and signed by themselves.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const kinds = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['-newkey', 'rsa:2048'],
};

const allNames = 'DNS:localhost,DNS:chat.example,IP:127.0.0.1,IP:::1';

/// Writes NAME.pem and NAME.key into `folder`: a certificate of `names` with a new key.
/// Returns { certificate, key, ca }: both paths, and the certificate's text, which a client must
/// trust.
export function makeCertificate(folder, { name = 'server', kind = 'ec', names = allNames } = {}) {
  const certificate = path.join(folder, `${name}.pem`);
  const key = path.join(folder, `${name}.key`);
  const words = ['req', '-x509', ...kinds[kind], '-nodes', '-keyout', key, '-out', certificate];
  words.push('-days', '30', '-subj', '/CN=localhost', '-addext', `subjectAltName=${names}`);
  execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  return { certificate, key, ca: readFileSync(certificate, 'utf8') };
}
