#!/usr/bin/env node
import { auditCommand } from "../commands/audit.ts";
import { runCommand } from "../commands/run.ts";

await runCommand(auditCommand());
