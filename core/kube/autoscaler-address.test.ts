import { expect, test } from "vitest";
import { addressOfLeader, leaderIdentity } from "./autoscaler-address.ts";

const lease = (holderIdentity: string) => ({ metadata: { name: "l" }, spec: { holderIdentity } });

test("a leader's name tells where it takes stats, IPv6 too", () => {
  expect(addressOfLeader(lease(leaderIdentity("pod-1", "10.0.0.1", 8080)))).toBe("ws://10.0.0.1:8080");
  expect(addressOfLeader(lease(leaderIdentity("pod-1", "fd00::1", 8080)))).toBe("ws://[fd00::1]:8080");
});

test.each([[undefined], [lease("")], [lease("somebody")], [lease("restore-7")]])("%j tells none", (held) => {
  expect(addressOfLeader(held)).toBeUndefined();
});
