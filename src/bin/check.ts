#!/usr/bin/env node
import { checkCommand } from "../commands/check.ts";
import { runCommand } from "../commands/run.ts";

await runCommand(checkCommand());
