#!/usr/bin/env node
import { listenCommand } from "../commands/listen.ts";
import { runCommand } from "../commands/run.ts";

await runCommand(listenCommand());
