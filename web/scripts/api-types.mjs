// Writes src/api/schema.d.ts from ../openapi/openapi.json, so that the screens and the server cannot drift apart.
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const from = new URL('../../openapi/openapi.json', import.meta.url)
const to = new URL('../src/api/schema.d.ts', import.meta.url)
const document = JSON.parse(await readFile(from, 'utf8'))

// Closed word lists are documented by the name of the variant (`MakeupWorkday`) but sent as a word (`makeup_workday`;
// uses with dashes). A list that is documented by its words already stays as it is.
for (const [name, schema] of Object.entries(document.components.schemas)) {
  if (!schema.enum?.every((word) => /^[A-Z]/.test(word))) continue
  const joint = name === 'Use' ? '-' : '_'
  schema.enum = schema.enum.map((word) => word.replace(/(?<=[a-z])(?=[A-Z])/g, joint).toLowerCase())
}

// A list named in a query but not described is a word.
for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
  document.components.schemas[name] ??= { type: 'string' }
}

const text = `// Made from openapi/openapi.json by \`npm run types\`. Do not edit.\n${astToString(await openapiTS(document))}`
const old = await readFile(to, 'utf8').catch(() => '')
if (old !== text) await writeFile(to, text)
