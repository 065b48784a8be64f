import { sourceProgram } from "../../scripts/program.ts";
import { test } from "../support/cli.ts";
import { endToEnd } from "../support/end_to_end.ts";

test(
  "the program run from its sources does its job",
  (dir, t) => endToEnd(t, dir, sourceProgram()),
);
