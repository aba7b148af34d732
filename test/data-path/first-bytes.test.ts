import { createServer } from "node:http";
import { connect } from "node:http2";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { answerOf } from "../helpers/http2-client.ts";

test("a body that comes with the first bytes flows on when the connection changes hands", async () => {
  const server = createServer((request, response) => {
    let length = 0;
    request.on("data", (chunk: Buffer) => (length += chunk.length));
    request.on("end", () => response.end(String(length)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const dest = { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] };
  await using path = await DataPath.start({ dests: [dest] });
  // All in one write, so that the first read is as large as reads are.
  const raw = await path.connect();
  const head = "POST / HTTP/1.1\r\nHost: hello.default\r\nExpect: nothing\r\nContent-Length: 5000000\r\n\r\n";
  raw.send(Buffer.concat([Buffer.from(head), Buffer.alloc(5_000_000)]));
  expect((await raw.message()).body.toString()).toBe("5000000");
  for (const length of [{ "content-length": 5_000_000 }, {}]) {
    // Without waiting for the settings of the other side.
    const session = connect(`http://127.0.0.1:${path.port}`);
    const stream = session.request({ ":method": "POST", ":authority": "hello.default", ...length });
    stream.end(Buffer.alloc(5_000_000));
    expect((await answerOf(stream)).body.toString()).toBe("5000000");
    session.destroy();
  }
  server.close();
});
