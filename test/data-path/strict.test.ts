import { describe, expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { statusOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const H = "Host: hello.default\r\n";

/** What is refused is in `smuggling/`; here is when. */
describe("refused", () => {
  test("behind a good request: that one is answered first", async () => {
    const gate = Promise.withResolvers<void>();
    await using pod = await ScriptedPod.start(async (connection) => {
      await connection.message();
      await gate.promise;
      connection.send(ok);
    });
    await using path = await DataPath.start({ dests: [pod.dest] });
    const client = await path.connect();
    client.send(`GET / HTTP/1.1\r\n${H}\r\nGET / HTTP/9\r\n\r\n`);
    client.send(`GET /smuggled HTTP/1.1\r\n${H}\r\n`);
    await client.take(0);
    gate.resolve();
    expect((await client.message()).body.toString()).toBe("ok");
    expect(statusOf(await client.message())).toBe(400);
    await client.seeClosed();
    expect(path.ended).toEqual([200]);
  });

  test("a head that does not arrive: 408", async () => {
    await using path = await DataPath.start({ config: { headTimeoutMs: 200 } });
    const client = await path.connect();
    client.send("GET / HTTP/1.1\r\nHost:");
    expect(statusOf(await client.message())).toBe(408);
    await client.seeClosed();
    expect(path.refused).toEqual(["head_timeout"]);
  });

  test("more connections than there may be are cut at once", async () => {
    await using path = await DataPath.start({ config: { maxConnections: 2 } });
    const first = await path.connect();
    const second = await path.connect();
    const third = await path.connect();
    await third.seeClosed();
    expect([first.closed, second.closed, third.received]).toEqual([false, false, 0]);
  });
});
