// Needs a while to warm up, and a while for each request. Ends in good order on SIGTERM.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { port: { type: "string" }, "warm-up": { type: "string" }, work: { type: "string" } },
});
const milliseconds = (text) => (text.endsWith("ms") ? parseFloat(text) : parseFloat(text) * 1000);

let warm = false;
let running = 0;
const answer = async (request, response) => {
  if (request.url === "/healthz") {
    response.writeHead(warm ? 200 : 503).end();
    return;
  }
  running++;
  const beside = running - 1;
  await sleep(milliseconds(values.work));
  running--;
  response.end(`${request.url} done by process ${process.pid}, beside ${beside} other\n`);
};
const server = createServer((request, response) => void answer(request, response)).listen(values.port);

process.on("SIGTERM", () => server.close(() => process.exit(0)));
await sleep(milliseconds(values["warm-up"]));
warm = true;
console.log("warm");
