/** Groups that are there for one user each, as many distributions give them. */

/**
 * Tells whether a group has no member but the owner of what belongs to it: it
 * has the name of its user, nobody else is listed in it, and no other user has
 * it for his first group. With a umask of 002 all that a user makes is writable
 * for it.
 *
 * @param gid The group.
 * @param uid The user.
 * @returns Also `false` where nothing can be found out, as of groups that come
 * from elsewhere than the files of this machine.
 */
export function isPrivateGroup(gid: number, uid: number): boolean {
  try {
    return isPrivateIn(
      Deno.readTextFileSync("/etc/passwd"),
      Deno.readTextFileSync("/etc/group"),
      gid,
      uid,
    );
  } catch {
    // Nobody can be asked, so the group counts as one with members.
    return false;
  }
}

/** The same, of the text of passwd(5) and group(5). */
export function isPrivateIn(
  passwd: string,
  group: string,
  gid: number,
  uid: number,
): boolean {
  const users = rows(passwd);
  const names = new Set(
    users.filter((row) => Number(row[2]) === uid).map(([name]) => name),
  );
  const strangers = users.some((row) =>
    Number(row[3]) === gid && Number(row[2]) !== uid
  );
  const groups = rows(group).filter((row) => Number(row[2]) === gid);
  return names.size > 0 && !strangers && groups.length > 0 &&
    groups.every(([name, , , members = ""]) =>
      names.has(name) &&
      members.split(",").every((member) => member === "" || names.has(member))
    );
}

function rows(text: string): string[][] {
  return text.split("\n").filter((line) => line !== "" && line[0] !== "#")
    .map((line) => line.split(":"));
}
