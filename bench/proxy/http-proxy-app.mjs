/** A contestant of the proxy bench: `node http-proxy-app.mjs PACKAGE ITS_PACKAGE_JSON PORT UPSTREAM_PORT...`. */
import { Agent, createServer } from "node:http";
import { createRequire } from "node:module";

const [name, installed, port, ...upstreams] = process.argv.slice(2);
const { createProxyServer } = createRequire(installed)(name);
const proxy = createProxyServer({ agent: new Agent({ keepAlive: true }), xfwd: true });
proxy.on("error", (_error, _request, answer) => answer.destroy());

let next = 0;
const target = () => `http://127.0.0.1:${upstreams[next++ % upstreams.length]}`;
const server = createServer((request, answer) => proxy.web(request, answer, { target: target() }));
server.on("upgrade", (request, socket, head) => {
  // Its agent would keep the connection for requests.
  proxy.ws(request, socket, head, { target: target(), agent: false });
});
server.listen(Number(port), "127.0.0.1");
