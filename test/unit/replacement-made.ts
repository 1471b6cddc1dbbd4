import { replaceAuthority, type STEPS } from "../../stunnel/replace-authority.ts";
import { type Files, filesOf, made } from "./gen-certs-sandbox.ts";

const after = (name: (typeof STEPS)[number], before: Files) =>
  filesOf((sandbox) => replaceAuthority(name, sandbox.options()), before);

/** The folder after EAI's first certificate was replaced and revoked, and after each step of a replacement of the authority. */
export const revoked = await filesOf(async (sandbox) => {
  const first = sandbox.certificate("eai/eai.crt");
  await sandbox.run({ sites: ["eai"], force: true });
  await sandbox.run({ revoke: [first] });
}, made);
export const added = await after("add", revoked);
export const switched = await after("switch", added);
export const retired = await after("retire", switched);
