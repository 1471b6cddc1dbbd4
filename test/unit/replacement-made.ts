import { replaceAuthority, type STEPS } from "../../stunnel/replace-authority.ts";
import { type Files, filesOf, made } from "./gen-certs-sandbox.ts";

const after = (name: (typeof STEPS)[number], before: Files) =>
  filesOf((sandbox) => replaceAuthority(name, sandbox.options()), before);

/** The folder after EAI's certificate was revoked, and after each step of a replacement of the authority. */
export const revoked = await filesOf((sandbox) => sandbox.run({ revoke: [sandbox.certificate("eai/eai.crt")] }), made);
export const added = await after("add", revoked);
export const switched = await after("switch", added);
export const retired = await after("retire", switched);
