// A pod for tests of `pilotlight local`; its environment says how it behaves.
//   START_MS   time until it listens            NEVER_READY  /healthz answers 503
//   CRASH      its exit code, at once           STUBBORN     takes no notice of SIGTERM
//   CHILD      starts a child that outlives it, out of its process group if "away"
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const { START_MS = "0", CRASH, NEVER_READY, STUBBORN, CHILD, SAYS = "hello", PORT } = process.env;

if (CRASH !== undefined) {
  console.error("no such table");
  process.exit(Number(CRASH));
}
if (STUBBORN !== undefined) process.on("SIGTERM", () => console.log("never mind"));
if (CHILD !== undefined) {
  spawn("sleep", ["1000"], { detached: CHILD === "away", stdio: "ignore" }).unref();
}
await sleep(Number(START_MS));
const answer = async (request, response) => {
  const url = new URL(request.url, "http://pod");
  if (url.pathname === "/healthz") return response.writeHead(NEVER_READY === undefined ? 200 : 503).end();
  await sleep(Number(url.searchParams.get("ms") ?? 0));
  response.end(JSON.stringify({ says: SAYS, pid: process.pid, pod: process.env.HOSTNAME }));
};
createServer((request, response) => void answer(request, response)).listen(Number(PORT), "127.0.0.1");
console.log("listening");
