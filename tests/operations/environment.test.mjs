// The environment variables of a server among other services.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startServer } from '../support/server.mjs';

// As Kubernetes sets them for a service "parley" in each container of its namespace.
const serviceVariables = {
  PARLEY_SERVICE_HOST: '10.0.0.7',
  PARLEY_SERVICE_PORT: '3500',
  PARLEY_SERVICE_PORT_HTTP: '3500',
  PARLEY_PORT: 'tcp://10.0.0.7:3500',
  PARLEY_PORT_3500_TCP: 'tcp://10.0.0.7:3500',
  PARLEY_PORT_3500_TCP_PROTO: 'tcp',
  PARLEY_PORT_3500_TCP_PORT: '3500',
  PARLEY_PORT_3500_TCP_ADDR: '10.0.0.7',
};

describe('environment', () => {
  test('a server starts in the environment of a Kubernetes service of its name, and warns about each variable', async () => {
    const server = await startServer({ env: serviceVariables });
    try {
      for (const name of Object.keys(serviceVariables)) {
        assert.match(server.stderr, new RegExp(` variable_ignored name=${name} why=kubernetes_service\n`));
      }
    } finally {
      await server.finish();
    }
  });
});
