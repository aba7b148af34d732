import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { podPortRange, routePortRange } from "./port-range.ts";
import { PortStock } from "./port-stock.ts";

const clock = new FakeClock();
const stocks: PortStock[] = [];
const stockOf = (size: number, range = podPortRange()): PortStock => {
  const stock = new PortStock(clock, size, range);
  stocks.push(stock);
  return stock;
};
afterEach(() => {
  for (const stock of stocks.splice(0)) stock.close();
});

/** Whether a port can be listened on now. */
const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  try {
    await once(server.listen({ port, host: "0.0.0.0" }), "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
};

test("ports are taken at once, are free from then on, and are different ones", async () => {
  const stock = stockOf(6);
  await stock.fill();
  const ports = [...stock.take(2)!, ...stock.take(4)!];
  expect(new Set(ports).size).toBe(6);
  for (const port of ports) {
    expect(await isFree(port)).toBe(true);
    expect(port).toBeGreaterThanOrEqual(podPortRange().from);
    expect(port).toBeLessThan(podPortRange().to);
  }
});

test("when there are not enough, none is taken, until it is filled for them", async () => {
  const stock = stockOf(2);
  await stock.fill();
  expect(stock.take(3)).toBeUndefined();
  await stock.fill(3);
  expect(stock.take(3)).toHaveLength(3);
  expect(stock.take(0)).toEqual([]);
});

test("it is filled again some time after one was taken", async () => {
  const stock = stockOf(1);
  await stock.fill();
  stock.take(1);
  expect(stock.take(1)).toBeUndefined();
  await clock.advance(1000);
  await expect.poll(() => stock.take(1)).toHaveLength(1);
});

test("a port that somebody has is not given out, and two stocks never give the same", async () => {
  const range = { from: podPortRange().from, to: podPortRange().from + 12 };
  const [first, second] = [stockOf(4, range), stockOf(4, range)];
  await Promise.all([first.fill(), second.fill()]);
  const [some, others] = [first.take(4)!, second.take(4)!];
  expect(new Set([...some, ...others]).size).toBe(8);
});

test("pods, Services and outgoing connections have ports apart", () => {
  expect(podPortRange().to).toBeLessThanOrEqual(routePortRange().from);
  expect(podPortRange().from).toBeGreaterThan(1024);
});

test("a closed stock holds no port", async () => {
  const stock = stockOf(2, { from: podPortRange().from, to: podPortRange().from + 100 });
  await stock.fill();
  stock.close();
  expect(stock.take(1)).toBeUndefined();
  expect(clock.pending).toBe(0);
});
