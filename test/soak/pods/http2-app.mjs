// A pod for the soak, HTTP/2 with prior knowledge: it answers with the body it got, or with 100,000 bytes.
import { createServer } from "node:http2";

const big = Buffer.alloc(100_000, "abcdefghij");
const server = createServer();
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  stream.respond({ ":status": 200, "x-path": headers[":path"] }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "x-end": "yes" }));
  if (headers[":method"] === "POST") stream.pipe(stream);
  else stream.end(headers[":path"] === "/big" ? big : "small");
});
server.listen(Number(process.env.PORT), "127.0.0.1");
