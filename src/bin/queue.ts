#!/usr/bin/env node
import { queueCommand } from "../commands/queue.ts";
import { runCommand } from "../commands/run.ts";

await runCommand(queueCommand());
