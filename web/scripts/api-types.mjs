// Writes src/api/schema.d.ts from ../openapi/openapi.json, so that the screens and the server cannot drift apart.
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const from = new URL('../../openapi/openapi.json', import.meta.url)
const to = new URL('../src/api/schema.d.ts', import.meta.url)
const document = JSON.parse(await readFile(from, 'utf8'))

const text = `// Made from openapi/openapi.json by \`npm run types\`. Do not edit.\n${astToString(await openapiTS(document))}`
const old = await readFile(to, 'utf8').catch(() => '')
if (old !== text) await writeFile(to, text)
