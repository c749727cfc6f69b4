// Until the server brings the screens itself: web/dist and the server's API under one origin, with the headers the server will send.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGzip } from 'node:zlib'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
export const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

export const startProxy = (target) =>
  new Promise((done) => {
    const server = createServer((ask, answer) => {
      const { pathname } = new URL(ask.url, 'http://x')
      if (/^\/(api|docs|\.well-known|livez|readyz)(\/|$)/.test(pathname)) {
        const onward = request(new URL(ask.url, target), { method: ask.method, headers: ask.headers }, (from) => {
          answer.writeHead(from.statusCode, from.headers)
          from.pipe(answer)
        })
        onward.on('error', () => answer.destroy())
        ask.pipe(onward)
        return
      }
      let file = join(dist, normalize(pathname))
      if (!existsSync(file) || !statSync(file).isFile()) file = join(dist, 'index.html')
      const immutable = pathname.startsWith('/assets/')
      answer.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-encoding': 'gzip',
        'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
      })
      createReadStream(file).pipe(createGzip()).pipe(answer)
    })
    server.listen(0, '127.0.0.1', () => done({ url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() }))
  })
