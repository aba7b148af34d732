// A pod for the soak, HTTP/1.1 and WebSocket. Where the file $CRASH_FILE says a number above 0, it takes one off and
// ends with exit code 7.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const { CRASH_FILE, PORT } = process.env;
if (CRASH_FILE !== undefined) {
  const left = Number(readFileSync(CRASH_FILE, "utf8"));
  if (left > 0) {
    writeFileSync(CRASH_FILE, String(left - 1));
    console.error("told to crash");
    process.exit(7);
  }
}

const piece = Buffer.alloc(5_000, "abcdefghij");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const pages = {
  "/small": (_, response, url) => response.end(`small ${url.searchParams.get("id")}`),
  "/big": (_, response) => {
    response.setHeader("content-length", 20 * piece.length);
    for (let i = 0; i < 20; i++) response.write(piece);
    response.end();
  },
  "/chunked": async (_, response) => {
    for (let i = 0; i < 20; i++) {
      response.write(piece);
      if (i % 5 === 0) await sleep(1);
    }
    response.addTrailers({ "x-end": "yes" });
    response.end();
  },
  "/sum": (request, response) => {
    const hash = createHash("sha1");
    let length = 0;
    request.on("data", (chunk) => {
      length += chunk.length;
      hash.update(chunk);
    });
    request.on("end", () => response.end(`${length} ${hash.digest("hex")}`));
  },
  "/events": async (_, response, url) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.flushHeaders();
    const every = Number(url.searchParams.get("every"));
    for (let i = 0; i < Number(url.searchParams.get("count")) && !response.destroyed; i++) {
      response.write(`data: ${i}\n\n`);
      await sleep(every);
    }
    response.end();
  },
  "/late": async (_, response, url) => {
    await sleep(Number(url.searchParams.get("ms")));
    response.end("late");
  },
  "/stall": (_, response) => void response.write("begun"),
  "/hints": (_, response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.end("hinted");
  },
  // Faults of the application's own.
  "/reset": (request) => void request.socket.resetAndDestroy(),
  "/torn": (request, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write("torn");
    setTimeout(() => request.socket.destroy(), 5);
  },
};

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://pod");
  const page = pages[url.pathname];
  if (page === undefined) response.writeHead(404).end();
  else page(request, response, url);
});
new WebSocketServer({ server, maxPayload: 1 << 24 }).on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, binary) => socket.send(data, { binary }));
});
server.listen(Number(PORT), "127.0.0.1");
