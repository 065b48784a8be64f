/** An S3-compatible server with one bucket, whose objects are files. */

import { walkSync } from "@std/fs";
import { dirname, join } from "@std/path";
import { ScriptedServer } from "../../lib/objects/testing/scripted_server.ts";
import { SmallS3 } from "../../lib/objects/testing/small_s3.ts";

const [directory, bucket, port] = Deno.args;
const s3 = new SmallS3(bucket);
for (const { path } of walkSync(directory, { includeDirs: false })) {
  s3.objects.set(path.slice(directory.length), Deno.readFileSync(path));
}
s3.onPut = (path, body) => {
  const file = join(directory, path);
  Deno.mkdirSync(dirname(file), { recursive: true });
  // Whole or not at all, as a store has it.
  Deno.writeFileSync(`${file}.new`, body);
  Deno.renameSync(`${file}.new`, file);
};
const server = new ScriptedServer(s3.script, Number(port));
console.log(server.url);
