// Tells every story, or those of the files named, two files at a time. The demonstration is seeded once: each file's server begins
// with a copy of it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from './harness.mjs'

const folder = await mkdtemp(join(tmpdir(), 'shangliang-e2e-seeded-'))
try {
  await (await serve(folder)).stop()
  const all = async () => (await readdir('e2e')).filter((name) => name.endsWith('.test.mjs')).map((name) => join('e2e', name))
  const files = process.argv.length > 2 ? process.argv.slice(2) : await all()
  const told = spawn(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=400000', ...files.sort()], {
    stdio: 'inherit',
    env: { ...process.env, SEEDED: folder },
  })
  const [code] = await once(told, 'exit')
  process.exitCode = code ?? 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
