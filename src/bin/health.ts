#!/usr/bin/env node
import { healthCommand } from "../commands/health.ts";
import { runCommand } from "../commands/run.ts";

await runCommand(healthCommand());
