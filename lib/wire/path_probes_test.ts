import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { DIRECT_PROBED_MAX } from "../limits.ts";
import type { RemoteAddress } from "./packet/remote_address.ts";
import { type PathProbe, PathProbes } from "./path_probes.ts";

const at = (port: number): RemoteAddress => ({ hostname: "192.0.2.1", port });

/** Probes of these ports, whose secrets are numbered. */
function probing(
  ports: readonly number[],
  { full = true, mayProbe = (): boolean => true } = {},
): PathProbes {
  let secrets = 0;
  const probes = new PathProbes({
    randomBytes: (target) => target.fill(++secrets),
    full,
    mayProbe,
  });
  probes.begin(0);
  probes.add(0, ports.map(at));
  return probes;
}

/** All probes until the round is over, with their times. */
function all(probes: PathProbes): [number, PathProbe][] {
  const sent: [number, PathProbe][] = [];
  for (let now = 0; now < 5000; now += 50) {
    for (let probe; (probe = probes.next(now)) !== undefined;) {
      sent.push([now, probe]);
    }
  }
  return sent;
}

Deno.test("an address is probed twelve times in two seconds, with a small packet and other data each time", () => {
  const probes = probing([1]);
  const sent = all(probes);
  assertEquals(
    sent.map(([now]) => now),
    [0, 100, 200, 300, 400, 500, 700, 900, 1100, 1300, 1500, 1700],
  );
  assert(sent.every(([, { limit }]) => limit < 100));
  assertEquals(new Set(sent.map(([, { data }]) => data.join())).size, 12);
  assertEquals(probes.deadline, Infinity);
});

Deno.test("who is to use a path sends a full datagram to an address that answered", () => {
  const probes = probing([1]);
  const small = probes.next(0)!;
  assertEquals(probes.onResponse(30, small.data), undefined);
  assertEquals(probes.rttOf(at(1)), 30);
  assertEquals(probes.onResponse(30, small.data), undefined);
  const full = probes.next(30)!;
  assertEquals([full.to, full.limit], [at(1), Infinity]);
  assertNotEquals(full.data, small.data);
  assertEquals(probes.onResponse(70, full.data), { address: at(1), rtt: 40 });
  assertEquals(probes.next(2000), undefined);
});

Deno.test("who follows needs no full datagram", () => {
  const probes = probing([1], { full: false });
  const { data } = probes.next(0)!;
  assertEquals(probes.onResponse(30, data), { address: at(1), rtt: 30 });
  assertEquals(all(probes).length, 0);
});

Deno.test("the round trip is that of the probe that was answered", () => {
  const probes = probing([1], { full: false });
  probes.next(0);
  const second = probes.next(100)!;
  probes.next(200);
  assertEquals(probes.onResponse(230, second.data)?.rtt, 130);
});

Deno.test("data that was not sent proves nothing", () => {
  const probes = probing([1], { full: false });
  const { data } = probes.next(0)!;
  const later = data.slice();
  later[7] ^= 1;
  const other = data.slice();
  other[0] ^= 1;
  for (const wrong of [later, other, new Uint8Array(8)]) {
    assertEquals(probes.onResponse(30, wrong), undefined);
  }
  assertEquals(probes.rttOf(at(1)), undefined);
});

Deno.test("what the peer probes from is probed as well, at once, and not without end", () => {
  const probes = probing([1]);
  all(probes);
  probes.begin(10_000);
  probes.onProbed(10_010, at(7));
  assertEquals(probes.next(10_010)?.to, at(7));
  // Heard again: the next probe need not wait.
  probes.onProbed(10_020, at(7));
  assertEquals(probes.next(10_020)?.to, at(7));
  for (let port = 100; port < 200; port++) probes.onProbed(10_030, at(port));
  const to = new Set<number>();
  for (let probe; (probe = probes.next(10_030)) !== undefined;) {
    to.add(probe.to.port);
  }
  assertEquals(to.size, DIRECT_PROBED_MAX - 1);
});

Deno.test("outside a round nothing is probed, whatever comes", () => {
  const probes = probing([1]);
  probes.onProbed(20_000, at(9));
  assertEquals([probes.next(20_000), probes.has(at(9))], [undefined, false]);
  probes.begin(30_000);
  probes.add(30_000, [at(1)]);
  probes.end();
  assertEquals([probes.next(30_000), probes.deadline], [undefined, Infinity]);
});

Deno.test("addresses that have not answered get no more than all may send", () => {
  let left = 5;
  const probes = probing([1, 2, 3], { mayProbe: () => left-- > 0 });
  assertEquals(all(probes).length, 5);
});
