/** `psk list`, `add` and `revoke`: the pre-shared keys of a node that have names. */

import { NotFoundError, UsageError } from "../../errors.ts";
import { encodeTicket, type Ticket } from "../../mesh/mod.ts";
import { type Context, defineVerb, type Verb } from "../command.ts";
import {
  argument,
  flag,
  optional,
  optionalArgument,
  restArguments,
  type ValuesOf,
} from "../framework/options/option.ts";
import { FILE } from "../framework/options/value_kind.ts";
import {
  changeKeyringFile,
  drawPsk,
  keyringPath,
  type NamedPsk,
  readKeyringFile,
} from "../node/keyring_file.ts";
import { TICKET } from "../node/named_node.ts";
import { readTicket } from "../node/read_given.ts";
import { readSources } from "../node/read_settings.ts";
import { resolveKeys } from "../node/settings.ts";
import { PSK_NAME } from "../options/psk_name.ts";
import { TRUST_PARENT_OPTION } from "../options/trust_parent_option.ts";
import { defaultIdentityPath } from "../serving/node_keys.ts";
import { inStage } from "../stage.ts";

/** Whose keys they are. */
const OF_NODE = {
  identity: optional("identity", FILE, {
    help: "Identity file of the node, which the keys lie beside",
    shownDefault: "identities/node.toml beside the configuration",
  }),
  insecurePermissions: flag("insecure-permissions", {
    help: "Accept files with secrets that others can read",
  }),
};

/** The keyring of the node that the options or the profile name. */
async function pathOf(
  values: ValuesOf<typeof OF_NODE>,
  context: Context,
): Promise<string> {
  const { identity, insecurePermissions } = values;
  const given = { identity, insecurePermissions };
  const keys = resolveKeys(await readSources(given, context));
  return await inStage(
    "setup",
    () => keyringPath(keys.identity?.value ?? defaultIdentityPath()),
  );
}

/** A key as it is told: never the secret. */
function row({ name, createdAt }: NamedPsk) {
  return { name, created_at: createdAt };
}

/** The ticket with another key in it. */
function ticketWith(ticket: Ticket, { secret }: NamedPsk): string {
  return encodeTicket({ ...ticket, psk: secret });
}

export const list: Verb = defineVerb({
  arguments: {},
  options: OF_NODE,
  scope: "profile",
  description:
    "Names the keys, and tells when each was made. The secrets are never printed.",
  examples: [{
    line: "psk list",
    does: "See who has a key of this node",
  }],
  async run(values, context) {
    const path = await pathOf(values, context);
    const psks = await inStage("setup", () => readKeyringFile(path, values));
    const names = psks.map(({ name }) => name).join(", ");
    await context.emit({
      fields: { path, psks: psks.map(row) },
      text: () => `${path}: ${names || "no keys with names"}`,
    });
  },
});

export const add: Verb = defineVerb({
  arguments: {
    name: argument(PSK_NAME, "Whom the key is for"),
    ticket: optionalArgument(
      TICKET,
      "A ticket of the node, or @FILE: it is printed again, with the key in it",
    ),
  },
  options: {
    replace: flag("replace", {
      help:
        "Draw another key for a name that has one; the old one is revoked with that",
    }),
    ...OF_NODE,
    ...TRUST_PARENT_OPTION,
  },
  scope: "profile",
  description:
    "Draws a pre-shared key for somebody, which can be revoked alone. A node that runs takes it over within two seconds. The key itself is printed nowhere but in a ticket; 'serve --ticket-for NAME' prints tickets with it, too.",
  examples: [
    {
      line: "psk add ann @photos.ticket",
      does: "Draw a key for Ann, and print the ticket that has it",
    },
    {
      line: "psk add ann --replace",
      does: "Draw another one, and shut out who has the old one",
    },
  ],
  async run({ name, ticket: source, replace, ...values }, context) {
    const path = await pathOf(values, context);
    const psk = drawPsk(name);
    const ticket = await inStage("setup", async () => {
      const { insecurePermissions } = values;
      const ticket = source && await readTicket(source, insecurePermissions);
      await changeKeyringFile(path, (psks) => {
        const others = psks.filter((other) => other.name !== name);
        if (others.length === psks.length || replace) return [...others, psk];
        throw new UsageError(`there is a pre-shared key ${name} already`, {
          hint:
            "--replace draws another one; 'serve --ticket-for' prints tickets with the one there is",
        });
      }, values);
      return ticket && ticketWith(ticket, psk);
    });
    psk.secret.fill(0);
    await context.emit({
      fields: { path, ...row(psk), ticket },
      text: () => ticket ?? `${path}: added ${name}`,
    });
  },
});

export const revoke: Verb = defineVerb({
  arguments: {
    names: restArguments(PSK_NAME, "Whose keys to revoke"),
  },
  options: { ...OF_NODE, ...TRUST_PARENT_OPTION },
  scope: "profile",
  description:
    "Takes the keys off the node: nobody can attach with them any more, and on a node that runs those who have end within two seconds, whatever they are fetching. What they have fetched they keep.",
  examples: [{
    line: "psk revoke ann",
    does: "Shut out who has the key that was drawn for Ann",
  }],
  async run({ names, ...values }, context) {
    if (names.length === 0) {
      throw new UsageError("nothing to revoke: no NAME", {
        hint: "net-transfer psk list",
      });
    }
    const path = await pathOf(values, context);
    await inStage("setup", () =>
      changeKeyringFile(path, (psks) => {
        const missing = names.filter((name) =>
          !psks.some((psk) => psk.name === name)
        );
        if (missing.length > 0) {
          throw new NotFoundError(
            `there is no pre-shared key ${missing.join(", ")}`,
            { hint: "net-transfer psk list", fields: { path } },
          );
        }
        return psks.filter(({ name }) => !names.includes(name));
      }, values));
    await context.emit({
      fields: { path, revoked: [...new Set(names)] },
      text: () => `${path}: revoked ${names.join(", ")}`,
    });
  },
});
