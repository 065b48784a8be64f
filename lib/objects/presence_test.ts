import { assert, assertEquals } from "@std/assert";
import { blake3 } from "../content/mod.ts";
import { toHex } from "../text/hex.ts";
import { Presence, type PresenceSource } from "./presence.ts";

const PAGE = 1000;

const nameOf = (number: number) =>
  toHex(blake3(new TextEncoder().encode(String(number))));

/** Names from one number up to another. */
function names(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => nameOf(from + i));
}

/** A store that counts what it is asked. */
class Store implements PresenceSource {
  pages = 0;
  heads = 0;
  readonly #sorted: string[];

  constructor(readonly held: readonly string[]) {
    this.#sorted = held.toSorted();
  }

  get requests(): number {
    return this.pages + this.heads;
  }

  page(token = "0") {
    this.pages++;
    const end = Number(token) + PAGE;
    const chunks = this.#sorted.slice(Number(token), end)
      .map((hex) => ({ hex, bytes: 1 }));
    const next = end < this.#sorted.length ? { next: String(end) } : {};
    return Promise.resolve({ chunks, ...next });
  }

  head(hex: string) {
    this.heads++;
    return Promise.resolve(this.held.includes(hex));
  }
}

Deno.test("a store of one page is listed once, whatever is asked about", async () => {
  const store = new Store(names(0, 500));
  const presence = new Presence(store);
  for (const [number, hex] of names(0, 1000).entries()) {
    assertEquals(await presence.has(hex), number < 500);
  }
  assertEquals([store.pages, store.heads], [1, 0]);
});

Deno.test("of a large store few chunks are asked about one by one", async () => {
  const store = new Store(names(0, 50_000));
  const presence = new Presence(store);
  for (const hex of names(49_990, 50_010)) {
    assertEquals(await presence.has(hex), store.held.includes(hex));
  }
  assert(store.requests <= 21, `${store.requests}`);
});

Deno.test("many chunks cost at most twice the pages of the listing", async () => {
  const store = new Store(names(0, 20_000));
  const presence = new Presence(store);
  const held = new Set(store.held);
  for (const hex of names(15_000, 30_000)) {
    assertEquals(await presence.has(hex), held.has(hex));
  }
  assert(store.pages === 20, `${store.pages} pages`);
  assert(store.heads <= 22, `${store.heads} heads`);
});

Deno.test("what was added is there without a request", async () => {
  const store = new Store(names(0, 5000));
  const presence = new Presence(store);
  presence.add(nameOf(9999));
  assert(await presence.has(nameOf(9999)));
  assertEquals(store.requests, 0);
});

Deno.test("what was asked about is not asked about again", async () => {
  const store = new Store(names(0, 50_000));
  const presence = new Presence(store);
  const missing = names(50_000, 50_005);
  for (const hex of [...missing, ...missing]) {
    assert(!await presence.has(hex));
  }
  assert(store.heads <= missing.length, `${store.heads} heads`);
  presence.add(missing[0]);
  assert(await presence.has(missing[0]));
});

Deno.test("callers at the same moment share the pages", async () => {
  const store = new Store(names(0, 500));
  const presence = new Presence(store);
  await Promise.all(names(0, 100).map((hex) => presence.has(hex)));
  assertEquals(store.requests, 1);
});

Deno.test("a store that lists in no order is right, too", async () => {
  const store = new Store(names(0, 3000));
  const backwards: PresenceSource = {
    head: (hex) => store.head(hex),
    async page(token) {
      const { chunks, ...rest } = await store.page(token);
      return { chunks: chunks.toReversed(), ...rest };
    },
  };
  const presence = new Presence(backwards);
  for (const [number, hex] of names(2900, 3100).entries()) {
    assertEquals(await presence.has(hex), number < 100);
  }
});

Deno.test("a store whose listing never ends is asked about each chunk", async () => {
  const last = names(2, 20).sort().at(-1)!;
  for (const chunks of [[], [{ hex: "00".repeat(32), bytes: 1 }]]) {
    let pages = 0;
    const presence = new Presence({
      page() {
        pages++;
        return Promise.resolve({ chunks, next: "again" });
      },
      head: (hex) => Promise.resolve(hex === last),
    });
    for (const hex of names(2, 20)) {
      assertEquals(await presence.has(hex), hex === last);
    }
    assert(pages <= 3, `${pages} pages`);
  }
});
