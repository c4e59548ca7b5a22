// npm's `ws` at the other end of the echo examples.
//
//   ws_peer.cjs client plain|deflate URL            talks to an echo server
//   ws_peer.cjs server plain|deflate COMMAND...     runs an echo client against
//                                                   an echo server of its own
//   ws_peer.cjs wscat plain|deflate COMMAND...      runs the example wscat
//                                                   against servers of its own
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

// Runs a program to its end, with this standard input; null leaves that open.
async function run(command, input) {
  const child = spawn(command[0], command.slice(1), { stdio: 'pipe' });
  const output = { stdout: [], stderr: [] };
  child.stdout.on('data', (data) => output.stdout.push(data));
  child.stderr.on('data', (data) => output.stderr.push(data));
  child.stdin.on('error', () => {}); // it need not read it
  if (input !== null) {
    child.stdin.end(input);
  }
  const [status] = await once(child, 'close');
  return {
    status,
    stdout: Buffer.concat(output.stdout).toString(),
    stderr: Buffer.concat(output.stderr).toString(),
  };
}

async function wscat(mode, command) {
  const listener = new WebSocket.Server({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: mode === 'deflate' ? { threshold: 0 } : false,
    handleProtocols: (offered) => (offered.has('second') ? 'second' : false),
    verifyClient: ({ req }, answer) => answer(req.url !== '/private', 401, 'Unauthorized'),
  });
  await once(listener, 'listening');
  const port = listener.address().port;
  const start = (path, ...more) => [...command, '--connect', `ws://127.0.0.1:${port}${path}`, ...more];

  // What each path does with a connection.
  const acts = {
    '/echo': (ws) => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })),
    '/chatty': (ws) => {
      ws.ping('are you there?');
      ws.pong('unasked');
      ws.send(Buffer.from('bytes'));
      // It answers a ping with nothing to say itself.
      ws.on('pong', (payload) => ws.close(4001, `heard ${payload}`));
    },
    '/rude': (ws) => ws._socket.destroy(),
    '/wrong': (ws) => ws._socket.write(Buffer.from([0x83, 0])),
  };
  const closes = [];
  let request;
  let wire;
  listener.on('connection', (ws, asked) => {
    request = asked;
    ws.on('close', (code) => closes.push(code));
    wire = [ws, ws._socket];
    acts[asked.url](ws);
  });

  // Lines of a pipe, much of it at once: neither end may stop the other.
  const messages = [TEXT, '', ...Array(64).fill(LONG_TEXT.slice(0, MIB / 4)), 'last'];
  const said = messages.join('\n') + '\n';
  const echoed = await run(
    start('/echo', '--header', 'X-Test: a: b', '--subprotocol', 'first', '--subprotocol', 'second'),
    said,
  );
  assert.equal(echoed.status, 0, echoed.stderr);
  assert.ok(echoed.stdout === said, 'it printed something other than the replies');
  assert.match(echoed.stderr, /connected, speaking second/);
  assert.equal(request.headers['x-test'], 'a: b');
  assert.equal(request.headers['sec-websocket-protocol'], 'first, second');
  assert.deepEqual(closes, [1000]);

  const compressed = await run(start('/echo', '--deflate'), `${LONG_TEXT}\n`);
  assert.equal(compressed.status, 0, compressed.stderr);
  assert.equal(compressed.stdout, `${LONG_TEXT}\n`);
  checkWire(mode, wire[0].extensions, wire[1], MIB);

  // Pings, bytes, and a Close of the server's, while nothing is typed.
  const heard = await run(start('/chatty'), null);
  assert.equal(heard.status, 0, heard.stderr);
  assert.equal(heard.stdout, 'bytes\n');
  for (const told of ['ping are you there?', 'pong unasked', 'closed: 4001 heard are you there?']) {
    assert.ok(heard.stderr.includes(told), `"${told}" is not in: ${heard.stderr}`);
  }

  for (const [path, input, status, told, ...more] of [
    ['/private', '', 1, /refused: 401[^]*Unauthorized/],
    ['/rude', null, 1, /left without a Close|reset/],
    ['/wrong', null, 1, /broke the protocol: reserved opcode/],
    ['/echo', '', 2, /NAME: VALUE/, '--header', 'nothing'],
    ['/echo', '', 2, /subprotocol/, '--subprotocol', 'a b'],
    ['/echo#top', '', 2, /fragment/],
  ]) {
    const ended = await run(start(path, ...more), input);
    assert.equal(ended.status, status, `status of ${path} ${more}: ${ended.stderr}`);
    assert.match(ended.stderr, told);
  }
  listener.close();
  const nobody = await run(start('/echo'), '');
  assert.equal(nobody.status, 1, nobody.stderr);
}

// Where a promise never settles Node just ends, so success has to be said.
process.exitCode = 1;

const [role, mode, ...rest] = process.argv.slice(2);
const roles = { client: () => client(mode, rest[0]), server: () => server(mode, rest), wscat: () => wscat(mode, rest) };
roles[role]().then(
  () => process.exit(0),
  (error) => {
    console.error(`ws_peer: ${error.stack}`);
    process.exit(1);
  },
);
