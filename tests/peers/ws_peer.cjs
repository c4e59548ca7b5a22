// npm's `ws` at the other end of the echo examples.
//
//   ws_peer.cjs client plain|deflate URL            talks to an echo server
//   ws_peer.cjs server plain|deflate COMMAND...     runs an echo client against
//                                                   an echo server of its own
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const WebSocket = require('ws');

const MIB = 1024 * 1024;
const TEXT = 'Grüße, 世界 🦀';
const LONG_TEXT = '0123456789abcdef'.repeat(MIB / 16);
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const LONG_BYTES = Buffer.alloc(MIB, BYTES);

// `payload` bytes went in each direction. The sockets count what was on the wire.
function checkWire(mode, extensions, socket, payload) {
  if (mode === 'plain') {
    assert.ok(!extensions, `compression was not asked for, but agreed: ${extensions}`);
    return;
  }
  assert.match(String(extensions), /permessage-deflate/);
  console.log(`payload ${payload} each way, wire ${socket.bytesRead} in, ${socket.bytesWritten} out`);
  assert.ok(socket.bytesRead < payload, 'what arrived was not compressed');
  assert.ok(socket.bytesWritten < payload, 'what was sent was not compressed');
}

async function client(mode, url) {
  // `ws` offers compression unless told otherwise; in plain mode the server has
  // to decline it.
  const ws = new WebSocket(url);
  const closed = once(ws, 'close');
  const closedEarly = closed.then(([code]) => {
    throw new Error(`the connection closed early, with code ${code}`);
  });
  closedEarly.catch(() => {}); // it closes in the end
  await once(ws, 'open');
  const socket = ws._socket;

  let payload = 0;
  for (const message of [TEXT, BYTES, '', Buffer.alloc(0), LONG_TEXT, LONG_BYTES]) {
    const isText = typeof message === 'string';
    const sent = Buffer.from(message);
    const reply = once(ws, 'message');
    ws.send(message);
    const [data, isBinary] = await Promise.race([reply, closedEarly]);
    assert.equal(isBinary, !isText);
    assert.ok(sent.equals(data), `an echo of ${sent.length} bytes differs`);
    payload += sent.length;
  }
  ws.ping('ping');
  const [pong] = await Promise.race([once(ws, 'pong'), closedEarly]);
  assert.equal(pong.toString(), 'ping');

  ws.close(1000, 'done');
  const [code] = await closed;
  assert.equal(code, 1000);
  checkWire(mode, ws.extensions, socket, payload);
}

// Runs the client once for each list of messages, on standard input or as
// --message. It sends text only, so this server returns one message as binary.
async function server(mode, command) {
  const listener = new WebSocket.Server({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: mode === 'deflate' ? { threshold: 0 } : false,
  });
  await once(listener, 'listening');
  const url = `ws://127.0.0.1:${listener.address().port}/`;

  const conversations = [
    { messages: [TEXT], extra: ['--message', TEXT] },
    { messages: [''], extra: ['--message', ''] },
    { messages: ['first', '', 'as binary', LONG_TEXT, 'last'], extra: [] },
  ];
  for (const { messages, extra } of conversations) {
    const connected = once(listener, 'connection');
    const child = spawn(command[0], [...command.slice(1), '--connect', url, ...extra], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'close');
    const failed = exited.then(([status]) => {
      throw new Error(`the client ended with status ${status} before it connected`);
    });
    failed.catch(() => {});
    const output = [];
    child.stdout.on('data', (data) => output.push(data));
    child.stdin.on('error', () => {}); // a client with --message need not read it
    child.stdin.end(extra.length ? '' : messages.join('\n') + '\n');

    const [ws] = await Promise.race([connected, failed]);
    const closed = once(ws, 'close');
    const socket = ws._socket;
    let payload = 0;
    const heard = [];
    ws.on('message', (data, isBinary) => {
      heard.push(data.toString());
      payload += data.length;
      ws.send(data, { binary: isBinary || data.toString() === 'as binary' });
    });

    const [code] = await closed;
    const [status] = await exited;
    assert.equal(status, 0, 'exit status of the client');
    assert.deepEqual(heard, messages);
    assert.equal(code, 1000);
    assert.ok(
      Buffer.concat(output).equals(Buffer.from(messages.join('\n') + '\n')),
      'the client printed something other than the replies',
    );
    // A few short messages do not outweigh the handshake on the wire.
    if (mode === 'plain' || payload > MIB) {
      checkWire(mode, ws.extensions, socket, payload);
    }
  }
  listener.close();
}

// Where a promise never settles Node just ends, so success has to be said.
process.exitCode = 1;

const [role, mode, ...rest] = process.argv.slice(2);
(role === 'client' ? client(mode, rest[0]) : server(mode, rest)).then(
  () => process.exit(0),
  (error) => {
    console.error(`ws_peer: ${error.stack}`);
    process.exit(1);
  },
);
