// Runs in a pod: `mtls-load.mjs throughput HOST PORT SECONDS` or `mtls-load.mjs latency HOST PORT SECONDS`; prints JSON.
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

const CONNECTIONS = 16;
const IN_FLIGHT = 4;
const EVERY_MS = 5;
const [kind, host, port, seconds] = process.argv.slice(2);
const ms = Number(seconds) * 1000;
const { address } = await lookup(host, 4);

/** Several requests at a time on each connection, and answers only counted: the client must not be what is measured. */
async function throughput() {
  const request = `GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
  let answers = 0;
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => new Promise((resolve, reject) => {
    const socket = connect(Number(port), address, () => resolve(socket)).on('error', reject);
  })));
  for (const socket of sockets) {
    let rest = '';
    socket.on('data', (bytes) => {
      const text = rest + bytes.toString('latin1');
      let got = 0;
      let at = text.indexOf('HTTP/1.1 200');
      for (; at >= 0; at = text.indexOf('HTTP/1.1 200', at + 12)) got += 1;
      rest = text.slice(-11);
      answers += got;
      if (got > 0) socket.write(request.repeat(got));
    });
    socket.write(request.repeat(IN_FLIGHT));
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const [before, start] = [answers, performance.now()];
  await new Promise((resolve) => setTimeout(resolve, ms));
  const rate = (answers - before) / (performance.now() - start) * 1000;
  sockets.forEach((socket) => socket.destroy());
  return { rate };
}

/** At a steady rate, whatever the answers do. */
async function latency() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const times = [];
  let failures = 0;
  const ask = () => new Promise((resolve) => {
    const start = performance.now();
    http.get({ host: address, port: Number(port), agent, headers: { host } }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) times.push(performance.now() - start);
        else failures += 1;
        resolve();
      });
    }).on('error', () => {
      failures += 1;
      resolve();
    });
  });
  const all = [];
  for (let until = Date.now() + ms; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, EVERY_MS))) all.push(ask());
  await Promise.all(all);
  agent.destroy();
  return { times, failures };
}

console.log(JSON.stringify(await (kind === 'throughput' ? throughput() : latency())));
