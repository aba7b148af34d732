import { once } from "node:events";
import { type AddressInfo, type Server, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { TimerWheel } from "#core/timer-wheel.ts";
import { until } from "../../test/helpers/until.ts";
import type { PodConnection, PodUser } from "./pod-connection.ts";
import { PodPool, type PoolUser } from "./pod-pool.ts";

const servers: Server[] = [];
const wheel = new TimerWheel(systemClock);

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const poolTo = (port: number): PodPool =>
  new PodPool(
    { host: "127.0.0.1", port },
    { clock: systemClock, wheel, podConnectMs: 10_000, podIdleMs: 10_000 },
    () => {},
  );

const listen = async (): Promise<number> => {
  const server = createServer((socket) => socket.on("error", () => {}));
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
};

class User implements PoolUser, PodUser {
  waiting = true;
  connection: PodConnection | undefined;
  failure: Error | undefined;
  readonly onUsable: () => void;

  constructor(onUsable: () => void) {
    this.onUsable = onUsable;
  }

  attach(connection: PodConnection): void {
    this.connection = connection;
    connection.user = this;
    this.onUsable();
  }

  onRefused(error: Error): void {
    this.failure = error;
  }

  onBytes(): boolean {
    return true;
  }

  onDrain(): void {}
  onEnded(): void {}
  onClosed(): void {}
}

const usersOf = (count: number, order: number[]): User[] =>
  Array.from({ length: count }, (_, i) => new User(() => order.push(i)));

test("many at once: so many connections are made at a time, and everyone gets one in turn", async () => {
  const pool = poolTo(await listen());
  const order: number[] = [];
  const users = usersOf(300, order);
  for (const user of users) pool.take(user);
  expect(pool.size).toBe(64);
  await until(() => order.length === 300);
  expect(order).toEqual(users.map((_, i) => i));
  pool.close();
});

test("a connection that is given back goes to the first who waits, not to one who has left", async () => {
  const pool = poolTo(await listen());
  const order: number[] = [];
  const users = usersOf(4, order);
  pool.take(users[0]!);
  await until(() => users[0]!.connection);
  for (const user of users.slice(1)) pool.take(user);
  users[1]!.waiting = false;
  pool.giveBack(users[0]!.connection!, undefined);
  expect(order).toEqual([0, 2]);
  await until(() => order.length === 3);
  expect(users[3]!.connection!.served).toBe(0);
  pool.close();
});

test("one that comes when nobody waits any more is kept", async () => {
  const pool = poolTo(await listen());
  const users = usersOf(2, []);
  pool.take(users[0]!);
  users[0]!.waiting = false;
  await until(() => pool.idle === 1);
  pool.take(users[1]!);
  expect(users[1]!.connection).toBeDefined();
  expect(pool.size).toBe(1);
  pool.close();
});

test("when none can be made everyone is told", async () => {
  const port = await listen();
  const gone = once(servers[0]!, "close");
  servers.splice(0)[0]!.close();
  await gone;
  const pool = poolTo(port);
  const users = usersOf(300, []);
  for (const user of users) pool.take(user);
  await until(() => users.every(({ failure }) => failure !== undefined));
  expect(pool.size).toBe(0);
});
