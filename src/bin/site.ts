#!/usr/bin/env node
import { runCommand } from "../commands/run.ts";
import { siteCommand } from "../commands/site.ts";

await runCommand(siteCommand());
