import { generateKey } from "../../stunnel/certificates.ts";
import { makeLab } from "../../stunnel/lab-files.ts";
import { filesOf, made } from "./gen-certs-sandbox.ts";

const [leaf = "", authority = ""] = await Promise.all([generateKey(512), generateKey(512)]);

/** The key of the identities, and that of the authorities which a lab makes for itself. */
export const keys = { leaf, authority };

/** A folder with a lab. */
export const lab = await filesOf(async (sandbox) => {
  const given = [leaf, authority];
  await makeLab(sandbox.options({ newKey: async () => given.shift() ?? "" }));
}, made);
