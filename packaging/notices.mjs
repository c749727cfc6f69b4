// Writes THIRD-PARTY-NOTICES.txt into a folder of the archive: licence texts of the crates in the program, of the
// packages in the screens, and of the libraries beside it. Fails when one of them has none.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [out, libraries] = process.argv.slice(2)
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const run = (program, ...words) => execFileSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 28 })
const texts = new Map()
const missing = []

function add(what, licence, files) {
  const text = files.map((file) => readFileSync(file, 'utf8').trim()).join('\n\n')
  if (!text && !licence) missing.push(what)
  const body = text || `${licence} (the package carries no text of its own)`
  texts.set(body, [...(texts.get(body) ?? []), licence ? `${what} (${licence})` : what])
}

const licenceFiles = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => /^(licen[cs]e|copying|notice|unlicense)/i.test(file) && !/\.(rs|js|ts)$/.test(file))
        .sort()
        .map((file) => join(folder, file))
        .filter((file) => { try { readFileSync(file); return true } catch { return false } })
    : []

// What the program is linked of: not build scripts' and not tests' dependencies.
const platform = run('rustc', '-vV').match(/host: (\S+)/)[1]
const tree = run('cargo', 'tree', '--locked', '--edges', 'normal', '--prefix', 'none', '--target', platform, '--format', '{p}')
const linked = new Set(tree.split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')))
for (const crate of JSON.parse(run('cargo', 'metadata', '--locked', '--format-version', '1')).packages) {
  if (crate.source === null || !linked.has(`${crate.name} v${crate.version}`)) continue
  add(`${crate.name} ${crate.version}`, crate.license, licenceFiles(dirname(crate.manifest_path)))
}

const lock = JSON.parse(readFileSync('web/package-lock.json', 'utf8'))
for (const [path, entry] of Object.entries(lock.packages)) {
  if (!path || entry.dev || !existsSync(join('web', path))) continue
  add(`${path.replace(/^.*node_modules\//, '')} ${entry.version}`, entry.license, licenceFiles(join('web', path)))
}

// Debian keeps the licence of a library with the package it came in; it knows the file by one of its names.
const owner = (path) => {
  const names = [path, realpathSync(path)].flatMap((name) => [name, name.replace(/^\/usr\/lib\//, '/lib/'), name.replace(/^\/lib\//, '/usr/lib/')])
  for (const name of names) {
    try {
      return execFileSync('dpkg', ['-S', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(':')[0]
    } catch {
      // Not by this name.
    }
  }
  return null
}
for (const path of readFileSync(libraries, 'utf8').trim().split('\n')) {
  const found = owner(path)
  const copyright = `/usr/share/doc/${found}/copyright`
  if (!found || !existsSync(copyright)) missing.push(path)
  else add(`${basename(path)} (Debian package ${found})`, '', [copyright])
}

if (missing.length) {
  console.error(`notices: no licence found for ${missing.join(', ')}`)
  process.exit(1)
}
const line = '='.repeat(100)
const parts = [...texts].map(([text, whats]) => `${line}\n${whats.sort().join('\n')}\n${line}\n\n${text}\n`).sort()
writeFileSync(join(out, 'THIRD-PARTY-NOTICES.txt'), `What shangliang is made of besides its own code, and under which terms.\n\n${parts.join('\n')}`)
