#!/usr/bin/env node
import { runCommand } from "../commands/run.ts";
import { sendCommand } from "../commands/send.ts";

await runCommand(sendCommand());
