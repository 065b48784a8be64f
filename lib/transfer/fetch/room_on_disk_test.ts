import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  blake3,
  makeManifest,
  makeTree,
  REPLICATED,
} from "../../content/mod.ts";
import { IoError } from "../../errors.ts";
import { CHUNK_SIZE } from "../../limits.ts";
import { volumeOf } from "../../os/volume.ts";
import { inTempDir } from "../testing/fixture.ts";
import { holesOf, lackOfRoom, requireRoom, withRoom } from "./room_on_disk.ts";

/** More than any disk has. */
const HUGE = 2n ** 60n;

Deno.test("what has no room is refused, with what is needed and what is free", () =>
  inTempDir(async (site) => {
    const need = { path: `${site}/out`, site, bytes: HUGE, holes: () => 0n };
    const lack = await lackOfRoom(need);
    assertStringIncludes(lack?.error.message ?? "", `${HUGE} bytes are needed`);
    assertEquals(lack?.error.fields.needed, HUGE);
    if (lack?.isSure) {
      await assertRejects(() => requireRoom(need), IoError, "not enough space");
    } else assertEquals((await requireRoom(need)).length, 1);
  }));

Deno.test("what fits, is freed before, or may be holes is not refused", () =>
  inTempDir(async (site) => {
    const path = `${site}/out`;
    const holes = () => 0n;
    const some = { path, site, holes };
    assertEquals(await requireRoom({ ...some, bytes: 1n }), []);
    assertEquals(await requireRoom({ ...some, bytes: HUGE, freed: HUGE }), []);
    const sparse = { ...some, bytes: HUGE, holes: () => HUGE };
    assertEquals(await requireRoom(sparse), []);
  }));

Deno.test("zeros may take no room, and of a Tree nobody knows", () => {
  const zeros = { hash: blake3(new Uint8Array(CHUNK_SIZE)), size: CHUNK_SIZE };
  const other = { hash: new Uint8Array(32), size: CHUNK_SIZE };
  const list = makeManifest("", REPLICATED, [zeros, other, zeros]);
  assertEquals(holesOf(list), BigInt(2 * CHUNK_SIZE));
  const tree = makeTree("", REPLICATED, new Uint8Array(32), 2n ** 40n, 3);
  assertEquals(holesOf(tree), 2n ** 40n);
});

Deno.test("a failure for want of room says what is needed and free", () =>
  inTempDir(async (site) => {
    const need = { path: `${site}/out`, site, bytes: 77n };
    const full = new IoError("cannot write", { fields: { os: "ENOSPC" } });
    const told = await withRoom(full, need);
    const { freeBytes } = await volumeOf(site);
    if (freeBytes !== undefined) {
      assertStringIncludes(String(told), "77 bytes are needed");
    }
    const over = new IoError("cannot write", { fields: { os: "EDQUOT" } });
    const toldOfQuota = await withRoom(over, need);
    assertStringIncludes(String(toldOfQuota), "77 bytes are needed");
    assertEquals(String(toldOfQuota).includes("free"), false);
    const other = new IoError("cannot write", { fields: { os: "EIO" } });
    assertEquals(await withRoom(other, need), other);
  }));
