import { assertEquals, assertThrows } from "@std/assert";
import { IoError } from "../errors.ts";
import { PublishNotes } from "./publish_notes.ts";

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

Deno.test("PublishNotes tells what has vanished from what cannot be read", () => {
  const told: string[] = [];
  const notes = new PublishNotes({
    onWarning: ({ kind, path, reason }) =>
      told.push(`${kind} ${path}: ${reason}`),
  });
  notes.leaveOut("/a", new Deno.errors.NotFound("No such file (os error 2)"));
  notes.leaveOut("/b", systemError("ENOTDIR", "Not a directory (os error 20)"));
  notes.leaveOut(
    "/c",
    new Deno.errors.PermissionDenied("Permission denied (os error 13): open"),
  );
  // The server of a network file system has lost it; it need not be gone.
  notes.leaveOut(
    "/d",
    systemError("ESTALE", "Stale file handle (os error 116)"),
  );
  notes.leaveOut("/e", systemError("EIO", "Input/output error (os error 5)"));
  notes.leaveOut("/f", "it is too long");
  assertEquals(told, [
    "vanished /a: No such file (os error 2)",
    "vanished /b: Not a directory (os error 20)",
    "unreadable /c: Permission denied (os error 13)",
    "unreadable /d: Stale file handle (os error 116)",
    "unreadable /e: Input/output error (os error 5)",
    "unreadable /f: it is too long",
  ]);
  const { vanished, unreadable } = notes.counts;
  assertEquals([vanished, unreadable], [2, 4]);
});

Deno.test("PublishNotes leaves out nothing for a reason that has nothing to do with it", () => {
  const notes = new PublishNotes();
  for (
    const error of [
      systemError("EMFILE", "Too many open files (os error 24)"),
      new TypeError("a mistake of ours"),
    ]
  ) {
    assertThrows(() => notes.leaveOut("/a", error), IoError, "/a");
  }
  assertEquals(notes.counts.unreadable, 0);
});
