import { TransferError } from "../../errors.ts";
import { TRANSFER_QUERY_MS } from "../../limits.ts";
import type { Session } from "../../mesh/mod.ts";
import type { CallRpcOptions } from "../../transfer/mod.ts";
import type { Context } from "../command.ts";
import { withHint } from "../failure.ts";
import type { ProgressMode } from "../framework/progress/progress_display.ts";
import { inStage } from "../stage.ts";
import { attach } from "./attach.ts";
import type { AttachValues } from "./node_options.ts";
import { readAttachTarget } from "./read_settings.ts";

/** What is said about a call that a node does not let us make. */
interface CallAbout {
  readonly verb: string;
  /** The options of the node that say who may. */
  readonly permittedBy: string;
}

/**
 * Attaches to a node, calls a procedure of it and leaves.
 *
 * @param progress How people are told that an answer is waited for.
 */
export async function callNode<T>(
  values: AttachValues,
  { verb, permittedBy }: CallAbout,
  context: Context,
  call: (session: Session, options: CallRpcOptions) => Promise<T>,
  progress?: ProgressMode,
): Promise<T> {
  const target = await readAttachTarget(values, verb, context);
  // A question is answered before there is another way.
  const options = { ...target.options, direct: "never" } as const;
  const answering = { ...target, options };
  await using attachment = await attach(
    answering,
    context,
    undefined,
    progress,
  );
  const { value, origin } = target.requestTimeoutMs;
  const timeoutMs = origin.kind === "flag"
    ? value
    : Math.min(value, TRANSFER_QUERY_MS);
  const { signal } = context;
  return await inStage("rpc", async () => {
    try {
      return await call(attachment.session, { signal, timeoutMs });
    } catch (error) {
      throw error instanceof TransferError && error.kind === "permission"
        ? withHint(
          error,
          `its ${permittedBy} say who may; to be known by a key, attach with --identity`,
        )
        : error;
    }
  });
}
