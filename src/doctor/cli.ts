#!/usr/bin/env node
import { parseCommand, usage } from './arguments.js'
import { gatherFacts } from './gather-facts.js'
import { createProbe } from './probe.js'
import { formatJson, formatReport } from './report.js'
import { runChecks } from './run-checks.js'

const command = parseCommand(process.argv.slice(2))
if (command.kind === 'help') process.stdout.write(`${usage}\n`)
else if (command.kind === 'wrong') {
  process.stderr.write(`latchkey: ${command.problem}\n\n${usage}\n`)
  process.exitCode = 2
} else {
  const { question, json, timeout } = command
  const rows = runChecks(await gatherFacts(question, createProbe(question.origin, timeout)))
  const { stdout } = process
  // `hasColors` respects NO_COLOR. It is missing if stdout is not a terminal, and some terminals report 0 columns.
  const width = Math.min(Math.max(stdout.columns || 80, 50), 100)
  const look = { width, colours: stdout.isTTY && stdout.hasColors() }
  stdout.write(json ? formatJson(question, rows) : formatReport(question, rows, look))
  if (rows.some(({ level }) => level === 'red')) process.exitCode = 1
}
