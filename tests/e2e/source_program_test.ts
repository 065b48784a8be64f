import { sourceProgram } from "../../scripts/holder_process.ts";
import { endToEnd } from "./end_to_end.ts";

Deno.test("the program run from its sources does its job", (t) =>
  endToEnd(t, sourceProgram()));
