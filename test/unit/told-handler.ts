import type { Handler } from "../../src/commands/handler.ts";

/** What the handler of this file says, as a test tells it. */
export const told: { say: Handler } = { say: () => "AA" };

/** The file that HANDLER names; @public since it is loaded by its path. */
const handler: Handler = (message) => told.say(message);
export default handler;
