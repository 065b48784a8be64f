import { assert, assertEquals } from "@std/assert";
import {
  FORGED_INITIAL_BYTES,
  FORGED_INITIALS_MAX,
  KEYRING_MAX,
  SECOND_LOOKS_MAX,
} from "../../limits.ts";
import { ForgedInitials } from "./forged_initials.ts";

Deno.test("a forged Initial counts by what its MAC covers", () => {
  const looked = (covered: number, keys = 1) => {
    const forged = new ForgedInitials();
    let count = 0;
    while (forged.mayLook("192.0.2.1") && count < 2 * FORGED_INITIALS_MAX) {
      count++;
      forged.add("192.0.2.1", covered, keys);
    }
    return count;
  };
  assert(looked(180) >= FORGED_INITIALS_MAX);
  const long = looked(1168);
  const times = Math.ceil(1168 / FORGED_INITIAL_BYTES);
  assert(long <= FORGED_INITIALS_MAX / times + 2, `${long}`);
  const tried = looked(180, KEYRING_MAX);
  assert(tried <= FORGED_INITIALS_MAX / KEYRING_MAX + 2, `${tried}`);
});

Deno.test("however many forged Initials come, what they are tried with has a bound", () => {
  for (const keys of [1, 2, KEYRING_MAX]) {
    const forged = new ForgedInitials();
    let [tries, came] = [0, 0];
    for (; came < 1_000_000; came++) {
      if (!forged.mayLook("192.0.2.1")) continue;
      tries += keys;
      forged.add("192.0.2.1", 180, keys);
    }
    // Beyond what is looked at anyway, what one key costs.
    const most = 4 * FORGED_INITIALS_MAX + came / 4 + keys;
    assert(tries <= most, `${tries} tries with ${keys} keys`);
  }
});

Deno.test("who is passed over in a flood of forged addresses is looked at when it comes again", () => {
  const forged = new ForgedInitials();
  let looks = 0;
  const flood = (from: number, count: number) => {
    for (let i = from; i < from + count; i++) {
      const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
      if (!forged.mayLook(address)) continue;
      looks++;
      forged.add(address, 180, KEYRING_MAX);
    }
  };
  flood(0, 20_000);
  const honest = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}`);
  for (const address of honest) forged.mayLook(address);
  flood(20_000, 2000);
  const passed = honest.filter((address) => forged.mayLook(address));
  assertEquals(passed.length, honest.length);
  const most = (4 * FORGED_INITIALS_MAX + 22_000 / 4) / KEYRING_MAX + 20;
  assert(looks <= most, `${looks} looks`);
});

Deno.test("looks at addresses that come again have a bound, and a sender of forgeries gets none", () => {
  for (const addresses of [1, 254, 1024]) {
    const forged = new ForgedInitials();
    let [looks, came] = [0, 0];
    for (; came < 200_000; came++) {
      const host = came % addresses;
      const address = `10.0.${host >> 8}.${host & 255}`;
      if (!forged.mayLook(address)) continue;
      looks++;
      forged.add(address, 180, KEYRING_MAX);
    }
    const sampled = (4 * FORGED_INITIALS_MAX + came / 4) / KEYRING_MAX;
    const most = sampled + Math.min(SECOND_LOOKS_MAX, addresses) + 1;
    assert(looks <= most, `${looks} looks, not ${most}`);
  }
});
