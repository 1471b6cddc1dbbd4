import { expect, test } from "vitest";
import { sharedSandbox } from "./sandbox/index.ts";

test("the certs service makes what is missing, and the second time nothing is", async () => {
  const sandbox = sharedSandbox();
  expect((await sandbox.logs("certs")).match(/\tcreated/g)).toHaveLength(4);
  const fingerprint = () => sandbox.shell("eai", "sha256sum /certs/*");
  const before = await fingerprint();
  const { code, stdout } = await sandbox.compose(["run", "--rm", "-T", "certs"]);
  expect(code).toBe(0);
  expect(stdout.match(/\tkept$/gm)).toHaveLength(4);
  expect(await fingerprint()).toBe(before);
});
