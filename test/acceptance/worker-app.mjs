// A pod that works for `?ms=` milliseconds and tells, in each answer, how many requests it was running then
// and in which order it began them.
import { createServer } from "node:http";

let running = 0;
let most = 0;
let begun = 0;
createServer((request, response) => {
  const url = new URL(request.url, "http://pod");
  const order = begun++;
  running++;
  most = Math.max(most, running);
  const at = performance.timeOrigin + performance.now();
  setTimeout(
    () => {
      running--;
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ pid: process.pid, most, order, at, id: Number(url.searchParams.get("id")) }),
      );
    },
    Number(url.searchParams.get("ms") ?? 0),
  );
}).listen(Number(process.env.PORT), "127.0.0.1");
