// A proxy on this machine that can hold back what the server says, as a bad network does.
import net from 'node:net';

export async function holdingProxy(port) {
  const held = new Set();
  const sockets = new Set();
  let holding = false;
  const proxy = net.createServer((client) => {
    const server = net.connect(port, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.on('data', (bytes) => (holding ? held.add(() => client.write(bytes)) : client.write(bytes)));
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    hold: () => (holding = true),
    release() {
      holding = false;
      held.forEach((write) => write());
      held.clear();
    },
    end() {
      proxy.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}
