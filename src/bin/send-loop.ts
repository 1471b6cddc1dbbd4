#!/usr/bin/env node
import { runCommand } from "../commands/run.ts";
import { sendLoopCommand } from "../commands/send-loop.ts";

await runCommand(sendLoopCommand());
